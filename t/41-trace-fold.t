#!/bin/sh
# shellcheck disable=SC2016,SC2086 # single quotes are for the sh that is called; words of options
# trace-fold: stacks, weights and order against t/fold-oracle.py, by hand where that says more;
# selection, names, statuses, notes.
. t/lib.sh
shared=${TRS_SHARED:-../shared}/traces

# agrees OPTIONS FILE...: the lines are those of Python
agrees() {
	options=$1
	shift
	t/fold-oracle.py $options "$@" >"$tmp/want" 2>"$tmp/why" &&
		trace-parse -q "$@" 2>"$tmp/err" | trace-fold -q $options >"$tmp/out" 2>>"$tmp/err"
	result $? "runs: $options $*" "$tmp/why" "$tmp/err"
	same "$(wc -l <"$tmp/want") lines: $options $*" "$tmp/want" "$tmp/out"
}

# adds_up OPTIONS FILE: the lines add up to the time that the threads are covered by events
adds_up() {
	t/fold-oracle.py --sum $1 "$2" >"$tmp/want"
	trace-parse -q "$2" | trace-fold -q $1 | python3 -c 'import sys; print(sum(int(l.rsplit(" ", 1)[1]) for l in sys.stdin))' >"$tmp/out"
	same "they add up to $(cat "$tmp/want") ns" "$tmp/want" "$tmp/out"
}

# By hand ----------------------------------------------------------------------------------------

