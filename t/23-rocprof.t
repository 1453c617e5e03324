#!/bin/sh
# rocprofv3: a record that cannot be read, or has a number that does not fit, costs that record.
. t/lib.sh

# file ROW...: a trace with these dispatches, the symbols behind them
file() {
	printf '{"rocprofiler-sdk-tool":[{"metadata":{"pid":9},"agents":[],"strings":{"buffer_records":[]},"buffer_records":{"kernel_dispatch":['
	sep=
	for row; do
		printf '%s%s' "$sep" "$row"
		sep=,
	done
	printf '],"hip_api":[]},"kernel_symbols":[{"kernel_id":1,"formatted_kernel_name":"k"}]}]}'
}
# row START END [CORRELATION]
row() {
	printf '{"size":184,"thread_id":7,"correlation_id":{"internal":%s,"external":0},"start_timestamp":%s,"end_timestamp":%s,"dispatch_info":{"kernel_id":1,"queue_id":{"handle":3}}}' "${3:-5}" "$1" "$2"
}
cat >"$tmp/want" <<'EOF'
X	kernel	k	2	300
end	3	1
EOF
# costs SENTENCE ROW: the row between two good ones
costs() {
	file "$(row 100 200)" "$2" "$(row 300 500)" >"$tmp/in.json"
	trace-parse "$tmp/in.json" 2>"$tmp/err" | trace-dump >"$tmp/dump"
	t/summary.py <"$tmp/dump" >"$tmp/got"
	same "$1" "$tmp/want" "$tmp/got"
}
costs 'a torn record' '{"size":184,"thread_id":7,"start_timestamp":250,"end_'
costs 'a record with a raw quote' '{"size":184,"operation":"a"b","start_timestamp":250,"end_timestamp":260}'
costs 'a record without a comma' '{"size":184 "start_timestamp":250,"end_timestamp":260}'
costs 'a record without times' '{"size":184,"thread_id":7}'
costs 'a record that ends before it starts' "$(row 260 250)"
costs 'a time that is no number' "$(row 250 '"x"')"
costs 'a correlation above 2^64-1' "$(row 250 260 18446744073709551616)"
done_testing
