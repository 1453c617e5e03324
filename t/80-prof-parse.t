#!/bin/sh
# prof-parse: profiles of all kinds become records, held against pstats; what is damaged is said
. t/lib.sh
p=fixtures/prof shared=../shared/profiles
rows=$PWD/t/profile-rows.py

# as PYTHON PROFILE SENTENCE: the records of a profile are what pstats of this Python reads
as() {
	prof-parse "$2" >"$tmp/as.trs" 2>"$tmp/err" && "$1" "$rows" "$tmp/as.trs" "$2" >"$tmp/out" 2>>"$tmp/err"
	result $? "$3 ($(cat "$tmp/out"))" "$tmp/err"
}

# reads N SENTENCE INPUT [OPTION...]: the rows but for metadata are those on standard input
reads() {
	want=$1 sentence=$2 input=$3
	shift 3
	cat >"$tmp/want"
	# shellcheck disable=SC2059 # escapes in it are wanted
	printf "$input" | prof-parse "$@" >"$tmp/trs" 2>"$tmp/err"
	got=$?
	"$rows" "$tmp/trs" 2>>"$tmp/err" | grep -v '^meta' | tr '\t' ' ' >"$tmp/got"
	diff -a "$tmp/want" "$tmp/got" >"$tmp/diff" && [ $got = "$want" ]
	result $? "$sentence (status $got)" "$tmp/diff" "$tmp/err"
}

# Python's profilers ------------------------------------------------------------------------------

as python3 $p/cprofile-3.8.prof 'cProfile of Python 3.8'
as python3 $p/cprofile-3.13.prof 'cProfile of Python 3.13'
as python3 $p/profile-3.11.prof 'the profile module, whose callers have a count alone'
as python3 $p/yappi.pstat 'YAPPI, whose counts stand the other way round'

cat >"$tmp/work.py" <<'EOF'
import copy, json, re
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
def café(n): return [x * x for x in range(n)]
fib(12), even(30), café(9)
copy.deepcopy({i: [i, {"a": (1, 2)}] for i in range(50)})
json.dumps(list(range(100))), re.compile("a+(b|c)*d"), sorted([3, 1, 2], key=lambda x: -x)
EOF
for python in python3 /root/.pyenv/versions/3.*/bin/python3; do
	version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
	"$python" -m cProfile -o "$tmp/c.prof" "$tmp/work.py" >/dev/null && as "$python" "$tmp/c.prof" "cProfile, $version"
	(cd "$tmp" && "$python" -c 'import profile, runpy; profile.run("runpy.run_path(\"work.py\")", "p.prof")') &&
		as "$python" "$tmp/p.prof" "profile, $version"
done

