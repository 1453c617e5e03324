#!/usr/bin/env python3
"""fold-oracle.py - folded stacks, told by Python's json and a sweep over time

  t/fold-oracle.py [OPTION]... FILE...    prints what trace-parse FILE... | trace-fold prints
  t/fold-oracle.py --sum [OPTION]... FILE...
                                          what the lines add up to: the union of each thread's events

Reads Chrome JSON, plain or gzip. For each thread it goes through the distinct times at which
something starts or ends; whatever lies between two of them belongs to the event that opened last of
those that are open (DEFINITIONS 4). Options are those of trace-fold.
"""
import argparse
import gzip
import json
import re
import sys
from decimal import Decimal

from oracle import ns

KINDS = {"annotation": ["user_annotation"], "python": ["python_function"], "cpu_op": ["cpu_op", "Operator"],
         "runtime": ["cuda_runtime", "cuda_driver", "hip_runtime", "hsa_api", "mtia_runtime", "xpu_runtime", "xpu_driver",
                     "privateuse1_runtime", "privateuse1_driver", "Runtime"],
         "kernel": ["kernel", "Kernel", "mtia_ccp_events"], "memcpy": ["gpu_memcpy", "Memcpy"], "memset": ["gpu_memset", "Memset"]}
RANK = {cat: i for i, cats in enumerate(KINDS.values()) for cat in cats}
RANK["gpu_user_annotation"] = 0
GPU = {cat for kind in ("kernel", "memcpy", "memset") for cat in KINDS[kind]}
BIDI = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029}
LAST = 2**63 - 1


def frame(name):
    shown = []
    for c in name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") if is_clean(name) else raw(name):
        if c in "\t\n\r":
            c = " "
        elif c == ";":
            c = ":"
        elif ord(c) < 32 or 127 <= ord(c) < 160 or ord(c) in BIDI:
            c = "".join("\\x%02x" % b for b in c.encode())
        shown.append(c)
    text = "".join(shown)
    return re.sub(r" (\+?[0-9]+(\.[0-9]*)?)\Z", r"_\1", text) if text.strip(" ") else "(unnamed)"


def is_clean(name):     # no surrogates that the JSON text itself wrote as \\ud800
    return not any(0xD800 <= ord(c) < 0xDC80 or 0xDCFF < ord(c) < 0xE000 for c in name)


def raw(name):
    return name.encode("utf-8", "surrogatepass").decode("utf-8", "backslashreplace")


def word(value):
    return None if value is None else str(value)


class Event:
    __slots__ = "key", "start", "end", "name", "bytes", "parent", "self_ns"

    def stack(self):
        e = self
        while e:
            yield e.name
            e = e.parent


def load(path):
    data = open(path, "rb").read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    doc = json.loads(data.decode("utf-8-sig", "surrogateescape"), parse_float=Decimal, strict=False)
    return doc if isinstance(doc, dict) else {"traceEvents": doc}


def threads_of(doc, part, wanted):
    threads = {}
    for number, ev in enumerate(doc["traceEvents"]):
        if not isinstance(ev, dict) or ev.get("ph") != "X" or (ev.get("cat") or "(none)") not in wanted:
            continue
        start, dur = ns(ev.get("ts")), ns(ev.get("dur"))
        if start is None or dur is None or dur < 0:
            continue
        args = ev.get("args") if isinstance(ev.get("args"), dict) else {}
        e = Event()
        e.start, e.end, e.parent, e.self_ns = start, min(start + dur, LAST), None, 0
        e.key = (start, -e.end, RANK.get(ev.get("cat"), 99), number)
        e.name, e.bytes = frame(ev.get("name") or ""), int(args.get("bytes") or 0)
        on_gpu = ev.get("cat") in GPU
        thread = (part, word(ev.get("pid")), word(ev.get("tid")), on_gpu,
                  word(args.get("device")) if on_gpu else None, word(args.get("stream")) if on_gpu else None)
        threads.setdefault(thread, []).append(e)
    return threads


def sweep(events):
    """parents and self times"""
    events.sort(key=lambda e: e.key)
    times = sorted({t for e in events for t in (e.start, e.end)})
    active, at = [], 0
    for now, then in zip(times, times[1:] + [None]):
        active = [e for e in active if e.end > now]
        while at < len(events) and events[at].start == now:
            e = events[at]
            at += 1
            e.parent = max(active, key=lambda a: a.key, default=None)
            if e.end > now:
                active.append(e)
        if active:
            max(active, key=lambda a: a.key).self_ns += then - now


def union(events):
    total, until = 0, None
    for start, end in sorted((e.start, e.end) for e in events):
        if until is None or start > until:
            until = start
        if end > until:
            total, until = total + end - until, end
    return total


def ranks(docs):
    seen, names = {}, []
    for part, doc in enumerate(docs):
        rank = str(doc.get("distributedInfo", {}).get("rank", part))
        seen[rank] = seen.get(rank, 0) + 1
        names.append(rank if seen[rank] == 1 else "%s#%d" % (rank, seen[rank]))
    return names


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--sum", action="store_true")
    p.add_argument("--weight", default="dur")
    p.add_argument("--cat")
    p.add_argument("--root-by", default="none")
    p.add_argument("--annotations", action="store_true")
    p.add_argument("--reverse", action="store_true")
    p.add_argument("files", nargs="+")
    opt = p.parse_args()
    kinds = ("memcpy", "memset") if opt.weight == "bytes" else ("cpu_op", "python", "runtime") + opt.annotations * ("annotation",)
    wanted = set(opt.cat.split(",")) if opt.cat else {cat for kind in kinds for cat in KINDS[kind]}
    docs = [load(path) for path in opt.files]
    names, stacks, total = ranks(docs), {}, 0
    for part, doc in enumerate(docs):
        for thread, events in threads_of(doc, part, wanted).items():
            sweep(events)
            total += union(events)
            of = {"rank": names[part], "pid": thread[1], "tid": thread[2]}.get(opt.root_by, "")
            root = [] if opt.root_by == "none" else [frame("%s=%s" % (opt.root_by, "(none)" if of is None else of))]
            for e in events:
                stack = list(e.stack()) + root
                stack = ";".join(stack if opt.reverse else stack[::-1])
                stacks[stack] = stacks.get(stack, 0) + {"dur": e.self_ns, "count": 1, "bytes": e.bytes}[opt.weight]
    lines = ["%s %d\n" % s for s in stacks.items() if s[1]]
    out = sys.stdout.buffer
    out.writelines([b"%d\n" % total] if opt.sum else sorted(line.encode() for line in lines))


if __name__ == "__main__":
    main()
