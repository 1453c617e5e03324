#!/bin/sh
# shellcheck disable=SC2086,SC2317 # words of options; a function that eval calls
# Record streams that are damaged, cut, joined, of another version; status 3 on its way through a
# pipe. GUARANTEES.md (Exit status; What we show, 5), TOOLS.md (Common to all), FORMAT.md.
. t/lib.sh
consumers='group-by-op trace-dump kernel-classify trace-info'

cat >"$tmp/tiny.json" <<'EOF'
{"distributedInfo":{"rank":2},"traceEvents":[
{"ph":"X","cat":"cpu_op","name":"op","pid":1,"tid":1,"ts":1,"dur":9,"args":{"External id":5}},
{"ph":"X","cat":"kernel","name":"gemm","pid":0,"tid":7,"ts":2,"dur":3.5,"args":{"stream":7,"correlation":9,"g":[1]}},
{"ph":"X","cat":"kernel","name":"relu","pid":0,"tid":7,"ts":6,"dur":2,"args":{"stream":7,"correlation":10}}]}
EOF
trace-parse --args "$tmp/tiny.json" | kernel-classify >"$tmp/tiny.trs"

# Every byte and bit -----------------------------------------------------------------------------

ok 'cut at any byte: never 0, and no result' t/flips.py cuts "$tmp/tiny.trs"
ok 'one bit flipped: never 0 with a changed result' t/flips.py flips "$tmp/tiny.trs"
for z in zstd gzip; do
	$z -qc "$tmp/tiny.trs" >"$tmp/tiny.z"
	wrong=
	size=$(stat -c %s "$tmp/tiny.z")
	for n in 1 3 4 8 12 $((size / 3)) $((size / 2)) $((size - 9)) $((size - 4)) $((size - 1)); do
		head -c $n "$tmp/tiny.z" | group-by-op >"$tmp/out" 2>"$tmp/err"
		[ $? = 1 ] && [ ! -s "$tmp/out" ] && [ "$(wc -l <"$tmp/err")" = 1 ] || wrong="$wrong $n"
	done
	echo "cut to:$wrong" >"$tmp/why"
	[ -z "$wrong" ]
	result $? "a stream stored as $z and cut is refused" "$tmp/why" "$tmp/err"
done

# Streams that are joined, of another version, of another writer ---------------------------------

# make WHAT: $tmp/made.trs
make() { t/flips.py make "$1" "$tmp/tiny.trs" >"$tmp/made.trs"; }
for made in 'twice:bytes after the end mark' 'byte-after:bytes after the end mark' 'newline-after:bytes after the end mark' \
	'frame-after:bytes after the end mark' 'two-ends:bytes after the end mark' 'version-2:version 2' 'version-0:version 0' \
	'status-7:impossible status' 'no-frames:end mark' 'no-header:not a record stream' 'newlines-converted:stream'; do
	make "${made%%:*}"
	for p in $consumers; do
		$p "$tmp/made.trs" >"$tmp/out" 2>"$tmp/err"
		code=$?
		echo "$p exits $code" >"$tmp/why"
		one_message "$p" "${made#*:}" && [ $code = 1 ] && ! grep -aq -e '^op' -e '^key' -e '"end"' "$tmp/out"
		result $? "${made%%:*}: $p refuses it" "$tmp/why" "$tmp/err"
	done
	pipe '0 1 1' "${made%%:*}: and so does what follows in the pipe" "cat $tmp/made.trs" kernel-classify group-by-op
	same "${made%%:*}: no table" /dev/null "$tmp/out"
done
for made in events-more events-less; do
	make $made
	for p in group-by-op trace-dump trace-info; do
		status 1 "$made in the end mark than came: $p refuses it" $p "$tmp/made.trs"
		one_message $p 'events|records' && ! grep -q -e '^op' -e '^key' -e '"end"' "$tmp/out"
		result $? "$made: says so, and gives no result" "$tmp/out" "$tmp/err"
	done
done
make only-end
status 0 'a stream of nothing but its end mark is whole' group-by-op "$tmp/made.trs" --by name

group-by-op "$tmp/tiny.trs" >"$tmp/tiny.table"
trace-dump "$tmp/tiny.trs" >"$tmp/tiny.dump"
# unknowns FILE: frames of unknown types in it
unknowns() { python3 -c '
import sys; sys.path.insert(0, "t"); import flips
print(sum(kind > 9 or kind == 1 and flips.struct.unpack_from("<B", data, at + 2)[0] > 3
    for data in [open(sys.argv[1], "rb").read()] for at, kind, _ in flips.frames(data)))' "$1"; }
for made in unknown-keep unknown-drop unknown-large unknown-empty unknown-role; do
	make $made
	status 0 "$made: group-by-op skips it" group-by-op "$tmp/made.trs"
	same "$made: the same table" "$tmp/tiny.table" "$tmp/out"
	status 0 "$made: trace-dump skips it" trace-dump "$tmp/made.trs"
	same "$made: the same records" "$tmp/tiny.dump" "$tmp/out"
	status 0 "$made: kernel-classify" kernel-classify -o "$tmp/next.trs" "$tmp/made.trs"
	case $made in unknown-drop) expected=0 ;; *) expected=$(unknowns "$tmp/made.trs") ;; esac
	came=$(unknowns "$tmp/next.trs")
	echo "$came of $expected came through" >"$tmp/why"
	[ "$came" = "$expected" ]
	result $? "$made: handed on if KEEP is set, else dropped" "$tmp/why"
	status 0 "$made: what follows" group-by-op "$tmp/next.trs"
	same "$made: has the same table" "$tmp/tiny.table" "$tmp/out"
