#!/bin/sh
# shellcheck disable=SC2016,SC2317 # $1 is for the sh that is called; what ok calls
# prof-top: the same rows as pstats has for real profiles, and what its options and bad streams do
. t/lib.sh

# made KIND: the profile, and the stream of it
made() { t/profiles.py "$1" "$tmp/$1.prof" && prof-parse -o "$tmp/$1.trs" "$tmp/$1.prof"; }

for kind in json tokens recursion pure-json pure-tokens pure-recursion many; do
	ok "$kind: there is a profile" made $kind
	ok "$kind: the rows are those of pstats" t/pstats-same.py top "$tmp/$kind.prof" "$tmp/$kind.trs"
done

# Columns, by hand: f is called by none, g by f, g by itself.
python3 - "$tmp/hand.prof" <<'END'
import marshal, sys
f, g, b = ("/a/x.py", 1, "f"), ("y.py", 20, "g"), ("~", 0, "<built-in method builtins.len>")
marshal.dump({f: (1, 1, 0.5, 2.0, {}), g: (2, 30, 1.25, 1.5, {f: (2, 2, 0.25, 1.5), g: (28, 1, 1.0, 1.25)}),
              b: (7, 7, 0.25, 0.25, {g: (7, 7, 0.25, 0.25)})}, open(sys.argv[1], "wb"))
END
prof-parse -o "$tmp/hand.trs" "$tmp/hand.prof"
prints 0 'own time first, shares of all own time' prof-top "$tmp/hand.trs" <<'END'
func	calls	prim_calls	self_us	cum_us	self_pct	cum_pct
y.py:20(g)	30	2	1250000.000	1500000.000	62.50	75.00
/a/x.py:1(f)	1	1	500000.000	2000000.000	25.00	100.00
{built-in method builtins.len}	7	7	250000.000	250000.000	12.50	12.50
END
prints 0 '--per' prof-top --per 4 --sort calls --top 2 "$tmp/hand.trs" <<'END'
func	calls	prim_calls	self_us	cum_us	self_pct	cum_pct	calls_per	self_us_per
y.py:20(g)	30	2	1250000.000	1500000.000	62.50	75.00	7.5000	312500.000
{built-in method builtins.len}	7	7	250000.000	250000.000	12.50	12.50	1.7500	62500.000
END
prints 0 '--func: its rows alone, shares of all' prof-top --no-header --func len "$tmp/hand.trs" <<'END'
{built-in method builtins.len}	7	7	250000.000	250000.000	12.50	12.50
END
refuses 1 "no function 'leng' in the profile; nearest: \{built-in method builtins.len\}" '--func: what is not there' prof-top --func leng "$tmp/hand.trs"
prints 0 'two profiles add up' prof-top --no-header --sort func --func '[fg]' -q "$tmp/hand.trs" "$tmp/hand.trs" <<'END'
/a/x.py:1(f)	2	2	1000000.000	4000000.000	25.00	100.00
y.py:20(g)	60	4	2500000.000	3000000.000	62.50	75.00
END

# Other streams.
trace-parse -o "$tmp/gpu.trs" fixtures/small-kineto.json
status 0 'a trace of a GPU has no functions' prof-top "$tmp/gpu.trs"
ok 'which is said' one_message prof-top '^prof-top: no functions; categories seen: .*kernel 2'
[ "$(cat "$tmp/out")" = "$(prof-top "$tmp/hand.trs" | head -n 1)" ]
result $? 'and the header is all' "$tmp/out"
refuses 1 'did you mean: .*prof-parse' 'a profile itself' prof-top "$tmp/hand.prof"
refuses 2 'COLUMN|column' 'an unknown column' prof-top --sort nosuch "$tmp/hand.trs"
refuses 2 '--per' '--per 0' prof-top --per 0 "$tmp/hand.trs"
head -c 700 "$tmp/hand.trs" >"$tmp/cut.trs"
refuses 1 'cut' 'a stream that was cut' prof-top "$tmp/cut.trs"
pipe '0 1' 'a full disk' "cat $tmp/hand.trs" 'prof-top >/dev/full'

# What is no sum makes no table.
cat >"$tmp/kinds.json" <<'END'
{"shared":{"frames":[{"name":"a"},{"name":"b"}]},"profiles":[
{"type":"sampled","name":"t","unit":"seconds","samples":[[0,1]],"weights":[1]},
{"type":"sampled","name":"n","unit":"none","samples":[[0]],"weights":[5]},
{"type":"sampled","name":"m","unit":"bytes","samples":[[0]],"weights":[7]}]}
END
prof-parse -o "$tmp/kinds.trs" "$tmp/kinds.json"
for program in prof-top 'callers a' 'callers --paths a' trace-fold 'group-by-op'; do
	# shellcheck disable=SC2086 # words
	refuses 1 'kinds.trs: weights of several kinds, ns and samples' "$program: time and samples" $program "$tmp/kinds.trs"
done
trace-cut --rank 2 "$tmp/kinds.trs" >"$tmp/bytes.trs"
refuses 1 'ns and bytes' 'of several streams' prof-top "$tmp/hand.trs" "$tmp/bytes.trs"
prints 0 'but one part has one kind' prof-top --no-header "$tmp/bytes.trs" <<'END'
a			7.000	7.000	100.00	100.00
END
prints 0 'and events are no weights' sh -c 'trace-parse fixtures/small-amd.json | prof-top --no-header - "$1"' - "$tmp/bytes.trs" <<'END'
a			7.000	7.000	100.00	100.00
END

# What took no time is there all the same.
printf 'a;b 0\na;c 5\nd;b 0\n' | prof-parse >"$tmp/zero.trs"
prints 0 'stacks without weight' prof-top --no-header "$tmp/zero.trs" <<'END'
c			5.000	5.000	100.00	100.00
a			0.000	5.000	0.00	100.00
b			0.000	0.000	0.00	0.00
d			0.000	0.000	0.00	0.00
END
prints 0 'have callers' callers --no-header b "$tmp/zero.trs" <<'END'
a			0.000	0.000	
d			0.000	0.000	
END
prints 0 'and chains' callers --paths --no-header b "$tmp/zero.trs" <<'END'
a;b			0.000	0.00
d;b			0.000	0.00
END
! grep -q nobody "$tmp/err"
result $? 'it is not said that nobody calls it' "$tmp/err"

# Each byte of a stream changed: an error, or the same table.
prof-top "$tmp/hand.trs" >"$tmp/want"
python3 - "$tmp" >"$tmp/wrong" <<'END'
import subprocess, sys
tmp = sys.argv[1]
data, want = open(tmp + "/hand.trs", "rb").read(), open(tmp + "/want", "rb").read()
for at in range(0, len(data), 3):
    bad = data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1:]
    p = subprocess.run(["prof-top"], input=bad, capture_output=True)
    if p.returncode not in (0, 1) or (p.returncode == 0 and p.stdout != want):
        print(at, p.returncode, p.stderr)
END
[ ! -s "$tmp/wrong" ]
result $? 'a flipped bit is an error, or changes nothing' "$tmp/wrong"
done_testing
