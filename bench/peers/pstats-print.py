#!/usr/bin/env python3
"""pstats-print - a profile as pstats prints it, or as rows

  pstats-print.py PROFILE [--top N | --callers FUNC | --rows]
"""
import pstats
import sys
from decimal import ROUND_HALF_UP, Decimal

profile, *how = sys.argv[1:]
stats = pstats.Stats(profile).sort_stats("tottime")
if how[:1] == ["--rows"]:
    for func, (_, calls, self_s, _, _) in stats.stats.items():
        ns = (Decimal(self_s) * 10**9).quantize(Decimal(1), ROUND_HALF_UP)
        print(pstats.func_std_string(func), calls, ns, sep="\t")
elif how[:1] == ["--callers"]:
    stats.print_callers(how[1])
else:
    stats.print_stats(*map(int, how[1:]))
