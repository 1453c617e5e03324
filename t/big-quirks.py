#!/usr/bin/env python3
"""big-quirks.py - inputs that are too large to store, made on the fly, and what they must give.

  t/big-quirks.py --list              the names
  t/big-quirks.py NAME > file         the input (plain, gzip or zstd, as the name says)
  t/big-quirks.py --want NAME         the lines that t/summary.py must print

As in fixtures/quirks: kernel a of 1.5 us stands before the case, kernel b of 2.25 us after it.
"""
import subprocess
import sys
import zlib

A = b'{"ph":"X","cat":"kernel","name":"a","pid":0,"tid":7,"ts":10.000,"dur":1.500,"args":{"stream":7,"correlation":1}}'
B = b'{"ph":"X","cat":"kernel","name":"b","pid":0,"tid":7,"ts":20.000,"dur":2.250,"args":{"stream":7,"correlation":2}}'
HEAD = b'{"schemaVersion":1,"traceEvents":[\n' + A + b",\n"
TAIL = b",\n" + B + b'\n],"traceName":"t.json"}\n'
X = b'{"ph":"X","cat":"kernel","name":"%b","pid":0,"tid":7,"ts":15,"dur":1,"args":{%b}}'
ONE = ["X|kernel|x|1|1000"]


def between(*parts):
    """chunks of a whole trace; a part is bytes or a generator of bytes"""
    yield HEAD
    for p in parts:
        if isinstance(p, bytes):
            yield p
        else:
            yield from p
    yield TAIL


def repeat(unit, total):
    """total bytes of unit, in chunks"""
    chunk = unit * (65536 // len(unit))
    for _ in range(total // len(chunk)):
        yield chunk


def rows(n, make):
    for i in range(n):
        yield (b",\n" if i else b"") + make(i)


def in_args(*parts):
    head, tail = (X % (b"x", b"@")).split(b"@")
    return between(head, *parts, tail)


def gz(chunks):
    c = zlib.compressobj(9, zlib.DEFLATED, 31)
    for x in chunks:
        yield c.compress(x)
    yield c.flush()


def zst(chunks):
    with subprocess.Popen(["zstd", "-q", "-c", "-19"], stdin=subprocess.PIPE, stdout=sys.stdout.buffer) as p:
        for x in chunks:
            p.stdin.write(x)
        p.stdin.close()
    return ()


def odd(i):
    return X % (b'foo("%d")' % i if i % 2 else b'%d" disk' % i, b"") if i % 3 else X % (b"x", b"")


M = 1_000_000
# name: (chunks, rows beside a and b, status, lost, without b)
CASES = {
    "name-10MB": (lambda: between(X % (b"n" * (10 * M), b"")), lambda: ["X|kernel|%s|1|1000" % ("n" * (10 * M))], 0, 0),
    "name-10MB-escapes": (lambda: between(X % (b"\\u00e9\\n" * M, b"")), lambda: ["X|kernel|%s|1|1000" % ("\u00e9\\n" * M)], 0, 0),
    "args-nested-100000": (lambda: in_args(b'"deep":', b'[{"a":' * 50000, b"0", b"}]" * 50000), ONE, 0, 0),
    "args-nested-open": (lambda: [HEAD, (X % (b"x", b"@")).split(b"@")[0], b'"deep":', b"[" * (5 * M)], [], 3, 1, True),
    "metadata-nested-100000": (lambda: [b'{"deep":', b"[" * 100000, b"]" * 100000, b",", HEAD[1:-2], TAIL], [], 0, 0),
    "args-million-keys": (lambda: in_args(rows(M, lambda i: b'"key %d":%d' % (i, i))), ONE, 0, 0),
    "keys-million-in-event": (lambda: between(b"{", rows(M, lambda i: b'"key %d":"%d"' % (i, i)), b"," + (X % (b"x", b""))[1:]), ONE, 0, 0),
    "metadata-300000-ts-0": (lambda: between(rows(300000, lambda i: b'{"name":"process_labels","ph":"M","ts":0,"pid":%d,"tid":0,"args":{"labels":"GPU"}}' % i)),
                             ["M|(none)|process_labels|300000|0"], 0, 0),
    "graph-launch-1566": (lambda: between(b'{"ph":"X","cat":"cuda_runtime","name":"hipGraphLaunch","pid":1,"tid":1,"ts":1,"dur":5,"args":{"correlation":99}},',
                                          rows(1566, lambda i: X % (b"x", b'"correlation":99'))), ["X|cuda_runtime|hipGraphLaunch|1|5000", "X|kernel|x|1566|1566000"], 0, 0),
    "begin-end-100000-deep": (lambda: between(rows(100000, lambda i: b'{"ph":"B","cat":"c","name":"x","pid":1,"tid":1,"ts":%d}' % i), b",",
                                              rows(100000, lambda i: b'{"ph":"E","cat":"c","name":"x","pid":1,"tid":1,"ts":%d}' % (200000 + i))),
                              # the inner one lasts 200000 - 99999 us, the outer one 299999 us: mean 200000
                              ["X|c|x|100000|20000000000000"], 0, 0),
    "raw-quotes-150000": (lambda: between(rows(150000, odd)), ["X|kernel|x|50000|50000000"], 3, 100000),
    "commas-10MB": (lambda: between(repeat(b",\n", 10 * M), X % (b"x", b"")), ONE, 0, 0),
    "padding-50MB-NUL": (lambda: [*between(X % (b"x", b"")), bytes(50 * M)], ONE, 0, 0),
    "gzip-bomb-spaces": (lambda: gz(between(repeat(b" ", 400 * M), X % (b"x", b""))), ONE, 0, 0),
    "gzip-bomb-string": (lambda: gz(in_args(b'"s":"', repeat(b"a", 300 * M), b'"')), ONE, 0, 0),
    "zstd-bomb-spaces": (lambda: zst(between(repeat(b" ", 400 * M), X % (b"x", b""))), ONE, 0, 0),
    "zstd-bomb-string": (lambda: zst(in_args(b'"s":"', repeat(b"a", 300 * M), b'"')), ONE, 0, 0),
}


def want(name):
    _, lines, status, lost, *no_b = CASES[name]
    lines = (lines() if callable(lines) else lines) + ["X|kernel|a|1|1500"] + ([] if no_b else ["X|kernel|b|1|2250"])
    for w in sorted((w.replace("|", "\t").encode() for w in lines), key=lambda w: w.rsplit(b"\t", 2)[0]):
        yield w + b"\n"
    yield b"end\t%d\t%d\n" % (status, lost)


def main():
    args = sys.argv[1:]
    if args == ["--list"]:
        print("\n".join(CASES))
    elif len(args) == 2 and args[0] == "--want" and args[1] in CASES:
        sys.stdout.buffer.writelines(want(args[1]))
    elif len(args) == 1 and args[0] in CASES:
        for chunk in CASES[args[0]][0]():
            sys.stdout.buffer.write(chunk)
    else:
        sys.exit("usage: t/big-quirks.py --list | [--want] NAME")


if __name__ == "__main__":
    main()
