#!/bin/sh
# shellcheck disable=SC2086 # words of options
# Payloads that a program does not look at go from pipe to pipe, or are passed over in a file: the
# same bytes, results and messages, wherever the stream comes from and goes to.
. t/lib.sh

python3 -c '
print("[" + ",\n".join(["{\"ph\":\"X\",\"cat\":\"%s\",\"name\":\"n%d\",\"ts\":%d,\"dur\":%d,\"tid\":%d}"
    % ("kernel" if i % 9 == 0 else "python_function", i % 999, i, i % 50, i % 3) for i in range(70000)]) + "]")' |
	trace-parse >"$tmp/in.trs"
zstd -qc "$tmp/in.trs" >"$tmp/in.zst"
{ head -c 1000 /dev/zero && cat "$tmp/in.trs"; } >"$tmp/behind"
size=$(stat -c %s "$tmp/in.trs")

# From everything to everything ------------------------------------------------------------------

kernel-classify "$tmp/in.zst" -o "$tmp/want.trs" # unpacked by us: nothing goes unseen
[ "$(trace-dump "$tmp/want.trs" | wc -l)" -gt 70000 ] && [ "$size" -gt 2000000 ]
result $? 'a stream of many frames'
for from in "kernel-classify $tmp/in.trs" "kernel-classify <$tmp/in.trs" "cat $tmp/in.trs | kernel-classify" \
	"{ dd bs=1000 count=1 status=none of=$tmp/x; kernel-classify; } <$tmp/behind" \
	"dd bs=100 if=$tmp/in.trs status=none | kernel-classify" "cat $tmp/in.zst | kernel-classify"; do
	pipe '0 0' "$from | cat" "$from" cat
	same 'hands on the same bytes' "$tmp/want.trs" "$tmp/out"
	for to in '>' '>>'; do
		: >"$tmp/out"
		eval "$from $to$tmp/out"
		result $? "$from $to file"
		same 'writes the same bytes' "$tmp/want.trs" "$tmp/out"
	done
done
ok '-o file' sh -c "cat $tmp/in.trs | kernel-classify -o $tmp/out"
same 'has the same bytes' "$tmp/want.trs" "$tmp/out"
ok '-o file.zst' sh -c "cat $tmp/in.trs | kernel-classify -o $tmp/out.zst"
zstd -qdc "$tmp/out.zst" | cmp - "$tmp/want.trs" >"$tmp/why" 2>&1
result $? 'has the same bytes' "$tmp/why"
group-by-op "$tmp/want.trs" >"$tmp/want"
{ head -c 1000 /dev/zero && cat "$tmp/want.trs"; } >"$tmp/behind"
for from in "cat $tmp/want.trs | group-by-op" "group-by-op <$tmp/want.trs" "zstd -qc $tmp/want.trs | group-by-op" \
	"{ dd bs=1000 count=1 status=none of=$tmp/x; group-by-op; } <$tmp/behind"; do
	eval "$from >$tmp/out"
	same "$from" "$tmp/want" "$tmp/out"
done
trace-info "$tmp/want.trs" | grep '^bytes' >"$tmp/out"
echo "bytes	$(stat -c %s "$tmp/want.trs")" >"$tmp/want"
same 'trace-info counts what it passed over' "$tmp/want" "$tmp/out"

# Cut --------------------------------------------------------------------------------------------

