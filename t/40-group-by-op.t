#!/bin/sh
# shellcheck disable=SC2016,SC2317 # single quotes are for the sh that is called; functions are called by name
# group-by-op: keys, selection, figures worked out by hand, statuses, notes, the terminal.
. t/lib.sh

# Two kernels (a three times, b once), a copy, and host events, one without a category.
cat >"$tmp/one.json" <<'END'
{"distributedInfo": {"rank": 3}, "traceEvents": [
{"ph":"X","cat":"kernel","name":"a","pid":0,"tid":7,"ts":10,"dur":1,"args":{"device":0,"stream":7,"correlation":1}},
{"ph":"X","cat":"kernel","name":"a","pid":0,"tid":7,"ts":20,"dur":2,"args":{"device":0,"stream":7,"correlation":2}},
{"ph":"X","cat":"kernel","name":"a","pid":0,"tid":7,"ts":30,"dur":4.001,"args":{"device":0,"stream":7,"correlation":3}},
{"ph":"X","cat":"kernel","name":"b","pid":0,"tid":8,"ts":31,"dur":10,"args":{"device":0,"stream":8,"correlation":4}},
{"ph":"X","cat":"gpu_memcpy","name":"Memcpy HtoD","pid":0,"tid":7,"ts":50,"dur":0.5,"args":{"device":0,"stream":7}},
{"ph":"X","cat":"cpu_op","name":"aten::mm","pid":1,"tid":1,"ts":1,"dur":3},
{"ph":"X","cat":"cpu_op","name":"aten::mm","pid":1,"tid":1,"ts":5,"dur":4},
{"ph":"X","name":"loose","pid":1,"tid":1,"ts":5,"dur":0.25},
{"ph":"X","cat":"cpu_op","pid":1,"tid":2,"ts":5,"dur":1},
{"ph":"i","cat":"cpu_op","name":"instant","pid":1,"tid":1,"ts":5}
]}
END
sed 's/"rank": 3/"rank": 12/' "$tmp/one.json" >"$tmp/two.json"
trace-parse "$tmp/one.json" >"$tmp/one.trs"
trace-parse "$tmp/two.json" >"$tmp/two.trs"
trace-parse "$tmp/one.json" "$tmp/two.json" >"$tmp/both.trs"
printf 'MyOp\tMyCategory\tmylib\ta\n' >"$tmp/rules"
kernel-classify --rules "$tmp/rules" "$tmp/one.trs" >"$tmp/classified.trs"

