#!/bin/sh
# gpu-flame: the same picture and the same status as the four programs, wherever its options stand
. t/lib.sh
command -v trace-link >/dev/null || skip_all 'there is no trace-link'
kineto=fixtures/small-kineto.json amd=fixtures/small-amd.json

# like SENTENCE WORDS...: gpu-flame WORDS prints what the pipe printed into $tmp/want
like() {
	sentence=$1
	shift
	gpu-flame "$@" >"$tmp/got" 2>"$tmp/err"
	same "$sentence" "$tmp/want" "$tmp/got"
}

# fold WORDS... : the stacks of the kineto trace
fold() { trace-parse "$kineto" | trace-link | trace-fold --leaf gpu "$@"; }

fold | flame --title 'GPU activity of small-kineto.json' >"$tmp/want"
like 'one file is the main job' $kineto
gpu-flame -o "$tmp/got" $kineto
same '-o FILE' "$tmp/want" "$tmp/got"
grep -q 'nn.Module: Attention_0' "$tmp/got" && grep -q 'flash::FlashAttnFwdSm90' "$tmp/got"
result $? 'has modules and kernels in it'
fold | flame --title 'GPU activity' >"$tmp/want"
like 'standard input as well' <$kineto
like 'a single - is standard input' - <$kineto

trace-parse -q $kineto $amd | trace-link | trace-fold --leaf gpu --root-by rank --cat kernel --annotations |
	flame --html --title 'a "title" -x' >"$tmp/want"
like 'options before files' --root-by rank --html --annotations --cat kernel --title 'a "title" -x' $kineto $amd
like 'options behind files' $kineto $amd --title='a "title" -x' --cat=kernel --root-by=rank --html --annotations
like 'options between files' $kineto --html --title 'a "title" -x' $amd --root-by rank --annotations --cat kernel
ok 'a file for the page' gpu-flame -q $kineto -o"$tmp/got" $amd --root-by rank --html --annotations --cat kernel --title 'a "title" -x'
same 'holds the page' "$tmp/want" "$tmp/got"
trace-parse -q $kineto $amd | trace-link | trace-fold --leaf gpu | flame --title 'GPU activity of small-kineto.json and 1 more' >"$tmp/want"
like 'the title of several files' $kineto $amd

fold --weight bytes | flame --unit bytes --title 'GPU activity of small-kineto.json' >"$tmp/want"
like 'bytes are shown as such' --weight bytes $kineto
like 'however they are asked for' $kineto --weight=bytes
fold --weight count --reverse | flame --unit activities --title 'GPU activity of small-kineto.json' >"$tmp/want"
like 'and so are numbers' --weight count $kineto --reverse
fold --weight count | flame --unit kernels --title 'GPU activity of small-kineto.json' >"$tmp/want"
like 'but for a unit that is given' --weight count $kineto --unit kernels

fold | flame --title "GPU activity of  a 'file' * %s.json" >"$tmp/want"
cp $kineto "$tmp/ a 'file' * %s.json"
like 'a file with blanks and quotes in its name' "$tmp/ a 'file' * %s.json"
fold | flame --title 'GPU activity of -o' >"$tmp/want"
cp $kineto "$tmp/-o"
cp $kineto "$tmp/1-q"
top=$PWD
cd "$tmp" || exit 1
like 'behind -- a file may begin with -' -- -o
cd "$top" || exit 1
fold | flame --title 'GPU activity of 1-q' >"$tmp/want"
cd "$tmp" || exit 1
like 'or with anything else' -- 1-q
cd "$top" || exit 1

