#!/usr/bin/env python3
"""group-links.py - are the tables of group-by-op right, of streams that carry links?

  t/group-links.py check SEED    random streams, random keys and options, worked out again here
  t/group-links.py forge FILE    each number of STACKS, LINKS and their columns changed, with checks that
                                 are right: refused, or a whole table
  t/group-links.py join A B      >NEW, one stream: what A has, then what B has, all ids begun anew
  t/group-links.py text SEED     a random stream as trace-dump prints it

Every column is worked out from the text form alone, in whole numbers (TOOLS.md, Tables; group-by-op.1).
Prints what differs, and exits 1.
"""
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import flips  # noqa: E402

GPU = {"kernel", "gpu_memcpy", "gpu_memset"}
LABELS = ["op", "category", "library"]
PLAIN = ["name", "cat", "rank", "pid", "tid", "stream", "device"]
LINKED = ["cpu_op", "module", "annotation", "phase", "layer", "step", "launch", "stack"]
TOP = 2**63 - 1

# A stream ----------------------------------------------------------------------------------------

FRAMES = ["python:train.py(3): f", "python:a;b", "cpu_op:aten::mm", "runtime:cudaLaunchKernel", "python:", "python:two\nlines", "python:f 12"]
SOME = {"launch": ["cudaLaunchKernel", "cudaGraphLaunch", ""], "cpu_op": ["aten::mm", "aten::add", "cudaLaunchKernel"],
        "module": ["Block_3", "Block_4", ""], "annotation": ["step[DECODE bs=1]", "ProfilerStep#4"], "phase": ["prefill", "decode", "mixed", "unknown"],
        "step": ["0", "4"], "layer": ["0", "17"], "forward_op": ["aten::bmm"], "forward_module": ["Block_9"]}


def random_link(r):
    link = {key: r.choice(words) for key, words in SOME.items() if r.random() < 0.7}
    if r.random() < 0.7:
        link["stack"] = [r.choice(FRAMES) for _ in range(r.randrange(1, 5))]
    if r.random() < 0.7:
        link["launched"] = True
    if r.random() < 0.6:
        link["tracelens"] = True
    return link


def random_time(r, extreme):
    if extreme and r.random() < 0.1:
        return r.choice([-TOP - 1, TOP - 5, -TOP, 0, TOP]), r.choice([0, 1, 10, TOP - 3, TOP])
    return r.randrange(3000), r.choice([0, 1, r.randrange(40), r.randrange(400)])


def random_record(r, names, links, extreme):
    cat = r.choice(["kernel"] * 6 + ["gpu_memcpy", "gpu_memset", "cpu_op", None])
    start, dur = random_time(r, extreme)
    e = {"ph": r.choice("XXXXXXXi"), "name": r.choice(sorted(names)), "ts_ns": start, "rank": r.choice([0, 7, "5"]), "tid": r.randrange(3)}
    e.update({"cat": cat} if cat else {}, **({"dur_ns": dur} if e["ph"] == "X" else {}))
    if e["ph"] == "X" and cat in GPU:
        e.update({"stream": r.randrange(2)}, **names[e["name"]])
        if r.random() < 0.85:
            e["link"] = r.choice(links)
        if r.random() < 0.85:
            e["instance"] = r.choice([r.randrange(12), r.randrange(4), 2**64 - 1])
    return e


def random_text(seed, extreme=True):
    r = random.Random(seed)
    names = {"k%d" % i: dict(zip(LABELS, ["Op %d" % (i % 4), "Category", "library"])) if i < 8 else {} for i in range(10)}
    links = [random_link(r) for _ in range(60)] + [{}]
    yield {"meta": {"keys": LABELS + LINKED}}
    n = r.choice([3, 40, 800])
    for _ in range(n):
        yield random_record(r, names, links, extreme)
    yield {"end": {"status": 0, "events": n, "lost": 0}}


# The table ---------------------------------------------------------------------------------------

def folded(frame):
    """As trace-fold prints a frame: what would be taken for the end of it, or for a weight, is changed."""
    name = re.sub(r"[\t\n\r]", " ", frame.split(":", 1)[1].replace(";", ":"))
    return re.sub(r" (\+?[0-9]+(\.[0-9]*)?)\Z", r"_\1", name) if name.strip() else "(unnamed)"


