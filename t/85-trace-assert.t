#!/bin/sh
# trace-assert: claims about tables. TOOLS.md (Text tools); what cannot be told is 1, never a pass.
. t/lib.sh

# Tables in both forms, as our sinks print them.
printf 'op\tcount\ttotal_us\tpct\nGEMM\t9\t5123.400\t75.00\nx.y:z<f>\t0\t0.000\t0.00\ntwice\t1\t1.000\t1\ntwice\t3\t3.000\t1\nodd\t\tnan\t-0.0\nmany "q"\t5\t-7.50\t1e1\n' >"$tmp/t.tsv"
printf 'op,count,total_us,pct\r\nGEMM,9,5123.400,75.00\r\nx.y:z<f>,0,0.000,0.00\r\ntwice,1,1.000,1\r\ntwice,3,3.000,1\r\nodd,,nan,-0.0\r\n"many ""q""",5,-7.50,1e1\r\n' >"$tmp/t.csv"

# holds EXPR, fails EXPR CELL, unknown EXPR WHY: of both tables
holds() {
	for t in "$tmp/t.tsv" "$tmp/t.csv"; do
		status 0 "holds of ${t##*.}: $1" trace-assert "$1" "$t"
		cat "$tmp/out" "$tmp/err" >"$tmp/said"
		[ ! -s "$tmp/said" ] || result 1 'and says nothing' "$tmp/said"
	done
}
fails() {
	for t in "$tmp/t.tsv" "$tmp/t.csv"; do
		prints 4 "does not hold of ${t##*.}: $1" trace-assert "$1" "$t" </dev/null
		echo "trace-assert: $1 does not hold: $2" >"$tmp/want"
		cmp -s "$tmp/want" "$tmp/err" || same 'in these words' "$tmp/want" "$tmp/err"
	done
}
unknown() {
	for t in "$tmp/t.tsv" "$tmp/t.csv"; do
		refuses 1 "$2" "cannot be told of ${t##*.}: $1" trace-assert "$1" "$t"
	done
}
for expr in 'op:GEMM.total_us<5123.4001' 'op:GEMM.total_us<=5123.4' 'op:GEMM.total_us>=5123.400000' 'op:GEMM.total_us==5123.4' \
	'op:GEMM.total_us>5123.39999999999999999999999' 'op:GEMM.total_us!=5123.40000000000000000000001' 'op:GEMM.total_us < 5123.5' \
	'op:GEMM.total_us<5.2ms' 'op:GEMM.total_us==5123400ns' 'op:GEMM.total_us==5123.4us' 'op:GEMM.total_us<0.1s' 'op:GEMM.total_us==5.1234e3' \
	'op:GEMM.count==9' 'op:GEMM.count==+9.0' 'op:GEMM.count==0009' 'op:GEMM.count>8' 'op:GEMM.count>-9' 'op:"GEMM".count==9' \
	'op:x.y:z<f>.count==0' 'op:x.y:z<f>.total_us<=0' 'op:"x.y:z<f>".count==-0' 'op:twice.count<4' 'op:twice.count!=2' 'op:odd.pct==0' \
	'op:many "q".total_us==-7.5' 'op:"many ""q""".total_us<-7.4999' 'op:"many ""q""".pct==10' 'op:many "q".pct>9.99' 'count:9.total_us>1' \
	'op:many "q".total_us>-1e999999999' 'op:GEMM.total_us>1e-999999999'; do
	holds "$expr"
