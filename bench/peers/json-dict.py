#!/usr/bin/env python3
"""json-dict - kernels by name: count and total time; the json module and a dict

  json-dict.py TRACE >sums.tsv
"""
import json
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    events = json.load(f)["traceEvents"]
sums = {}
for e in events:
    if e.get("cat") == "kernel":
        row = sums.setdefault(e["name"], [0, 0])
        row[0] += 1
        row[1] += round(e["dur"] * 1000)
tsv = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"})
sys.stdout.reconfigure(encoding="utf-8")
for name in sorted(sums):
    print(name.translate(tsv), *sums[name], sep="\t")
