#!/bin/sh
# shellcheck disable=SC2016,SC2086,SC2317 # single quotes are for the sh that is called; words of
# options; functions that are called by name
# trace-link: each rule of DEFINITIONS.md 4 and 5 by a small trace and an answer made on paper.
. t/lib.sh

# trace FILE: lines `cat name pid tid ts dur [args]` or `s|f cat id pid tid ts` as a trace
trace() {
	python3 -c '
import json, sys
events = []
for line in sys.stdin:
    w = line.split()
    if w[0] in "sf":
        events.append({"ph": w[0], "cat": w[1], "id": int(w[2]), "name": w[1], "pid": w[3], "tid": w[4], "ts": float(w[5])})
    else:
        e = {"ph": "X", "cat": w[0], "name": w[1].replace("~", " "), "pid": w[2], "tid": w[3], "ts": float(w[4]), "dur": float(w[5])}
        if len(w) > 6:
            e["args"] = {k.replace("~", " "): int(v) for k, v in (a.split("=") for a in w[6:])}
        events.append(e)
json.dump({"traceEvents": events}, sys.stdout)' >"$1"
}

# by KEYS FILE...: name of each GPU activity, and its keys
by() {
	keys=$1
	n=$(echo "$1" | tr , '\n' | wc -l)
	shift
	trace-parse -q --index off "$@" | trace-link | group-by-op -q --by "name,$keys" --no-header >"$tmp/table" || return
	cut -f "1-$((n + 1))" "$tmp/table" | LC_ALL=C sort
}

# Launch -----------------------------------------------------------------------------------------

# The earliest of several calls; of those at one time the first in the file. External id only where
# there is no correlation, and never 0. One graph launch starts three, one of them a fill.
trace "$tmp/launch.json" <<'END'
cuda_runtime late 1 1 20 1 correlation=1
cuda_runtime early 1 2 10 1 correlation=1
cuda_runtime first 1 1 30 1 correlation=2
cuda_runtime second 1 2 30 9 correlation=2
cuda_runtime by_id 1 1 40 1 External~id=7
cuda_runtime by_zero 1 1 41 1 External~id=0
cuda_runtime cudaGraphLaunch 1 1 50 1 correlation=5
cuda_runtime number_zero 1 1 60 1 correlation=0
kernel k1 0 7 25 1 correlation=1
kernel k2 0 7 35 1 correlation=2
kernel old 0 7 45 1 External~id=7
kernel zero 0 7 46 1 External~id=0
kernel other 0 7 47 1 correlation=99 External~id=7
kernel none 0 7 48 1
kernel g1 0 7 55 1 correlation=5
kernel g2 0 7 56 1 correlation=5
gpu_memset g3 0 7 57 1 correlation=5
kernel c0 0 7 65 1 correlation=0
END
prints 0 'launch: the earliest call, External id where there is no correlation, a graph launches many' by launch "$tmp/launch.json" <<'END'
c0	number_zero
g1	cudaGraphLaunch
g2	cudaGraphLaunch
g3	cudaGraphLaunch
k1	early
k2	first
none	(unlinked)
old	by_id
other	(unlinked)
zero	(unlinked)
END

# TraceLens: an s and an f, the last f at the activity; all of a graph.
trace "$tmp/tracelens.json" <<'END'
cuda_runtime call 1 1 10 1 correlation=1
cuda_runtime call 1 1 20 1 correlation=2
cuda_runtime call 1 1 30 1 correlation=3
cuda_runtime call 1 1 40 1 correlation=4
cuda_runtime hipGraphLaunch 1 1 50 1 correlation=5
kernel both 0 7 15 1 correlation=1
kernel no_f 0 7 25 1 correlation=2
kernel no_s 0 7 35 1 correlation=3
kernel elsewhere 0 7 45 1 correlation=4
kernel graph1 0 7 55 1 correlation=5
kernel graph2 0 8 56 1 correlation=5
kernel no_call 0 7 57 1 correlation=6
s ac2g 1 1 1 10
f ac2g 1 0 7 15
s ac2g 2 1 1 20
f ac2g 3 0 7 35
s ac2g 4 1 1 40
f ac2g 4 0 7 45
f ac2g 4 1 1 40
s ac2g 6 1 1 57
f ac2g 6 0 7 57
s async 2 1 1 20
f async 2 0 7 25
END
linked_only() { trace-parse -q --index off "$1" | trace-link | group-by-op -q --linked-only --by name --no-header | cut -f 1 | LC_ALL=C sort; }
prints 0 '--linked-only: a flow with both ends, the last one at the activity; a graph' linked_only "$tmp/tracelens.json" <<'END'
both
graph1
graph2
END

