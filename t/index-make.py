#!/usr/bin/env python3
"""index-make.py WHAT >FILE - traces for the tests of the index:

  kinds        an event of every kind, with every column, and one that is lost
  whole        the same without that
  extremes     the largest and smallest of every number, names that are missing and empty
  lossy        events lost in several categories, in none, and bytes behind the end
  metadata     keys that trs writes itself, repeated ones, odd ones
  nothing      no event at all
  gpu-names N FIRST    N events of GPU activity with names from number FIRST on; the first 5 % of the names again at the end
  host-names N         N names of cpu_ops, with GPU activity between
  processes N          N processes
  large N SEED         N events, of which the middle is in no sample
"""
import json
import random
import sys

KINDS = """{"schemaVersion":1,"traceEvents":[
{"ph":"X","cat":"kernel","name":"k","pid":0,"tid":7,"ts":5,"dur":2,"args":{"correlation":9,"stream":7,"External id":3}},
{"ph":"X","cat":"gpu_memcpy","name":"c","pid":0,"tid":7,"ts":8,"dur":1,"args":{"bytes":64}},
{"ph":"X","cat":"gpu_memset","name":"s","pid":0,"tid":7,"ts":9,"dur":1},
{"ph":"X","cat":"cpu_op","name":"o","pid":1,"tid":1,"ts":1,"dur":9,"args":{"External id":3,"Sequence number":6,"Fwd thread id":1}},
{"ph":"X","cat":"python_function","name":"p","pid":1,"tid":1,"ts":1,"dur":9},
{"ph":"X","cat":"cuda_runtime","name":"r","pid":1,"tid":1,"ts":2,"dur":1,"args":{"correlation":9}},
{"ph":"X","cat":"user_annotation","name":"a","pid":1,"tid":1,"ts":1,"dur":9},
{"ph":"f","cat":"ac2g","name":"w","id":9,"bp":"e","pid":0,"tid":7,"ts":5},
{"ph":"C","name":"n","pid":1,"ts":3},
{"ph":"i","name":"i","pid":1,"tid":1,"ts":4},
{"ph":"M","name":"process_name","pid":1},
{"ph":"b","cat":"t","name":"t","id":1,"pid":1,"tid":1,"ts":6},
{"ph":"X","cat":"kernel","name":"lost","ts":1}]}
"""
LOST = """,
{"ph":"X","cat":"kernel","name":"lost","ts":1}"""


def event(cat, name, ts=1, dur=1, ph="X", **more):
    return json.dumps({"ph": ph, "cat": cat, "name": name, "ts": ts, "dur": dur, **more})


def extremes():
    times = "9223372036854775.807", "-9223372036854775.808", "0", "-0.001", "4294967.296", "255.999", "0.256"
    numbers = "18446744073709551615", "0", "1", "255", "256", "65535", "65536", "4294967295", "4294967296", "9223372036854775808"
    for cat in "kernel", "gpu_memcpy", "cpu_op", "x":
        for ts in times:
            yield '{"ph":"X","cat":"%s","name":"t","ts":%s,"dur":0}' % (cat, ts)
            yield '{"ph":"i","cat":"%s","ts":%s}' % (cat, ts)
        for n in numbers:
            yield '{"ph":"X","cat":"%s","name":"","ts":0,"dur":9223372036854775.807,"args":{"correlation":%s,"External id":%s,"bytes":%s,"Sequence number":%s,"Fwd thread id":%s}}' % (cat, n, n, n, n, n)
        for n in numbers:
            yield '{"ph":"X","cat":"%s","ts":0,"dur":%s,"pid":%s,"tid":-%s,"args":{"correlation":%s}}' % (cat, n[:15], n, n, n)
        yield '{"ph":"X","cat":"%s","name":"a\\u0000b","ts":0,"dur":1}' % cat
    yield '{"ph":"M","name":"no start"}'
    yield '{"ph":"X","name":"no category","ts":1,"dur":1}'
    yield '{"ph":"X","cat":"","name":"empty category","ts":1,"dur":1}'
    yield '{"ph":"X","cat":"(none)","name":"a category of that name","ts":1,"dur":1}'
    yield '{"ph":"","cat":"kernel","name":"an empty phase","ts":1,"dur":1}'
    yield '{"ph":"XX","cat":"kernel","name":"a long phase","ts":1,"dur":1}'


def lossy():
    good = [event(cat, "n%d" % i, i) for i, cat in enumerate(["kernel", "cpu_op", "x", "gpu_memcpy"] * 5)]
    bad = ['{"ph":"X","cat":"cpu_op","name":"q","ts":1}', '{"ph":"X","cat":"x","name":"q","dur":1}',
           '{"ph":"X","cat":"kernel","name":"q","ts":1,"dur":-1}', '{"ph":"X","name":"q","ts":1,"dur":"long"}',
           '{"ph":"X","cat":"kernel","name":"a "quote","ts":1,"dur":1}', '17', '{"cat":"kernel","ts":1,"dur":1}',
           '{"ph":"B","cat":"c","name":"b"}', '{"ph":"B","cat":"c","name":"open","ts":4}', '{"ph":"E","cat":"c","name":"x","ts":4}',
           '{"ph":"X","cat":"only lost","ts":1}', '{"ph":"s","cat":"kernel","name":"q","ts":"x"}']
    pick = random.Random(2)
    mixed = good + bad * 2
    pick.shuffle(mixed)
    return mixed


METADATA = """{"rank":5,"format":"mine","unmatched_begin_end":7,"":"empty","a":1,"a":{"b":[1,2]},"name\\ud800":"\xff\x01","é":NaN,
"traceEvents":[{"ph":"X","cat":"kernel","name":"k","ts":1,"dur":1}],"distributedInfo":{"rank":"12","world_size":16},
"a":3,"trace.rank":8,"deviceProperties":[{"id":0,"name":"GPU"}],"long":"%s",
"traceEvents":[{"ph":"E","cat":"c","name":"k","ts":1}],"last":null}
"""


def large(n, seed):
    """Events of one length, so that two traces of different seeds have the same size and the same ends."""
    pick = random.Random(seed)
    edge = n // 20
    for i in range(n):
        number = pick.randrange(10, 100) if edge <= i < n - edge else 10
        cat = ("kernel", "cpu_op", "gpu_memcpy", "x")[i % 4]
        yield '{"ph":"X","cat":"%s","name":"name%d","pid":1,"tid":%d,"ts":%d,"dur":%d,"args":{"External id":%d}}' % (
            cat, number, i % 3, 100000 + i, number, i)


def array(events):
    return "[" + ",\n".join(events) + "]\n"


def main():
    what, *rest = sys.argv[1:]
    numbers = [int(n) for n in rest]
    sys.stdout.write({
        "kinds": lambda: KINDS,
        "whole": lambda: KINDS.replace(LOST, ""),
        "extremes": lambda: array(extremes()),
        "lossy": lambda: array(lossy()) + "more",
        "metadata": lambda: METADATA % ("y" * 300000),
        "nothing": lambda: '{"traceEvents":[]}\n',
        "gpu-names": lambda n, first: array(event("kernel", "kernel%d" % (first + i % (n - n // 20)), i) for i in range(n)),
        "host-names": lambda n: array(event("kernel" if i % 100 == 0 else "cpu_op", "op%d" % i, i) for i in range(n)),
        "processes": lambda n: array(event("cpu_op" if i % 3 else "kernel", "k", i, pid=i) for i in range(n)),
        "large": lambda n, seed: array(large(n, seed)),
    }[what](*numbers))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="latin-1", errors="strict")
    main()
