#!/bin/sh
# shellcheck disable=SC2016,SC2086,SC2317 # single quotes are for the sh that is called; words of options
# Every write, rename, close and allocation that can fail, made to fail one by one: the right output
# or 1, and no litter (GUARANTEES.md; What we show, 6). Full disks, signals, inputs that change.
. t/lib.sh
grep -q __asan_init "$(command -v trace-parse)" && skip_all 'a library before that of the sanitizer'
cc -shared -fPIC -O1 -o "$tmp/fail.so" t/fail.c -ldl 2>"$tmp/err" || skip_all "t/fail.c does not build: $(head -n 1 "$tmp/err")"

python3 -c '
import json
long = [{"ph": "X", "cat": "kernel", "name": "k%d" % i + "n" * 600, "ts": i, "dur": 1, "args": {"stream": i % 9}} for i in range(600)]
short = [{"ph": "X", "cat": "cpu_op", "name": "op%d" % (i % 7), "ts": i, "dur": i, "tid": i % 3, "args": {"External id": i}} for i in range(40)]
print(json.dumps({"distributedInfo": {"rank": 1}, "traceEvents": short + long}))' >"$tmp/t.json"
gzip -c "$tmp/t.json" >"$tmp/t.gz"
zstd -qc "$tmp/t.json" >"$tmp/t.zst"
trace-parse "$tmp/t.json" | kernel-classify >"$tmp/t.trs"
trace-dump "$tmp/t.trs" >"$tmp/t.dump"
python3 -c '
import random
pick = random.Random(1)
print("[%s]" % ",\n".join("""{"ph":"X","cat":"kernel","name":"k%d","ts":%d,"dur":1,"args":{"x":"%0120x%s"}}""" % (i % 9, i, pick.getrandbits(480), "-" * 800) for i in range(9000)))' >"$tmp/long.json"
gzip -c "$tmp/long.json" >"$tmp/long.gz"
zstd -qc "$tmp/long.json" >"$tmp/long.zst"
printf 'A\tA\ta\tk1*\nB\tB\tb\tk2*&!k3*|k4\n' >"$tmp/rules"

# Prints what went wrong with a command, `>` or `-o` and standard input included, under each fault.
cat >"$tmp/faults.py" <<'EOF'
import os, shutil, sys

tmp, where, command, calls = sys.argv[1], sys.argv[2], sys.argv[3].split(), sys.argv[4].split()
source = command.pop()[1:] if command[-1].startswith("<") else "/dev/null"
HOW = {"write": "ENOSPC EIO EINTR EINTRs short shorts", "read": "EIO EINTR EINTRs short shorts", "close": "EIO EINTR", "open": "EACCES EMFILE",
       "malloc": "ENOMEM", "calloc": "ENOMEM", "realloc": "ENOMEM", "mmap": "ENOMEM", "rename": "EACCES", "fsync": "EIO", "fstat": "EIO", "dup2": "EIO", "lseek": "EIO",
       "pthread_create": "EAGAIN", "eventfd": "EMFILE"}
OPTIONAL = "pthread_create", "eventfd"              # what is done without, with the same output
HARMLESS = "EINTR", "EINTRs", "short", "shorts"     # of read and write: the right output, always
folder, mark = tmp + "/dir", tmp + "/mark"
to = folder + "/to.zst" if where == "-o.zst" else folder + "/to"
program = shutil.which(command[0])
wrong = []

def run(env):
    """-> status, what came out, messages, files left in the folder"""
    shutil.rmtree(folder, True)
    os.mkdir(folder)
    out, err = (os.open(tmp + "/" + f, os.O_RDWR | os.O_CREAT | os.O_TRUNC) for f in ("o", "e"))
    given = os.open(source, os.O_RDONLY)
    argv = command[:1] + (["-o", to] if where != ">" else []) + command[1:]
    pid = os.posix_spawn(program, argv, dict(os.environ, LC_ALL="C", TMPDIR=tmp + "/tmp", **env), file_actions=[
        (os.POSIX_SPAWN_DUP2, given, 0), (os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, err, 2)])
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    shown, said = os.pread(out, 1 << 24, 0), os.pread(err, 1 << 20, 0)
    for fd in given, out, err:
        os.close(fd)
    left = sorted(os.listdir(folder)) + os.listdir(tmp + "/tmp")
    if os.path.basename(to) in left:
        with open(to, "rb") as f:
            shown += f.read()
    return status, shown, said, left

