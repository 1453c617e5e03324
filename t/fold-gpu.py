#!/usr/bin/env python3
"""fold-gpu.py - trace-fold --leaf gpu once more, from the text of trace-dump

  trace-dump FILE | t/fold-gpu.py [OPTION]...    what trace-fold --leaf gpu prints; the options are its own
                    t/fold-gpu.py --sum ...      what its lines add up to

The text of several streams, one behind the other, is as several FILEs.
"""
import argparse
import importlib
import json
import sys

sys.dont_write_bytecode = True
frame = importlib.import_module("fold-oracle").frame

GPU = {"kernel", "Kernel", "mtia_ccp_events", "gpu_memcpy", "Memcpy", "gpu_memset", "Memset"}


def stack_of(r, opt):
    link = r.get("link", {})
    if opt.root_by != "none":
        yield "%s=%s" % (opt.root_by, r.get(opt.root_by, "(none)"))
    if opt.annotations and "annotation" in link:
        yield link["annotation"]
    if link.get("launched"):
        yield from (text.split(":", 1)[1] for text in link.get("stack", []))
    else:
        yield "(unlinked)"
    yield r.get("name", "")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--sum", action="store_true")
    p.add_argument("--weight", default="dur")
    p.add_argument("--cat")
    p.add_argument("--root-by", default="none")
    p.add_argument("--annotations", action="store_true")
    p.add_argument("--reverse", action="store_true")
    opt = p.parse_args()
    cats, lines = set(opt.cat.split(",")) if opt.cat else GPU, {}
    for text in sys.stdin.buffer.read().split(b"\n")[:-1]:
        r = json.loads(text)
        if r.get("ph") == "X" and r.get("cat") in cats:
            stack = list(map(frame, stack_of(r, opt)))
            line = ";".join(stack[::-1] if opt.reverse else stack)
            lines[line] = lines.get(line, 0) + {"dur": r["dur_ns"], "count": 1, "bytes": r.get("bytes", 0)}[opt.weight]
    if opt.sum:
        print(sum(lines.values()))
    else:
        sys.stdout.buffer.writelines(sorted(b"%s %d\n" % (line.encode(), n) for line, n in lines.items() if n))


main()
