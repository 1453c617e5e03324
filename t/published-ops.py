#!/usr/bin/env python3
"""published-ops.py OPS_SUMMARY TABLE - a table of TraceLens against one of group-by-op (CSV)

The same names and counts; times within 1 us. TraceLens leaves communication out.
"""
import csv
import sys

COMMUNICATION = ("nccl", "rccl", "cross_device_reduce", "multimem_all_reduce")


def table(path, name, count, time):
    with open(path, newline="", encoding="utf-8") as f:
        rows = {r[name]: (int(r[count]), float(r[time])) for r in csv.DictReader(f)}
    return {n: row for n, row in rows.items() if not any(c in n.lower() for c in COMMUNICATION)}


want = table(sys.argv[1], "name", "Count", "total_direct_kernel_time_sum")
got = table(sys.argv[2], "cpu_op", "count", "total_us")
for name in want.keys() | got.keys():
    a, b = want.get(name), got.get(name)
    if not a or not b or a[0] != b[0] or abs(a[1] - b[1]) > 1:
        sys.exit("%s: published %s, ours %s" % (name, a, b))
if not want:
    sys.exit("an empty table")
