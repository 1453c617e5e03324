#!/bin/sh
# shellcheck disable=SC2016,SC2317 # single quotes are for the sh that is called; functions are called by name
# group-by-op after trace-link: keys of links, --linked-only, --sum union.
. t/lib.sh

# Block_3 runs twice: its first aten::mm launches two kernels that overlap (100..300, 250..400: 300 ns),
# with another one's between, its second one (500..600) and, by a graph, one later (700..800). Of
# part 1, the same instance numbers.
cat >"$tmp/one.txt" <<'EOF'
{"meta":{"keys":["op","category","library","cpu_op","module","annotation","phase","layer","step","launch","stack"]}}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":100,"dur_ns":200,"rank":0,"tid":7,"op":"GEMM","category":"GEMM","library":"l","link":{"launch":"cudaLaunchKernel","cpu_op":"aten::mm","module":"Block_3","annotation":"step[EXTEND bs=1]","phase":"prefill","step":"0","layer":"3","stack":["python:train.py(3): f;g","python:nn.Module: Block_3","cpu_op:aten::mm","runtime:cudaLaunchKernel"],"launched":true,"tracelens":true},"instance":1}
{"ph":"X","cat":"kernel","name":"relu","ts_ns":260,"dur_ns":10,"rank":0,"tid":8,"op":"Activation","category":"Activation","library":"l","link":{"launch":"cudaLaunchKernel","cpu_op":"aten::relu","stack":["cpu_op:aten::relu","runtime:cudaLaunchKernel"],"launched":true},"instance":2}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":250,"dur_ns":150,"rank":0,"tid":8,"op":"GEMM","category":"GEMM","library":"l","link":{"launch":"cudaLaunchKernel","cpu_op":"aten::mm","module":"Block_3","annotation":"step[EXTEND bs=1]","phase":"prefill","step":"0","layer":"3","stack":["python:train.py(3): f;g","python:nn.Module: Block_3","cpu_op:aten::mm","runtime:cudaLaunchKernel"],"launched":true,"tracelens":true},"instance":1}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":500,"dur_ns":100,"rank":0,"tid":7,"op":"GEMM","category":"GEMM","library":"l","link":{"launch":"cudaLaunchKernel","cpu_op":"aten::mm","module":"Block_3","annotation":"step[DECODE bs=1]","phase":"decode","step":"1","layer":"3","stack":["python:train.py(3): f;g","python:nn.Module: Block_3","cpu_op:aten::mm","runtime:cudaLaunchKernel"],"launched":true,"tracelens":true},"instance":3}
{"ph":"X","cat":"gpu_memset","name":"Memset","ts_ns":700,"dur_ns":100,"rank":0,"tid":7,"link":{"launch":"cudaGraphLaunch","cpu_op":"aten::mm","stack":["runtime:cudaGraphLaunch"],"launched":true,"tracelens":true},"instance":3}
{"ph":"X","cat":"gpu_memcpy","name":"Memcpy","ts_ns":900,"dur_ns":40,"rank":0,"tid":7,"link":{"layer":"4","step":"1"}}
{"ph":"X","cat":"gpu_memcpy","name":"Memcpy","ts_ns":950,"dur_ns":30,"rank":0,"tid":7}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":350,"dur_ns":100,"rank":1,"tid":7,"op":"GEMM","category":"GEMM","library":"l","link":{"launch":"cudaLaunchKernel","launched":true},"instance":1}
{"ph":"X","cat":"cpu_op","name":"aten::mm","ts_ns":0,"dur_ns":1000,"rank":0,"tid":1}
{"end":{"status":0,"events":9,"lost":0}}
EOF
trace-load "$tmp/one.txt" >"$tmp/one.trs"
grep -v '"keys"' "$tmp/one.txt" | trace-load >"$tmp/keyless.trs"
printf '%s\n' '{"meta":{"keys":["op","category","library"]}}' '{"end":{}}' | trace-load >"$tmp/none.trs"
printf '%s\n' '{"meta":{"keys":["cpu_op","phase","step"]}}' '{"ph":"X","cat":"kernel","name":"k","ts_ns":0,"dur_ns":1}' '{"end":{}}' |
	trace-load >"$tmp/unlinked.trs"

