#!/usr/bin/env python3
"""profiles.py KIND FILE - writes a profile: of a real program by a real profiler, or one that is made up

  json, tokens, recursion    by cProfile; with pure- in front by profile, which is written in Python
  many                       made up: 50,000 functions with five callers each, cycles and functions that nobody calls
"""
import cProfile
import io
import json
import marshal
import profile
import random
import sys
import tokenize

FUNCTIONS, EDGES = 50000, 5


def run_json():
    with open("fixtures/small-kineto.json", encoding="utf-8") as f:
        json.dumps(json.load(f), indent=1, sort_keys=True)


def run_tokens():
    with open(__file__, "rb") as f:
        sum(1 for _ in tokenize.tokenize(io.BytesIO(f.read()).readline))


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def is_even(n):
    return n == 0 or is_odd(n - 1)


def is_odd(n):
    return n > 0 and is_even(n - 1)


def walk(tree):
    return sum(map(walk, tree)) + 1


def run_recursion():
    fib(14)
    is_even(200)
    is_odd(31)
    walk([[[], [[]]], [], [[[]]]])
    sorted(range(50), key=lambda i: fib(i % 5))


def many():
    rng = random.Random(6)
    keys = [("/src/module_%d.py" % (i // 50), i % 50 * 10 + 1, "function_%d" % (i % 997)) for i in range(FUNCTIONS)]
    stats = {}
    for i, key in enumerate(keys):
        callers = {}
        for caller in rng.sample(keys, EDGES) if i % 10 else []:
            prim = rng.randrange(1, 1000)
            callers[caller] = (prim + rng.randrange(9), prim, rng.random() / 7, rng.random())
        stats[key] = (rng.randrange(1, 10**6), rng.randrange(10**6, 10**12), rng.random() * 10, rng.random() * 100, callers)
    return stats


def main():
    kind, path = sys.argv[1:]
    if kind == "many":
        with open(path, "wb") as f:
            marshal.dump(many(), f)
        return
    pure = kind.startswith("pure-")
    profiler = profile.Profile() if pure else cProfile.Profile()
    profiler.runcall({"json": run_json, "tokens": run_tokens, "recursion": run_recursion}[kind.replace("pure-", "")])
    profiler.dump_stats(path)


if __name__ == "__main__":
    main()
