#!/bin/sh
# scaling-run, -work, -points, -report: a plan's runs are made once each, whoever is killed, and their
# exponents are those of pstats
. t/lib.sh
top=$PWD dir=$tmp/d
export PYTHONHASHSEED=0
mkdir "$dir"
cat >"$dir/tick.py" <<'END'
import os, sys, time
def tick(): pass
log, name, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
open(log, 'a').write('begin ' + name + '\n')
for _ in range(n): tick()
wait = sys.argv[4] if len(sys.argv) > 4 else '0'
while wait[0] == '/' and not os.path.exists(wait): time.sleep(0.05)
time.sleep(0 if wait[0] == '/' else float(wait))
open(log, 'a').write('end ' + name + '\n')
END
# plan NAME RUN...: a plan of runs `id size phase seconds`, or a file to wait for
plan() {
	echo '{"runs": []}' >"$dir/$1.json" && file=$dir/$1.json log=$dir/$1.log && : >"$log" && shift
	for run; do
		# shellcheck disable=SC2086 # its words
		set -- $run && run-queue -q "$file" add id="$1" size="$2" phase="${3:-0}" command="python3 '$dir/tick.py' '$log' $1 $2 ${4:-0}" || exit
	done
}
states() { run-queue -q --no-header --format tsv "$file" status | cut -f 1,5 | tr '\t\n' '= ' | sed 's/ $//'; }
# await FILE TEXT: until that stands in it, at most 20 s
await() { for _ in $(seq 200); do grep -qs -- "$2" "$1" && return; sleep 0.1; done; return 1; }
# shellcheck disable=SC2317 # by ok
litter() { [ -z "$(find "$dir" -name '.report*' -o -name '.profile-run*' -o -name '*.tmp')" ]; }

# Exponents, beside those of Python's own pstats
cp fixtures/prof/swarm.json "$dir/swarm.json"
status 0 'a plan of four sizes' scaling-run "$dir/swarm.json"
ok 'says what it runs' [ "$(grep -c '^scaling-work: n[0-9]*: python3 fixtures/prof/swarm.py' "$tmp/err")" = 4 ]
cat >"$tmp/expect.py" <<'END'
import csv, math, pstats, sys
dir, calls = sys.argv[1], {}
for n in (125, 250, 500, 1000):
    for (file, line, name), row in pstats.Stats('%s/n%d.prof' % (dir, n)).stats.items():
        func = '%s:%d(%s)' % (file, line, name) if file != '~' else '{%s}' % name[1:-1] if name[0] == '<' else name
        calls.setdefault(func, {})[n] = row[1]
