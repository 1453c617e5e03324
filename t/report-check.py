"""report-check.py DIR [KEY=VALUE...] - holds a report of profile-report against its profile and runs

What Python's pstats, json and statistics say of the same files; prints what differs. KEY=VALUE is
what summary.json has to say of the run.
"""
import json
import math
import os
import pstats
import re
import statistics
import sys

SCALE = {"ns": 1, "us": 1000, "": 1000, "ms": 10**6, "s": 10**9}
wrong = []


def check(holds, text):
    if not holds:
        wrong.append(text)


def name_of(key):
    """as pstats prints it: <built-in method f> is {built-in method f}"""
    file, line, name = key
    if (file, line) != ("~", 0):
        return "%s:%d(%s)" % key
    return "{%s}" % name[1:-1] if name.startswith("<") and name.endswith(">") else name


def cells(line):
    """of a row of a Markdown table"""
    return re.split(r"(?<!\\)(?:\\\\)*\|", line)[1:-1]


def check_profile(s):
    stats = pstats.Stats(os.path.join(folder, "cprofile.prof")).stats
    rows = {}
    for key, (prim, calls, self_s, cum_s, _) in stats.items():
        rows[name_of(key)] = (calls, prim, self_s, cum_s)
    all_s = sum(r[2] for r in rows.values())
    for top, column in (("top_self", 2), ("top_cumulative", 3)):
        best = sorted((r[column] for r in rows.values()), reverse=True)[:10]
        check(len(s[top]) == len(best), "%s has %d rows" % (top, len(s[top])))
        for row, value in zip(s[top], best):
            us = row["self_us" if column == 2 else "cum_us"]
            check(abs(us - value * 1e6) < 0.01, "%s: %r, %r in the profile" % (top, row, value))
        for row in s[top]:
            want = rows.get(row["func"])
            check(want and want[:2] == (row["calls"], row["prim_calls"]), "%s: %r is not %r" % (top, row, want))
            if s["steps"] and want:
                check(abs(row["calls_per"] - want[0] / s["steps"]) < 0.00006, "calls a step: %r" % row)
    total = sum(c["total_us"] for c in s["components"])
    check(abs(total - all_s * 1e6) < 1, "components have %r us, the profile %r" % (total, all_s * 1e6))
    check(sum(c["calls"] for c in s["components"]) == sum(r[0] for r in rows.values()), "calls of components")
    for c in s["components"]:
        check(c["level"] == ("High" if c["pct"] >= 20 else "Medium" if c["pct"] >= 5 else "Low"), "level of %r" % c)
        check(abs(c["pct"] - 100 * c["total_us"] / total) < 0.011, "share of %r" % c)
        check(c["function"] in rows, "no function %r" % c["function"])


def check_measures(s):
    kinds = [r["run"].split("-")[0] for r in s["runs"]]
    source = "plain" if "plain" in kinds else "cprofile" if "cprofile" in kinds else "perf"
    own = [r for r, kind in zip(s["runs"], kinds) if kind == source]
    m = s["measures"]
    check((m["source"], m["runs"]) == (source, len(own)), "measures are of %r" % m)
    walls = sorted(r["wall_s"] for r in own)
    for key, value in (("wall_s", statistics.median(walls)), ("wall_min_s", walls[0]), ("wall_max_s", walls[-1])):
        check(abs(m[key] - value) < 0.00051, "%s: %r, not %r" % (key, m[key], value))
    middle = min(own, key=lambda r: abs(r["wall_s"] - statistics.median(walls)))
    check(abs(m["cpu_s"] - middle["user_s"] - middle["sys_s"]) < 0.006, "CPU time %r" % m)
    for r in s["runs"]:
        with open(os.path.join(folder, r["run"] + ".tsv")) as f:
            v = dict(line.rstrip("\n").split("\t") for line in f)
        check(float(v["wall_s"]) == r["wall_s"] and int(v["exit"]) == r["exit"], "run %r" % r)
        check(abs(int(v["peak_mem_kib"]) / 1024 - r["peak_mem_mib"]) < 0.006, "memory of %r" % r)


