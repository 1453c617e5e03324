#!/bin/sh
# shellcheck disable=SC2086,SC2231 # $emit is words; names of files have no blanks
# trace-emit: files of speedscope, by hand, by their schema, and read back
. t/lib.sh
shared=/work/shared
emit='trace-emit --to speedscope'

# emitted N SENTENCE FILE...: trace-emit exits N and writes what the schema asks for, to $tmp/out
emitted() {
	want=$1 sentence=$2
	shift 2
	status "$want" "$sentence" $emit "$@"
	ok "$sentence: the schema" t/speedscope.py check "$tmp/out"
}

# back FILE [OPTION...]: what trace-emit writes of a stream has the stacks that trace-fold prints of it,
# read by Python and read by prof-parse
back() {
	stream=$1 what=$(basename "$1" .trs)
	shift
	trace-fold -q "$@" "$stream" >"$tmp/folded"
	status 0 "$what" $emit -o "$tmp/emitted.json" "$@" "$stream"
	t/speedscope.py fold "$tmp/emitted.json" >"$tmp/again" 2>&1
	same "$what: its stacks" "$tmp/folded" "$tmp/again"
	prof-parse -q "$tmp/emitted.json" | trace-fold -q >"$tmp/again"
	same "$what: read back by prof-parse" "$tmp/folded" "$tmp/again"
}

# By hand ----------------------------------------------------------------------------------------

