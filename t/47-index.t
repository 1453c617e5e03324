#!/bin/sh
# shellcheck disable=SC2016,SC2086 # single quotes are for the sh that is called; words of options
# The index of a trace: the same result with and without it, its modes, streams that come from it.
# trace-parse(1), Index. Damage, stale indexes and faults are in 48-index-damage.t, where an index is
# and who may write it in 49-index-places.t.
. t/lib.sh
unset TRS_INDEX_DIR XDG_CACHE_HOME
export HOME="$tmp/home"
mkdir "$tmp/home" "$tmp/f" "$tmp/m" "$tmp/one"

slow=
grep -qE '__(asan|tsan)_init' "$(command -v trace-parse)" && slow=1

# index FILE...: makes them
index() {
	for file; do trace-parse -q --index rebuild "$file" >/dev/null 2>&1; done
}

# is_there SENTENCE FILE, is_none SENTENCE FILE
is_there() { ok "$1" test -f "$2"; }
is_none() { ok "$1" test ! -e "$2"; }

# names SENTENCE FOLDER NAME...: what is in the folder, hidden files too
names() {
	sentence=$1
	(cd "$2" && find . -mindepth 1 | sed 's,^\./,,' | sort) >"$tmp/got"
	shift 2
	printf '%s\n' "$@" | sort | sed '/^$/d' >"$tmp/want"
	same "$sentence" "$tmp/want" "$tmp/got"
}

# The same result --------------------------------------------------------------------------------