# by KEYS OPTION...: keys and the columns count and total_us of them, of one.trs
by() {
	n=$(echo "$1" | tr , '\n' | wc -l)
	keys=$1
	shift
	group-by-op --no-header --by "$keys" "$@" "$tmp/one.trs" >"$tmp/table" && cut -f "1-$((n + 2))" "$tmp/table"
}

# keys
prints 0 'cpu_op: (unlinked) where no launch is known, (unnamed) where it has no name' by cpu_op <<'EOF'
aten::mm	4	0.550
(unnamed)	1	0.100
(unlinked)	2	0.070
aten::relu	1	0.010
EOF
prints 0 'launch' by launch <<'EOF'
cudaLaunchKernel	5	0.560
cudaGraphLaunch	1	0.100
(unlinked)	2	0.070
EOF
prints 0 'module and phase: (none), unknown' by module,phase <<'EOF'
Block_3	prefill	2	0.350
(none)	unknown	5	0.280
Block_3	decode	1	0.100
EOF
prints 0 'annotation, step, layer: also of what has no launch' by annotation,step,layer <<'EOF'
step[EXTEND bs=1]	0	3	2	0.350
(none)	(none)	(none)	4	0.240
step[DECODE bs=1]	1	3	1	0.100
(none)	1	4	1	0.040
EOF
prints 0 'stack: the frames, the outermost first, as trace-fold prints them' by stack <<'EOF'
train.py(3): f:g;nn.Module: Block_3;aten::mm;cudaLaunchKernel	3	0.450
(none)	1	0.100
cudaGraphLaunch	1	0.100
(unlinked)	2	0.070
aten::relu;cudaLaunchKernel	1	0.010
EOF
prints 0 'with keys of names, tracks and parts' by phase,op,tid,rank --cat kernel <<'EOF'
prefill	GEMM	7	0	1	0.200
prefill	GEMM	8	0	1	0.150
decode	GEMM	7	0	1	0.100
unknown	GEMM	7	1	1	0.100
unknown	Activation	8	0	1	0.010
EOF
prints 0 'what is no GPU activity has no links' by cpu_op,phase,stack --cat cpu_op,gpu_memcpy <<'EOF'
(none)	(none)	(none)	1	1.000
(unlinked)	unknown	(unlinked)	2	0.070
EOF
prints 0 'a stream whose activity has no links at all' sh -c 'group-by-op --by cpu_op,phase,step --no-header "$1" | cut -f 1-4' - "$tmp/unlinked.trs" <<'EOF'
(unlinked)	unknown	(none)	1
EOF

# --linked-only
prints 0 '--linked-only: what TraceLens would link' by name,tid --linked-only <<'EOF'
gemm	7	2	0.300
gemm	8	1	0.150
Memset	7	1	0.100
EOF
group-by-op --linked-only --by cpu_op --cat cpu_op,gpu_memcpy "$tmp/one.trs" >"$tmp/out" 2>"$tmp/err" && [ "$(wc -l <"$tmp/out")" = 1 ] &&
	[ "$(cat "$tmp/err")" = "group-by-op: nothing TraceLens-linked of category cpu_op,gpu_memcpy; categories seen: kernel 5, gpu_memset 1, gpu_memcpy 2, cpu_op 1" ]
result $? '--linked-only: nothing of host events; the note says why' "$tmp/out" "$tmp/err"
group-by-op --linked-only --by name "$tmp/unlinked.trs" >"$tmp/out" 2>"$tmp/err" &&
	[ "$(cat "$tmp/err")" = 'group-by-op: no TraceLens-linked GPU activity; categories seen: kernel 1' ]
