#!/usr/bin/env python3
"""scale-fit.py UNIT DIR - random tables; what UNIT says of them against Python's own statistics

Tables of powers of the size with noise, some of them CSV, some with cells that have no exponent,
sizes and figures of any magnitude. Logarithms by decimal, fits by statistics, totals by decimal.
Prints what differs.
"""
import csv
import decimal
import itertools
import math
import random
import statistics
import subprocess
import sys

D = decimal.Decimal
decimal.getcontext().prec = 60
UNIT, DIR = sys.argv[1:]
wrong = []


def ln(text):
    return float(D(text).ln())


def verdict(p):
    if p < 1.1 - 1e-9:
        return "linear"
    for bound, name in ((1.3, "n-log-n"), (1.5, "watch"), (1.8, "superlinear")):
        if p <= bound + 1e-9:
            return name
    return "quadratic"


def fit(sizes, cells):
    """exponent, r2, smallest and largest of pairs, as text would give them; None if undefined"""
    try:
        if any(D(c) <= 0 for c in cells):
            return None
    except decimal.InvalidOperation:
        return None
    x, y = [ln(s) for s in sizes], [ln(c) for c in cells]
    pairs = [(y[j] - y[i]) / (x[j] - x[i]) for i, j in itertools.combinations(range(len(x)), 2) if x[i] != x[j]]
    if len(set(y)) == 1:
        return 0.0, 1.0, min(pairs), max(pairs)
    if len(x) == 2:
        return pairs[0], 1.0, pairs[0], pairs[0]
    return statistics.linear_regression(x, y).slope, statistics.correlation(x, y) ** 2, min(pairs), max(pairs)


def total(metric, columns, cells):
    def number(cell):
        try:
            return D(cell)
        except decimal.InvalidOperation:
            return None
    numbers = [n for n in map(number, cells) if n is not None]
    if not numbers:
        return ""
    places = max(max(0, -n.as_tuple().exponent) for n in map(number, columns) if n is not None)
    if metric.endswith("_us"):
        places = 3
    return str(sum(numbers).quantize(D(1).scaleb(-places), decimal.ROUND_HALF_UP))


def figure(rng, size, p, scale, kind):
    v = scale * math.exp(p * ln(size)) * rng.uniform(0.8, 1.25)
    if rng.random() < 0.03:
        return rng.choice(["", "0", "-3", "0.000"])
    return {"us": "%.3f", "calls": "%.0f", "wild": "%.7e"}[kind] % v


def case(seed):
    rng = random.Random(seed)
    n = rng.choice([2, 2, 3, 4, 7])
    magnitude = rng.choice([0, 0, 0, 40, -40])
    sizes = ["%.6ge%d" % (rng.uniform(1, 1000), magnitude) for _ in range(n)]
    if n > 2 and rng.random() < 0.3:
        sizes[1] = sizes[0]                             # a run that was repeated
    keys = ["k%d" % i for i in range(12)]
    metrics = {"total_us": "us", "calls": "calls", "wild": "wild"}
    shape = {(k, m): (rng.uniform(-1, 3), 10 ** rng.uniform(2, 6)) for k in keys for m in metrics}
    tables, paths = [], []
    for i, size in enumerate(sizes):
        small = "%r" % (float(D(size).scaleb(-magnitude)))
        table = {k: {m: figure(rng, small, *shape[k, m], metrics[m]) for m in metrics}
                 for k in keys if rng.random() > 0.02}
        path = "%s/%d.%d" % (DIR, seed, i)
        with open(path, "w", newline="", encoding="utf-8") as f:
            out = csv.writer(f) if rng.random() < 0.5 else csv.writer(f, delimiter="\t", lineterminator="\n")
            order = list(metrics) if rng.random() < 0.5 else list(metrics)[::-1]
            out.writerow(["name"] + order)
            for k in rng.sample(sorted(table), len(table)):
                out.writerow([k] + [table[k][m] for m in order])
        tables.append(table)
        paths.append("%s=%s" % (size, path))
    run = subprocess.run([UNIT] + paths, capture_output=True, text=True, check=False)
    if run.returncode:
        wrong.append("%d: %s" % (seed, run.stderr))
    got = {tuple(r[:2]): r[2:] for r in (line.split("\t") for line in run.stdout.splitlines())}
    known = set().union(*tables)
    if set(got) != set(itertools.product(known, metrics)):
        wrong.append("%d: other rows" % seed)
        return
    for k, m in got:
        compare("%d %s %s" % (seed, k, m), got[k, m], sizes, m, [t[k][m] if k in t else "x" for t in tables],
                [row[m] for t in tables for row in t.values()])


def compare(name, got, sizes, metric, cells, column):
    want = fit(sizes, cells)
    if want is None:
        if got[:5] != ["", "", "", "", "undefined"]:
            wrong.append("%s: %s, want undefined" % (name, got))
    elif any(abs(float(g) - w) > 1e-6 * max(1, abs(w)) for g, w in zip(got, want)) or got[4] != verdict(want[0]):
        wrong.append("%s: %s, want %s %s" % (name, got, want, verdict(want[0])))
    sum_got, sum_want = got[5], total(metric, column, cells)
    if metric != "wild" and sum_got != sum_want:
        wrong.append("%s: total %s, want %s" % (name, sum_got, sum_want))
    elif sum_want and abs(D(sum_got) - D(sum_want)) > abs(D(sum_want)) * D("1e-7"):
        wrong.append("%s: total about %s, want %s" % (name, sum_got, sum_want))


for s in range(60):
    case(s)
print("\n".join(wrong[:20]))
sys.exit(bool(wrong))
