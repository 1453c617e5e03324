#!/bin/sh
# shellcheck disable=SC2016,SC2086,SC2046 # single quotes are for the sh that is called; words of options
# trace-intern: streams joined, against what Python makes of the text of each; one string table, one
# clock, short and demangled names whose totals stay; tables of contents, links; wrong use, statuses.
. t/lib.sh
shared=${TRS_SHARED:-../shared}/traces

# joins 'OPTIONS' SHIFTS FILE...: the records are those of the files, by rank and with times moved by
# SHIFTS (a list of ns, one for each part; 0 where it ends)
joins() {
	options=$1 shifts=$2
	shift 2
	trace-intern -q $options "$@" >"$tmp/all.trs" 2>"$tmp/err" && trace-dump -q "$tmp/all.trs" >"$tmp/dump" 2>>"$tmp/err" &&
		for f in "$@"; do trace-dump -q "$f" >"$tmp/one.dump" && cat "$tmp/one.dump"; done | python3 -c '
import json, sys
shifts, parts, own, n, records, events = [int(x) for x in sys.argv[1].split()], [], {}, 0, [], 0
for line in sys.stdin:
    o = json.loads(line)
    if "end" in o:
        own, events = {}, events + o["end"]["events"]
    elif "meta" in o and list(o["meta"]) == ["rank"]:       # a part begins
        rank = str(o["meta"]["rank"]).split("#")[0]
        parts.append(rank)
        same = parts.count(rank)
        own[o["meta"]["rank"]] = len(parts) - 1, rank if same == 1 else "%s#%d" % (rank, same)
    elif "ph" in o:
        part, rank = own[o["rank"]]
        o["rank"] = int(rank) if rank.isdigit() else rank
        if "ts_ns" in o and part < len(shifts):
            o["ts_ns"] += shifts[part]
        records.append(json.dumps(o, sort_keys=True))
print("\n".join(sorted(records)))
print(events)' "$shifts" >"$tmp/want" &&
		python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
print("\n".join(sorted(json.dumps(o, sort_keys=True) for o in lines if "ph" in o)))
print(lines[-1]["end"]["events"])' <"$tmp/dump" >"$tmp/got" && diff -a "$tmp/want" "$tmp/got" >"$tmp/diff"
	result $? "$(tail -n 1 "$tmp/want") records of $# streams: $options" "$tmp/err" "$tmp/diff"
	ok 'and right by FORMAT.md' t/decode.py "$tmp/all.trs"
}
# types FILE: the types of its frames, in order
types() {
	python3 -c '
import sys; sys.path.insert(0, "t")
from linkstream import frames
print(" ".join("%d.%d" % f[:2] for f in frames(open(sys.argv[1], "rb").read())))' "$1"
}
# meta KEY FILE: rank and value of a key, a line for each part that has it
meta() {
	trace-dump -q "$2" | python3 -c '
import json, sys
for line in sys.stdin:
    o = json.loads(line)
    if sys.argv[1] in o.get("meta", {}):
        print(o["meta"]["rank"], o["meta"][sys.argv[1]])' "$1"
}

# By hand: two ranks whose clocks differ by 2 ms ---------------------------------------------------

