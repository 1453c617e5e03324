#!/usr/bin/env python3
"""check-table.py - is a table of `group-by-op --by name --format tsv` right?

  t/check-table.py ORACLE TABLE            ORACLE: the output of t/oracle.py --durs
  t/check-table.py --published CSV TABLE   a kernel_summary.csv of TraceLens

Every column is worked out again in integers (TOOLS.md, Tables): order, counts, sums, means that
round half up, nearest-rank percentiles, shares. Prints what differs and exits 1.
"""
import csv
import sys
from decimal import ROUND_HALF_UP, Decimal

COLUMNS = "name count total_us mean_us min_us max_us p50_us p95_us p99_us pct".split()


def us(ns):
    return "%d.%03d" % divmod(ns, 1000)


def rank(durs, p):
    return durs[(p * len(durs) + 99) // 100 - 1]


def expected(path):
    rows = []
    for line in open(path, encoding="utf-8", newline="\n"):
        name, count, total, durs = line.rstrip("\n").split("\t")
        durs = [int(d) for d in durs.split(",")]
        assert len(durs) == int(count) and sum(durs) == int(total)
        rows.append((name, durs))
    everything = sum(sum(d) for _, d in rows)
    for name, d in rows:
        n, total = len(d), sum(d)
        pct = Decimal(100 * total) / everything if everything else Decimal(0)
        yield [name, str(n), us(total), us((2 * total + n) // (2 * n)), us(d[0]), us(d[-1]), us(rank(d, 50)), us(rank(d, 95)), us(rank(d, 99)),
               str(pct.quantize(Decimal("0.01"), ROUND_HALF_UP))]


def published(path, table):
    """TraceLens: floating sums of linked kernels; per name within 0.001 us"""
    want = {}
    for row in csv.DictReader(open(path, encoding="utf-8")):
        n, s = want.get(row["Kernel name"], (0, Decimal(0)))
        want[row["Kernel name"]] = n + int(row["Kernel duration (µs)_count"]), s + Decimal(row["Kernel duration (µs)_sum"])
    got = {r[0]: (int(r[1]), Decimal(r[2])) for r in table}
    for name in sorted(want.keys() | got.keys()):
        w, g = want.get(name), got.get(name)
        if w is None or g is None or w[0] != g[0] or abs(w[1] - g[1]) > Decimal("0.001"):
            yield "%s: published %s, ours %s" % (name, w, g)


def main():
    table = [line.rstrip("\n").split("\t") for line in open(sys.argv[-1], encoding="utf-8", newline="\n")]
    wrong = []
    if not table or table[0] != COLUMNS:
        wrong.append("header %s, expected %s" % (table[:1], COLUMNS))
    elif sys.argv[1] == "--published":
        wrong += published(sys.argv[2], table[1:])
    else:
        want = list(expected(sys.argv[1]))
        if len(want) != len(table) - 1:
            wrong.append("%d rows, expected %d" % (len(table) - 1, len(want)))
        for i, (w, g) in enumerate(zip(want, table[1:])):
            diff = ["%s %s, expected %s" % (c, b, a) for c, a, b in zip(COLUMNS, w, g) if a != b]
            if len(w) != len(g) or diff:
                wrong.append("row %d (%s): %s" % (i + 1, w[0], "; ".join(diff)))
    print("\n".join(wrong[:20]))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
