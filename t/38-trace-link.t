#!/bin/sh
# shellcheck disable=SC2086,SC2317 # words of options; functions that eval calls
# trace-link: launch, operator, stack, module, annotation, step, phase, layer and forward operator of
# each activity against t/link_oracle.py, at random and on real traces; records and time that stay;
# streams, statuses. DEFINITIONS.md 4 and 5, TOOLS.md, FORMAT.md.
. t/lib.sh
shared=${TRS_SHARED:-../shared}/traces

# dump FILE...: its records, linked, as text
dump() {
	trace-parse -q --index off "$@" 2>"$tmp/err" | trace-link 2>>"$tmp/err" | trace-dump -q
}

# wanted FILE [OPTION]: what the oracle finds, as t/linked.py prints it, in order
wanted() {
	t/link_oracle.py links $2 "$1" | tail -n +2 | cut -f 2-8,10-16 | LC_ALL=C sort
}

# agrees FILE [OPTION]
agrees() {
	wanted "$1" "$2" >"$tmp/want" 2>"$tmp/why"
	dump "$1" | t/linked.py >"$tmp/out" 2>>"$tmp/why"
	same "$(wc -l <"$tmp/want") activities: $(basename "$(dirname "$1")")/$(basename "$1") $2" "$tmp/want" "$tmp/out"
}

# keeps FILE...: records without their links are those that came; GPU activity is first
keeps() {
	trace-parse -q --index off "$@" | trace-dump -q >"$tmp/before" 2>"$tmp/why"
	dump "$@" >"$tmp/after"
	t/unlinked.py "$tmp/before" "$tmp/after" >>"$tmp/why" 2>&1
	result $? "records and metadata stay: $*" "$tmp/why" "$tmp/err"
}

# holds FORMAT SENTENCE: $tmp/out holds what printf makes of it
holds() {
	# shellcheck disable=SC2059 # that is what it is for
	printf "$1" >"$tmp/want"
	same "$2" "$tmp/want" "$tmp/out"
}

# At random --------------------------------------------------------------------------------------

seed=0
while [ $seed -lt 25 ]; do
	seed=$((seed + 1))
	t/link-random.py $seed >"$tmp/random.json"
	wanted "$tmp/random.json" --by-kind >"$tmp/want"
	dump "$tmp/random.json" >"$tmp/dump"
	t/linked.py <"$tmp/dump" >"$tmp/out"
	same "trace $seed: $(wc -l <"$tmp/want") activities as Python links them" "$tmp/want" "$tmp/out"
	t/link_oracle.py ops --by-kind "$tmp/random.json" | tail -n +2 | LC_ALL=C sort >"$tmp/want"
	t/linked.py ops <"$tmp/dump" >"$tmp/out"
	same "trace $seed: and what TraceLens links" "$tmp/want" "$tmp/out"
	trace-parse -q --index off "$tmp/random.json" | trace-link -o "$tmp/random.trs"
	t/decode.py "$tmp/random.trs" | grep -v '^{"meta":{"rank":0,"rank":0}}' | LC_ALL=C sort >"$tmp/want"
	grep -v '^{"meta":{"keys"\|^{"meta":{"rank":[^,]*}}$' "$tmp/dump" | LC_ALL=C sort >"$tmp/out"
	same "trace $seed: a stream by FORMAT.md" "$tmp/want" "$tmp/out"
done
keeps "$tmp/random.json"
keeps fixtures/small-kineto.json fixtures/small-amd.json "$tmp/random.json"
keeps --args fixtures/small-kineto.json
keeps fixtures/small-rocprofv3.json
for f in fixtures/small-kineto.json fixtures/small-amd.json fixtures/small-oneline.json; do
	agrees $f
done

# Labels: those of the stream, or the built-in ones ------------------------------------------------

printf 'Mine\tGEMM\tours\t*\n' >"$tmp/rules"
P='trace-parse -q fixtures/small-kineto.json'
$P | kernel-classify --rules "$tmp/rules" | trace-link | group-by-op --by op,library --no-header | cut -f 1,2 >"$tmp/out"
holds 'Mine\tours\n' 'labels that came stay'
$P | trace-link | group-by-op >"$tmp/out"
$P | kernel-classify | group-by-op >"$tmp/want"
same 'without labels the built-in rules hold' "$tmp/want" "$tmp/out"
$P | trace-link | kernel-classify --rules "$tmp/rules" | group-by-op --by op,layer | cut -f 1 | sort -u | tail -n 1 >"$tmp/out"
holds 'op\n' 'a later kernel-classify keeps links'
$P | trace-link | trace-dump >"$tmp/want"
$P | trace-link | trace-link | trace-dump >"$tmp/out"
same 'linked twice is linked once' "$tmp/want" "$tmp/out"

# 120,000 names: string tables start anew in mid-stream --------------------------------------------

