#!/bin/sh
# shellcheck disable=SC2016,SC2317 # single quotes are for Python; functions that ok calls
# profile-report: what it says of a program is what pstats and the runs say, compared with the right
# report; it keeps out of folders that are not its own, and says what failed.
. t/lib.sh
top=$PWD check=$PWD/t/report-check.py python=$(python3 -c 'import sys; print(sys.executable)') && real=$PATH
mkdir "$tmp/run" "$tmp/bin" && cd "$tmp/run" || exit 1
# Without perf, but where it is asked for.
printf '#!/bin/sh\nexit 1\n' >"$tmp/bin/perf" && chmod +x "$tmp/bin/perf" && PATH=$tmp/bin:${python%/*}:$PATH

cat >work.py <<'END'
import copy
import json
import sys
import time


def observe(grid):
    return copy.deepcopy(grid)


def write(grid):
    return json.dumps(grid)


def step(grid):
    observe(grid)
    write(grid)


def run(steps):
    grid = [[float(i)] * 20 for i in range(40)]
    with open("times.txt", "w") as times:
        print("# how long", file=times)
        for i in range(steps):
            start = time.perf_counter_ns()
            step(grid)
            ns = time.perf_counter_ns() - start
            print(("%d ns", "%.3f", "%.6fms # cold", "%.9f s")[i % 4] % (ns / (1, 1e3, 1e6, 1e9)[i % 4]), file=times)


print("stdout", len(sys.argv))
print("stderr", file=sys.stderr)
run(12)
if sys.argv[1:] == ["fail"]:
    sys.exit(7)
END

# facts DIR KEY=VALUE...: the report is right
facts() { python3 "$check" "$@"; }
# runs DIR: each run of the report and its status
runs() { profile-report --status "$1" | awk 'NR > 1 && NF == 0 { exit } NR > 1 { print $1, $2 }' | paste -sd , ; }
# wait_for COMMAND...: until it succeeds, ten seconds at most
wait_for() { for _ in $(seq 500); do "$@" && return; sleep 0.02; done; }
is() { [ "$("$1" "$2")" = "$3" ]; }

# What is said ------------------------------------------------------------------------------------

status 0 'a report' profile-report --steps 12 --step-times times.txt python3 work.py "it's" 'a|b'
ok 'is right' facts profile-report steps=12 mode=usual "command=python3 work.py 'it'\\''s' 'a|b'"
ok 'says its conclusion' sh -c "head -n 1 '$tmp/out' | grep -q '^\*\*Copying takes [0-9.]* % of the time (High)\*\*: deepcopy (copy.py:[0-9]*), .* called 10,092 times, 841 a step, mostly from observe (100 %)'"
ok 'which stands in it' sh -c "head -n 1 '$tmp/out' | cmp - '$tmp/verdict'" sh "$(sed -n 3p profile-report/REPORT.md >"$tmp/verdict")"
ok 'and where it is' [ "$(sed -n 2p "$tmp/out")" = "$PWD/profile-report/REPORT.md" ]
ok 'says nothing else' [ ! -s "$tmp/err" ]
ok 'its runs' is runs profile-report 'plain done,cprofile done,report done'
for run in plain cprofile; do
	echo 'stdout 3' | cmp -s - profile-report/$run.out && [ "$(cat profile-report/$run.err)" = stderr ]
	result $? "what the program printed: $run"
done
for text in '## Steps' 'CPU use' 'peak memory' '| Copying | Data | High |' '| Python ' '[flame.svg](flame.svg)' 'Under cProfile it took'; do
	ok "REPORT.md has: $text" grep -qF -e "$text" profile-report/REPORT.md
done
ok 'callers of the first function' sh -c "sed -n '/^### .*(deepcopy)/,/^###/p' profile-report/REPORT.md | grep -Eq '^\| work.py:[0-9]+\(observe\) \| 12 \| '"
ok 'the flame graph' sh -c "grep -q '<title>work.py:[0-9]*(observe)' profile-report/flame.svg"
ok 'the profile for speedscope' python3 -c 'import json; names = [f["name"] for f in json.load(open("profile-report/profile.speedscope.json"))["shared"]["frames"]]; assert any("observe" in n for n in names), names'
cp profile-report/summary.json "$tmp/summary.json"
status 0 'it is written again without a run' profile-summary
same 'and is the same' "$tmp/summary.json" profile-report/summary.json
printf 'Mine\tOwn\tprogram\tdeepcopy\n' >rules
status 0 'quick, with rules, over it' profile-report --quick --rules rules python3 work.py
ok 'is right' facts profile-report mode=quick baseline=previous
ok 'by the rules' grep -q '"category":"Own","op":"Mine"' profile-report/summary.json
ok 'says that the profiler is in the figures' grep -qx 'These figures include the profiler.' profile-report/REPORT.md
ok 'has one run' is runs profile-report 'cprofile done,report done'
same 'the earlier report is kept' "$tmp/summary.json" profile-report/previous/summary.json
ok 'and that wall times are not compared' sh -c "! grep -q 'against the baseline' profile-report/REPORT.md"

cp -R profile-report/previous before && echo mine >profile-report/notes.txt
sed -i 's/^\(wall_s	\).*/\11000.000/' before/headline.tsv
status 0 'full, with a baseline, in a folder of its own' profile-report --full --baseline before -o full --step-times times.txt python3 work.py
ok 'is right' facts full mode=full baseline=baseline
ok 'has five runs alone' is runs full 'plain-1 done,plain-2 done,plain-3 done,plain-4 done,plain-5 done,cprofile done,report done'
ok 'says their range' grep -Eq '^Median of 5 runs: [0-9.]+ s, from [0-9.]+ s to [0-9.]+ s\.$' full/REPORT.md
ok 'and the gain' grep -Eq 'Wall time against the baseline: gain (99.9|100.0) %; CPU time [0-9.]+ s, was [0-9.]+ s; but the baseline ran another command\.' full/REPORT.md
rm -r before
status 0 'the baseline is not needed again' profile-summary full
wall=$(awk '$1 == "wall_s" { print $2 }' full/headline.tsv)
# verdict OLD: what is said of a program that took so long before, in percent of now
verdict() { awk -v OFS='\t' -v wall="$wall" -v f="$1" '$1 == "wall_s" { $2 = sprintf("%.3f", wall * f) } { print $1, $2 }' full/headline.tsv >full/baseline/headline.tsv && profile-summary full && facts full && profile-verdict full; }
verdict 0.5 >"$tmp/got"
ok 'slower is said' grep -q 'slower by \(9[0-9]\|1[01][0-9]\)\.[0-9] %' "$tmp/got"
verdict 1.02 >"$tmp/got"
ok 'so is noise' grep -q 'against the baseline: \(gain\|slower by\) [0-4].[0-9] %, below 5 %: within noise, not worth more changes' "$tmp/got"

# Programs that fail ------------------------------------------------------------------------------

status 1 'a program that fails' profile-report -o failed python3 work.py fail
ok 'is said in a line' one_message profile-report 'the program failed'
ok 'has a report that is right' facts failed
ok 'and says so' grep -q '^\*\*The program failed (status 7)\*\*' failed/REPORT.md
ok 'its runs' is runs failed 'plain error,cprofile error,report done'
status 0 'after it' profile-report -o failed python3 work.py
ok 'nothing is compared' facts failed baseline=
cat >shy.py <<'END'
import sys
sum(range(100000))
if sys.getprofile():
    raise RuntimeError("profiled")
END
status 1 'a program that fails under cProfile alone' profile-report -o shy python3 shy.py
ok 'is said in the report' grep -q '^\*\*The program failed (status 1)\*\*' shy/REPORT.md
ok 'which is right' facts shy
refuses 1 'shy.py: cannot be run by itself' 'a script that cannot be run' sh -c 'profile-report -o script shy.py 2>&1 | sed "s/^profile-runs/sh/" >&2; exit 1'
ok 'is not run' [ ! -e script ]
status 1 'no profile' profile-report -o none python3 -c 'import os; os._exit(3)'
ok 'says where to look' one_message profile-runs 'no profile: see .*/none/\*.err'
ok 'no report' [ ! -e none/REPORT.md ]
status 1 'step times that are none' profile-report --quick -o bad --step-times bad.txt python3 -c 'open("bad.txt", "w").write("1 ms\n\n3 min\n")'
ok 'say the line' one_message step-times 'bad.txt: line 3: '
sleep 0.05
status 1 'step times of another run' profile-report --quick -o bad --step-times bad.txt python3 work.py
ok 'are none of this one' one_message profile-runs 'bad.txt: this run did not write it'
status 1 'no Python, no perf' profile-report -o failed ls
ok 'says both' one_message profile-runs 'ls: not a Python program; .*; perf may not sample here'
status 1 'no program' profile-report -o failed nosuch
ok 'says which' one_message profile-runs 'nosuch: no such program'
ok 'and a report that was there stays' facts failed baseline=

# What goes first ---------------------------------------------------------------------------------

# The profile is made by hand: 60 functions of 1 % each, and one of 30 %.
printf 'Other\tOther\tprogram\tf[0-9]*\n' >spread.rules
status 0 'much that says nothing, by small functions' profile-report --quick --rules spread.rules -o spread python3 -c pass
python3 - spread/cprofile.prof <<'END'
import marshal, sys
rows = {('spread.py', i + 1, 'f%d' % i): (25, 25, 0.01, 0.01, {}) for i in range(60)}
rows[('/usr/lib/python3/copy.py', 128, 'deepcopy')] = (300, 300, 0.3, 0.3, {})
rows[('spread.py', 1, '<module>')] = (1, 1, 0.1, 1.0, {})
open(sys.argv[1], 'wb').write(marshal.dumps(rows))
END
profile-summary spread
ok 'comes after a component' grep -q '^\*\*Copying takes 30.0 % .* Then Other ' spread/REPORT.md
awk -v OFS='\t' '$1 == "wall_s" { $2 = "4321.000" } { print $1, $2 }' spread/headline.tsv >long && cp long spread/headline.tsv
ok 'hours are whole seconds' sh -c 'profile-verdict spread | grep -q "It took 4321 s"'
status 0 'another program in the same folder' profile-report --quick -o spread python3 work.py
ok 'is no comparison of the like' grep -q '; but the baseline ran another command\.$' spread/REPORT.md

# Folders -----------------------------------------------------------------------------------------

mkdir own && echo x >own/plain.tsv
refuses 1 'own: is not empty, and no report' 'a folder of something else' sh -c 'cd own && profile-report -o ../own python3 ../work.py 2>&1 | sed "s/^profile-keep/sh/;s/^/sh: /" >&2; exit 1'
ok 'is left as it was' [ "$(ls -A own)" = plain.tsv ]
run-queue -q own/plan.json add id=first label=x command=x
refuses 1 'own: is not empty, and no report' 'a plan of something else' sh -c 'cd own && profile-report -o ../own python3 ../work.py 2>&1 | sed "s/^profile-keep/sh/;s/^/sh: /" >&2; exit 1'
ok 'is left as it was, too' sh -c '[ -s own/plain.tsv ] && [ -s own/plan.json ]'
mkdir -p elsewhere/here && export CDPATH="$PWD/elsewhere"
status 0 'a folder that CDPATH has, too' profile-report --quick -o here python3 work.py
unset CDPATH
ok 'is where it was asked for' [ -s here/REPORT.md ]
status 0 'a folder with a dash' profile-report --quick -o - python3 work.py
ok 'is one' [ -s ./-/REPORT.md ]
echo mine >here/mine.tsv && echo mine >here/data.json
status 0 'a report over it' profile-report --quick -o here python3 work.py
ok 'is compared with the like' sh -c "grep -q 'against the baseline' here/REPORT.md && ! grep -q 'another command' here/REPORT.md"
ok 'leaves files of a person alone, whatever their names' [ "$(cat here/mine.tsv here/data.json | paste -sd ' ')" = 'mine mine' ]
: >file
refuses 1 'file.*: cannot be written' 'a file' profile-report -o file python3 work.py
refuses 1 'cannot be written' 'a folder below a file' profile-report -o file/x python3 work.py
ok 'a file of a person in a report stays' [ "$(cat profile-report/notes.txt)" = mine ]
mkfifo hold && { flock 9 && : >held && cat hold; } 9<full &
wait_for [ -e held ]
cp full/summary.json "$tmp/summary.json"
refuses 1 'full: another report is being made there' 'a report in the making' profile-report -o full python3 work.py
same 'is left alone' "$tmp/summary.json" full/summary.json
echo >hold && wait
cat >slow.py <<'END'
import os
import time
open("going", "w").write(str(os.getpid()))
time.sleep(9)
END
setsid sh -c 'echo $$ >group; exec profile-report -o dead python3 slow.py' >/dev/null 2>&1 &
wait_for [ -s going ]
ok 'what is going on' is runs dead 'plain running,cprofile pending,report pending'
kill -9 "-$(cat group)" && wait 2>/dev/null
wait_for flock -n dead true
ok 'and what was' is runs dead 'plain interrupted,cprofile pending,report pending'
ok 'its files' sh -c "profile-report --status dead | grep -Eq '^plan.json +$(wc -c <dead/plan.json)$'"
status 0 'a new report in its place' profile-report --quick -o dead python3 work.py
ok 'is right' facts dead baseline=
ok 'nothing was kept' [ ! -e dead/previous ]
ok 'and nothing lies about' [ -z "$(find . -name '.?*' | grep -v '^\./\.$')" ]
refuses 1 'nosuch: no report' 'the status of nothing' sh -c 'profile-report --status nosuch 2>&1 | sed "s/^profile-status/sh/" >&2; exit 1'

# Hostile names -----------------------------------------------------------------------------------

cat >hostile.py <<'END'
import sys
NAMES = ["a|b`c`", "x\ny", "<script>alert(1)</script>", "q\"\\uote'", "**bold**[l](u)", "\u202eevil\x1b[31m", "=cmd",
         "ta\tb", "z;y 12", "*", "-h", "--", "", "f?[a]", "</title>&amp;", "\x85\x00"]
first = NAMES[int(sys.argv[1])]
for name in NAMES:
    code = compile("def f():\n s = 0\n for i in range(%d): s += i\nf()" % (100000 if name == first else 5000), name.replace("\0", "") + ".py", "exec")
    def named(code):
        return code.replace(co_name=name, co_consts=tuple(named(k) if hasattr(k, "co_code") else k for k in code.co_consts))
    exec(named(code), {})
END
odd='r |`x`
"y'
for first in 1 15; do
	status 0 "a hostile name is the first: $first" profile-report --quick -o "$odd" python3 hostile.py $first 'a|b`c`' '"\n' '</script>
x' "$(printf '\033[31m\377')"
	ok 'the report is right' facts "$odd" "command=$(printf "python3 hostile.py %s 'a|b\`c\`' '\"\\\\n' '</script>\nx' '\033[31m\357\277\275'" $first)"
done

# perf --------------------------------------------------------------------------------------------

cat >perf <<'END'
#!/bin/sh
if [ "$1" = script ]; then
	printf 'prog \n\t1 inner\n\t2 outer\n\nprog \n\t1 inner\n\t2 outer\n\nprog \n\t2 outer\n\nprog \n\t3 other|one\n\n'
else
	while [ "$1" != -o ]; do shift; done
	: >"$2" && shift 2 && [ "$1" = -- ] && shift
	exec "$@"
fi
END
chmod +x perf && PATH=$PWD:$PATH
status 0 'a program of samples alone' profile-report -o samples sh -c 'exit 0'
ok 'is right' facts samples "command=sh -c 'exit 0'"
ok 'has its times' grep -q '"func":"inner","calls":null,"prim_calls":null,"self_us":2006.018,"cum_us":2006.018,"self_pct":50.00' samples/summary.json
ok 'says what they are' grep -q 'Times below are of samples' samples/REPORT.md
ok 'and what takes them' grep -q '^\*\*inner takes 50.0 % of the time (High)\*\*, mostly from outer (100 %)' samples/REPORT.md
status 0 'Python with samples' profile-report -o both python3 work.py
ok 'is right' facts both
ok 'has a second picture' grep -q 'other|one' both/perf.svg

status 1 'a program that ends past its profiler' profile-report -o past python3 -c 'import os; os._exit(0)'
ok 'did not fail' one_message profile-report 'not each run left a profile'
ok 'says so first' grep -q '^cProfile left no profile' past/REPORT.md

# Facts -------------------------------------------------------------------------------------------

printf '#!/bin/sh\necho ran >>ran\n' >python-bench && chmod +x python-bench
status 0 'a program whose name begins like that of Python' profile-facts ./python-bench
ok 'is not run' [ ! -e ran ]
(mkdir repo && cd repo && git init -q && echo 1 >kept && git add kept && git -c user.name=x -c user.email=x commit -q -m x)
# revision: what profile-facts says of the code in repo
revision() { (cd repo && profile-facts true) | awk '$1 == "git" { print $2 }'; }
: >repo/profile-report
ok 'a new file, such as a report, is no change of the code' [ "$(revision)" = "$(git -C repo rev-parse --short=12 HEAD)" ]
echo 2 >repo/kept
ok 'an edited one is' [ "$(revision)" = "$(git -C repo rev-parse --short=12 HEAD)-dirty" ]

printf '#!/bin/sh\nexit 127\n' >./time && chmod +x ./time
status 1 'without GNU time' profile-report --quick -o here python3 work.py
ok 'nothing runs' one_message profile-runs 'GNU time is needed'
ok 'and a report that was there stays, too' facts here
rm time

# Wrong use ---------------------------------------------------------------------------------------

refuses 2 'which program' 'no program' profile-report --quick
refuses 2 "unknown option '--nosuch'" 'an unknown option' profile-report --nosuch python3 work.py
for option in --steps --step-times --baseline --rules -o; do refuses 2 'wants a value' "$option alone" profile-report $option; done
for n in 0 x 1.5 -1; do refuses 2 'no number of steps' "--steps $n" profile-report --steps=$n python3 work.py; done
status 1 'rules that are not there' profile-report --rules nosuch -o full python3 work.py
ok 'say so' one_message group-by-op nosuch
printf 'a\tb\n' >rules
status 1 'rules that are none' profile-report --rules rules -o full python3 work.py
ok 'say the line' one_message group-by-op 'rules: line 1: '
refuses 2 'no number of steps' 'more steps than there can be' profile-report --steps 99999999999999999999 -o full python3 work.py
cp -R full before && rm before/headline.tsv
refuses 1 'before: no report' 'a baseline in which a table is missing' profile-report --baseline before -o full python3 work.py
cp full/headline.tsv full/measures.tsv before && cp before/measures.tsv before/functions.tsv
refuses 1 'before: no report' 'a baseline with another table' profile-report --baseline before -o full python3 work.py
ok 'nothing of that has touched the report that was there' facts full mode=full
rm -r before
refuses 1 'full/baseline: goes with the report' 'a baseline that would be replaced' profile-report -o full --baseline full/baseline python3 work.py
refuses 1 'nosuch: no report' 'a baseline that is none' profile-report --baseline nosuch python3 work.py
for program in profile-tables profile-summary profile-page profile-verdict; do status 1 "$program: no report" $program nosuch; done
refuses 1 'no report' 'profile-compare: no report' profile-compare full nosuch
refuses 2 'two folders' 'profile-compare: one folder' profile-compare full
refuses 2 'which folder' 'profile-keep: no folder' profile-keep
refuses 2 'none of quick' 'profile-runs: an unknown mode' profile-runs slow . - true
refuses 2 'which program' 'profile-facts: no program' profile-facts
cd "$top" && PATH=$real || exit 1
introduces profile-report profile-runs profile-tables profile-summary profile-page profile-verdict profile-compare profile-keep profile-status profile-facts
done_testing
