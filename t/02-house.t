#!/bin/sh
# the house: folders of lib look only down, as lib/README.md says; each program has a page and a
# test, each option and operation stands in its page; files stay short, scripts clean
. t/lib.sh
version=14 # of clang-format: each lays out a little differently

# all: every file of the house
all() { find . \( -path ./.git -o -path ./build -o -path ./bin \) -prune -o -type f -print | sort; }

# nothing SENTENCE: what stands in $tmp/found is what is wrong
nothing() {
	[ ! -s "$tmp/found" ]
	result $? "$1" "$tmp/found"
}

# Folders ---------------------------------------------------------------------------------------

sed -n 's/^    \(base <.*\)/\1/p' lib/README.md >"$tmp/order"
[ "$(wc -l <"$tmp/order")" -eq 1 ]
result $? 'lib/README.md says the order of the folders' "$tmp/order"

grep -HoE '^#include "[a-z]+/' lib/*/*.[ch] | sed 's,^lib/,,; s,/[^:]*:#include ", ,; s,/$,,' | sort -u |
	awk 'NR == FNR { n = split($0, level, " < "); for (i = 1; i <= n; i++) { m = split(level[i], d, ", "); for (j = 1; j <= m; j++) rank[d[j]] = i } next }
		!($1 in rank) { print "lib/" $1 " is not in the order"; next }
		$1 != $2 && rank[$2] >= rank[$1] { print "lib/" $1 " uses lib/" $2 }' "$tmp/order" - >"$tmp/found"
nothing 'a folder of lib uses those left of it alone'

grep -HoE '^#include "[^"]+"' lib/*/*.[ch] tools/*.c | sed 's/:#include "/ /; s/"$//' |
	while read -r file header; do
		grep -q "^ \* Private to lib/" "lib/$header" 2>/dev/null && [ "$(dirname "$file")" != "lib/$(dirname "$header")" ] &&
			echo "$file uses $header"
	done >"$tmp/found"
nothing 'private headers are used in their folder alone'

for file in lib/*/*.[ch]; do
	name=$(basename "$file")
	grep -qE "\`(${name%.?}|$name)\`" lib/README.md || echo "$file"
done >"$tmp/found"
nothing 'lib/README.md names every file'

basename -a lib/*/*.c | sort | uniq -d >"$tmp/found"
nothing 'no two files of lib have one name: the archive would hold one of them'

wc -l lib/*/*.[ch] tools/*.c | awk '$2 != "total" && $1 > 450' >"$tmp/found"
nothing 'no file of lib and tools is longer than 450 lines'

# Programs --------------------------------------------------------------------------------------

for file in tools/*.c pipelines/*[!1]; do
	tool=${file%.c}
	[ -e "$tool.1" ] || echo "$tool.1 is missing"
	grep -lqw -e "$(basename "$tool")" t/*.t || echo "$tool has no test"
done >"$tmp/found"
nothing 'every program has a man page and a test'

for file in tools/*.c; do
	tool=$(basename "$file" .c)
	sed 's/\\-/-/g' "tools/$tool.1" >"$tmp/page"
	"$tool" --help | grep -oE '^ .*--[a-z-]+' | grep -oE -e '--[a-z-]+' |
		while read -r option; do grep -qw -e "$option" "$tmp/page" || echo "$tool.1: $option"; done
done >"$tmp/found"
nothing 'every option stands in the man page'

sed -n '/^.SS Categories/,/^.SS Memory/p' tools/kernel-classify.1 | sed 's/\\-/-/g' | tr '\n' ' ' >"$tmp/page"
kernel-classify --list-rules --no-header | cut -f 2,3 | tr '\t' '\n' | sort -u |
	while read -r word; do grep -qF " $word" "$tmp/page" || echo "$word"; done >"$tmp/found"
nothing 'kernel-classify.1 has every operation and category of the rules'

for file in pipelines/*[!1]; do
	wc -l "$file" | awk '$1 >= 60 { print $2 " has " $1 " lines" }'
	grep -qE '^#[[:space:]]+\$ ' "$file" || echo "$file: no example in its head"
done >"$tmp/found"
nothing 'pipelines have less than sixty lines and an example in the head'

# Files -----------------------------------------------------------------------------------------

all | while read -r file; do
	head -c 2 "$file" | grep -q '^#!' && script=1 || script=
	[ -x "$file" ] && run=1 || run=
	[ "$script" = "$run" ] || echo "$file: executable: ${run:-0}, script: ${script:-0}"
done >"$tmp/found"
nothing 'scripts are executable, other files are not'

# shellcheck disable=SC2046 # names here have no blanks
grep -nEw 'TO''DO|FIX''ME|XX''X' $(all | grep -v '^./fixtures/') >"$tmp/found"
nothing 'nothing is left for later'

if command -v shellcheck >/dev/null; then
	# shellcheck disable=SC2046
	shellcheck -x $(all | while read -r file; do head -n 1 "$file" | grep -aqE '^#!/(usr/)?bin/(env )?(ba)?sh( |$)' && echo "$file"; done) >"$tmp/found" 2>&1
	nothing 'shellcheck is content'
fi
if command -v mandoc >/dev/null; then
	mandoc -Tlint -W warning tools/*.1 pipelines/*.1 >"$tmp/found" 2>&1
	nothing 'mandoc is content'
fi
if clang-format --version 2>/dev/null | grep -q "version $version\."; then
	clang-format --dry-run -Werror lib/*/*.[ch] tools/*.c t/*.[ch] bench/peers/*.[ch]pp 2>&1 | sed -n 's/:.*error:.*//p' | uniq -c >"$tmp/found"
	nothing "clang-format $version changes nothing"
fi

done_testing
