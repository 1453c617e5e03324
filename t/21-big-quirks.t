#!/bin/sh
# the large inputs of t/big-quirks.py, from a file and through a pipe
export PYTHONDONTWRITEBYTECODE=1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0

for name in $(t/big-quirks.py --list); do
	t/big-quirks.py "$name" >"$tmp/in"
	t/big-quirks.py --want "$name" >"$tmp/want"
	status=$(tail -n 1 "$tmp/want" | cut -f2)
	for how in file pipe; do
		n=$((n + 1))
		if [ $how = file ]; then
			{ timeout 120 trace-parse "$tmp/in" 2>"$tmp/err"; echo $? >"$tmp/parse"; }
		else
			# shellcheck disable=SC2002 # a pipe is what is tested
			cat "$tmp/in" | { timeout 120 trace-parse 2>"$tmp/err"; echo $? >"$tmp/parse"; }
		fi | { timeout 120 trace-dump 2>>"$tmp/err"; echo $? >"$tmp/dump"; } | t/summary.py >"$tmp/got" 2>>"$tmp/err"
		if cmp -s "$tmp/want" "$tmp/got" && [ "$(cat "$tmp/parse")" = "$status" ] && [ "$(cat "$tmp/dump")" = "$status" ]; then
			echo "ok $n - $name, $how"
		else
			echo "not ok $n - $name, $how"
			echo "# status of trace-parse $(cat "$tmp/parse"), trace-dump $(cat "$tmp/dump"), expected $status"
			{ diff "$tmp/want" "$tmp/got"; cat "$tmp/err"; } | cut -c1-200 | head -n 20 | sed 's/^/# /'
		fi
	done
	rm -f "$tmp/in"
done
echo "1..$n"
