#!/usr/bin/env python3
"""cut.py [--KEY VALUE]... [--invert] - what trace-cut keeps, from the text of trace-dump alone

Reads the lines of trace-dump, prints those of records that stay, sorted. Times are in whole ns here:
--time A..B, --min-dur D. Patterns of --name are one glob.
"""
import fnmatch
import json
import sys

GPU = {"kernel", "Kernel", "mtia_ccp_events", "gpu_memcpy", "Memcpy", "gpu_memset", "Memset"}
CALLS = {"cuda_runtime", "cuda_driver", "hip_runtime", "hsa_api", "mtia_runtime", "xpu_runtime", "xpu_driver",
         "privateuse1_runtime", "privateuse1_driver", "Runtime"}


def is_gpu(r):
    return r["ph"] == "X" and r.get("cat") in GPU


def main():
    asked, invert, words = {}, False, sys.argv[1:]
    while words:
        word = words.pop(0)
        if word == "--invert":
            invert = True
        else:
            asked[word[2:]] = words.pop(0)
    lines, records, bases = [], [], {}
    for line in sys.stdin.buffer:
        o = json.loads(line)
        if "ph" in o:
            lines.append(line)
            records.append(o)
        elif "rank" in o.get("meta", {}):
            bases.setdefault(o["meta"]["rank"], o["meta"]["rank"])
            if "baseTimeNanoseconds" in o["meta"]:
                bases[o["meta"]["rank"]] = "base %s" % o["meta"]["baseTimeNanoseconds"]

    first = {}
    for r in records:
        if r["ph"] != "M" and "ts_ns" in r:
            clock = bases[r["rank"]]
            first[clock] = min(first.get(clock, r["ts_ns"]), r["ts_ns"])

    def text(v):
        return "(none)" if v is None else str(v)

    def matches(r):
        for key in "cat", "pid", "tid", "rank":
            if key in asked and text(r.get(key)) not in asked[key].split(","):
                return False
        if "name" in asked:
            name = r.get("name", "(unnamed)").lower()
            if not fnmatch.fnmatchcase(name, "*%s*" % asked["name"].lower().replace("[", "[[]")):
                return False
        if "min-dur" in asked and r.get("dur_ns", 0) < int(asked["min-dur"]):
            return False
        if "time" in asked and r["ph"] != "M":
            if "ts_ns" not in r:
                return False
            a, b = asked["time"].split("..")
            begin = r["ts_ns"] - first[bases[r["rank"]]]
            end = begin + r.get("dur_ns", 0)
            if b and not begin < int(b):
                return False
            if a and not (end > int(a) or begin == end == int(a)):
                return False
        for key, missing in ("phase", "unknown"), ("step", "(none)"):
            if key in asked and not (is_gpu(r) and r.get("link", {}).get(key, missing) == asked[key]):
                return False
        return True

    def wanted(r):
        if r["ph"] == "M" and set(asked) == {"time"}:
            return True
        return matches(r) != invert

    stay = [wanted(r) for r in records]
    calls, externals = set(), set()
    for r, s in zip(records, stay):
        if s and is_gpu(r):
            if "correlation" in r:
                calls.add((r["rank"], r["correlation"]))
            elif r.get("external_id"):
                externals.add((r["rank"], r["external_id"]))
    for i, r in enumerate(records):
        is_call = r["ph"] == "X" and r.get("cat") in CALLS
        is_flow = r["ph"] in "stf" and r.get("cat") == "ac2g"
        if (is_call or is_flow) and (r["rank"], r.get("correlation")) in calls:
            stay[i] = True
        if is_call and (r["rank"], r.get("external_id")) in externals:
            stay[i] = True
    sys.stdout.buffer.writelines(sorted(line for line, s in zip(lines, stay) if s))


if __name__ == "__main__":
    main()