done
fails 'op:GEMM.total_us<5000' 5123.400
fails 'op:GEMM.total_us<5123.4' 5123.400
fails 'op:GEMM.total_us!=5.1234ms' 5123.400
fails 'op:GEMM.count!=9' 9
fails 'op:x.y:z<f>.count>0' 0
fails 'op:x.y:z<f>.count!=0.0' 0
fails 'op:many "q".total_us>=-7.49' -7.50
fails 'op:twice.count<3' 3
fails 'op:twice.count>5' '1, nor for 1 more'
fails 'op:many "q".total_us<-1e999999999' -7.50
unknown 'op:GEMM.total_ms<5' "no column 'total_ms'; columns are op count total_us pct"
unknown 'name:GEMM.total_us<5' "no column 'name'"
unknown 'op:gemm.total_us<5' "no row has op 'gemm'"
unknown 'op:GEM*.total_us<5' "no row has op"
unknown 'op:nosuch.count==0' "no row has op 'nosuch'"
unknown 'op:.count==0' "no row has op ''"
unknown 'op:odd.count==0' "'' is no number"
unknown 'op:odd.total_us==0' "'nan' is no number"

# Several: all have to hold, each that does not has its line; what cannot be told wins
status 4 'two that do not hold' trace-assert 'op:GEMM.count<1' 'op:GEMM.count==9' 'op:twice.count>5' "$tmp/t.tsv"
[ "$(wc -l <"$tmp/err")" = 2 ]
result $? 'two lines' "$tmp/err"
status 1 'one that does not hold, one that cannot be told' trace-assert 'op:GEMM.count<1' 'op:no.count==9' 'op:GEMM.count<2' "$tmp/t.tsv"
[ "$(wc -l <"$tmp/err")" = 3 ]
result $? 'all are said' "$tmp/err"
status 4 'also with --quiet' trace-assert -q 'op:GEMM.count<1' "$tmp/t.tsv"
ok 'it is said' test -s "$tmp/err"
status 0 '--verbose says what holds' trace-assert -v 'op:GEMM.count==9' "$tmp/t.tsv"
ok 'it does' grep -qx 'trace-assert: op:GEMM.count==9 holds' "$tmp/err"
pipe '0 0' 'standard input' "cat $tmp/t.tsv" "trace-assert op:GEMM.count==9"
pipe '0 0' 'standard input as -' "cat $tmp/t.csv" "trace-assert op:GEMM.count==9 -"
gzip -c "$tmp/t.tsv" >"$tmp/t.gz"
status 0 'compressed' trace-assert op:GEMM.count==9 "$tmp/t.gz"
head -c 40 "$tmp/t.gz" >"$tmp/cut.gz"
refuses 1 'line' 'compressed and cut' trace-assert op:GEMM.count==9 "$tmp/cut.gz"

# Functions
cat >"$tmp/f.tsv" <<'END'
func	calls	name
/usr/lib/python3.11/copy.py:128(deepcopy)	42	a
/home/x/own.py:3(deepcopy)	7	b
{built-in method builtins.len}	5	c
{method 'append' of 'list' objects}	6	d
copy.py:200(_deepcopy_list)	1	e
main	3	deepcopy
END
for expr in 'func:deepcopy.calls>=7' 'func:copy.py:128(deepcopy).calls==42' 'func:/home/x/own.py:3(deepcopy).calls==7' 'func:len.calls==5' \
	'func:append.calls==6' 'func:_deepcopy*.calls==1' 'func:*:*(*deepcopy*).calls>0' 'func:main.calls==3' 'name:deepcopy.calls==3'; do
	status 0 "a function: $expr" trace-assert "$expr" "$tmp/f.tsv"
done
refuses 4 'func:deepcopy.calls==0 does not hold: 42 for /usr/lib/python3.11/copy.py:128\(deepcopy\), nor for 1 more' 'a function that is called' \
	trace-assert 'func:deepcopy.calls==0' "$tmp/f.tsv"
refuses 1 "no row has func 'deepcpy'" 'no such function is no pass' trace-assert 'func:deepcpy.calls==0' "$tmp/f.tsv"
refuses 1 "no row has name 'deep\*'" 'no globs elsewhere' trace-assert 'name:deep*.calls==3' "$tmp/f.tsv"
for key in caller callee; do
	sed "1s/func/$key/" "$tmp/f.tsv" >"$tmp/k.tsv"
	status 0 "also in a column $key" trace-assert "$key:deepcopy.calls>=7" "$tmp/k.tsv"
done

