#!/bin/sh
# trace-fold on profiles: stacks as they are, totals approximated by who called whom.
. t/lib.sh

# Stacks: exactly as they are, same ones added up
cat >"$tmp/stacks" <<'END'
{"meta":{"rank":0,"weight":"ns"}}
{"kind":"stack","name":"leaf","dur_ns":1001,"rank":0,"stack":["main","leaf"]}
{"kind":"stack","name":"main","dur_ns":7,"rank":0,"stack":["main"]}
{"kind":"stack","name":"leaf","dur_ns":2000,"rank":0,"stack":["main","leaf"]}
{"kind":"stack","name":"main","dur_ns":5,"rank":0,"stack":["main","leaf","main"]}
{"kind":"stack","name":"x","dur_ns":0,"rank":0,"stack":["x"]}
{"kind":"stack","name":"a;b","dur_ns":3,"rank":0,"stack":["a;b",null]}
{"end":{}}
END
trace-load "$tmp/stacks" >"$tmp/s.trs"
prints 0 'stacks' trace-fold "$tmp/s.trs" <<'END'
a:b;(unnamed) 3
main 7
main;leaf 3001
main;leaf;main 5
END
[ ! -s "$tmp/err" ]
result $? 'without a note' "$tmp/err"
prints 0 'the other way round' trace-fold --reverse "$tmp/s.trs" <<'END'
(unnamed);a:b 3
leaf;main 3001
main 7
main;leaf;main 5
END
prints 0 'twice' trace-fold "$tmp/s.trs" "$tmp/s.trs" <<'END'
a:b;(unnamed) 6
main 14
main;leaf 6002
main;leaf;main 10
END
for weight in samples bytes; do
	printf '{"meta":{"rank":0,"weight":"%s"}}\n{"kind":"stack","name":"b","dur_ns":12000,"rank":0,"stack":["a","b"]}\n{"end":{}}\n' $weight | trace-load >"$tmp/w.trs"
	echo 'a;b 12' >"$tmp/w.want"
	prints 0 "$weight are printed as such" trace-fold "$tmp/w.trs" <"$tmp/w.want"
	refuses 1 'several kinds' 'but not added to nanoseconds' trace-fold "$tmp/w.trs" "$tmp/s.trs"
done
printf '{"meta":{"rank":0,"weight":"samples"}}\n{"kind":"stack","name":"b","dur_ns":1500,"rank":0,"stack":["a","b"]}\n{"end":{}}\n' | trace-load >"$tmp/w.trs"
echo 'a;b 1500' >"$tmp/w.want"
prints 0 'half a sample is not lost' trace-fold "$tmp/w.trs" <"$tmp/w.want"
ok 'and said' grep -q thousandths "$tmp/err"

# Totals: shares of callers, exact in their sum
# f NAME SELF CALLS, c CALLER CALLEE SELF CUM CALLS
f() { printf '{"kind":"function","name":"%s","dur_ns":%s,"rank":0,"calls":%s,"prim_calls":%s,"cum_ns":%s}\n' "$1" "$2" "$3" "$3" "${4:-$2}"; }
c() { printf '{"kind":"call","name":"%s","dur_ns":%s,"rank":0,"calls":%s,"prim_calls":%s,"cum_ns":%s,"stack":["%s","%s"]}\n' "$2" "$3" "$5" "$5" "$4" "$1" "$2"; }
{
	f main 10 1 1111
	f a 1 1 401
	f b 0 1 700
	f work 100 4 1100
	f leaf 1000 8
	c main a 1 401 1
	c main b 0 700 1
	c a work 30 400 1
	c b work 70 700 3
	c work leaf 1000 1000 8
	echo '{"end":{}}'
} | trace-load >"$tmp/t.trs"
prints 0 'totals' trace-fold "$tmp/t.trs" <<'END'
main 10
main;a 1
main;a;work 30
main;a;work;leaf 363
main;b;work 70
main;b;work;leaf 637
END
one_message trace-fold approximated
result $? 'said to be approximated' "$tmp/err"
status 0 'not with -q' trace-fold -q "$tmp/t.trs"
[ ! -s "$tmp/err" ]
result $? 'no note' "$tmp/err"

# Recursion stands under its outermost call; calls that nobody accounts for are roots
{
	f main 5 1 105
	f copy 60 30 100
	f list 40 29 90
	f lone 7 3
	c main copy 10 100 1
	c copy list 40 90 29
	c list copy 50 80 29
	c copy copy 0 0 0
	c main lone 2 2 1
	echo '{"end":{}}'
} | trace-load >"$tmp/r.trs"
prints 0 'recursion, and calls from outside' trace-fold "$tmp/r.trs" <<'END'
lone 5
main 5
main;copy 60
main;copy;list 40
main;lone 2
END
{
	f ping 60 3 100
	f pong 40 3 90
	c ping pong 40 90 3
	c pong ping 60 100 3
	echo '{"end":{}}'
} | trace-load >"$tmp/r.trs"
prints 0 'a cycle that nothing leads to' trace-fold "$tmp/r.trs" <<'END'
ping 60
ping;pong 40
END