# Operator, stack, module ---------------------------------------------------------------------------

# outer 0..100 > Block_1 0..100 (module) > inner 10..30 > launch at 20; cross 25..50 begins in inner
# and outlives it: the call at 40 stands in it, and in its path inner; at 30 inner is over, and cross
# still open. An operator that takes no time holds nothing; one that ends where the call begins
# neither. Another thread's operators do not count.
trace "$tmp/ops.json" <<'END'
python_function nn.Module:~Block_1 1 1 0 100
cpu_op outer 1 1 0 100
cpu_op inner 1 1 10 20
cuda_runtime a 1 1 20 1 correlation=1
cpu_op cross 1 1 25 25
python_function nn.Module:~Leaf 1 1 26 2
cuda_runtime b 1 1 40 1 correlation=2
cpu_op nothing 1 1 60 0
cuda_runtime c 1 1 60 1 correlation=3
cpu_op before 1 1 70 5
cuda_runtime d 1 1 75 1 correlation=4
cuda_runtime outside 1 1 80 10 correlation=5
cuda_driver within 1 1 82 1 correlation=6
cpu_op elsewhere 1 2 0 200
cuda_runtime lone 1 3 150 1 correlation=7
kernel a 0 7 200 1 correlation=1
kernel b 0 7 201 1 correlation=2
kernel c 0 7 202 1 correlation=3
kernel d 0 7 203 1 correlation=4
kernel e 0 7 204 1 correlation=5
kernel f 0 7 205 1 correlation=6
kernel g 0 7 206 1 correlation=7
END
prints 0 'cpu_op, module: the nearest around the call on its thread' by cpu_op,module "$tmp/ops.json" <<'END'
a	inner	Block_1
b	cross	Block_1
c	outer	Block_1
d	outer	Block_1
e	outer	Block_1
f	outer	Block_1
g	lone	(none)
END
prints 0 'stack: all that was open, a call within a call too' by stack "$tmp/ops.json" <<'END'
a	nn.Module: Block_1;outer;inner;a
b	nn.Module: Block_1;outer;inner;cross;b
c	nn.Module: Block_1;outer;c
d	nn.Module: Block_1;outer;d
e	nn.Module: Block_1;outer;outside
f	nn.Module: Block_1;outer;outside;within
g	lone
END

# Backward: thread 2 has no module. bwd1 by the flow that begins at fwd (though the last operator with
# its number is `later`); bwd2 by its number alone: the last before that is no backward operator.
# bwd3 has a module of its own. bwd4's number nobody has.
trace "$tmp/backward.json" <<'END'
python_function nn.Module:~Model 1 1 0 100
python_function nn.Module:~Up_0 1 1 0 20
cpu_op fwd 1 1 5 10 Sequence~number=1 Fwd~thread~id=0
python_function nn.Module:~Down_0 1 1 30 20
cpu_op later 1 1 35 10 Sequence~number=1 Fwd~thread~id=0
python_function nn.Module:~Mid_0 1 1 60 20
cpu_op second 1 1 65 10 Sequence~number=2
cpu_op too_late 1 1 290 1 Sequence~number=2
cpu_op bwd1 1 2 200 10 Sequence~number=1 Fwd~thread~id=1
cpu_op within 1 2 201 5
cuda_runtime call 1 2 202 1 correlation=1
cpu_op bwd2 1 2 220 10 Sequence~number=2 Fwd~thread~id=1
cuda_runtime call 1 2 222 1 correlation=2
python_function nn.Module:~Own_0 1 2 240 10
cpu_op bwd3 1 2 241 5 Sequence~number=1 Fwd~thread~id=1
cuda_runtime call 1 2 242 1 correlation=3
cpu_op bwd4 1 2 260 10 Sequence~number=77 Fwd~thread~id=1
cuda_runtime call 1 2 262 1 correlation=4
s fwdbwd 9 1 1 5
f fwdbwd 9 1 2 200
s ac2g 9 1 1 35
f ac2g 9 1 2 220
kernel k1 0 7 300 1 correlation=1
kernel k2 0 7 301 1 correlation=2
kernel k3 0 7 302 1 correlation=3
kernel k4 0 7 303 1 correlation=4
END
prints 0 'module of a backward launch: its own, else that of the forward operator' by cpu_op,module "$tmp/backward.json" <<'END'
k1	within	Up_0
k2	bwd2	Mid_0
k3	bwd3	Own_0
k4	bwd4	(none)
END
forward() {
	trace-parse -q --index off "$1" | trace-link | trace-dump | grep '"cat":"kernel"' |
		sed 's/.*"name":"\([^"]*\)".*"forward_op":"\([^"]*\)".*/\1 \2/; t; s/.*"name":"\([^"]*\)".*/\1 -/'
}
prints 0 'forward operator: by the fwdbwd flow, else the last before with that number' forward "$tmp/backward.json" <<'END'
k1 fwd
k2 second
k3 fwd
k4 -
END