# Tables with escapes, a BOM, CR LF, quoted newlines
printf 'name\tn\na\\tb\\\\\\n\\x01\\xff\\q\t1\n' >"$tmp/e.tsv"
status 0 'escapes of tsv' trace-assert "$(printf 'name:a\tb\\\n\001\377\\q.n==1')" "$tmp/e.tsv"
printf '\357\273\277name,n\r\n"a\r\nb,""c""",1\r\n'"'"'=sum,2\r\n'"'"'x,3\r\n' >"$tmp/e.csv"
status 0 'quotes of csv' trace-assert "$(printf 'name:a\r\nb,"c".n==1')" "$tmp/e.csv"
status 0 'its apostrophe' trace-assert 'name:=sum.n==2' "$tmp/e.csv"
status 0 'and one that is none' trace-assert "name:'x.n==3" "$tmp/e.csv"
printf 'name\tn\n' >"$tmp/none.tsv"
refuses 1 'no row' 'a header alone: nothing holds' trace-assert 'name:x.n==0' "$tmp/none.tsv"
trace-parse -q fixtures/small-kineto.json | kernel-classify >"$tmp/s.trs"
for format in tsv csv; do
	group-by-op --format $format "$tmp/s.trs" >"$tmp/o.$format"
	status 0 "what group-by-op prints as $format" trace-assert 'op:Dense GEMM.count==9' 'op:Dense GEMM.total_us<2ms' "$tmp/o.$format"
done

# What is no table
: >"$tmp/empty"
refuses 1 'empty' 'nothing' trace-assert a:b.c==1 "$tmp/empty"
refuses 1 'No such file' 'no file' trace-assert a:b.c==1 "$tmp/nosuch"
refuses 1 'JSON' 'JSON' trace-assert a:b.c==1 fixtures/small-kineto.json
group-by-op --format md "$tmp/s.trs" >"$tmp/o.md"
refuses 1 'Markdown' 'Markdown' trace-assert 'op:x.count==1' "$tmp/o.md"
refuses 1 'records' 'records' trace-assert 'op:x.count==1' "$tmp/s.trs"
for bad in 'a\tb\n1\n:cells' 'a\tb\n1\t2\t3\n:cells' 'a\tb\n1\t2:cut' 'a\tb\n1\t2\n\n:cells' 'a\ta\n1\t2\n:two columns' 'a,b\n"1,2\n:cut' \
	'a,b\n"1"x,2\n:closing quote' 'a\tb:cut' 'a,"b\n1,2\n:closes'; do
	# shellcheck disable=SC2059 # it is a format
	printf "${bad%:*}" >"$tmp/bad"
	refuses 1 "${bad##*:}" "no table: ${bad%:*}" trace-assert 'a:1.b==2' "$tmp/bad"
done

# Wrong use
for expr in 'x=1' 'a:b.c=1' 'a:b.c=<1' 'a:b.c<>1' 'a:b.c<' 'a:b.c<x' 'a:b.c<1x' 'a:b.c<--1' 'a:b.c<1e' 'a:b.c<.' 'a:b.c<1 2' 'a.c<1' ':b.c<1' \
	'a:b<1' 'a:b.<1' 'a:"b.c<1' 'a:"b"c<1' 'a:"b"<1' 'a:b.c<1ms' 'a:b.c_us<ms' '<1' '=' '!' 'a:b.c!1' 'a:b.c_us<1m' 'a:b.c<1e9999999999' 'a:b.c<nan'; do
	refuses 2 "$expr: " "no expression: $expr" trace-assert "$expr" "$tmp/t.tsv"
done
refuses 2 'nothing to check' 'no expression at all' trace-assert
refuses 2 'nothing to check' 'nor with a file' trace-assert "$tmp/t.tsv"
refuses 2 'no operator' 'two files' trace-assert a:b.c==1 "$tmp/t.tsv" "$tmp/t.tsv"
refuses 2 'nothing to write' '-o' trace-assert -o "$tmp/x" a:b.c==1 "$tmp/t.tsv"
done_testing