done
make unknown-kind
status 0 'records of an unknown kind: group-by-op counts them' group-by-op "$tmp/made.trs"
same 'and shows the same table' "$tmp/tiny.table" "$tmp/out"
pipe '0 0' 'also behind a filter' "kernel-classify $tmp/made.trs" group-by-op
same 'and shows the same table' "$tmp/tiny.table" "$tmp/out"

# Links ------------------------------------------------------------------------------------------

cat >"$tmp/links" <<'EOF'
{"meta":{"keys":["cpu_op","stack"]}}
{"meta":{"rank":0}}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":1,"dur_ns":2,"rank":0,"op":"GEMM","category":"C","library":"l","link":{"launch":"go","forward_module":"M","phase":"decode","layer":"1","stack":["python:f","cpu_op:aten::mm","runtime:go"],"launched":true},"instance":3}
{"ph":"X","cat":"kernel","name":"relu","ts_ns":4,"dur_ns":5,"rank":0,"link":{"launch":"go","stack":["python:f","runtime:go"]}}
{"end":{"status":0,"events":2,"lost":0}}
EOF
trace-load "$tmp/links" >"$tmp/links.trs"
mv "$tmp/tiny.trs" "$tmp/whole.trs"
cp "$tmp/links.trs" "$tmp/tiny.trs"
for made in 'stack-in-itself:not sent' 'stack-in-a-later-one:not sent' 'stack-in-nothing:not sent' 'stack-without-its-name:not sent' \
	'stack-rows:do not fit' 'link-without-its-launch:not sent' 'link-without-its-forward-module:not sent' 'link-without-its-stack:not sent' \
	'link-without-its-phase:not sent' 'link-without-its-layer:not sent' 'link-rows:do not fit' 'record-without-its-link:not sent' \
	'record-with-a-huge-link:not sent' 'record-with-link-0:not sent' 'record-rows:do not fit'; do
	make "${made%%:*}"
	for p in group-by-op trace-dump trace-info; do
		case $made,$p in record*,group-by-op | record*,trace-info) continue ;; esac # they want no columns
		refuses 1 "^$p: .*byte [0-9]*: .*${made#*:}" "${made%%:*}: $p refuses it" $p -o "$tmp/none" "$tmp/made.trs"
	done
	pipe '0 1' "${made%%:*}: and so does what follows a filter" "kernel-classify $tmp/made.trs" "trace-dump -o $tmp/none"
	status 1 "${made%%:*}: t/decode.py as well" t/decode.py "$tmp/made.trs"
done
ok 'no result anywhere' test ! -e "$tmp/none"
mv "$tmp/whole.trs" "$tmp/tiny.trs"

# A writer that dies -----------------------------------------------------------------------------

python3 -c 'print("[" + ",\n".join("{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"k%d\",\"ts\":%d,\"dur\":1}" % (i % 99, i) for i in range(60000)))' >"$tmp/long.json"
# parse_killed: trace-parse, killed with -9 when some of its records have come through
parse_killed() {
	exec 3<&0
	trace-parse <&3 3<&- &
	exec 3<&-
	until [ -s "$tmp/half.trs" ] || ! kill -0 $!; do sleep 0.02; done
	kill -9 $!
	wait $!
	code=$?
	: >"$tmp/killed"
	return $code
}
for sink in group-by-op "trace-dump -o $tmp/x"; do
	rm -f "$tmp/half.trs" "$tmp/killed"
	pipe '0 137 1 1' "trace-parse is killed: kernel-classify and $sink fail" "cat $tmp/long.json; until [ -e $tmp/killed ]; do sleep 0.02; done" \
		parse_killed "tee $tmp/half.trs | kernel-classify" "$sink"
	same "$sink: prints nothing" /dev/null "$tmp/out"
	[ "$(cat "$tmp/err.3" "$tmp/err.4" | wc -l)" = 2 ] && [ ! -e "$tmp/x" ]
	result $? "$sink: each says so in one line" "$tmp/err"
done
for sink in trace-dump trace-info 'kernel-classify --explain'; do
	refuses 1 'end mark|cut' "what had come is no stream for $sink" $sink "$tmp/half.trs"
