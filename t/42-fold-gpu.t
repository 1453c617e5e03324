#!/bin/sh
# shellcheck disable=SC2016,SC2086 # single quotes are for the sh that is called; words of options
# trace-fold --leaf gpu: by hand, against t/fold-gpu.py, and that nothing of the GPU's time is lost;
# hostile stacks and names; what is refused.
. t/lib.sh
shared=${TRS_SHARED:-../shared}/traces

# agrees OPTIONS FILE...: the lines are those of Python, for record streams
agrees() {
	options=$1
	shift
	for file; do trace-dump -q "$file"; done | t/fold-gpu.py $options >"$tmp/want" 2>"$tmp/why"
	trace-fold -q --leaf gpu $options "$@" >"$tmp/out" 2>>"$tmp/why"
	result $? "runs: $options" "$tmp/why"
	same "$(wc -l <"$tmp/want") lines: $options" "$tmp/want" "$tmp/out"
}

# sum: the weights of lines, added up
sum() { python3 -c 'import sys; print(sum(int(line.rsplit(" ", 1)[1]) for line in sys.stdin))'; }

# all_time FILE: however it is folded, the lines add up to the durations of GPU activity
all_time() {
	trace-dump -q "$1" | python3 -c 'import json, sys
gpu = {"kernel", "Kernel", "mtia_ccp_events", "gpu_memcpy", "Memcpy", "gpu_memset", "Memset"}
print(sum(r["dur_ns"] for r in map(json.loads, sys.stdin) if r.get("ph") == "X" and r.get("cat") in gpu))' >"$tmp/want"
	for options in '' '--root-by rank --annotations' '--root-by tid --reverse'; do
		trace-fold -q --leaf gpu $options "$1" | sum >"$tmp/out"
		same "they add up to $(cat "$tmp/want") ns: $options $1" "$tmp/want" "$tmp/out"
	done
}

# By hand ----------------------------------------------------------------------------------------

