#!/bin/sh
# An index that is damaged, forged, of another trace, out of date, half written, or that cannot be
# written: the result is that of the trace. GUARANTEES.md, What we show, 4 and 6; FORMAT.md, The index.
. t/lib.sh
unset TRS_INDEX_DIR XDG_CACHE_HOME HOME
slow=
grep -qE '__(asan|tsan)_init' "$(command -v trace-parse)" && slow=1
library=
[ $slow ] || { cc -shared -fPIC -O1 -o "$tmp/fail.so" t/fail.c -ldl 2>"$tmp/err" && library=$tmp/fail.so; }
mkdir "$tmp/w"
t/index-make.py kinds >"$tmp/kinds"
t/index-make.py whole >"$tmp/whole"
t/index-make.py large 12000 1 >"$tmp/large"


# limited COMMAND...: in 1 GB, and with little time, where no sanitizer wants more
limited() {
	# shellcheck disable=SC3045 # each sh that we know has it
	[ $slow ] || ulimit -v 1000000
	exec "$@"
}

# with_library SENTENCE COMMAND...: what needs t/fail.c
with_library() {
	if [ "$library" ]; then
		ok "$@" "$library"
	else
		tests=$((tests + 1))
		echo "ok $tests - $1 # SKIP a library before that of the sanitizer, or no compiler"
	fi
}

# Damage -----------------------------------------------------------------------------------------

# damage SENTENCE TRACE WHAT
damage() {
	(limited t/index-damage.py "$3" "$tmp/$2" "$tmp/w") >"$tmp/why" 2>&1
	result $? "$1" "$tmp/why"
}
damage 'every bit flipped, every byte set to 00, 7f, 80, ff, cut anywhere, more behind it' whole damage
damage 'a bit of every byte, one trace at a time; with --index require the same or a failure' kinds one
damage 'the head of an index that has a hash of the whole trace' whole head
damage 'checksums made right, structure forged: heads, sizes, extents, widths, other versions' kinds structure
damage 'checksums made right, of another version, another trace, with records of another kind: never used' kinds others
damage 'checksums made right, values forged: a stream that is whole, or none' kinds values

# What is no index -------------------------------------------------------------------------------

cp "$tmp/kinds" "$tmp/w/t"
idx=$tmp/w/t.trace.idx
trace-parse -q --index off "$tmp/w/t" >"$tmp/parsed.trs" 2>/dev/null
trace-parse -q --index rebuild "$tmp/w/t" >/dev/null 2>&1
trace-parse -q --index require "$tmp/w/t" >"$tmp/required.trs" 2>/dev/null
cp "$idx" "$tmp/good"
cmp -s "$tmp/parsed.trs" "$tmp/required.trs"
result $((! $?)) 'a stream from an index can be told'
export FILE="$tmp/w/t"

# no_index SENTENCE WHY: what lies at $idx is not used, and left alone; nothing waits for it
no_index() {
	timeout 20 trace-parse --index require "$FILE" >"$tmp/out" 2>"$tmp/err"
	got=$?
	echo "--index require exits $got, expected 1" >"$tmp/why"
	[ $got = 1 ] && [ ! -s "$tmp/out" ] && one_message trace-parse "$2"
	result $? "$1 is not used" "$tmp/why" "$tmp/err"
	before=$(stat -c '%F %i %Z' "$idx")
	timeout 20 trace-parse -q "$FILE" >"$tmp/out" 2>"$tmp/err"
	echo "exits $?" >"$tmp/why"
	cmp "$tmp/parsed.trs" "$tmp/out" >>"$tmp/why" 2>&1
	result $? 'the trace is read' "$tmp/why"
	[ "$before" = "$(stat -c '%F %i %Z' "$idx")" ]
	result $? 'and nothing else happens'
}
: >"$idx"
no_index 'an empty file' 'no index of trs'
rm "$idx"
mkdir "$idx"
no_index 'a folder' 'no regular file'
status 3 '--index rebuild in its place gives the result' timeout 20 trace-parse --index rebuild "$FILE"
ok 'and says that there is no index' grep -q 'no index: ' "$tmp/err"
rmdir "$idx"
mkfifo "$idx"
no_index 'a FIFO' 'no regular file'
rm "$idx"
if mknod "$idx" c 1 5 2>/dev/null; then
	no_index 'a device' 'no regular file'
	rm "$idx"
fi
cp "$tmp/good" "$tmp/w/elsewhere"
ln -s elsewhere "$idx"
no_index 'a symbolic link to a valid index' 'symbolic link'
rm "$idx"
ln -s t "$idx"
no_index 'a symbolic link to the trace' 'symbolic link'
rm "$idx"
ln "$FILE" "$idx"
no_index 'the trace itself' 'no index of trs'
rm "$idx"
cp "$tmp/parsed.trs" "$idx"
no_index 'a record stream' 'no index of trs'
t/index-make.py large 9 1 >"$tmp/w/other"
trace-parse -q --index rebuild "$tmp/w/other" >/dev/null
cp "$tmp/w/other.trace.idx" "$idx"
no_index 'the index of another trace' 'of another trace'
cp -p "$FILE" "$tmp/w/twin"
trace-parse -q --index rebuild "$tmp/w/twin" >/dev/null 2>&1
cp "$tmp/w/twin.trace.idx" "$idx"
no_index 'the index of a copy' 'of another trace'
truncate -s 900M "$idx"
(limited trace-parse -q "$FILE") >"$tmp/out" 2>"$tmp/err"
same 'an index that is enlarged by 900 MB costs nothing' "$tmp/parsed.trs" "$tmp/out"
rm "$idx"
trace-parse -q --index rebuild "$FILE" >/dev/null 2>&1
ln "$idx" "$tmp/w/another name"
status 3 'a hard link to a valid index of our own is used' trace-parse --index require "$FILE"
rm "$idx"