cat >"$tmp/a.json" <<'END'
{"distributedInfo":{"rank":0},"baseTimeNanoseconds":1000000000,"traceEvents":[
{"ph":"M","name":"process_name","pid":1,"tid":0,"args":{"name":"python"}},
{"ph":"X","cat":"cpu_op","name":"_Z4hosti","pid":1,"tid":1,"ts":10,"dur":100},
{"ph":"X","cat":"kernel","name":"void k<int>(int)","pid":0,"tid":7,"ts":40.001,"dur":20,"args":{"stream":7,"correlation":1,"x":[1]}},
{"ph":"X","cat":"kernel","name":"void k<float>(float)","pid":0,"tid":7,"ts":70,"dur":5,"args":{"stream":7,"correlation":1}},
{"ph":"X","cat":"kernel","name":"_Z1kIiEvT_","pid":0,"tid":7,"ts":80,"dur":1,"args":{"stream":7}},
{"ph":"X","cat":"gpu_memset","name":"Memset (Device)","pid":0,"tid":7,"ts":90,"dur":2,"args":{"stream":7}}]}
END
sed 's/"rank":0/"rank":1/; s/1000000000/1002000000/' "$tmp/a.json" >"$tmp/b.json"
sed 's/"rank":0/"rank":2/; s/"baseTimeNanoseconds":1000000000,//' "$tmp/a.json" >"$tmp/c.json"
sed 's/1000000000/999999999/' "$tmp/a.json" >"$tmp/d.json"
for f in a b c d; do trace-parse --args "$tmp/$f.json" >"$tmp/$f.trs"; done
joins '' '0 2000000' "$tmp/a.trs" "$tmp/b.trs"
printf '0 1000000000\n1 1000000000\n' >"$tmp/want"
meta baseTimeNanoseconds "$tmp/all.trs" >"$tmp/got"
same 'with the base of the first' "$tmp/want" "$tmp/got"
joins '' '0 -2000000' "$tmp/b.trs" "$tmp/a.trs"
joins '' '0 0 2000000 -1' "$tmp/a.trs" "$tmp/c.trs" "$tmp/b.trs" "$tmp/d.trs"
printf '0 1000000000\n1 1000000000\n0#2 1000000000\n' >"$tmp/want"
meta baseTimeNanoseconds "$tmp/all.trs" >"$tmp/got"
same 'a part without base has none' "$tmp/want" "$tmp/got"
joins '--shift 1=-1.5ms --shift 2=7ns --shift 0#2=1 --shift 0#2=1' '0 7 500000 1999' "$tmp/a.trs" "$tmp/c.trs" "$tmp/b.trs" "$tmp/d.trs"
joins '--shift 2=-1s' '-1000000000' "$tmp/c.trs"
joins '' '' "$tmp/a.trs"
cp "$tmp/all.trs" "$tmp/again.trs"
joins '' '' "$tmp/again.trs"
trace-parse -q --args "$tmp/a.json" "$tmp/b.json" >"$tmp/ab.trs"
joins '' '0 2000000 2000000 0' "$tmp/ab.trs" "$tmp/b.trs" "$tmp/a.trs"
cp "$tmp/all.trs" "$tmp/again.trs"
joins '' '' "$tmp/again.trs" "$tmp/c.trs"
trace-intern "$tmp/again.trs" "$tmp/c.trs" 2>"$tmp/err" >"$tmp/x.trs"
one_message trace-intern 'no baseTimeNanoseconds, so the clock stays as it is: rank 2$'
result $? 'a part without base is named' "$tmp/err"
trace-intern "$tmp/c.trs" >"$tmp/x.trs" 2>"$tmp/err"
same 'but not if it is alone' /dev/null "$tmp/err"
prof-parse -o "$tmp/p.trs" fixtures/prof/buffer.prof
trace-intern "$tmp/p.trs" "$tmp/a.trs" "$tmp/p.trs" >"$tmp/x.trs" 2>"$tmp/err"
same 'nor profiles, which have no clock' /dev/null "$tmp/err"

sed 's/"ts":70/"ts":9223372036854770/' "$tmp/a.json" | trace-parse >"$tmp/late.trs"
refuses 1 'does not fit' 'a time that does not fit' trace-intern -o "$tmp/none" --shift '0#2=9223372036s' "$tmp/a.trs" "$tmp/late.trs"
refuses 1 'does not fit' 'nor does one by another clock' trace-intern -o "$tmp/none" "$tmp/b.trs" "$tmp/late.trs" --shift 0=1s
sed 's/1000000000/-9223372036854775808/' "$tmp/a.json" | trace-parse >"$tmp/far.trs"
refuses 1 'too far' 'clocks that are too far from each other' trace-intern -o "$tmp/none" "$tmp/a.trs" "$tmp/far.trs"

# Names --------------------------------------------------------------------------------------------