cat >"$tmp/one.txt" <<'EOF'
{"meta":{"keys":["cpu_op","stack"]}}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":1000,"dur_ns":2001,"pid":0,"tid":7,"rank":3,"link":{"annotation":"step 4","stack":["python:train.py(3): f","cpu_op:aten::mm","runtime:launch"],"launched":true}}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":1500,"dur_ns":100,"pid":0,"tid":8,"rank":3,"link":{"cpu_op":"aten::mm","annotation":"step 5","stack":["python:train.py(3): f","cpu_op:aten::mm","runtime:launch"],"launched":true}}
{"ph":"X","cat":"kernel","name":"relu","ts_ns":1500,"dur_ns":30,"pid":0,"tid":"8","rank":3,"link":{"stack":["python:train.py(3): f","runtime:launch"],"launched":true}}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":1700,"dur_ns":7,"pid":1,"tid":7,"rank":"b","link":{"layer":"3"}}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":1800,"dur_ns":1,"rank":"b"}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":1900,"dur_ns":5,"rank":"b","link":{"stack":["python:train.py(3): f","cpu_op:aten::mm","runtime:launch"],"launched":true}}
{"ph":"X","cat":"gpu_memcpy","name":"copy","ts_ns":2000,"dur_ns":50,"pid":0,"tid":7,"rank":3,"bytes":4096,"link":{"stack":["runtime:memcpy"],"launched":true}}
{"ph":"X","cat":"gpu_memcpy","name":"copy","ts_ns":2000,"dur_ns":0,"pid":0,"tid":7,"rank":3,"bytes":18446744073709551615,"link":{"stack":["runtime:memcpy"],"launched":true}}
{"ph":"X","cat":"gpu_memset","name":"set","ts_ns":3000,"dur_ns":9,"pid":0,"tid":7,"rank":3,"link":{"annotation":"step 4","stack":["runtime:memset"],"launched":true}}
{"ph":"X","cat":"cpu_op","name":"aten::mm","ts_ns":0,"dur_ns":777,"pid":1,"tid":1,"rank":3}
{"ph":"X","cat":"gpu_user_annotation","name":"step 4","ts_ns":0,"dur_ns":777,"pid":1,"tid":1,"rank":3}
{"end":{}}
EOF
trace-load "$tmp/one.txt" >"$tmp/one.trs"
prints 0 'GPU activity under what launched it' trace-fold --leaf gpu "$tmp/one.trs" <<'END'
(unlinked);gemm 8
memcpy;copy 50
memset;set 9
train.py(3): f;aten::mm;launch;gemm 2106
train.py(3): f;launch;relu 30
END
prints 0 'from standard input; -o FILE' sh -c 'trace-fold --leaf gpu -o "$2" <"$1" && cat "$2"' - "$tmp/one.trs" "$tmp/o" <"$tmp/got"
prints 0 '--root-by rank' trace-fold --leaf gpu --root-by rank "$tmp/one.trs" <<'END'
rank=3;memcpy;copy 50
rank=3;memset;set 9
rank=3;train.py(3): f;aten::mm;launch;gemm 2101
rank=3;train.py(3): f;launch;relu 30
rank=b;(unlinked);gemm 8
rank=b;train.py(3): f;aten::mm;launch;gemm 5
END
prints 0 '--root-by pid: the process that the activity has' trace-fold --leaf gpu --root-by pid "$tmp/one.trs" <<'END'
pid=(none);(unlinked);gemm 1
pid=(none);train.py(3): f;aten::mm;launch;gemm 5
pid=0;memcpy;copy 50
pid=0;memset;set 9
pid=0;train.py(3): f;aten::mm;launch;gemm 2101
pid=0;train.py(3): f;launch;relu 30
pid=1;(unlinked);gemm 7
END
prints 0 '--root-by tid, as a number or text' trace-fold --leaf gpu --root-by tid --cat kernel "$tmp/one.trs" <<'END'
tid=(none);(unlinked);gemm 1
tid=(none);train.py(3): f;aten::mm;launch;gemm 5
tid=7;(unlinked);gemm 7
tid=7;train.py(3): f;aten::mm;launch;gemm 2001
tid=8;train.py(3): f;aten::mm;launch;gemm 100
tid=8;train.py(3): f;launch;relu 30
END
prints 0 '--annotations: that of the launch, below the root' trace-fold --leaf gpu --annotations --root-by rank "$tmp/one.trs" <<'END'
rank=3;memcpy;copy 50
rank=3;step_4;memset;set 9
rank=3;step_4;train.py(3): f;aten::mm;launch;gemm 2001
rank=3;step_5;train.py(3): f;aten::mm;launch;gemm 100
rank=3;train.py(3): f;launch;relu 30
rank=b;(unlinked);gemm 8
rank=b;train.py(3): f;aten::mm;launch;gemm 5
END
prints 0 '--cat: these categories' trace-fold --leaf gpu --cat gpu_memset,gpu_memcpy --annotations "$tmp/one.trs" <<'END'
memcpy;copy 50
step_4;memset;set 9
END
prints 0 '--weight count: one for each activity, of no time too' trace-fold --leaf gpu --weight count "$tmp/one.trs" <<'END'
(unlinked);gemm 2
memcpy;copy 2
memset;set 1
train.py(3): f;aten::mm;launch;gemm 3
train.py(3): f;launch;relu 1
END
prints 0 '--weight bytes: of copies, beyond 64 bits' trace-fold --leaf gpu --weight bytes --annotations "$tmp/one.trs" <<'END'
memcpy;copy 18446744073709555711
END
prints 0 '--reverse: the activity first' trace-fold --leaf gpu --reverse --root-by rank --annotations "$tmp/one.trs" <<'END'
copy;memcpy;rank=3 50
gemm;(unlinked);rank=b 8
gemm;launch;aten::mm;train.py(3): f;rank=b 5
gemm;launch;aten::mm;train.py(3): f;step_4;rank=3 2001
gemm;launch;aten::mm;train.py(3): f;step_5;rank=3 100
relu;launch;train.py(3): f;rank=3 30
set;memset;step_4;rank=3 9
END

# Ranks that are known only when all records have come; several streams add up.
t/flips.py make meta-last "$tmp/one.trs" >"$tmp/late.trs"
trace-fold --leaf gpu --root-by rank "$tmp/one.trs" >"$tmp/by-rank"
prints 0 'ranks that come last' trace-fold --leaf gpu --root-by rank "$tmp/late.trs" <"$tmp/by-rank"
sed 's/"rank":3/"rank":5/' "$tmp/one.txt" | trace-load >"$tmp/two.trs"
for options in '' '--root-by rank' '--root-by tid --annotations --reverse' '--weight count --root-by rank --cat kernel'; do
	agrees "$options" "$tmp/one.trs" "$tmp/two.trs" "$tmp/late.trs"
done

