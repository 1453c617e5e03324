#!/bin/sh
# real traces (TRS_SHARED, default ../shared): counts, sums, means and percentiles by name are those
# of Python's json, and those of the kernel_summary.csv that TraceLens published for the trace; so are
# the numbers of operators.
. t/lib.sh
shared=${TRS_SHARED:-../shared}/traces
[ -d "$shared" ] || skip_all "no real traces in $shared"

# compare FILE ORACLE-OPTION GROUP-OPTIONS...
compare() {
	file=$1 what=$2
	shift 2
	t/oracle.py --durs ${what:+"$what"} "$file" >"$tmp/oracle" 2>"$tmp/why" || return 1
	trace-parse "$file" 2>"$tmp/why" | group-by-op --by name "$@" --format tsv >"$tmp/table" 2>>"$tmp/why" || return 1
	t/check-table.py "$tmp/oracle" "$tmp/table" >"$tmp/why" 2>&1
}

cat >"$tmp/operators.py" <<'EOF'
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    if r.get("ph") == "X":
        print(*(r.get(key) for key in ("ts_ns", "dur_ns", "external_id", "sequence", "fwd_thread")), sep="\t")
EOF
# operators FILE OPTION...: in $tmp/operators
operators() {
	trace-parse --cat cpu_op,Operator "$@" 2>"$tmp/why" | trace-dump 2>>"$tmp/why" | python3 "$tmp/operators.py" >"$tmp/operators"
}

for file in "$shared"/*/trace.json.gz "$shared"/*.json; do
	[ -e "$file" ] || continue
	name=${file#"$shared"/}
	compare "$file" "" --cat kernel
	result $? "$name: kernels by name" "$tmp/why"
	compare "$file" --gpu
	result $? "$name: GPU activity by name" "$tmp/why"
	t/oracle.py --operators "$file" >"$tmp/oracle" 2>"$tmp/err"
	operators "$file"
	same "$name: $(grep -vc 'None.None$' "$tmp/oracle") operators with a sequence or forward thread" "$tmp/oracle" "$tmp/operators"
	operators "$file" --args
	same "$name: with --args" "$tmp/oracle" "$tmp/operators"
	csv=$(dirname "$file")/kernel_summary.csv
	if [ -e "$csv" ]; then
		trace-parse "$file" 2>"$tmp/why" | group-by-op --by name --cat kernel --format tsv >"$tmp/table" 2>>"$tmp/why" &&
			t/check-table.py --published "$csv" "$tmp/table" >"$tmp/why" 2>&1
		result $? "$name: as in kernel_summary.csv" "$tmp/why"
	fi
done
done_testing
