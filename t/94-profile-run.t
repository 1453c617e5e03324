#!/bin/sh
# shellcheck disable=SC2016,SC2317 # single quotes are for Python; functions that ok calls
# profile-run: each form of a Python program is profiled as it would have run, perf samples any, and
# profiles and measures appear whole or not at all.
. t/lib.sh
top=$PWD python=$(python3 -c 'import sys; print(sys.executable)') && PATH=${python%/*}:$PATH
calls() { prof-parse -q "$tmp/p" | prof-top -q --func="$1" --no-header --format tsv | cut -f 2; }
called() { [ "$(calls "$1")" = "$2" ]; }
unset PYTHONUNBUFFERED
mkdir "$tmp/run" && cd "$tmp/run" || exit 1

# What CMD is -------------------------------------------------------------------------------------

cat >prog.py <<'END'
import sys


def spin(n):
    return [str(i) for i in range(n)]


for line in sys.stdin:
    spin(3)
print(sys.argv[1:], int(sys.stdout.write_through), sys.flags.dont_write_bytecode, sorted(sys._xoptions))
print("done", file=sys.stderr)
if sys.argv[1:] == ["fail"]:
    raise ValueError("on purpose")
END
{ echo '#!/usr/bin/env python3' && cat prog.py; } >script && chmod +x script
{ echo "#!$python -B" && cat prog.py; } >'a script' && chmod +x 'a script'
{ echo '#!/usr/bin/env -S python3 -uB' && cat prog.py; } >dashed && chmod +x dashed
cp prog.py script.txt

# form 'WHAT IT PRINTS' CMD...: CMD runs as ever, with two lines of input, and its profile is there
form() {
	rm -f "$tmp/p"
	printf 'a\nb\n' >"$tmp/in"
	printf '%s\n' "$1" >"$tmp/want" && shift
	profile-run -o "$tmp/p" -- "$@" <"$tmp/in" >"$tmp/out" 2>"$tmp/err"
	result $? "$*" "$tmp/err"
	same 'prints what it prints' "$tmp/want" "$tmp/out"
	[ "$(cat "$tmp/err")" = 'done' ]
	result $? 'and says what it says' "$tmp/err"
	ok 'and its calls are counted' called spin 2
}
form "['x', 'y z'] 0 1 []" python3 -B prog.py x 'y z'
form "['-m', '-o'] 1 1 ['dev', 'utf8']" python3 -u -X dev -Xutf8 -B -W ignore -Wdefault prog.py -m -o
form "['-c', '--', ''] 1 1 ['dev']" "$python" -uBX dev -- prog.py -c -- ''
form "['x'] 0 1 []" python3 -B -m prog x
form "['x'] 1 1 []" python3 -uBm prog x
form "['x'] 0 1 []" python3 -B -mprog x
form "['x'] 0 1 []" python3 -B -c "$(cat prog.py)" x
form "['x'] 1 1 []" python3 -Buc "$(cat prog.py)" x
form "['x'] 0 1 []" python3 -B "-c$(cat prog.py)" x
PYTHONDONTWRITEBYTECODE='' && export PYTHONDONTWRITEBYTECODE
form "['x'] 0 0 []" ./script x
form "['x'] 0 1 []" './a script' x
form "['x'] 1 1 []" ./dashed x
form "['x'] 0 0 []" prog.py x
PATH=$tmp/run:$PATH
form "['x'] 0 0 []" script x
form "['x'] 0 0 []" python3 script.txt x
PYTHONDONTWRITEBYTECODE=1
ok 'nothing is left beside the profile' [ -z "$(find "$tmp" "$tmp/run" -maxdepth 1 -name '.profile-run*')" ]

echo 'int main(void) { return 0; }' >c.c
: >empty.py && printf '\177ELF\0\0#!python' >binary && chmod +x binary
refuses 1 'profile-python: ls: not a Python program; profile-run --with perf samples any' 'no Python' sh -c 'profile-run -o x ls 2>&1 | sed "s/^/sh: /" >&2; profile-run -o x ls 2>/dev/null'
for cmd in ./binary ./c.c "sh prog.py" "nosuch" "./nosuch" "python3.nosuch prog.py" "python3 nosuch.py" "python3" "python3 -u" "python3 -c" "python3 -m" "python3 -X" "python3 -" "python3 $tmp"; do
	# shellcheck disable=SC2086 # words
	status 1 "not: $cmd" profile-run -o "$tmp/x" $cmd </dev/null
	ok 'one message' one_message profile-python .
	ok 'no file' [ ! -e "$tmp/x" ]
done
status 0 'an empty script is one' profile-run -o "$tmp/x" python3 empty.py
status 1 'a name with a newline' profile-run -o "$tmp/x" "no
such"
ok 'is one message' one_message profile-python 'no.such: no such program'

# How it ends -------------------------------------------------------------------------------------

status 1 'a program that fails' profile-run -o "$tmp/p" python3 prog.py fail </dev/null
ok 'says why' grep -q 'ValueError: on purpose' "$tmp/err"
ok 'and leaves its profile' called 'builtins.print' 2
status 7 'sys.exit() is the status' profile-run -o "$tmp/p" python3 -c 'raise SystemExit(7)'
ok 'and leaves a profile' prof-parse -o "$tmp/records" "$tmp/p"
status 0 'without a number too' profile-run -o "$tmp/p" python3 -c 'raise SystemExit'
status 1 'and with a text' profile-run -o "$tmp/p" python3 -c 'import sys; sys.exit("so it ends")'
ok 'which is printed' grep -qx 'so it ends' "$tmp/err"
cp "$tmp/p" "$tmp/kept"
refuses 1 'no profile was written: the program ended with status 5' 'os._exit leaves no profile' profile-run -o "$tmp/p" python3 -c 'import os; os._exit(5)'
status 1 'nor does a kill' profile-run -o "$tmp/p" python3 -c 'import os; os.kill(os.getpid(), 9)'
ok 'as it says' grep -qx 'profile-run: no profile was written: the program ended with status 137' "$tmp/err"
same 'and the earlier one stays' "$tmp/kept" "$tmp/p"
(cd / && profile-run -o "$tmp/p" python3 -c 'import os; os.chdir("/tmp")')
result $? 'a program may go elsewhere'
(cd "$tmp" && profile-run -o here.prof python3 -c 'import os; os.chdir("/")' && [ -s here.prof ])
result $? 'and a name without a folder is that of the start'

# Measures ----------------------------------------------------------------------------------------

mkfifo "$tmp/pipe"
refuses 1 'pipe: cannot be written' 'a profile that would take the place of a device' profile-run -o "$tmp/pipe" python3 -c 1
refuses 1 'pipe: cannot be written' 'and a table' profile-run --with none --measure "$tmp/pipe" true
ok 'which stays' [ -p "$tmp/pipe" ]
status 3 'the status of a program that only runs' profile-run --with none --measure "$tmp/m" sh -c 'exit 3'
cut -f 1 "$tmp/m" | paste -sd ' ' >"$tmp/got"
echo 'key wall_s user_s sys_s cpu_pct peak_mem_kib exit' >"$tmp/want"
same 'the rows of the table' "$tmp/want" "$tmp/got"
ok 'and in it' grep -qx 'exit	3' "$tmp/m"
status 137 'one that is killed' profile-run --with none --measure "$tmp/m" sh -c 'kill -9 $$'
ok 'has a table' grep -qx 'exit	137' "$tmp/m"
cat >eat.py <<'END'
import time
block = bytearray(b"x") * (64 << 20)
end = time.process_time() + 0.3
while time.process_time() < end:
    pass
time.sleep(0.3)
END
status 0 'a program that eats' profile-run --with none --measure "$tmp/m" python3 eat.py
ok 'its figures' python3 -c '
import sys
rows = dict(line.rstrip("\n").split("\t") for line in open(sys.argv[1]))
v = {k: float(x) for k, x in rows.items() if k != "key"}
cpu = v["user_s"] + v["sys_s"]
assert v["wall_s"] >= 0.6, v
assert cpu >= 0.29, v
assert abs(v["cpu_pct"] - 100 * cpu / v["wall_s"]) < 0.1, v
assert 64 << 10 < v["peak_mem_kib"] < 1 << 20, v' "$tmp/m"
status 0 'both' profile-run --measure "$tmp/m" -o "$tmp/p" python3 -c 'len("")'
ok 'the profile' called 'builtins.len' 1
ok 'the measures' grep -qx 'exit	0' "$tmp/m"
printf '#!/bin/sh\nexit 1\n' >./time && chmod +x ./time
refuses 1 'GNU time' 'no GNU time' profile-run --measure "$tmp/m" --with none true
rm ./time

# YAPPI and perf ----------------------------------------------------------------------------------

for py in python3 /usr/bin/python3; do "$py" -c 'import yappi' 2>/dev/null && break; done
if "$py" -c 'import yappi' 2>/dev/null; then
	for clock in wall cpu; do
		for form in 'prog.py' '-m prog'; do
			# shellcheck disable=SC2086 # words
			echo a | profile-run --with yappi-$clock -o "$tmp/p" "$py" $form x >"$tmp/out" 2>"$tmp/err"
			result $? "yappi-$clock $form" "$tmp/err"
			ok 'runs as ever' grep -q "^\['x'\]" "$tmp/out"
			ok 'and counts' called 'spin' 1
		done
	done
	status 7 'YAPPI keeps the status' profile-run --with yappi-cpu -o "$tmp/p" "$py" -c 'raise SystemExit(7)'
else
	result 0 'YAPPI # SKIP it is not here'
fi
printf '#!/bin/sh\nexit 1\n' >python3.0 && chmod +x python3.0
refuses 1 'python3.0 has no yappi' 'no YAPPI' sh -c 'profile-run --with yappi-cpu -o x python3.0 prog.py 2>&1 | sed "s/^/sh: /" >&2; exit 1'

if perf record -q -e cpu-clock -F 997 -g -o "$tmp/try" true 2>/dev/null; then
	status 4 'perf' profile-run --with perf -o "$tmp/p" --measure "$tmp/m" sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done; exit 4'
	ok 'has samples' sh -c "prof-parse '$tmp/p' | prof-top --no-header | grep -q '^sh	'"
	ok 'and nothing but stacks with a number' sh -c "! grep -avE '^[^ ].* [0-9]+\$' '$tmp/p'"
else
	result 0 'perf # SKIP it may not sample here'
fi
cat >perf <<'END'
#!/bin/sh
[ "$1" = script ] && cat "$5" || exit 1
END
chmod +x perf
refuses 1 'perf may not sample here' 'no perf' profile-run --with perf -o "$tmp/x" true
sed -i 's/cat .*/cat "$6"/' perf
cat >samples <<'END'
my ;prog 
	ffffffff81000130 entry point(int, char**)
	    7f0bd4d4de72 [unknown]
	    7f0bd4d4de73 [unknown]

my ;prog 
	ffffffff81000130 entry point(int, char**)
	    7f0bd4d4de72 [unknown]

again 
	1 [unknown]
	2 f
	2 f
	3 [unknown]

libs 
	7f01 [unknown] (/usr/lib/a (1)/liblzma.so.5.4.1)
	7f02 [unknown] (/usr/lib/a (1)/liblzma.so.5.4.1)
	7f03 [unknown] (/tmp/gone;1 (deleted))
	7f04 operator()(int (*)(char)) const (/usr/bin/x)
	7f05 operator() (int) ([kernel.kallsyms])
	7f06 [unknown] ([nf_tables])
	7f07 [unknown] ([unknown])
	7f08 [unknown] (//anon)

perf-exec 
	ffffffff81000130 exec

alone 

END
prints 0 'samples are folded' perf-fold samples <<'END'
again;[unknown];f;f;[unknown] 1
alone 1
libs;[anon];[unknown];[nf_tables];operator() (int);operator()(int (*)(char)) const;[gone:1];[liblzma.so.5.4.1] 1
my :prog;[unknown];entry point(int, char**) 2
END
refuses 1 'perf' 'what perf cannot read' perf-fold nosuch
refuses 2 'one file' 'two files' perf-fold a b
rm perf

# Wrong use ---------------------------------------------------------------------------------------

refuses 2 'which program' 'no program' profile-run -o x
refuses 2 'where to' 'no file' profile-run true
refuses 2 'no profile to write' 'a file for nothing' profile-run --with none -o x true
refuses 2 "'gprof' is none of" 'an unknown profiler' profile-run --with gprof -o x true
refuses 2 "unknown option '--nosuch'" 'an unknown option' profile-run --nosuch true
for option in --with -o --measure; do refuses 2 'wants a value' "$option alone" profile-run $option; done
refuses 2 'is none of' 'profile-python: an unknown profiler' profile-python perf x true
refuses 2 'which program' 'profile-python: no program' profile-python cprofile x
refuses 1 'cannot be written' 'a folder that is not there' profile-run -o "$tmp/no/p" python3 -c 1
refuses 1 'cannot be written' 'a folder for a file' profile-run -o "$tmp" python3 -c 1
refuses 1 'cannot be written' 'measures into a folder that is not there' profile-run --with none --measure "$tmp/no/m" true
if mknod "$tmp/device" c 1 3 2>"$tmp/err"; then # /dev/null is not what a profile is moved to
	refuses 1 'device: cannot be written' 'a device for a profile' profile-run -o "$tmp/device" python3 -c 1
	refuses 1 'device: cannot be written' 'and for measures' profile-run --with none --measure "$tmp/device" true
	ok 'it is still there' [ -c "$tmp/device" ]
fi
status 127 'a program called as a function of the script' profile-run --with none -- room x
ok 'is not that one' [ ! -s "$tmp/out" ]
if localedef -i de_DE -f UTF-8 "$tmp/de_DE.UTF-8" 2>"$tmp/err"; then
	status 0 'where others write a comma' env LOCPATH="$tmp" LC_ALL=de_DE.UTF-8 profile-run --with none --measure "$tmp/de" true
	ok 'figures have a point' sh -c "grep -q '^wall_s	0\.' '$tmp/de' && ! grep -q , '$tmp/de'"
fi
cd "$top" || exit 1
introduces profile-run profile-python perf-fold
ln -s "$(command -v profile-run)" "$tmp/link" && PATH=/usr/bin:/bin
status 0 'a file with blanks, found by a link, with nothing in PATH' "$tmp/link" -o"$tmp/ a 'p' *" "$python" -c 1
ok 'is there' [ -s "$tmp/ a 'p' *" ]
done_testing
