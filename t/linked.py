#!/usr/bin/env python3
"""linked.py - what trace-link found, from the lines of trace-dump, as t/link_oracle.py links prints it

  trace-parse FILE | trace-link | trace-dump | t/linked.py

One line for each GPU activity, sorted; TSV, times in whole nanoseconds. Unlike the oracle's lines it
has no index, and both are to be sorted: a stream has an order of its own.
"""
import json
import sys

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


def main():
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    rows = []
    for text in sys.stdin:
        r = json.loads(text)
        if r.get("ph") == "X" and r.get("cat") in GPU:
            rows.append("\t".join(map(show, line(r))))
    print("\n".join(sorted(rows)))


main()
