#!/bin/sh
# table-format: a table is the same in each format as if it had been printed so at once
. t/lib.sh
trace-parse fixtures/small-kineto.json | kernel-classify >"$tmp/t.trs"
prof-parse -o "$tmp/p.trs" fixtures/prof/sim.prof

for format in table tsv csv json md; do
	for made in tsv csv; do
		group-by-op --by op,category --format $format "$tmp/t.trs" >"$tmp/want"
		pipe '0 0' "a table as $made, printed as $format" "group-by-op --by op,category --format $made $tmp/t.trs" "table-format --format $format"
		same 'is the same' "$tmp/want" "$tmp/out"
	done
	prof-top --per 149 --format $format "$tmp/p.trs" >"$tmp/want"
	prof-top --per 149 "$tmp/p.trs" | table-format --text func --format $format >"$tmp/got"
	same "a profile as $format" "$tmp/want" "$tmp/got"
done
prof-top --sort calls --top 3 --no-header "$tmp/p.trs" >"$tmp/want"
prof-top "$tmp/p.trs" >"$tmp/t.tsv"
status 0 'sorted, the first rows, no header' table-format --sort calls --top 3 --no-header "$tmp/t.tsv"
same 'as the program itself does it' "$tmp/want" "$tmp/out"

# Columns
printf 'a\tb\tc\td\te\tf\n1\t1.5\t007\t\t-0.1234\t1\n20\t\t2\t\t3\t1e3\n3\t2\t3\t\t4.25\t2\n' >"$tmp/t.tsv"
prints 0 'numbers by their cells' table-format --format json "$tmp/t.tsv" <<'END'
[
{"a":1,"b":1.50,"c":"007","d":null,"e":-0.1234,"f":"1"},
{"a":20,"b":null,"c":"2","d":null,"e":3.0000,"f":"1e3"},
{"a":3,"b":2.00,"c":"3","d":null,"e":4.2500,"f":"2"}
]
END
printf '20\n3\n1\n' >"$tmp/want"
table-format --sort a --no-header "$tmp/t.tsv" | cut -f 1 >"$tmp/got"
same 'numbers are sorted as such' "$tmp/want" "$tmp/got"
printf '1\n20\n3\n' >"$tmp/want"
table-format --text a --sort a --no-header "$tmp/t.tsv" | cut -f 1 >"$tmp/got"
same 'text as text' "$tmp/want" "$tmp/got"
printf 'x\ty\n99999999999999.1234\t999999999999999\n' >"$tmp/t.tsv"
prints 0 'large ones' table-format --format json "$tmp/t.tsv" <<'END'
[
{"x":99999999999999.1234,"y":999999999999999}
]
END
printf 'x\n' >"$tmp/t.tsv"
status 0 'no rows' table-format "$tmp/t.tsv"
same 'the header alone' "$tmp/t.tsv" "$tmp/out"
ok 'and a note' one_message table-format 'no rows'
printf 'x\ty\na\\tb\\n\\\\\\x1b"|<i>\t=1+1\n' >"$tmp/t.tsv"
status 0 'hostile cells' table-format --format json "$tmp/t.tsv"
ok 'are what they were' python3 -c 'import json, sys; assert json.load(open(sys.argv[1])) == [{"x": "a\tb\n\\\x1b\"|<i>", "y": "=1+1"}]' "$tmp/out"

# What is no table
for header in 'a"b' 'a b' 'a\b' 'é' '<a>'; do
	printf '%b\tx\n1\t2\n' "$header" >"$tmp/t.tsv"
	refuses 1 'name of column 1' "a column called $header" table-format "$tmp/t.tsv"
done
printf '\tx\n1\t2\n' >"$tmp/t.tsv"
refuses 1 'column 1 has no name' 'a column without a name' table-format "$tmp/t.tsv"
printf 'a\tb\n1\n' >"$tmp/t.tsv"
refuses 1 '1 cell' 'a short row' table-format "$tmp/t.tsv"
printf 'a\tb\n1\t2' >"$tmp/t.tsv"
refuses 1 'cut' 'a table that was cut' table-format "$tmp/t.tsv"
refuses 1 'No such file' 'no file' table-format "$tmp/nosuch"
refuses 1 'empty|nothing' 'nothing' table-format </dev/null
refuses 2 'one table' 'two files' table-format a b
printf 'a\tb\n1\t2\n' >"$tmp/t.tsv"
refuses 2 "no column 'c'" 'a column that is not there' table-format --text a,c "$tmp/t.tsv"
refuses 2 "'c'" 'nor to sort by' table-format --sort c "$tmp/t.tsv"
refuses 2 'xml' 'an unknown format' table-format --format xml "$tmp/t.tsv"
status 1 'a full disk' sh -c "table-format '$tmp/t.tsv' >/dev/full"
done_testing
