#!/bin/sh
# shellcheck disable=SC2016 # backquotes of Python
# scale-exp: exponents of figures by size. DEFINITIONS.md 8, TOOLS.md "scale-exp", scale-exp(1)
. t/lib.sh
units=$(cd "${TRS_BUILD:-build}" && pwd)/t
top=$PWD
export PATH="$top/t:$PATH"
cd "$tmp" || exit 1
header='func	metric	points	exponent	r2	min_pair	max_pair	verdict	total'

# rows SENTENCE COMMAND...: the command prints header and what stands on standard input
rows() {
	{ echo "$header"; cat; } >want.rows
	prints 0 "$@" <want.rows
}
# note LINE: what the last command said is this line alone
note() {
	printf '%s\n' "$1" >want.note
	same "and says: $1" want.note err
}

# The two of the definition ------------------------------------------------------------------------

printf 'func\tcalls\tcum_us\tcum_pct\tpct\nf\t1000\t60000000.000\t90.00\t1\ng\t7\t3.5\t10.00\t99\n' >7.tsv
printf 'func,pct,cum_us,calls\r\ng,99,15.0,30\r\nf,1,1800000000.000,18000\r\n' >30.csv
rows '7 to 30 days, a TSV and a CSV with other columns first' scale-exp 7=7.tsv 30=30.csv <<'ROWS'
f	cum_us	2	2.3371	1.0000	2.3371	2.3371	quadratic	1860000000.000
f	calls	2	1.9861	1.0000	1.9861	1.9861	quadratic	19000
g	calls	2	1.0000	1.0000	1.0000	1.0000	linear	37
g	cum_us	2	1.0000	1.0000	1.0000	1.0000	linear	18.500
ROWS
note 'scale-exp: 2 worst offenders; the largest: f cum_us, exponent 2.3371, total 1860000000.000'
rows 'in any order' scale-exp -q 30=30.csv 7=7.tsv <<'ROWS'
f	cum_us	2	2.3371	1.0000	2.3371	2.3371	quadratic	1860000000.000
f	calls	2	1.9861	1.0000	1.9861	1.9861	quadratic	19000
g	calls	2	1.0000	1.0000	1.0000	1.0000	linear	37
g	cum_us	2	1.0000	1.0000	1.0000	1.0000	linear	18.500
ROWS
tail -n +2 want.rows >want.body
pipe '0 0' 'standard input' 'cat 30.csv' 'scale-exp -q --no-header 7=7.tsv 30=-'
same 'the same' want.body out
gzip -c 7.tsv >7.gz
status 0 'compressed, sizes with fraction and exponent' scale-exp -q --no-header 0.7e1=7.gz +30.00=30.csv
same 'the same' want.body out
rows 'one metric' scale-exp -q --metric calls 7=7.tsv 30=30.csv <<'ROWS'
f	calls	2	1.9861	1.0000	1.9861	1.9861	quadratic	19000
g	calls	2	1.0000	1.0000	1.0000	1.0000	linear	37
ROWS
rows 'a share, if it is asked for; twice is once' scale-exp -q --metric pct,calls,pct --top 3 7=7.tsv 30=30.csv <<'ROWS'
f	calls	2	1.9861	1.0000	1.9861	1.9861	quadratic	19000
g	calls	2	1.0000	1.0000	1.0000	1.0000	linear	37
f	pct	2	0.0000	1.0000	0.0000	0.0000	linear	2
ROWS
rows '--sort total' scale-exp -q --sort total --top 2 7=7.tsv 30=30.csv <<'ROWS'
f	cum_us	2	2.3371	1.0000	2.3371	2.3371	quadratic	1860000000.000
f	calls	2	1.9861	1.0000	1.9861	1.9861	quadratic	19000
ROWS
echo 'calls	metric	points	exponent	r2	min_pair	max_pair	verdict	total' >want.rows
status 0 '--key: another column' scale-exp -q --key pct --metric calls 7=7.tsv 30=30.csv
printf 'pct\tmetric\tpoints\texponent\tr2\tmin_pair\tmax_pair\tverdict\ttotal\n1\tcalls\t2\t1.9861\t1.0000\t1.9861\t1.9861\tquadratic\t19000\n99\tcalls\t2\t1.0000\t1.0000\t1.0000\t1.0000\tlinear\t37\n' >want
same 'whose name the first column has' want out