# More ways than anybody can follow: bounded work, and the sum is exact all the same.
python3 - "$tmp/total" >"$tmp/dense" <<'END'
import random, sys
random.seed(6)
layers, width, total = 40, 30, 0
def function(l, i):
    self_ns = random.randrange(1, 10**9)
    print('{"kind":"function","name":"f%d_%d","dur_ns":%d,"rank":0,"calls":%d,"cum_ns":%d}' % (l, i, self_ns, 1000 * width, 10**12))
    return self_ns
total = sum(function(l, i) for l in range(layers) for i in range(width))
for l in range(1, layers):
    for i in range(width):
        for j in range(width):
            print('{"kind":"call","name":"f%d_%d","dur_ns":%d,"rank":0,"calls":1000,"cum_ns":%d,"stack":["f%d_%d","f%d_%d"]}' % (l, i, random.randrange(10**6), random.randrange(10**9), l - 1, j, l, i))
for l, m in ((39, 3), (20, 20), (20, 1)):
    print('{"kind":"call","name":"f%d_0","dur_ns":5,"rank":0,"calls":1000,"cum_ns":50,"stack":["f%d_1","f%d_0"]}' % (m, l, m))
print('{"end":{"lost":0}}')
with open(sys.argv[1], "w") as f:
    print(total, file=f)
END
trace-load "$tmp/dense" >"$tmp/d.trs"
status 0 'a dense graph of calls' trace-fold "$tmp/d.trs"
awk '{ s += $NF } END { printf "%.0f\n", s }' "$tmp/out" >"$tmp/got"
same 'its sum' "$tmp/total" "$tmp/got"
trace-fold -q "$tmp/d.trs" >"$tmp/got"
same 'the same every time' "$tmp/out" "$tmp/got"
n=100000
python3 -c "print('{\"kind\":\"function\",\"name\":\"f0\",\"dur_ns\":1,\"calls\":1}')
for i in range(1, $n):
    print('{\"kind\":\"function\",\"name\":\"f%d\",\"dur_ns\":1,\"calls\":1}' % i)
    print('{\"kind\":\"call\",\"name\":\"f%d\",\"dur_ns\":1,\"calls\":1,\"cum_ns\":1,\"stack\":[\"f%d\",\"f%d\"]}' % (i, i - 1, i))
print('{\"end\":{}}')" | trace-load >"$tmp/deep.trs"
status 0 'a chain of calls as deep as there are functions' trace-fold "$tmp/deep.trs"
awk '{ s += $NF } END { print s }' "$tmp/out" >"$tmp/got"
echo $n >"$tmp/want"
same 'its sum too' "$tmp/want" "$tmp/got"
ok 'that stacks begin too late is said' grep -q 'begin too late' "$tmp/err"

# deepcopy calls itself by way of _deepcopy_list: 282 us of its own time in calls by freeze_agents and 283
# in those by freeze_grid, and 3 s in recursion, which the first began.
status 0 'recursion' sh -c 'prof-parse -q fixtures/prof/sim.prof | trace-fold -q'
for func in freeze_agents freeze_grid; do
	prof-parse -q fixtures/prof/sim.prof | prof-top -q --func $func --format tsv | awk 'NR == 2 { print int($7 + 0.5) }' >"$tmp/want"
	awk -v f="($func)" '{ all += $NF } index($0, f) { n += $NF } END { print int(100 * n / all + 0.5) }' "$tmp/out" >"$tmp/got"
	same "the share of $func" "$tmp/want" "$tmp/got"
done

# What does not go with a profile
trace-parse -q fixtures/small-kineto.json >"$tmp/k.trs"
refuses 2 '--root-by' '--root-by' trace-fold --root-by rank "$tmp/s.trs"
refuses 2 '--annotations' '--annotations' trace-fold --annotations "$tmp/s.trs"
refuses 1 'both events and a profile' 'a trace and a profile' trace-fold "$tmp/k.trs" "$tmp/s.trs"
refuses 1 'both events and a profile' 'and the other way round' trace-fold "$tmp/s.trs" "$tmp/k.trs"
refuses 1 'one by one' 'totals and stacks' trace-fold "$tmp/s.trs" "$tmp/t.trs"
status 0 '--weight count is about events' trace-fold --weight count "$tmp/s.trs"
[ ! -s "$tmp/out" ]
result $? 'of which there are none' "$tmp/out"
done_testing
