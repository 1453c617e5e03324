#!/bin/sh
# shellcheck disable=SC1003,SC2016,SC2086 # single quotes are for the sh that is called; words of options
# trace-cut: what stays, against t/cut.py over the text of trace-dump and by hand; launch partners,
# counts, tables of contents, links; wrong use, statuses, pipes.
. t/lib.sh
shared=${TRS_SHARED:-../shared}/traces

# names FILE: the names of the records of a stream, in order, on one line
names() { trace-dump -q "$1" | sed -n 's/^{"ph".*"name":"\([^"]*\)".*/\1/p' | tr '\n' ' '; }
# stays 'NAMES' SENTENCE OPTION... FILE: trace-cut exits 0 and leaves records with these names
stays() {
	left=$1 sentence=$2
	shift 2
	trace-cut -q "$@" >"$tmp/cut.trs" 2>"$tmp/err"
	code=$?
	got=$(names "$tmp/cut.trs")
	echo "$* exits $code and leaves: $got" >"$tmp/why"
	[ $code = 0 ] && [ "$got" = "${left:+$left }" ]
	result $? "$sentence: $left" "$tmp/why" "$tmp/err"
}
# agrees FILE 'OPTIONS' ['OPTIONS OF cut.py']: what stays is what Python says, in a stream that is right
agrees() {
	trace-cut -q $2 "$1" >"$tmp/cut.trs" 2>"$tmp/err" && trace-dump -q "$tmp/cut.trs" >"$tmp/dump" 2>>"$tmp/err"
	code=$?
	grep '^{"ph"' "$tmp/dump" | LC_ALL=C sort >"$tmp/got"
	trace-dump -q "$1" 2>/dev/null | t/cut.py ${3:-$2} >"$tmp/want" 2>>"$tmp/err" && [ $code = "${4:-0}" ] && diff -a "$tmp/want" "$tmp/got" >"$tmp/diff"
	result $? "$(wc -l <"$tmp/want") records of ${1##*/} stay: $2" "$tmp/err" "$tmp/diff"
}

# By hand ----------------------------------------------------------------------------------------

