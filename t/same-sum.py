#!/usr/bin/env python3
"""same-sum.py A B - two tables of group-by-op (CSV without header): equal sums of count and total_us"""
import csv
import sys
from decimal import Decimal


def sums(path):
    with open(path, newline="", encoding="utf-8", errors="surrogateescape") as f:
        rows = list(csv.reader(f))
    # count total mean min max p50 p95 p99 pct, behind the keys
    return sum(int(r[-9]) for r in rows), sum(Decimal(r[-8]) for r in rows)


a, b = (sums(path) for path in sys.argv[1:])
if a != b:
    sys.exit("%s and %s" % (a, b))
