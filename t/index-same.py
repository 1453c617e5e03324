#!/usr/bin/env python3
"""index-same.py - the same result with and without an index.

  index-same.py all FILE...            every selection, each FILE by itself
  index-same.py some FILE...           a few selections
  index-same.py two FILE...            two selections
  index-same.py files 'OPTIONS' FILE...    all FILEs together

Each FILE is a trace in a folder of the test; those that fail without an index must fail with one.
Prints what differs, and exits 1 if anything does. trace-parse(1), Index.
"""
import functools
import os
import re
import struct
import sys

sys.dont_write_bytecode = True
from indexed import by_kind, conclude, difference, parse, run, together  # noqa: E402

SELECTIONS = ([], ["--gpu"], ["--cat", "kernel,cpu_op,gpu_memcpy,user_annotation,c"], ["--cat", "no such category"],
              ["--cat", "(none)"], ["--gpu", "--cat", "kernel,cpu_op"], ["--rank", "7"], ["--strict"], ["--partial-ok"],
              ["--strict", "--gpu"], ["--partial-ok", "--cat", "cpu_op,(none)"])
TRIED = {"all": SELECTIONS, "some": ([], ["--gpu"], ["--cat", "cpu_op,gpu_memcpy,ac2g"], ["--cat", "(none)"]), "two": ([], ["--gpu"])}
# What trace-info says of the stream, not of the trace: its size, and how many texts its tables have at the end.
OF_THE_STREAM = re.compile(rb"^(bytes|strings)\t[^\n]*\n", re.M)
STRINGS, RECORDS, META, CONTENTS, END = 1, 3, 6, 8, 9
MANY = 32           # files that may be too many to be held open at once
SMALL, LARGE = 1000000, 8000000


def kept_and_lost(err):
    """The line of -v about events; the reasons why an index was not used are another matter."""
    return [line for line in err.splitlines() if b" left out by the selection, " in line]


def counts(stream_end, lines):
    """What is wrong with the end line of a dump by itself."""
    events = sum(len(lines) for key, lines in by_kind(lines).items() if key not in (b"meta", b"end\""))
    found = re.fullmatch(rb'\{"end":\{"status":([03]),"events":(\d+),"lost":(\d+)\}\}', stream_end)
    if not found:
        return "no end line: %r" % stream_end
    return None if int(found[2]) == events else "%d records came, the end says %r" % (events, stream_end)


def announced(stream, many):
    """What is wrong with a stream that begins with a table of contents, as FORMAT.md says, or None. Of many files
    it has none."""
    contents, records, rest, end = None, False, False, None
    for kind, sub, flags, part, rows, length, at in frames(stream):
        if kind in (CONTENTS, END):
            totals = struct.unpack_from("<2I3Q", stream, at)
            tallies = [struct.unpack_from("<2I8x2Q", stream, at + 32 + 32 * i) for i in range(rows)]
            if kind == END:
                end = totals, tallies
            elif contents or records:
                return "a table of contents too many, or too late"
            else:
                contents = totals, tallies
        if records and contents and (kind == META or (kind == STRINGS and sub == 0)):
            return "metadata or names of GPU activity behind records"
        if kind == RECORDS and sub <= 3 and rest and contents:
            return "GPU activity behind other records"
        records |= kind == RECORDS
        rest |= kind == RECORDS and sub > 3
    return None if contents == end or (many and not contents) else "announced: %r, came: %r" % (contents, end)


def frames(stream):
    at = 16
    while at + 32 <= len(stream):
        kind, sub, flags, part, rows, length = struct.unpack_from("<HBBIII", stream, at)
        yield kind, sub, flags, part, rows, length, at + 32
        at += 32 + length


@functools.lru_cache(1000)
def dump_small(stream):
    return run(["trace-dump"], stream)


def dump(stream):
    """-> status, output, messages; selections of a small trace often give the same stream"""
    return dump_small(stream) if len(stream) < SMALL else run(["trace-dump"], stream)


def sinks(stream):
    """What users see of a stream: -> [(name, status, output)]"""
    status, labelled, _ = run(["kernel-classify"], stream)
    grouped = run(["group-by-op"], labelled)[:2]
    by_name = run(["group-by-op", "--by", "name,cat,rank,pid,tid,stream,device"], stream)[:2]
    info = run(["trace-info"], stream)
    return [("kernel-classify", status), ("group-by-op", grouped), ("group-by-op --by", by_name),
            ("trace-info", (info[0], OF_THE_STREAM.sub(b"", info[1])))]


def compare(options, files):
    """What differs between the trace and its index, or None."""
    want, got = (parse("--index", mode, *options, *files) for mode in ("off", "require"))
    if want[0] != got[0]:
        return "status %d, expected %d: %r" % (got[0], want[0], got[2])
    if want[2] != got[2]:
        return "message %r, expected %r" % (got[2], want[2])
    a, b = (dump(r[1]) for r in (want, got))
    if a[0] != b[0]:
        return "trace-dump: status %d, expected %d" % (b[0], a[0])
    if want[0] == 1:
        return None if b[0] == 1 else "a stream that failed has an end mark"
    wrong = difference(a[1], b[1]) or counts(b[1].splitlines()[-1], b[1]) or announced(got[1], len(files) > MANY)
    if wrong or options not in TRIED["two"] or len(want[1]) > LARGE:
        return wrong
    said = [kept_and_lost(parse("-v", "--index", mode, *options, *files)[2]) for mode in ("off", "require")]
    if said[0] != said[1]:
        return "-v says %r, expected %r" % (said[1], said[0])
    return next(("%s: %r, expected %r" % (x[0], y[1], x[1]) for x, y in zip(sinks(want[1]), sinks(got[1])) if x != y), None)


def selections(path, tried):
    """All that is wrong with one file."""
    want = parse("--index", "off", path)
    made = parse("--index", "rebuild", path)
    there = os.path.exists(path + ".trace.idx")
    if (want[0], want[2]) != (made[0], made[2]) or difference(*(dump(r[1])[1] for r in (want, made))):
        return ["%s: --index rebuild: %r, expected %r" % (path, (made[0], made[2]), (want[0], want[2]))]
    if want[0] == 1:
        return ["%s: an index of what is no trace" % path] if there else []
    if not there:
        return ["%s: no index was made" % path]
    before = os.stat(path + ".trace.idx")
    wrong = ["%s %s: %s" % (" ".join(options), path, what) for options in tried for what in [compare(options, [path])] if what]
    after = os.stat(path + ".trace.idx")
    if before.st_ino != after.st_ino:
        wrong.append("%s: --index require made an index" % path)
    return wrong


def main():
    what, *rest = sys.argv[1:]
    if what == "files":
        options, *files = rest
        wrong = compare(options.split(), files)
        conclude([wrong] if wrong else [], "1")
    tried = TRIED[what]
    wrong = together(lambda path: selections(path, tried), rest)
    conclude(sum(wrong, []), "%d files in %d selections" % (len(rest), len(tried)))


if __name__ == "__main__":
    main()