os.makedirs(tmp + "/tmp", exist_ok=True)
status, want, said, _ = run({})
if status or not want:
    sys.exit("without a fault: status %d, %r" % (status, said))
faults = 0
for call in calls:
    for how in HOW[call].split():
        n = 0
        while not wrong or len(wrong) < 30:
            n += 1
            env = {"LD_PRELOAD": tmp + "/fail.so", "FAIL_CALL": call, "FAIL_AT": str(n), "FAIL_HOW": how, "FAIL_MARK": mark}
            status, shown, said, left = run(env)
            if not os.path.exists(mark):
                break
            os.unlink(mark)
            faults += 1
            case = "%s %d %s: status %d: " % (call, n, how, status)
            if how in HARMLESS and call in ("read", "write") and status or call in OPTIONAL and status:
                wrong.append(case + "expected 0: %r" % said[:200])
            elif status == 0 and shown != want:
                wrong.append(case + "%d bytes, expected %d" % (len(shown), len(want)))
            elif status not in (0, 1):
                wrong.append(case + repr(said[:200]))
            elif status == 1:
                if where != ">" and (left or shown):
                    wrong.append(case + "left behind: %s %r" % (left, shown[:60]))
                if left and where == ">":
                    wrong.append(case + "litter: %s" % left)
                if where == ">" and shown and call not in ("write", "close"):
                    if len(shown) >= len(want) or b'"end"' in shown:
                        wrong.append(case + "failed, but printed %d bytes of %d" % (len(shown), len(want)))
                if said.count(b"\n") != 1 or not said.startswith(command[0].encode() + b": "):
                    wrong.append(case + "no line of message: %r" % said[:200])
            if how in ("EINTRs", "shorts"):
                break       # once is all of them
print("\n".join(wrong))
print("%d faults" % faults)
sys.exit(bool(wrong) or faults == 0)
EOF
memory='malloc calloc realloc mmap'
files='read write open close rename fsync fstat dup2 lseek'
# faults WHERE COMMAND CALLS
faults() {
	ok "$2 ($1), failing: $3" python3 "$tmp/faults.py" "$tmp" "$1" "$2" "$3"
}
faults -o "trace-parse $tmp/t.json" "$files $memory"
faults '>' "trace-parse <$tmp/t.json" "$files"
faults -o "trace-parse $tmp/t.gz" "read malloc calloc"
faults -o "trace-parse $tmp/t.zst" "read malloc calloc"
faults -o "trace-parse -j2 $tmp/long.gz" "read malloc calloc mmap pthread_create eventfd"
faults -o "trace-parse -j2 $tmp/long.zst" "read malloc calloc mmap pthread_create eventfd"
faults -o "trace-parse --args fixtures/small-rocprofv3-late.json" "$files $memory"
faults -o.zst "trace-parse $tmp/t.json" "write close malloc"
faults -o "trace-load $tmp/t.dump" "$files"
head -n 30 "$tmp/t.dump" >"$tmp/s.dump"
tail -n 30 "$tmp/t.dump" | sed 's/"events":640/"events":58/' >>"$tmp/s.dump"
faults -o "trace-load $tmp/s.dump" "$memory"
faults -o "kernel-classify --rules $tmp/rules $tmp/t.trs" "$files $memory"
faults '>' "kernel-classify <$tmp/t.trs" "$files"
faults '>' "kernel-classify --explain $tmp/t.trs" "$files $memory"
faults -o "group-by-op --by name,stream $tmp/t.trs" "$files"
faults -o "group-by-op --by stream,cat $tmp/t.trs" "$memory"
faults '>' "group-by-op --format json <$tmp/t.trs" "$files"
faults -o "trace-dump $tmp/t.trs" "$files $memory"
faults '>' "trace-dump <$tmp/t.trs" "$files"
awk 'BEGIN { for (i = 0; i < 900; i++) print "main;step" i % 30 ";a rather long name of a frame" i, i }' >"$tmp/stacks"
faults -o "flame --html $tmp/stacks" "$files $memory"
faults '>' "flame <$tmp/stacks" "$files"
faults -o "trace-info $tmp/t.trs" "$files $memory"
faults -o "trace-fold $tmp/t.trs" "$files $memory"
faults -o "trace-emit --to speedscope --cat kernel,cpu_op $tmp/t.trs" "$files $memory"
cat >"$tmp/links" <<'EOF'
{"meta":{"keys":["stack"]}}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":1,"dur_ns":2,"tid":7,"rank":0,"link":{"annotation":"st\u0065p","layer":"1","stack":["python:f","cpu_op:aten::m\u006d","runtime:go"],"launched":true},"instance":3}
{"ph":"X","cat":"kernel","name":"relu","ts_ns":4,"dur_ns":5,"tid":7,"rank":1,"link":{"stack":["python:f","runtime:go"]}}
{"end":{"events":2}}
EOF
trace-load "$tmp/links" >"$tmp/links.trs"
faults -o "trace-load $tmp/links" "$memory"
faults '>' "trace-dump $tmp/links.trs" "$memory"
faults -o "trace-fold --leaf gpu --root-by rank --annotations $tmp/links.trs" "$files $memory"
faults -o "trace-link $tmp/t.trs" "$files $memory"
faults -o "trace-cut --time 100.. --name k1 $tmp/t.trs" "$files $memory"
faults '>' "trace-cut --min-dur 1 <$tmp/t.trs" "$files"
python3 -c '
import json, sys
trace = json.load(sys.stdin)
for e in trace["traceEvents"]:
    e["name"] = "_Z%d%si" % (len(e["name"]), e["name"])