# Thread 1: f 0..100; a 10..40, b 20..30 in it; launch 22..24 in b; c 35..50 begins in a and
# outlives it; instant z. Thread 2: b 0..5. A kernel, an annotation around all of thread 1.
cat >"$tmp/one.json" <<'END'
{"distributedInfo": {"rank": 3}, "traceEvents": [
{"ph":"X","cat":"cpu_op","name":"a","pid":1,"tid":1,"ts":10,"dur":30},
{"ph":"X","cat":"cpu_op","name":"b","pid":1,"tid":1,"ts":20,"dur":10},
{"ph":"X","cat":"cpu_op","name":"c","pid":1,"tid":"1","ts":35,"dur":15.001},
{"ph":"X","cat":"cpu_op","name":"z","pid":1,"tid":1,"ts":36,"dur":0},
{"ph":"X","cat":"python_function","name":"f","pid":1,"tid":1,"ts":0,"dur":100},
{"ph":"X","cat":"cuda_runtime","name":"launch","pid":1,"tid":1,"ts":22,"dur":2},
{"ph":"X","cat":"cpu_op","name":"b","pid":1,"tid":2,"ts":0,"dur":5},
{"ph":"X","cat":"user_annotation","name":"step 1","pid":1,"tid":1,"ts":0,"dur":100.5},
{"ph":"X","cat":"gpu_user_annotation","name":"step 1","pid":1,"tid":1,"ts":0,"dur":500},
{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":30,"dur":7,"args":{"device":0,"stream":7}},
{"ph":"X","cat":"gpu_memcpy","name":"m","pid":0,"tid":7,"ts":40,"dur":1,"args":{"device":0,"stream":7,"bytes":4096}},
{"ph":"X","cat":"gpu_memcpy","name":"m","pid":0,"tid":7,"ts":50,"dur":1,"args":{"device":0,"stream":7,"bytes":"18446744073709551615"}},
{"ph":"X","cat":"gpu_memset","name":"s","pid":0,"tid":7,"ts":60,"dur":1,"args":{"device":0,"stream":7}},
{"ph":"X","name":"loose","pid":1,"tid":1,"ts":5,"dur":0.25},
{"ph":"B","cat":"cpu_op","name":"never ends","pid":1,"tid":1,"ts":6},
{"ph":"i","cat":"cpu_op","name":"instant","pid":1,"tid":1,"ts":5}
]}
END
trace-parse -q "$tmp/one.json" >"$tmp/one.trs"
prints 0 'self times of host events, by the stack' trace-fold "$tmp/one.trs" <<'END'
b 5000
f 59999
f;a 15000
f;a;b 8000
f;a;b;launch 2000
f;a;c 15001
END
prints 0 'from standard input; -o FILE' sh -c 'trace-fold -o "$2" <"$1" && cat "$2"' - "$tmp/one.trs" "$tmp/o" <"$tmp/got"
prints 0 '--weight count: one for each event, of no time too' trace-fold --weight count "$tmp/one.trs" <<'END'
b 1
f 1
f;a 1
f;a;b 1
f;a;b;launch 1
f;a;c 1
f;a;c;z 1
END
prints 0 '--weight bytes: of copies, beyond 64 bits' trace-fold --weight bytes "$tmp/one.trs" <<'END'
m 18446744073709555711
END
prints 0 '--annotations: those of host threads' trace-fold --annotations --root-by tid "$tmp/one.trs" <<'END'
tid=1;step_1 500
tid=1;step_1;f 59999
tid=1;step_1;f;a 15000
tid=1;step_1;f;a;b 8000
tid=1;step_1;f;a;b;launch 2000
tid=1;step_1;f;a;c 15001
tid=2;b 5000
END
prints 0 '--reverse: the leaf first, its own order' trace-fold --reverse --root-by pid "$tmp/one.trs" <<'END'
a;f;pid=1 15000
b;a;f;pid=1 8000
b;pid=1 5000
c;a;f;pid=1 15001
f;pid=1 59999
launch;b;a;f;pid=1 2000
END
prints 0 '--cat: exactly these' trace-fold --cat 'cpu_op,kernel,(none),nix' --root-by rank "$tmp/one.trs" <<'END'
rank=3;a 15000
rank=3;a;b 10000
rank=3;a;c 15001
rank=3;b 5000
rank=3;k 7000
rank=3;loose 250
END
prints 0 '--cat: an annotation of the GPU where it is named' trace-fold --cat gpu_user_annotation "$tmp/one.trs" <<'END'
step_1 500000
END
prints 0 '--leaf self is the default' sh -c 'trace-fold --leaf self --weight dur --root-by none "$1" | head -n 1' - "$tmp/one.trs" <<'END'
b 5000
END

# B and E. Order of lines is that of their bytes, weights in it: `a (1) 1` stands before `a 12`,
# and both before `a;a`.
cat >"$tmp/order.json" <<'END'
[{"ph":"B","cat":"cpu_op","name":"a","pid":1,"tid":1,"ts":1},
{"ph":"B","cat":"cpu_op","name":"a","pid":1,"tid":1,"ts":3},
{"ph":"E","pid":1,"tid":1,"ts":5},
{"ph":"E","pid":1,"tid":1,"ts":9},
{"ph":"X","cat":"cpu_op","name":"a (1)","tid":1,"ts":1,"dur":0.001},
{"ph":"X","cat":"cpu_op","name":"a z","pid":1,"ts":1,"dur":2},
{"ph":"X","cat":"cpu_op","name":"ab","pid":1,"tid":3,"ts":1,"dur":2},
{"ph":"X","cat":"cpu_op","name":"a ","pid":1,"tid":4,"ts":1,"dur":2},
{"ph":"X","cat":"cpu_op","name":"a!","pid":1,"tid":5,"ts":1,"dur":2}]
END
prints 0 'B and E; lines in the order of their bytes' sh -c 'trace-parse "$1" | trace-fold' - "$tmp/order.json" <<'END'
a  2000
a (1) 1
a 6000
a z 2000
a! 2000
a;a 2000
ab 2000
END
prints 0 'no pid, no tid' sh -c 'for key in pid tid; do trace-parse "$1" | trace-fold --root-by $key | grep none; done' - "$tmp/order.json" <<'END'
pid=(none);a (1) 1
tid=(none);a z 2000
END

# Python says the same ---------------------------------------------------------------------------

agrees '' "$tmp/one.json"
agrees '--root-by rank --annotations' "$tmp/one.json" fixtures/small-amd.json fixtures/small-kineto.json "$tmp/one.json"
for file in fixtures/small-kineto.json fixtures/small-amd.json; do
	for options in '' '--weight count' '--weight bytes --root-by pid' '--reverse --annotations' '--cat kernel,cpu_op,gpu_memcpy --root-by tid'; do
		agrees "$options" "$file"
	done
	adds_up --annotations "$file"
done
if [ -d "$shared" ]; then
	for name in b200-eager mi300-vllm-prefill-decode h100-falconsai v100-ns-resolution rank0-sampled mtia-inference; do
		file=$shared/$name/trace.json.gz
		[ -e "$file" ] || continue
		agrees '' "$file"
		adds_up '' "$file"
		agrees '--annotations --reverse --root-by tid' "$file"
		agrees '--weight count --cat kernel,gpu_memcpy,cpu_op,cuda_runtime,user_annotation' "$file"
		agrees '--weight bytes' "$file"
	done
else
	result 0 "# SKIP no real traces in $shared"
fi

# Events at random that nest, cross, touch, start together, last no time; each pair of start and end
# is there once in a thread and kind, so that the order of the file plays no part. In `ties` equal
# ones of several kinds stand in the order in which they nest.
python3 - "$tmp" <<'END'
import json, random, sys
random.seed(11)
cats = ["user_annotation", "python_function", "cpu_op", "cuda_runtime"]
events, taken = [], set()
while len(events) < 4000:
    start = random.randrange(3000)
    dur = random.choice([0, random.randrange(5), random.randrange(60), random.randrange(900)])
    thread = random.randrange(4)
    if (thread, start, dur) in taken:
        continue
    taken.add((thread, start, dur))
    events.append({"ph": "X", "cat": random.choice(cats), "name": random.choice("fgh") * random.randrange(1, 4), "pid": 1,
                   "tid": thread, "ts": start / 1000, "dur": dur / 1000})
def write(name, events):
    json.dump({"traceEvents": events}, open("%s/%s.json" % (sys.argv[1], name), "w"))
write("random", events)
random.shuffle(events)
write("shuffled", events)
write("ties", [dict(e, cat=c, name=c[0] + e["name"]) for e in events[:1000] for c in random.sample(cats, 3)])
END
for name in random ties; do
	agrees '' "$tmp/$name.json"
	agrees '--annotations --root-by tid' "$tmp/$name.json"
	adds_up --annotations "$tmp/$name.json"
	agrees '--reverse --weight count' "$tmp/$name.json"
done
trace-parse "$tmp/random.json" | trace-fold --annotations >"$tmp/want"
trace-parse "$tmp/shuffled.json" | trace-fold --annotations >"$tmp/out"
same 'the order of the file plays no part' "$tmp/want" "$tmp/out"
trace-parse "$tmp/ties.json" | trace-fold --annotations >"$tmp/want"
for how in '-j1' '-j2' '-j5' '--index rebuild' '--index require'; do
	TRS_CHUNK=3000 trace-parse $how "$tmp/ties.json" | trace-fold --annotations >"$tmp/out"
	same "nor how it is read: $how" "$tmp/want" "$tmp/out"
done

# Names ------------------------------------------------------------------------------------------

# Each name is a stack by itself and the end of another. What comes of them by hand, and that
# flamegraph.pl takes each line for one stack and one weight.
cat >"$tmp/names.py" <<'EOF'
import re, subprocess, sys

NAMES = {b"a;b": "a:b", b"a\nb": "a b", b"a\tb\rc": "a b c", b"\x1b[31mred": "\\x1b[31mred", b"\xff\xfe": "\\xff\\xfe", b"caf\xc3\xa9": "café",
         b"cut\xc3": "cut\\xc3", b"\xe2\x80\xaeright": "\\xe2\\x80\\xaeright", b"\x00": "\\x00", b"C:\\dir\\n": "C:\\dir\\n",
         b"epoch 7": "epoch_7", b"epoch 7.5": "epoch_7.5", b"epoch +7": "epoch_+7", b"a 1 2": "a 1_2", b"7": "7", b" 7": "_7", b"7 ": "7 ",
         b"a 1e3": "a 1e3", b"a -7": "a -7", b"": "(unnamed)", b" ": "(unnamed)", b"\n\t": "(unnamed)", b"# x": "# x",
         b"n" * 5000: "n" * 5000, b"x" * 4999 + b";": "x" * 4999 + ":"}
as_json = lambda name: b"".join(b"\\u%04x" % c if c < 32 else b"\\" + bytes([c]) if c in b'"\\' else bytes([c]) for c in name)
events, want = [], {}
for i, (name, shown) in enumerate(NAMES.items()):
    at = b'"ph":"X","cat":"cpu_op","pid":1,"tid":1,"ts":%d' % (10 * i)
    events += [b'{"name":"%s","dur":3,%s}' % (as_json(name), at), b'{"name":"%s","dur":1,%s}' % (as_json(name), at)]
    want[shown], want[shown + ";" + shown] = want.get(shown, 0) + 2000, want.get(shown + ";" + shown, 0) + 1000
events.append(b'{"ph":"X","cat":"cpu_op","pid":1,"tid":1,"ts":9999,"dur":2}')
want["(unnamed)"] += 2000
parse = subprocess.run(["trace-parse"], input=b"[" + b",".join(events) + b"]", capture_output=True)
run = subprocess.run(["trace-fold"], input=parse.stdout, capture_output=True)
assert (parse.returncode, run.returncode, run.stderr) == (0, 0, b""), run
text = run.stdout.decode()      # what we print is UTF-8
lines = text.split("\n")
assert lines.pop() == "" and sorted(lines, key=str.encode) == lines and len(set(lines)) == len(lines)
got = {}
for line in lines:
    m = re.fullmatch(r"(.*)\s+?(\d+(?:\.\d*)?)", line)
    assert m and not re.fullmatch(r"(.*)\s+?(\d+(?:\.\d*)?)", m[1]), "flamegraph.pl sees two weights: %r" % line
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e]", line), line
    assert re.fullmatch(r"(.*)\s+(\d+)", line)[1] == m[1]
    got[m[1]] = int(m[2])
