#!/bin/sh
# shellcheck disable=SC2016,SC2317 # single quotes are for the sh that is called; functions are called by name
# bench/run works, on traces of a few MB: every case has its rows, answers are checked, a wrong one is
# named. How long anything takes is looked at nowhere.
. t/lib.sh
bin=$(dirname "$(command -v trace-parse)")
bench() { bench/run --quick --dir "$tmp/bench" "$@"; }

# Cases ------------------------------------------------------------------------------------------

cases='kineto indented gpu gz zst pipe index repeat link records profile growth python jq'
# shellcheck disable=SC2086 # they are words
status 0 'all sorts of cases run' bench --bin "$bin" $cases
cp "$tmp/out" "$tmp/table"
for case in $cases; do
	ok "$case has a row" grep -q "^$case  " "$tmp/table"
done
ok 'records are counted' grep -q '[0-9],[0-9]* records' "$tmp/table"
ok 'the table says what the machine is' grep -q '^machine  .* cores, .* GB, Linux ' "$tmp/table"
ok 'and what was measured' grep -qE '^trs      [^ ]+, ' "$tmp/table"
ok 'traces this small decide nothing' sh -c '! grep -qE "met|missed" "$1"' - "$tmp/table"

status 0 'Markdown' bench --bin "$bin" --format md gpu
ok 'is a table' awk -F' [|] ' '/^[|]/ { n++; if (m && NF != m) exit 1; m = NF } END { exit n < 3 || NF < 10 }' "$tmp/out"

refuse() {
	"$@" 2>&1 | tail -n 1 | grep -q 'no case speed; there are: kineto '
}
ok 'an unknown case is refused' refuse bench --bin "$bin" speed

# Answers ----------------------------------------------------------------------------------------

mkdir "$tmp/peers" "$tmp/bin" "$tmp/few"
sed 's/+= 1$/+= 2/' bench/peers/json-dict.py >"$tmp/peers/json-dict.py"
status 1 'a peer that counts wrongly is noticed' bench --bin "$bin" --peers "$tmp/peers" python
ok 'its row says so' grep -q '^python .* WRONG' "$tmp/out"
ok 'and the message what it said' grep -q '(count, ns) is (' "$tmp/err"

for program in trace-parse kernel-classify; do ln -s "$bin/$program" "$tmp/bin/"; done
printf '#!/bin/sh\nexec %s/group-by-op --top 3 "$@"\n' "$bin" >"$tmp/bin/group-by-op"
chmod +x "$tmp/bin/group-by-op"
status 1 'trs is checked likewise' bench --bin "$tmp/bin" gpu
ok 'with a row that says so' grep -q '^gpu .* WRONG' "$tmp/out"

printf '#!/bin/sh\nexit 3\n' >"$tmp/bin/group-by-op"
status 1 'a program that fails is noticed' bench --bin "$tmp/bin" gpu
ok 'with a row that says that' grep -q '^gpu .* failed' "$tmp/out"

for program in bash cat env mv sh; do ln -s "$(command -v $program)" "$tmp/few/"; done
ln -s "$(python3 -c 'import sys; print(sys.executable)')" "$tmp/few/python3"
status 0 'what is not installed is no failure' env PATH="$tmp/few" \
	bench/run --quick --dir "$tmp/bench" --bin "$bin" kineto gz jq
cp "$tmp/out" "$tmp/table"
ok 'its row says so' test "$(grep -c 'not installed$' "$tmp/table")" -ge 2

# Traces -----------------------------------------------------------------------------------------

# kernels FILE: name, count, ns as gen-trace --truth has them
kernels() {
	trace-parse "$1" | group-by-op --by cat,name --no-header |
		awk -F'\t' -v OFS='\t' '$1 == "kernel" { sub(/\./, "", $4); print $2, $3, $4 + 0 }' | LC_ALL=C sort
}
for layout in kineto oneline indented; do
	bench/gen-trace --from fixtures/small-kineto.json --size 300K --layout $layout --rank 5 --escapes 0.2 \
		--python-share 0.5 --truth "$tmp/truth" >"$tmp/made.json" 2>"$tmp/err"
	LC_ALL=C sort "$tmp/truth" >"$tmp/want"
	kernels "$tmp/made.json" >"$tmp/got"
	same "a trace made of another, $layout: the kernels are as said" "$tmp/want" "$tmp/got"
	ok 'and it is JSON, with the rank' python3 -c "import json, sys
assert json.load(open(sys.argv[1]))['distributedInfo']['rank'] == 5" "$tmp/made.json"
done
done_testing