def linked_text(key, e):
    if e.get("cat") not in GPU:
        return "(none)"
    link = e.get("link", {})
    if key in ("cpu_op", "launch", "stack") and not link.get("launched"):
        return "(unlinked)"
    if key == "stack":
        return ";".join(map(folded, link.get("stack", []))) or "(none)"
    return link.get(key, {"cpu_op": "(unnamed)", "launch": "(unnamed)", "phase": "unknown"}.get(key, "(none)"))


def text(key, e):
    if key in LINKED:
        return linked_text(key, e)
    if key in LABELS and e.get("cat") in GPU:
        return e.get(key, "unknown" if key == "library" else "Other")
    return str(e.get(key, "(none)"))


def union(spans):
    covered, end = 0, None
    for start, dur in sorted(spans):
        if end is None or start > end:
            end = start
        covered += max(0, start + dur - end)
        end = max(end, start + dur)
    return min(covered, 2**64 - 1)


def samples(streams, by, how, linked_only, cats):
    """-> {texts of the keys: (samples, records)}"""
    spans, records = {}, {}
    for i, stream in enumerate(streams):
        for at, e in enumerate(stream):
            gpu = e.get("cat") in GPU
            if e["ph"] != "X" or (e.get("cat", "(none)") not in cats if cats else not gpu):
                continue
            if linked_only and not (gpu and e.get("link", {}).get("tracelens")):
                continue
            key = tuple(text(k, e) for k in by)
            mine = (i, e["rank"], e["instance"]) if how == "union" and "instance" in e else (i, at)
            spans.setdefault(key, {}).setdefault(mine, []).append((e["ts_ns"], e["dur_ns"]))
            records[key] = records.get(key, 0) + 1
    return {key: (sorted(map(union, mine.values())), records[key]) for key, mine in spans.items()}


def ratio(a, b, scale=1):
    return (2 * scale * a + b) // (2 * b) if b else 0


