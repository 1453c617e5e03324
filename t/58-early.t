#!/bin/sh
# shellcheck disable=SC2086,SC2317 # words of options; functions that eval calls
# A reader that stops early ends the whole pipe at once: a sink that has all it wants by the table of
# contents, a filter that nobody reads any longer, also while its own input says nothing. TOOLS.md
# (Common to all), FORMAT.md (CONTENTS).
. t/lib.sh

python3 -c '
print("[" + ",\n".join(["{\"ph\":\"X\",\"cat\":\"%s\",\"name\":\"n%d\",\"ts\":%d,\"dur\":%d,\"tid\":%d}"
    % ("kernel" if i % 9 == 0 else "gpu_memcpy" if i % 99 == 7 else "python_function", i % 99, i, i % 50, i % 3) for i in range(30000)]) + "]")' >"$tmp/t.json"
trace-parse "$tmp/t.json" >"$tmp/t.trs"
kernel-classify "$tmp/t.trs" | group-by-op >"$tmp/table"

# make WHAT [OF]: $tmp/WHAT.trs of $tmp/t.trs or OF
make() { t/flips.py make "$1" "${2:-$tmp/t.trs}" >"$tmp/$1.trs"; }
# held FILE: its bytes, and then nothing for as long as somebody reads; fails if that is too long
held() {
	timeout 20 tail -c +1 -f "$1"
	[ $? != 124 ]
}

# A sink that has all it wants -------------------------------------------------------------------

make announced
make announced-gpu
head -c "$(stat -c %s "$tmp/announced-gpu.trs")" "$tmp/announced.trs" | cmp - "$tmp/announced-gpu.trs" && [ "$(stat -c %s "$tmp/announced.trs")" -gt 900000 ]
result $? 'a stream as from an index, and its beginning'
ok 'is one by FORMAT.md' t/decode.py "$tmp/announced.trs"
for source in "held $tmp/announced-gpu.trs" "cat $tmp/announced.trs; true"; do
	pipe '0 0 0' "$source" "$source" kernel-classify group-by-op
	same 'has the right table' "$tmp/table" "$tmp/out"
	same 'silently' /dev/null "$tmp/err"
	pipe '0 0 0 0' 'and through two filters' "$source" kernel-classify kernel-classify group-by-op
	same 'has the right table' "$tmp/table" "$tmp/out"
	pipe '0 0' 'and without one' "$source" 'group-by-op --by name --no-header | wc -l'
	[ "$(cat "$tmp/out")" = 12 ]
	result $? 'has all names' "$tmp/out"
done
pipe '0 0 0' 'a key that is missing is still said' "held $tmp/announced-gpu.trs" kernel-classify 'group-by-op --by op,name | wc -l'
pipe '0 2' 'also without a filter' "held $tmp/announced-gpu.trs" group-by-op
one_message group-by-op "key 'op' needs kernel-classify"
result $? 'which it names' "$tmp/err"
pipe '0 0 0' '--explain' "held $tmp/announced-gpu.trs" 'kernel-classify --explain' 'wc -l'

make announced-kinds
make announced-kinds-gpu
for source in "held $tmp/announced-kinds-gpu.trs" "cat $tmp/announced-kinds.trs; true"; do
	pipe '0 0 0' "kinds of later versions: $source" "$source" kernel-classify group-by-op
	same 'has the right table' "$tmp/table" "$tmp/out"
done
status 0 'and to the end mark' trace-info "$tmp/announced-kinds.trs"

grep -v -e kernel -e memcpy "$tmp/t.json" | sed '1s/^/[/' | trace-parse -q --partial-ok >"$tmp/host.trs"
make announced-gpu "$tmp/host.trs"
group-by-op -q --by name "$tmp/host.trs" >"$tmp/none"
[ "$(wc -l <"$tmp/none")" = 1 ]
result $? 'a stream without GPU activity' "$tmp/none"
pipe '0 0 0' 'which ends where other records begin' "held $tmp/announced-gpu.trs" kernel-classify 'group-by-op --by name'
same 'has an empty table' "$tmp/none" "$tmp/out"
grep -q 'no GPU activity; categories seen: python_function 2' "$tmp/err"
result $? 'and a note of what there is' "$tmp/err"

trace-parse -q fixtures/small-kineto.json fixtures/small-amd.json "$tmp/t.json" >"$tmp/parts.trs"
make announced-gpu "$tmp/parts.trs"
kernel-classify "$tmp/parts.trs" | group-by-op --by op,rank >"$tmp/want"
pipe '0 0 0' 'several parts' "held $tmp/announced-gpu.trs" kernel-classify 'group-by-op --by op,rank'
same 'have the right table' "$tmp/want" "$tmp/out"