# Fits: of known growth, and of random tables against Python's statistics ----------------------------

python3 - <<'PY'
import math
SHAPES = {"n": lambda n: 1000 * n, "n log n": lambda n: 1000 * n * math.log(n), "n2": lambda n: n * n, "n3": lambda n: n ** 3,
          "same": lambda n: 4, "shrinks": lambda n: 10 ** 6 / n}
for n in (100, 1000, 10000):
    with open("n%d" % n, "w") as f:
        print("func\tcalls", file=f)
        for name, of in SHAPES.items():
            print("%s\t%.9f" % (name, of(n)), file=f)
PY
rows 'planted growth' scale-exp -q 100=n100 1e3=n1000 10000=n10000 <<'ROWS'
n3	calls	3	3.0000	1.0000	3.0000	3.0000	quadratic	1001001000000.000000000
n2	calls	3	2.0000	1.0000	2.0000	2.0000	quadratic	101010000.000000000
n log n	calls	3	1.1505	0.9998	1.1249	1.1761	n-log-n	99471676.017342779
n	calls	3	1.0000	1.0000	1.0000	1.0000	linear	11100000.000000000
same	calls	3	0.0000	1.0000	0.0000	0.0000	linear	12.000000000
shrinks	calls	3	-1.0000	1.0000	-1.0000	-1.0000	linear	11100.000000000
ROWS
mkdir fits
ok 'random tables: exponents to 1e-6, verdicts, exact totals' scale-fit.py "$units/unit-scale" fits

# verdict P WORD: of 10^(3P) beside 1 at 1000 times the size
printf 'func\tv\nx\t1\n' >one
while read -r cell p word; do
	printf 'func\tv\nx\t%s\n' "$cell" >many
	scale-exp -q --no-header 1=one 1000=many >out 2>err
	[ "$(cut -f 4,8 out)" = "$p	$word" ]
	result $? "$cell: $p is $word" out err
done <<'CELLS'
1995.2623149688797 1.1000 n-log-n
1995.2622 1.1000 linear
7943.282347242815 1.3000 n-log-n
7943.283 1.3000 watch
31622.776601683793 1.5000 watch
31622.78 1.5000 superlinear
251188.6431509580 1.8000 superlinear
251188.65 1.8000 quadratic
0.001 -1.0000 linear
CELLS
printf 'func\tv\nx\t1e-300\ny\t1e999999999\n' >tiny
printf 'func\tv\nx\t1e300\ny\t1e999999999\n' >huge
rows 'numbers beyond any double' scale-exp -q 1e-300=tiny 1e300=huge <<'ROWS'
x	v	2	1.0000	1.0000	1.0000	1.0000	linear	1.00000000e300
y	v	2	0.0000	1.0000	0.0000	0.0000	linear	2.00000000e999999999
ROWS
printf 'func\tv\nx\t9\n' >x9
rows 'a size twice: both are points, no pair' scale-exp -q 1=one 10=x9 10=x9 10=x9 <<'ROWS'
x	v	4	0.9542	1.0000	0.9542	0.9542	linear	28
ROWS

# Totals --------------------------------------------------------------------------------------------

printf 'func\ta_us\tb\tc\nx\t0.1\t0.10\t12345678901234567890123456789012345\n' >t1
printf 'func\ta_us\tb\tc\nx\t0.2\t0.2\t98765432109876543210987654321098765\n' >t2
printf 'func\ta_us\tb\tc\nx\t0.0005\t1e-3\t1\n' >t3
rows 'totals are exact' scale-exp -q --sort metric 1=t1 2=t2 3=t3 <<'ROWS'
x	a_us	3	-4.1957	0.5058	-14.7768	1.0000	linear	0.301
x	b	3	-3.6327	0.4911	-13.0673	1.0000	linear	0.301
x	c	3	-63.4353	0.5886	-198.7299	3.0000	linear	111111111011111111101111111110111111
ROWS

