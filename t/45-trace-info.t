#!/bin/sh
# shellcheck disable=SC2016,SC2317 # single quotes are for the sh that is called; functions are called by name
# trace-info: every key, every warning, --check, --memory; what must come is worked out by hand.
. t/lib.sh

# value KEY DESCRIPTION WANT: what trace-info says of the trace in $tmp/in
value() {
	trace-parse "$tmp/in" 2>"$tmp/err" | trace-info --no-header 2>>"$tmp/err" | awk -F '\t' -v key="$1" '$1 == key { print $2 }' >"$tmp/got"
	printf '%s' "${3:+$3
}" | diff - "$tmp/got" >"$tmp/diff"
	result $? "$1: $2"
}

# events EVENT...: makes a trace of them, $tmp/in
events() {
	{
		echo "{$head\"traceEvents\":["
		[ $# = 0 ] || printf '%s,\n' "$@"
		echo ']}'
	} >"$tmp/in"
}
head=

# x CAT NAME TS DUR [ARGS]
x() {
	printf '{"ph":"X","cat":"%s","name":"%s","pid":1,"tid":2,"ts":%s,"dur":%s,"args":{%s}}' "$@"
}

# A whole trace: two kernels of stream 7 and a copy on another device, all launched; 5 strings of
# GPU names and so on are counted below.
cat >"$tmp/whole.json" <<'END'
{"deviceProperties":[{"id":0,"name":"NVIDIA X1","warpSize":32},{"id":1,"name":"NVIDIA X1","warpSize":32},{"id":2,"name":"X,2"}],
"cuda_runtime_version":12040,"cuda_driver_version":12090,"distributedInfo":{"rank":5},"baseTimeNanoseconds":1727743122000000000,
"traceEvents":[
{"ph":"X","cat":"user_annotation","name":"execute_context_1(8)_generation_0(0)","pid":1,"tid":1,"ts":0,"dur":100},
{"ph":"X","cat":"python_function","name":"f","pid":1,"tid":1,"ts":1,"dur":90},
{"ph":"X","cat":"cuda_runtime","name":"cudaLaunchKernel","pid":1,"tid":1,"ts":2,"dur":1,"args":{"correlation":1}},
{"ph":"X","cat":"cuda_driver","name":"cuLaunchKernel","pid":1,"tid":1,"ts":3,"dur":1,"args":{"correlation":2}},
{"ph":"X","cat":"cuda_runtime","name":"cudaMemcpyAsync","pid":1,"tid":1,"ts":4,"dur":1,"args":{"correlation":3}},
{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":10.5,"dur":2,"args":{"device":0,"stream":7,"correlation":1}},
{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":12.5,"dur":2.25,"args":{"device":0,"stream":7,"correlation":2}},
{"ph":"X","cat":"gpu_memcpy","name":"Memcpy HtoD","pid":1,"tid":7,"ts":11,"dur":1,"args":{"device":1,"stream":7,"correlation":3}},
{"ph":"M","name":"process_name","pid":1,"tid":0,"ts":-5,"args":{"name":"python"}}
]}
END
trace-parse "$tmp/whole.json" >"$tmp/whole.trs"
bytes=$(wc -c <"$tmp/whole.trs")
# strings: GPU k, Memcpy HtoD; host f, the annotation, three launches, process_name; words X, M,
# six categories, pids and tids 1, 0, 7 (devices and streams are among them): 2 + 6 + 11
prints 0 "every key of a whole trace" trace-info "$tmp/whole.trs" <<END
key	value
platform	nvidia
gpu	NVIDIA X1, X,2
gpus	2
ranks	5
format	chrome
events	9
events.user_annotation	1
events.python_function	1
events.cuda_runtime	2
events.cuda_driver	1
events.kernel	2
events.gpu_memcpy	1
events.(none)	1
gpu_events	3
span_us	4.250
base_ns	1727743122000000000
strings	19
bytes	$bytes
lost	0
status	0
cuda_version	12040
cuda_driver_version	12090
END
prints 0 "--check: nothing wrong, the header alone" trace-info --check "$tmp/whole.trs" <<'END'
key	value
END
grep -qx 'trace-info: no warnings' "$tmp/err"
result $? "and a note that says so"
prints 0 "--memory: 32 bytes a record" sh -c 'trace-info --memory --no-header "$1" | grep "^memory"' - "$tmp/whole.trs" <<'END'
memory.strings.gpu	12
memory.strings.host	94
memory.strings.word	74
memory.strings.label	0
memory.records.kernel	64
memory.records.memcpy	32
memory.records.python	32
memory.records.runtime	96
memory.records.annotation	32
memory.records.meta	32
memory.total	468
END
prints 0 "JSON" sh -c 'trace-info --format json "$1" | head -n 3' - "$tmp/whole.trs" <<'END'
[
{"key":"platform","value":"nvidia"},
{"key":"gpu","value":"NVIDIA X1, X,2"},
END
trace-parse "$tmp/whole.json" "$tmp/whole.json" >"$tmp/two.trs"
prints 0 "parts: ranks apart, spans and devices add up" sh -c 'trace-info --no-header "$1" | grep -E "^(ranks|gpus|span_us|events|base_ns)	"' - "$tmp/two.trs" <<'END'
gpus	4
ranks	5, 5#2
events	18
span_us	8.500
base_ns	1727743122000000000
END

# platforms (DEFINITIONS.md 1)
kernel=$(x kernel k 1 2 '"correlation":1')
head='"roctracer_version":4.1,'
events "$kernel"
value platform "roctracer_version" amd
head='"deviceProperties":[{"id":0,"name":"","warpSize":64}],'
events "$kernel"
value platform "a device with warpSize 64" amd
head='"deviceProperties":[{"note":{"name":"NVIDIA","warpSize":64},"name":"Tesla V100"}],'
events "$kernel"
value platform "the name of a device" nvidia
head=
events "$(x cuda_runtime hipLaunchKernel 1 2)"
value platform "runtime events hip*" amd
events "$(x cuda_runtime cudaLaunchKernel 1 2)"
value platform "runtime events cuda*" nvidia
events "$(x cuda_driver cuLaunchKernel 1 2)"
value platform "runtime events cu*" nvidia
events "$(x cuda_runtime custom 1 2)"
value platform "other runtime events" unknown
events "$(x mtia_ccp_events k 1 2)"
value platform "a category mtia_*" mtia
events "$kernel"
value platform "no sign" unknown
cp fixtures/small-rocprofv3.json "$tmp/in"
value platform "rocprofv3" amd
value format "rocprofv3" rocprofv3

# span: GPU activity, else all events with a time; metadata never
events "$(x cpu_op a 5 2)" "$(x cpu_op b 10 2.5)" '{"ph":"M","name":"m","pid":1,"tid":1,"ts":0}'
value span_us "without GPU activity" 7.500
events "$(x cpu_op a 5 2)" "$kernel"
value span_us "with GPU activity" 2.000
events
value span_us "of nothing" 0.000

# warnings
events "$(x cpu_op a 5 2)"
value warning.NO_GPU_ACTIVITY "host events alone" "no GPU activity"
events "$kernel"
value warning.NO_GPU_ACTIVITY "a kernel" ""
events "$kernel"
value warning.NO_PYTHON_STACKS "a kernel" "no python_function events"
events "$(x python_function f 5 2)"
value warning.NO_PYTHON_STACKS "a Python function" ""
prints 0 "a selection that left out is mentioned" sh -c 'trace-parse --gpu "$1" | trace-info --no-header | grep PYTHON' - "$tmp/whole.json" <<'END'
warning.NO_PYTHON_STACKS	no python_function events; a selection left out 6 events
END
for name in 'execute_context_9(8155)_generation_37(37)' 'execute_8192_context_9(sq8155)_generation_37(sq37)' \
	'step[EXTEND bs=15 toks=15360]' 'prefill[1]' 'decode[2]' capture_N_mode execute_diffusion_1_256x256; do
	events "$(x user_annotation "$name" 1 2)"
	value warning.NO_PHASE_ANNOTATIONS "$name" ""
done
for name in 'ProfilerStep#3' execute_model my_step[1] 'context_1_generation_2'; do
	events "$(x user_annotation "$name" 1 2)"
	value warning.NO_PHASE_ANNOTATIONS "$name" "no annotation names a phase"
done
events "$(x cpu_op 'step[DECODE]' 1 2)"
value warning.NO_PHASE_ANNOTATIONS "no annotation" "no annotation names a phase"

# 1 of 20 us is 5 %: not above; 1.001 of 20.001 is
printf 'Known\tGEMM\tlib\tknown\n' >"$tmp/rules"
unknown() {
	events "$(x kernel known 1 19)" "$(x kernel mystery_xyz 30 "$1")"
	trace-parse "$tmp/in" | kernel-classify --rules "$tmp/rules" | trace-info --no-header | grep MANY_UNKNOWN
}
prints 1 "5 % of GPU time in Other" unknown 1 </dev/null
prints 0 "above 5 %" unknown 1.001 <<'END'
warning.MANY_UNKNOWN_KERNELS	5.00 % of GPU time has no known operation
END
events "$(x kernel mystery_xyz 1 2)"
value warning.MANY_UNKNOWN_KERNELS "not without labels" ""

events "$(x cuda_runtime cudaLaunchKernel 1 1 '"correlation":5')" "$(x kernel k 2 1 '"correlation":5')" "$(x kernel k 3 1 '"correlation":5')" \
	"$(x kernel k 4 1 '"correlation":6')" "$(x gpu_memcpy k 5 1)" "$(x cpu_op k 5 1 '"correlation":6')"
value warning.UNLINKED_ACTIVITY "two of four" "50.00 % of GPU activity has no runtime event: 2 of 4"
prints 1 "two parts whose activity is linked" sh -c 'trace-parse "$@" | trace-info --no-header | grep UNLINKED' - "$tmp/whole.json" "$tmp/whole.json" </dev/null
sed 's/"cudaMemcpyAsync".*"correlation":3/"cudaMemcpyAsync","pid":1,"tid":1,"ts":4,"dur":1,"args":{"correlation":4/' "$tmp/whole.json" >"$tmp/other.json"
prints 0 "a correlation that only the other part has does not link" sh -c 'trace-parse "$@" | trace-info --no-header | grep UNLINKED' - "$tmp/whole.json" "$tmp/other.json" <<'END'
warning.UNLINKED_ACTIVITY	16.67 % of GPU activity has no runtime event: 1 of 6
END

# on stream 1: 0..10, 2..3, 5..6, 10..12: two start before 10; on stream 2: one alone
events "$(x kernel k 10 2 '"stream":1')" "$(x kernel k 5 1 '"stream":1')" "$(x kernel k 0 10 '"stream":1')" \
	"$(x kernel k 2 1 '"stream":1')" "$(x kernel k 2 1 '"stream":2')"
value warning.OVERLAPS "in any order" "2 GPU activities start before an earlier one of their stream ends"
events "$(x kernel k 0 5 '"stream":1')" "$(x kernel k 5 5 '"stream":1')" "$(x kernel k 1 5 '"stream":1,"device":1')"
value warning.OVERLAPS "touching, and on another device" ""
events "$(x cpu_op a 0 3600000000)" "$(x cpu_op b 0 3600000000.001)" "$(x cpu_op c 0 9000000000000000.5)"
value warning.ABSURD_DURATIONS "above one hour" "2 durations above one hour, the longest 9000000000000000.500 us"
events "$(x cpu_op a 0 3600000000)"
value warning.ABSURD_DURATIONS "one hour" ""
events '{"ph":"X","cat":"kernel","pid":1,"tid":1,"ts":1,"dur":1}' '{"ph":"X","cat":"cpu_op","pid":1,"tid":1,"ts":1,"dur":1}' \
	'{"ph":"i","pid":1,"tid":1,"ts":1}'
value warning.NAMES_UNKNOWN "two, and an instant" "2 intervals without a name"

# damage
{ head -n 8 "$tmp/whole.json"; printf '{"ph":"X","cat":"ker'; } >"$tmp/cut.json"
trace-parse "$tmp/cut.json" >"$tmp/cut.trs" 2>/dev/null
prints 3 "an incomplete stream" sh -c 'trace-info --no-header "$1" >"$2"; s=$?; grep -E "^(lost|status|warning.INC)" "$2"; exit $s' - "$tmp/cut.trs" "$tmp/table" <<'END'
lost	1
status	3
warning.INCOMPLETE	the trace is damaged or cut; events lost: 1
END
trace-info --partial-ok "$tmp/cut.trs" >/dev/null
result $? "--partial-ok: 0"
prints 1 "--strict: nothing, and 1" trace-info --strict "$tmp/cut.trs" </dev/null
prints 4 "--check: the warnings alone, and 4" sh -c 'trace-parse --cat kernel "$1" | trace-info --check --no-header' - "$tmp/whole.json" <<'END'
warning.NO_PHASE_ANNOTATIONS	no annotation names a phase; a selection left out 7 events
warning.NO_PYTHON_STACKS	no python_function events; a selection left out 7 events
warning.UNLINKED_ACTIVITY	100.00 % of GPU activity has no runtime event: 2 of 2
END
# Profiles: what only traces have is not spoken of.
printf 'name,ncall,tsub,ttot\nf,2,0.5,1.25\ng,1,0.75,0.75\n' | prof-parse >"$tmp/totals.trs"
prints 0 'a profile of totals' sh -c 'trace-info --no-header "$1" | grep -v "^bytes"' - "$tmp/totals.trs" <<'END'
ranks	0
format	yappi-csv
events	2
functions	2
weight	ns
total_us	1250000.000
strings	2
lost	0
status	0
END
prints 0 'of which there is nothing to warn' trace-info -q --check --no-header "$tmp/totals.trs" </dev/null
printf 'a;b 3\na 4\n' | prof-parse >"$tmp/samples.trs"
prints 0 'samples' sh -c 'trace-info --no-header "$1" | sed -n 2,6p' - "$tmp/samples.trs" <<'END'
format	folded
events	2
stacks	2
weight	samples
total_us	7.000
END
functions=$(grep -c '^fn=([0-9]*)$' fixtures/prof/yappi.callgrind) edges=$(grep -c '^calls=' fixtures/prof/yappi.callgrind)
prints 0 'edges; time and samples are not added up' sh -c 'prof-parse fixtures/prof/yappi.callgrind | trace-info --no-header - "$1" | sed -n 2,/^weight/p' - "$tmp/samples.trs" <<END
format	callgrind, folded
events	$((functions + edges + 2))
functions	$functions
edges	$edges
stacks	2
weight	ns, samples
END
prints 0 'a trace and a profile: what both have' sh -c 'trace-info -q --no-header "$1" "$2" | grep -E "^(platform|format|events|functions|gpu_events|weight|total_us|warning)"' - "$tmp/whole.trs" "$tmp/totals.trs" <<'END'
platform	nvidia
format	chrome, yappi-csv
events	11
events.user_annotation	1
events.python_function	1
events.cuda_runtime	2
events.cuda_driver	1
events.kernel	2
events.gpu_memcpy	1
events.(none)	3
gpu_events	3
functions	2
weight	ns
total_us	1250000.000
END
prints 1 "a missing file is 1" trace-info "$tmp/no-such-file" </dev/null
prints 1 "a trace instead of records is 1" trace-info "$tmp/whole.json" </dev/null
prints 2 "an unknown option is 2" trace-info --nix "$tmp/whole.trs" </dev/null
done_testing
