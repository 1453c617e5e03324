#!/bin/sh
# shellcheck disable=SC2317 # what ok calls
# callers: the same callers and callees as pstats has, which functions are meant, and chains
. t/lib.sh

# made KIND: the profile, and the stream of it
made() { t/profiles.py "$1" "$tmp/$1.prof" && prof-parse -o "$tmp/$1.trs" "$tmp/$1.prof"; }

for kind in json tokens recursion pure-json pure-recursion many; do
	made $kind
	for side in callers callees; do
		ok "$kind: $side are those of pstats" t/pstats-same.py $side "$tmp/$kind.prof" "$tmp/$kind.trs"
	done
done

# stream NAME: a profile by hand; standard input has lines
#   FUNC [CALLS PRIM SELF CUM [CALLER CALLS PRIM SELF CUM]...]     times in seconds, FUNC as FILE:LINE:NAME
stream() {
	cat >"$tmp/$1.txt"
	python3 - "$tmp/$1.txt" "$tmp/$1.prof" <<'END'
import marshal, sys
def key(text):
    file, line, name = text.split(":", 2)
    return file, int(line), name.replace("_", " ") if file == "~" else name
stats = {}
for line in open(sys.argv[1]):
    w = line.split()
    callers = {key(w[i]): (int(w[i + 1]), int(w[i + 2]), float(w[i + 3]), float(w[i + 4])) for i in range(5, len(w), 5)}
    stats[key(w[0])] = (int(w[2]), int(w[1]), float(w[3]), float(w[4]), callers)
marshal.dump(stats, open(sys.argv[2], "wb"))
END
	prof-parse -o "$tmp/$1.trs" "$tmp/$1.prof"
}

stream small <<'END'
/a/x.py:1:main 1 1 1 10
/a/x.py:5:run 2 2 1 9 /a/x.py:1:main 2 2 1 9
/b/x.py:1:main 1 1 1 3 /a/x.py:5:run 1 1 1 3
y.py:7:copy 10 10 2 2 /a/x.py:5:run 6 6 1 1 /b/x.py:1:main 3 3 0.5 0.5
~:0:<built-in_method_copy.copy> 4 4 1 1 /a/x.py:5:run 4 4 1 1
END

# Who is meant.
prints 0 'a bare name: in any file, and builtins; their callers add up' callers copy "$tmp/small.trs" <<'END'
caller	calls	prim_calls	self_us	cum_us	calls_pct
/a/x.py:5(run)	10	10	2000000.000	2000000.000	71.43
/b/x.py:1(main)	3	3	500000.000	500000.000	21.43
END
ok 'several are named in a note' one_message callers '2 functions match: y.py:7\(copy\), \{built-in method copy.copy\}'
prints 0 'the whole text: one function' callers '/b/x.py:1(main)' "$tmp/small.trs" <<'END'
caller	calls	prim_calls	self_us	cum_us	calls_pct
/a/x.py:5(run)	1	1	1000000.000	3000000.000	100.00
END
ok 'without a note' [ ! -s "$tmp/err" ]
prints 0 'without its folders: both of them' callers --no-header 'x.py:1(main)' "$tmp/small.trs" <<'END'
/a/x.py:5(run)	1	1	1000000.000	3000000.000	50.00
END
prints 0 'a builtin with its module' callers --no-header copy.copy "$tmp/small.trs" <<'END'
/a/x.py:5(run)	4	4	1000000.000	1000000.000	100.00
END
prints 0 'a glob' callers --no-header -q --callees '/[a]/*(m*' "$tmp/small.trs" <<'END'
/a/x.py:5(run)	2	2	1000000.000	9000000.000	100.00
END
prints 0 'a glob of the bare name' callers --no-header -q 'r?n' "$tmp/small.trs" <<'END'
/a/x.py:1(main)	2	2	1000000.000	9000000.000	100.00
END
prints 0 'callees; shares of all calls that it makes' callers --callees run "$tmp/small.trs" <<'END'
callee	calls	prim_calls	self_us	cum_us	calls_pct
y.py:7(copy)	6	6	1000000.000	1000000.000	54.55
{built-in method copy.copy}	4	4	1000000.000	1000000.000	36.36
/b/x.py:1(main)	1	1	1000000.000	3000000.000	9.09
END
prints 0 '--per' callers --per 4 --no-header '/b/*' "$tmp/small.trs" <<'END'
/a/x.py:5(run)	1	1	1000000.000	3000000.000	100.00	0.2500	250000.000
END