# Rows that are undefined -----------------------------------------------------------------------------

printf 'func\tv\tw\ngood\t1\t2\nzero\t0\t1\nempty\t\t1\nminus\t5\t-1.5\nfirst\t3\t3\n' >u1
printf 'func\tv\tw\ngood\t2\t4\nzero\t2\t1\nempty\t2\t1\nminus\t5\t1\nlast\t4\t4\n' >u2
printf 'func\tv\tw\ngood\t3\t6\nzero\t0\t1\nempty\t\t1\nminus\t5\t1\n' >u3
rows 'undefined rows stay, last, with what is known' scale-exp 1=u1 2=u2 3=u3 <<'ROWS'
good	v	3	1.0000	1.0000	1.0000	1.0000	linear	6
good	w	3	1.0000	1.0000	1.0000	1.0000	linear	12.0
empty	w	3	0.0000	1.0000	0.0000	0.0000	linear	3.0
minus	v	3	0.0000	1.0000	0.0000	0.0000	linear	15
zero	w	3	0.0000	1.0000	0.0000	0.0000	linear	3.0
empty	v	1					undefined	2
first	v	1					undefined	3
first	w	1					undefined	3.0
last	v	1					undefined	4
last	w	1					undefined	4.0
minus	w	2					undefined	0.5
zero	v	1					undefined	2
ROWS
note 'scale-exp: undefined: 7 of 12 rows (4 missing, 1 no number, 1 zero, 1 below zero); the first: empty v, no number at 1'
status 0 '-v names each' scale-exp -v 1=u1 2=u2 3=u3
grep -c . err >count
echo 8 >want
same 'seven and the note' want count
for line in 'empty v: no number at 1' 'first v: missing at 2' 'last w: missing at 1' 'minus w: below zero at 1' 'zero v: zero at 1'; do
	ok "$line" grep -qx "scale-exp: $line" err
done
status 0 '-q says nothing' scale-exp -q 1=u1 2=u2 3=u3
same 'at all' /dev/null err
printf 'func\tv\nx\tmany\ny\t\n' >words
rows 'with --metric words are undefined too' scale-exp -q --metric v 1=words 2=one <<'ROWS'
x	v	1					undefined	1
y	v	0					undefined	
ROWS
printf 'func\tv\n' >none
printf 'func,v\r\n' >none.csv
rows 'tables without rows' scale-exp 1=none 2=none.csv </dev/null
cp err err.none
grep -qx 'scale-exp: no rows' err.none
result $? 'are said' err.none

# Worst offenders ------------------------------------------------------------------------------------

printf 'func\tcalls\ta_us\tb_ms\tc_s\nx\t1\t1.000\t1\t1\n' >w1
printf 'func\tcalls\ta_us\tb_ms\tc_s\nx\t100\t99.000\t99\t99\n' >w10
# worst ARGUMENT METRICS: whose metrics are printed, comma-separated, for --min-total ARGUMENT
worst() {
	scale-exp -q --worst --no-header --min-total "$1" 1=w1 10=w10 | cut -f 2 | sort | paste -sd , >out
	echo "$2" >want
	same "--min-total $1: ${2:-none}" want out
}
worst 0 a_us,b_ms,c_s,calls
worst 99.999 a_us,b_ms,c_s,calls
worst 100 calls
worst 1e2 calls
worst 101 ''
worst 0s a_us,b_ms,c_s
worst 99us a_us,b_ms,c_s
worst 100us b_ms,c_s
worst 99999ns a_us,b_ms,c_s
worst 0.1s c_s
worst 100s ''
status 0 'the note of --min-total' scale-exp --min-total 1ms 1=w1 10=w10
note 'scale-exp: 2 worst offenders; the largest: x b_ms, exponent 1.9956, total 100'
status 0 'one' scale-exp --worst --min-total 1s 1=w1 10=w10
note 'scale-exp: 1 worst offender; the largest: x c_s, exponent 1.9956, total 100'
rows '--worst without any' scale-exp --worst --min-total 1000s 1=w1 10=w10 </dev/null
cp err err.none
grep -qx 'scale-exp: no worst offenders' err.none
result $? 'which is said' err.none