cat >"$tmp/plain" <<'END'
_Z4hosti	100.000
void k<int>(int)	20.000
void k<float>(float)	5.000
Memset (Device)	2.000
_Z1kIiEvT_	1.000
END
trace-intern "$tmp/a.trs" >"$tmp/x.trs"
prints 0 'names as they are' sh -c 'group-by-op --cat kernel,gpu_memset,cpu_op --by name --no-header "$1" | cut -f 1,3' - "$tmp/x.trs" <"$tmp/plain"
trace-intern --short "$tmp/a.trs" >"$tmp/x.trs"
prints 0 '--short' sh -c 'group-by-op --cat kernel,gpu_memset,cpu_op --by name --no-header "$1" | cut -f 1,3' - "$tmp/x.trs" <<'END'
_Z4hosti	100.000
k	25.000
Memset (Device)	2.000
_Z1kIiEvT_	1.000
END
trace-intern --demangle "$tmp/a.trs" >"$tmp/x.trs"
prints 0 '--demangle, of host names too' sh -c 'group-by-op --cat kernel,gpu_memset,cpu_op --by name --no-header "$1" | cut -f 1,3' - "$tmp/x.trs" <<'END'
host(int)	100.000
void k<int>(int)	21.000
void k<float>(float)	5.000
Memset (Device)	2.000
END
trace-intern --demangle --short "$tmp/a.trs" "$tmp/b.trs" >"$tmp/x.trs"
prints 0 'both; names of the host keep their arguments' sh -c 'group-by-op --cat kernel,gpu_memset,cpu_op --by name --no-header "$1" | cut -f 1-3' - "$tmp/x.trs" <<'END'
host(int)	2	200.000
k	6	52.000
Memset (Device)	2	4.000
END

# Three names become one, with three labels.
printf 'One\tA\ta\tint\nTwo\tB\tb\tfloat\nThree\tC\tc\t_Z\n' >"$tmp/rules"
kernel-classify --rules "$tmp/rules" "$tmp/a.trs" >"$tmp/la.trs"
kernel-classify --rules "$tmp/rules" "$tmp/b.trs" >"$tmp/lb.trs"
printf 'Other rule\tA\ta\tint\n' >"$tmp/rules"
kernel-classify --rules "$tmp/rules" "$tmp/b.trs" >"$tmp/lc.trs"
for files in "$tmp/la.trs" "$tmp/la.trs $tmp/lb.trs" "$tmp/la.trs $tmp/lc.trs" "$tmp/lc.trs $tmp/la.trs $tmp/lb.trs"; do
	group-by-op --by op,library $files >"$tmp/want"
	for options in '' '--short --demangle'; do
		pipe '0 0' "totals by op stay: $options" "trace-intern -q $options $files" 'group-by-op --by op,library'
		same 'the same table' "$tmp/want" "$tmp/out"
		pipe '0 0 0' 'also behind other filters' "trace-intern -q $options $files" trace-intern 'group-by-op --by op,library'
		same 'the same table' "$tmp/want" "$tmp/out"
		pipe '0 0 0' 'and cut' "trace-intern -q $options $files" 'trace-cut --cat kernel,gpu_memset' 'group-by-op --by op,library'
		same 'the same table' "$tmp/want" "$tmp/out"
	done
done
trace-intern -q "$tmp/la.trs" "$tmp/lb.trs" "$tmp/lc.trs" "$tmp/ab.trs" >"$tmp/x.trs" 2>"$tmp/err"
python3 -c '
import sys; sys.path.insert(0, "t")
from linkstream import frames, texts
for role in 1, 2, 3:
    strings = [t for f in frames(open(sys.argv[1], "rb").read()) if f[:2] == (1, role) for t in texts(f[4], f[5])]
    assert strings and len(strings) == len(set(strings)), strings' "$tmp/x.trs" 2>"$tmp/why"
result $? 'one string table: no string twice' "$tmp/why"
status 0 'streams of which one has no labels' trace-intern "$tmp/la.trs" "$tmp/b.trs"
grep -q '^trace-intern: not all inputs have the keys that are left out therefore: op category library$' "$tmp/err"
result $? 'have no key op' "$tmp/err"
cp "$tmp/out" "$tmp/x.trs"
refuses 2 "key 'op' needs kernel-classify" 'as a sink will say' group-by-op "$tmp/x.trs"

# Labels that come late ------------------------------------------------------------------------------