cat >"$tmp/profiled.py" <<'EOF'
import csv, sys, yappi
yappi.start(builtins=True)
exec(open(sys.argv[1] + "/work.py", encoding="utf-8").read())
yappi.stop()
stats = yappi.get_func_stats()
stats.save(sys.argv[1] + "/y.pstat", "pstat")
stats.save(sys.argv[1] + "/y.callgrind", "callgrind")
for name, calls in ("y", lambda f: f.ncall), ("z", lambda f: "%d/%d" % (f.ncall, f.nactualcall)):
    with open(sys.argv[1] + "/" + name + ".csv", "w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["name", "ncall", "tsub", "ttot", "tavg"])
        rows.writerows([f.full_name, calls(f), f.tsub, f.ttot, f.tavg] for f in stats)
EOF
if /usr/bin/python3 -c 'import yappi' 2>/dev/null && /usr/bin/python3 "$tmp/profiled.py" "$tmp"; then
	as /usr/bin/python3 "$tmp/y.pstat" 'YAPPI, pstat'
	for form in pstat callgrind; do
		prof-parse "$tmp/y.$form" | "$rows" - | awk -F '\t' '$1 == "function" && $2 ~ /[)]$/ { printf "%s %d\n", $2, $5 / 1000 }' |
			grep -vE 'builtin|^<frozen' | sort >"$tmp/$form.self"
	done
	same 'YAPPI, callgrind: names and self times are those of pstat' "$tmp/pstat.self" "$tmp/callgrind.self"
	prof-parse "$tmp/y.pstat" | "$rows" - | awk -F '\t' '$1 == "function" && $2 !~ /builtin/ { print $2, $3, $4, $5, $6 }' | grep 'py:' | sort >"$tmp/pstat.rows"
	prof-parse "$tmp/z.csv" | "$rows" - | awk -F '\t' '$1 == "function" { print $2, $3, $4, $5, $6 }' | grep 'py:' | sort >"$tmp/csv.rows"
	same 'YAPPI, CSV with calls/primitive: the rows are those of pstat' "$tmp/pstat.rows" "$tmp/csv.rows"
	prof-parse "$tmp/y.csv" | "$rows" - | awk -F '\t' '$1 == "function" { print $2, $3, $3, $5, $6 }' | grep 'py:' | sort >"$tmp/csv.plain"
	awk '{ $(NF - 2) = $(NF - 3); print }' "$tmp/pstat.rows" | sort >"$tmp/pstat.plain"
	same 'YAPPI, CSV with calls alone' "$tmp/pstat.plain" "$tmp/csv.plain"
else
	echo '# no yappi for /usr/bin/python3: its profiles are those of fixtures/prof alone'
fi

cat >"$tmp/large.py" <<'EOF'
import marshal, random, sys
rng = random.Random(1)
keys = [("/srv/app/module%d.py" % (i // 50), i % 50 * 10 + 1, "function_%d" % i) for i in range(50000)]
profile = {}
for i, key in enumerate(keys):
    callers = {rng.choice(keys): (3, 2, rng.random() * 1e-3, rng.random()) for _ in range(i % 6)}
    profile[key] = (i % 7 + 1, i + 7, rng.random() * 1e-3, rng.random() * 100, callers)
marshal.dump(profile, open(sys.argv[1], "wb"))
EOF
python3 "$tmp/large.py" "$tmp/large.prof" && as python3 "$tmp/large.prof" '50,000 functions'
gzip -c $p/cprofile-3.13.prof >"$tmp/x.gz"
prof-parse $p/cprofile-3.13.prof >"$tmp/plain.trs"
status 0 'gzip' prof-parse -o "$tmp/gz.trs" "$tmp/x.gz"
same 'and it is the same' "$tmp/plain.trs" "$tmp/gz.trs"
cat $p/cprofile-3.13.prof | prof-parse >"$tmp/pipe.trs"
same 'a pipe, too' "$tmp/plain.trs" "$tmp/pipe.trs"

# times M: seconds as ns
cat >"$tmp/times.py" <<'EOF'
import fractions, marshal, random, struct, subprocess, sys
rng, times = random.Random(2), [0.0, 5e-10, 4.9999999999999993e-10, 1e-9, 1.5e-9, 2.5e-9, 5e-324, 9223372035.999999, 1, 7]
times += [rng.random() * 10 ** rng.randrange(-12, 9) for _ in range(3000)]
times += [(2 * rng.randrange(2 ** 40) + 1) / 2.0 ** rng.randrange(10, 60) for _ in range(3000)]
times = [t for t in times if t < 9.2e9]
data = marshal.dumps({("f", i, "g"): (1, 1, t, t, {}) for i, t in enumerate(times)})
stream = subprocess.run(["prof-parse"], input=data, capture_output=True, check=True).stdout
rows = subprocess.run([sys.argv[1], "-"], input=stream, capture_output=True, check=True).stdout.decode().split("\n")
got = [int(r.split("\t")[4]) for r in rows if r.startswith("function")]
want = [(fractions.Fraction(t) * 10 ** 9 + fractions.Fraction(1, 2)).__floor__() for t in times]
bad = [(t, g, w) for t, g, w in zip(times, got, want) if g != w]
sys.exit(f"{len(got)} of {len(want)}; {bad[:3]}" if bad or len(got) != len(want) else 0)
EOF
ok 'times are rounded half up to ns, exactly' python3 "$tmp/times.py" "$rows"
printf '{)\003z\001~i\000\000\000\000z\003<f>)\005TTf\005-1e-3f\005-1e-3{00' >"$tmp/negative"
reads 0 'a time below zero is 0, and is said; text floats, True, and a builtin' "$(sed 's/%/%%/g' "$tmp/negative" | python3 -c 'import sys; print("".join("\\%03o" % b for b in sys.stdin.buffer.read()))')" <<'EOF'
function {f} 1 1 0 0
end 0 1 0
EOF
ok 'in one line' one_message prof-parse '2 times below zero are taken as 0'
python3 -c 'import marshal, sys; marshal.dump({("~", 0, "<"): (1, 1, 1, 2, {}), ("~", 1, "<b>"): (1, 2, 0.5, 0.5, {("b\udcff.py", -3, "a;b"): 4})}, sys.stdout.buffer, 4)' >"$tmp/odd.prof"
prof-parse "$tmp/odd.prof" | "$rows" - | grep -av '^meta' >"$tmp/got"
printf 'function\t<\t1\t1\t1000000000\t2000000000\nfunction\t~:1(<b>)\t2\t1\t500000000\t500000000\ncall\tb\377.py:-3(a;b)\t~:1(<b>)\t4\t4\t0\t0\nend\t0\t3\t0\n' >"$tmp/want"
same 'names with one bracket, bytes that are no UTF-8, counts as times' "$tmp/want" "$tmp/got"

mkdir "$tmp/bad"
t/profile-bad.py "$tmp/bad"
for say in "$tmp"/bad/*.say; do
	file=${say%.say}
	refuses 1 "$file: .*($(cat "$say"))" "marshal: $(basename "$file")" prof-parse --type cprofile "$file"
done
refuses 1 'byte 63: a code object .*python3 -m profile' 'a code object, told by its content' prof-parse $p/code-object.prof
size=$(wc -c <$p/cprofile-3.13.prof)
prints 0 'cut anywhere, a profile is refused' t/profile-bad.py cut $p/cprofile-3.13.prof <<EOF
$size x 1
EOF
status 0 'one bit of each byte flipped: no crash' t/profile-bad.py flip $p/cprofile-3.13.prof
{ cat $p/cprofile-3.13.prof; echo more; } >"$tmp/more"
status 3 'bytes behind it: 3' prof-parse -o "$tmp/o" "$tmp/more"
ok 'which is said' one_message prof-parse "byte $size: more bytes follow the profile; 20 records kept, 0 lost"
status 0 '--partial-ok' prof-parse --partial-ok -o "$tmp/o" "$tmp/more"
status 1 '--strict' prof-parse --strict -o "$tmp/o2" "$tmp/more"
ok 'gives no file' test ! -e "$tmp/o2"

# Text --------------------------------------------------------------------------------------------

reads 0 'folded stacks: CRLF, a BOM, decimals, one frame' '\357\273\277a;b c 2\r\n\r\nmain 0.5\n' <<'EOF'
stack a;b c 2000
stack main 500
end 0 2 0
EOF
reads 3 'a folded line without a number is lost' 'a;b 1\na;b\nc;d 2\n' <<'EOF'
stack a;b 1000
stack c;d 2000
end 3 2 1
EOF
ok 'and said' one_message prof-parse 'standard input: line 2: no number behind a stack; 2 records kept, 1 lost'
echo 'a;b' >"$tmp/none.folded"
refuses 1 'line 1: no number behind a stack; nothing else' 'nothing but such lines' prof-parse --type folded "$tmp/none.folded"
reads 3 'a number that is too large' 'a 18446744073709551615\nb 1\n' <<'EOF'
stack b 1000
end 3 1 1
EOF

reads 0 'CSV: columns in any order, others, quotes' 'tavg,name,ncall,ttot,tsub\n1,"/a/b.py:12 f, g",177/1,0.25,5.7e-05\n1,"a""b",3,1,0.0000000005\n\n1,builtins.len,3,0,0\n' <<'EOF'
function /a/b.py:12(f, g) 177 1 57000 250000000
function a"b 3 3 1 1000000000
function builtins.len 3 3 0 0
end 0 3 0
EOF
reads 3 'CSV: rows that are wrong are lost' 'name,ncall,tsub,ttot\nf,1,1,1\ng,1,1\nh,x,1,1\ni,1,y,1\nj,1/2,1,1\n"k,1,1,1\nl,1,1,1\n' <<'EOF'
function f 1 1 1000000000 1000000000
end 3 1 6
EOF
ok 'and said' one_message prof-parse 'line 3: a row with fewer fields than the header; 1 records kept, 6 lost'
printf 'f,1,2,3\n' >"$tmp/no-header"
refuses 1 'CSV of YAPPI has a header that names name, ncall' 'CSV without a header' prof-parse "$tmp/no-header"
refuses 1 'line 1: no header' 'the same, told to be CSV' prof-parse --type yappi-csv "$tmp/no-header"

reads 0 'folded stacks with two numbers: the second counts' 'a;b 5 6\na 1 2\n' <<'EOF'
stack a;b 5 6000
stack a 1 2000
end 0 2 0
EOF
ok 'which is said' one_message prof-parse 'all lines end in two numbers'
reads 0 'but not if some have one' 'a;b 5 6\na 2\n' <<'EOF'
stack a;b 5 6000
stack a 2000
end 0 2 0
EOF
ok 'there is no message' test ! -s "$tmp/err"
reads 0 'callgrind: compressed names, positions, calls, recursion' 'positions: instr line\nevents: Time_(10ns) Memory\nfl=(1) a.c\nfn=(1) main\n0x10 1 5 9\n+3 +1 2 1\ncfi=(2) b.c\ncfn=(2) f\ncalls=2 0x20 7\n* * 30 1\n\nfl=(2)\nfn=(2)\n* -2 30\ncfn=(2)\ncalls=3 0 0\n* 1 25\nfn=g\n1 1 1\n' <<'EOF'
function a.c:0(main) 1 1 70 370
function b.c:0(f) 5 2 300 300
function b.c:0(g) 1 1 10 10
call a.c:0(main) b.c:0(f) 2 2 0 300
call b.c:0(f) b.c:0(f) 3 0 0 250
end 0 5 0
EOF
reads 3 'callgrind: lines that are wrong are lost' 'events: Ir\n1 1\nfn=f\n1 5\n1 x\nfn=(9)\nwhat\ncalls=x\n' <<'EOF'
function f 1 1 5000 5000
end 3 1 5
EOF
# Who is called is so for one line; a and b are in x, what (9) is called is not known.
reads 3 'callgrind: a call that is wrong leaves nothing to the next one' 'events: Ir\nfl=x\nfn=a\n1 5\ncfi=y\ncfn=(9)\ncalls=2 1\n1 4\ncfn=b\ncalls=1 1\n1 2\ncfn=b\ncalls=z 1\n1 8\n' <<'EOF'
function x:0(a) 1 1 5000 5000
function x:0(b) 1 1 0 0
call x:0(a) x:0(b) 1 1 0 2000
end 3 3 4
EOF
reads 3 'callgrind: calls without their cost are lost, and what follows is not theirs' 'events: Ir\nfn=a\n1 5\ncfn=b\ncalls=2 1\nfn=b\n1 7\n' <<'EOF'
function a 1 1 5000 5000
function b 1 1 7000 7000
end 3 2 1
EOF
ok 'which is said' one_message prof-parse 'line 6: calls without the line with their cost; 2 records kept, 1 lost'
reads 3 'callgrind: also at the end' 'events: Ir\nfn=a\n1 5\ncfn=b\ncalls=2 1\n' <<'EOF'
function a 1 1 5000 5000
end 3 1 1
EOF
reads 3 'callgrind: costs that do not fit are lost, not made smaller' 'events: Ir\nfn=a\n1 18446744073709551615\n1 9223372036854774\n1 2\n1 1\ncfn=b\ncalls=18446744073709551614 1\n1 1\ncfn=b\ncalls=1 1\n1 1\ncfn=b\ncalls=0 1\n1 9223372036854776\n' <<'EOF'
function a 1 1 9223372036854775000 9223372036854775000
function b 18446744073709551614 18446744073709551614 0 0
call a b 18446744073709551614 18446744073709551614 0 1000
end 3 3 4
EOF
if command -v valgrind >/dev/null; then
	valgrind -q --tool=callgrind --callgrind-out-file="$tmp/vg" true 2>/dev/null
	prof-parse "$tmp/vg" | "$rows" - | awk -F '\t' '$1 == "function" { sum += $5 / 1000 } END { print sum }' >"$tmp/got"
	sed -n 's/^totals: //p' "$tmp/vg" >"$tmp/want"
	same "callgrind of valgrind: self costs add up to its total" "$tmp/want" "$tmp/got"
fi

frames='"shared":{"frames":[{"name":"a"},{"name":"b","file":"x.py","line":7},{"name":"c","file":"y"}]}'
reads 0 'speedscope, evented: profiles and events first' '{"profiles":[{"events":[{"type":"O","frame":0,"at":1.0005},{"type":"O","frame":1,"at":2},{"type":"C","frame":1,"at":2},{"at":3.25,"frame":0,"type":"C"}],"unit":"milliseconds","type":"evented"}],'"$frames}" <<'EOF'
stack a 2249500
stack a;x.py:7(b) 0
end 0 2 0
EOF
reads 0 'speedscope, sampled: weights first, two profiles' "{$frames"',"profiles":[{"weights":[1,2,1],"samples":[[0,1],[0,2],[0,1]],"unit":"bytes"},{"samples":[[2],[]],"weights":[0.5,1]}]}' <<'EOF'
stack a;x.py:7(b) 2000
stack a;c 2000
stack c 500
end 0 3 0
EOF
"$rows" "$tmp/trs" | grep '^meta' | tr '\t' ' ' >"$tmp/got"
printf 'meta %s\n' '0 format "speedscope"' '0 weight "bytes"' '0 profile ""' '1 format "speedscope"' '1 weight "samples"' '1 profile ""' >"$tmp/want"
same 'each is a part, with its unit' "$tmp/want" "$tmp/got"
reads 3 'speedscope: events that cannot be are lost' "{$frames"',"profiles":[{"unit":"nanoseconds","endValue":20,"events":[{"type":"O","frame":0,"at":10},{"type":"C","frame":1,"at":11},{"type":"O","frame":1,"at":12},{"type":"O","frame":2,"at":9},{"type":"O","frame":9,"at":13},{"type":"C","frame":9,"at":14},{"type":"X"},{"type":"O","frame":2,"at":15},{"type":"C","frame":1,"at":16}]}]}' <<'EOF'
stack a 6
stack a;x.py:7(b) 2
stack a;x.py:7(b);c 1
end 3 3 5
EOF
reads 3 'speedscope: samples without weights, frames that are not there' "{$frames"',"profiles":[{"samples":[[0],[7],5,[1]],"weights":[1,1,1]}]}' <<'EOF'
stack a 1000
end 3 1 3
EOF
reads 3 'speedscope: cut off, what came is kept' "{$frames"',"profiles":[{"unit":"none","events":[{"type":"O","frame":0,"at":0},{"type":"C","frame":0,"at":4},{"ty' <<'EOF'
stack a 4000
end 3 1 0
EOF
for file in "$shared"/speedscope/0.*/*.json; do
	[ -e "$file" ] || continue
	prof-parse "$file" | "$rows" - | awk -F '\t' '$1 == "stack" && $3 { print $2, $3 / 1000 }' >"$tmp/got"
	printf '%s\n' 'a;b 5' 'a;b;c 5' 'a;b;d 4' >"$tmp/want"
	case $file in *sampled*) printf '%s\n' 'a;b 5000000' 'a;b;c 5000000' 'a;b;d 4000000' >"$tmp/want" ;; esac
	same "speedscope's own $(basename "$file")" "$tmp/want" "$tmp/got"
done
[ -d $shared ] || echo "# $shared is missing: no samples of other programs"

# What it is not ----------------------------------------------------------------------------------

for trace in small-kineto small-rocprofv3 small-oneline; do
	refuses 1 'this is (a trace|JSON, an array); did you mean: trace-parse FILE' "$trace is a trace" prof-parse fixtures/$trace.json
done
refuses 1 'not a profile: this is text$' 'a Makefile' prof-parse Makefile
refuses 1 'not a profile: this is a record stream already' 'records' prof-parse "$tmp/plain.trs"
refuses 1 'not a profile: this is empty' 'nothing' prof-parse /dev/null
refuses 1 'No such file' 'no file' prof-parse "$tmp/none"
python3 - >"$tmp/many.json" <<'EOF'
one = '{"type":"sampled","name":"s","unit":"none","samples":[[0]],"weights":[1]}'
print('{"shared":{"frames":[{"name":"a"}]},"profiles":[' + ",".join([one] * 65537) + "]}")
EOF
status 3 'speedscope: more profiles than a stream has parts' prof-parse -o "$tmp/many.trs" "$tmp/many.json"
ok 'which is said' one_message prof-parse 'more profiles than a stream has parts; 65536 records kept'
prints 3 'and the others are there' prof-top --no-header "$tmp/many.trs" <<'EOF'
a			65536.000	65536.000	100.00	100.00
EOF
status 3 'also for trace-info' trace-info "$tmp/many.trs"
refuses 2 "unknown --type 'x'; there are: auto, cprofile, yappi-pstat, yappi-csv, callgrind, speedscope, folded" 'an unknown type' prof-parse --type x
refuses 2 'one file at a time' 'two files' prof-parse a b

done_testing