assert got == want, set(got.items()) ^ set(want.items())
EOF
ok 'hostile names are one frame each' python3 "$tmp/names.py"

# 120,000 names: string tables start anew in mid-stream; 300 of them come again at the end.
python3 - "$tmp/many.json" <<'EOF'
import sys
with open(sys.argv[1], "w") as f:
    f.write('{"traceEvents": [')
    f.write(",\n".join('{"ph": "X", "cat": "%s", "name": "%s%d", "pid": 1, "tid": %d, "ts": %d, "dur": %d}' %
                       (["cpu_op", "kernel"][i % 5 == 0], "n" * 90, i % 120000, i % 70, i, 1 + i % 150) for i in range(120300)))
    f.write("]}\n")
EOF
trace-parse "$tmp/many.json" >"$tmp/many.trs"
agrees '' "$tmp/many.json"
agrees '--cat cpu_op,kernel --root-by tid --weight count' "$tmp/many.json"

# Deep: 20,000 events in each other, of which the innermost alone has time of its own.
python3 -c 'print("[" + ",".join("{\"ph\":\"X\",\"cat\":\"cpu_op\",\"name\":\"f\",\"pid\":1,\"tid\":1,\"ts\":1,\"dur\":3}" for i in range(20000)) + "]")' >"$tmp/deep.json"
trace-parse "$tmp/deep.json" | trace-fold >"$tmp/out"
python3 -c 'print("f;" * 19999 + "f 3000")' >"$tmp/want"
same '20,000 frames deep' "$tmp/want" "$tmp/out"