python3 -c '
import sys; sys.path.insert(0, "t")
from linkstream import frames
data = open(sys.argv[1], "rb").read()
all = list(frames(data))
late = [f for f in all if f[0] == 5]
sys.stdout.buffer.write(data[:16] + b"".join(f[6] for f in [g for g in all if g[0] not in (5, 9)] + late + [all[-1]]))' "$tmp/la.trs" >"$tmp/latelabels.trs"
group-by-op --by op,library "$tmp/la.trs" >"$tmp/want"
for filter in 'trace-intern --short --demangle' trace-cut; do
	pipe '0 0' "$filter: labels that come behind the records" "$filter $tmp/latelabels.trs" 'group-by-op --by op,library'
	same 'hold for them' "$tmp/want" "$tmp/out"
done
group-by-op --by op,library "$tmp/la.trs" "$tmp/lb.trs" >"$tmp/want"
pipe '0 0' 'of one of two streams' "trace-intern $tmp/latelabels.trs $tmp/lb.trs" 'group-by-op --by op,library'
same 'hold for it' "$tmp/want" "$tmp/out"
sed 's/"rank":1/"rank":1,"x":1/' "$tmp/b.json" | trace-parse >"$tmp/none.trs"
refuses 1 'label comes behind' 'but not for a name that another one has without label' trace-intern -q -o "$tmp/none" "$tmp/none.trs" "$tmp/latelabels.trs"

# Long names, names that take too much, no names ------------------------------------------------------

python3 -c '
import json
digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
bomb = "_Z1f1PIiiE" + "".join("S_IS%s_S%s_E" % (d, d) for d in digits[:34])
names = [bomb, bomb + ".x", "_Z1f" + "P" * 30000 + "i", "_Z1f" + "P" * 40000 + "i", "_Z1gi", "<" * 100000, "f(" * 50000, "_Z\u00e9", "k<\u00e9>(int)", "", "_Z1gi\0", None]
print(json.dumps({"traceEvents": [dict({"ph": "X", "cat": "kernel", "ts": i, "dur": 1, "tid": 1}, **({} if n is None else {"name": n})) for i, n in enumerate(names)]}))' >"$tmp/odd.json"
trace-parse "$tmp/odd.json" >"$tmp/odd.trs"
status 0 'names that would take all memory' trace-intern --demangle --short "$tmp/odd.trs"
cp "$tmp/out" "$tmp/x.trs"
trace-dump "$tmp/odd.trs" | sed 's/"_Z1gi"/"g"/; s/"k<é>(int)"/"k"/' | LC_ALL=C sort >"$tmp/want"
trace-dump "$tmp/x.trs" | LC_ALL=C sort >"$tmp/got"
same 'stay as they are, the others do not' "$tmp/want" "$tmp/got"

# Tables of contents, links, names that start anew -----------------------------------------------------

python3 -c '
import json
events = []
for i in range(9000):
    events.append({"ph": "X", "cat": "cpu_op", "name": "op %d " % i + "n" * 1200, "tid": i % 70, "ts": 10 * i, "dur": i % 40, "args": {"External id": i}})
    events.append({"ph": "X", "cat": "kernel", "name": "void k%d<%d>(int)" % (i % 7, i % 1000), "pid": 0, "tid": 7, "ts": 10 * i + 5, "dur": i % 100 / 10, "args": {"stream": i % 9, "correlation": i}})