# The same program without a table of contents, with one, and not read beyond what it wants.
t/flips.py make announced "$tmp/one.trs" >"$tmp/announced.trs"
t/flips.py make announced-gpu "$tmp/one.trs" >"$tmp/announced-gpu.trs"
prints 0 'a stream with a table of contents' trace-fold --leaf gpu --root-by rank "$tmp/announced.trs" <"$tmp/by-rank"
prints 0 'is read to the end of GPU activity' trace-fold --leaf gpu --root-by rank "$tmp/announced-gpu.trs" <"$tmp/by-rank"
trace-fold --leaf gpu --cat kernel "$tmp/one.trs" >"$tmp/kernels"
prints 0 'and so it is for one category' trace-fold --leaf gpu --cat kernel "$tmp/announced-gpu.trs" <"$tmp/kernels"

# Python says the same ---------------------------------------------------------------------------

for file in fixtures/small-kineto.json fixtures/small-amd.json fixtures/small-rocprofv3.json "$shared/mi300-vllm-prefill-decode/trace.json.gz" \
	"$shared/mi300-sglang-decode/trace.json.gz" "$shared/h100-falconsai/trace.json.gz" "$shared/b200-eager/trace.json.gz" \
	"$shared/mtia-inference/trace.json.gz" "$shared/rank0-sampled/trace.json.gz"; do
	[ -e "$file" ] || continue
	trace-parse -q "$file" | trace-link -q >"$tmp/linked.trs"
	for options in '' '--root-by pid --annotations' '--weight count --cat kernel --reverse --root-by rank' '--weight bytes'; do
		agrees "$options" "$tmp/linked.trs"
	done
	all_time "$tmp/linked.trs"
done
trace-parse -q fixtures/small-kineto.json fixtures/small-amd.json | trace-link -q >"$tmp/linked.trs"
agrees '--root-by rank --annotations' "$tmp/linked.trs"

# Streams at random, hostile names in them; two behind each other, all ids begun anew in between.
for seed in 1 2 3 4 5 6 7 8; do
	t/group-links.py text $seed | trace-load -q >"$tmp/a.trs"
	t/group-links.py text 1$seed | trace-load -q >"$tmp/b.trs"
	t/group-links.py join "$tmp/a.trs" "$tmp/b.trs" >"$tmp/joined.trs"
	for options in '--annotations --root-by rank' '--root-by tid --weight count --cat kernel,gpu_memset'; do
		agrees "$options" "$tmp/joined.trs"
	done
	all_time "$tmp/joined.trs"
done