# Annotations, phases, steps -------------------------------------------------------------------------

# Own thread before the process before the part; the innermost; open from its start up to its end;
# the time is that of the launch. An own annotation that names no phase hides no phase elsewhere.
# Where no ProfilerStep is open steps are the annotations that name a phase.
trace "$tmp/notes.json" <<'END'
user_annotation ProfilerStep#3 1 1 0 100
user_annotation prefill[a] 1 1 10 30
user_annotation plain 1 1 20 10
user_annotation decode[b] 2 1 0 300
user_annotation quiet 1 3 0 100
cuda_runtime l 1 1 25 1 correlation=1
cuda_runtime l 1 1 30 1 correlation=2
cuda_runtime l 1 1 40 1 correlation=3
cuda_runtime l 1 2 25 1 correlation=4
cuda_runtime l 1 3 25 1 correlation=5
cuda_runtime l 1 2 150 1 correlation=6
cuda_runtime l 3 1 350 1 correlation=7
kernel plain 0 7 400 1 correlation=1
kernel over 0 7 401 1 correlation=2
kernel step 0 7 402 1 correlation=3
kernel process 0 7 403 1 correlation=4
kernel own 0 7 404 1 correlation=5
kernel part 0 7 405 1 correlation=6
kernel after 0 7 25 1 correlation=7
kernel unlinked 0 7 25 1
gpu_user_annotation capture_gpu 0 7 0 999
END
prints 0 'annotation, phase, step: own thread, process, part; each by itself' by annotation,phase,step "$tmp/notes.json" <<'END'
after	(none)	unknown	(none)
over	prefill[a]	prefill	3
own	quiet	prefill	3
part	decode[b]	decode	0
plain	plain	prefill	3
process	plain	prefill	3
step	ProfilerStep#3	decode	3
unlinked	(none)	unknown	(none)
END

# Every dialect. Each annotation has one launch in its middle.
i=0
while read -r name phase; do
	i=$((i + 10))
	echo "user_annotation $name 1 1 $i 8" >&3
	echo "cuda_runtime l 1 1 $((i + 2)) 1 correlation=$i" >&3
	echo "kernel $(printf k%03d $i) 0 7 $((i + 3)) 1 correlation=$i" >&3
	printf 'k%03d\t%s\n' $i "$phase" >&4