# Status 3 ---------------------------------------------------------------------------------------

head -c -9 "$tmp/t.json" | trace-parse -q >"$tmp/cut.trs" 2>/dev/null
make announced-gpu "$tmp/cut.trs"
H="held $tmp/announced-gpu.trs"
kernel-classify -q "$tmp/cut.trs" | group-by-op >"$tmp/want"
pipe '0 3 3' 'status 3 comes from the table of contents' "$H" kernel-classify group-by-op
same 'with the table' "$tmp/want" "$tmp/out"
pipe '0 0 0' '--partial-ok on the filter' "$H" 'kernel-classify --partial-ok' group-by-op
pipe '0 3 0' '--partial-ok on the sink' "$H" kernel-classify 'group-by-op --partial-ok'
pipe '0 1 1' '--strict on the filter' "$H" 'kernel-classify --strict' group-by-op
same 'no table' /dev/null "$tmp/out"
pipe '0 3 1' '--strict on the sink' "$H" kernel-classify 'group-by-op --strict'
same 'no table' /dev/null "$tmp/out"
make announced "$tmp/cut.trs"
for p in kernel-classify 'group-by-op --by name'; do
	pipe '3 0' "$p FILE" "$p $tmp/announced.trs" 'head -c 100 >/dev/null'
	one_message "${p%% *}" 'incomplete: 1 events were lost'
	result $? 'says so' "$tmp/err"
done
make announced

# To the end mark --------------------------------------------------------------------------------

head -c -8 "$tmp/announced.trs" >"$tmp/no-end.trs"
for p in trace-dump trace-info 'group-by-op --by name --cat python_function'; do
	status 0 "${p%% *} reads the whole stream" $p "$tmp/announced.trs"
	status 1 "${p%% *} wants the end mark" $p "$tmp/no-end.trs"
	one_message "${p%% *}" 'without its end mark'
	result $? 'and says so' "$tmp/err"
done
make announced-again
head -c -8 "$tmp/announced-again.trs" >"$tmp/no-end.trs"
pipe '0 0' 'counts whose words are reset are no longer believed' "kernel-classify $tmp/announced-again.trs" group-by-op
same 'the right table' "$tmp/table" "$tmp/out"
pipe '1 1' 'so the end mark is wanted' "kernel-classify $tmp/no-end.trs" group-by-op
make announced-less
refuses 1 'more records than the table of contents announced' 'more records than are announced' group-by-op --by name --cat kernel,gpu_memcpy "$tmp/announced-less.trs"

# A filter that nobody reads ---------------------------------------------------------------------

: >"$tmp/empty"
head -c 40 "$tmp/t.trs" >"$tmp/in-head"
head -c 400000 "$tmp/t.trs" >"$tmp/in-payload"
for z in zstd gzip; do
	head -c 400000 "$tmp/t.trs" | $z -qc >"$tmp/in-$z"
done
for f in empty in-head in-payload in-zstd in-gzip; do
	for reader in true 'head -c 10 >/dev/null' 'head -c 300000 >/dev/null'; do
		case "$f $reader" in empty*head* | in-[hgz]*head*3*) continue ;; esac # who waits himself
		pipe '0 141 0' "an input that stops: $f | kernel-classify | $reader" "held $tmp/$f" kernel-classify "$reader"
		same 'silently' /dev/null "$tmp/err"
	done
	pipe '0 141 141 0' 'and two filters' "held $tmp/$f" kernel-classify kernel-classify true
	pipe '0 141 0' "$f | trace-link, which has not begun to write" "held $tmp/$f" trace-link true
	same 'silently' /dev/null "$tmp/err"
done
for reader in 'head -c 100' 'head -c 300000'; do
	pipe '141 0' "kernel-classify <FILE | $reader" "kernel-classify <$tmp/t.trs" "$reader >/dev/null"
	pipe '0 0' 'with a table of contents' "kernel-classify <$tmp/announced.trs" "$reader >/dev/null"
	same 'silently' /dev/null "$tmp/err"
done
ok 'a socket that is closed' timeout 20 python3 -c '
import socket, subprocess, sys
ours, out = socket.socketpair()
run = subprocess.Popen(["kernel-classify"], stdin=subprocess.PIPE, stdout=out)
out.close()
run.stdin.write(open(sys.argv[1], "rb").read())
run.stdin.flush()
ours.recv(1000)
ours.close()
sys.exit(run.wait() != 141)' "$tmp/in-head"
done_testing
