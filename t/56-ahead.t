#!/bin/sh
# shellcheck disable=SC2086,SC2317 # words of options; functions that eval calls
# gzip, zstd and pipes that are long enough to be read by a thread of their own: the same records,
# messages and exits as without one, however the input ends and whoever stops first.
. t/lib.sh

# Blanks before a trace: more than is decoded without a thread.
printf '%4500000s' '' >"$tmp/blanks"
gzip -1c "$tmp/blanks" >"$tmp/blanks.gz"
zstd -1qc "$tmp/blanks" >"$tmp/blanks.zst"

# outcome FILE: what trace-parse makes of standard input, in $tmp/got: records, messages, status
outcome() {
	trace-parse -j2 <"$1" >"$tmp/records" 2>"$tmp/err"
	echo "status $?" >"$tmp/got"
	cat "$tmp/err" >>"$tmp/got"
	trace-dump <"$tmp/records" >>"$tmp/got" 2>&1
}

# as_plain SENTENCE: $tmp/in.gz and $tmp/in.zst have the outcome of $tmp/in
as_plain() {
	outcome "$tmp/in"
	mv "$tmp/got" "$tmp/want"
	for z in gz zst; do
		outcome "$tmp/in.$z"
		same "$1: $z" "$tmp/want" "$tmp/got"
	done
	{ cat "$tmp/in"; } | outcome /dev/stdin
	same "$1: from a pipe" "$tmp/want" "$tmp/got"
}

