#!/bin/sh
# kernel-classify: the built-in rules against the labels that an expert gives (fixtures/rules), the
# grammar of rules, and the share of Other on real traces.
. t/lib.sh

# A trace with one kernel for each line of a table of names.
trace_of() {
	python3 -c '
import json, sys
names = [l.rstrip("\n").split("\t")[0] for l in open(sys.argv[1]) if l.strip() and l[0] != "#"]
json.dump([{"ph": "X", "cat": "kernel", "name": n, "ts": i, "dur": 1} for i, n in enumerate(names)], sys.stdout)
' "$1"
}

trace_of fixtures/rules/names.tsv >"$tmp/names.json"
trace-parse "$tmp/names.json" |
	kernel-classify --explain --format tsv --no-header | cut -f 1-4 | LC_ALL=C sort >"$tmp/got"
grep -v '^#' fixtures/rules/names.tsv | grep . | LC_ALL=C sort -u >"$tmp/want"
same "the rules label $(wc -l <"$tmp/want") names as an expert does" "$tmp/want" "$tmp/got"

# The grammar, one rule a case: NAME is labelled Yes by PATTERN, or not.
matches() {
	printf 'Yes\tOther\tx\t%s\n' "$2" >"$tmp/rules"
	printf '[{"ph":"X","cat":"kernel","name":"%s","ts":0,"dur":1}]' "$3" >"$tmp/one.json"
	trace-parse "$tmp/one.json" | kernel-classify --rules "$tmp/rules" --explain --format tsv --no-header |
		cut -f 2 >"$tmp/label"
	echo "$2 on $3: $(cat "$tmp/label")" >"$tmp/why"
	if [ "$(cat "$tmp/label")" = Yes ]; then [ "$1" = yes ]; else [ "$1" = no ]; fi
	result $? "$4" "$tmp/why"
}
matches yes 'gemm' 'my_GEMM_kernel' 'a glob is found anywhere, in any case'
matches yes 'a*c' 'xabbbcx' 'a star is any text'
matches yes 'a*c' 'ac' 'a star may be nothing'
matches no 'a*c' 'cba' 'the pieces come in order'
matches yes 'a?c' 'abc' 'a question mark is one character'
matches no 'a?c' 'ac' 'a question mark is not none'
matches yes 'foo|bar' 'a bar b' 'a bar is or'
matches no 'foo&bar' 'foo' 'an ampersand is and'
matches yes 'foo&bar|baz' 'baz' 'and binds tighter than or'
matches yes 'baz|foo&bar' 'bar foo' 'on either side'
matches no '!foo' 'food' 'an exclamation mark negates'
matches yes '!foo' 'bar' 'and what is absent matches then'
matches yes 'foo&!bar' 'foo' 'a negated glob in an and'
matches no 'foo&!bar' 'foo bar' 'and its refusal'
matches yes '\?' 'what?' 'a backslash takes a question mark as it is'
matches no '\?' 'what' 'and that is no wildcard'
matches yes 'a\\*b' 'a\\xb' 'a backslash takes a backslash as it is'
matches yes 'a\&b' 'a&b' 'and an ampersand'
matches yes 'x&!?x' 'xyz' 'begins-with, as the rules write it'
matches no 'x&!?x' 'yxz' 'and its refusal'
matches yes '????' 'abcd' 'a glob of question marks alone'
matches no '????' 'abc' 'and its refusal'

bad_rules() {
	printf '%b' "$1" >"$tmp/bad.rules"
	refuses 1 "bad.rules: line $2: .*$3" "$4" kernel-classify --rules "$tmp/bad.rules" --list-rules
}
bad_rules 'a\tb\tc\n' 1 'not four fields' 'a rule of three fields is refused'
bad_rules '# fine\n\na\tb\tc\td\te\n' 3 'more than four' 'a rule of five fields is refused, by its line'
bad_rules 'a\t\tc\td\n' 1 'empty field' 'an empty field is refused'
bad_rules 'a\tb\tc\td&\n' 1 'empty glob' 'an empty glob is refused'
bad_rules 'a\tb\tc\td\0134' 1 'backslash' 'a backslash at the end is refused'
refuses 1 'No such file' 'a rule file that is not there' kernel-classify --rules "$tmp/none" --list-rules

printf 'Mine\tOther\tme\tgemm\n' >"$tmp/rules"
kernel-classify --rules "$tmp/rules" --list-rules --format tsv >"$tmp/list"
ok "a file's rules come before the built-in ones" sh -c "sed -n 2p '$tmp/list' | grep -q 'rules:1	Mine'"
ok "every built-in rule is listed" \
	test "$(wc -l <"$tmp/list")" = $((2 + $(grep -c '^[^#]' lib/trace/kernel.rules)))

# Labelled twice, the second time counts.
trace-parse fixtures/small-kineto.json | kernel-classify >"$tmp/once.trs"
kernel-classify --rules "$tmp/rules" "$tmp/once.trs" | group-by-op --format tsv >"$tmp/twice"
trace-parse fixtures/small-kineto.json | kernel-classify --rules "$tmp/rules" | group-by-op --format tsv >"$tmp/direct"
same "a second kernel-classify labels anew" "$tmp/direct" "$tmp/twice"
ok "with its own rules" grep -q '^Mine	' "$tmp/twice"

# Categories are a closed list (DEFINITIONS 6).
cat >"$tmp/closed" <<'EOF'
Activation
Attention
Communication
Convolution
Elementwise
Embedding
GEMM
Indexing
KV Cache
Layout
Loss
Memory
MoE
Normalization
Optimizer
Other
Pooling
Position
Quantization
Random
Reduction
SSM
Softmax
Sort
Triton Fused
Wait
EOF
kernel-classify --list-rules --format tsv --no-header | cut -f 3 | LC_ALL=C sort -u >"$tmp/categories"
ok "no rule uses a category beside the closed list" \
	sh -c "[ -z \"\$(LC_ALL=C comm -13 '$tmp/closed' '$tmp/categories')\" ]"

shared=${TRS_SHARED:-../shared}
for f in "$shared"/traces/*/trace.json.gz; do
	[ -f "$f" ] || continue
	trace-parse -q "$f" 2>/dev/null | kernel-classify | group-by-op -q --format tsv --no-header >"$tmp/ops"
	share=$(awk -F'\t' '$1 == "Other" { print $NF }' "$tmp/ops")
	ok "Other is at most 5 % of $(basename "$(dirname "$f")"): ${share:-0.00}" \
		awk "BEGIN { exit !(${share:-0} <= 5) }"
done
done_testing