# --fail ---------------------------------------------------------------------------------------------

# fails STATUS EXPR N: exits so, N rows are named, the table is the same as without
scale-exp -q 7=7.tsv 30=30.csv >table
fails() {
	status "$1" "--fail '$2'" scale-exp -q --fail "$2" 7=7.tsv 30=30.csv
	same 'the table is the same' table out
	[ "$(grep -c '^scale-exp: ' err)" = "$3" ]
	result $? "rows it holds of: $3" err
}
fails 4 'exponent>1.8' 2
fails 4 'exponent>=2.3371 && verdict == quadratic' 1
fails 0 'exponent>2.3371' 0
fails 4 'func == g' 2
fails 4 'metric!=calls' 2
fails 4 'points==2 && r2==1' 4
fails 4 '!(min_pair < 2) || max_pair<0' 1
fails 0 'total<0' 0
fails 4 'total >= 1860s' 1
fails 0 'total > 1860s' 0
refuses 4 '^scale-exp: verdict==quadratic: f cum_us: exponent 2.3371, quadratic, total 1860000000.000$' 'a row is named' \
	scale-exp -q -o o.tsv --metric cum_us --fail 'verdict==quadratic' 7=7.tsv 30=30.csv
ok 'and the table is there' test -s o.tsv
status 4 'of any row, printed or not' scale-exp -q --top 1 --fail 'func==g && metric==calls' 7=7.tsv 30=30.csv
status 0 'undefined cells fail nothing' scale-exp -q --metric v --fail 'exponent<9 || exponent>=9 || exponent!=0' 1=words 2=none
printf 'func\tv\ny\t\n' >y
refuses 4 '^scale-exp: verdict==undefined: y v: undefined$' 'an undefined row that is named' \
	scale-exp -q -o o.tsv --metric v --fail 'verdict==undefined' 1=y 2=y
python3 -c '
for name, k in (("m1", 1), ("m2", 5)):
    print("func\tv", *("k%d\t%d" % (i, k) for i in range(23)), sep="\n", file=open(name, "w"))'
status 4 'many rows' scale-exp -q --fail 'exponent>2' 1=m1 2=m2
[ "$(wc -l <err)" = 11 ] && tail -n 1 err | grep -qx 'scale-exp: exponent>2: and 13 more'
result $? 'ten by name, the others counted' err
refuses 2 'no column .nosuch.; columns are func metric points exponent r2 min_pair max_pair verdict total' 'an unknown column' \
	scale-exp -o new --fail 'nosuch>1' 7=7.tsv 30=30.csv
refuses 2 'exponent>>1: byte 8: no such operator' 'no operator' scale-exp -o new --fail 'exponent>>1' 7=7.tsv 30=30.csv
refuses 2 "'verdict' is text" 'text that is ordered' scale-exp -o new --fail 'verdict>linear' 7=7.tsv 30=30.csv
refuses 2 "verdict is never 'cubic'; it is one of linear n-log-n watch superlinear quadratic undefined\$" 'a verdict that there is not' \
	scale-exp -o new --fail 'exponent>1 && verdict==cubic' 7=7.tsv 30=30.csv
refuses 2 "verdict is never 'Linear'" 'nor is there one that it is not' scale-exp -o new --fail 'verdict!=Linear' 7=7.tsv 30=30.csv
refuses 2 "'exponent' is no time" 'a unit where none is' scale-exp -o new --fail 'exponent>1s' 7=7.tsv 30=30.csv
refuses 2 'no column' 'an expression that is none comes before files that are not there' scale-exp --fail '' 7=nosuch 30=nosuch
refuses 2 'columns are k metric' 'so does an unknown column, where the key is named' scale-exp --key k --fail 'func==1' 7=nosuch 30=nosuch
ok 'nothing was written' test ! -e new

