#!/usr/bin/env python3
"""linked.py - what trace-link found, from the lines of trace-dump, as t/link_oracle.py links prints it

  trace-parse FILE | trace-link | trace-dump | t/linked.py
  trace-parse FILE | trace-link | trace-dump | t/linked.py ops    as t/link_oracle.py ops prints it

One line for each GPU activity, sorted; TSV, times in whole nanoseconds. Unlike the oracle's lines it
has no index, and both are to be sorted: a stream has an order of its own.
"""
import json
import sys
from collections import defaultdict

MODULE = "python:nn.Module: "
GPU = {"kernel", "gpu_memcpy", "gpu_memset", "Kernel", "Memcpy", "Memset", "mtia_ccp_events"}


def show(value):
    text = str(value)
    for c, e in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(c, e)
    return text


def line(r):
    link = r.get("link", {})
    launched = link.get("launched", False)
    stack = link.get("stack", [])
    names = [frame.split(":", 1)[1] for frame in stack]
    python = [frame[len("python:"):] for frame in stack if frame.startswith("python:")]
    unlinked = "(unlinked)"
    return (r.get("name", "(unnamed)"), r["op"], r["ts_ns"], r["dur_ns"],
            link["launch"] if launched else unlinked, link["cpu_op"] if launched else unlinked,
            link.get("module", "(none)"), link.get("annotation", "(none)"), link.get("step", "(none)"),
            link.get("phase", "unknown"), link.get("layer", "(none)"), link.get("forward_op", "(none)"),
            ";".join(python), ";".join(names) if launched else unlinked)


def is_activity(r):
    return r.get("ph") == "X" and r.get("cat") in GPU


def union(spans):
    total, reach = 0, None
    for start, end in sorted(spans):
        start = start if reach is None else max(start, reach)
        total, reach = total + max(0, end - start), end if reach is None else max(end, reach)
    return total


def ops(records):
    """cpu_op, instances, time, activities of what TraceLens links; communication left out"""
    instances = defaultdict(list)
    for r in records:
        if r.get("link", {}).get("tracelens") and not any(
                c in r["name"].lower() for c in ("nccl", "rccl", "cross_device_reduce", "multimem_all_reduce")):
            instances[r["link"]["cpu_op"], r["instance"]].append((r["ts_ns"], r["ts_ns"] + r["dur_ns"]))
    table = defaultdict(lambda: [0, 0, 0])
    for (name, _), spans in instances.items():
        for i, n in enumerate((1, union(spans), len(spans))):
            table[name][i] += n
    return ["\t".join(map(show, (name, *row))) for name, row in table.items()]


def main():
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    records = filter(is_activity, map(json.loads, sys.stdin))
    rows = ops(records) if sys.argv[1:] == ["ops"] else ["\t".join(map(show, line(r))) for r in records]
    for row in sorted(rows):
        print(row)


main()