result $? 'and where nothing is linked' "$tmp/out" "$tmp/err"

# --sum union. aten::mm: instance 1 300 ns, instance 3 200 ns. 300 / 650 = 46.154 %
prints 0 '--sum union: an instance is a sample, touching and overlapping activity counts once' group-by-op --by cpu_op --sum union "$tmp/one.trs" <<'EOF'
cpu_op	count	kernels	total_us	mean_us	min_us	max_us	p50_us	p95_us	p99_us	pct
aten::mm	2	4	0.500	0.250	0.200	0.300	0.200	0.300	0.300	73.53
(unnamed)	1	1	0.100	0.100	0.100	0.100	0.100	0.100	0.100	14.71
(unlinked)	2	2	0.070	0.035	0.030	0.040	0.030	0.040	0.040	10.29
aten::relu	1	1	0.010	0.010	0.010	0.010	0.010	0.010	0.010	1.47
EOF
prints 0 'within the group: by stream the two do not overlap' by cpu_op,tid --sum union --cat kernel <<'EOF'
aten::mm	7	2	2
aten::mm	8	1	1
(unnamed)	7	1	1
aten::relu	8	1	1
EOF
prints 0 'instances of two parts are two, also in one group' group-by-op --by op --sum union --per 2 --linked-only --format csv --no-header "$tmp/one.trs" <<EOF
GEMM,2,3,0.400,0.200,0.100,0.300,0.100,0.300,0.300,80.00,1.0000,0.200$(printf '\r')
Other,1,1,0.100,0.100,0.100,0.100,0.100,0.100,0.100,20.00,0.5000,0.050$(printf '\r')
EOF
prints 0 'of two streams too' sh -c 'group-by-op --by op --sum union --no-header --top 1 "$1" "$1" | cut -f 1-4' - "$tmp/one.trs" <<'EOF'
GEMM	6	8	1.000
EOF
prints 0 'names that begin anew in mid-stream: its instances go on' sh -c 't/group-links.py join "$1" "$1" | group-by-op --by op,stack --sum union --no-header | cut -f 1-5 | head -n 2' - "$tmp/one.trs" <<'EOF'
GEMM	train.py(3): f:g;nn.Module: Block_3;aten::mm;cudaLaunchKernel	2	6	0.400
Other	(unlinked)	4	4	0.140
EOF
prints 0 '--sort kernels' sh -c 'group-by-op --by phase --sum union --sort kernels --no-header "$1" | cut -f 1-3' - "$tmp/one.trs" <<'EOF'
unknown	5	5
prefill	1	2
decode	1	1
EOF
group-by-op --by cpu_op "$tmp/one.trs" >"$tmp/want"
group-by-op --by cpu_op --sum total "$tmp/one.trs" >"$tmp/got"
same '--sum total is the default' "$tmp/want" "$tmp/got"
prints 0 'host events are samples of their own' by cat --cat cpu_op --sum union <<'EOF'
cpu_op	1	1
EOF

# needs COMMAND-LINE WHAT: wrong use of a stream without it
needs() {
	for stream in keyless none; do
		# shellcheck disable=SC2086
		refuses 2 "^group-by-op: $2 before it\$" "$1, $stream.trs: $2" group-by-op $1 -o "$tmp/never" "$tmp/$stream.trs"
	done
}
for key in cpu_op module annotation phase layer step launch stack; do
	needs "--by name,$key" "key '$key' needs trace-link"
done
needs '--by name --linked-only' '--linked-only needs trace-link'
needs '--by name --sum union' '--sum union needs trace-link'
refuses 2 "^group-by-op: unknown sum 'mean'; sums are total union\$" 'an unknown sum' group-by-op --sum mean "$tmp/one.trs"
refuses 2 "unknown column 'kernels'" 'kernels is a column of --sum union' group-by-op --by cpu_op --sort kernels "$tmp/one.trs"
refuses 2 "^group-by-op: key 'stack' is given twice\$" 'a key twice' group-by-op --by stack,op,stack "$tmp/one.trs"
ok 'no FILE is left behind' test ! -e "$tmp/never"