# Refusals -------------------------------------------------------------------------------------------

for operand in 7 7= =7.tsv x=7.tsv 0=7.tsv 0.000=7.tsv 7x=7.tsv 1e=7.tsv inf=7.tsv nan=7.tsv ' 7=7.tsv' 0x7=7.tsv; do
	refuses 2 'SIZE=FILE|number above 0' "no operand: '$operand'" scale-exp "$operand" 30=30.csv
done
refuses 2 'number above 0' 'a size below zero' scale-exp -- -7=7.tsv 30=30.csv
refuses 2 'two tables or more' 'no table' scale-exp
refuses 2 'two tables or more' 'one table' scale-exp 7=7.tsv
refuses 2 'sizes are the same' 'one size' scale-exp 7=7.tsv 7.0=30.csv 0.7e1=7.tsv
refuses 2 'standard input' 'standard input twice' scale-exp 7=- 30=-
refuses 2 "30.csv: no column 'nosuch'; columns are func pct cum_us calls" 'a key that is in no table' scale-exp --key nosuch 7=30.csv 30=7.tsv
refuses 2 "one: no column 'calls'; columns are func v" 'a metric that one table lacks' scale-exp --metric calls 7=7.tsv 30=one
printf 'name\tcalls\nf\t1\n' >other
refuses 2 "other: no column 'func'; columns are name calls" 'a default key that one table lacks' scale-exp 7=7.tsv 30=other
refuses 2 "'func' is the key" 'the key as a metric' scale-exp --metric func 7=7.tsv 30=30.csv
refuses 2 'empty item' 'an empty metric' scale-exp --metric calls, 7=7.tsv 30=30.csv
printf 'func\tcalls\ttotal\nf\t1\t1\ng\t1\t1\nf\t2\t2\n' >twice
refuses 1 "twice: line 4: func 'f' stands twice" 'a key twice' scale-exp 7=7.tsv 30=twice
refuses 2 "the key is called 'total'" 'a key that is called as another column' scale-exp --key total 7=twice 30=twice
printf 'func\tpct\ta_pct\tname\tblank\nf\t1\t2\tx\t\n' >words2
refuses 1 'no column of numbers' 'words and shares alone' scale-exp 7=words2 30=words2
refuses 1 'no column of numbers' 'a key alone' scale-exp --key func 7=7.tsv 30=words2
for x in x '' 1h 1.2.3 s; do
	refuses 2 '--min-total' "--min-total '$x'" scale-exp --min-total "$x" 7=7.tsv 30=30.csv
done
refuses 2 'columns are func metric' 'an unknown column to sort by' scale-exp --sort calls 7=7.tsv 30=30.csv
refuses 2 'formats are' 'an unknown format' scale-exp --format xml 7=7.tsv 30=30.csv
refuses 2 'standard output' '--plot -' scale-exp --plot - 7=7.tsv 30=30.csv
refuses 1 'nosuch: No such file' 'a file that is not there' scale-exp 7=7.tsv 30=nosuch
: >empty
refuses 1 'empty' 'an empty file' scale-exp 7=7.tsv 30=empty
head -c 60 7.tsv >cut.tsv
refuses 1 'cut.tsv: line' 'a table that was cut' scale-exp 7=cut.tsv 30=30.csv
refuses 1 'JSON' 'JSON' scale-exp 7=7.tsv 30="$top/fixtures/small-kineto.json"
refuses 1 'dir' 'an output that cannot be' scale-exp -o nodir/x 7=7.tsv 30=30.csv
printf 'a\\x00b\tv\nx\t1\n' >nul
refuses 1 'NUL' 'a key column with a NUL in its name' scale-exp 1=nul 2=nul
status 1 'a full disk' sh -c 'scale-exp -q 7=7.tsv 30=30.csv >/dev/full'

# Formats and hostile names ---------------------------------------------------------------------------

