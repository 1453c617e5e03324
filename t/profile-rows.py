#!/usr/bin/env python3
"""profile-rows.py STREAM [PROF] - a profile in a record stream, as rows; or held against pstats

    prof-parse run.prof | t/profile-rows.py -
    prof-parse run.prof | t/profile-rows.py - run.prof      "functions N, edges N", or what differs

Rows are TSV: `meta PART KEY VALUE`, `function NAME CALLS PRIMITIVE SELF_NS CUM_NS`, `call CALLER
CALLEE …`, `stack A;B;C NS`, `end STATUS EVENTS LOST`. Written from lib/format/FORMAT.md; what
t/decode.py checks is not checked here.
"""
import pstats
import struct
import sys

STRINGS, RECORDS, COLUMN, META, END, STACKS = 1, 3, 4, 6, 9, 14
KINDS = {13: "function", 14: "call", 15: "stack"}
CALLS, PRIMITIVE, CUM, STACK = 8, 9, 10, 11


def frames(data):
    at = 16
    while at < len(data):
        kind, sub, flags, part, rows, length = struct.unpack_from("<HBBIII", data, at)
        yield kind, sub, flags, part, rows, data[at + 32:at + 32 + length]
        at += 32 + length


def numbers(payload, rows):
    begin = (rows + 63) // 64 * 8
    values = struct.unpack_from(f"<{rows}Q", payload, begin)
    return [v if payload[i // 8] >> i % 8 & 1 else None for i, v in enumerate(values)]


def read(data):
    """Rows of the stream, as lists."""
    host, stacks, rows, last = [""], [()], [], []

    def resolve():
        for row in last:
            stack = row.get(STACK)
            path = stacks[stack] if stack else ()
            totals = [row.get(CALLS), row.get(PRIMITIVE), row["ns"], row.get(CUM)]
            if row["kind"] == "stack":
                rows.append(["stack", ";".join(path), row["ns"]])
            else:
                rows.append([row["kind"], *(path[:-1]), row["name"], *totals])
        last.clear()

    for kind, sub, flags, part, n, payload in frames(data):
        if kind != COLUMN:
            resolve()
        if kind == STRINGS and sub == 1:
            if flags & 2:
                host, stacks = [""], [()]
            at = 4 * n
            for length in struct.unpack_from(f"<{n}I", payload):
                host.append(payload[at:at + length].decode("utf-8", "surrogateescape"))
                at += length
        elif kind == STACKS:
            stacks = [()] if flags & 2 else stacks
            for parent, name, _, _ in struct.iter_unpack("<4I", payload):
                stacks.append((*stacks[parent], host[name]))
        elif kind == RECORDS:
            for _, ns, _, name, _ in struct.iter_unpack("<qqQII", payload):
                last.append({"kind": KINDS[sub], "ns": ns, "name": host[name]})
        elif kind == COLUMN:
            for row, value in zip(last, numbers(payload, n)):
                row[sub] = value
        elif kind == META:
            at = 0
            for _ in range(n):
                key, value = struct.unpack_from("<2I", payload, at)
                text = payload[at + 8:at + 8 + key + value].decode()
                rows.append(["meta", part, text[:key], text[key:]])
                at += 8 + key + value + -(key + value) % 8
        elif kind == END:
            status, _, events, lost, _ = struct.unpack_from("<2I3Q", payload)
            rows.append(["end", status, events, lost])
    return rows


def near(ns, seconds):
    return abs(ns - max(0, seconds * 1e9)) <= 1000


def against(rows, path):
    stats = pstats.Stats(path).stats
    name = pstats.func_std_string
    functions = {row[1]: row[2:] for row in rows if row[0] == "function"}
    edges = {(row[1], row[2]): row[3:] for row in rows if row[0] == "call"}
    wanted = 0
    assert len(functions) == len(stats), (len(functions), len(stats))
    for key, (primitive, calls, self, cum, callers) in stats.items():
        got = functions[name(key)]
        assert got[:2] == [max(calls, primitive), min(calls, primitive)], (key, got)
        assert near(got[2], self) and near(got[3], cum), (key, got, self, cum)
        wanted += len(callers)
        for caller, value in callers.items():
            got = edges[name(caller), name(key)]
            value = value if isinstance(value, tuple) else (value, value, 0, 0)
            assert got[:2] == [max(value[:2]), min(value[:2])], (caller, key, got, value)
            assert near(got[2], value[2]) and near(got[3], value[3]), (caller, key, got, value)
    assert len(edges) == wanted, (len(edges), wanted)
    print("functions", len(functions), "edges", len(edges), sep="\t")


def main(stream, path=None):
    rows = read(sys.stdin.buffer.read() if stream == "-" else open(stream, "rb").read())
    if path:
        against(rows, path)
        return
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    for row in rows:
        print(*row, sep="\t")


if __name__ == "__main__":
    main(*sys.argv[1:])
