#!/bin/sh
# gpu-top: the same table and the same status as the three programs, wherever its options stand
. t/lib.sh
kineto=fixtures/small-kineto.json amd=fixtures/small-amd.json

# like SENTENCE WORDS...: gpu-top WORDS prints what the pipe printed into $tmp/want
like() {
	sentence=$1
	shift
	gpu-top "$@" >"$tmp/got" 2>"$tmp/err"
	same "$sentence" "$tmp/want" "$tmp/got"
}

trace-parse --gpu $kineto | kernel-classify | group-by-op >"$tmp/want"
like 'one file is the main job' $kineto
like 'standard input as well' <$kineto
like 'a single - is standard input' - <$kineto

trace-parse --gpu $kineto $amd 2>/dev/null | kernel-classify | group-by-op --by op,rank --top 3 --format csv >"$tmp/want"
like 'options before files' -n 3 --by op,rank --format csv $kineto $amd
like 'options behind files' $kineto $amd -n3 --by=op,rank --format=csv
like 'options between files' $kineto --by op,rank $amd --format csv -n 3

trace-parse --gpu $kineto | kernel-classify | group-by-op --by name --per 4 --sort count --no-header >"$tmp/want"
like 'what it does not know goes to group-by-op' --by name --per 4 --sort count --no-header $kineto

trace-parse --gpu $kineto | kernel-classify | group-by-op --top 1 >"$tmp/want"
cp $kineto "$tmp/ a 'file' *"
like 'a file with blanks and quotes in its name' -n 1 "$tmp/ a 'file' *"
cp $kineto "$tmp/-n"
top=$PWD
cd "$tmp" || exit 1
like 'behind -- a file may begin with -' -n 1 -- -n
cd "$top" || exit 1
ok 'a file for the table' gpu-top -o "$tmp/got" -n 1 $kineto
same 'holds the table' "$tmp/want" "$tmp/got"

status 0 'a whole trace is 0' gpu-top $kineto
status 3 'a damaged one is 3' gpu-top fixtures/quirks/tail-in-name.json
ok 'and its loss is said once' one_message trace-parse '1 events kept, 1 lost'
status 0 '--partial-ok makes it 0' gpu-top --partial-ok fixtures/quirks/tail-in-name.json
status 1 '--strict makes it 1' gpu-top --strict fixtures/quirks/tail-in-name.json
status 1 'a missing file is 1' gpu-top "$tmp/nosuch" $kineto
status 1 'no trace is 1' gpu-top fixtures/bad/text.txt
status 1 'a full disk is 1' sh -c "gpu-top $kineto >/dev/full"
status 2 'an unknown key is 2' gpu-top --by nosuch $kineto
status 2 'an unknown option is 2' gpu-top --nosuch $kineto
status 2 '-n without a number is 2' gpu-top $kineto -n
status 2 '-n 0 is 2' gpu-top -n 0 $kineto

introduces gpu-top
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	# shellcheck disable=SC2016 # for the sh inside
	script -qec 'gpu-top -q; echo "status $?"' /dev/null </dev/null >"$tmp/out" 2>&1
	grep -q '^ *usage: gpu-top' "$tmp/out" && grep -q '^status 2' "$tmp/out"
	result $? 'no file and a terminal is usage, 2' "$tmp/out"
fi

# Found by a link, with nothing in PATH: the programs beside the script.
trace-parse --gpu $kineto | kernel-classify | group-by-op >"$tmp/want"
ln -s "$(command -v gpu-top)" "$tmp/link"
PATH=/usr/bin:/bin
"$tmp/link" $kineto >"$tmp/got" 2>"$tmp/err"
same 'the programs beside it are used' "$tmp/want" "$tmp/got"

done_testing
