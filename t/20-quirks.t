#!/bin/sh
# every file of fixtures/quirks gives its .want, from the file and through a pipe, and both
# programs exit with the status of the end line; every file of fixtures/bad fails with 1 and
# one line that says what it is.
. t/lib.sh

# dump NAME COMMAND...: NAME.dump is what COMMAND | trace-dump says; NAME.status, NAME.err
dump() {
	to=$tmp/$1
	shift
	{ "$@" 2>"$to.err"; echo "trace-parse $?" >"$to.parse"; } | { trace-dump >"$to.dump" 2>>"$to.err"; echo "trace-dump $?" >"$to.status"; }
	cat "$to.parse" >>"$to.status"
}

# judge NAME WANT DESCRIPTION
judge() {
	to=$tmp/$1
	status=$(tail -n 1 "$2" | cut -f2)
	printf 'trace-dump %s\ntrace-parse %s\n' "$status" "$status" >"$to.expected"
	{ diff "$2" "$to.dump.sum" && diff "$to.expected" "$to.status"; } >"$to.diff" && { [ "$status" = 0 ] || grep -q '^trace-parse: ' "$to.err"; }
	result $? "$3" "$to.diff" "$to.err"
}

for want in fixtures/quirks/*.want; do
	name=$(basename "$want" .want)
	file=$(ls "fixtures/quirks/$name".json*)
	dump "$name" trace-parse "$file"
	# shellcheck disable=SC2002 # a pipe is what is tested
	cat "$file" | dump "$name.pipe" trace-parse
done
t/summary.py "$tmp"/*.dump
for want in fixtures/quirks/*.want; do
	name=$(basename "$want" .want)
	judge "$name" "$want" "$name"
	judge "$name.pipe" "$want" "$name through a pipe"
done

for err in fixtures/bad/*.err; do
	name=$(basename "$err" .err)
	file=$(find fixtures/bad -name "$name.*" ! -name '*.err')
	trace-parse "$file" >/dev/null 2>"$tmp/err"
	status=$?
	# the message without the name of the file, which may hold the word too
	sed "s|$file||g" "$tmp/err" >"$tmp/message"
	echo "status $status, expected 1 and one line with: $(cat "$err")" >"$tmp/why"
	[ $status = 1 ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] && grep -q '^trace-parse: ' "$tmp/err" && grep -qiF -f "$err" "$tmp/message"
	result $? "bad: $name" "$tmp/why" "$tmp/err"
	trace-parse <"$file" 2>/dev/null | trace-dump >/dev/null 2>"$tmp/err"
	status=$?
	echo "status of trace-dump $status, expected 1" >"$tmp/why"
	[ $status = 1 ]
	result $? "bad: $name from standard input, told by trace-dump" "$tmp/why" "$tmp/err"
done
done_testing
