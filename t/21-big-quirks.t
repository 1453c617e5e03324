#!/bin/sh
# the large inputs of t/big-quirks.py, from a file and through a pipe
. t/lib.sh

for name in $(t/big-quirks.py --list); do
	t/big-quirks.py "$name" >"$tmp/in"
	t/big-quirks.py --want "$name" >"$tmp/want"
	status=$(tail -n 1 "$tmp/want" | cut -f2)
	for how in file pipe; do
		if [ $how = file ]; then
			{ timeout 120 trace-parse "$tmp/in" 2>"$tmp/err"; echo $? >"$tmp/parse"; }
		else
			# shellcheck disable=SC2002 # a pipe is what is tested
			cat "$tmp/in" | { timeout 120 trace-parse 2>"$tmp/err"; echo $? >"$tmp/parse"; }
		fi | { timeout 120 trace-dump 2>>"$tmp/err"; echo $? >"$tmp/dump"; } | t/summary.py >"$tmp/got" 2>>"$tmp/err"
		echo "status of trace-parse $(cat "$tmp/parse"), trace-dump $(cat "$tmp/dump"), expected $status" >"$tmp/why"
		diff "$tmp/want" "$tmp/got" >"$tmp/diff" && [ "$(cat "$tmp/parse") $(cat "$tmp/dump")" = "$status $status" ]
		result $? "$name, $how" "$tmp/why" "$tmp/diff" "$tmp/err"
	done
	rm -f "$tmp/in"
done
done_testing