print(json.dumps({"distributedInfo": {"rank": 5}, "baseTimeNanoseconds": 7, "traceEvents": events}))' >"$tmp/large.json"
sed 's/"rank": 5/"rank": 6/; s/"baseTimeNanoseconds": 7/"baseTimeNanoseconds": 9/; s/op /po /' "$tmp/large.json" >"$tmp/large2.json"
for f in large large2; do trace-parse --index off "$tmp/$f.json" | kernel-classify >"$tmp/$f.trs"; done
joins '' '0 2' "$tmp/large.trs" "$tmp/large2.trs"
joins '' '0 -2 -2' "$tmp/large2.trs" "$tmp/large.trs" "$tmp/large.trs"
if trace-parse -q --index rebuild -o "$tmp/x.trs" "$tmp/large.json" "$tmp/large2.json"; then
	for f in large large2; do trace-parse --index require "$tmp/$f.json" | kernel-classify >"$tmp/$f.ix"; done
	joins '' '0 2' "$tmp/large.ix" "$tmp/large2.ix"
	types "$tmp/all.trs" | tee "$tmp/types" | grep -q '^7.0 6.0 .* 8.0 .*9.0$'
	result $? 'with a table of contents, as all inputs have' "$tmp/types"
	group-by-op --by op,rank "$tmp/large.ix" "$tmp/large2.ix" >"$tmp/want"
	trace-intern --short "$tmp/large.ix" "$tmp/large2.ix" >"$tmp/all.trs"
	head -c $(($(stat -c %s "$tmp/all.trs") / 2)) "$tmp/all.trs" >"$tmp/half.trs"
	pipe '0 0' 'so that a sink need not read all' "cat $tmp/half.trs; sleep 1" 'group-by-op --by op,rank'
	same 'and is right' "$tmp/want" "$tmp/out"
	joins '' '0 2' "$tmp/large.ix" "$tmp/large2.trs"
	types "$tmp/all.trs" >"$tmp/types"
	ok 'without one where one input has none' sh -c '! grep -q " 8.0 " "$1"' - "$tmp/types"
	pipe '0 0' 'a reader that goes away has all it wants' "trace-intern $tmp/large.ix $tmp/large2.ix" "head -c $(stat -c %s "$tmp/half.trs") >/dev/null"
fi
pipe '141 0' 'a reader that goes away' "trace-intern $tmp/large.trs" 'head -c 100 >/dev/null'
for f in large a; do
	t/linkstream.py make "$tmp/$f.trs" >"$tmp/linked.trs"
	trace-intern -q "$tmp/linked.trs" "$tmp/linked.trs" >"$tmp/all.trs"
	t/linkstream.py show "$tmp/all.trs" | sort -t '|' -k 1,1 | python3 -c '
import sys
lines = [line.rstrip("\n").rsplit(" | ", 1) for line in sys.stdin]
numbers = [int(n) for _, n in lines]
half = len(lines) // 2
assert len(set(numbers)) == len(numbers) == 2 * half, "instances are one of the stream"
first = sorted((a[4:], int(n)) for a, n in lines if a.startswith("0 | "))
second = sorted((a[4:], int(n)) for a, n in lines if a.startswith("1 | "))
assert first == [(a, n - half) for a, n in second], "the second is as the first"
print("\n".join("0 | %s | %d" % x for x in first))' >"$tmp/got" 2>"$tmp/why" && [ -s "$tmp/got" ]
	result $? "$f: links of two streams; instances are counted through" "$tmp/why"
	t/linkstream.py show "$tmp/linked.trs" | sort >"$tmp/want"
	sort "$tmp/got" >"$tmp/sorted"
	same 'and are what they were' "$tmp/want" "$tmp/sorted"
done

trace-parse fixtures/small-kineto.json | trace-link >"$tmp/n.trs"
trace-parse fixtures/small-amd.json | trace-link >"$tmp/m.trs"
group-by-op --by op,cpu_op,phase,stack --sum union "$tmp/n.trs" "$tmp/m.trs" >"$tmp/want"
pipe '0 0' 'what is linked stays so' "trace-intern --short $tmp/n.trs $tmp/m.trs" 'group-by-op --by op,cpu_op,phase,stack --sum union'
same 'instance for instance' "$tmp/want" "$tmp/out"

# Real traces ------------------------------------------------------------------------------------------

for names in 'rank0-sampled rank1-sampled' 'tiny-compare-base tiny-compare-test a100-simple-add' 'h100-bert-small mi300-bert-small mi300-normalization'; do
	files=
	for name in $names; do
		[ -e "$shared/$name/trace.json.gz" ] && trace-parse -q --index off "$shared/$name/trace.json.gz" | kernel-classify >"$tmp/$name.trs" && files="$files $tmp/$name.trs"
	done
	[ -n "$files" ] || continue
	bases=$(for f in $files; do meta baseTimeNanoseconds "$f" | cut -d ' ' -f 2 | grep . || echo none; done |
		awk '$1 == "none" { print 0; next } !n++ { first = $1 } { printf "%.0f\n", $1 - first }' | tr '\n' ' ')
	joins '' "$bases" $files
	group-by-op --by op,library $files >"$tmp/want"
	pipe '0 0' "totals by op stay: $names" "trace-intern -q --short --demangle $files" 'group-by-op --by op,library'
	same 'the same table' "$tmp/want" "$tmp/out"