for f in fixtures/small-*.json fixtures/quirks/*.json; do
	cat "$tmp/blanks" "$f" >"$tmp/in"
	{ cat "$tmp/blanks.gz" && gzip -c "$f"; } >"$tmp/in.gz"
	{ cat "$tmp/blanks.zst" && zstd -qc "$f"; } >"$tmp/in.zst"
	as_plain "$f"
done

# Events of all lengths up to more than a margin, with text that does not compress away.
python3 -c '
import random
pick = random.Random(2)
def event(i):
    n = 90000 if i % 1000 == 7 else 300000 if i % 3000 == 9 else 400
    text = "%0200x" % pick.getrandbits(800)
    return """{"ph":"X","cat":"kernel","name":"k%d","ts":%d,"dur":2,"args":{"stream":%d,"x":"%s"}}""" % (i % 50, i, i % 5, (text * (n // 200))[:n])
print("[%s]" % ",\n".join(event(i) for i in range(30000)))' >"$tmp/long.json"
gzip -c "$tmp/long.json" >"$tmp/long.gz"
zstd -qc --check "$tmp/long.json" >"$tmp/long.zst"
for n in long.json long.gz long.zst; do
	ln -f "$tmp/$n" "$tmp/in${n#long}"
done
mv "$tmp/in.json" "$tmp/in"
as_plain 'events of all lengths'
trace-parse -j1 --index off --args "$tmp/long.json" | cksum >"$tmp/want"
for z in gz zst json; do
	for from in "cat $tmp/long.$z" "dd bs=1000 if=$tmp/long.$z status=none"; do
		pipe '0 0 0' "long events, held whole: ${from%% *} long.$z" "$from" 'trace-parse -j2 --args' cksum
		same 'give the same records' "$tmp/want" "$tmp/out"
	done
done

# Inputs that end badly --------------------------------------------------------------------------

# ends FILE STATUS PATTERN SENTENCE: with one message, and with the same records each time
ends() {
	status "$2" "$4" trace-parse -j2 "$1"
	one_message trace-parse "$3"
	result $? 'says so' "$tmp/err"
	mv "$tmp/out" "$tmp/first"
	trace-parse -j2 -q "$1" >"$tmp/out" 2>"$tmp/err"
	cmp "$tmp/out" "$tmp/first" >"$tmp/why" 2>&1
	result $? 'each time' "$tmp/why"
}
size=$(stat -c %s "$tmp/long.gz")
for z in gz zst; do
	for share in 50 80 95; do
		head -c $(($(stat -c %s "$tmp/long.$z") * share / 100)) "$tmp/long.$z" >"$tmp/cut.$z"
		ends "$tmp/cut.$z" 3 'cut' "cut at $share %: $z"
	done
	head -c -2 "$tmp/long.$z" >"$tmp/cut.$z"
	ends "$tmp/cut.$z" 3 'data is cut off' "cut in its checksum: $z"
	{ cat "$tmp/long.$z" && echo garbage; } >"$tmp/and.$z"
	ends "$tmp/and.$z" 3 'byte [0-9]{8}: garbage after the end' "garbage behind it: $z"
	{ cat "$tmp/long.$z" "$tmp/long.$z"; } >"$tmp/and.$z"
	ends "$tmp/and.$z" 3 'bytes after the end of the trace' "two of them, which are two traces: $z"
done
{ head -c -8 "$tmp/long.gz" && printf 'abcd' && tail -c 4 "$tmp/long.gz"; } >"$tmp/sum.gz"
ends "$tmp/sum.gz" 1 'wrong gzip checksum' 'a wrong checksum: gz'
{ head -c -4 "$tmp/long.zst" && printf 'abcd'; } >"$tmp/sum.zst"
ends "$tmp/sum.zst" 1 'damaged zstd data' 'a wrong checksum: zst'
{ head -c $((size - 300000)) "$tmp/long.gz" && head -c 1000 /dev/zero && tail -c 299000 "$tmp/long.gz"; } >"$tmp/holes.gz"
ends "$tmp/holes.gz" 1 'byte [0-9]+: ' 'damage in the middle: gz'

# Who stops first --------------------------------------------------------------------------------

for z in gz json; do
	pipe '0 141 0' "nobody reads on: $z" "cat $tmp/long.$z; true" 'trace-parse -j2' 'head -c 1000 >/dev/null'
	same 'is no news' /dev/null "$tmp/err.2"
done
# A writer that goes silent without an end, behind a trace that is closed and has something behind it.
{ printf '{"traceEvents":' && cat "$tmp/long.json" && printf '} behind' && head -c 400000 "$tmp/blanks"; } >"$tmp/closed"
gzip -c "$tmp/closed" | head -c -8 >"$tmp/closed.gz"
mkfifo "$tmp/fifo"
for n in closed closed.gz; do
	{ cat "$tmp/$n" && until [ -e "$tmp/done" ]; do sleep 0.02; done; } >"$tmp/fifo" &
	status 3 "what never comes is not waited for: $n" timeout 60 trace-parse -j2 <"$tmp/fifo"
	: >"$tmp/done"
	wait
	rm "$tmp/done"
	one_message trace-parse 'bytes after the end of the trace'
	result $? 'says what it found' "$tmp/err"
done

# Without a thread -------------------------------------------------------------------------------

if ! grep -qE '__(asan|tsan)_init' "$(command -v trace-parse)" && cc -shared -fPIC -O1 -o "$tmp/fail.so" t/fail.c -ldl 2>"$tmp/err"; then
	# in_line FILE: the outcome, where no thread can be had
	in_line() {
		rm -f "$tmp/mark"
		(export FAIL_CALL=pthread_create FAIL_AT=1 FAIL_HOW=EAGAIN FAIL_MARK="$tmp/mark" LD_PRELOAD="$tmp/fail.so"
			exec trace-parse -j2) <"$1" >"$tmp/records" 2>"$tmp/err"
		echo "status $?" >"$tmp/want"
		cat "$tmp/err" >>"$tmp/want"
		trace-dump <"$tmp/records" >>"$tmp/want" 2>&1
		[ -e "$tmp/mark" ] || echo 'no thread was started' >>"$tmp/want"
	}
	for f in long.gz long.zst cut.gz cut.zst and.gz and.zst sum.gz sum.zst holes.gz; do
		in_line "$tmp/$f"
		outcome "$tmp/$f"
		same "without a thread: $f" "$tmp/want" "$tmp/got"
	done
	trace-parse -j1 --index off --args "$tmp/long.json" >"$tmp/long.trs"
	fail="FAIL_MARK=$tmp/mark LD_PRELOAD=$tmp/fail.so"
	for case in poll:EINTRs poll:EIO read:EINTRs read:short eventfd:EMFILE pthread_create:EAGAIN; do
		for z in gz json; do
			pipe '0 0' "${case%:*} ${case#*:}: $z" "cat $tmp/long.$z" \
				"FAIL_CALL=${case%:*} FAIL_AT=1 FAIL_HOW=${case#*:} $fail trace-parse -j2 --args"
			cmp "$tmp/out" "$tmp/long.trs" >"$tmp/why" 2>&1
			result $? 'the same records' "$tmp/why"
		done
	done
	for n in 1 30 60; do
		pipe '0 1 1' "read $n fails" "cat $tmp/long.json $tmp/blanks; true" "FAIL_CALL=read FAIL_AT=$n FAIL_HOW=EIO $fail trace-parse -j2" 'group-by-op --by name'
		grep -q '^trace-parse: standard input: cannot read: Input/output error$' "$tmp/err.2"
		result $? 'says so' "$tmp/err"
	done
fi
done_testing