# Absent is not the same as never called.
for absent in Copy cop 'z*' '' 'y.py:8(copy)'; do
	refuses 1 "no function '" "no function '$absent'" callers "$absent" "$tmp/small.trs"
done
refuses 1 'nearest: y.py:7\(copy\), \{built-in method copy.copy\}$' 'near ones are named' callers cpoy "$tmp/small.trs"
refuses 1 "no function 'qqqqqqq' in the profile$" 'or none' callers qqqqqqq "$tmp/small.trs"
prints 0 'a function that nobody calls' callers '/a/x.py:1(main)' "$tmp/small.trs" <<'END'
caller	calls	prim_calls	self_us	cum_us	calls_pct
END
ok 'which is said' one_message callers "^callers: nobody calls '/a/x.py:1\(main\)', which has 1 calls"
prints 0 'a function that calls nobody' callers --callees --no-header y.py:7\(copy\) "$tmp/small.trs" </dev/null
ok 'which is said too' one_message callers "nothing is called by"
trace-parse -o "$tmp/gpu.trs" fixtures/small-kineto.json
refuses 1 'no functions; categories seen' 'a trace of a GPU' callers copy "$tmp/gpu.trs"
refuses 2 'which function' 'no function at all' callers
refuses 2 'not with --callees' '--callees --paths' callers --callees --paths copy "$tmp/small.trs"
refuses 2 'column' 'an unknown column' callers --sort cum_pct copy "$tmp/small.trs"

# Chains.
prints 0 'chains of one caller each are exact; a tenth has no caller' callers --paths 'y.py:7(copy)' "$tmp/small.trs" <<'END'
path	calls	calls_pct	cum_us	cum_pct
/a/x.py:1(main);run;copy	6	60.00	1000000.000	50.00
/a/x.py:1(main);run;/b/x.py:1(main);copy	3	30.00	500000.000	25.00
copy	1	10.00	500000.000	25.00
END
ok 'and are said to be an approximation' one_message callers 'approximation'

stream shared <<'END'
p.py:1:main 1 1 0 10
p.py:2:a 1 1 0 9 p.py:1:main 1 1 0 9
p.py:3:b 1 1 0 1 p.py:1:main 1 1 0 1
p.py:4:h 100 100 0 10 p.py:2:a 30 30 0 9 p.py:3:b 70 70 0 1
p.py:5:f 200 200 10 10 p.py:4:h 200 200 10 10
END
prints 0 'what comes from a caller is shared out among its own: calls by calls, time by time' callers -q --paths --no-header f "$tmp/shared.trs" <<'END'
main;b;h;f	140	70.00	1000000.000	10.00
main;a;h;f	60	30.00	9000000.000	90.00
END

stream round <<'END'
p.py:1:main 1 1 0 10
p.py:2:big 1 1 0 9 p.py:1:main 1 1 0 9
p.py:3:small 1 1 0 1 p.py:1:main 1 1 0 1
p.py:4:copy 1000 2 5 10 p.py:2:big 1 1 0 9 p.py:3:small 1 1 0 1 p.py:5:items 998 40 5 9
p.py:5:items 500 100 5 9 p.py:4:copy 500 100 5 9
END
prints 0 'recursion stands in a chain once, and its calls are shared out by time' callers -q --paths --no-header copy "$tmp/round.trs" <<'END'
main;big;copy*	899	89.92	9000000.000	90.00
main;small;copy*	101	10.08	1000000.000	10.00
END
prints 0 'and so are chains through it' callers -q --paths --no-header items "$tmp/round.trs" <<'END'
main;big;copy*;items	450	89.92	8100000.000	90.00
main;small;copy*;items	50	10.08	900000.000	10.00
END