done

# Wrong use, statuses, files -----------------------------------------------------------------------------

for shift in '' 0 = =1 0= 0=x 0=1m '0=1 ms' 0=1..2 0=9223372036854775808ns; do
	refuses 2 "'--shift' needs RANK=D.*not '$shift'" "--shift '$shift'" trace-intern --shift "$shift" "$tmp/a.trs"
done
refuses 1 "^trace-intern: --shift: there is no rank '9'; ranks are 0 1 0#2$" 'a rank that is not there' trace-intern -o "$tmp/none" --shift 9=1 "$tmp/a.trs" "$tmp/b.trs" "$tmp/d.trs"
refuses 1 "$tmp/no: No such file" 'a file that is not there' trace-intern -o "$tmp/none" "$tmp/a.trs" "$tmp/no"
head -c 800 "$tmp/b.trs" >"$tmp/torn.trs"
refuses 1 'end mark' 'a file that is cut' trace-intern -o "$tmp/none" "$tmp/a.trs" "$tmp/torn.trs"
ok 'no output' test ! -e "$tmp/none"
pipe '1 1' 'nor an end mark' "trace-intern $tmp/a.trs $tmp/torn.trs" trace-dump
sed 's/,"dur":5,/,"dur":"x",/' "$tmp/b.json" >"$tmp/lossy.json"
trace-parse -q "$tmp/lossy.json" >"$tmp/lossy.trs" 2>"$tmp/err"
pipe '3 3' 'of several one is incomplete' "trace-intern $tmp/a.trs $tmp/lossy.trs $tmp/c.trs" trace-dump
echo '{"end":{"status":3,"events":17,"lost":1}}' >"$tmp/want"
tail -n 1 "$tmp/out" >"$tmp/got"
same 'and so is what comes out' "$tmp/want" "$tmp/got"
grep -q "trace-intern: $tmp/lossy.trs: incomplete: 1 events" "$tmp/err"
result $? 'which is said' "$tmp/err"
trace-intern -q "$tmp/a.trs" "$tmp/lossy.trs" >"$tmp/x.trs"
ok 'and right by FORMAT.md' t/decode.py "$tmp/x.trs"
pipe '0 0' '--partial-ok' "trace-intern --partial-ok $tmp/a.trs $tmp/lossy.trs" trace-dump
refuses 1 'strict' '--strict' trace-intern --strict -o "$tmp/none" "$tmp/a.trs" "$tmp/lossy.trs"
ok 'no output' test ! -e "$tmp/none"

trace-intern "$tmp/a.trs" "$tmp/b.trs" >"$tmp/want"
pipe '0 0' 'standard input among files' "cat $tmp/b.trs" "trace-intern $tmp/a.trs -"
same 'the same' "$tmp/want" "$tmp/out"
mkfifo "$tmp/f1" "$tmp/f2"
cat "$tmp/a.trs" >"$tmp/f1" &
gzip -c "$tmp/b.trs" >"$tmp/f2" &
status 0 'FIFOs, one compressed' trace-intern "$tmp/f1" "$tmp/f2"
same 'the same' "$tmp/want" "$tmp/out"
cat "$tmp/a.trs" >"$tmp/f1" &
head -c 800 "$tmp/b.trs" >"$tmp/f2" &
refuses 1 "^trace-intern: $tmp/f2: byte 800: " 'and one that is cut' trace-intern -o "$tmp/none" "$tmp/f1" "$tmp/f2"
zstd -qc "$tmp/b.trs" >"$tmp/b.zst"
status 0 'a file that is compressed' trace-intern "$tmp/a.trs" "$tmp/b.zst"
same 'the same' "$tmp/want" "$tmp/out"
yes "$tmp/a.trs $tmp/b.trs" | head -n 200 >"$tmp/many"
status 0 'four hundred files' trace-intern -q $(cat "$tmp/many")
cp "$tmp/out" "$tmp/x.trs"
group-by-op --by rank --no-header "$tmp/x.trs" | wc -l >"$tmp/got"
echo 400 >"$tmp/want"
same 'are as many ranks' "$tmp/want" "$tmp/got"
done_testing