# against Python
for seed in 1 2 3 4 5 6; do
	ok "random streams, keys and options as Python works them out, $seed" t/group-links.py check $seed
done

# hostile streams: what the columns say is checked where they are read
for made in 'stack-in-a-later-one:not sent' 'link-without-its-stack:not sent' 'link-rows:do not fit' \
	'record-without-its-link:not sent' 'record-with-a-huge-link:not sent' 'record-with-link-0:not sent' 'record-rows:do not fit'; do
	t/flips.py make "${made%%:*}" "$tmp/one.trs" >"$tmp/made.trs"
	for options in '--by phase' '--by stack --sum union' '--by op --linked-only'; do
		# shellcheck disable=SC2086
		refuses 1 "^group-by-op: .*byte [0-9]*: .*${made#*:}" "${made%%:*}: $options" group-by-op $options -o "$tmp/never" "$tmp/made.trs"
	done
done
ok 'no result anywhere' test ! -e "$tmp/never"
grep -e '"keys"' -e '"end"' -e '"tid":8' "$tmp/one.txt" | trace-load >"$tmp/small.trs"
ok 'any number changed in what links are made of: refused, or a whole table' t/group-links.py forge "$tmp/small.trs"

# Stacks may be deep, and links begin anew without them: work is that of what is new.
python3 - "$tmp" <<'EOF'
import json, sys
folder = sys.argv[1]
frames = ["python:f%d" % (i % 10) for i in range(100000)]
with open(folder + "/deep.txt", "w") as f:
    f.write('{"meta":{"keys":["cpu_op","stack"]}}\n')
    for i in range(3):
        f.write(json.dumps({"ph": "X", "cat": "kernel", "name": "k", "ts_ns": 0, "dur_ns": 5, "link": {"stack": frames[:100000 - i], "launched": True}, "instance": i}) + "\n")
    f.write('{"end":{}}\n')
EOF
trace-load "$tmp/deep.txt" >"$tmp/deep.trs"
group-by-op --by stack --no-header "$tmp/deep.trs" >"$tmp/out"
ok 'stacks of 100,000 frames are told apart by the last one' python3 -c '
import sys
rows = [line.split("\t")[0].split(";") for line in open(sys.argv[1])]
assert [len(r) for r in rows] == [99998, 99999, 100000], [len(r) for r in rows]
assert all(f == "f%d" % (i % 10) for r in rows for i, f in enumerate(r))' "$tmp/out"
python3 - "$tmp/deep.trs" >"$tmp/resets.trs" <<'EOF'
import struct, sys
sys.path.insert(0, "t")
import flips
data = open(sys.argv[1], "rb").read()
parts = [(kind, data[at:at + 32 + length]) for at, kind, length in flips.frames(data)]
records = b"".join(f for kind, f in parts if kind in (flips.RECORDS, flips.COLUMN))
links = next(f for kind, f in parts if kind == flips.LINKS)
again = flips.frame(flips.LINKS, links[32:], flags=3, rows=struct.unpack_from("<I", links, 8)[0])
n = 20000
body = [f for kind, f in parts if kind not in (flips.RECORDS, flips.COLUMN, flips.END)]
end = flips.frame(flips.END, struct.pack("<IIQQQ", 0, 0, 3 * n, 0, 0))
sys.stdout.buffer.write(data[:16] + b"".join(body) + (again + records) * n + end)
EOF
prints 0 'links that begin anew 20,000 times, their stacks do not' timeout 60 sh -c 'group-by-op --by stack --sum union --no-header "$1" | cut -f 2-4' - "$tmp/resets.trs" <<'EOF'
1	20000	0.005
1	20000	0.005
1	20000	0.005
EOF
done_testing