# Times at their ends, and a sum beyond 64 bits.
cat >"$tmp/absurd.json" <<'END'
[{"ph":"X","cat":"cpu_op","name":"all","pid":1,"tid":1,"ts":-9000000000000000,"dur":9000000000000000},
{"ph":"X","cat":"cpu_op","name":"all","pid":1,"tid":1,"ts":0,"dur":9223372036854775},
{"ph":"X","cat":"cpu_op","name":"late","pid":1,"tid":1,"ts":9000000000000000,"dur":223372036854775.8}]
END
agrees '' "$tmp/absurd.json"
agrees '' "$tmp/absurd.json" "$tmp/absurd.json" "$tmp/absurd.json"
ok 'beyond 64 bits' grep -q '^all [0-9]\{20\}$' "$tmp/out"

# Statuses and wrong use -------------------------------------------------------------------------

says 2 "trace-fold: unknown weight 'time'; known are dur count bytes" trace-fold --weight time "$tmp/one.trs"
says 2 "trace-fold: unknown root 'thread'; known are none rank pid tid" trace-fold --root-by thread "$tmp/one.trs"
says 2 "trace-fold: unknown leaf 'x'; known are self gpu" trace-fold --leaf x "$tmp/one.trs"
says 2 "trace-fold: --cat: an empty item in 'a,'" trace-fold --cat a, "$tmp/one.trs"
says 2 'trace-fold: --annotations goes with host events, not with --cat; add user_annotation to the list' trace-fold --annotations --cat cpu_op "$tmp/one.trs"
says 2 'trace-fold: --annotations goes with host events, not with --weight bytes' trace-fold --annotations --weight bytes "$tmp/one.trs"
refuses 2 'top' 'it prints no table' trace-fold --top 3 "$tmp/one.trs"

