#!/bin/sh
# JSON of every kind, whole and inside args (GUARANTEES.md, What we show 1): whole it is a trace or
# refused, inside args it costs at most the event that holds it; never a signal. And the variants of
# the scanner give the same stream on every fixture (3).
. t/lib.sh

python3 - "$tmp" <<'PY'
import sys, os
cases = [b'0', b'-0', b'-', b'+1', b'01', b'1.', b'.5', b'1e', b'1e+', b'1E400', b'-1.-500', b'0x10', b'NaN', b'Infinity', b'-Infinity',
    b'nul', b'true', b'TRUE', b'"', b'""', b'"a', b'"\\', b'"\\"', b'"\\u"', b'"\\u12"', b'"\\uD800"', b'"\\uD800\\uD800"', b'"\\uDC00"',
    b'"\\u0000"', b'"\x00"', b'"\x1f"', b'"\n"', b'"\xff"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xe2\x80\xa8"',
    b'[]', b'[', b']', b'[1', b'[1,', b'[,', b'[,1]', b'[1,]', b'[1,,2]', b'[1 2]', b'[1]]', b'[[', b'[}', b'[1:2]', b'["a":1]', b'["", ]',
    b'{}', b'{', b'}', b'{"a"', b'{"a":', b'{"a":1', b'{"a":1,', b'{"a":1,}', b'{,}', b'{"a" 1}', b'{a:1}', b"{'a':1}", b'{1:1}', b'{"a":1 "b":2}',
    b'{"a":1,,"b":2}', b'{"a":}', b'{:1}', b'{"a":1}}', b'{]', b'{"a":{"b":{"c":[[[]]]}}}', b'{"a":1,"a":2}', b'{"\\u0061":1}', b'{"":1}',
    b'\xef\xbb\xbf[]', b'\xfe\xff\x00[', b'/* c */ []', b'// c\n[]', b'[]\x00', b'\x00[]', b'', b' ', b'\x0c', b'[1]\x0c', b'"a"b"', b'\\', b'\\"']
for i, case in enumerate(cases):
    with open(os.path.join(sys.argv[1], "whole.%03d" % i), "wb") as f:
        f.write(case)
    with open(os.path.join(sys.argv[1], "args.%03d" % i), "wb") as f:
        f.write(b'{"traceEvents":[{"ph":"X","cat":"kernel","name":"a","ts":1,"dur":1},'
                b'{"ph":"X","cat":"kernel","name":"b","ts":2,"dur":1,"args":{"x":' + case + b',"stream":7}},'
                b'{"ph":"X","cat":"kernel","name":"c","ts":3,"dur":1}]}')
PY

# names FILE: which of a, b, c came through
names() { trace-parse -q --partial-ok "$1" 2>/dev/null | group-by-op -q --by name --sort name --no-header | cut -f 1 | tr -d '\n'; }

bad=""
for f in "$tmp"/whole.*; do
	trace-parse -q --args "$f" >"$tmp/out" 2>"$tmp/err"
	case $? in 0 | 1 | 3) ;; *) bad="$bad $(basename "$f")" ;; esac
done
echo "$bad" >"$tmp/why"
test -z "$bad"
result $? 'whole: a status of 0, 1 or 3' "$tmp/why"

: >"$tmp/why"
for f in "$tmp"/args.*; do
	trace-parse -q --args "$f" >"$tmp/out" 2>"$tmp/err"
	got=$?
	case $got:$(names "$f") in
	0:abc | 3:ac | 3:abc) ;;
	*) echo "$(basename "$f"): $got $(names "$f"): $(tail -c +150 "$f" | head -c 60)" >>"$tmp/why" ;;
	esac
done
test ! -s "$tmp/why"
result $? 'inside args: all events, or all but that one' "$tmp/why"

: >"$tmp/why"
for f in fixtures/quirks/*.json fixtures/quirks/*.gz fixtures/quirks/*.zst fixtures/small-*.json "$tmp"/args.*; do
	trace-parse -q --args "$f" >"$tmp/fast" 2>"$tmp/fast.err"
	TRS_SIMD=scalar trace-parse -q --args "$f" >"$tmp/slow" 2>"$tmp/slow.err"
	cmp -s "$tmp/fast" "$tmp/slow" && cmp -s "$tmp/fast.err" "$tmp/slow.err" || echo "$f" >>"$tmp/why"
done
test ! -s "$tmp/why"
result $? 'TRS_SIMD=scalar gives the same bytes and messages on every fixture' "$tmp/why"
done_testing
