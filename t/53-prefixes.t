#!/bin/sh
# Every prefix of small traces, and bits of each byte flipped, through trace-parse: a status that
# tells the truth, a message, an end mark that agrees, never a signal. GUARANTEES.md, 1.
. t/lib.sh

cat >"$tmp/kineto.json" <<'EOF'
{
  "schemaVersion": 1,
  "deviceProperties": [{"id": 0, "name": "NVIDIA H100", "warpSize": 32}],
  "distributedInfo": {"rank": 3, "world_size": 8},
  "traceEvents": [
  {
    "ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 12, "tid": 12,
    "ts": 5546.250, "dur": 9.5,
    "args": {
      "External id": 5, "Concrete Inputs": ["", "[1, 2]"]
    }
  },
  {
    "ph": "X", "cat": "kernel", "name": "void gemm<\"a\\b\", \u00e9>()", "pid": 0, "tid": 7,
    "ts": 5550.001, "dur": 123.456,
    "args": {
      "device": 0, "stream": 7, "correlation": 42, "grid": [1, 2, 3]
    }
  },
  {
    "ph": "s", "id": 42, "pid": 12, "tid": 12, "ts": 5546.3,
    "cat": "ac2g", "name": "ac2g"
  },
  {
    "name": "process_name", "ph": "M", "ts": 0, "pid": 12, "tid": 0,
    "args": {
      "name": "python"
    }
  },
  {
    "ph": "B", "cat": "x", "name": "b", "pid": 1, "tid": "t", "ts": 1
  },
  {
    "ph": "E", "pid": 1, "tid": "t", "ts": 4
  }
  ],
  "traceName": "t.json",
  "displayTimeUnit": "ms", "baseTimeNanoseconds": 1727743122000000000
}
EOF
printf '%s' '{"rocprofiler-sdk-tool":[{"metadata":{"pid":7},"agents":[{"id":{"handle":9},"type":2,"node_id":1,"name":"gfx942"}],' \
	'"strings":{"buffer_records":[{"kind":"HIP_RUNTIME_API","operations":["none","hipLaunchKernel"]}]},' \
	'"kernel_symbols":[{"kernel_id":1,"formatted_kernel_name":"ka"},{"kernel_id":2,"formatted_kernel_name":"kb"}],"buffer_records":{' \
	'"kernel_dispatch":[{"thread_id":7,"correlation_id":{"internal":1,"external":0},"start_timestamp":1000,"end_timestamp":1500,"dispatch_info":{"agent_id":{"handle":9},"queue_id":{"handle":16},"kernel_id":1,"dispatch_id":1}},' \
	'{"thread_id":7,"correlation_id":{"internal":2,"external":0},"start_timestamp":2000,"end_timestamp":2750,"dispatch_info":{"agent_id":{"handle":9},"queue_id":{"handle":16},"kernel_id":2,"dispatch_id":2}}],' \
	'"hip_api":[{"kind":5,"operation":1,"thread_id":7,"correlation_id":{"internal":1,"external":0},"start_timestamp":900,"end_timestamp":950}],' \
	'"memory_copy":[]}}]}' >"$tmp/rocprofv3.json"
printf '[%s,\n%s,\n%s]\n' '{"ph":"X","cat":"kernel","name":"a","ts":1,"dur":1}' '{"ph":"X","cat":"kernel","name":"b","ts":"2.5","dur":1e1}' \
	'{"ph":"X","cat":"gpu_memcpy","name":"c","ts":3,"dur":1,"args":{"bytes":9}}' >"$tmp/array.json"

cat >"$tmp/prefixes.py" <<'EOF'
"""prefixes.py prefixes|flips FILE KIND"""
import gzip, re, resource, struct, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
sys.path.insert(0, "t")
from flips import END, every, frames, run

what, path, kind = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_CPU, (100, 100))     # of each program: for one that hangs
with open(path, "rb") as f:
    trace = f.read()