trace-parse --gpu "$tmp/one.json" >"$tmp/gpu.trs"
says 0 'trace-fold: no host events; categories seen: kernel 1, gpu_memcpy 2, gpu_memset 1' trace-fold "$tmp/gpu.trs"
says 0 'trace-fold: nothing of category x,y; categories seen: kernel 1, gpu_memcpy 2, gpu_memset 1' trace-fold --cat x,y "$tmp/gpu.trs"
says 0 'trace-fold: events without bytes: 1; categories seen: kernel 1, gpu_memcpy 2, gpu_memset 1' trace-fold --weight bytes --cat kernel "$tmp/gpu.trs"
echo '[{"ph":"X","cat":"cpu_op","name":"z","pid":1,"tid":1,"ts":36,"dur":0}]' | trace-parse >"$tmp/zero.trs"
says 0 'trace-fold: events without time: 1; categories seen: cpu_op 1' trace-fold "$tmp/zero.trs"
echo '{"traceEvents":[]}' | trace-parse >"$tmp/none.trs"
says 0 'trace-fold: no host events; no events' trace-fold "$tmp/none.trs"
says 0 'trace-fold: no memory copies; no events' trace-fold --weight bytes "$tmp/none.trs"
status 0 'no note with -q' trace-fold -q "$tmp/none.trs"
same 'nothing at all' /dev/null "$tmp/err"

{ head -n 3 "$tmp/one.json"; printf '{"ph":"X","cat":"cpu_'; } >"$tmp/cut.json"
trace-parse -q "$tmp/cut.json" >"$tmp/cut.trs" 2>/dev/null
prints 3 'an incomplete stream: its stacks, and 3' trace-fold "$tmp/cut.trs" <<'END'
a 20000
a;b 10000
END
trace-fold -q "$tmp/cut.trs" >"$tmp/whole"
prints 0 '--partial-ok: 0' trace-fold --partial-ok "$tmp/cut.trs" <"$tmp/whole"
says 1 "trace-fold: $tmp/cut.trs: incomplete, and --strict was given" trace-fold --strict "$tmp/cut.trs"
pipe '3 3' '3 travels through a pipe' "trace-parse -q $tmp/cut.json" trace-fold
head -c 700 "$tmp/one.trs" >"$tmp/torn.trs"
refuses 1 'end mark|ends' 'a stream that ends in the middle' trace-fold "$tmp/torn.trs"
refuses 1 'no-such-file' 'a missing FILE, after one that is there' trace-fold "$tmp/one.trs" "$tmp/no-such-file"
status 1 'a damaged FILE behind a good one, with -o' trace-fold -o "$tmp/never" "$tmp/one.trs" "$tmp/torn.trs"
ok 'leaves nothing behind' test ! -e "$tmp/never"
pipe '141 0' 'a reader that goes away' "trace-fold --cat cpu_op,kernel <$tmp/many.trs" 'head -n 1 >/dev/null'
same 'silently' /dev/null "$tmp/err"

# The name fold belongs to POSIX: ours is a link aside.
bin=$(dirname "$(command -v trace-fold)")
[ "$(command -v fold)" != "$bin/fold" ] && [ ! -e "$bin/fold" ]
result $? 'the fold of the system is not hidden'
status 0 'a link to ours stands aside' "$bin/link/fold" "$tmp/one.trs"
trace-fold "$tmp/one.trs" >"$tmp/want"
same 'and does the same' "$tmp/want" "$tmp/out"

done_testing