done 3>"$tmp/lines" 4>"$tmp/phases" <<'END'
execute_context_9(8155)_generation_37(37) mixed
execute_8192_context_9(sq8155sk8430sqsq7475785sqsk7671310)_generation_37(sq37sk9) mixed
execute_context_1(888_788544)_generation_0(0) prefill
execute_context_0(0)_generation_12(12) decode
execute_context_00(0)_generation_007(1) decode
execute_context_0(0)_generation_0(0) unknown
execute_512_context_0(sq0)_generation_4(sq4) decode
execute_context_1(2)_generation_x(1) unknown
execute_context_1(2 unknown
step[EXTEND~bs=15~toks=15360] prefill
step[DECODE~bs=32] decode
step[MIXED~bs=2] mixed
step[TARGET_VERIFY~bs=2] target_verify
step[~x unknown
prefill[x] prefill
decode[y] decode
capture_12_full capture
execute_diffusion_1_256x256 diffusion
xprefill[x] unknown
Prefill[x] unknown
END
trace "$tmp/phases.json" <"$tmp/lines"
by phase "$tmp/phases.json" >"$tmp/out" 2>"$tmp/err"
same 'phases in every dialect' "$tmp/phases" "$tmp/out"

# Nested: the innermost that names one; `unknown` that is named hides what is around it. Steps are the
# outermost, from 0 for each process; a thread without its own looks at its process.
trace "$tmp/nested.json" <<'END'
user_annotation prefill[outer] 1 1 0 50
user_annotation execute_context_0(0)_generation_0(0) 1 1 10 10
user_annotation plain 1 1 30 10
user_annotation decode[inner] 1 1 40 5
user_annotation decode[next] 1 1 60 20
user_annotation decode[other] 2 1 20 40
cuda_runtime l 1 1 5 1 correlation=1
cuda_runtime l 1 1 15 1 correlation=2
cuda_runtime l 1 1 35 1 correlation=3
cuda_runtime l 1 1 42 1 correlation=4
cuda_runtime l 1 1 70 1 correlation=5
cuda_runtime l 2 1 30 1 correlation=6
cuda_runtime l 1 2 70 1 correlation=7
cuda_runtime l 1 1 55 1 correlation=8
kernel k1 0 7 100 1 correlation=1
kernel k2 0 7 101 1 correlation=2
kernel k3 0 7 102 1 correlation=3
kernel k4 0 7 103 1 correlation=4
kernel k5 0 7 104 1 correlation=5
kernel k6 0 7 105 1 correlation=6
kernel k7 0 7 106 1 correlation=7
kernel k8 0 7 107 1 correlation=8
END
prints 0 'nested phases; steps are the outermost, by process' by phase,step "$tmp/nested.json" <<'END'
k1	prefill	0
k2	unknown	0
k3	prefill	0
k4	decode	0
k5	decode	1
k6	decode	0
k7	decode	1
k8	decode	0
END

# Layers ---------------------------------------------------------------------------------------------

# Block_0 and Block_1 hold 6 of 8 us; the outermost frame of the class counts; what is outside has none.
trace "$tmp/modules.json" <<'END'
python_function nn.Module:~Model_0 1 1 0 100
python_function nn.Module:~Block_0 1 1 10 20
cuda_runtime l 1 1 12 1 correlation=1
python_function nn.Module:~Block_5 1 1 15 5
cuda_runtime l 1 1 16 1 correlation=2
python_function nn.Module:~Block_1 1 1 40 20
cuda_runtime l 1 1 42 1 correlation=3
cuda_runtime l 1 1 80 1 correlation=4
kernel a 0 7 100 2 correlation=1
kernel b 0 7 103 2 correlation=2
kernel c 0 7 106 2 correlation=3
kernel d 0 7 109 2 correlation=4
kernel e 0 7 112 50
END
prints 0 'layers by module: the outermost frame of the class' by layer "$tmp/modules.json" <<'END'
a	0
b	0
c	1
d	(none)
e	(none)
END

# One matrix product and one other in turns, four times: layers 0 to 3; the copy in front has none.
{
	echo 'gpu_memcpy Memcpy~HtoD 0 7 1 1'
	for i in 1 2 3 4; do
		echo "kernel gemm 0 7 ${i}0 1"
		echo "kernel rms_norm_kernel 0 7 ${i}2 1"
		echo "kernel rms_norm_kernel 0 7 ${i}4 1"
	done
} | trace "$tmp/repeat.json"
prints 0 'layers by repetition, without launches' by layer "$tmp/repeat.json" <<'END'
Memcpy HtoD	(none)
gemm	0
gemm	1
gemm	2
gemm	3
rms_norm_kernel	0
rms_norm_kernel	1
rms_norm_kernel	2
rms_norm_kernel	3
END

# Several files ----------------------------------------------------------------------------------------

# The same correlations, threads and numbers in each: nothing of one is linked to another.
trace "$tmp/one.json" <<'END'
user_annotation prefill[one] 1 1 0 100
cpu_op one 1 1 0 50
cuda_runtime call_one 1 1 10 1 correlation=1
kernel k1 0 7 20 1 correlation=1
kernel k2 0 7 21 1 correlation=2
END
trace "$tmp/two.json" <<'END'
cpu_op two 1 1 0 50 Sequence~number=1
cpu_op back 1 1 60 9 Sequence~number=2 Fwd~thread~id=1
cuda_runtime call_two 1 1 61 1 correlation=2
kernel k1 0 7 20 1 correlation=1
kernel k2 0 7 21 1 correlation=2
END
trace "$tmp/three.json" <<'END'
cpu_op three 1 1 0 50 Sequence~number=2
END
prints 0 'files do not see each other' by rank,cpu_op,phase,step "$tmp/one.json" "$tmp/two.json" "$tmp/three.json" <<'END'
k1	0	one	prefill	0
k1	1	(unlinked)	unknown	(none)
k2	0	(unlinked)	unknown	(none)
k2	1	back	unknown	(none)
END
printf '[]' >"$tmp/empty.json"
trace-parse -q --index off "$tmp/one.json" "$tmp/empty.json" | trace-link | trace-dump >"$tmp/dump"
[ "$(grep -c '"layer_confidence":0.0000' "$tmp/dump")" = 2 ]
result $? 'each file has its layers, an empty one too' "$tmp/dump"
prints 0 'rocprofv3: calls and activity by the same number' sh -c 'trace-parse -q "$1" | trace-link | group-by-op --by launch,cat --no-header | cut -f 1-3 | sort' - fixtures/small-rocprofv3.json <<'END'
(unlinked)	gpu_memcpy	2
hipLaunchKernel	kernel	14
END
prints 0 'rocprofv3: each process of a file has its own numbers' sh -c 'trace-parse -q "$1" | trace-link | group-by-op --by launch,pid --cat kernel --no-header | cut -f 1-3 | sort' - fixtures/small-rocprofv3-two.json <<'END'
(unlinked)	909	12
hipLaunchKernel	908	14
END

# Streams of others -------------------------------------------------------------------------------------

# GPU names that start anew and get labels, then host names that do: the labels are not those of the
# names before.
cat >"$tmp/again.py" <<'END'
import struct, sys
sys.path.insert(0, "t")
from linkstream import frame, strings, RESET
from flips import header
labels = lambda op: frame(5, 0, 0, 0, 1, struct.pack("<4I", 1, op, op, 3))
record = lambda ts: frame(3, 1, 0, 0, 1, struct.pack("<qqQII", ts, 5, 0, 1, 1))
again = lambda role, text: frame(1, role, RESET, 0, 1, struct.pack("<I", 4) + text)
sys.stdout.buffer.write(header() + strings(7, 0, ["op", "category", "library"]) + strings(1, 2, ["X", "kernel", "1", "7"]) + strings(1, 0, ["gemm"]) +
    strings(1, 3, ["GEMM", "Activation", "lib"]) + labels(1) + frame(2, 0, 0, 0, 1, struct.pack("<8I", 1, 2, 3, 4, 3, 4, 0, 0)) + record(1) +
    again(0, b"relu") + labels(2) + again(1, b"host") + record(9) + frame(9, 0, 0, 0, 0, struct.pack("<IIQQQ", 0, 0, 2, 0, 0)))
END
python3 "$tmp/again.py" >"$tmp/again.trs"
prints 0 'labels of names that start anew' sh -c 'trace-link "$1" | group-by-op --by name,op --no-header | cut -f 1,2' - "$tmp/again.trs" <<'END'
gemm	GEMM
relu	Activation
END
trace-parse -q --index off fixtures/small-kineto.json >"$tmp/kineto.trs"
for made in unknown-kind announced-kinds unknown-role unknown-keep; do
	t/flips.py make $made "$tmp/kineto.trs" >"$tmp/made.trs"
	pipe '0 0' "of later versions: $made" "trace-link $tmp/made.trs" 'trace-dump | tail -n 1'
	ok 'records of kinds that we do not know are left out' grep -q '"events":204,' "$tmp/out"
done
done_testing