# In payloads, heads and between frames; in the first block and behind it.
places=$(python3 -c '
import sys; sys.path.insert(0, "t"); import flips
large = [(at, length) for at, _, length in flips.frames(open(sys.argv[1], "rb").read()) if length > 100000]
print(*(at + off for at, length in (large[0], large[4], large[-2]) for off in (0, 9, 32, 33, 50000, length + 31, length + 32)))' "$tmp/want.trs")
[ "$(echo "$places" | wc -w)" = 21 ]
result $? 'places to cut at'
for n in $places; do
	head -c "$n" "$tmp/want.trs" >"$tmp/cut.trs"
	for p in kernel-classify group-by-op; do
		for from in "cat $tmp/cut.trs | $p" "$p <$tmp/cut.trs" "$p $tmp/cut.trs" "zstd -qc $tmp/cut.trs | $p"; do
			pipe '1 0' "cut to $n bytes: $from" "$from" "cat >$tmp/through"
			one_message $p "byte $n: the stream ends without its end mark"
			result $? 'says where' "$tmp/why" "$tmp/err"
		done
	done
	status 1 'what was handed on' group-by-op --by name "$tmp/through"
	one_message group-by-op 'end mark|empty'
	result $? 'is cut too' "$tmp/why" "$tmp/err"
done

# One bit in a payload that is not looked at is found by who looks.
python3 -c '
import sys; sys.path.insert(0, "t"); import flips
data = bytearray(open(sys.argv[1], "rb").read())
at, _, length = [f for f in flips.frames(data) if f[2] > 100000 and data[f[0] + 2] == 5][-1]
data[at + 32 + length // 2] ^= 4
sys.stdout.buffer.write(data)' "$tmp/in.trs" >"$tmp/bit.trs"
pipe '0 0 0' 'a bit of a record of Python is not looked at' "cat $tmp/bit.trs" "kernel-classify | tee $tmp/through" group-by-op
status 0 'nor in a file' group-by-op --by name "$tmp/bit.trs"
for f in bit.trs through; do
	status 1 "unless it is asked for: $f" group-by-op --by name --cat python_function "$tmp/$f"
	one_message group-by-op 'byte [0-9]*: damaged payload'
	result $? 'which says so' "$tmp/why" "$tmp/err"
done

# Calls that fail --------------------------------------------------------------------------------

if ! grep -qE '__(asan|tsan)_init' "$(command -v trace-parse)" && cc -shared -fPIC -O1 -o "$tmp/fail.so" t/fail.c -ldl 2>"$tmp/err"; then
	fail="FAIL_MARK=$tmp/mark LD_PRELOAD=$tmp/fail.so"
	for how in EINVAL EINTR EIO EAGAIN short EINTRs; do
		for n in 1 2 9; do
			rm -f "$tmp/mark"
			pipe '0 0 0' "splice $n: $how" "cat $tmp/in.trs" "FAIL_CALL=splice FAIL_AT=$n FAIL_HOW=$how $fail kernel-classify" cat
			[ -e "$tmp/mark" ] || [ "$n" != 1 ]
			result $? 'is called' "$tmp/err"
			same 'the same bytes' "$tmp/want.trs" "$tmp/out"
		done
	done
	for n in 1 2 9; do
		rm -f "$tmp/mark"
		pipe '0 0 0' "poll $n: EINTR" "cat $tmp/in.trs" "FAIL_CALL=poll FAIL_AT=$n FAIL_HOW=EINTR $fail kernel-classify" cat
		[ -e "$tmp/mark" ]
		result $? 'is called' "$tmp/err"
		same 'the same bytes' "$tmp/want.trs" "$tmp/out"
	done
	group-by-op "$tmp/want.trs" >"$tmp/want"
	for n in 2 3 9; do
		pipe '0' "lseek $n fails" "FAIL_CALL=lseek FAIL_AT=$n FAIL_HOW=EIO $fail group-by-op $tmp/want.trs"
		same 'the same table' "$tmp/want" "$tmp/out"
	done
	for n in 3 5 9; do
		pipe '0 1 1' "read $n fails" "cat $tmp/in.trs; true" "FAIL_CALL=read FAIL_AT=$n FAIL_HOW=EIO $fail kernel-classify" group-by-op
		pipe '0 1 1' "write $n fails" "cat $tmp/in.trs; true" "FAIL_CALL=write FAIL_AT=$n FAIL_HOW=EIO $fail kernel-classify" group-by-op
	done
fi
pipe '0 141 0' 'nobody reads on' "cat $tmp/in.trs; true" kernel-classify 'head -c 300000 >/dev/null'
done_testing