# Process names have times before all else, which do not count. From 1000: op 0..100, in it call
# 10..20 of correlation 1 and late 30..35 of 2; kernel gemm 40..60 of 1 with its flow; copy 60..70 of 2;
# mark at 60; a counter at 100; a call without GPU work.
cat >"$tmp/one.json" <<'END'
{"distributedInfo":{"rank":3},"baseTimeNanoseconds":1000,"traceEvents":[
{"ph":"M","name":"process_name","pid":1,"tid":0,"ts":5,"args":{"name":"python"}},
{"ph":"X","cat":"cpu_op","name":"op","pid":1,"tid":1,"ts":1000,"dur":100,"args":{"External id":9,"x":[1]}},
{"ph":"X","cat":"cuda_runtime","name":"call","pid":1,"tid":1,"ts":1010,"dur":10,"args":{"correlation":1}},
{"ph":"s","cat":"ac2g","id":1,"name":"flow","pid":1,"tid":1,"ts":1010},
{"ph":"f","cat":"ac2g","id":1,"name":"flow","pid":0,"tid":7,"ts":1040,"bp":"e"},
{"ph":"s","cat":"fwdbwd","id":1,"name":"bwd","pid":1,"tid":1,"ts":1010},
{"ph":"X","cat":"cuda_runtime","name":"late","pid":1,"tid":2,"ts":1030,"dur":5,"args":{"correlation":2}},
{"ph":"X","cat":"cuda_runtime","name":"idle","pid":1,"tid":2,"ts":1036,"dur":1,"args":{"correlation":3}},
{"ph":"X","cat":"kernel","name":"gemm","pid":0,"tid":7,"ts":1040,"dur":20,"args":{"device":0,"stream":7,"correlation":1,"grid":[1]}},
{"ph":"X","cat":"gpu_memcpy","name":"copy","pid":0,"tid":7,"ts":1060,"dur":10,"args":{"stream":7,"correlation":2,"bytes":5}},
{"ph":"i","name":"mark","pid":1,"tid":1,"ts":1060,"s":"t"},
{"ph":"C","name":"memory","pid":1,"ts":1100,"args":{"x":1}}]}
END
trace-parse --args "$tmp/one.json" >"$tmp/one.trs"
one=$tmp/one.trs
stays 'gemm copy op call late idle flow flow bwd memory mark process_name' 'nothing asked' "$one"
trace-dump "$one" >"$tmp/want"
trace-dump "$tmp/cut.trs" >"$tmp/got"
same 'all of it, as it was' "$tmp/want" "$tmp/got"
stays 'op call flow bwd process_name' 'what begins where the range ends is outside' --time ..30 "$one"
stays 'op late process_name' 'and what ends where it begins' --time 20..36 "$one"
stays 'copy op late mark process_name' 'what takes no time is at its start; launches stay' --time 60us..0.061ms "$one"
stays 'memory process_name' 'an end that is left out' --time 100000ns.. "$one"
stays 'memory process_name' 'the rest' --time 0..100 --invert "$one"
stays 'gemm call flow flow' 'two conditions: both' --time 37..60 --cat kernel "$one"
stays 'gemm op call flow flow' 'so long or longer' --min-dur 20 "$one"
stays 'op' 'longer' --min-dur 20001ns "$one"
stays 'gemm copy op call late flow flow' 'in another unit' --min-dur 0.01ms "$one"
stays 'gemm copy call late flow flow' 'categories' --cat kernel,gpu_memcpy "$one"
stays 'memory mark process_name' 'no category' --cat '(none)' "$one"
stays '' 'categories are exactly as spelled' --cat Kernel,kern "$one"
stays 'gemm call flow flow mark' 'a pattern' --name 'GE|?ark' "$one"
stays 'late idle mark' 'with all that rules have' --name 'l*e&!\&|mark' --tid 1,2 "$one"
stays 'gemm copy call late flow flow' 'a process' --pid 0 "$one"
stays 'late idle' 'a thread' --tid 2 "$one"
stays 'memory' 'no thread' --tid '(none)' "$one"
stays 'gemm copy op call late idle flow flow bwd memory mark process_name' 'a rank' --rank 3,4 "$one"
stays '' 'another one' --rank 0 "$one"
stays 'op flow flow bwd memory mark process_name' 'the rest, without GPU activity and calls' --invert --cat kernel,gpu_memcpy,cuda_runtime "$one"
stays 'gemm copy call late idle flow flow bwd memory mark process_name' 'the rest, and launches' --invert --cat cpu_op "$one"
trace-cut --rank 0 "$one" >"$tmp/cut.trs" 2>"$tmp/err"
one_message trace-cut 'none of 12 records matches'
result $? 'a note where nothing is left' "$tmp/err"
prints 0 'and a stream that says what the trace said' trace-dump "$tmp/cut.trs" <<'END'
{"meta":{"rank":3}}
{"meta":{"rank":3,"distributedInfo":{"rank": 3}}}
{"meta":{"rank":3,"baseTimeNanoseconds":1000}}
{"meta":{"rank":3,"format":"chrome"}}
{"end":{"status":0,"events":0,"lost":0}}
END

# External ids where there is no correlation; ids are of their part; clocks ------------------------

cat >"$tmp/old.json" <<'END'
[{"ph":"X","cat":"Runtime","name":"call","pid":1,"tid":1,"ts":10,"dur":10,"args":{"External id":4}},
{"ph":"X","cat":"Runtime","name":"other","pid":1,"tid":1,"ts":30,"dur":10,"args":{"External id":0}},
{"ph":"X","cat":"Kernel","name":"k","pid":0,"tid":7,"ts":12,"dur":10,"args":{"External id":4}},
{"ph":"X","cat":"Kernel","name":"l","pid":0,"tid":7,"ts":32,"dur":10,"args":{"External id":0}}]
END
trace-parse "$tmp/old.json" >"$tmp/old.trs"
stays 'k l call' 'launches by external id' --cat Kernel "$tmp/old.trs"
sed 's/"ts":1/"ts":21/g; s/"rank":3/"rank":7/' "$tmp/one.json" >"$tmp/two.json"
sed 's/"baseTimeNanoseconds":1000/"baseTimeNanoseconds":0/' "$tmp/two.json" >"$tmp/three.json"
trace-parse -q --args "$tmp/one.json" "$tmp/two.json" "$tmp/two.json" "$tmp/three.json" "$tmp/old.json" >"$tmp/many.trs"
stays 'op call flow bwd process_name process_name process_name op call flow bwd process_name k l call other' 'parts with one clock begin together' --time ..30 "$tmp/many.trs"
for options in '--rank 3' '--rank 7' '--rank 7#2' '--rank 7#3,4' '--rank 3,4 --cat (none)' '--rank 7#2 --cat kernel' '--cat cuda_runtime --invert'; do
	agrees "$tmp/many.trs" "$options"