printf 'a"b<\\t>,|\tv\n=x"\\n<y>\t1\n\\xff{$`\t5\n' >h1
printf 'a"b<\\t>,|\tv\n=x"\\n<y>\t4\n\\xff{$`\t\n' >h2
status 0 'json' scale-exp -q --format json 1=h1 2=h2
ok 'of a hostile table reads back' python3 -c '
import json
rows = json.load(open("out", encoding="utf-8"))
assert [r["a\"b<\t>,|"] for r in rows] == ["=x\"\n<y>", "\ufffd{$`"], rows
assert [r["exponent"] for r in rows] == [2.0, None] and rows[0]["total"] == 5 and rows[1]["points"] == 1, rows'
status 0 'csv' scale-exp -q --format csv 1=h1 2=h2
ok 'reads back' python3 -c '
import csv
rows = list(csv.reader(open("out", encoding="utf-8", newline="")))
assert {len(r) for r in rows} == {9} and rows[0][0] == "a\"b<\t>,|" and rows[1][0] == "'"'"'=x\"\n<y>", rows'
status 0 'tsv' scale-exp -q 1=h1 2=h2
[ "$(head -n 2 out | cut -f 1)" = "$(printf 'a"b<\\t>,|\n=x"\\n<y>')" ]
result $? 'is escaped' out
for format in tsv csv; do
	scale-exp -q --metric v --format $format 1=u1 2=u2 3=u3 >chain
	status 0 "its own $format is a table of the next" scale-exp -q --key func --metric exponent 1=chain 2=chain
done
# Tables of other programs ----------------------------------------------------------------------------

prof-parse "$top/fixtures/prof/sim.prof" | prof-top >p.tsv
prof-parse "$top/fixtures/prof/buffer.prof" | prof-top --format csv >p.csv
status 0 'prof-top' scale-exp -q 1=p.tsv 2=p.csv
ok 'calls of both profiles' python3 -c '
import csv, math
a = {r["func"]: r for r in csv.DictReader(open("p.tsv"), delimiter="\t", quoting=csv.QUOTE_NONE)}
b = {r["func"]: r for r in csv.DictReader(open("p.csv"))}
rows = list(csv.DictReader(open("out"), delimiter="\t", quoting=csv.QUOTE_NONE))
assert len(rows) == 4 * len(a.keys() | b.keys()) and {r["metric"] for r in rows} == {"calls", "prim_calls", "self_us", "cum_us"}
seen = 0
for r in rows:
    f, m = r["func"], r["metric"]
    if f in a and f in b and float(a[f][m]) > 0 and float(b[f][m]) > 0:
        assert abs(float(r["exponent"]) - math.log2(float(b[f][m]) / float(a[f][m]))) < 6e-5, r
        seen += 1
    else:
        assert r["verdict"] == "undefined", r
assert seen > 4, seen'
trace-parse -q "$top/fixtures/small-kineto.json" | kernel-classify >k.trs
group-by-op k.trs >k.tsv
group-by-op --format csv k.trs k.trs >k2.csv
status 0 'group-by-op' scale-exp -q --metric count,total_us 1=k.tsv 2=k2.csv
[ "$(tail -n +2 out | cut -f 4,8 | sort -u)" = '1.0000	linear' ] && [ "$(wc -l <out)" = "$(($(tail -n +2 k.tsv | wc -l) * 2 + 1))" ]
result $? 'twice the trace is linear in all rows' out

# Plots ----------------------------------------------------------------------------------------------