# a: 1 + 2 + 4.001 = 7.001, mean 2.33366..; all: 17.501; 7001 / 17501 = 40.0034 %,
# 10000 / 17501 = 57.1396 %, 500 / 17501 = 2.8570 %; rank of p50 of three: ceil(1.5) = 2
prints 0 "count, sum, mean, percentiles, share" group-by-op --by name "$tmp/one.trs" <<'END'
name	count	total_us	mean_us	min_us	max_us	p50_us	p95_us	p99_us	pct
b	1	10.000	10.000	10.000	10.000	10.000	10.000	10.000	57.14
a	3	7.001	2.334	1.000	4.001	2.000	4.001	4.001	40.00
Memcpy HtoD	1	0.500	0.500	0.500	0.500	0.500	0.500	0.500	2.86
END
prints 0 "--per: count and time divided, rounded half up" group-by-op --by name --per 2000 --top 2 --format csv "$tmp/one.trs" <<END
name,count,total_us,mean_us,min_us,max_us,p50_us,p95_us,p99_us,pct,count_per,total_us_per$(printf '\r')
b,1,10.000,10.000,10.000,10.000,10.000,10.000,10.000,57.14,0.0005,0.005$(printf '\r')
a,3,7.001,2.334,1.000,4.001,2.000,4.001,4.001,40.00,0.0015,0.004$(printf '\r')
END
prints 0 "op is the default" group-by-op --no-header "$tmp/classified.trs" <<'END'
Other	1	10.000	10.000	10.000	10.000	10.000	10.000	10.000	57.14
MyOp	3	7.001	2.334	1.000	4.001	2.000	4.001	4.001	40.00
Memcpy HtoD	1	0.500	0.500	0.500	0.500	0.500	0.500	0.500	2.86
END
prints 0 "op, category and library; from a pipe" sh -c 'cat "$1" | group-by-op --by library,category,op --no-header | cut -f 1-4' - "$tmp/classified.trs" <<'END'
unknown	Other	Other	1
mylib	MyCategory	MyOp	3
runtime	Memory	Memcpy HtoD	1
END
prints 0 "cat, device, stream, pid, tid" sh -c 'group-by-op --by cat,device,stream,pid,tid --no-header "$1" | cut -f 1-7' - "$tmp/one.trs" <<'END'
kernel	0	8	0	8	1	10.000
kernel	0	7	0	7	3	7.001
gpu_memcpy	0	7	0	7	1	0.500
END
prints 0 "--sort: text ascending by bytes" sh -c 'group-by-op --by name --sort name --no-header "$1" | cut -f 1' - "$tmp/one.trs" <<'END'
Memcpy HtoD
a
b
END
prints 0 "--cat: exactly these, and only intervals" sh -c 'group-by-op --by name,stream,rank --cat cpu_op,kern --no-header "$1" | cut -f 1-5' - "$tmp/one.trs" <<'END'
aten::mm	(none)	3	2	7.000
(unnamed)	(none)	3	1	1.000
END
prints 0 "--cat (none): those without a category" sh -c 'group-by-op --by cat,name --cat "(none)" --no-header "$1" | cut -f 1-4' - "$tmp/one.trs" <<'END'
(none)	loose	1	0.250
END
prints 0 "what is no GPU activity has no op" sh -c 'group-by-op --cat kernel,cpu_op --no-header "$1" | cut -f 1-3' - "$tmp/classified.trs" <<'END'
Other	1	10.000
(none)	3	8.000
MyOp	3	7.001
END
prints 0 "ranks of the parts of a stream; ties by the keys" sh -c 'group-by-op --by rank --no-header "$1" | cut -f 1-3,10' - "$tmp/both.trs" <<'END'
12	5	17.501	50.00
3	5	17.501	50.00
END
prints 0 "FILEs add up; their equal ranks are one" sh -c 'group-by-op --by rank,name --cat kernel --no-header "$@" | cut -f 1-4' - "$tmp/one.trs" "$tmp/both.trs" <<'END'
3	b	2	20.000
3	a	6	14.002
12	b	1	10.000
12	a	3	7.001
END
prints 0 "FILEs add up over different streams" sh -c 'group-by-op --by name --no-header "$@" | cut -f 1-3' - "$tmp/one.trs" "$tmp/two.trs" <<'END'
b	2	20.000
a	6	14.002
Memcpy HtoD	2	1.000
END

# wrong use
says 2 "group-by-op: key 'op' needs kernel-classify before it" group-by-op "$tmp/one.trs"
says 2 "group-by-op: key 'library' needs kernel-classify before it" group-by-op --by name,library "$tmp/one.trs"
for key in cpu_op module annotation phase layer step launch stack; do
	says 2 "group-by-op: key '$key' needs trace-link before it" group-by-op --by "$key" "$tmp/one.trs"
done
known="keys are op category library name cat rank pid tid stream device cpu_op module annotation phase layer step launch stack"
says 2 "group-by-op: unknown key 'nix'; $known" group-by-op --by name,nix "$tmp/one.trs"
says 2 "group-by-op: unknown key ''; $known" group-by-op --by name, "$tmp/one.trs"
says 2 "group-by-op: key 'tid' is given twice" group-by-op --by tid,name,tid "$tmp/one.trs"
says 2 "group-by-op: --cat: an empty item in 'a,,b'" group-by-op --cat a,,b "$tmp/one.trs"
says 2 "group-by-op: unknown column 'us'; columns are name count total_us mean_us min_us max_us p50_us p95_us p99_us pct" group-by-op --by name --sort us "$tmp/one.trs"
says 2 "group-by-op: unknown format 'xml'; formats are table tsv csv json md" group-by-op --by name --format xml "$tmp/one.trs"
says 2 "group-by-op: option '--per' needs a whole number above zero, not '0'" group-by-op --per 0 "$tmp/one.trs"

# nothing there
echo '{"traceEvents":[{"ph":"X","cat":"cpu_op","name":"x","pid":1,"tid":1,"ts":1,"dur":3},
{"ph":"X","cat":"python_function","name":"y","pid":1,"tid":1,"ts":1,"dur":3}]}' >"$tmp/host.json"
echo '{"traceEvents":[]}' >"$tmp/none.json"
header='name	count	total_us	mean_us	min_us	max_us	p50_us	p95_us	p99_us	pct'
trace-parse "$tmp/host.json" >"$tmp/host.trs"
trace-parse "$tmp/none.json" >"$tmp/none.trs"
prints 0 "no GPU activity: the header alone" group-by-op --by name "$tmp/host.trs" <<END
$header
END
echo "group-by-op: no GPU activity; categories seen: cpu_op 1, python_function 1" | diff - "$tmp/err" >"$tmp/diff"
result $? "and a note on what there is"
prints 0 "nothing of a category" group-by-op --by name --cat kernel,x "$tmp/host.trs" <<END
$header
END
echo "group-by-op: nothing of category kernel,x; categories seen: cpu_op 1, python_function 1" | diff - "$tmp/err" >"$tmp/diff"
result $? "and a note on what there is"
prints 0 "no rows in JSON" group-by-op -q --by name --format json "$tmp/host.trs" <<END
[]
END
[ ! -s "$tmp/err" ]
result $? "and no note with -q"
prints 0 "no events at all" group-by-op --by name "$tmp/none.trs" <<END
$header
END
grep -q '^group-by-op: no GPU activity; no events$' "$tmp/err"
result $? "and a note on it"