done
agrees "$tmp/many.trs" '--time 20ms..20.06ms' '--time 20000000..20060000'
agrees "$tmp/many.trs" '--time -1..1 --invert' '--time -1000..1000 --invert'

# Many frames, args, names that start anew ---------------------------------------------------------

python3 -c '
import json
events = []
for i in range(30000):
    events.append({"ph": "X", "cat": "cpu_op", "name": "op %d " % (i // 2) + "n" * 400, "pid": i % 5, "tid": i % 700, "ts": 10 * i, "dur": i % 40, "args": {"External id": i}})
    events.append({"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": i % 5, "tid": i % 700, "ts": 10 * i + 1, "dur": 2, "args": {"correlation": 2**63 + i, "x": "a" * (i % 50)}})
    if i % 3 == 0:
        events.append({"ph": "X", "cat": "kernel", "name": "k%d" % (i % 1000), "pid": 0, "tid": 7, "ts": 10 * i + 5, "dur": i % 100 / 10, "args": {"stream": i % 9, "correlation": 2**63 + i // 2}})
print(json.dumps({"traceEvents": events}))' >"$tmp/large.json"
trace-parse --args --index off "$tmp/large.json" | kernel-classify >"$tmp/large.trs"
for options in '' '--name 9' '--cat kernel' '--tid 7,100,699' '--name K77*&!x' '--cat cpu_op --pid 3 --invert'; do
	agrees "$tmp/large.trs" "$options" "$(echo "$options" | sed 's/K77\*&!x/k77/')"
	ok 'and right by FORMAT.md' t/decode.py "$tmp/cut.trs"
done
agrees "$tmp/large.trs" '--time 100ms..150ms' '--time 100000000..150000000'

# A table of contents ------------------------------------------------------------------------------

# types FILE: the types of its frames, in order
types() {
	python3 -c '
import sys; sys.path.insert(0, "t")
from linkstream import frames
print(" ".join("%d.%d" % f[:2] for f in frames(open(sys.argv[1], "rb").read())))' "$1"
}
if trace-parse -q --index rebuild -o "$tmp/x.trs" "$tmp/large.json"; then
	trace-parse --index require "$tmp/large.json" | kernel-classify >"$tmp/indexed.trs"
	for options in '' '--cat kernel' '--cat cpu_op' '--name k77' '--rank 7'; do
		agrees "$tmp/indexed.trs" "$options"
		ok 'and right by FORMAT.md' t/decode.py "$tmp/cut.trs"
		types "$tmp/cut.trs" | tee "$tmp/types" | grep -q '^7.0 6.0 .*8.0 \(.* \)*9.0$'
		result $? 'with a table of contents, as its input' "$tmp/types"
	done
	trace-cut --cat kernel,cpu_op "$tmp/indexed.trs" >"$tmp/cut.trs"
	group-by-op "$tmp/cut.trs" >"$tmp/want"
	head -c $(($(stat -c %s "$tmp/cut.trs") / 2)) "$tmp/cut.trs" >"$tmp/half.trs"
	pipe '0 0' 'so that a sink need not read all' "cat $tmp/half.trs; sleep 1" group-by-op
	same 'and is right' "$tmp/want" "$tmp/out"
	pipe '0 0 0' 'also behind it' "cat $tmp/indexed.trs" 'trace-cut --cat kernel,cpu_op' 'group-by-op'
	same 'the same' "$tmp/want" "$tmp/out"
	pipe '0 0 0' 'a reader that goes away has all it wants' "cat $tmp/indexed.trs" 'trace-cut' 'head -c 40000 >/dev/null'
fi
pipe '0 141 0' 'a reader that goes away without one' "cat $tmp/large.trs" trace-cut 'head -c 100 >/dev/null'

# Links ------------------------------------------------------------------------------------------

for in in one large many; do
	t/linkstream.py make "$tmp/$in.trs" >"$tmp/linked.trs"
	for options in '' '--phase decode' '--phase unknown --step 1' '--step (none)' '--phase prefill --invert' '--cat kernel --phase unknown'; do
		status 0 "$in: $options" trace-cut -q $options "$tmp/linked.trs"
		t/linkstream.py show "$tmp/out" >"$tmp/got"
		t/linkstream.py show "$tmp/linked.trs" | case $options in
		'--phase decode') grep ' | decode | ' ;;
		'--phase unknown --step 1') grep ' | None | 1 | ' ;;
		'--step (none)') grep ' | - | ' ;;
		'--phase prefill --invert') grep -v ' | prefill | ' ;;
		*unknown) grep -e ' | None | [01] | ' -e ' | - | ' | grep -v 'copy' ;;
		*) cat ;;
		esac >"$tmp/want"
		same "leaves $(wc -l <"$tmp/want") with their links" "$tmp/want" "$tmp/got"
	done
