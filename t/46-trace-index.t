#!/bin/sh
# shellcheck disable=SC2016,SC2317 # single quotes are for the sh that is called; functions are called by name
# trace-index: build, verify, info and prune; damaged indexes, hostile folders, races.
. t/lib.sh
unset TRS_INDEX_DIR XDG_CACHE_HOME
export HOME="$tmp/home"
mkdir "$HOME" "$tmp/d"
chmod 755 "$tmp"
d=$tmp/d f=$tmp/d/t.json ix=$tmp/d/t.json.trace.idx

# As somebody who is not root: root may read and write anything.
as_user() {
	if [ "$(id -u)" = 0 ]; then setpriv --reuid 12345 --regid 12345 --clear-groups "$@"; else "$@"; fi
}

# says PATTERN...: a line of $tmp/err for each pattern (grep -E), in this order, and no more
says() {
	[ "$(wc -l <"$tmp/err")" -eq $# ] || return 1
	n=0
	for pattern; do
		n=$((n + 1))
		sed -n "${n}p" "$tmp/err" | grep -aEq -e "^trace-index: $pattern" || return 1
	done
}

# quiet SENTENCE: nothing on standard output, nothing on standard error
quiet() {
	[ ! -s "$tmp/out" ] && [ ! -s "$tmp/err" ]
	result $? "$1" "$tmp/out" "$tmp/err"
}

# told SENTENCE PATTERN...: says, as a test
told() {
	sentence=$1
	shift
	says "$@"
	result $? "$sentence" "$tmp/err"
}

# Usage -----------------------------------------------------------------------------------------

status 0 '--help' trace-index --help
for command in build verify info prune; do
	grep -q "trace-index $command " "$tmp/out"
	result $? "--help names $command" "$tmp/out"
done
refuses 2 'missing; there are: build, verify, info, prune' 'no command' trace-index
refuses 2 "'make'; there are: build, verify, info, prune" 'an unknown command' trace-index make "$f"
for command in build verify info; do
	refuses 2 "$command needs a FILE" "$command without a file" trace-index $command
done
refuses 2 'needs --older-than, --max-bytes or --orphans' 'prune that is not told what' trace-index prune "$d"
refuses 2 'one folder, not 2' 'prune with two folders' trace-index prune --orphans "$d" "$d"
status 2 'prune without a folder anywhere' env -u HOME trace-index prune --orphans
told 'says what could name one' '.*\$TRS_INDEX_DIR, \$XDG_CACHE_HOME or \$HOME'
for age in '' 5 d 1.5d -1d 1m 1s 5dd ' 5d' 99999999999999999999d 200000w; do
	refuses 2 "older-than.*12h, 30d or 4w, not '$age'" "--older-than '$age'" trace-index prune --older-than "$age" "$d"
done
for size in '' x K 1.5K -1 1KB 1k ' 1' 99999999999999999999 16777216T; do
	refuses 2 "max-bytes.*20G.*not '$size'" "--max-bytes '$size'" trace-index prune --max-bytes "$size" "$d"
done
for option in --force -j2 --format=tsv --sort=key --top=1 --no-header --index-dir=x; do
	refuses 2 'is not for prune' "prune $option" trace-index prune --orphans "$option" "$d"
done
for option in --older-than=1d --max-bytes=1 --orphans --dry-run --format=tsv; do
	refuses 2 'is not for build' "build $option" trace-index build "$option" "$f"
done
refuses 2 'is not for verify' 'verify --force' trace-index verify --force "$f"
refuses 2 'is not for info' 'info -j' trace-index info -j 2 "$f"

# build -----------------------------------------------------------------------------------------

cp fixtures/small-kineto.json "$f"
status 0 'an index of a small file' trace-index build "$f"
quiet 'is made in silence'
ok 'beside it' test -s "$ix"
status 0 'and is used' trace-parse --index require -o "$tmp/on" "$f"
inode=$(stat -c %i "$ix")
status 0 'one that is valid' trace-index build "$f"
[ "$(stat -c %i "$ix")" = "$inode" ]
result $? 'stays'
status 0 '--force' trace-index build --force "$f"
[ "$(stat -c %i "$ix")" != "$inode" ]
result $? 'makes it anew'
status 0 '-v, of one that is there' trace-index build -v "$f"
told 'says which' "$f: $ix is valid" "$f: 204 events kept, .* 0 lost"
status 0 '-v, of one that is not' sh -c 'rm "$1.trace.idx"; trace-index build -v "$1"' - "$f"
told 'says what was made' "$f: there is no index" "$f: 204 events kept, .* 0 lost" "$ix: an index of $(stat -c %s "$ix") bytes was made"
status 0 '--index-dir, where one is valid beside the trace' trace-index build --index-dir "$tmp/dir" "$f"
ok 'makes none' test ! -e "$tmp/dir"
status 0 '--index-dir --force' trace-index build --force --index-dir "$tmp/dir" "$f"
ls "$tmp/dir" >"$tmp/names"
grep -qxE 't\.json\.[0-9a-f]{16}\.trace\.idx' "$tmp/names"
result $? 'makes it there' "$tmp/names"
ls "$d" >"$tmp/names.before"
for j in 1 2 7; do
	status 0 "-j $j" trace-index build --force -j $j "$f"
	tail -c +300 "$ix" >"$tmp/ix.$j" # behind the head, which has times
	same "-j $j: the same bytes" "$tmp/ix.1" "$tmp/ix.$j"
done
ls "$d" >"$tmp/names"
same 'no litter' "$tmp/names.before" "$tmp/names"
for z in 'gzip -c' 'zstd -qc'; do
	$z "$f" >"$d/packed"
	status 0 "a file that $z packed" trace-index build "$d/packed"
	prints 0 'has an index' trace-index verify "$d/packed" <<END
$d/packed: valid
END
done

head -c 3000 "$f" >"$d/cut.json"
lost="$d/cut.json: byte 3000: .* cut off; 8 events kept, 1 lost"
status 3 'a trace that is cut' trace-index build "$d/cut.json"
told 'says what was lost' "$lost"
status 3 'once more' trace-index build "$d/cut.json"
told 'says it of the index that is there' "$lost"
ok 'of which there is one' test -s "$d/cut.json.trace.idx"
status 0 '--partial-ok' trace-index build --partial-ok "$d/cut.json"
told 'says it too' "$lost"
status 1 '--strict' trace-index build --strict "$d/cut.json"
told 'fails' "$lost" "$d/cut.json: incomplete, and --strict was given"
rm "$d/cut.json.trace.idx"
status 1 '--strict where there is none' trace-index build --strict "$d/cut.json"
ok 'makes one nevertheless' test -s "$d/cut.json.trace.idx"
prints 0 'which is valid' trace-index verify "$d/cut.json" <<END
$d/cut.json: valid
END
status 3 'three files, one of them cut' trace-index build "$f" "$d/cut.json" "$d/packed"
echo text >"$d/text"
rm "$ix"
mkdir "$tmp/held"
cp "$f" "$tmp/held/t.json"
mkdir "$tmp/held/t.json.trace.idx"
status 1 'files that have no index, and one that is cut' trace-index build "$d/none" "$d/text" "$tmp/held/t.json" "$d/cut.json" "$f"
told 'are each said' "$d/none: No such file" "$d/text: not a trace: this is text" "$tmp/held/t.json.trace.idx: .*irectory" "$lost"
ok 'and the last is made' test -s "$ix"
ok 'a directory of that name stays' test -d "$tmp/held/t.json.trace.idx"
mkfifo "$tmp/fifo"
: >"$tmp/empty"
status 1 'what can have no index' timeout 20 trace-index build - "$tmp/fifo" "$tmp/empty" "$tmp" "$ix"
told 'is said' 'standard input' "$tmp/fifo: only a file" "$tmp/empty: empty" "$tmp: Is a directory" "$ix: not a trace: this is the index of a trace"
status 0 'a name that begins with -' sh -c 'cd "$1" && cp t.json ./-odd && trace-index build -- -odd && trace-index verify -- -odd' - "$d"
rm "$d/-odd" "$d/-odd.trace.idx" "$d/packed" "$d/packed.trace.idx" "$d/text"

python3 -c '
import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[len(b) // 2] ^= 1
open(sys.argv[1], "wb").write(b)' "$ix"
status 0 'an index with one bit that is wrong among its records' trace-index build -v "$f"
told 'is made anew' "$ix: byte [0-9]+: .*" "$f: 204 events" "$ix: .* made"
cp "$ix" "$tmp/copy"
rm "$ix"
ln -s "$tmp/copy" "$ix"
status 0 'a link to an index' trace-index build "$f"
ok 'is replaced' test -f "$ix" -a ! -h "$ix"

mkdir "$tmp/ro"
cp "$f" "$tmp/ro/t.json"
[ "$(id -u)" = 0 ] || chmod 555 "$tmp/ro"
status 1 'a folder that cannot be written, and no other' as_user env -u HOME trace-index build "$tmp/ro/t.json"
told 'is said' "$tmp/ro/t.json: no folder for an index; see --index-dir"
mkdir "$tmp/cache"
chmod 777 "$tmp/cache"
status 0 'with another' as_user env TRS_INDEX_DIR="$tmp/cache/x" trace-index build "$tmp/ro/t.json"
prints 0 'which is found' as_user env TRS_INDEX_DIR="$tmp/cache/x" trace-index verify "$tmp/ro/t.json" <<END
$tmp/ro/t.json: valid
END
[ "$(id -u)" = 0 ] || chmod 755 "$tmp/ro"

# verify ----------------------------------------------------------------------------------------

prints 0 'traces and indexes' trace-index verify "$f" "$ix" "$d/cut.json" <<END
$f: valid
$ix: valid
$d/cut.json: valid
END
mkdir "$tmp/moved"
status 1 'of several files some' trace-index verify "$tmp/none" "$f" "$tmp/held/t.json" "$tmp/fifo"
told 'are not valid' "$tmp/none: No such file" "$tmp/held/t.json.trace.idx: no regular file" "$tmp/fifo: only a file"
echo "$f: valid" >"$tmp/want"
same 'and the others are' "$tmp/want" "$tmp/out"
refuses 1 'standard input can have no index' 'standard input' trace-index verify -
ln -s "$ix" "$tmp/link"
refuses 1 "$tmp/link: an index is not believed through a link" 'an index through a link' trace-index verify "$tmp/link"
ln -s "$f" "$tmp/trace-link"
refuses 1 "$tmp/trace-link: there is no index" 'a trace through a link has its own' trace-index verify "$tmp/trace-link"
prints 0 '--index-dir' trace-index verify --index-dir "$tmp/dir" "$f" <<END
$f: valid
END
cp "$ix" "$tmp/moved/x"
prints 0 'an index with another name, by the trace that it names' trace-index verify "$tmp/moved/x" <<END
$tmp/moved/x: valid
END
nasty=$(printf 'a\nb\033[31m\tc')
cp "$f" "$tmp/moved/$nasty"
trace-index build "$tmp/moved/$nasty"
prints 0 'a name with control characters' trace-index verify "$tmp/moved/$nasty" <<END
$tmp/moved/a\nb\x1b[31m\tc: valid
END
chmod 666 "$tmp/moved/x"
refuses 1 "$tmp/moved/x: others may write it" 'one that others may write' trace-index verify "$tmp/moved/x"
mv "$d" "$tmp/e"
prints 0 'a folder that moved: the trace beside it' trace-index verify "$tmp/e/t.json" "$tmp/e/t.json.trace.idx" <<END
$tmp/e/t.json: valid
$tmp/e/t.json.trace.idx: valid
END
cp "$tmp/e/t.json.trace.idx" "$tmp/moved/y"
refuses 1 "$tmp/moved/y: its trace is gone: $f" 'a trace that is gone' trace-index verify "$tmp/moved/y"
mv "$tmp/e" "$d"
mkdir "$tmp/twin"
cp "$f" "$ix" "$tmp/twin"
refuses 1 't.json.trace.idx: of another trace, or the trace has changed' 'a copied folder: not of the copy' trace-index verify "$tmp/twin/t.json.trace.idx"
if [ "$(id -u)" = 0 ]; then
	chown 12345 "$tmp/moved/y"
	refuses 1 "$tmp/moved/y: it belongs to somebody else" "somebody else's" trace-index verify "$tmp/moved/y"
fi

# In place, with the size and the time of modification of before.
cp -p "$f" "$tmp/back"
trace-index build --force "$f"
printf X | dd of="$f" bs=1 seek="$(grep -abom 1 'aten::' "$f" | head -n 1 | cut -d : -f 1)" conv=notrunc status=none
touch -r "$tmp/back" "$f"
refuses 1 "t.json.trace.idx: of (other bytes|another trace)" 'a trace edited in place' trace-index verify "$f"
status 0 'is read again' trace-index build "$f"
prints 0 'and then valid' trace-index verify "$f" <<END
$f: valid
END
# Every byte of a small index, and every length of it, through one run over all.
cat >"$tmp/flips.py" <<'END'
import os, subprocess, sys
index, folder = sys.argv[1:]
good = open(index, "rb").read()
os.mkdir(folder)
bad = []
for i in range(len(good)):
    for bit in (1, 128):
        bad.append(good[:i] + bytes([good[i] ^ bit]) + good[i + 1:])
    bad.append(good[:i])
bad += [good + b"\0", good + good]
bad = [b for b in bad if b[:8] == good[:8]]
names = [os.path.join(folder, "%d" % i) for i in range(len(bad))]
for name, b in zip(names, bad):
    with open(name, "wb") as f:
        f.write(b)
for command in "verify", "info":
    run = subprocess.run(["trace-index", command] + names, capture_output=True, text=True)
    print(command, run.returncode, run.stderr[:500])
    assert run.returncode in (0, 1), run
    if command == "verify":
        assert run.returncode == 1 and run.stdout == "", run.stdout[:500]
        assert len(run.stderr.splitlines()) == len(bad)
END
echo '[{"ph":"X","cat":"kernel","name":"a","ts":1,"dur":1},{"ph":"X","cat":"cpu_op","name":"b","ts":2,"dur":1}]' >"$tmp/two.json"
trace-index build "$tmp/two.json"
ok 'no damage to an index passes' python3 "$tmp/flips.py" "$tmp/two.json.trace.idx" "$tmp/flips"
rm -rf "$tmp/flips"

# Indexes whose checksums are right, but which do not hold what they say.
cat >"$tmp/forge.py" <<'END'
import struct, sys
sys.path.insert(0, "t")
from xxh3 import xxh3
data, kind, how, out = bytearray(open(sys.argv[1], "rb").read()), int(sys.argv[2]), sys.argv[3], sys.argv[4]
at, ends, frames = 16, len(data), []
while at < ends:
    length = struct.unpack_from("<I", data, at + 12)[0]
    frames.append((data[at], at, length))
    at += 32 + length
_, at, length = [f for f in frames if f[0] == kind][0]
payload = data[at + 32:at + 32 + length]
exec(how)
data[at + 32:at + 32 + length] = payload
struct.pack_into("<Q", data, at + 16, xxh3(bytes(payload)))
struct.pack_into("<Q", data, at + 24, xxh3(bytes(data[at:at + 24])))
open(out, "wb").write(data)
END
# forged FRAME PYTHON PATTERN SENTENCE
forged() {
	python3 "$tmp/forge.py" "$tmp/two.json.trace.idx" "$1" "$2" "$tmp/forged" || echo 'no forgery' >"$tmp/forged"
	refuses 1 "$3" "$4" trace-index verify "$tmp/forged"
}
python3 "$tmp/forge.py" "$tmp/two.json.trace.idx" 2 pass "$tmp/forged"
prints 0 'the forger writes what he read' trace-index verify "$tmp/forged" <<END
$tmp/forged: valid
END
forged 11 'struct.pack_into("<q", payload, len(payload) - 16, 0)' 'other times than noted' 'a wrong time of an extent'
forged 8 'struct.pack_into("<Q", payload, 16, 7)' 'status and losses' 'a wrong sum of losses'
forged 8 'struct.pack_into("<I", payload, 0, 3)' 'status and losses' 'a wrong status'
forged 8 'payload[40:44], payload[72:76] = payload[72:76], payload[40:44]' 'another kind|other records' 'counts of the wrong category'
forged 10 'struct.pack_into("<I", payload, 104, struct.unpack_from("<I", payload, 104)[0] | 2)' 'status and losses' 'damage that is not in the status'
forged 10 'payload[80] ^= 1' 'other bytes than the trace' 'a wrong hash of the whole trace'
forged 10 'payload[0] ^= 1' 'made by another version of trs' 'another version of the readers'

# info ------------------------------------------------------------------------------------------

time='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z'
cp fixtures/small-kineto.json "$f"
trace-index build "$f"
touch -a -d 2030-02-03T04:05:06Z "$ix"
status 0 'info' trace-index info "$f"
cp "$tmp/out" "$tmp/info"
bytes=$(stat -c %s "$ix")
share=$(python3 -c 'import sys; b, t = map(int, sys.argv[1:]); s = (20000 * b + t) // (2 * t); print("0.%04d" % s)' "$bytes" "$(stat -c %s "$f")")
head -n 6 "$tmp/info" >"$tmp/got"
cat >"$tmp/want" <<END
key	value
index	$ix
trace	$f
valid	yes
bytes	$bytes
share	$share
END
same 'what it is' "$tmp/want" "$tmp/got"
grep -qxE "seen	$time" "$tmp/info" && grep -qxE 'reader	[0-9a-f]{16}' "$tmp/info" && grep -qx 'used	2030-02-03T04:05:06Z' "$tmp/info"
result $? 'times and reader' "$tmp/info"
trace-parse --index off "$f" | trace-dump >"$tmp/dump"
python3 - "$tmp/dump" "$tmp/info" >"$tmp/why" 2>&1 <<'END'
import json, sys
records = [r for r in map(json.loads, open(sys.argv[1])) if "ph" in r]
info = dict(line.rstrip("\n").split("\t") for line in open(sys.argv[2]))
kernels = [r for r in records if r.get("cat") == "kernel" and r["ph"] == "X"]
us = lambda ns: "%d.%03d" % divmod(ns, 1000)
assert info["events"] == str(len(records)) and info["lost"] == "0" and info["status"] == "0"
assert info["events.kernel"] == str(len(kernels)), kernels
assert info["first_us.kernel"] == us(min(r["ts_ns"] for r in kernels))
assert info["last_us.kernel"] == us(max(r["ts_ns"] + r["dur_ns"] for r in kernels))
assert sum(int(v) for k, v in info.items() if k.startswith("events.")) == len(records)
assert sum(int(v) for k, v in info.items() if k.startswith("bytes.")) < int(info["bytes"])
assert info["strings.gpu"] == str(len({r["name"] for r in records if r.get("cat") in ("kernel", "gpu_memcpy", "gpu_memset")}))
END
result $? 'events, times and strings are those of the trace' "$tmp/why"
# Reading it may have changed when it was used last.
trace-index info "$ix" | grep -v '^used' >"$tmp/got"
sed "s|^index	.*|index	$ix|" "$tmp/info" | grep -v '^used' >"$tmp/want"
same 'the same by the index itself' "$tmp/want" "$tmp/got"
status 0 'two files, JSON' trace-index info --format json "$f" "$d/cut.json"
ok 'is read as such' python3 -c '
import json, sys
rows = json.load(open(sys.argv[1]))
assert [r["value"] for r in rows if r["key"] == "status"] == ["0", "3"], rows
assert [r["value"] for r in rows if r["key"] == "lost"] == ["0", "1"], rows' "$tmp/out"
status 1 'a file without an index' trace-index info --no-header "$tmp/trace-link" "$f"
told 'is said' "$tmp/trace-link: there is no index"
grep -qx "trace	$f" "$tmp/out"
result $? 'and the other is shown' "$tmp/out"
refuses 1 'there is no index' 'none at all: no table' trace-index info "$tmp/trace-link"

# row KEY: its value in $tmp/out
row() {
	sed -n "s/^$1	//p" "$tmp/out"
}
echo >>"$f"
status 0 'a trace that changed' trace-index info "$f"
[ "$(row valid)" = "no: $ix: of another trace, or the trace has changed" ] && [ "$(row events)" = 204 ]
result $? 'is shown as it was' "$tmp/out"
mv "$f" "$tmp/away"
status 0 'a trace that is gone' trace-index info "$ix"
[ "$(row valid)" = "no: $ix: its trace is gone: $f" ] && [ "$(row trace)" = "$f" ] && [ "$(row events)" = 204 ]
result $? 'likewise' "$tmp/out"
mkfifo "$f"
status 0 'a FIFO in its place' timeout 20 trace-index info "$ix"
[ "$(row valid)" = "no: $f: only a file can have an index" ]
result $? 'is not waited for' "$tmp/out"
rm "$f"
mv "$tmp/away" "$f"
truncate -s -1 "$ix"
refuses 1 "$ix: cut" 'an index that is cut' trace-index info "$f"
trace-index build "$f"

# What looks at an index is no use of it; a load is.
touch -d '5 days ago' "$ix"
used=$(stat -c %X "$ix")
trace-index verify "$f" "$ix" >"$tmp/out" && trace-index info "$f" "$ix" >"$tmp/out" && trace-index prune --older-than 9d --orphans "$d" >"$tmp/out"
result $? 'verify, info and prune'
[ "$(stat -c %X "$ix")" = "$used" ]
result $? 'do not use an index'
touch -d '5 days ago' "$ix"
trace-parse "$f" | group-by-op --by name >"$tmp/out"
[ "$(stat -c %X "$ix")" -gt "$((used + 400000))" ]
result $? 'a load does'
touch -d '5 days ago' "$ix"
trace-index build "$f"
[ "$(stat -c %X "$ix")" -gt "$((used + 400000))" ]
result $? 'build does'

# prune -----------------------------------------------------------------------------------------

c=$tmp/home/.cache/trs
# cached NAME AGE...: indexes of the trace in the cache, used so long ago
cached() {
	rm -rf "$c"
	mkdir -p "$c"
	while [ $# -gt 0 ]; do
		cp "$ix" "$c/$1.trace.idx"
		touch -d "$2 ago" "$c/$1.trace.idx"
		shift 2
	done
}
# removed NAME...: what $tmp/out says, and what is left is the rest of $names
size=$(stat -c %s "$ix")
removed() {
	for name; do printf '%s\t%s\n' "$c/$name.trace.idx" "$size"; done >"$tmp/want"
	diff "$tmp/want" "$tmp/out" >"$tmp/diff" 2>&1 || return 1
	for name; do [ ! -e "$c/$name.trace.idx" ] || return 1; done
}
# left NAME...: the names in the cache
left() {
	for name; do echo "$name"; done | sort >"$tmp/want"
	find "$c" -mindepth 1 -printf '%f\n' | sed 's/\.trace\.idx$//' | sort >"$tmp/got"
	[ $# -gt 0 ] || : >"$tmp/want"
	diff "$tmp/want" "$tmp/got" >"$tmp/diff" 2>&1
}

cached a '3 days' b '20 hours' c '15 days' d '1 hour'
status 0 '--older-than --dry-run' trace-index prune --older-than 2d --dry-run
for name in c a; do printf '%s\t%s\n' "$c/$name.trace.idx" "$size"; done >"$tmp/want"
same 'prints what would go, the longest unused first' "$tmp/want" "$tmp/out"
ok 'and removes nothing' left a b c d
status 0 '--older-than' trace-index prune --older-than 2d
ok 'removes those, from the default folder' removed c a
ok 'and no others' left b d
status 0 '--older-than, in hours' trace-index prune --older-than 19h -v
ok 'removes one' removed b
told 'and -v says what is left' "$c: 1 indexes of $size bytes are left"
status 0 '--older-than 0h' trace-index prune --older-than 0h "$c"
ok 'removes all' left
status 0 'an empty folder' trace-index prune --older-than 0h "$c/"
quiet 'is none to speak of'
cached a '10 days' b '10 days'
touch -a -d '1 day ago' "$c/a.trace.idx"
touch -m -d '1 day ago' "$c/b.trace.idx"
status 0 'one that was read, one that was written a day ago' trace-index prune --older-than 1w "$c"
ok 'are not old' left a b
cached a '13 days' b '15 days'
status 0 'weeks' trace-index prune --older-than 2w "$c"
ok 'are seven days' left a
cached a '3 days' b '2 days' c '9 days' d '1 day'
status 0 '--max-bytes of three' trace-index prune --max-bytes $((3 * size)) "$c"
ok 'removes the longest unused' removed c
status 0 '--max-bytes of a byte less' trace-index prune --max-bytes $((3 * size - 1)) "$c"
ok 'removes one more' removed a
status 0 'of 1M' trace-index prune --max-bytes 1M "$c"
quiet 'removes none'
status 0 'of 1K' trace-index prune --max-bytes 1K "$c"
ok 'removes all' left
cached a '3 days' b '2 days' c '9 days' d '1 day'
status 0 'age first, then bytes' trace-index prune --older-than 8d --max-bytes $((2 * size)) "$c"
ok 'remove one each' removed c a
status 0 '--max-bytes 0' trace-index prune --max-bytes 0 -o "$tmp/list" "$c"
ok 'removes all' left
cp "$tmp/list" "$tmp/out"
ok '-o has the list' removed b d

cached a '1 day' b '1 day' broken '9 days'
cp "$tmp/two.json" "$tmp/gone.json"
trace-index build "$tmp/gone.json"
mv "$tmp/gone.json.trace.idx" "$c/gone.trace.idx"
rm "$tmp/gone.json"
cp "$tmp/two.json" "$tmp/gone-too.json"
trace-index build "$tmp/gone-too.json"
mv "$tmp/gone-too.json.trace.idx" "$c/beside.trace.idx"
mv "$tmp/gone-too.json" "$c/beside"
head -c 60 "$ix" >"$c/broken.trace.idx"
touch -d '9 days ago' "$c/broken.trace.idx"
status 0 '--orphans' trace-index prune --orphans "$c"
ok 'removes one whose trace is gone, not one whose trace is beside it, nor one that is damaged' left a b beside beside broken
status 0 'a damaged one' trace-index prune --older-than 8d "$c"
ok 'goes by its age' left a b beside beside
if [ "$(id -u)" = 0 ]; then
	mkdir "$tmp/locked"
	cp "$f" "$tmp/locked/t.json"
	chmod 777 "$c"
	chmod 755 "$HOME" "$HOME/.cache"
	chown 12345 "$tmp/locked"
	as_user trace-index build --index-dir "$c" "$tmp/locked/t.json"
	chown 0 "$tmp/locked"
	chmod 700 "$tmp/locked"
	as_user trace-index prune --orphans "$c" >"$tmp/out" 2>"$tmp/err"
	quiet 'a trace in a folder that cannot be searched is not gone'
fi

# Hostile folders
cached a '9 days'
ln -s "$ix" "$c/link.trace.idx"
ln "$ix" "$d/hard"
ln -s nowhere "$c/dangling.trace.idx"
mkdir "$c/dir.trace.idx" "$c/sub"
cp "$ix" "$c/sub/deep.trace.idx"
cp "$ix" "$c/dir.trace.idx/deep.trace.idx"
cp "$ix" "$c/index"
cp "$ix" "$c/trace.idx"
mkfifo "$c/fifo.trace.idx" "$c/fifo.trace.idx.tmp"
echo 'a diary' >"$c/foreign.trace.idx"
echo 'a diary' >"$c/foreign.trace.idx.tmp"
: >"$c/empty.trace.idx"
printf '\223tri\r\n\032' >"$c/seven.trace.idx"
cp "$ix" "$c/$nasty.trace.idx"
find "$c" -exec touch -h -d '9 days ago' {} +
rm "$d/hard"
keep='link dangling dir deep sub deep index trace.idx fifo fifo.trace.idx.tmp foreign foreign.trace.idx.tmp empty seven'
[ "$(id -u)" = 0 ] && cp "$ix" "$c/theirs.trace.idx" && touch -d '9 days ago' "$c/theirs.trace.idx" && chown 12345 "$c/theirs.trace.idx" && keep="$keep theirs"
status 0 'a folder with much in it that is no index of ours' timeout 20 trace-index prune --older-than 1h --max-bytes 0 --orphans "$c"
printf '%s\t%s\n' "$c/a\\\\nb\\\\x1b[31m\\\\tc.trace.idx" "$size" "$c/a.trace.idx" "$size" | sed 's/\\\\/\\/g' | sort >"$tmp/want"
sort "$tmp/out" >"$tmp/got"
same 'loses its two indexes' "$tmp/want" "$tmp/got"
# shellcheck disable=SC2086 # words
ok 'and nothing else' left $keep
ok 'the index behind the link is there' test -s "$ix"

# What killed programs leave
cached
for name in empty zeros whole fresh locked long; do : >"$c/$name.trace.idx.tmp"; done
truncate -s 100000 "$c/zeros.trace.idx.tmp" "$c/locked.trace.idx.tmp" "$c/fresh.trace.idx.tmp"
truncate -s 5 "$c/long.trace.idx.tmp"
cp "$ix" "$c/whole.trace.idx.tmp"
touch -d '5 minutes ago' "$c"/[!f]*
flock "$c/locked.trace.idx.tmp" sh -c 'touch "$1/ready"; while [ ! -e "$1/done" ]; do sleep 0.05; done' - "$tmp" &
while [ ! -e "$tmp/ready" ]; do sleep 0.05; done
status 0 'drafts that were left' trace-index prune --older-than 52w "$c"
touch "$tmp/done"
wait
ok 'go, but for one that is new and one that is locked' left fresh.trace.idx.tmp locked.trace.idx.tmp

# Errors and races
refuses 0 "$tmp/nowhere: no such folder, nothing to do" 'no such folder' trace-index prune --orphans "$tmp/nowhere"
status 0 'no such folder, with -q' trace-index prune -q --orphans "$tmp/nowhere"
quiet 'says nothing'
refuses 1 "$f: Not a directory" 'a file as folder' trace-index prune --orphans "$f"
cached a '9 days' b '8 days'
chmod 755 "$HOME" "$HOME/.cache"
chmod 311 "$c"
[ "$(id -u)" = 0 ] && chown 12345 "$c" "$c"/*
status 1 'a folder that cannot be read' as_user trace-index prune --orphans "$c"
told 'is said' "$c: Permission denied"
chmod 555 "$c"
status 1 'a folder that cannot be written' as_user trace-index prune --older-than 1h "$c"
told 'is said' "$c/a.trace.idx: Permission denied"
same 'and nothing went' /dev/null "$tmp/out"
chmod 755 "$c"
status 0 'a folder that can' as_user trace-index prune --older-than 1h "$c"
ok 'loses all' left

cached a '9 days'
for command in "verify $f" "info $f" "prune --older-than 1d $c"; do
	# shellcheck disable=SC2086 # words
	trace-index $command >/dev/full 2>"$tmp/err"
	result $(($? != 1)) "trace-index $command into a full device"
	told 'is said' 'standard output: .*No space left'
done

# Several at once: each index goes once, and none of them minds that others are faster.
cached
n=0
while [ $n -lt 400 ]; do
	n=$((n + 1))
	cp "$ix" "$c/$n.trace.idx"
done
for i in 1 2 3 4; do
	trace-index prune --max-bytes $((100 * size)) "$c" >"$tmp/prune.$i" 2>&1 || echo "status $?" >>"$tmp/prune.$i" &
done
wait
[ "$(find "$c" -name '*.idx' | wc -l)" -eq 100 ]
result $? 'four at once leave what one would leave'
sort "$tmp"/prune.? | uniq -d >"$tmp/got"
[ ! -s "$tmp/got" ] && [ "$(cat "$tmp"/prune.? | wc -l)" -eq 300 ] && ! grep -qv "	$size\$" "$tmp"/prune.?
result $? 'and say each that they removed, once' "$tmp/got" "$tmp/prune.1"
pipe '0 0' 'while indexes are made and removed' 'for i in 1 2 3 4 5 6 7 8 9; do trace-index build --force --index-dir "$c" "$f" || exit; rm -f "$c"/*[13579].*; done' \
	'for i in 1 2 3 4 5 6 7 8 9; do trace-index prune --older-than 0h "$c" || exit; done >/dev/null'
same 'nobody complains' /dev/null "$tmp/err"
done_testing