usual=$PATH
scale=$(command -v scale-exp)
mkdir stub
# stub SCRIPT: the gnuplot that is found does this
stub() {
	printf '#!/bin/sh\n%s\n' "$1" >stub/gnuplot
	chmod +x stub/gnuplot
	PATH=$tmp/stub:$usual
}
# draws_nothing PATTERN SENTENCE: --plot fails so, and leaves what there was
draws_nothing() {
	echo old >p.svg
	refuses 1 "$1" "$2" scale-exp --plot p.svg -o p.out 7=7.tsv 30=30.csv
	PATH=$usual
	[ "$(cat p.svg)" = old ] && [ ! -e p.out ]
	result $? 'the old picture stays, and no table is written'
}
env PATH="$tmp/stub" "$scale" --plot p.svg -o p.out 7=7.tsv 30=30.csv >out 2>err
status=$?
[ $status = 1 ] && one_message scale-exp '--plot needs gnuplot'
result $? 'without gnuplot' why err
[ ! -e p.svg ] && [ ! -e p.out ]
result $? 'no picture and no table'
stub 'cat >/dev/null; echo "<svg></svg>"'
status 0 'who called us ignores the end of its children' sh -c "trap '' CHLD; exec scale-exp -q --plot drawn.svg -o p.out 7=7.tsv 30=30.csv"
ok 'and the picture is there' grep -qx '<svg></svg>' drawn.svg
PATH=$usual && rm p.out
stub 'exit 3'
draws_nothing 'gnuplot fails$' 'gnuplot that fails'
stub 'printf "\nset x\n    ^\nline 0: odd\033\nmore\n" >&2; exit 1'
draws_nothing 'gnuplot fails: set x$' 'with the first that it says'
stub 'kill -9 $$'
draws_nothing 'gnuplot fails' 'gnuplot that is killed'
stub 'cat >/dev/null; echo "<svg>"'
draws_nothing 'no whole SVG' 'half a picture'
stub 'exit 0'
draws_nothing 'no whole SVG' 'no picture'
stub 'echo "<svg></svg>"'
status 0 'gnuplot that does not read' scale-exp -q --plot p.svg 7=7.tsv 30=30.csv
echo '<svg></svg>' >want
same 'what it gives is the picture' want p.svg
same 'beside the table' table out
status 1 'a full disk' scale-exp -q --plot /dev/full 7=7.tsv 30=30.csv
refuses 1 'nodir' 'a folder that is not there' scale-exp --plot nodir/p.svg 7=7.tsv 30=30.csv
status 0 'the table into a file, the picture to standard output' scale-exp -q --plot - -o p.out 7=7.tsv 30=30.csv
same 'the picture' want out
same 'the table' table p.out
PATH=$usual

cat >names.py <<'PY'
import sys
NAMES = ["it's", "a'; system('touch pwned'); '", "`touch pwned`", '"; system "touch pwned"', "$(touch pwned)", "x\nsystem 'touch pwned'\n",
         "\\n%s\\", "{/=40 big} a_b^c @x ~y", "<b>&amp;]]>", "bad\xff\x1b[31m", "\u65e5\u672c\u8a9e\u306e\u540d\u524d", "x" * 40 + "y" * 40]
def shown(name):        # as pictures have it
    text = "".join("\\x%02x" % ord(c) if ord(c) < 32 or c == "\xff" else c for c in name)
    return text if len(text) <= 60 else text[:30] + "\u2026" + text[-29:]
def tsv(name):
    return name.replace("\\", "\\\\").replace("\n", "\\n").encode().replace(b"\xc3\xbf", b"\xff")
PY
python3 - <<'PY'
from names import *
for part in (0, 1):
    names = NAMES[6 * part:6 * part + 6]
    for n in (1, 10, 100):
        with open("names%d.%d" % (part, n), "wb") as f:
            f.write(b"func\tm'`touch pwned`\\n{_}\ttotal_us\n")
            for i, name in enumerate(names):
                f.write(b"%s\t%d\t%.3f\n" % (tsv(name), (i + 1) * n, (i + 1) * n * n))
PY
if command -v gnuplot >/dev/null; then
	for part in 0 1; do
		status 0 "hostile names, $part" scale-exp -q --plot names$part.svg 1=names$part.1 10=names$part.10 100=names$part.100
		same 'nothing is said' /dev/null err
		ok 'the picture has them as they are' python3 -c '