status 0 'a whole trace is 0' gpu-flame $kineto
same 'and silent' /dev/null "$tmp/err"
status 3 'a damaged one is 3' gpu-flame fixtures/quirks/tail-in-name.json
ok 'and its loss is said once' one_message trace-parse '1 events kept, 1 lost'
grep -q '</svg>' "$tmp/out"
result $? 'and there is a picture'
status 0 '--partial-ok makes it 0' gpu-flame --partial-ok fixtures/quirks/tail-in-name.json
status 1 '--strict makes it 1' gpu-flame --strict -o "$tmp/never" fixtures/quirks/tail-in-name.json
status 1 'a missing file is 1' gpu-flame -o "$tmp/never" "$tmp/nosuch" $kineto
status 1 'no trace is 1' gpu-flame -o "$tmp/never" fixtures/bad/text.txt
same 'and nothing is printed' /dev/null "$tmp/out"
status 1 'a full disk is 1' sh -c "gpu-flame $kineto >/dev/full"
status 1 'and so is one for the stacks' env TMPDIR="$tmp/none" gpu-flame $kineto
status 2 'an unknown key is 2' gpu-flame -o "$tmp/never" --root-by nosuch $kineto
status 2 'an unknown option is 2' gpu-flame -o "$tmp/never" --nosuch $kineto
status 2 'a category of the host is 2' gpu-flame -o "$tmp/never" --cat cpu_op $kineto
status 2 '-o without a name is 2' gpu-flame $kineto -o
ok 'whoever failed wrote nothing' test ! -e "$tmp/never"
echo '{"traceEvents":[]}' >"$tmp/empty.json"
status 0 'no GPU activity is 0' gpu-flame "$tmp/empty.json"
ok 'said once' one_message trace-fold 'no GPU activity'
status 0 'and -q keeps silent' gpu-flame -q "$tmp/empty.json"
same 'really' /dev/null "$tmp/err"

mkdir "$tmp/tmp"
TMPDIR=$tmp/tmp gpu-flame -q fixtures/small-rocprofv3.json >"$tmp/got" 2>"$tmp/err"
grep -q '<title>(unlinked)' "$tmp/got"
result $? 'launches that are not known' "$tmp/err"
TMPDIR=$tmp/tmp gpu-flame -q --strict fixtures/quirks/tail-in-name.json >"$tmp/got" 2>"$tmp/err"
TMPDIR=$tmp/tmp gpu-flame $kineto 2>"$tmp/err" | head -c 10 >"$tmp/got"
ls -A "$tmp/tmp" >"$tmp/got"
same 'no temporary file is left' /dev/null "$tmp/got"

introduces gpu-flame
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	# shellcheck disable=SC2016 # for the sh inside
	script -qec 'gpu-flame -q; echo "status $?"' /dev/null </dev/null >"$tmp/out" 2>&1
	grep -q '^ *usage: gpu-flame' "$tmp/out" && grep -q '^status 2' "$tmp/out"
	result $? 'no file and a terminal is usage, 2' "$tmp/out"
	# shellcheck disable=SC2016
	script -qec "gpu-flame $kineto"'; echo "status $?"' /dev/null </dev/null >"$tmp/out" 2>&1
	grep -q '^gpu-flame: .*terminal; add -o' "$tmp/out" && grep -q '^status 2' "$tmp/out" && ! grep -q '<svg' "$tmp/out"
	result $? 'a picture for a terminal is 2' "$tmp/out"
	# shellcheck disable=SC2016
	script -qec "gpu-flame -q $kineto -o $tmp/shown"'; echo "status $?"' /dev/null </dev/null >"$tmp/out" 2>&1
	grep -q '^status 0' "$tmp/out" && grep -q '</svg>' "$tmp/shown"
	result $? 'but not with -o' "$tmp/out"
fi

# Found by a link, with nothing in PATH: the programs beside the script.
fold | flame --title 'GPU activity of small-kineto.json' >"$tmp/want"
ln -s "$(command -v gpu-flame)" "$tmp/link"
PATH=/usr/bin:/bin
"$tmp/link" $kineto >"$tmp/got" 2>"$tmp/err"
same 'the programs beside it are used' "$tmp/want" "$tmp/got"

done_testing
