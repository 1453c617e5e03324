#!/bin/sh
# shellcheck disable=SC2016 # single quotes are for the programs that are called
# cache-impact: pstats has the same times, the verdict stands where the limits are, statuses come through
. t/lib.sh
cold=fixtures/prof/cold.prof warm=fixtures/prof/warm.prof

status 0 'all functions' cache-impact --top 0 --format tsv $cold $warm
cp "$tmp/out" "$tmp/all"
ok 'as pstats has them' t/cache-impact.py $cold $warm "$tmp/all"
ok 'the verdict on standard error' grep -qx 'The warm run saves [0-9.]* us of [0-9.]* us, [0-9.]* %: preload the cache' "$tmp/err"
ok 'and nothing else' test "$(wc -l <"$tmp/err")" = 1
status 0 'the other way round' cache-impact --top 0 --format tsv $warm $cold
ok 'as pstats has them' t/cache-impact.py $warm $cold "$tmp/out"
ok 'a warm run that is slower' grep -q ': a single run is enough; the warm run was not faster$' "$tmp/err"
status 0 'two other programs' cache-impact --top=0 --format=tsv fixtures/prof/sim.prof fixtures/prof/buffer.prof
ok 'as pstats has them' t/cache-impact.py fixtures/prof/sim.prof fixtures/prof/buffer.prof "$tmp/out"

status 0 'ten functions and the total' cache-impact --format tsv $cold $warm
{ head -n 11 "$tmp/all" && tail -n 1 "$tmp/all"; } >"$tmp/want"
same 'are the first ones' "$tmp/want" "$tmp/out"
status 0 'three of them' cache-impact $cold --top 3 $warm
{ head -n 4 "$tmp/all" && tail -n 1 "$tmp/all"; } | tr '\t' ' ' >"$tmp/want"
sed '$d; s/   */ /g' "$tmp/out" >"$tmp/got"
same 'in a table' "$tmp/want" "$tmp/got"
ok 'of which all lines are as long' awk 'NR < 6 && length($0) != (NR == 1 ? n = length($0) : n) { exit 1 }' "$tmp/out"
ok 'the verdict below it' grep -q '^The warm run saves .*: preload the cache$' "$tmp/out"
ok 'no note' test ! -s "$tmp/err"

# profile NAME NS...: functions a, b, ... that took so long
profile() {
	python3 - "$tmp/$1" "$@" <<'END'
import marshal, sys
path, _, *times = sys.argv[1:]
marshal.dump({("f.py", i, "abcdef"[i]): (1, 1, int(ns) / 1e9, int(ns) / 1e9, {}) for i, ns in enumerate(times)}, open(path, "wb"))
END
}

# verdict COLD WARM TEXT: runs of so many ns are judged like this
verdict() {
	profile x "$1"
	profile y "$2"
	cache-impact "$tmp/x" "$tmp/y" >"$tmp/out" 2>"$tmp/err"
	result $? "$1 ns and $2 ns" "$tmp/err"
	ok "$3" grep -q "%: $3\$" "$tmp/out"
}
verdict 1000000000 699999999 'preload the cache'
verdict 1000000000 700000000 'measure both'
verdict 1000000000 900000000 'measure both'
verdict 1000000000 900000001 'a single run is enough'
verdict 1000000000 1000000000 'a single run is enough; the warm run was not faster'
verdict 1000000000 1000000001 'a single run is enough; the warm run was not faster'
ok 'by less than a hundredth of a percent' grep -qF 'saves -0.001 us of 1000000.000 us, 0.00 %' "$tmp/out"
verdict 1000000000 0 'preload the cache'
ok 'all of it' grep -qF ', 100.00 %' "$tmp/out"

# b is new, c is gone, d and e save the same; a half is rounded up, away from zero
profile x 20000 0 3000 500 500 8000
profile y 19999 700 0 400 400 8001
prints 0 'functions on one side, ties, halves' sh -c 'cache-impact --top 0 --format tsv "$1" "$2" 2>/dev/null' - "$tmp/x" "$tmp/y" <<'END'
func	cold_us	warm_us	saved_us	impact_pct	of_run_pct
f.py:2(c)	3.000	0.000	3.000	100.00	9.38
f.py:3(d)	0.500	0.400	0.100	20.00	0.31
f.py:4(e)	0.500	0.400	0.100	20.00	0.31
f.py:0(a)	20.000	19.999	0.001	0.01	0.00
f.py:5(f)	8.000	8.001	-0.001	-0.01	0.00
f.py:1(b)	0.000	0.700	-0.700		-2.19
(total)	32.000	29.500	2.500	7.81	7.81
END
printf 'main;a\tb at 0xfe12;x\\y 7\nmain 1\n' >"$tmp/s.txt"
printf 'main;a\tb at 0x77;x\\y 3\n' >"$tmp/t.txt"
status 0 'stacks, and odd names' cache-impact --format tsv "$tmp/s.txt" "$tmp/t.txt"
printf 'x\\\\y\t7.000\t3.000\t4.000\t57.14\t50.00\nmain\t1.000\t0.000\t1.000\t100.00\t12.50\na\\tb\t0.000\t0.000\t0.000\t\t0.00\n(total)\t8.000\t3.000\t5.000\t62.50\t62.50\n' >"$tmp/want"
tail -n +2 "$tmp/out" >"$tmp/got"
same 'are as prof-top shows them, without addresses' "$tmp/want" "$tmp/got"
ok 'samples are said to be none' grep -q 'prof-top: weights are samples' "$tmp/err"

