#!/bin/sh
# Threads change nothing: stream, messages and status are the same for every -j and wherever the file
# is cut into chunks. GUARANTEES.md, 3; trace-parse(1), -j.
. t/lib.sh

cat >"$tmp/compare.py" <<'EOF'
"""compare.py CHUNKS OPTIONS FILE...: trace-parse with -j1 and with threads on chunks of these sizes"""
import os, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

chunks, options, files = sys.argv[1].split(","), sys.argv[2].split(), sys.argv[3:]


def run(path, *more, **env):
    r = subprocess.run(["trace-parse", "--index", "off", *options, *more, path], capture_output=True,
                       env={**os.environ, **env})
    return r.returncode, r.stderr, r.stdout


def compare(path):
    want = run(path, "-j1")
    return [f"{path}: chunks of {c}, -j{j}: {got[:2]} instead of {want[:2]}"
            for c in chunks for j in ("2", "5")
            for got in [run(path, "-j" + j, TRS_CHUNK=c)] if got != want]


with ThreadPoolExecutor(2) as pool:
    wrong = [line for lines in pool.map(compare, files) for line in lines]
print("\n".join(wrong))
sys.exit(1 if wrong else 0)
EOF

compare() {
	sentence=$1
	shift
	ok "$sentence" python3 "$tmp/compare.py" "$@"
}

set -- fixtures/*.json fixtures/quirks/*.json fixtures/bad/*
compare 'every fixture in chunks of 64, 500 and 3,000 bytes' 64,500,3000 '' "$@"
compare 'the same with --gpu' 200,1024 --gpu "$@"
compare 'the same with --args' 200,1024 --args "$@"
compare 'the same with --cat' 300 '--cat kernel,cpu_op' "$@"

# Wherever a cut falls.
sizes=$(seq -s , 1000 1100)
compare 'a cut at each byte of an event' "$sizes" '' fixtures/small-kineto.json
compare 'a cut at each byte, on one line' "$sizes" --args fixtures/small-oneline.json

# What looks like an event and is none: JSON in strings, objects in args, wherever chunks begin.
python3 - "$tmp/traps.json" <<'EOF'
import json, random, sys
random.seed(5)
trap = {"ph": "X", "cat": "kernel", "name": "trap", "ts": 1, "dur": 1}
events = []
for i in range(400):
    ev = {"ph": "X", "cat": random.choice(["kernel", "cpu_op"]), "name": f"k{i % 7}", "pid": 1, "tid": i % 3,
          "ts": 1000 + i, "dur": 2.5, "args": {"stream": i % 4, "correlation": i}}
    if i % 3 == 0:
        ev["args"]["list"] = [trap] * random.randrange(1, 9)
    if i % 5 == 0:
        ev["args"]["text"] = "},\n{" + json.dumps(trap)
    if i % 7 == 0:
        ev["ph"] = random.choice("BE")
    if i % 11 == 0:
        del ev["dur"]
    events.append(ev)
text = json.dumps({"traceEvents": events})
open(sys.argv[1], "w").write(text[:len(text) // 2] + "\x00garbage\"}]}" + text[len(text) // 2:])
EOF
compare 'traps, torn events, and bytes that are no JSON' 100,333,1000,4000,30000 '' "$tmp/traps.json"
compare 'the same with --args' 100,1000 --args "$tmp/traps.json"

# A table of strings that starts anew, and files of several chunks as they are in use.
bench/gen-trace --size 20M --layout oneline >"$tmp/big.json"
compare '20 MB in chunks of their real size' 4194304,100000 '' "$tmp/big.json"
python3 - "$tmp/names.json" <<'EOF'
import sys
with open(sys.argv[1], "w") as f:
    f.write('{"traceEvents": [')
    f.write(",\n".join('{"ph": "X", "cat": "kernel", "name": "%s%d", "tid": %d, "ts": %d, "dur": 1}' % ("n" * 90, i, i % 70, i)
                       for i in range(120000)))
    f.write("]}\n")
EOF
compare '120,000 names: tables that start anew' 4194304,1000000 '' "$tmp/names.json"

# Standard input that is a file, from where it stands.
trace-parse -j1 --index off -o "$tmp/want" "$tmp/big.json"
{ printf 'skipped'; cat "$tmp/big.json"; } >"$tmp/behind.json"
status 0 'a file on standard input that was read before' sh -c "{ dd bs=7 count=1 2>/dev/null >&2; trace-parse -j3; } <'$tmp/behind.json'"
same 'is read from there' "$tmp/want" "$tmp/out"

# Who takes no records any more ends all threads.
status 0 'a reader that goes away' sh -c "trace-parse -j4 '$tmp/big.json' | head -c 100000 >/dev/null"
refuses 2 "needs a whole number above zero" "no threads at all" trace-parse -j 0 "$tmp/big.json"

done_testing
