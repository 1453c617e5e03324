#!/bin/sh
# run-queue: programs that are killed or fail at every point, and many at once. No run is lost, none
# is handed out twice, and the plan is whole at any moment.
. t/lib.sh
mkdir "$tmp/d"
if grep -q __asan_init "$(command -v run-queue)" || ! cc -shared -fPIC -O1 -o "$tmp/fail.so" t/fail.c -ldl 2>"$tmp/err"; then
	# A library cannot come before that of the sanitizer.
	ok 'four workers share eleven runs' t/plan-workers.py share 4 11 "$tmp/d"
	ok 'eight workers share sixty runs' t/plan-workers.py share 8 60 "$tmp/d"
	ok 'and a third of the programs is killed' t/plan-workers.py random 4 30 "$tmp/d"
	ok 'four programs make a plan' t/plan-workers.py adders 4 20 "$tmp/d"
	done_testing
fi
ok 'each command killed before each call of the system' t/plan-workers.py kills kill "$tmp/d" "$tmp/fail.so"
ok 'the same without files that have no name' t/plan-workers.py kills kill-named "$tmp/d" "$tmp/fail.so"
ok 'ended by SIGTERM there: no litter' t/plan-workers.py kills term "$tmp/d" "$tmp/fail.so"
ok 'each call fails: all is done, or nothing' t/plan-workers.py faults "$tmp/d" "$tmp/fail.so"
ok 'four workers share eleven runs' t/plan-workers.py share 4 11 "$tmp/d"
ok 'eight workers share 300 runs' t/plan-workers.py share 8 300 "$tmp/d" "$tmp/fail.so"
ok 'and a third of the programs is killed' t/plan-workers.py random 4 60 "$tmp/d" "$tmp/fail.so"
ok 'four programs make a plan' t/plan-workers.py adders 4 60 "$tmp/d" "$tmp/fail.so"
done_testing