python3 - >"$tmp/names.json" <<'END'
import json
events = []
for i in range(120000):
    at = {"ts": 10 * i, "pid": 1, "tid": 1}
    events.append({"ph": "X", "cat": "cpu_op", "name": "op%d" % i + "x" * 90, "dur": 9, **at})
    events.append({"ph": "X", "cat": "cuda_runtime", "name": "call", "dur": 5, **at, "args": {"correlation": i + 1}})
    events.append({"ph": "X", "cat": "kernel", "name": "k%d" % (i % 60000) + "y" * 150, "dur": 3, "ts": 10 * i + 5, "pid": 0, "tid": 7,
                   "args": {"correlation": i + 1, "stream": 7}})
print(json.dumps({"traceEvents": events}))
END
trace-parse -q --index off "$tmp/names.json" | kernel-classify | trace-link | trace-dump | python3 -c '
import json, sys
n = 0
for r in map(json.loads, sys.stdin):
    if r.get("cat") == "kernel":
        i = r["correlation"] - 1
        n += r["link"]["cpu_op"] == "op%d" % i + "x" * 90 and r["name"] == "k%d" % (i % 60000) + "y" * 150 and r["op"] == "Other"
sys.exit(n != 120000)' >"$tmp/why" 2>&1
result $? 'names that start anew' "$tmp/why"

# Labels of equal names under two ids stay apart.
cat >"$tmp/apart.py" <<'END'
import sys
sys.path.insert(0, "t")
from forge import Index, Frame
import struct
s = Index(sys.stdin.buffer.read())
strings = lambda *t: b"".join(struct.pack("<I", len(x)) for x in t) + b"".join(t)
pad = lambda b: b + bytes(-len(b) % 8)
for i, f in enumerate(s.frames):
    if f.type == 1 and f.sub == 0:          # the second of two names becomes the first
        p = pad(strings(b"same", b"same"))
        s.frames[i] = Frame(1, 0, f.flags, 0, 2, len(p), p)
sys.stdout.buffer.write(s.pack())
END
cat >"$tmp/two.json" <<'END'
[{"ph":"X","cat":"kernel","name":"gemm","ts":1,"dur":1,"pid":0,"tid":7},{"ph":"X","cat":"kernel","name":"relu","ts":3,"dur":5,"pid":0,"tid":7}]
END
trace-parse -q "$tmp/two.json" | kernel-classify | python3 "$tmp/apart.py" >"$tmp/apart.trs"
group-by-op --by op,name "$tmp/apart.trs" >"$tmp/want"
trace-link "$tmp/apart.trs" | group-by-op --by op,name >"$tmp/out"
[ "$(cut -f 2 "$tmp/want" | sort -u | grep -c .)" = 2 ] && [ "$(wc -l <"$tmp/want")" = 3 ]
result $? 'one name with two labels' "$tmp/want"
same 'keeps both' "$tmp/want" "$tmp/out"

# Streams ------------------------------------------------------------------------------------------

$P | trace-link >"$tmp/linked.trs"
trace-parse -q "$tmp/two.json" | trace-link >"$tmp/tiny.trs"
ok 'cut at any byte: never 0, and no result' t/flips.py cuts "$tmp/tiny.trs"
trace-parse -q fixtures/small-kineto.json >"$tmp/plain.trs"
t/flips.py make announced-kinds "$tmp/plain.trs" >"$tmp/kinds.trs"
pipe '0 0' 'kinds of later versions are left out, and not counted' "trace-link $tmp/kinds.trs" trace-info
trace-link "$tmp/plain.trs" | trace-info | grep '^events' >"$tmp/want"
grep '^events' "$tmp/out" >"$tmp/got"
same 'the rest is there' "$tmp/want" "$tmp/got"
pipe '0 0 0' 'a sink that has all it wants' "$P" trace-link 'group-by-op --by name | head -n 1'
pipe '0 0' 'a reader that goes away after the table of contents' "trace-link $tmp/linked.trs" 'head -c 300 >/dev/null'
same 'silently' /dev/null "$tmp/err"
head -c 20000 fixtures/small-kineto.json >"$tmp/cut.json"
pipe '3 3 3' 'a damaged trace: all exit 3' "trace-parse -q $tmp/cut.json" trace-link 'group-by-op --by layer'
pipe '3 0 0' '--partial-ok' "trace-parse -q $tmp/cut.json" 'trace-link --partial-ok' group-by-op
pipe '3 1 1' '--strict' "trace-parse -q $tmp/cut.json" 'trace-link --strict' group-by-op
head -c 9000 "$tmp/linked.trs" >"$tmp/cut.trs"
pipe '1 1' 'a stream that is cut' "trace-link $tmp/cut.trs" group-by-op
refuses 1 'did you mean: trace-parse' 'a trace' trace-link fixtures/small-kineto.json
refuses 2 'one stream at a time' 'two streams' trace-link "$tmp/linked.trs" "$tmp/linked.trs"
printf '[]' | trace-parse -q | trace-link | trace-dump >"$tmp/out"
grep -q '"end":{"status":0,"events":0' "$tmp/out"
result $? 'a stream without records' "$tmp/out"
trace-link "$tmp/tiny.trs" >"$tmp/out.trs"
status 0 '-o' trace-link -o "$tmp/file.trs" "$tmp/tiny.trs"
same 'writes the same' "$tmp/out.trs" "$tmp/file.trs"