# Never a stale answer ---------------------------------------------------------------------------

ok 'a trace that is replaced, edited, appended to, cut, copied: never a stale answer' t/index-stale.py changes "$tmp/large" "$tmp/w"
ok 'edited as fast as can be' t/index-stale.py race "$tmp/large" "$tmp/w"
with_library 'edited in the same clock tick, also while the index is made' t/index-stale.py same-tick "$tmp/large" "$tmp/w"
ok 'an unchanged trace: its index is used, and soon without reading the trace' t/index-stale.py good "$tmp/large" "$tmp/w"

# Killed, and several at once --------------------------------------------------------------------

bench/gen-trace --size 10M >"$tmp/ten"
[ $slow ] && n=100 || n=1000
ok "$n times kill -9 while an index is made: no litter, and the right result" t/index-kills.py kill "$n" "$tmp/ten" "$tmp/w"
ok 'other signals' t/index-kills.py signals $((n / 50)) "$tmp/ten" "$tmp/w"
with_library 'kill -9 where each file has a name' t/index-kills.py named 60 "$tmp/ten" "$tmp/w"
with_library 'other signals there' t/index-kills.py named-signals 12 "$tmp/ten" "$tmp/w"
held='import fcntl, os, subprocess, sys
with open(sys.argv[1] + ".trace.idx.tmp", "w") as f:
    fcntl.flock(f, fcntl.LOCK_EX)
    env = dict(os.environ, LD_PRELOAD=sys.argv[2], FAIL_LACKS="1")
    status = subprocess.run(["trace-parse", "-q", "--index", "rebuild", sys.argv[1]], env=env, stdout=subprocess.DEVNULL).returncode
    left = sorted(os.listdir(os.path.dirname(sys.argv[1])))
    print(status, left, os.fstat(f.fileno()).st_nlink)
    sys.exit((status, left, os.fstat(f.fileno()).st_nlink) != (0, ["t", "t.trace.idx.tmp"], 1))'
mkdir "$tmp/held"
cp "$tmp/ten" "$tmp/held/t"
with_library 'what another program is writing is left alone' python3 -c "$held" "$tmp/held/t"
ok 'two writers at once, and readers' t/index-kills.py writers 2 "$tmp/ten" "$tmp/w"
ok 'four writers at once, and readers' t/index-kills.py writers 4 "$tmp/ten" "$tmp/w"

# Full disks -------------------------------------------------------------------------------------

mkdir "$tmp/full"
cp "$tmp/ten" "$tmp/full/t"
trace-parse --index off "$tmp/full/t" >"$tmp/parsed.trs"
(ulimit -f 200; trace-parse -v --index rebuild "$tmp/full/t" 2>"$tmp/err" | cat >/dev/null; [ "$(ls "$tmp/full")" = t ])
result $? 'a limit of the file size: no index, no litter' "$tmp/err"
pipe '0 0' 'the same' "sh -c 'ulimit -f 200; exec trace-parse --index rebuild $tmp/full/t'" trace-dump
trace-dump "$tmp/parsed.trs" >"$tmp/want"
same 'and all records' "$tmp/want" "$tmp/out"
ok 'which is said' one_message trace-parse 'no index'
if mount -t tmpfs -o size=11m trs "$tmp/full" 2>/dev/null; then
	trap 'umount "$tmp/full" 2>/dev/null; rm -rf "$tmp"' EXIT
	cp "$tmp/ten" "$tmp/full/t"
	dd if=/dev/zero of="$tmp/full/rest" bs=64k 2>/dev/null
	truncate -s -100000 "$tmp/full/rest"
	status 0 'a full disk' trace-parse --index rebuild "$tmp/full/t"
	trace-dump "$tmp/out" >"$tmp/got"
	trace-dump "$tmp/parsed.trs" >"$tmp/want"
	same 'the result is right' "$tmp/want" "$tmp/got"
	ok 'it is said that there is no index' one_message trace-parse 'no index: .*(No space|space)'
	ls -A "$tmp/full" >"$tmp/got"
	printf 'rest\nt\n' >"$tmp/want"
	same 'no index, no litter' "$tmp/want" "$tmp/got"
	status 0 'without --index rebuild' trace-parse "$tmp/full/t"
	same 'nothing is said' /dev/null "$tmp/err"
	umount "$tmp/full"
fi

# Faults -----------------------------------------------------------------------------------------

for what in make:'an index is made' replace:'one is replaced' make-named:'one is made where each file has a name' \
	replace-named:'one is made where a killed program left its own' make-first:'one is made before a selection' \
	make-folder:'one is made in a new folder' use:'one is read' use-some:'some of it is read' require:'one has to be there' \
	compare-whole:'the whole trace is compared'; do
	with_library "every call that can fail, failing while ${what#*:}" t/index-faults.py "${what%%:*}" "$tmp/kinds" "$tmp/w"
done
done_testing