def check_steps(s):
    path = os.path.join(folder, "step-times.txt")
    check((s["step_times"] is None) == (not os.path.exists(path)), "step_times %r" % s["step_times"])
    if not os.path.exists(path):
        return
    ns = []
    with open(path) as f:
        for line in f:
            m = re.match(r"\s*([\d.]+)\s*([a-z]*)", line.split("#")[0])
            if m:
                ns.append(round(float(m.group(1)) * SCALE[m.group(2)]))
    ns.sort()
    got = s["step_times"]
    check(got["count"] == len(ns), "steps: %r" % got)
    check(abs(got["mean_us"] - statistics.mean(ns) / 1000) < 0.001, "mean: %r" % got)
    for p in (50, 95, 99):
        check(got["p%d_us" % p] == ns[math.ceil(p * len(ns) / 100) - 1] / 1000, "p%d: %r" % (p, got))
    check((got["min_us"], got["max_us"]) == (ns[0] / 1000, ns[-1] / 1000), "range: %r" % got)


def check_comparison(s):
    check((s["comparison"] is None) == (not s["baseline"]), "baseline %r" % s["baseline"])
    if not s["baseline"]:
        return
    with open(os.path.join(folder, s["baseline"], "headline.tsv")) as f:
        old = dict(line.rstrip("\n").split("\t") for line in f)
    for row in s["comparison"]:
        if row["what"] == "run":
            key = {"wall": "wall_s", "cpu": "cpu_s", "peak_mem": "peak_mem_mib"}[row["name"]]
            check(abs(row["old"] - float(old[key])) < 0.0006, "old of %r" % row)
            check(abs(row["new"] - s["measures"][key]) < 0.0006, "new of %r" % row)
        if row["gain_pct"] is None:
            check((row["old"] is None, row["new"] is None) in ((True, False), (False, True)) or row["old"] == 0, "gain of %r" % row)
            continue
        gain = 100 * (row["old"] - row["new"]) / row["old"]
        check(abs(gain - row["gain_pct"]) < 0.01 + 0.1 / row["old"], "gain of %r: %r" % (row, gain))
        check(row["verdict"] == ("better" if row["gain_pct"] >= 5 else "worse" if row["gain_pct"] <= -5 else "below 5 %"), "verdict of %r" % row)
    functions = [abs((r["old"] or 0) - (r["new"] or 0)) for r in s["comparison"] if r["what"] == "function"]
    check(functions == sorted(functions, reverse=True) and len(functions) <= 10, "functions that moved: %r" % functions)


def check_page(s, page):
    check(not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]", page), "a control character in REPORT.md")
    check("<script" not in re.sub(r"\\.", "", page), "HTML in REPORT.md")
    width = None
    for line in page.split("\n"):
        width = (width or len(cells(line))) if line.startswith("|") else None
        check(width is None or len(cells(line)) == width, "a row of another length: %r" % line)
    verdict = page.split("\n")[2]
    first = s["components"][0]
    if first["op"] != "Other":
        check("**%s takes %.1f %% of the time (%s)**" % (first["op"], first["pct"], first["level"]) in verdict, "the conclusion: %r" % verdict)
    wall = [r for r in s["comparison"] or [] if r["name"] == "wall"]
    if wall:
        gain = wall[0]["gain_pct"]
        words = ("gain %.1f %%" if gain >= 0 else "slower by %.1f %%") % abs(gain) + (", below 5 %" if abs(gain) < 5 else "")
        check("against the baseline: " + words in verdict, "the gain: %r in %r" % (words, verdict))


folder = sys.argv[1]
with open(os.path.join(folder, "summary.json"), encoding="utf-8") as f:
    summary = json.load(f, object_pairs_hook=lambda pairs: check(len(dict(pairs)) == len(pairs), "a key twice") or dict(pairs))
with open(os.path.join(folder, "REPORT.md"), encoding="utf-8") as f:
    report = f.read()
for wanted in sys.argv[2:]:
    key, value = wanted.split("=", 1)
    check(str(summary[key]) == value, "%s is %r" % (key, summary[key]))
if os.path.exists(os.path.join(folder, "cprofile.prof")):
    check_profile(summary)
check_measures(summary)
check_steps(summary)
check_comparison(summary)
check_page(summary, report)
print("\n".join(map(ascii, wrong)))
sys.exit(bool(wrong))