import sys, xml.etree.ElementTree as tree
from names import *
texts = [t.text for t in tree.parse("names%s.svg" % sys.argv[1]).iter("{http://www.w3.org/2000/svg}text")]
part = int(sys.argv[1])
for p in "1.00", "2.00":
    for name in NAMES[6 * part:6 * part + 6]:
        assert shown(name) + "  exponent " + p in texts, (name, texts)
metrics = [shown("m\x27`touch pwned`\n{_}"), "total_us"]
for metric in metrics:
    assert texts.count(metric) == 2, (metric, texts)    # title and axis
for size in "1", "10", "100":
    assert texts.count(size) >= 2, (size, texts)
assert "10 ms" in texts and "1000" not in metrics, texts' $part
	done
	ok 'nothing of them was run' test ! -e pwned
	mkdir home
	echo 'system "touch pwned"; exit' >home/.gnuplot
	status 0 'what stands in ~/.gnuplot' env HOME="$tmp/home" scale-exp -q --plot home.svg 1=names0.1 10=names0.10 100=names0.100
	same 'is not read' names0.svg home.svg
	ok 'not at all' test ! -e pwned

	python3 -c '
for n in (1, 2):
    with open("many%d" % n, "w") as f:
        print("func", *("m%d" % m for m in range(6)), sep="\t", file=f)
        for i in range(20):
            print("f%d" % i, *((i + 1) * n ** m for m in range(6)), sep="\t", file=f)'
	# drawn OPTION...: `metric: rows that are drawn` of the picture
	drawn() {
		scale-exp -q --plot many.svg "$@" 1=many1 2=many2 >out 2>err || return
		python3 -c '
import re, xml.etree.ElementTree as tree
of = {}
for t in tree.parse("many.svg").iter("{http://www.w3.org/2000/svg}text"):
    row = re.match("(f\d+)  exponent", t.text)
    title = re.match(r"(m\d)(: the 8 largest totals of (\d+))?$", t.text)
    if title:
        metric = title[1] + (" of " + title[3] if title[3] else "")
        if not row and metric.split()[0] not in [k.split()[0] for k in of]:
            of[metric] = []
        elif title[3]:
            of = {(metric if k == title[1] else k): v for k, v in of.items()}
    elif row:
        of[list(of)[-1]].append(row[1])
for metric, rows in of.items():
    print(metric + ":", *sorted(rows, key=lambda r: int(r[1:])))'
	}
	drawn >got
	for m in 0 1 2 3; do echo "m$m of 20: f12 f13 f14 f15 f16 f17 f18 f19"; done >want
	same 'four metrics, of each the eight largest' want got
	drawn --metric m5,m1 >got
	for m in 5 1; do echo "m$m of 20: f12 f13 f14 f15 f16 f17 f18 f19"; done >want
	same 'those that are asked for' want got
	drawn --top 3 >got
	echo 'm5: f0 f1 f10' >want
	same 'of the rows that are printed' want got
	drawn --worst --min-total 110 --metric m2,m3 >got
	echo 'm3: f12 f13 f14 f15 f16 f17 f18 f19' >want
	same 'offenders alone' want got
	status 0 'no row has an exponent' scale-exp -q --plot no.svg 1=none 2=none
	ok 'the picture says so' grep -q 'nothing to draw' no.svg
	status 0 'figures beyond a double' scale-exp -q --plot no.svg 1e-300=tiny 1e300=huge
	ok 'are left out' grep -q 'nothing to draw' no.svg
	printf 'func\tv_us\nx\t1e-259\n' >tiny
	printf 'func\tv_us\nx\t1e259\n' >huge
	status 0 'figures that a double just holds' scale-exp -q --plot no.svg 1e-259=tiny 1e259=huge
	ok 'are drawn' grep -q 'x  exponent 1.00' no.svg
	status 0 'one figure and sizes that nearly touch' scale-exp -q --plot no.svg 1=x9 1.0001=x9 1.0002=x9 9=x9
	ok 'is a picture' grep -q 'exponent 0.00' no.svg
fi
find . -name '*.tmp*' >litter
same 'no litter' /dev/null litter
done_testing