rows = [r for r in csv.DictReader(open(dir + '/exponents-1.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE) if r['metric'] == 'calls']
assert len(rows) == len(calls) > 10, (len(rows), len(calls))
verdicts = {}
for r in rows:
    m = calls[r['func']]
    verdicts[r['func'].rsplit('(')[-1]] = r['verdict']
    if len(m) < 4:
        assert r['verdict'] == 'undefined' and r['exponent'] == '', r
        continue
    x, y = [math.log(n) for n in m], [math.log(c) for c in m.values()]
    mx, my = sum(x) / 4, sum(y) / 4
    p = sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x)
    assert abs(float(r['exponent']) - p) < 6e-5, (r, p)
    assert int(r['total']) == sum(m.values()), r
for name, verdict in ('move)', 'linear'), ('further)', 'n-log-n'), ('near)', 'quadratic'), ('main)', 'linear'):
    assert verdicts[name] == verdict, (name, verdicts[name])
END
ok 'exponents of calls are those of pstats: linear, n log n, quadratic' python3 "$tmp/expect.py" "$dir/swarm.runs"
for report in REPORT.md REPORT.txt; do
	ok "$report names the quadratic function, and only that" sh -c "sed '/^## The whole run/,\$d' '$dir/swarm.runs/$report' | grep -o 'swarm.py:[0-9]*([a-z]*).* calls ' | sed 's/.*(\(.*\)).*/\1/' | grep -qx near &&
		! sed '/^## The whole run/,\$d' '$dir/swarm.runs/$report' | grep -Eq '\((move|further)\).* calls '"
done
ok 'and wall clock time and memory' grep -q '^peak_mem_kib ' "$dir/swarm.runs/REPORT.txt"
status 0 'again: nothing is pending, the report is written anew' scaling-run "$dir/swarm.json"
ok 'no run was made' [ "$(grep -c . "$tmp/err")" = 0 ]
status 4 '--fail' scaling-run --fail 'exponent>1.9 && metric==calls && total>1000' "$dir/swarm.json"
ok 'says of which' grep -q 'near) calls: exponent 2.00' "$tmp/err"
status 0 '--fail that does not hold' scaling-run "$dir/swarm.json" '--fail=exponent>3 && metric==calls'
status 2 '--fail that is none' scaling-run "$dir/swarm.json" '--fail=exponent>'
ok 'leaves nothing' litter
plan early 'a 10'
for wrong in '--fail=exponent>' '--fail=nosuch>1' --min-total=10x; do
	status 2 "$wrong is said" scaling-run "$wrong" "$file"
	ok 'before the first run' [ "$(states)" = 'a=pending' ]
done
status 2 'a report above no number' scaling-report "$dir/swarm.json" "$dir/swarm.runs" 10x

# What is killed
plan killed 'a 10' 'b 20 0 30' 'c 40'
setsid scaling-run "$file" 2>/dev/null &
await "$log" 'begin b' && kill -KILL -$! && wait $! 2>/dev/null
ok 'killed, a run is left running' [ "$(states)" = 'a=done b=running c=pending' ]
sed -i 's/ 20 30"/ 20 0"/' "$file"
status 0 'started again it goes on' scaling-run "$file"
ok 'with what was left' grep -q '^scaling-work: b was interrupted, and begins again$' "$tmp/err"
ok 'and all are done' [ "$(states)" = 'a=done b=done c=done' ]
ok 'each once' [ "$(grep -c '^end' "$log")" = 3 ]
plan stopped 'a 10 0 30' 'b 20'
setsid scaling-run "$file" 2>/dev/null &
await "$log" 'begin a' && kill -TERM -$! && wait $!
ok 'a signal gives the run back' [ "$(states)" = 'a=pending b=pending' ]
plan lived "a 10 0 $dir/go" 'b 20'
scaling-run "$file" 2>"$tmp/first" &
await "$log" 'begin a'
status 0 'another beside it takes the next' scaling-run "$file"
ok 'and leaves the one that is being made alone' [ "$(states)" = 'a=running b=done' ]
ok 'and says so' grep -q '^scaling-run: 1 runs are with other workers' "$tmp/err"
touch "$dir/go"
wait $! && ok 'the last one writes the report' [ -s "$dir/lived.runs/REPORT.md" ]
ok 'each was made once' [ "$(sort "$log" | uniq -d)" = '' ]

# One that ends between two looks of another, and one in another folder
mkdir "$tmp/slow" && cat >"$tmp/slow/flock" <<END
#!/bin/sh
case "\$*" in *a.lock*) for i in \$(seq 100); do run-queue '$dir/passed.json' get a status | grep -qx running || break; sleep 0.1; done; sleep 0.5 ;; esac
exec $(command -v flock) "\$@"
END
chmod +x "$tmp/slow/flock"
plan passed 'a 10 0 1' 'b 20'
scaling-run "$file" 2>"$tmp/first" &
await "$log" 'begin a'
status 0 'a run that was done a moment ago' env PATH="$tmp/slow:$PATH" scaling-run "$file"
wait
ok 'is not made again' [ "$(states)/$(grep -c begin "$log")" = 'a=done b=done/2' ]
plan other 'a 10 0 1' 'b 20'
scaling-run "$file" 2>"$tmp/first" &
await "$log" 'begin a'
status 0 'a worker with another folder' scaling-run -o "$dir/elsewhere" "$file"
wait
ok 'leaves the run alone that is made in the first' [ "$(states)/$(grep -c begin "$log")" = 'a=done b=done/2' ]

# What fails when a run is claimed, or before
mkdir "$tmp/bare"
for program in sh sed tr cut grep awk cat mktemp rm mv mkdir rmdir date dirname basename readlink env head tail sort; do ln -s "$(command -v $program)" "$tmp/bare/$program"; done
plan bare 'a 10'
status 1 'no flock' env PATH="$tmp/bare" "$(command -v scaling-run)" "$file"
ok 'is said' grep -q '^scaling-work: flock is missing' "$tmp/err"
ln -s "$(command -v flock)" "$tmp/bare"
status 1 'no GNU time' env PATH="$tmp/bare" "$(command -v scaling-run)" "$file"
ok 'is said, and nothing was claimed' sh -c "grep -q 'needs GNU time' '$tmp/err' && [ '$(states)' = a=pending ]"
status 1 'a folder that takes no file' scaling-work "$file" /proc/self
plan full 'a 10'
mkdir "$file.tmp" && status 1 'a plan that cannot be written' scaling-run "$file"
ok 'is no plan that is done' grep -q '^scaling-work: .*: runs that are still pending: 1$' "$tmp/err"
rmdir "$file.tmp"

# A plan of eleven, four workers
plan eleven 'p1 10' 'p2 20' 'r1 10 1' 'r2 20 1' 'r3 40 1' 'r4 80 1' 'r5 160 1' 'r6 320 1' 'r7 640 1' 'r8 1280 1' 'r9 2560 1'
for worker in 1 2 3 4; do scaling-run "$file" 2>"$tmp/worker$worker" & done
wait
ok 'four workers: all runs are done' [ "$(states | tr ' ' '\n' | grep -c =done)" = 11 ]
ok 'each once' [ "$(sort "$log" | uniq -c | grep -c ' 1 ')" = 22 ]
ok 'phase 0 was begun first' [ "$(grep begin "$log" | head -n 4 | grep -c ' p')" = 2 ]
ok 'and the report is there' grep -q '^0 pending, 0 running, 11 done, 0 errors' "$dir/eleven.runs/REPORT.txt"
ok 'calls of tick grow as the size' grep -Eq '\(tick\)	calls	11	1.0000	1.0000' "$dir/eleven.runs/exponents-1.tsv"

# Programs that fail, plans that ask for something
plan fails 'a 10' 'b nan' 'c 20'
status 3 'a run that fails' scaling-run "$file"
ok 'is an error, the others are done' [ "$(states)" = 'a=done b=error c=done' ]
ok 'says so with its last line' grep -q '^scaling-work: b: status 1: ValueError' "$tmp/err"
ok 'and the report that it is missing' grep -q '^scaling-report: .*: 1$' "$tmp/err"
ok 'the plan keeps why' sh -c "run-queue '$file' get b results | grep -q 'ValueError'"
cat >"$dir/words.json" <<END
{"profiler": "cprofile", "runs": [
{"id": "list", "size": 1, "command": ["python3", "-c", "print('a  b')"]},
{"id": "text", "size": 2, "command": "X='1  2' Y=\$TRS_SIZE python3 -c 'import os; print(os.environ[\"X\"], os.environ[\"Y\"])'"},
{"id": "none", "size": 3},
{"id": "empty", "size": 3, "command": "X=1"},
{"id": "exits", "size": 3, "command": "python3 -c 'import sys; sys.exit(3)'"},
{"id": "two", "size": 3, "command": "cd / && python3 -c 1"},
{"id": "to", "size": 3, "command": "python3 -c 'print(1)' >$dir/to"},
{"id": "exponents-1", "size": 3, "command": "python3 -c 1"},
{"id": "ours", "size": 3, "command": "out=/nosuch id=y plan=z PATH=\"$PATH\" python3 -c 'print(\"a;b>c\")'"},
{"id": "open", "size": 4, "command": "python3 'x"},
{"id": "other", "size": 5, "command": "true"}]}
END
file=$dir/words.json
status 3 'commands' scaling-run "$file" -o "$dir/words"
ok 'a list of words' grep -qx 'a  b' "$dir/words/list.out"
ok 'words as a shell reads them, after variables' grep -qx '1  2 2' "$dir/words/text.out"
ok 'none, one that a shell cannot read, one that is no Python' [ "$(states)" = 'list=done text=done none=error empty=error exits=error two=error to=error exponents-1=error ours=done open=error other=error' ]
ok 'one program, whose output is kept' [ "$(grep -c '^scaling-work: t.*: status 1: .* one program' "$tmp/err")/$(cat "$dir/words/ours.out")" = '2/a;b>c' ]
ok 'nothing else is run, or written' [ ! -e "$dir/to" ]
ok 'is said' grep -q '^scaling-work: other: status 1: .*not a Python program' "$tmp/err"
echo '{"requires": {"env": {"TRS_NOSUCH": null}, "files": ["/nosuch"]}, "runs": [{"id": "a", "size": 1, "command": "x"}]}' >"$dir/asks.json"
file=$dir/asks.json
status 4 'what the plan requires is not there' scaling-run "$file"
ok 'is named' [ "$(grep -c 'TRS_NOSUCH\|/nosuch' "$tmp/err")" = 2 ]
ok 'and nothing was claimed' [ "$(states)" = 'a=pending' ]

# Series, and the cache
for run in 'v 1.2.3 version' 'a1 10 old' 'a2 20 old' 'b1 10 new' 'b2 40 new' 'c 10 cold' 'w 10 warm' 'u 5 single'; do
	# shellcheck disable=SC2086 # its words
	set -- $run && run-queue -q "$dir/series.json" add id="$1" size="$2" label="$3" command="python3 $dir/tick.py $dir/series.log $1 ${2%%.*}"
done
status 0 'labels' scaling-run "$dir/series.json"
printf '10\ta1\told\n20\ta2\told\n10\tb1\tnew\n40\tb2\tnew\n' >"$tmp/want"
scaling-points "$dir/series.json" >"$tmp/got"
same 'runs that share one are a series' "$tmp/want" "$tmp/got"
ok 'each has its exponents' sh -c "grep -q '(tick)	calls	2	1.0000.*	50\$' '$dir/series.runs/exponents-1.tsv' && grep -q '(tick)	calls	2	1.0000.*	30\$' '$dir/series.runs/exponents-2.tsv'"
ok 'cold and warm are compared' grep -q '^## The cache' "$dir/series.runs/REPORT.md"

if python3 -c 'import yappi' 2>/dev/null; then
	for clock in wall cpu; do
		plan yappi-$clock 'a 10' 'b 100'
		sed -i "1s/{/{\"profiler\": \"yappi-$clock\",/" "$file"
		status 0 "YAPPI, $clock" scaling-run "$file"
		ok 'has the same calls' grep -Eq 'tick.py:2\(tick\)	calls	2	1.0000' "$dir/yappi-$clock.runs/exponents-1.tsv"
	done
fi

# Names
cat >"$dir/names.json" <<END
{"name": "a\\u001b[1m\\n# b_\`", "runs": [
{"id": 1, "size": 1, "label": "l|<b>", "command": ["python3", "-c", "1"]},
{"id": 2, "size": 2, "label": "l|<b>", "phase": null, "mine": null, "command": ["python3", "-c", "1"]}]}
END
status 0 'names that are more than text' scaling-run "$dir/names.json"
ok 'are that in the report' grep -Fqx '# How a?\[1m \# b\_\` scales' "$dir/names.runs/REPORT.md"
ok 'as labels are' grep -Fqx '## l\|\<b\>: The whole run' "$dir/names.runs/REPORT.md"

# Wrong use
for program in scaling-run scaling-work scaling-make scaling-points scaling-report; do
	status 2 "$program: no plan" $program
	introduces $program
done
status 2 'an unknown option' scaling-run --nosuch "$dir/swarm.json"
status 2 'an option without its value' scaling-run "$dir/swarm.json" --fail
status 2 'two plans' scaling-run "$dir/swarm.json" more
status 2 '-- and no plan' scaling-run --
status 0 '-- before the plan, and -o with its folder' scaling-run "-o$dir/swarm.runs" -- "$dir/swarm.json"
(scaling-run "$dir/series.json" <&- >&- 2>&-)
result $? 'streams that are closed'
status 1 'scaling-make: no such run' scaling-make "$dir/swarm.json" nosuch "$dir"
status 1 'a missing plan' scaling-run "$dir/nosuch.json"
ok 'makes no folder' [ ! -e "$dir/nosuch.runs" ]
status 1 'a missing folder' scaling-report "$dir/swarm.json" "$dir/nosuch"
echo '{"runs": [}' >"$dir/bad.json" && cp "$dir/bad.json" "$tmp/want"
status 1 'a damaged plan' scaling-run "$dir/bad.json"
same 'is left as it is' "$tmp/want" "$dir/bad.json"
echo '{"profiler": "gprof", "runs": []}' >"$dir/gprof.json"
status 1 'an unknown profiler' scaling-run "$dir/gprof.json"
ok 'is named' grep -q "profiler 'gprof' is none of" "$tmp/err"
mkdir "$dir/ a 'b' *" && cp fixtures/prof/swarm.json "$dir/ a 'b' */-p q.json" && cd "$dir/ a 'b' *" || exit
ln -s "$top/fixtures" fixtures
status 0 'a folder of blanks, and a plan that looks like an option' scaling-run ./'-p q.json'
ok 'has its report' [ -s './-p q.runs/REPORT.md' ]
cd "$top" || exit
ok 'no litter' litter
done_testing