print(json.dumps(trace))' <"$tmp/t.json" | trace-parse >"$tmp/u.trs"
faults -o "trace-intern -q --demangle --short --shift 1=5 $tmp/t.trs $tmp/u.trs" "$files $memory"
faults '>' "trace-intern <$tmp/t.trs" "$files"

# Disks and memory that are too small ------------------------------------------------------------

mkdir -p "$tmp/dir"
echo old >"$tmp/old"
for p in "trace-parse $tmp/t.json" "trace-load $tmp/t.dump" "kernel-classify $tmp/t.trs" "trace-dump $tmp/t.trs" "trace-cut $tmp/t.trs" "trace-intern $tmp/t.trs" "group-by-op --by name $tmp/t.trs"; do
	cp "$tmp/old" "$tmp/dir/to"
	sh -c 'ulimit -f 64; exec "$@"' - $p -o "$tmp/dir/to" 2>"$tmp/err"
	code=$?
	(trap '' XFSZ; ulimit -f 64; exec $p -o "$tmp/dir/to") 2>"$tmp/err"
	echo "$code $?, expected 153 (SIGXFSZ) and 1" >"$tmp/why"
	[ "$(cat "$tmp/why")" = '153 1, expected 153 (SIGXFSZ) and 1' ] && one_message "${p%% *}" 'File too large'
	result $? "${p%% *}: a limit of the file size" "$tmp/why" "$tmp/err"
	same "${p%% *}: the old file stays" "$tmp/old" "$tmp/dir/to"
	rm "$tmp/dir/to"
	find "$tmp/dir" -mindepth 1 >"$tmp/got"
	same "${p%% *}: no litter" /dev/null "$tmp/got"
done
for p in trace-dump trace-cut trace-intern; do
	status 1 "$p without a folder for temporary files" env TMPDIR="$tmp/none" $p <"$tmp/t.trs"
	one_message $p "$tmp/none"
	result $? 'says so' "$tmp/err"
	(trap '' XFSZ; ulimit -f 64; exec $p <"$tmp/t.trs" >"$tmp/out") 2>"$tmp/err"
	[ $? = 1 ] && [ ! -s "$tmp/out" ] && one_message $p 'temporary file: File too large'
	result $? "$p with too little room for them: no output, and says so" "$tmp/err"
