#!/usr/bin/env python3
"""pstats-same.py top|callers|callees PROFILE STREAM - holds prof-top and callers against pstats, row by row

STREAM is what prof-parse made of PROFILE. Times may differ by 1 us. callers and callees are asked for up to 60 functions."""
import pstats
import subprocess
import sys

ASKED = 30


def rows(command):
    """{first cell: other cells} of what a program prints"""
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode("utf-8", "surrogateescape")
    lines = [line.split("\t") for line in text.split("\n")[1:-1]]
    found = {line[0]: line[1:5] for line in lines}
    if len(found) != len(lines):
        raise ValueError("a row twice: %s" % command)
    return found


def entry(t):
    """calls, primitive calls, self and cumulative seconds of what pstats has for an edge; profile knows calls alone"""
    return (t[0], t[1], t[2], t[3]) if isinstance(t, tuple) else (t, None, None, None)


def close(cell, number, scale):
    return number is None or abs(float(cell) - number * scale) <= (1.0 if scale > 1 else 0)


def differ(got, want):
    """what is wrong, or None"""
    if set(got) != set(want):
        return "only here: %s; only in pstats: %s" % (sorted(set(got) - set(want))[:3], sorted(set(want) - set(got))[:3])
    for name, numbers in want.items():
        if not all(close(c, n, s) for c, n, s in zip(got[name], numbers, (1, 1, 1e6, 1e6))):
            return "%s: %s, pstats has %s" % (name, got[name], numbers)
    return None


def escaped(function):
    return pstats.func_std_string(function).replace("\\", "\\\\").replace("\t", "\\t")


def top(stats):
    # pstats has the primitive calls first here, and second at edges
    return {escaped(f): (nc, cc, tt, ct) for f, (cc, nc, tt, ct, _) in stats.items()}


def edges(stats, mode, function):
    if mode == "callers":
        return {escaped(f): entry(t) for f, t in stats[function][4].items()}
    return {escaped(f): entry(s[4][function]) for f, s in stats.items() if function in s[4]}


def main():
    mode, profile, stream = sys.argv[1:]
    stats = pstats.Stats(profile).stats
    if mode == "top":
        wrong = differ(rows(["prof-top", stream]), top(stats))
    else:
        asked = sorted(stats)[::max(1, len(stats) // ASKED)]
        for function in asked:
            command = ["callers", stream] if mode == "callers" else ["callers", "--callees", stream]
            command.insert(-1, pstats.func_std_string(function))
            wrong = differ(rows(command), edges(stats, mode, function))
            if wrong:
                wrong = "%s: %s" % (command[-2], wrong)
                break
    if wrong:
        print(wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