profile zero 0 0
status 1 'a cold run that took no time' cache-impact "$tmp/zero" $warm
one_message cache-impact "$tmp/zero: no time"
result $? 'is said' "$tmp/err"
ok 'and nothing printed' test ! -s "$tmp/out"
profile long 800000000000001 100000000000000
status 1 'runs too long to count each nanosecond' cache-impact "$tmp/long" $warm
one_message cache-impact 'more than ten days'
result $? 'are said too' "$tmp/err"
status 0 'a warm one that took none' cache-impact $cold "$tmp/zero"

printf 'main;f 3\nno weight\nmain;g 4\n' >"$tmp/cut.txt"
status 3 'something lost of the warm profile' cache-impact "$tmp/s.txt" "$tmp/cut.txt"
ok 'a table is there' grep -q '^(total)' "$tmp/out"
status 3 'or of the cold one' cache-impact "$tmp/cut.txt" "$tmp/s.txt"
status 1 'a missing profile' cache-impact $cold "$tmp/nosuch"
ok 'nothing printed' test ! -s "$tmp/out"
status 1 'a missing cold one' cache-impact "$tmp/nosuch" $warm
one_message prof-parse 'No such file'
result $? 'is said once' "$tmp/err"
status 1 'no profile' cache-impact $cold fixtures/bad/text.txt
status 2 'one profile' cache-impact $cold
mkdir "$tmp/a\\tb c" && status 0 'a folder of a name that awk could unescape' env TMPDIR="$tmp/a\\tb c" cache-impact $cold $warm
status 2 'three' cache-impact $cold $warm $warm
status 0 '-- ends the options' cache-impact --top 1 -- $cold $warm
status 1 'also before a name with -' cache-impact -- $cold --top
ok 'which is a file' one_message prof-parse '--top: No such file'

# table-format, which prints it: what does not fit 64 bits with the decimals of its column is text
wide() { printf 'a\n%s\n1.1234\n' "$1" | table-format --format json | sed -n 2p; }
ok 'fourteen digits and four decimals' [ "$(wide 99999999999999)" = '{"a":99999999999999.0000},' ]
ok 'fifteen' [ "$(wide -922337203685478)" = '{"a":"-922337203685478"},' ]
refuses 2 "unknown option '--nosuch'" 'an unknown option' cache-impact --nosuch $cold $warm
refuses 2 "unknown format 'xml'; known are table tsv csv json md" 'an unknown format' cache-impact --format xml $cold $warm
cache-impact --format tsv $cold $warm >"$tmp/rows.tsv" 2>/dev/null
cat >"$tmp/formats.py" <<'END'
import csv, json, subprocess, sys
def out(f): return subprocess.run(['cache-impact', '--format', f] + sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout
rows = list(csv.DictReader(open(sys.argv[1]), delimiter='\t', quoting=csv.QUOTE_NONE))
number = lambda k, v: v if k == 'func' else None if v == '' else float(v)
assert len(rows) == 11
assert json.loads(out('json')) == [{k: number(k, v) for k, v in r.items()} for r in rows]
assert list(csv.DictReader(out('csv').splitlines())) == rows
md = out('md').splitlines()
assert md[2].startswith('| fixtures/prof/cached.py:11(factor) | ') and 'preload the cache' in md[-1], md
END
ok 'csv, json and md have the same rows' python3 "$tmp/formats.py" "$tmp/rows.tsv" $cold $warm
for n in x -1 1x '' 01 99999999999999999999; do
	refuses 2 "top wants a number, not '$n'" "--top '$n'" cache-impact --top "$n" $cold $warm
done
refuses 2 'top wants a value' '--top without one' cache-impact $cold $warm --top
if [ -e /dev/full ]; then
	status 1 'a full disk' sh -c "cache-impact $cold $warm >/dev/full"
fi
introduces cache-impact
cache-impact --help >"$tmp/out"
sed -n 's/^ *\$ \(cache-impact .*\)/\1/p' "$tmp/out" | sh >"$tmp/got" 2>&1
sed -n '/^ *\$/{n;s/^  //p;}' "$tmp/out" >"$tmp/want"
same 'which is right' "$tmp/want" "$tmp/got"

# In a folder of blanks, found by a link, with nothing in PATH.
mkdir "$tmp/ a 'b' *" && cp $cold "$tmp/ a 'b' */c *.prof"
ln -s "$(command -v cache-impact)" "$tmp/link"
PATH=/usr/bin:/bin
status 0 'a file with blanks and quotes in its name, the programs beside the script' "$tmp/link" "$tmp/ a 'b' */c *.prof" $warm
done_testing
