#!/usr/bin/env python3
"""cache-impact.py COLD WARM TSV - holds what `cache-impact --top 0 --format tsv` printed against pstats, row by row

pstats has times as doubles and cuts are at the nanosecond, so times may differ by 1 us; shares are computed again from the
times that were printed, exactly.
"""
import pstats
import re
import sys
from decimal import Decimal
from fractions import Fraction


def self_times(path):
    times = {}
    for function, (_, _, own, _, _) in pstats.Stats(path).stats.items():
        name = re.sub(" at 0x[0-9a-f]+", "", pstats.func_std_string(function))
        times[name] = times.get(name, 0) + own * 1e6
    return times


def share(part, whole):
    """in percent, two decimals, half away from zero"""
    if whole == 0:
        return ""
    hundredths = int(abs(Fraction(part) / Fraction(whole)) * 10000 + Fraction(1, 2))
    return "%s%d.%02d" % ("-" if part < 0 and hundredths else "", hundredths // 100, hundredths % 100)


def main():
    cold, warm = self_times(sys.argv[1]), self_times(sys.argv[2])
    with open(sys.argv[3], encoding="utf-8") as f:
        head, *rows = [line.rstrip("\n").split("\t") for line in f]
    assert head == ["func", "cold_us", "warm_us", "saved_us", "impact_pct", "of_run_pct"], head
    *rows, total = rows
    assert total[0] == "(total)" and {r[0] for r in rows} == set(cold) | set(warm) and len({r[0] for r in rows}) == len(rows)
    for name, *cells in rows + [total]:
        c, w, saved = map(Decimal, cells[:3])
        assert all(re.fullmatch(r"-?\d+\.\d\d\d", cell) for cell in cells[:3]), cells
        assert saved == c - w and cells[3:] == [share(saved, c), share(saved, Decimal(total[1]))], (name, cells)
        if name != "(total)":
            assert abs(float(c) - cold.get(name, 0)) <= 1 and abs(float(w) - warm.get(name, 0)) <= 1, (name, cells)
    for column in (1, 2, 3):
        assert sum(Decimal(r[column]) for r in rows) == Decimal(total[column]), column
    assert rows == sorted(rows, key=lambda r: (-Decimal(r[3]), r[0].encode())), "the order"


main()