stream circle <<'END'
p.py:1:ping 10 1 1 2 p.py:2:pong 10 1 1 2
p.py:2:pong 10 1 1 2 p.py:1:ping 10 1 1 2
p.py:3:alone 5 1 1 1 p.py:3:alone 5 1 1 1
END
prints 0 'a circle that nobody enters is cut' callers -q --paths --no-header pong "$tmp/circle.trs" <<'END'
ping*;pong	10	100.00	2000000.000	100.00
END
prints 0 'and one of a single function' callers -q --paths --no-header alone "$tmp/circle.trs" <<'END'
alone*	5	100.00	1000000.000	100.00
END

# sums FILE: shares of all rows are 100 % up to their rounding, and no row but (other) is small
sums() {
	awk -F '\t' 'NR > 1 { calls += $3; time += $5; rows++ } NR > 1 && $1 != "(other)" && $3 < 0.1 && $5 < 0.1 { print "small:", $0; bad = 1 }
		END { off = rows * 0.01; print calls, time, rows; exit bad || calls < 100 - off || calls > 100 + off || time < 100 - off || time > 100 + off }' "$1"
}
for kind in json tokens recursion many; do
	callers -q --paths '*' "$tmp/$kind.trs" >"$tmp/out"
	ok "$kind: the shares of chains add up" sums "$tmp/out"
done

# Hostile graphs: every pair of 700 functions, and one long chain.
python3 - "$tmp" <<'END'
import marshal, random, sys
random.seed(6)
key = lambda i: ("d.py", i, "f%d" % i)
dense = {key(i): (9, 10**6, 1.0, random.random() * 99, {key(k): (random.randrange(1, 999), 1, 0.1, random.random()) for k in range(700)}) for i in range(700)}
marshal.dump(dense, open(sys.argv[1] + "/dense.prof", "wb"))
chain = {key(i): (1, 1, 0.5, 1.0, {key(i - 1): (1, 1, 0.5, 1.0)} if i else {}) for i in range(100000)}
marshal.dump(chain, open(sys.argv[1] + "/chain.prof", "wb"))
END
for kind in dense chain; do prof-parse -o "$tmp/$kind.trs" "$tmp/$kind.prof"; done
status 0 'every pair of 700 functions' timeout 60 callers -q --paths f7 "$tmp/dense.trs"
ok 'the shares add up' sums "$tmp/out"
status 0 'a chain of 100,000' timeout 60 callers -q --paths --no-header f99999 "$tmp/chain.trs"
grep -q '^\.\.\.;f99000;f99001;' "$tmp/out" && grep -q '	100.00	1000000.000	100.00$' "$tmp/out"
result $? 'of which the last 1,000 are shown'

# Stacks.
cat >"$tmp/stacks.txt" <<'END'
main;run;copy 60
main;run;copy;items;copy;items 30
main;copy 8
main;loop;run;loop;run;copy 1
main;run 100
other;copy (y.py:7) 1
END
prof-parse -o "$tmp/stacks.trs" "$tmp/stacks.txt"
prints 0 'stacks: times alone' callers -q copy "$tmp/stacks.trs" <<'END'
caller	calls	prim_calls	self_us	cum_us	calls_pct
run			61.000	91.000	
items			0.000	30.000	
main			8.000	8.000	
other			1.000	1.000	
END
prints 0 'their chains are exact' callers --paths copy "$tmp/stacks.trs" <<'END'
path	calls	calls_pct	cum_us	cum_pct
main;run;copy*			90.000	90.00
main;copy			8.000	8.00
main;loop*;run*;copy			1.000	1.00
other;copy (y.py:7)			1.000	1.00
END
ok 'and said to be' grep -q 'exact' "$tmp/err"
done_testing