def decimals(v, n):
    return "%d.%0*d" % (v // 10**n, n, v % 10**n)


def expected(groups, by, how, per):
    everything = sum(sum(d) for d, _ in groups.values())
    rows = []
    for key, (d, records) in sorted(groups.items(), key=lambda g: (-sum(g[1][0]), [t.encode() for t in g[0]])):
        row = dict(zip(by, key), count=len(d), **({"kernels": records} if how == "union" else {}))
        times = {"total_us": sum(d), "mean_us": ratio(sum(d), len(d)), "min_us": d[0], "max_us": d[-1]}
        times.update({"p%d_us" % p: d[(p * len(d) + 99) // 100 - 1] for p in (50, 95, 99)})
        row.update({name: decimals(ns, 3) for name, ns in times.items()}, pct=decimals(ratio(sum(d), everything, 10000), 2))
        if per:
            row.update(count_per=decimals(ratio(len(d), per, 10000), 4), total_us_per=decimals(ratio(sum(d), per), 3))
        rows.append(row)
    return rows


# Against group-by-op -----------------------------------------------------------------------------

def group_by_op(by, files, *options):
    out = subprocess.run(["group-by-op", "-q", "--format", "json", "--by", ",".join(by), *options, *files], stdout=subprocess.PIPE, check=True).stdout
    return json.loads(out, parse_float=str)


def load(folder, name, lines):
    """The lines as a stream: its path."""
    path = os.path.join(folder, name)
    lines = "".join(json.dumps(line) + "\n" for line in lines)
    subprocess.run(["trace-load", "-q", "-o", path], input=lines.encode(), check=True)
    return path


def total(rows):
    return sum(int(row["total_us"].replace(".", "")) for row in rows)


def compare(r, streams, files):
    """One random table: what is wrong with it."""
    by = r.sample(LINKED, r.randrange(1, 4)) + r.sample(LABELS + PLAIN, r.choice([0, 0, 1, 2]))
    r.shuffle(by)
    how, linked_only, per = r.choice(["total", "union", "union"]), r.random() < 0.3, r.choice([0, 0, 3, 7000])
    cats = r.choice([None, None, ["kernel"], ["cpu_op", "kernel", "(none)"]])
    options = ["--sum", how] + ["--linked-only"] * linked_only + (["--per", str(per)] if per else []) + (["--cat", ",".join(cats)] if cats else [])
    got = group_by_op(by, files, *options)
    want = expected(samples(streams, by, how, linked_only, cats), by, how, per)
    if [list(row) for row in got] != [list(row) for row in want] or got != want:
        at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
        return "--by %s %s: row %d: %s, expected %s" % (",".join(by), " ".join(options), at, got[at:at + 1], want[at:at + 1])
    if how == "total" and total(got) != total(group_by_op(["name"], files, *options)):
        return "--by %s %s: not the plain sum" % (",".join(by), " ".join(options))
    return None


def check(seed):
    r = random.Random(seed)
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for i in range(6):
            streams = [list(random_text(r.random(), extreme=r.random() < 0.5)) for _ in range(r.choice([1, 1, 2]))]
            files = [load(folder, "%d-%d.trs" % (i, k), s) for k, s in enumerate(streams)]
            records = [[e for e in s if "ph" in e] for s in streams]
            wrong += [w for w in (compare(r, records, files) for _ in range(8)) if w]
            if len(streams) == 2:   # the ids of the second begin anew, but its instances go on
                path = os.path.join(folder, "%d.trs" % i)
                with open(path, "wb") as f:
                    f.write(join(*files))
                wrong += ["joined: " + w for w in (compare(r, [join_ranks(records)], [path]) for _ in range(8)) if w]
    print("\n".join(wrong[:10]))
    sys.exit(bool(wrong))


# Two streams as one ------------------------------------------------------------------------------

STRINGS, TRACKS, LABELS_FRAME, META, KEYS, END = 1, 2, 5, 6, 7, 9
RESET = 2
ANEW = [(STRINGS, role) for role in range(4)] + [(TRACKS, 0), (flips.STACKS, 0), (flips.LINKS, 0)]


def reset(kind, sub):
    return flips.frame(kind, b"", sub, flags=RESET, rows=0)


def join(a, b):
    a, b = (open(path, "rb").read() for path in (a, b))
    out, events = flips.header(), 0
    for data in a, b:
        out += b"".join(reset(*what) for what in ANEW) if data is b else b""
        for at, kind, length in flips.frames(data):
            if kind == END:
                events += struct.unpack_from("<Q", data, at + 40)[0]
            elif not (data is b and kind == KEYS):
                out += data[at:at + 32 + length]
    return out + flips.frame(END, struct.pack("<IIQQQ", 0, 0, events, 0, 0))


def join_ranks(streams):
    """The records of a joined stream. Parts are numbered in the order of their ranks' first records in
    each stream; the last metadata of a part holds, so a part has the rank of the second stream."""
    ranks = [list(dict.fromkeys(e["rank"] for e in s)) for s in streams]
    of_part = {i: str(rank) for order in ranks for i, rank in enumerate(order)}
    named = {}
    for part in sorted(of_part):
        rank = of_part[part]
        n = sum(of_part[p] == rank for p in of_part if p < part)
        named[part] = rank if n == 0 else "%s#%d" % (rank, n + 1)
    return [dict(e, rank=named[ranks[i].index(e["rank"])]) for i, s in enumerate(streams) for e in s]


# Streams of a hostile writer ---------------------------------------------------------------------

def forged(data):
    """(what, stream)"""
    for begin, kind, length in flips.frames(data):
        sub, flags, part, rows = struct.unpack_from("<BBII", data, begin + 2)
        if kind not in (flips.STACKS, flips.LINKS, flips.COLUMN):
            continue
        for at in range(0, length, 4):
            for value in 0, 1, 2, 5, 2**31 - 1, 2**32 - 1:
                payload = bytearray(data[begin + 32:begin + 32 + length])
                struct.pack_into("<I", payload, at, value)
                frame = flips.frame(kind, bytes(payload), sub, flags, part, rows)
                yield "frame %d of %d: %d at %d" % (kind, begin, value, at), data[:begin] + frame + data[begin + 32 + length:]


def forge(path):
    wrong = []
    with open(path, "rb") as f:
        cases = list(forged(f.read()))
    for what, data in cases[::flips.every()]:
        status, out, err = flips.run(["group-by-op", "--by", "stack,phase,cpu_op", "--sum", "union"], data)
        if (status, bool(out)) not in ((0, True), (1, False)) or (status == 1) != (err.count(b"\n") == 1):
            wrong.append("%s: status %d, output %r, message %r" % (what, status, out[:100], err[:200]))
    print("\n".join(wrong[:10]))
    sys.exit(bool(wrong) or not cases)


def main():
    if sys.argv[1] == "check":
        check(int(sys.argv[2]))
    elif sys.argv[1] == "forge":
        forge(sys.argv[2])
    elif sys.argv[1] == "join":
        sys.stdout.buffer.write(join(*sys.argv[2:]))
    else:
        print("\n".join(map(json.dumps, random_text(int(sys.argv[2])))))


if __name__ == "__main__":
    main()