# More strings, stacks and links than a table of the stream holds: they start anew in mid-stream.
python3 - >"$tmp/many.txt" <<'EOF'
print('{"meta":{"keys":["stack"]}}')
for i in range(300000):
    print('{"ph":"X","cat":"kernel","name":"k%d","ts_ns":%d,"dur_ns":%d,"tid":%d,"rank":%d,"link":{"annotation":"%d","stack":["python:%d","cpu_op:%d"],"launched":true}}'
          % (i % 9, i, 1 + i % 150, i % 3, i // 200000, i % 5, i % 300, i * 7919 % 100003))
print('{"end":{}}')
EOF
trace-load "$tmp/many.txt" >"$tmp/many.trs"
agrees '--root-by tid --annotations' "$tmp/many.trs"

# Names ------------------------------------------------------------------------------------------

cat >"$tmp/names.txt" <<'EOF'
{"meta":{"keys":["stack"]}}
{"ph":"X","cat":"kernel","name":"k;l\nm 7","ts_ns":1,"dur_ns":1,"pid":"p;q","tid":"\u001b[31m","rank":"r;s","link":{"annotation":"a;b\n","stack":["python:f;g\r\nh","cpu_op:;","runtime:"],"launched":true}}
{"ph":"X","cat":"kernel","ts_ns":1,"dur_ns":2,"tid":"\u001b[31m","rank":"r;s","link":{"annotation":"","stack":["python: ","cpu_op:a:b","runtime:\udcff\u202e","cpu_op:(unlinked)"],"launched":true}}
{"ph":"X","cat":"kernel","name":"","ts_ns":1,"dur_ns":4,"rank":"r;s","link":{"stack":["python:x 1 2"],"launched":true}}
{"end":{}}
EOF
trace-load "$tmp/names.txt" >"$tmp/names.trs"
prints 0 'each name is one frame' trace-fold --leaf gpu --annotations "$tmp/names.trs" <<'END'
(unnamed);(unnamed);a:b;\xff\xe2\x80\xae;(unlinked);(unnamed) 2
a:b ;f:g  h;:;(unnamed);k:l m_7 1
x 1_2;(unnamed) 4
END
prints 0 'those of roots too' sh -c 'for key in rank pid tid; do trace-fold --leaf gpu --reverse --root-by $key "$1"; done | sed "s/.*;//" | sort -u' - "$tmp/names.trs" <<'END'
pid=(none) 2
pid=(none) 4
pid=p:q 1
rank=r:s 1
rank=r:s 2
rank=r:s 4
tid=(none) 4
tid=\x1b[31m 1
tid=\x1b[31m 2
END

# Deep -------------------------------------------------------------------------------------------

# deep FRAMES ACTIVITIES LINK: activities of one stack of so many frames; LINK is Python for what
# else their link has
deep() {
	python3 - "$@" <<'EOF'
import sys
frames, n = map(int, sys.argv[1:3])
print('{"meta":{"keys":["stack"]}}')
stack = ",".join(['"python:f"'] * frames)
for i in range(n):
    print('{"ph":"X","cat":"kernel","name":"k","ts_ns":%d,"dur_ns":1,"tid":%d,"rank":0,"link":{"stack":[%s],"launched":true,%s}}' % (i, i % 2, stack, eval(sys.argv[3])))
print('{"end":{}}')
EOF
}
deep 1000000 2 "'\"step\":\"%d\"' % i" | trace-load >"$tmp/deep.trs"
for root in none rank tid; do
	status 0 "a million frames deep: --root-by $root" sh -c 'ulimit -s 256 && trace-fold --leaf gpu --root-by "$1" "$2" >"$3"' - $root "$tmp/deep.trs" "$tmp/folded"
	python3 - $root >"$tmp/want" <<'EOF'
import sys
body = "f;" * 1000000 + "k"
print({"none": body + " 2", "rank": "rank=0;" + body + " 2", "tid": "tid=0;" + body + " 1\ntid=1;" + body + " 1"}[sys.argv[1]])
EOF
	ok 'has the right lines' cmp "$tmp/want" "$tmp/folded"
done
status 0 'the other way round' sh -c 'ulimit -s 256 && trace-fold --leaf gpu --reverse "$1" >"$2"' - "$tmp/deep.trs" "$tmp/folded"
python3 -c 'print("k" + ";f" * 1000000 + " 2")' >"$tmp/want"
ok 'has the right line' cmp "$tmp/want" "$tmp/folded"
status 0 'trace-dump of it' sh -c 'ulimit -s 256 && trace-dump "$1" >"$2"' - "$tmp/deep.trs" "$tmp/deep.txt"
deep 1000000 2 "'\"step\":\"%d\"' % i" | grep -c 'python:f' >"$tmp/want"
grep -c 'python:f' "$tmp/deep.txt" >"$tmp/got"
same 'has all of it' "$tmp/want" "$tmp/got"

# 200,000 activities in turn of two threads, each with a link of its own and all with one stack of
# 200,000 frames: a stack that is climbed for each of them takes hours.
python3 - "$tmp/climb.trs" <<'EOF'
import struct, sys
sys.path.insert(0, "t")
import flips

def strings(role, *texts):
    data = b"".join([struct.pack("<I", len(t)) for t in texts] + list(texts))
    return flips.frame(1, data + bytes(-len(data) % 8), role, rows=len(texts))

def keys(*texts):
    data = b"".join([struct.pack("<I", len(t)) for t in texts] + list(texts))
    return flips.frame(7, data + bytes(-len(data) % 8), rows=len(texts))

N = 200000
rows = lambda kind, layout, all_rows, sub=0: flips.frame(kind, b"".join(struct.pack(layout, *row) for row in all_rows), sub, rows=len(all_rows))
with open(sys.argv[1], "wb") as f:
    f.write(flips.header() + keys(b"stack") + strings(0, b"k") + strings(1, b"f") + strings(2, b"X", b"kernel", b"0", b"1"))
    f.write(rows(2, "<8I", [(1, 2, 0, 3, 0, 0, 0, 0), (1, 2, 0, 4, 0, 0, 0, 0)]))
    f.write(rows(flips.STACKS, "<4I", [(i, 1, 5, 0) for i in range(N)]))
    f.write(rows(flips.LINKS, "<12I", [(1, 0, 0, 0, 0, 0, 0, N, 0, 0, 0, 0)] * N))
    f.write(rows(3, "<qqQII", [(i, 1, 0, 1, 1 + i % 2) for i in range(N)], 1))
    f.write(flips.frame(4, b"\xff" * (N // 8) + bytes(-(N // 8) % 8) + b"".join(struct.pack("<Q", i + 1) for i in range(N)), 6, rows=N))
    f.write(flips.frame(9, struct.pack("<2I3Q4I2Q", 0, 0, N, 0, 0, 0, 1, 2, 0, N, 0), rows=1))
EOF
for options in '' '--root-by tid' '--root-by rank --annotations'; do
	status 0 "many links of one deep stack: $options" sh -c 'ulimit -t 60 && trace-fold --leaf gpu $2 "$1" >"$3"' - "$tmp/climb.trs" "$options" "$tmp/folded"
	sed 's/.* //' "$tmp/folded" | sort >"$tmp/out"
	case $options in *tid*) printf '100000\n100000\n' ;; *) echo 200000 ;; esac >"$tmp/want"
	same 'with their time' "$tmp/want" "$tmp/out"
done

# Statuses and wrong use -------------------------------------------------------------------------

trace-parse -q fixtures/small-kineto.json >"$tmp/plain.trs"
kernel-classify "$tmp/plain.trs" >"$tmp/classified.trs"
says 2 'trace-fold: --leaf gpu needs trace-link before it' trace-fold --leaf gpu "$tmp/plain.trs"
says 2 'trace-fold: --leaf gpu needs trace-link before it' trace-fold --leaf gpu --root-by rank "$tmp/one.trs" "$tmp/classified.trs"
status 2 'with -o' trace-fold --leaf gpu -o "$tmp/never" "$tmp/plain.trs"
ok 'leaves nothing behind' test ! -e "$tmp/never"
says 2 "trace-fold: --leaf gpu is about GPU activity, and 'cpu_op' is none" trace-fold --leaf gpu --cat kernel,cpu_op "$tmp/one.trs"
says 2 "trace-fold: --leaf gpu is about GPU activity, and '(none)' is none" trace-fold --leaf gpu --cat '(none)' "$tmp/one.trs"

nothing='{"meta":{"keys":["stack"]}}'
printf '%s\n' "$nothing" '{"ph":"X","cat":"cpu_op","name":"a","ts_ns":1,"dur_ns":1}' '{"end":{}}' | trace-load >"$tmp/host.trs"
printf '%s\n' "$nothing" '{"end":{}}' | trace-load >"$tmp/none.trs"
printf '%s\n' "$nothing" '{"ph":"X","cat":"kernel","name":"a","ts_ns":1,"dur_ns":0}' '{"end":{}}' | trace-load >"$tmp/zero.trs"
says 0 'trace-fold: no GPU activity; categories seen: cpu_op 1' trace-fold --leaf gpu "$tmp/host.trs"
says 0 'trace-fold: no GPU activity; no events' trace-fold --leaf gpu --root-by rank "$tmp/none.trs"
says 0 'trace-fold: events without time: 1; categories seen: kernel 1' trace-fold --leaf gpu "$tmp/zero.trs"
says 0 'trace-fold: nothing of category gpu_memset; categories seen: kernel 1' trace-fold --leaf gpu --cat gpu_memset "$tmp/zero.trs"
says 0 'trace-fold: no memory copies; no events' trace-fold --leaf gpu --weight bytes "$tmp/none.trs"

sed 's/"end":{}/"end":{"status":3,"lost":2}/' "$tmp/one.txt" | trace-load -q >"$tmp/cut.trs"
trace-fold --leaf gpu "$tmp/one.trs" >"$tmp/whole"
prints 3 'an incomplete stream: its stacks, and 3' trace-fold --leaf gpu "$tmp/cut.trs" <"$tmp/whole"
prints 0 '--partial-ok: 0' trace-fold --leaf gpu --partial-ok "$tmp/cut.trs" <"$tmp/whole"
says 1 "trace-fold: $tmp/cut.trs: incomplete, and --strict was given" trace-fold --leaf gpu --strict "$tmp/cut.trs"
head -c -8 "$tmp/one.trs" >"$tmp/torn.trs"
refuses 1 'end mark|ends' 'a stream that ends in the middle' trace-fold --leaf gpu "$tmp/torn.trs"
for made in stack-in-itself link-without-its-stack record-without-its-link record-with-link-0; do
	t/flips.py make $made "$tmp/one.trs" >"$tmp/made.trs"
	refuses 1 'byte [0-9]*: .*not sent' "a stream that is none: $made" trace-fold --leaf gpu "$tmp/made.trs"
done

done_testing