done
for option in phase step; do
	refuses 2 "^trace-cut: --$option needs trace-link before it$" "--$option without links" trace-cut --$option x "$one"
done

# What trace-link links: one phase, one step; and what is left can be linked again.
for f in fixtures/small-kineto.json "$shared"/*vllm*/trace.json.gz "$shared"/mi300-sglang-decode/trace.json.gz; do
	[ -e "$f" ] || continue
	trace-parse -q --index off "$f" >"$tmp/in.trs"
	trace-link "$tmp/in.trs" >"$tmp/linked.trs"
	group-by-op --by phase,step,cpu_op,op --no-header "$tmp/linked.trs" | cut -f 1-6 >"$tmp/groups"
	phase=$(head -n 1 "$tmp/groups" | cut -f 1) step=$(head -n 1 "$tmp/groups" | cut -f 2)
	awk -F '\t' -v p="$phase" -v s="$step" '$1 == p && $2 == s' "$tmp/groups" >"$tmp/want"
	pipe '0 0' "$f: phase $phase, step $step" "trace-cut --phase '$phase' --step '$step' $tmp/linked.trs" 'group-by-op --by phase,step,cpu_op,op --no-header | cut -f 1-6'
	same 'are what group-by-op says' "$tmp/want" "$tmp/out"
	group-by-op --by launch,name "$tmp/linked.trs" >"$tmp/want"
	pipe '0 0 0' 'GPU activity and its launches' "trace-cut --cat kernel,gpu_memcpy,gpu_memset $tmp/in.trs" trace-link 'group-by-op --by launch,name'
	same 'are linked as before' "$tmp/want" "$tmp/out"
done

# Real traces --------------------------------------------------------------------------------------

for name in mi300-normalization h100-bert-small mi300-sglang-decode mtia-inference a100-simple-add v100-ns-resolution; do
	[ -e "$shared/$name/trace.json.gz" ] || continue
	trace-parse -q --index off "$shared/$name/trace.json.gz" >"$tmp/$name.trs"
	agrees "$tmp/$name.trs" '--cat kernel'
	agrees "$tmp/$name.trs" '--time 1ms..20ms' '--time 1000000..20000000'
	agrees "$tmp/$name.trs" '--time ..3ms --cat cuda_runtime,hip_runtime' '--time ..3000000 --cat cuda_runtime,hip_runtime'
	agrees "$tmp/$name.trs" '--name gemm --invert'
	agrees "$tmp/$name.trs" '--min-dur 20us' '--min-dur 20000'
done

# Wrong use ----------------------------------------------------------------------------------------

for time in '' 5 5.6 .. ... x..y 1..x 1m..2m '1 ms..2ms' 5..5 6..5 1ms..10 1...; do
	refuses 2 "'--time'.*'$time'" "--time '$time'" trace-cut --time "$time" "$one"
done
for dur in '' -1 x 5m 1..2 9223372036854775808ns; do
	refuses 2 "'--min-dur' needs a length of time.*not '$dur'" "--min-dur '$dur'" trace-cut --min-dur "$dur" "$one"
done
for name in '' 'a|' '&a' '!' 'a\'; do
	refuses 2 "'--name'" "--name '$name'" trace-cut --name "$name" "$one"
done
for option in cat pid tid rank; do
	refuses 2 "--$option: an empty item in '1,,2'" "--$option 1,,2" trace-cut --$option 1,,2 "$one"
	refuses 2 "--$option: an empty item in ''" "--$option ''" trace-cut --$option '' "$one"
done
refuses 2 'one file at a time, not 2' 'two files' trace-cut "$one" "$one"
stays '' 'a name may have a tab in it' --name "$(printf 'a\tb')" "$one"

# Statuses, and what was lost ----------------------------------------------------------------------