# damaged input
{ head -n 5 "$tmp/one.json"; printf '{"ph":"X","cat":"kern'; } >"$tmp/cut.json"
trace-parse -q "$tmp/cut.json" >"$tmp/cut.trs" 2>/dev/null
prints 3 "an incomplete stream: the table, and 3" sh -c 'group-by-op --by name --no-header "$1" >"$2"; s=$?; cut -f 1-3 "$2"; exit $s' - "$tmp/cut.trs" "$tmp/table" <<'END'
b	1	10.000
a	3	7.001
END
group-by-op --by name "$tmp/cut.trs" >"$tmp/whole" 2>/dev/null
says 1 "group-by-op: $tmp/cut.trs: incomplete, and --strict was given" group-by-op --strict --by name "$tmp/cut.trs"
prints 0 "--partial-ok: the table, and 0" group-by-op --partial-ok --by name "$tmp/cut.trs" <"$tmp/whole"
head -c 600 "$tmp/one.trs" >"$tmp/torn.trs"
group-by-op --by name "$tmp/torn.trs" >"$tmp/got" 2>"$tmp/err"
[ $? = 1 ] && [ ! -s "$tmp/got" ] && [ "$(wc -l <"$tmp/err")" = 1 ]
result $? "a stream that ends in the middle: nothing, and 1"
group-by-op --by name "$tmp/one.trs" "$tmp/no-such-file" >"$tmp/got" 2>"$tmp/err"
[ $? = 1 ] && [ ! -s "$tmp/got" ] && grep -q no-such-file "$tmp/err"
result $? "a missing FILE: nothing, and 1"
group-by-op --by name "$tmp/one.json" >"$tmp/got" 2>"$tmp/err"
[ $? = 1 ] && [ ! -s "$tmp/got" ] && grep -q 'did you mean: trace-parse' "$tmp/err"
result $? "a trace instead of records: says what to do, and 1"

# output
group-by-op --by name -o "$tmp/out.tsv" "$tmp/one.trs" >"$tmp/got" && [ ! -s "$tmp/got" ] &&
	group-by-op --by name "$tmp/one.trs" | diff - "$tmp/out.tsv" >"$tmp/diff"
result $? "-o FILE"
group-by-op --by nix -o "$tmp/never" "$tmp/one.trs" 2>/dev/null
group-by-op -o "$tmp/never" "$tmp/one.trs" 2>/dev/null
[ "$(find "$tmp" -name 'never*')" = "" ]
result $? "no FILE is left behind after an error"
if [ -c /dev/full ]; then
	group-by-op --by name "$tmp/one.trs" >/dev/full 2>"$tmp/err"
	[ $? = 1 ] && [ "$(wc -l <"$tmp/err")" = 1 ]
	result $? "a full disk is 1"
fi

# absurd durations stay exact: 3 * 9 * 10^18 ns
echo '{"traceEvents":[' >"$tmp/absurd.json"
for i in 1 2 3; do
	echo '{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":'$i',"dur":9000000000000000.001},'
done >>"$tmp/absurd.json"
echo ']}' >>"$tmp/absurd.json"
prints 0 "sums beyond 64 bits" sh -c 'trace-parse "$1" | group-by-op --by name --no-header' - "$tmp/absurd.json" <<'END'
k	3	27000000000000000.003	9000000000000000.001	9000000000000000.001	9000000000000000.001	9000000000000000.001	9000000000000000.001	9000000000000000.001	100.00
END