# Real traces --------------------------------------------------------------------------------------

if [ ! -d "$shared" ]; then
	echo '# no real traces here: ../shared/traces is absent'
	done_testing
fi
for f in "$shared"/*/trace.json.gz "$shared"/*.json; do
	agrees "$f"
	keeps "$f"
done

# layers FOLDER LAYERS CONFIDENCE: how many, and whether it is at least, or below, one half
layers() {
	trace-parse -q --index off "$shared/$1/trace.json.gz" | trace-link | trace-info >"$tmp/info"
	awk '$1 == "layers" { print $2 }' "$tmp/info" >"$tmp/out"
	awk '$1 == "layer_confidence" { print ($2 >= 0.5 ? "sure" : "unsure") }' "$tmp/info" >>"$tmp/out"
	printf '%s\n' "$2" "$3" >"$tmp/want"
	same "$1: $2 layers, $3" "$tmp/want" "$tmp/out"
}
layers mi300-vllm-prefill-decode 24 sure
layers mi300-sglang-decode 36 sure
layers b200-eager 36 sure
layers h100-bert-small 4 sure
layers mi300-bert-small 4 sure
layers h100-falconsai 12 sure
layers mi300-falconsai 12 sure
for none in mi300-normalization mi210-gpu-only a100-simple-add mtia-inference v100-ns-resolution mi300-rocprofv3; do
	layers $none 0 unsure
done

# of FOLDER KEY: the values of a key, and how many activities have each
of() {
	trace-parse -q --index off "$shared/$1/trace.json.gz" | trace-link | group-by-op --by "$2" --no-header | cut -f 1,2 >"$tmp/out"
}
of mi300-vllm-prefill-decode phase
holds 'mixed\t423\n' 'vLLM: all mixed'
of mi300-sglang-decode phase
holds 'decode\t558\n' 'SGLang: all decode'
of mi300-sglang-decode launch
grep -q '^hipGraphLaunch	544$' "$tmp/out"
result $? 'most of it through one graph launch' "$tmp/out"
of b200-eager phase
holds 'prefill\t929\n' 'b200: all prefill, though the GPU runs later'
of mi210-gpu-only phase
holds 'unknown\t562\n' 'no annotation: unknown'
of v100-ns-resolution step
printf '101\t1219\n102\t1219\n103\t1219\n104\t1219\n105\t1219\n' >"$tmp/want"
LC_ALL=C sort "$tmp/out" >"$tmp/got"
same 'v100: each step has its backward kernels' "$tmp/want" "$tmp/got"

# The published tables: names and counts equal, times within 1 us.
for csv in "$shared"/*/ops_summary.csv; do
	folder=$(dirname "$csv")
	case $folder in *vllm* | *sglang*) continue ;; esac # made with a graph-capture trace that is not here
	trace-parse -q --index off "$folder/trace.json.gz" | trace-link |
		group-by-op --linked-only --by cpu_op --sum union --format csv >"$tmp/out" 2>"$tmp/err"
	t/published-ops.py "$csv" "$tmp/out" >"$tmp/why" 2>&1
	result $? "$(basename "$folder"): the published table of operators" "$tmp/why" "$tmp/err"
done

# Sums over any keys are the plain sum, in exact nanoseconds.
for f in "$shared"/*/trace.json.gz; do
	trace-parse -q --index off "$f" | trace-link >"$tmp/f.trs"
	for by in cpu_op module,phase stack annotation,step layer,launch; do
		group-by-op -q --by $by --no-header --format csv "$tmp/f.trs" >"$tmp/by"
		group-by-op -q --by name --no-header --format csv "$tmp/f.trs" >"$tmp/name"
		t/same-sum.py "$tmp/by" "$tmp/name" >"$tmp/why" 2>&1 || break
	done
	result $? "$(basename "$(dirname "$f")"): sums by any key are the plain sum" "$tmp/why"
	trace-fold -q --leaf gpu "$tmp/f.trs" | awk '{ ns += $NF } END { printf "%d\n", ns }' >"$tmp/fold"
	group-by-op -q --by device --no-header "$tmp/f.trs" | cut -f 3 | tr -d . | awk '{ ns += $1 } END { printf "%d\n", ns }' >"$tmp/plain"
	same "$(basename "$(dirname "$f")"): and so is that of stacks" "$tmp/plain" "$tmp/fold"
done
done_testing
