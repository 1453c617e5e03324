#!/bin/sh
# find-callers: the case of the README is solved, and the statuses of the programs come through
. t/lib.sh
sim=fixtures/prof/sim.prof buffer=fixtures/prof/buffer.prof

status 0 'the case' find-callers --steps 149 --isolated $buffer $sim deepcopy
ok 'says how many calls and how many a step' grep -Eq 'copy.py:128\(deepcopy\) +1535927 +299 .* 10308\.2349 ' "$tmp/out"
ok 'who calls' grep -Eq '^fixtures/prof/sim.py:26\(freeze_agents\) +149 ' "$tmp/out"
ok 'the chains' grep -Eq '^\{built-in method builtins.exec\};<module>;main;run;step;checkpoint;freeze_agents;deepcopy\* .* 99\.0. ' "$tmp/out"
ok 'and that the suspect makes none' grep -qx "$buffer: zero calls of deepcopy here" "$tmp/out"
ok 'without a note' [ ! -s "$tmp/err" ]
cp "$tmp/out" "$tmp/want"
find-callers $sim --isolated=$buffer deepcopy --steps=149 >"$tmp/got"
same 'options stand anywhere' "$tmp/want" "$tmp/got"
ok 'how many there are, where there are some' sh -c "find-callers $buffer push --isolated $sim | grep -qx '$sim: 149 calls of push here'"
echo 'main;push 7' >"$tmp/stacks.txt"
ok 'stacks do not say how many' sh -c "find-callers $buffer push --isolated $tmp/stacks.txt | grep -q 'an unknown number of calls of push'"
status 0 'stacks have callers and chains' find-callers "$tmp/stacks.txt" push
ok 'with shares' grep -Eq '^main;push .* 100\.00$' "$tmp/out"

refuses 1 "prof-top: no function 'nosuch' in the profile" 'absent is 1' sh -c "find-callers $sim nosuch 2>&1 >/dev/null | sed 's/^/sh: /' >&2; find-callers $sim nosuch >/dev/null 2>&1"
status 1 'a missing profile' find-callers "$tmp/nosuch" f
status 1 'a missing second one' find-callers $sim deepcopy --isolated "$tmp/nosuch"
ok 'says nothing else' [ ! -s "$tmp/out" ]
status 1 'no profile' find-callers fixtures/bad/text.txt f
status 2 'no function' find-callers $sim
status 2 'an unknown option' find-callers --nosuch $sim deepcopy
status 2 '--steps 0' find-callers --steps 0 $sim deepcopy
status 2 '--steps without a number' find-callers $sim deepcopy --steps
status 2 'too many words' find-callers $sim deepcopy more
introduces find-callers

# In a folder of blanks, found by a link, with nothing in PATH.
mkdir "$tmp/ a 'b' *" && cp $sim "$tmp/ a 'b' */s *.prof"
ln -s "$(command -v find-callers)" "$tmp/link"
python3 -c 'import marshal, sys; marshal.dump({("-", 2, "f"): (1, 1, 0.5, 0.5, {})}, open(sys.argv[1], "wb"))' "$tmp/-.prof"
refuses 2 "unknown option '-:2" 'a function that begins like an option' find-callers "$tmp/-.prof" '-:2(f)'
status 0 'behind -- it is one' find-callers -- "$tmp/-.prof" '-:2(f)'
ok 'with its row' grep -q '^-:2(f) *1 ' "$tmp/out"
mkdir "$tmp/left" "$tmp/fifo" && mkfifo "$tmp/fifo/profile"
TMPDIR=$tmp/left find-callers "$tmp/fifo/profile" deepcopy >"$tmp/out" 2>&1 &
while [ -z "$(ls "$tmp/left")" ]; do sleep 0.1; done
kill -TERM $! && : >"$tmp/fifo/profile" && wait $!
[ -z "$(ls "$tmp/left")" ]
result $? 'stopped by a signal, it leaves nothing behind' "$tmp/out"
PATH=/usr/bin:/bin
status 0 'a file with blanks and quotes in its name, the programs beside the script' "$tmp/link" "$tmp/ a 'b' */s *.prof" deepcopy
done_testing