done
status 1 'a message without room for it' sh -c 'exec trace-parse "$1" 2>/dev/full' - "$tmp/none"

# Signals ----------------------------------------------------------------------------------------

# killed SIGNAL PROGRAM INPUT: exits as by the signal, with a clean folder
killed() {
	python3 - "$@" "$tmp/dir" <<'EOF'
import os, signal, subprocess, sys, time
name, program, given, folder = sys.argv[1:]
run = subprocess.Popen([program, "-o", folder + "/to"], stdin=subprocess.PIPE, restore_signals=True,
                       preexec_fn=lambda: [signal.signal(s, signal.SIG_DFL) for s in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)])
with open(given, "rb") as f:
    run.stdin.write(f.read()[:300000])
run.stdin.flush()
for _ in range(1000):
    if os.listdir(folder):
        break
    time.sleep(0.01)
before = os.listdir(folder)
number = getattr(signal, "SIG" + name)
run.send_signal(number)
status = run.wait()
left = os.listdir(folder)
print("before %s, after %s, status %d" % (before, left, status))
sys.exit(not (before and not left and status == -number))
EOF
}
for signal in TERM HUP INT QUIT; do
	ok "trace-parse -o that is ended by SIG$signal leaves no litter" killed $signal trace-parse "$tmp/t.json"
done
for z in gz zst; do
	ok "trace-parse -o of $z that is ended by SIGTERM leaves no litter" killed TERM trace-parse "$tmp/long.$z"
done
for p in kernel-classify trace-load; do
	case $p in trace-load) in=$tmp/t.dump ;; *) in=$tmp/t.trs ;; esac
	ok "$p -o that is ended by SIGTERM leaves no litter" killed TERM $p "$in"
done

# Inputs that change while they are read ---------------------------------------------------------

changing='trace-parse trace-load kernel-classify group-by-op trace-dump trace-info trace-cut trace-intern'

# changed HOW COMMAND: all programs read a file, wait in their second read until COMMAND has changed it,
# and fail
changed() {
	for p in $changing; do
		case $p in trace-parse) in=$tmp/t.json ;; trace-load) in=$tmp/t.dump ;; *) in=$tmp/t.trs ;; esac
		cp "$in" "$tmp/in.$p"
		rm -f "$tmp/mark.$p" "$tmp/status.$p"
		{
			FAIL_CALL=read FAIL_AT=2 FAIL_HOW=wait FAIL_MARK="$tmp/mark.$p" LD_PRELOAD="$tmp/fail.so" $p "$tmp/in.$p" >"$tmp/out.$p" 2>"$tmp/err.$p"
			echo $? >"$tmp/status.$p"
		} &
	done
	for p in $changing; do
		until [ -e "$tmp/mark.$p" ] || [ -e "$tmp/status.$p" ]; do sleep 0.02; done
		$2 "$tmp/in.$p"
		rm -f "$tmp/mark.$p"
	done
	wait
	for p in $changing; do
		echo "exits $(cat "$tmp/status.$p"), expected 1" >"$tmp/why"
		grep -q '^exits 1,' "$tmp/why" && [ -s "$tmp/err.$p" ] && ! grep -aq -e '"end"' -e '^op' -e '^key' "$tmp/out.$p"
		result $? "$p: a file that $1 while it is read" "$tmp/why" "$tmp/err.$p"
	done
}
changed grows 'truncate -s +1'
changed shrinks 'truncate -s 280000'
changed 'is touched' touch

# Progress of a file: bytes, share, rate, time left
SHELL=/bin/sh script -qec "FAIL_CALL=read FAIL_AT=3 FAIL_HOW=slow FAIL_MARK=$tmp/mark LD_PRELOAD=$tmp/fail.so trace-parse $tmp/t.json >$tmp/out" /dev/null </dev/null >"$tmp/err"
grep -aEq 'trace-parse: .*t\.json: [0-9.]+ MB of [0-9.]+ MB +[0-9]+ % +[0-9.]+ MB/s +[0-9]+ s left' "$tmp/err"
result $? 'progress of a file: bytes, %, rate, time left' "$tmp/err"
done_testing