# Thread 1: f 0..100; a 10..40, b 20..30 in it; c 35..50 begins in a and outlives it, z within; d
# where c ends. Thread 10, by number behind thread 2: b. The trace begins with an instant at -1.
cat >"$tmp/one.json" <<'END'
{"distributedInfo": {"rank": 3}, "traceEvents": [
{"ph":"X","cat":"cpu_op","name":"b","pid":1,"tid":10,"ts":0,"dur":5},
{"ph":"X","cat":"cpu_op","name":"a","pid":1,"tid":1,"ts":10,"dur":30},
{"ph":"X","cat":"cpu_op","name":"b","pid":1,"tid":1,"ts":20,"dur":10},
{"ph":"X","cat":"cpu_op","name":"c","pid":1,"tid":"1","ts":35,"dur":15.001},
{"ph":"X","cat":"cpu_op","name":"z","pid":1,"tid":1,"ts":36,"dur":0},
{"ph":"X","cat":"cpu_op","name":"d","pid":1,"tid":1,"ts":50.001,"dur":60},
{"ph":"X","cat":"python_function","name":"f","pid":1,"tid":1,"ts":0,"dur":100},
{"ph":"X","cat":"cuda_runtime","name":"launch","pid":1,"tid":1,"ts":22,"dur":2},
{"ph":"X","cat":"cpu_op","name":"b","pid":1,"tid":2,"ts":0,"dur":5},
{"ph":"X","cat":"user_annotation","name":"step 1","pid":1,"tid":1,"ts":0,"dur":100.5},
{"ph":"X","cat":"gpu_user_annotation","name":"step 1","pid":0,"tid":7,"ts":0,"dur":500},
{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":30,"dur":7,"args":{"device":0,"stream":7}},
{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":30,"dur":1,"args":{"device":0,"stream":20}},
{"ph":"M","name":"process_name","pid":1,"args":{"name":"python3"}},
{"ph":"M","name":"thread_name","pid":1,"tid":2,"args":{"other":[{"name":1}],"name":"first \"x\""}},
{"ph":"M","name":"thread_name","pid":1,"tid":2,"args":{"name":"ma\u0069n"}},
{"ph":"M","name":"thread_name","pid":1,"tid":10,"args":{"name":7}},
{"ph":"i","cat":"cpu_op","name":"instant","pid":1,"tid":1,"ts":-1}
]}
END
trace-parse -q "$tmp/one.json" >"$tmp/one.trs"
status 0 'threads' $emit "$tmp/one.trs"
ok 'no note' test ! -s "$tmp/err"
prints 0 'are profiles, by number' t/speedscope.py names "$tmp/out" <<'END'
rank 3, pid 1, tid 1
rank 3, pid 1, tid 2
rank 3, pid 1, tid 10
END
prints 0 'of events that are nested, in ns from the beginning of the trace' t/speedscope.py events "$tmp/out" <<'END'
0 O f 1000
0 O a 11000
0 O b 21000
0 O launch 23000
0 C launch 25000
0 C b 31000
0 O c 36000
0 O z 37000
0 C z 37000
0 C c 51001
0 C a 51001
0 O d 51001
0 C d 111001
0 C f 111001
1 O b 1000
1 C b 6000
2 O b 1000
2 C b 6000
END
trace-parse -q --args "$tmp/one.json" | $emit --cat kernel,cpu_op,gpu_user_annotation >"$tmp/out"
prints 0 'names of processes and threads; GPU activity by stream, where it is asked for' t/speedscope.py names "$tmp/out" <<'END'
rank 3, pid 0, tid 7
rank 3, pid 0, tid 7, device 0, stream 7
rank 3, pid 0, tid 7, device 0, stream 20
rank 3, pid 1 (python3), tid 1
rank 3, pid 1 (python3), tid 2 (main)
rank 3, pid 1 (python3), tid 10
END
t/speedscope.py events "$tmp/out" | grep '^[012] ' >"$tmp/gpu"
prints 0 'with its times' cat "$tmp/gpu" <<'END'
0 O step 1 1000
0 C step 1 501000
1 O k 31000
1 C k 38000
2 O k 31000
2 C k 32000
END
$emit "$tmp/one.trs" >"$tmp/want"
ok '-o FILE' $emit -o "$tmp/file.json" "$tmp/one.trs"
same 'the same' "$tmp/want" "$tmp/file.json"
ok 'called by the file' grep -qF "\"name\":\"$tmp/one.trs\"," "$tmp/want"
ok 'and what wrote it' grep -qF "\"exporter\":\"trs $(cat VERSION)\"," "$tmp/want"
trace-parse -q --index rebuild "$tmp/one.json" >"$tmp/two.trs"
trace-parse -q --index require "$tmp/one.json" >"$tmp/two.trs"
mv "$tmp/two.trs" "$tmp/one.trs"
$emit "$tmp/one.trs" >"$tmp/out"
same 'and the same from an index, which has another order' "$tmp/want" "$tmp/out"

# Clocks -----------------------------------------------------------------------------------------

# rank N BASE START: a trace of one operator
rank() { echo "{\"distributedInfo\":{\"rank\":$1},$2\"traceEvents\":[{\"ph\":\"X\",\"cat\":\"cpu_op\",\"name\":\"r$1\",\"pid\":1,\"tid\":1,\"ts\":$3,\"dur\":1}]}" >"$tmp/r$1.json"; }
rank 0 '"baseTimeNanoseconds":1700000000000000000,' 50
rank 1 '"baseTimeNanoseconds":1700000000000020000,' 37
rank 2 '"baseTimeNanoseconds":1699999999999990000,' 55.5
trace-parse -q "$tmp/r0.json" "$tmp/r1.json" "$tmp/r2.json" >"$tmp/ranks.trs"
status 0 'ranks' $emit "$tmp/ranks.trs"
prints 0 'by one clock' t/speedscope.py events "$tmp/out" <<'END'
0 O r0 4500
0 C r0 5500
1 O r1 11500
1 C r1 12500
2 O r2 0
2 C r2 1000
END
trace-intern -q "$tmp/ranks.trs" | $emit >"$tmp/joined"
sed 's/^"name":.*,$/"name":"",/' "$tmp/out" >"$tmp/want"
sed -i 's/^"name":.*,$/"name":"",/' "$tmp/joined"
same 'which trace-intern does not change' "$tmp/want" "$tmp/joined"
rank 1 '' 37
trace-parse -q "$tmp/r0.json" "$tmp/r1.json" >"$tmp/ranks.trs"
status 0 'one without a clock' $emit "$tmp/ranks.trs"
ok 'begins by itself, and that is said' grep -q 'clock stays as it is: rank 1$' "$tmp/err"
prints 0 'at 0' t/speedscope.py events "$tmp/out" <<'END'
0 O r0 0
0 C r0 1000
1 O r1 0
1 C r1 1000
END
rank 0 '"baseTimeNanoseconds":9000000000000000000,' 0
rank 1 '"baseTimeNanoseconds":-9000000000000000000,' 0
trace-parse -q "$tmp/r0.json" "$tmp/r1.json" >"$tmp/ranks.trs"
refuses 1 'too far' 'clocks that are too far from each other' $emit "$tmp/ranks.trs"
emitted 0 'two files' "$tmp/one.trs" "$tmp/one.trs"
ok 'have their threads' sh -c "t/speedscope.py names $tmp/out | sort | uniq -c | grep -c ' 2 rank 3, pid 1, tid' | grep -qx 3"

# Profiles ---------------------------------------------------------------------------------------

cat >"$tmp/stacks" <<'END'
{"meta":{"rank":0,"weight":"ns"}}
{"kind":"stack","name":"leaf","dur_ns":1001,"rank":0,"stack":["main","leaf"]}
{"kind":"stack","name":"main","dur_ns":7,"rank":0,"stack":["main"]}
{"kind":"stack","name":"leaf","dur_ns":2000,"rank":0,"stack":["main","leaf"]}
{"kind":"stack","name":"x","dur_ns":0,"rank":0,"stack":["x"]}
{"kind":"stack","name":"p","dur_ns":3,"rank":0,"stack":["/a b.py:12(f(1))","b.py:007(f)","b.py:3(<lambda>)",":3(f)","c:9999999999(f)","d:1(e",null]}
{"end":{}}
END
trace-load "$tmp/stacks" >"$tmp/s.trs"
status 0 'stacks' $emit "$tmp/s.trs"
prints 0 'are samples with their weights' t/speedscope.py events "$tmp/out" <<'END'
0 7 main
0 3001 main;leaf
0 3 /a b.py:12(f(1));b.py:007(f);b.py:3(<lambda>);:3(f);c:9999999999(f);d:1(e;(unnamed)
END
ok 'in nanoseconds' grep -q '"sampled","name":"profile","unit":"nanoseconds"' "$tmp/out"
ok 'functions with file and line' grep -qF '{"name":"f(1)","file":"/a b.py","line":12}' "$tmp/out"
ok 'where these are such' grep -qF '{"name":"b.py:007(f)"}' "$tmp/out"
back "$tmp/s.trs"
for weight in samples bytes; do
	printf '{"meta":{"rank":0,"weight":"%s"}}\n{"kind":"stack","name":"b","dur_ns":120000,"rank":0,"stack":["a","b"]}\n{"end":{}}\n' $weight | trace-load >"$tmp/$weight.trs"
	back "$tmp/$weight.trs"
	echo '0 120 a;b' >"$tmp/want"
	t/speedscope.py events "$tmp/emitted.json" >"$tmp/got"
	same "$weight are whole" "$tmp/want" "$tmp/got"
	refuses 1 'several kinds' 'and are not added to nanoseconds' $emit "$tmp/$weight.trs" "$tmp/s.trs"
done
ok 'bytes are bytes' grep -q '"unit":"bytes"' "$tmp/emitted.json"
printf '{"meta":{"rank":0,"weight":"samples"}}\n{"kind":"stack","name":"b","dur_ns":1250,"rank":0,"stack":["a","b"]}\n{"end":{}}\n' | trace-load >"$tmp/half.trs"
emitted 0 'parts of samples' "$tmp/half.trs"
cp "$tmp/out" "$tmp/emitted.json"
ok 'are not lost' grep -qF '"weights":[1.25],' "$tmp/emitted.json"
pipe '0 0' 'nor when they are read back' "prof-parse $tmp/emitted.json" 'trace-fold -q'
ok 'with their thousandths' grep -qx 'a;b 1250' "$tmp/out"
ok 'samples have no unit' grep -q '"unit":"none"' "$tmp/emitted.json"

prof-parse -q fixtures/prof/sim.prof >"$tmp/sim.trs"
emitted 0 'totals' "$tmp/sim.trs"
one_message trace-emit 'approximated: a profile of totals'
result $? 'are said to be approximated' "$tmp/err"
ok 'in the file too' grep -qF '"name":"profile (approximated from callers)"' "$tmp/out"
status 0 'not with -q' $emit -q "$tmp/sim.trs"
ok 'no note' test ! -s "$tmp/err"
for file in fixtures/prof/*.prof fixtures/prof/yappi.*; do
	prof-parse -q "$file" >"$tmp/$(basename "$file").trs" 2>/dev/null || continue
	back "$tmp/$(basename "$file").trs"
done
refuses 1 'both events and a profile' 'a profile and a trace' $emit "$tmp/one.trs" "$tmp/s.trs"
refuses 1 'both events and a profile' 'the other way round' $emit "$tmp/s.trs" "$tmp/one.trs"
refuses 1 'totals and one of stacks' 'totals and stacks' $emit "$tmp/sim.trs" "$tmp/s.trs"

# Read back --------------------------------------------------------------------------------------

# Events at random that nest, cross, touch, start together, last no time.
python3 - "$tmp" <<'END'
import json, random, sys
random.seed(12)
events = [{"ph": "X", "cat": random.choice(["python_function", "cpu_op", "cuda_runtime", "kernel"]), "name": random.choice("fgh") * random.randrange(1, 4),
           "pid": 1, "tid": random.randrange(4), "ts": random.randrange(3000) / 1000,
           "dur": random.choice([0, random.randrange(5), random.randrange(60), random.randrange(900)]) / 1000} for i in range(4000)]
json.dump({"traceEvents": events}, open(sys.argv[1] + "/random.json", "w"))
END
cat >"$tmp/absurd.json" <<'END'
[{"ph":"X","cat":"cpu_op","name":"all","pid":1,"tid":1,"ts":-9000000000000000,"dur":9000000000000000},
{"ph":"X","cat":"cpu_op","name":"all","pid":1,"tid":1,"ts":0,"dur":9223372036854775},
{"ph":"X","cat":"cpu_op","name":"late","pid":1,"tid":1,"ts":9000000000000000,"dur":223372036854775.8}]
END
python3 -c 'print("[" + ",".join("{\"ph\":\"X\",\"cat\":\"cpu_op\",\"name\":\"f\",\"pid\":1,\"tid\":1,\"ts\":1,\"dur\":3}" for i in range(20000)) + "]")' >"$tmp/deep.json"
for file in fixtures/small-kineto.json fixtures/small-amd.json fixtures/small-rocprofv3-two.json "$tmp/random.json" "$tmp/deep.json"; do
	trace-parse -q "$file" >"$tmp/$(basename "$file").trs"
	back "$tmp/$(basename "$file").trs"
done
back "$tmp/random.json.trs" --cat kernel,cpu_op
trace-parse -q "$tmp/absurd.json" >"$tmp/absurd.trs"
status 0 'more time than 64 bits have' $emit "$tmp/absurd.trs"
trace-fold "$tmp/absurd.trs" >"$tmp/want"
t/speedscope.py fold "$tmp/out" >"$tmp/got"
same 'is all there' "$tmp/want" "$tmp/got"

if [ -d $shared/profiles ]; then
	for file in $shared/profiles/stackcollapse/*[!s].txt $shared/profiles/speedscope/0*/* $shared/profiles/callgrind/*; do
		prof-parse -q "$file" >"$tmp/$(basename "$file").trs" 2>/dev/null
		back "$tmp/$(basename "$file").trs"
	done
else
	result 0 "# SKIP no real profiles in $shared"
fi
if [ -d $shared/traces ]; then
	for name in mi300-sglang-decode rank0-sampled mtia-inference; do
		trace-parse -q "$shared/traces/$name/trace.json.gz" >"$tmp/$name.trs"
		back "$tmp/$name.trs"
	done
else
	result 0 "# SKIP no real traces in $shared"
fi

# Names ------------------------------------------------------------------------------------------

printf '[{"ph":"X","cat":"cpu_op","name":"\\u0000a\377\\u001b\\"\\\\;\\ud800\342\200\256","pid":"\377\\"","tid":"\\u0000","ts":0,"dur":1},{"ph":"X","cat":"cpu_op","name":"","pid":1,"ts":0,"dur":1}]' | trace-parse -q >"$tmp/odd.trs"
emitted 0 'any names' "$tmp/odd.trs"
ok 'are valid JSON, in which U+FFFD stands for what is no text' python3 -c '
import json, sys
text = open(sys.argv[1], "rb").read()
doc = json.loads(text.decode("utf-8"))
assert not any(c < 32 and c != 10 for c in text)
names = {f["name"].replace("\ufffd" * 3, "\ufffd") for f in doc["shared"]["frames"]}
assert names == {"\0a\ufffd\x1b\"\\;\ufffd\u202e", "(unnamed)"}, names
assert {p["name"] for p in doc["profiles"]} == {"rank 0, pid 1", "rank 0, pid \ufffd\", tid \0"}' "$tmp/out"

# Nothing, damage, wrong use ---------------------------------------------------------------------

echo '{"traceEvents":[]}' | trace-parse >"$tmp/none.trs"
emitted 0 'nothing' "$tmp/none.trs"
cp "$tmp/out" "$tmp/nothing.json"
one_message trace-emit '^trace-emit: nothing to emit: no host events; no events$'
result $? 'is said' "$tmp/err"
pipe '0 0' 'and can be read' "prof-parse $tmp/nothing.json" 'trace-fold -q'
ok 'as nothing' test ! -s "$tmp/out"
emitted 0 'nothing of a category' --cat nix "$tmp/one.trs"
one_message trace-emit '^trace-emit: nothing to emit: no events of category nix; categories seen: '
result $? 'is said too' "$tmp/err"
trace-parse --gpu -q "$tmp/one.json" >"$tmp/gpu.trs"
emitted 0 'GPU activity alone' "$tmp/gpu.trs"
ok 'is nothing unless it is asked for' grep -q 'no host events; categories seen: kernel 2' "$tmp/err"

{ head -n 3 "$tmp/one.json"; printf '{"ph":"X","cat":"cpu_'; } >"$tmp/cut.json"
trace-parse -q "$tmp/cut.json" >"$tmp/cut.trs" 2>/dev/null
emitted 3 'an incomplete stream' "$tmp/cut.trs"
emitted 0 'with --partial-ok' --partial-ok "$tmp/cut.trs"
refuses 1 'incomplete, and --strict' 'with --strict' $emit --strict "$tmp/one.trs" "$tmp/cut.trs"
head -c 700 "$tmp/one.trs" >"$tmp/torn.trs"
refuses 1 'end mark|ends' 'a torn one behind a good one' $emit "$tmp/one.trs" "$tmp/torn.trs"
status 1 'and with -o' $emit -o "$tmp/never" "$tmp/one.trs" "$tmp/torn.trs"
ok 'leaves nothing behind' test ! -e "$tmp/never"
refuses 1 'did you mean: trace-parse' 'a trace that was not parsed' $emit "$tmp/one.json"
refuses 1 'No such file' 'no such file' $emit "$tmp/missing"
if [ -e /dev/full ]; then
	refuses 1 'No space left' 'a full disk' sh -c "exec trace-emit --to speedscope $tmp/sim.trs -q 2>&1 >/dev/full | sed 's/^trace-emit/sh/' >&2; trace-emit --to speedscope -q $tmp/sim.trs >/dev/full 2>&1"
fi
says 2 'trace-emit: for which viewer? give --to; known are speedscope' trace-emit "$tmp/one.trs"
says 2 "trace-emit: unknown format 'perfetto'; known are speedscope" trace-emit --to perfetto "$tmp/one.trs"
says 2 "trace-emit: --cat: an empty item in 'a,'" $emit --cat a, "$tmp/one.trs"
pipe '141 0' 'a reader that goes away' "$emit $tmp/deep.json.trs" 'head -n 1 >/dev/null'

done_testing