# names of any bytes keep to their cell
python3 - >"$tmp/names.json" <<'END'
import json
names = ["a\tb\nc", "=x,\"y\"", "\x1b[31m", "f<T>(int|long)"]
print(json.dumps({"traceEvents": [{"ph": "X", "cat": "kernel", "name": x, "pid": 0, "tid": 7, "ts": 1, "dur": 4 - i} for i, x in enumerate(names)]}))
END
trace-parse "$tmp/names.json" >"$tmp/names.trs"
for format in csv json; do
	group-by-op --by name --format $format "$tmp/names.trs" >"$tmp/got" 2>"$tmp/err"
	python3 - "$format" "$tmp/got" >"$tmp/diff" 2>&1 <<'END'
import csv, json, sys
with open(sys.argv[2], newline="") as f:
    rows = list(csv.DictReader(f)) if sys.argv[1] == "csv" else json.load(f)
shown = {"csv": ["a\tb\nc", "'=x,\"y\"", "\\x1b[31m", "f<T>(int|long)"], "json": ["a\tb\nc", "=x,\"y\"", "\x1b[31m", "f<T>(int|long)"]}
assert [r["name"] for r in rows] == shown[sys.argv[1]], rows
assert [str(float(r["total_us"])) for r in rows] == ["4.0", "3.0", "2.0", "1.0"], rows
END
	result $? "$format: Python reads the names back"
done

# the terminal: a table, cut to fit, and a line under it; two kernels overlap: busy is
# 10..11, 20..22, 30..41, 50..50.5: 14.5 of a span of 40.5, 35.8 %
terminal() {
	COLUMNS=$1
	export COLUMNS
	shift
	python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' "$@" </dev/null | tr -d '\r'
}
prints 0 "on a terminal" terminal 90 group-by-op --by name --sort name "$tmp/classified.trs" <<'END'
name         count  total_us  mean_us  min_us  max_us  p50_us  p95_us  p99_us    pct
Memcpy HtoD      1     0.500    0.500   0.500   0.500   0.500   0.500   0.500   2.86
a                3     7.001    2.334   1.000   4.001   2.000   4.001   4.001  40.00
b                1    10.000   10.000  10.000  10.000  10.000  10.000  10.000  57.14
GPU busy 0.015 ms (35.8 %)  idle 0.026 ms  span 0.041 ms  Other 57.1 %  lost 0
END
sed 's/"a"/"a_long_name_of_a_kernel"/' "$tmp/one.json" | trace-parse >"$tmp/long.trs"
prints 0 "a long name is cut on a terminal" terminal 90 group-by-op --by name --top 2 "$tmp/long.trs" <<'END'
name               count  total_us  mean_us  min_us  max_us  p50_us  p95_us  p99_us    pct
b                      1    10.000   10.000  10.000  10.000  10.000  10.000  10.000  57.14
a_long_name_of_a…      3     7.001    2.334   1.000   4.001   2.000   4.001   4.001  40.00
GPU busy 0.015 ms (35.8 %)  idle 0.026 ms  span 0.041 ms  lost 0
END
group-by-op --by name --format table "$tmp/long.trs" >"$tmp/got" && grep -q '^a_long_name_of_a_kernel  ' "$tmp/got"
result $? "and nowhere else"

# against Python, in integers: 5000 durations in 40 names
python3 - "$tmp" <<'END'
import json, math, random, sys
random.seed(7)
groups = {}
events = []
for i in range(5000):
    name, ns = "k%d" % random.randrange(40), random.choice([random.randrange(3000), random.randrange(10**6), random.randrange(10**11)])
    groups.setdefault(name, []).append(ns)
    events.append('{"ph":"X","cat":"kernel","name":"%s","pid":0,"tid":7,"ts":%d,"dur":%d.%03d}' % (name, i, ns // 1000, ns % 1000))
open(sys.argv[1] + "/random.json", "w").write('{"traceEvents":[\n' + ",\n".join(events) + "]}\n")
total = sum(map(sum, groups.values()))
us = lambda ns: "%d.%03d" % (ns // 1000, ns % 1000)
with open(sys.argv[1] + "/random.want", "w") as f:
    for name, d in sorted(groups.items(), key=lambda g: (-sum(g[1]), g[0])):
        d.sort()
        s, n = sum(d), len(d)
        pct = (20000 * s + total) // (2 * total)
        cells = [us(s), us((2 * s + n) // (2 * n)), us(d[0]), us(d[-1])] + [us(d[math.ceil(p * n / 100) - 1]) for p in (50, 95, 99)]
        print(name, n, *cells, "%d.%02d" % (pct // 100, pct % 100), sep="\t", file=f)
END
trace-parse "$tmp/random.json" | group-by-op --by name --no-header >"$tmp/got" 2>"$tmp/err"
diff "$tmp/random.want" "$tmp/got" >"$tmp/diff"
result $? "5000 random durations as Python works them out"
done_testing
