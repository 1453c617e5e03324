#!/usr/bin/env python3
"""unlinked.py BEFORE AFTER - trace-dump's lines before and after trace-link: the same records

Exit 1 unless AFTER, less what trace-link adds, holds the lines of BEFORE, the records of each kind in
their order, and has all GPU activity in front.
"""
import json
import sys
from collections import defaultdict

GPU = {"kernel", "gpu_memcpy", "gpu_memset", "Kernel", "Memcpy", "Memset", "mtia_ccp_events"}


def on_gpu(r):
    return r.get("ph") == "X" and r.get("cat") in GPU


def read(path):
    groups, seen = defaultdict(list), []
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        for r in map(json.loads, f):
            for key in ("op", "category", "library", "link", "instance"):
                r.pop(key, None)
            if "meta" in r:
                for key in ("keys", "layers", "layer_confidence"):
                    r["meta"].pop(key, None)
                if r["meta"].keys() - {"rank"}:
                    groups["meta"].append(r)
            elif "end" in r:
                groups["end"].append(r)
            else:
                # what one kind holds keeps its order; other categories share one
                groups[r.get("cat"), r.get("ph"), r.get("rank")].append(r)
                seen.append(on_gpu(r))
    return groups, seen


before, after = read(sys.argv[1]), read(sys.argv[2])
for key in before[0].keys() | after[0].keys():
    if before[0][key] != after[0][key]:
        sys.exit("%s: %d before, %d after" % (key, len(before[0][key]), len(after[0][key])))
if after[1] != sorted(after[1], reverse=True):
    sys.exit("GPU activity behind other records")