done
kernel-classify "$tmp/half.trs" >"$tmp/next.trs" 2>"$tmp/err"
result $(($? != 1)) 'kernel-classify writes no end mark then' "$tmp/err"
refuses 1 'end mark|cut' 'so that the next program knows' group-by-op "$tmp/next.trs"
status 1 'and no file with -o' kernel-classify -o "$tmp/none.trs" "$tmp/half.trs"
ok 'none at all' test ! -e "$tmp/none.trs"

# Status 3 ---------------------------------------------------------------------------------------

head -c 350 "$tmp/tiny.json" >"$tmp/cut.json"
P="trace-parse $tmp/cut.json"
pipe '3 3 3' 'a damaged trace: all exit 3' "$P" kernel-classify 'group-by-op --no-header'
[ "$(wc -l <"$tmp/out")" = 1 ]
result $? 'and there is a table' "$tmp/out"
grep -q "^trace-parse: $tmp/cut.json: byte [0-9]*: .*2 .*kept, 1 lost" "$tmp/err.1"
result $? 'standard error names file, byte, kept and lost' "$tmp/err.1"
for sink in trace-dump trace-info 'kernel-classify --explain'; do
	pipe '3 3 3' "and $sink" "$P" kernel-classify "$sink"
done
pipe '3 3' 'trace-dump' "$P" trace-dump
[ "$(tail -n 1 "$tmp/out")" = '{"end":{"status":3,"events":2,"lost":1}}' ]
result $? 'says so in its end line' "$tmp/out"
pipe '3 3 3 3' 'which trace-load carries on' "$P" trace-dump trace-load group-by-op\ --by\ name
pipe '0 0 0' '--partial-ok on the first' "$P --partial-ok" kernel-classify group-by-op
pipe '3 0 0' '--partial-ok on the second' "$P" 'kernel-classify --partial-ok' group-by-op
pipe '3 3 0' '--partial-ok on the last' "$P" kernel-classify 'group-by-op --partial-ok'
pipe '3 0 0 0' '--partial-ok on trace-dump' "$P" 'trace-dump --partial-ok' trace-load trace-dump
[ "$(tail -n 1 "$tmp/out")" = '{"end":{"status":0,"events":2,"lost":1}}' ]
result $? 'the loss is still told' "$tmp/out"
pipe '3 3 0 0' '--partial-ok on trace-load' "$P" trace-dump 'trace-load --partial-ok' trace-dump
pipe '1 1 1' '--strict on the first' "$P --strict" kernel-classify group-by-op
same 'no result' /dev/null "$tmp/out"
pipe '3 1 1' '--strict on the second' "$P" 'kernel-classify --strict' group-by-op
same 'no result' /dev/null "$tmp/out"
for sink in group-by-op trace-dump trace-info 'kernel-classify --explain'; do
	pipe '3 3 1' "--strict on $sink" "$P" kernel-classify "$sink --strict"
	same "$sink: no result" /dev/null "$tmp/out"
	[ "$(wc -l <"$tmp/err.3")" = 1 ]
	result $? "$sink: says why" "$tmp/err.3"
	pipe '3 3 1' "--strict -o on $sink" "$P" kernel-classify "$sink --strict -o $tmp/none"
	ok "$sink: no file" test ! -e "$tmp/none"
done
pipe '3 3 1 1' '--strict on trace-load' "$P" trace-dump 'trace-load --strict' group-by-op
pipe '1' '--strict -o on trace-parse' "$P --strict -o $tmp/none"
ok 'no file' test ! -e "$tmp/none"
pipe '3 1' '--strict -o on kernel-classify' "$P" "kernel-classify --strict -o $tmp/none"
ok 'no file' test ! -e "$tmp/none"
pipe '3 3 3' 'a damaged trace that is labelled twice' "$P" kernel-classify kernel-classify
pipe '0 0 0' '--partial-ok and --strict where all is whole' "trace-parse --strict $tmp/tiny.json" 'kernel-classify --strict' 'group-by-op --partial-ok'
same 'the same table' "$tmp/tiny.table" "$tmp/out"

trace-parse -q "$tmp/cut.json" >"$tmp/cut.trs" 2>/dev/null
status 3 'of several inputs one is incomplete' group-by-op --by name "$tmp/tiny.trs" "$tmp/cut.trs"
status 3 'in any order' group-by-op --by name "$tmp/cut.trs" "$tmp/tiny.trs"
status 0 'with --partial-ok' group-by-op --partial-ok --by name "$tmp/cut.trs" "$tmp/tiny.trs"
refuses 1 'strict' 'with --strict' group-by-op --strict --by name "$tmp/cut.trs" "$tmp/tiny.trs"
head -c 900 "$tmp/tiny.trs" >"$tmp/torn.trs"
refuses 1 'end mark' 'of several inputs one that failed is worse' group-by-op -q --by name "$tmp/cut.trs" "$tmp/torn.trs" "$tmp/tiny.trs"
status 3 'of several traces one is incomplete' trace-parse -o "$tmp/x.trs" "$tmp/tiny.json" "$tmp/cut.json"
status 3 'and so is what follows' group-by-op --by name "$tmp/x.trs"
done_testing