for file in fixtures/*.json fixtures/quirks/*.json* fixtures/bad/*; do
	case $file in *.err) ;; *) cp "$file" "$tmp/f" ;; esac
done
gzip -c fixtures/small-kineto.json >"$tmp/f/packed.json.gz"
zstd -qc fixtures/small-indented.json >"$tmp/f/packed.json.zst"
gzip -c fixtures/small-rocprofv3.json >"$tmp/f/rocprof.gz"
head -c 20000 "$tmp/f/packed.json.zst" | head -c -9 >"$tmp/f/cut.json.zst"
head -c 40000 fixtures/small-kineto.json >"$tmp/f/cut.json"
for what in kinds extremes lossy metadata nothing; do t/index-make.py $what >"$tmp/m/$what"; done
ok 'traces with every number, name and loss: the same, with every selection' t/index-same.py all "$tmp"/m/*
all=all
[ $slow ] && all=some
ok 'every fixture: records in their order, tables, counts, losses, messages, status' t/index-same.py $all "$tmp"/f/*

[ $slow ] && size=5M || size=20M
for layout in kineto oneline indented; do bench/gen-trace --size $size --layout $layout --seed 3 >"$tmp/one/$layout"; done
ok "traces of ${size}B in three layouts: the same" t/index-same.py some "$tmp"/one/*
rm "$tmp"/one/*
t/index-make.py host-names 270000 >"$tmp/one/host"
t/index-make.py gpu-names 145000 0 >"$tmp/one/gpu1"
t/index-make.py gpu-names 145000 140000 >"$tmp/one/gpu2"
ok 'more names than a stream has room for at once: the same' t/index-same.py two "$tmp/one/host" "$tmp/one/gpu1" "$tmp/one/gpu2"

# mixed SENTENCE FILE...: --index auto, where some have an index and some have none
mixed() {
	sentence=$1
	shift
	for options in '' --gpu '--cat kernel,python_function,c'; do
		trace-parse --index off $options "$@" 2>"$tmp/err.off" | trace-dump | sort >"$tmp/want"
		trace-parse $options "$@" 2>"$tmp/err" | trace-dump | sort >"$tmp/got"
		same "$sentence (${options:-no selection})" "$tmp/want" "$tmp/got"
		same 'and the same is said' "$tmp/err.off" "$tmp/err"
	done
}
# together OPTIONS SENTENCE FILE...
together() {
	options=$1 sentence=$2
	shift 2
	ok "$sentence (${options:-no selection})" t/index-same.py files "$options" "$@"
}
for options in '' --gpu '--cat kernel,cpu_op,x' '--cat none' --strict --partial-ok; do
	together "$options" 'several files, all with an index' "$tmp/f/small-kineto.json" "$tmp/m/lossy" "$tmp/f/small-rocprofv3.json" "$tmp/m/metadata" "$tmp/m/extremes"
	together "$options" 'several files of the same rank' "$tmp/f/small-kineto.json" "$tmp/f/small-amd.json" "$tmp/f/packed.json.gz" "$tmp/f/small-kineto.json"
done
together '' 'several files with more names than a stream has room for at once' "$tmp/one/gpu1" "$tmp/m/kinds" "$tmp/one/host" "$tmp/one/gpu2"
together --gpu 'several files with more names than a stream has room for at once' "$tmp/one/gpu1" "$tmp/one/gpu2" "$tmp/m/kinds"
for file in "$tmp/one/gpu1" "$tmp/m/kinds" "$tmp/f/small-kineto.json" "$tmp/one/gpu2" "$tmp/m/lossy"; do rm "$file.trace.idx"; done
trace-parse -q --index rebuild "$tmp/one/gpu1" "$tmp/m/kinds" "$tmp/f/small-kineto.json" "$tmp/one/gpu2" "$tmp/m/lossy" >"$tmp/out" 2>"$tmp/err"
together '' 'the indexes of several files, made by one program' "$tmp/m/lossy" "$tmp/f/small-kineto.json" "$tmp/m/kinds"
together --gpu 'also of large ones' "$tmp/one/gpu1" "$tmp/one/gpu2"
cp "$tmp/m/kinds" "$tmp/one/none"
mixed 'many names, and one that has none' "$tmp/one/gpu1" "$tmp/one/gpu2" "$tmp/one/none"
rm -r "$tmp/one"
for what in 'gpu-names 280000 0' 'processes 270000'; do
	t/index-make.py $what >"$tmp/many"
	status 0 "a trace with too many names for an index: $what" trace-parse --index rebuild "$tmp/many"
	ok 'it is said that it has none' one_message trace-parse 'no index: .*names'
	trace-parse --index off "$tmp/many" | trace-dump | sort >"$tmp/want"
	trace-dump "$tmp/out" | sort >"$tmp/got"
	same 'the records come' "$tmp/want" "$tmp/got"
	is_none 'and there is none' "$tmp/many.trace.idx"
done
rm "$tmp/many"
mkdir "$tmp/many"
for i in $(seq 70); do cp "$tmp/m/kinds" "$tmp/many/k$i"; done
index "$tmp"/many/k??
for n in 0 60 70; do
	# shellcheck disable=SC2046
	together '' "$n files" $(seq -f "$tmp/many/k%.0f" 10 $((n > 10 ? n : 10)))
done
# shellcheck disable=SC2046
ok 'more files than descriptors' sh -c 'ulimit -n 40; exec "$@"' - t/index-same.py files '' $(seq -f "$tmp/many/k%.0f" 10 60)

rm "$tmp/m/lossy.trace.idx" "$tmp/f/small-amd.json.trace.idx"
mixed 'the first has none' "$tmp/m/lossy" "$tmp/f/small-kineto.json" "$tmp/m/extremes"
mixed 'the last has none' "$tmp/f/small-kineto.json" "$tmp/m/extremes" "$tmp/f/small-amd.json"
mixed 'one in the middle has none' "$tmp/f/small-kineto.json" "$tmp/m/lossy" "$tmp/f/small-rocprofv3-two.json"
is_none 'small files are left without one' "$tmp/m/lossy.trace.idx"
index "$tmp/m/lossy"

# Modes ------------------------------------------------------------------------------------------

mkdir "$tmp/large"
bench/gen-trace --size 8.2M >"$tmp/large/t"
large=$tmp/large/t
names 'a trace of 8 MB' "$tmp/large" t
status 0 '--index off reads it' trace-parse --index off "$large"
names 'and makes none' "$tmp/large" t
for options in --gpu '--cat cpu_op' '--gpu --cat kernel'; do
	status 0 "a selection reads it ($options)" trace-parse $options "$large"
done
pipe '141 0' 'a reader stops early' "trace-parse $large" 'head -c 100'
names 'none of them makes one' "$tmp/large" t
status 0 'it is read whole' trace-parse -o "$tmp/whole.trs" "$large"
names 'and has one' "$tmp/large" t t.trace.idx
status 0 'that is used' trace-parse --index require -o "$tmp/required.trs" "$large"
trace-dump "$tmp/whole.trs" | sort >"$tmp/want"
trace-dump "$tmp/required.trs" | sort >"$tmp/got"
same 'and holds the same' "$tmp/want" "$tmp/got"
ok 'a stream from an index can be told, by its table of contents' sh -c '! cmp -s "$@"' - "$tmp/whole.trs" "$tmp/required.trs"
status 0 'by default it is used' trace-parse -o "$tmp/auto.trs" "$large"
same 'and so is the stream' "$tmp/required.trs" "$tmp/auto.trs"
status 0 '--index off reads the trace' trace-parse --index off -o "$tmp/off.trs" "$large"
trace-dump "$tmp/off.trs" >"$tmp/got.off"
trace-dump "$tmp/whole.trs" | cmp - "$tmp/got.off" >"$tmp/why" 2>&1
result $? 'as before there was an index' "$tmp/why"
status 0 '--args reads the trace' trace-parse --args -o "$tmp/args.trs" "$large"
trace-dump "$tmp/args.trs" >"$tmp/got"
ok 'and gives args' grep -q '"args":' "$tmp/got"
rm "$large.trace.idx"
status 0 '--args makes one too' trace-parse --args -o "$tmp/again.trs" "$large"
same 'with the same stream' "$tmp/args.trs" "$tmp/again.trs"
status 0 'that can be used' trace-parse --index require -o "$tmp/again.trs" "$large"
same 'without args' "$tmp/required.trs" "$tmp/again.trs"

head -c 7999999 /dev/zero | tr '\0' ' ' | dd of="$tmp/large/pad" bs=1M iflag=fullblock 2>/dev/null
printf '[{"ph":"X","cat":"kernel","name":"k","ts":1,"dur":1}' | dd of="$tmp/large/pad" conv=notrunc 2>/dev/null
status 0 'a file of 7,999,999 bytes' trace-parse "$tmp/large/pad"
is_none 'has no index' "$tmp/large/pad.trace.idx"
printf ' ' >>"$tmp/large/pad"
status 0 'a file of 8,000,000 bytes' trace-parse "$tmp/large/pad"
is_there 'has one' "$tmp/large/pad.trace.idx"

cp "$tmp/m/kinds" "$tmp/large/small"
small=$tmp/large/small
refuses 1 'no index' '--index require without one fails, and says so' trace-parse --index require "$small"
refuses 1 'no index' 'also where another file has one' trace-parse --index require "$tmp/m/extremes" "$small"
refuses 1 'index' 'and of standard input' trace-parse --index require <"$small"
is_none '--index require makes none' "$small.trace.idx"
status 3 'a small file is left alone' trace-parse "$small"
is_none 'by default' "$small.trace.idx"
index "$small"
is_there 'until one is made' "$small.trace.idx"
status 3 'that is used' trace-parse -o "$tmp/auto.trs" "$small"
trace-parse -q --index require "$small" >"$tmp/require.trs" 2>/dev/null
same 'by default' "$tmp/require.trs" "$tmp/auto.trs"
refuses 2 'args' '--index require --args is wrong use' trace-parse --index require --args "$small"
refuses 2 'auto.*off.*require.*rebuild' 'an unknown mode is wrong use' trace-parse --index never "$small"
before=$(stat -c '%i %Z' "$small.trace.idx")
status 3 '--index rebuild with a selection' trace-parse --index rebuild --gpu -o "$tmp/gpu.trs" "$small"
trace-parse --index off --gpu "$small" 2>&1 >"$tmp/got" | cmp - "$tmp/err" >"$tmp/why" 2>&1
result $? 'says once what is lost of the selection' "$tmp/why" "$tmp/err"
ok 'makes it anew' test "$before" != "$(stat -c '%i %Z' "$small.trace.idx")"
trace-parse --index off --gpu "$small" 2>/dev/null | trace-dump | sort >"$tmp/want"
trace-dump -q "$tmp/gpu.trs" | sort >"$tmp/got"
same 'and the selection is as ever' "$tmp/want" "$tmp/got"
index "$small"
trace-parse -q --index require "$small" >"$tmp/got" 2>/dev/null
same 'the index has all, not what was selected' "$tmp/require.trs" "$tmp/got"
(cd "$tmp/large" && trace-parse -q --index rebuild <"$large" >"$tmp/stdin.trs")
result $? '--index rebuild of standard input reads it' "$tmp/err"
same 'as ever' "$tmp/off.trs" "$tmp/stdin.trs"
refuses 1 'index' 'by its name in /dev too' trace-parse --index require /dev/stdin <"$small"
status 3 'where none is made' trace-parse --index rebuild /dev/stdin <"$small"
is_none 'either' /dev/stdin.trace.idx
names 'standard input has no index' "$tmp/large" pad pad.trace.idx small small.trace.idx t t.trace.idx
refuses 1 'no trace|not a trace' 'what is no trace' trace-parse --index rebuild fixtures/bad/text.txt
is_none 'has no index' fixtures/bad/text.txt.trace.idx
for options in '' --gpu; do
	cp "$tmp/m/lossy" "$tmp/large/strict"
	status 1 "--strict --index rebuild ${options:-of all} of a trace with losses" trace-parse --strict --index rebuild $options "$tmp/large/strict"
	status 3 'and what it leaves is right' trace-parse "$tmp/large/strict"
	rm -f "$tmp"/large/strict*
done

# Streams ----------------------------------------------------------------------------------------

command -v bash >/dev/null && pipefail='bash -o pipefail -c' || pipefail='sh -c'
status 0 'a reader that has all it wants lets the pipe exit 0' $pipefail 'trace-parse --index require "$1" | kernel-classify | group-by-op' - "$large"
trace-parse --index off "$large" | kernel-classify | group-by-op >"$tmp/want"
same 'with the table of the trace' "$tmp/want" "$tmp/out"
for reader in 'head -c 100' 'head -c 100000' true; do
	pipe '0 0' "the stream was announced: a reader that stops early is no failure ($reader)" "trace-parse --index require $large" "$reader"
done
{ head -c 7900000 "$large"; echo; } >"$tmp/large/cut"
index "$tmp/large/cut"
pipe '3 0' 'of a trace with losses it is 3' "trace-parse --index require $tmp/large/cut" 'head -c 100'
pipe '3 3 3' 'as with all of the stream' "trace-parse --index require $tmp/large/cut" kernel-classify group-by-op
pipe '1 0' 'and 1 with --strict' "trace-parse --strict --index require $tmp/large/cut" 'head -c 100'

# A bit of each PACKED frame of cpu_op (kind 4): GPU activity comes from the index, the rest from the trace.
flip='import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
at = 16
while at < len(data):
    kind, sub, length = struct.unpack_from("<HB9xI", data, at)
    if (kind, sub) == (13, int(sys.argv[2])):
        data[at + 32 + length // 2] ^= 1
    at += 32 + length
open(sys.argv[1], "wb").write(data)'
trace-parse --index off "$large" | trace-dump | sort >"$tmp/want"
for kind in 1 4 8; do
	index "$large"
	python3 -c "$flip" "$large.trace.idx" $kind
	pipe '0 0 0' "records of kind $kind are damaged in the index: the trace is read" "trace-parse $large" trace-dump sort
	same 'and all records come' "$tmp/want" "$tmp/out"
	case $kind in
	1) status 0 'the index is gone, and another is in its place' trace-parse --index require "$large" ;;
	*) is_none 'the index is gone' "$large.trace.idx" ;;
	esac
	index "$large"
	python3 -c "$flip" "$large.trace.idx" $kind
	pipe '1 1' 'with --index require that is a failure' "trace-parse --index require $large" trace-dump
	ok 'without an end mark' sh -c '! grep -q "\"end\"" "$1"' - "$tmp/out"
done
index "$large"
python3 -c "$flip" "$large.trace.idx" 4
pipe '0 0' 'what is damaged is not missed by whoever wants other records' "trace-parse --gpu --index require $large" trace-dump
trace-parse -v "$large" >/dev/null 2>"$tmp/err"
ok '-v says why an index was not used' grep -q 't\.trace\.idx: .*damaged' "$tmp/err"
rm -f "$large.trace.idx"

done_testing
