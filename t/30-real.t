#!/bin/sh
# real traces (TRS_SHARED, default ../shared): counts, sums, means and percentiles by name are those
# of Python's json, and those of the kernel_summary.csv that TraceLens published for the trace.
export PYTHONDONTWRITEBYTECODE=1
shared=${TRS_SHARED:-../shared}/traces
if [ ! -d "$shared" ]; then
	echo "1..0 # SKIP no real traces in $shared"
	exit 0
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0

# result STATUS DESCRIPTION; on failure $tmp/why as comments
result() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; cut -c1-300 "$tmp/why" | head -n 20 | sed 's/^/# /'; fi
}

# compare FILE ORACLE-OPTION GROUP-OPTIONS...
compare() {
	file=$1 what=$2
	shift 2
	t/oracle.py --durs ${what:+"$what"} "$file" >"$tmp/oracle" 2>"$tmp/why" || return 1
	trace-parse "$file" 2>"$tmp/why" | group-by-op --by name "$@" --format tsv >"$tmp/table" 2>>"$tmp/why" || return 1
	t/check-table.py "$tmp/oracle" "$tmp/table" >"$tmp/why" 2>&1
}

for file in "$shared"/*/trace.json.gz "$shared"/*.json; do
	[ -e "$file" ] || continue
	name=${file#"$shared"/}
	compare "$file" "" --cat kernel
	result $? "$name: kernels by name"
	compare "$file" --gpu
	result $? "$name: GPU activity by name"
	csv=$(dirname "$file")/kernel_summary.csv
	if [ -e "$csv" ]; then
		trace-parse "$file" 2>"$tmp/why" | group-by-op --by name --cat kernel --format tsv >"$tmp/table" 2>>"$tmp/why" &&
			t/check-table.py --published "$csv" "$tmp/table" >"$tmp/why" 2>&1
		result $? "$name: as in kernel_summary.csv"
	fi
done
echo "1..$n"