plain = trace
if kind == "gzip":
    trace = gzip.compress(plain, mtime=0)
if kind == "zstd":
    trace = subprocess.run(["zstd", "-qc", "--check"], input=plain, stdout=subprocess.PIPE).stdout
_, whole, _ = run(["trace-parse", "--args"], trace)

def events_end():
    """Where each event ends, in a trace without braces in its strings"""
    depth, ends = 0, []
    for at in range(plain.index(b"traceEvents") if b"traceEvents" in plain else 0, len(plain)):
        depth += {b"{": 1, b"[": 1, b"}": -1, b"]": -1}.get(plain[at:at + 1], 0)
        if plain[at:at + 1] == b"}" and depth == 1:
            ends.append(at + 1)
    return ends

def end_mark(out):
    """-> status, events, lost; or None"""
    marks = [struct.unpack_from("<2I2Q", out, at + 32) for at, kind, length in frames(out) if kind == END and at + 32 + length == len(out)]
    return (marks[0][0], marks[0][2], marks[0][3]) if marks else None

def judge(data, n):
    """What is wrong with what trace-parse makes of data; n is its length if it is a prefix."""
    status, out, err = run(["trace-parse", "--args"], data)
    end, lines = end_mark(out), err.splitlines()
    if status not in (0, 1, 3):
        return "status %d, %r" % (status, err[:200])
    if (end[0] if end else 1) != status:
        return "status %d, end mark %r" % (status, end)
    if status and (len(lines) != 1 or not lines[0].startswith(b"trace-parse: standard input: ")):
        return "status %d, messages %r" % (status, err[:300])
    said = status == 3 and re.search(rb": byte (\d+): .*; (\d+) events kept, (\d+) lost$", lines[0])
    if status == 3 and not (said and int(said[3]) == end[2] and int(said[2]) > 0):
        return "status 3, %r, end mark %r" % (lines[0], end)
    if kind in ("gzip", "zstd") and status == 0 and out != whole:
        return "status 0 with another result"
    if n is None:
        return None
    if status == 0 and n < len(trace.rstrip()) and not (kind == "array" and data.rstrip(b", \n")[-1:] in (b"}", b"[")):
        return "status 0"
    if kind in ("kineto", "array"):
        kept = sum(e <= n for e in events_end())
        kept -= kind == "kineto" and kept == 6     # B and E are one
        if end and (end[1] != kept or status == 1):
            return "%d events, expected %d" % (end[1], kept)
        if not end and kept:
            return "no event of %d: %r" % (kept, lines)
    return None

def cases():
    if what == "prefixes":
        return [("the first %d bytes" % n, trace[:n], n) for n in range(0, len(trace), every())]
    bits = 4 if kind in ("gzip", "zstd") else 2         # of each byte, other ones each time
    flips = []
    for bit in [b for b in range(8 * len(trace)) if b % (8 // bits) == b // 8 % (8 // bits)][::every()]:
        damaged = bytearray(trace)
        damaged[bit // 8] ^= 1 << bit % 8
        flips.append(("byte %d, bit %d flipped" % (bit // 8, bit % 8), bytes(damaged), None))
    return flips

all_cases = cases()
with ThreadPoolExecutor(2) as pool:
    found = list(pool.map(lambda case: judge(case[1], case[2]), all_cases))
wrong = ["%s: %s" % (case[0], bad) for case, bad in zip(all_cases, found) if bad]
print("\n".join(wrong[:30]))
print("%d of %d went wrong" % (len(wrong), len(all_cases)))
sys.exit(bool(wrong))
EOF
for what in prefixes flips; do
	for kind in kineto rocprofv3 array; do
		ok "$kind: $what" python3 "$tmp/prefixes.py" $what "$tmp/$kind.json" $kind
	done
	for kind in gzip zstd; do
		ok "$kind: $what" python3 "$tmp/prefixes.py" $what "$tmp/array.json" $kind
	done
done
done_testing
