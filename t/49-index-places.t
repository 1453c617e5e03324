#!/bin/sh
# shellcheck disable=SC2016,SC2086 # names of variables; words of options
# Where the index of a trace is, and who may read and write it. trace-parse(1), Index and --index-dir;
# GUARANTEES.md, Security.
. t/lib.sh
unset TRS_INDEX_DIR XDG_CACHE_HOME
export HOME="$tmp/home"
umask 022
t/index-make.py kinds >"$tmp/kinds"
nobody=65534 other=12345

# skip SENTENCE WHY
skip() {
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

# as USER COMMAND...: by its number
as() {
	python3 -c 'import os, sys
os.setgroups([])
os.setgid(int(sys.argv[1]))
os.setuid(int(sys.argv[1]))
os.execvp(sys.argv[2], sys.argv[2:])' "$@"
}

# fresh NAME: a folder with a trace, $dir and $file; no cache
fresh() {
	[ ! -d "$tmp/$1" ] || chmod u+w "$tmp/$1"
	dir=$tmp/$1 file=$tmp/$1/t
	rm -rf "$dir" "$HOME" "$tmp/trs" "$tmp/xdg" "$tmp/to"
	mkdir "$dir" "$HOME"
	cp "$tmp/kinds" "$file"
}

# make SENTENCE COMMAND...: makes an index
make() {
	sentence=$1
	shift
	status 3 "$sentence" "$@" trace-parse --index rebuild "$file"
}

# used, unused SENTENCE COMMAND...: whether there is an index that is used
used() {
	sentence=$1
	shift
	status 3 "$sentence" "$@" trace-parse --index require "$file"
}
unused() {
	sentence=$1
	shift
	"$@" trace-parse --index require "$file" >"$tmp/out" 2>"$tmp/err"
	got=$?
	[ $got = 1 ] && [ ! -s "$tmp/out" ] && one_message trace-parse .
	result $? "$sentence" "$tmp/why" "$tmp/err"
	"$@" trace-parse "$file" 2>/dev/null | trace-dump 2>/dev/null | sort >"$tmp/got"
	trace-parse --index off "$file" 2>/dev/null | trace-dump 2>/dev/null | sort >"$tmp/want"
	same 'and the trace is read' "$tmp/want" "$tmp/got"
}

# mode SENTENCE MODE FILE
mode() {
	stat -c %a "$3" >"$tmp/got" 2>&1
	echo "$2" >"$tmp/want"
	same "$1" "$tmp/want" "$tmp/got"
}

# names SENTENCE FOLDER NAME...: the files in it and below, a hash as H
names() {
	sentence=$1
	(cd "$2" && find . -type f | sed 's,^\./,,; s,\.[0-9a-f]\{16\}\.,.H.,' | sort) >"$tmp/got" 2>&1
	shift 2
	printf '%s\n' "$@" | sort | sed '/^$/d' >"$tmp/want"
	same "$sentence" "$tmp/want" "$tmp/got"
}

# Beside the trace -------------------------------------------------------------------------------

for mask in 022 077 000; do
	for pair in 600:600 640:600 644:644 444:644; do
		fresh own
		chmod ${pair%:*} "$file"
		(umask $mask; trace-parse -q --index rebuild "$file" >/dev/null 2>&1)
		mode "an index of a trace of mode ${pair%:*} (umask $mask)" "${pair#*:}" "$file.trace.idx"
	done
done
names 'it is beside the trace' "$dir" t t.trace.idx
ok 'and nowhere else' test ! -e "$HOME/.cache"
for bits in g+w o+w a+w; do
	chmod 644 "$file.trace.idx"
	used 'an index that nobody else may write is used'
	chmod $bits "$file.trace.idx"
	unused "one of mode $bits is not"
done
(cd "$dir" && trace-parse -q --index rebuild t >/dev/null 2>&1 && trace-parse -q --index require ./t >/dev/null 2>&1)
result $(($? != 3)) 'by a relative path' "$tmp/err"
ln -s "$file" "$dir/link"
status 3 'through a symbolic link to the trace' trace-parse --index rebuild "$dir/link"
status 3 'its index is used' trace-parse --index require "$dir/link"

# --index-dir ------------------------------------------------------------------------------------

fresh own
status 3 '--index-dir' trace-parse --index rebuild --index-dir "$tmp/to/a/b" "$file"
names 'has the index' "$tmp/to" a/b/t.H.trace.idx
names 'the folder of the trace has none' "$dir" t
for made in to to/a to/a/b; do mode "$made is made for the user alone" 700 "$tmp/$made"; done
status 3 'it is used' trace-parse --index require --index-dir "$tmp/to/a/b" "$file"
unused 'not without the option'
(cd "$dir" && trace-parse --index require --index-dir ../to/a/b t >"$tmp/out" 2>"$tmp/err")
result $(($? != 3)) 'it is used by a relative path' "$tmp/err"
mkdir "$tmp/second"
ln -s "$dir" "$tmp/second/link"
status 3 'and through a link to the folder' trace-parse --index require --index-dir "$tmp/to/a/b" "$tmp/second/link/t"
rm -r "$tmp/second"
mkdir "$dir/x"
t/index-make.py lossy >"$dir/x/t"
trace-parse -q --index rebuild --index-dir "$tmp/to/a/b" "$dir/x/t" >/dev/null 2>&1
names 'two traces of the same name have two' "$tmp/to" a/b/t.H.trace.idx a/b/t.H.trace.idx
for trace in "$file" "$dir/x/t"; do
	trace-parse --index off "$trace" 2>"$tmp/err.off" | trace-dump 2>/dev/null | sort >"$tmp/want"
	trace-parse --index require --index-dir "$tmp/to/a/b" "$trace" 2>"$tmp/err" | trace-dump 2>/dev/null | sort >"$tmp/got"
	same "each its own: ${trace#"$tmp"}" "$tmp/want" "$tmp/got"
	same 'with its own message' "$tmp/err.off" "$tmp/err"
done
long=$dir/$(head -c 250 /dev/zero | tr '\0' n)
cp "$file" "$long"
status 3 'a trace with a name of 250 bytes' trace-parse --index rebuild --index-dir "$tmp/to" "$long"
status 3 'has one there' trace-parse --index require --index-dir "$tmp/to" "$long"
status 3 'beside it there is no room for its name' trace-parse --index rebuild "$long"
ok 'and it is said that it has none' grep -q 'no index: ' "$tmp/err"
make 'an index beside the trace'
status 3 'is used where --index-dir has none' trace-parse --index require --index-dir "$tmp/none" "$file"
: >"$tmp/plain"
status 3 '--index-dir that is no folder' trace-parse --index rebuild --index-dir "$tmp/plain" "$file"
ok 'is no reason to fail' grep -q 'no index: ' "$tmp/err"

# The folder of somebody else -----------------------------------------------------------------------

# foreign: the folder of the trace is not ours, or cannot be written
foreign() {
	fresh foreign
	chmod 555 "$dir"
	[ "$(id -u)" != 0 ] || chown $nobody "$dir"
}
foreign
make 'a folder that is not ours'
names 'the index goes to ~/.cache/trs' "$HOME" .cache/trs/t.H.trace.idx
mode 'which is made for the user alone' 700 "$HOME/.cache/trs"
names 'the folder is left as it is' "$dir" t
used 'it is used'
foreign
make '$XDG_CACHE_HOME' env XDG_CACHE_HOME="$tmp/xdg"
names 'comes before' "$tmp/xdg" trs/t.H.trace.idx
mode 'it is made for the user alone' 700 "$tmp/xdg/trs"
used 'and used' env XDG_CACHE_HOME="$tmp/xdg"
unused 'elsewhere there is none'
foreign
(cd "$HOME" && XDG_CACHE_HOME=relative trace-parse --index rebuild "$file") >"$tmp/out" 2>"$tmp/err"
names 'unless it is a relative path' "$HOME" .cache/trs/t.H.trace.idx
foreign
make '$TRS_INDEX_DIR' env XDG_CACHE_HOME="$tmp/xdg" TRS_INDEX_DIR="$tmp/trs"
names 'comes before both' "$tmp/trs" t.H.trace.idx
mode 'it is made for the user alone' 700 "$tmp/trs"
used 'and used' env TRS_INDEX_DIR="$tmp/trs"
names '~ has none' "$HOME"
foreign
make 'variables that are empty' env XDG_CACHE_HOME= TRS_INDEX_DIR=
names 'count as not set' "$HOME" .cache/trs/t.H.trace.idx
foreign
make 'no folder at all' env -u HOME
ok 'is said' grep -q 'no index: ' "$tmp/err"
make 'one that cannot be made' env TRS_INDEX_DIR=/dev/null/x
ok 'too' grep -q 'no index: ' "$tmp/err"
status 3 'by default nothing' env TRS_INDEX_DIR=/dev/null/x trace-parse "$file"
ok 'is said of it' one_message trace-parse 'events kept'

# Other users ------------------------------------------------------------------------------------

chmod 755 "$tmp" "$dir"
if [ "$(id -u)" != 0 ] || ! as $nobody trace-parse --version >"$tmp/out" 2>&1; then
	skip 'indexes of other users' 'only root can be somebody else'
	done_testing
fi
fresh own
trace-parse -q --index rebuild "$file" >/dev/null 2>&1
used 'our own'
chown $nobody "$file.trace.idx"
unused 'root does not use that of somebody else'
ok 'nor removes it' test -e "$file.trace.idx"
rm "$file.trace.idx"
trace-parse -q --index rebuild "$file" >/dev/null 2>&1
mv "$file.trace.idx" "$dir/theirs"
chown $nobody "$dir/theirs"
ln "$dir/theirs" "$file.trace.idx"
unused 'a hard link to a file of somebody else'
fresh own
trace-parse -q --index rebuild "$file" >/dev/null 2>&1
used 'that of root is used by others' as $nobody
chown $other "$file.trace.idx"
unused 'that of a third one is not' as $nobody
chown $nobody "$file.trace.idx"
used 'their own is' as $nobody
chown $nobody "$dir" "$HOME"
rm "$file.trace.idx"
chmod 555 "$dir"
make 'a folder of their own that they cannot write' as $nobody
names 'the index goes to the cache' "$HOME" .cache/trs/t.H.trace.idx
names 'the folder is left as it is' "$dir" t
used 'and is used' as $nobody
rm -r "$HOME/.cache"
chown 0 "$HOME"
make 'no folder that can be written' as $nobody
ok 'is said' grep -q 'no index: ' "$tmp/err"
names 'and nothing is written' "$HOME"
done_testing