sed 's/,"dur":5,/,"dur":"x",/; s/"ts":1040,"dur":20/"ts":1040/' "$tmp/one.json" >"$tmp/lossy.json"
P="trace-parse -q $tmp/lossy.json"
pipe '3 3 3' 'what was lost before it is told behind it' "$P" 'trace-cut --cat cpu_op' trace-dump
tail -n 1 "$tmp/out" >"$tmp/got"
echo '{"end":{"status":3,"events":1,"lost":2}}' >"$tmp/want"
same 'in the end mark' "$tmp/want" "$tmp/got"
pipe '3 3 3' 'and by category' "$P" 'trace-cut --cat cpu_op' 'trace-info --no-header'
pipe '3 0 0' '--partial-ok' "$P" 'trace-cut --partial-ok' trace-dump
pipe '3 1 1' '--strict' "$P" 'trace-cut --strict' trace-dump
grep -q 'trace-cut: .*--strict' "$tmp/err.2"
result $? 'says why' "$tmp/err"
$P >"$tmp/lossy.trs" 2>/dev/null
refuses 1 'strict' '--strict on a file' trace-cut --strict -o "$tmp/none.trs" "$tmp/lossy.trs"
ok 'and no output' test ! -e "$tmp/none.trs"
status 3 'a file that is incomplete' trace-cut "$tmp/lossy.trs"
cp "$tmp/out" "$tmp/cut.trs"
one_message trace-cut "$tmp/lossy.trs: incomplete: 2 events"
result $? 'is said once' "$tmp/err"
ok 'and right by FORMAT.md' t/decode.py "$tmp/cut.trs"
pipe '1 1 1' 'an input without its end' "head -c 900 $one; false" trace-cut trace-dump
echo more | cat "$tmp/large.trs" - >"$tmp/more.trs"
status 1 'bytes after the end mark' trace-cut "$tmp/more.trs"

# skipped FILE: events that a selection left out, by its end mark
skipped() {
	python3 -c '
import struct, sys; sys.path.insert(0, "t")
from linkstream import frames
print(struct.unpack_from("<4Q", [f for f in frames(open(sys.argv[1], "rb").read())][-1][5])[3])' "$1"
}
trace-parse --cat kernel,cpu_op,cuda_runtime "$tmp/one.json" | trace-cut --cat cpu_op >"$tmp/cut.trs"
[ "$(skipped "$tmp/cut.trs")" = 11 ]
result $? 'what it leaves out counts as skipped, with what was before'

# Pipes and files ------------------------------------------------------------------------------------

trace-cut --cat kernel "$one" >"$tmp/want"
pipe '0 0' 'a pipe' "cat $one" 'trace-cut --cat kernel'
same 'the same' "$tmp/want" "$tmp/out"
status 0 'standard input that is a file' sh -c 'trace-cut --cat kernel - <"$1"' - "$one"
same 'the same' "$tmp/want" "$tmp/out"
mkfifo "$tmp/fifo"
cat "$one" >"$tmp/fifo" &
status 0 'a FIFO with a name' trace-cut --cat kernel "$tmp/fifo"
same 'the same' "$tmp/want" "$tmp/out"
head -c 900 "$one" >"$tmp/fifo" &
refuses 1 "^trace-cut: $tmp/fifo: byte 900: " 'whose name stands in messages' trace-cut -o "$tmp/none.trs" --cat kernel "$tmp/fifo"
for z in gzip zstd; do
	$z -qc "$one" >"$tmp/one.z"
	status 0 "a file that is $z" trace-cut --cat kernel "$tmp/one.z"
	same 'the same' "$tmp/want" "$tmp/out"
	pipe '0 0' "a pipe that is $z" "cat $tmp/one.z" 'trace-cut --cat kernel'
	same 'the same' "$tmp/want" "$tmp/out"
	head -c -3 "$tmp/one.z" >"$tmp/cut.z"
	status 1 "a file that is $z and cut" trace-cut --cat kernel "$tmp/cut.z"
	pipe '0 1 1' "a pipe that is $z and cut" "cat $tmp/cut.z" 'trace-cut --cat kernel' trace-dump
done
status 0 'compressed output' trace-cut -o "$tmp/cut.trs.zst" --cat kernel "$one"
zstd -qdc "$tmp/cut.trs.zst" >"$tmp/got"
same 'the same' "$tmp/want" "$tmp/got"
done_testing
