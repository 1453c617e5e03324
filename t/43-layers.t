#!/bin/sh
# Phases, layers by repetition and the class of modules (lib/link) are what link_oracle.py says they
# are, on thousands of random cases of which every way of the rules has its share.
. t/lib.sh

for seed in 1 2; do
	python3 t/layer_cases.py make $seed >"$tmp/cases"
	status 0 "seed $seed: $(wc -l <"$tmp/cases") cases are answered" sh -c "'${TRS_BUILD:-build}/t/unit-layers' cases <'$tmp/cases'"
	mv "$tmp/out" "$tmp/got"
	python3 t/layer_cases.py answer <"$tmp/cases" >"$tmp/want" 2>"$tmp/taken"
	result $? 'and by the oracle' "$tmp/taken"
	paste -d '|' "$tmp/cases" "$tmp/want" >"$tmp/wanted"
	paste -d '|' "$tmp/cases" "$tmp/got" >"$tmp/gotten"
	same 'alike' "$tmp/wanted" "$tmp/gotten"
	awk '$2 < 30 { bad = 1 } END { exit bad || NR != 6 }' "$tmp/taken"
	result $? "of these: $(tr '\n' ' ' <"$tmp/taken")" "$tmp/taken"
done
done_testing
