#!/bin/sh
# step-times: percentiles as Python has them by nearest rank; each line that is no duration is named
. t/lib.sh
cat >"$tmp/check.py" <<'END'
import math
import random
import subprocess
import sys
random.seed(7)
SCALE = {"ns": 1, "us": 1000, "": 1000, "ms": 10**6, "s": 10**9}
for n in (1, 2, 3, 19, 20, 21, 99, 100, 101, 1000):
    ns, lines = [], []
    for _ in range(n):
        value, unit = random.randrange(10**9), random.choice(list(SCALE))
        digits = {"ns": 0, "us": 3, "": 3, "ms": 6, "s": 9}[unit]
        ns.append(value)
        lines.append("%s%.*f%s%s%s" % (random.choice(["", " ", "\t"]), digits, value / SCALE[unit], random.choice(["", " "]), unit, random.choice(["", " # cold", "\r", "\n\n# x"])))
    out = subprocess.run(["step-times"], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True).stdout
    head, row = (line.split("\t") for line in out.splitlines())
    ns.sort()
    mean = (2 * sum(ns) + n) // (2 * n)
    want = [n] + ["%.3f" % (v / 1000) for v in [mean, ns[0], ns[-1]] + [ns[math.ceil(p * n / 100) - 1] for p in (50, 95, 99)]]
    assert head == ["count", "mean_us", "min_us", "max_us", "p50_us", "p95_us", "p99_us"], head
    assert row == [str(v) for v in want], (n, row, want)
END
ok 'the same as Python' python3 "$tmp/check.py"
python3 -c 'print(5e-05, "s"); print(1e22 / 1e19); print("2E+1 ms")' >"$tmp/powers" # as Python prints small numbers
printf '3\t7016.667\t50.000\t20000.000\t1000.000\t20000.000\t20000.000\n' >"$tmp/want"
status 0 'powers of ten' sh -c "step-times '$tmp/powers' | tail -n 1"
same 'are read' "$tmp/want" "$tmp/out"
if localedef -i de_DE -f UTF-8 "$tmp/de_DE.UTF-8" 2>"$tmp/err"; then
	status 0 'where others write a comma' env LOCPATH="$tmp" LC_ALL=de_DE.UTF-8 sh -c "step-times '$tmp/powers' | tail -n 1"
	same 'there is a point' "$tmp/want" "$tmp/out"
else
	result 0 'where others write a comma # SKIP no localedef'
fi
printf '1\n' >"$tmp/ a 'file' *"
status 0 'a file' step-times "$tmp/ a 'file' *"
ok 'its line' grep -qx '1	1.000	1.000	1.000	1.000	1.000	1.000' "$tmp/out"
for line in x '1 m' '1,5' -1 1e 1e400 1e1.5 '1 ms 2' '.5' '1.' 0x10 '1 MS' 'nan' 'inf' '1ms;' '99999999 s'; do
	printf '1\n\n%s\n2\n' "$line" >"$tmp/times"
	refuses 1 "^step-times: $tmp/times: line 3: " "no duration: $line" step-times "$tmp/times"
done
printf '# none\n\n' >"$tmp/times"
refuses 1 'no duration' 'no line' step-times "$tmp/times"
refuses 1 'standard input: there is no duration' 'nothing' step-times </dev/null
refuses 1 'cannot be read' 'no file' step-times "$tmp/nosuch"
refuses 1 'cannot be read' 'a folder' step-times "$tmp"
refuses 2 'one file' 'two files' step-times a b
refuses 2 "unknown option '-x'" 'an option' step-times -x
status 0 '--help' step-times --help
ok 'says the usage' grep -q '^ *usage: step-times' "$tmp/out"
echo "step-times (trs) $(cat VERSION)" >"$tmp/want"
status 0 '--version' step-times --version
same 'the name and the version' "$tmp/want" "$tmp/out"
done_testing
