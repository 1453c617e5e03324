#!/usr/bin/env python3
"""flips.py - damages a record stream in every way that a test can think of.

  flips.py cuts FILE     cut at every byte: the consumers never exit 0, and print no result
  flips.py flips FILE    one bit flipped: the consumers never exit 0 with a changed result
  flips.py make WHAT FILE >NEW   the stream with one frame more, or one field changed, checks right

Prints what went wrong, and exits 1 if anything did. GUARANTEES.md, 5; FORMAT.md.
"""
import os
import shutil
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
from xxh3 import xxh3  # noqa: E402

RECORDS, COLUMN, META, CONTENTS, END, STACKS, LINKS = 3, 4, 6, 8, 9, 14, 15
KEEP = 1
CONSUMERS = ["group-by-op"], ["trace-dump"], ["kernel-classify"], ["trace-info"], ["trace-cut", "--min-dur", "1"], \
    ["trace-intern", "--short"]
FILTER = CONSUMERS[2]       # hands on what it does not look at
WRITERS = FILTER, CONSUMERS[4], CONSUMERS[5]
WORKERS = 2

# Running programs: a few thousand times, so without a pipe and without a shell ------------------

ENV = dict(os.environ, MALLOC_ARENA_MAX="1")


def is_asan():
    with open(shutil.which("trace-dump"), "rb") as f:
        return b"__asan_init" in f.read()


def temporary(name, data=b""):
    fd = os.memfd_create(name)
    os.write(fd, data)
    return fd


def run(command, data):
    """-> status (negative for a signal), standard output, standard error"""
    files = [temporary(name, part) for name, part in (("in", data), ("out", b""), ("err", b""))]
    os.lseek(files[0], 0, os.SEEK_SET)
    actions = [(os.POSIX_SPAWN_DUP2, fd, to) for to, fd in enumerate(files)]
    pid = os.posix_spawn(shutil.which(command[0]), command, ENV, file_actions=actions)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    out, err = (os.pread(fd, os.fstat(fd).st_size, 0) for fd in files[1:])
    for fd in files:
        os.close(fd)
    return status, out, err


# What must hold ---------------------------------------------------------------------------------

def frames(data):
    """Offset, type and length of each frame, unchecked."""
    at = 16
    while at + 32 <= len(data):
        kind, length = struct.unpack_from("<H", data, at)[0], struct.unpack_from("<I", data, at + 12)[0]
        yield at, kind, length
        at += 32 + length


def has_end(command, out):
    """True if this is an end mark, or something that a user would take for a result."""
    if command in WRITERS:
        return any(kind == END and at + 32 + length <= len(out) for at, kind, length in frames(out))
    return b'{"end"' in out if command == ["trace-dump"] else bool(out)


def judge(command, data, whole):
    """What is wrong with what the command makes of data, or None; whole is its right answer."""
    status, out, err = run(command, data)
    if status == 0 and out == whole:
        return None
    if status == 0 and command == FILTER:   # what it hands on untouched, the next one checks
        status, out, err = run(["trace-dump"], out)
        return None if status == 1 else "status %d after a filter that said 0" % status
    if status != 1:
        return "status %d, message %r, output %s" % (status, err[:200], "as ever" if out == whole else "changed")
    if has_end(command, out):
        return "status 1 with a result: %r" % out[:100]
    lines = err.splitlines()
    if len(lines) != 1 or not lines[0].startswith(command[0].encode() + b": "):
        return "not one line of message: %r" % err[:300]
    return None


def many(cases, path):
    """cases of (description, command, data)"""
    with open(path, "rb") as f:
        stream = f.read()
    whole = {}
    for command in CONSUMERS:
        status, whole[command[0]], err = run(command, stream)
        if status != 0:
            sys.exit("%s: the whole stream: status %d, %r" % (command, status, err))
    cases = list(cases(stream))
    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(lambda case: judge(case[1], case[2], whole[case[1][0]]), cases))
    wrong = ["%s: %s: %s" % (" ".join(case[1]), case[0], what) for case, what in zip(cases, found) if what]
    print("\n".join(wrong[:40]))
    print("%d of %d went wrong" % (len(wrong), len(cases)))
    sys.exit(bool(wrong))


def every():
    return 23 if is_asan() else 1   # where a process takes much longer to start


def cuts(stream):
    """Each length meets group-by-op and one of the others."""
    for n in range(0, len(stream), every()):
        for command in CONSUMERS[0], CONSUMERS[1 + n % (len(CONSUMERS) - 1)]:
            yield "cut to %d bytes" % n, command, stream[:n]


def is_structure(stream):
    """For each byte, if it is of the header, a head or the end mark."""
    marks = bytearray(len(stream))
    marks[:16] = bytes([1]) * 16
    for at, kind, length in frames(stream):
        n = 32 + (length if kind == END else 0)
        marks[at:at + n] = bytes([1]) * n
    return marks


def flips(stream):
    """All bits of the structure and two of each other byte; the consumers in turn."""
    structure = is_structure(stream)
    bits = [bit for bit in range(8 * len(stream)) if structure[bit // 8] or bit % 4 == bit // 8 % 4]
    for bit in bits[::every()]:
        damaged = bytearray(stream)
        damaged[bit // 8] ^= 1 << bit % 8
        yield "byte %d, bit %d flipped" % (bit // 8, bit % 8), CONSUMERS[(bit + bit // 8) % len(CONSUMERS)], bytes(damaged)


# Streams that another writer might make -----------------------------------------------------------

def frame(kind, payload, sub=0, flags=KEEP, part=0, rows=0):
    head = struct.pack("<HBBIIIQ", kind, sub, flags, part, rows, len(payload), xxh3(payload))
    return head + struct.pack("<Q", xxh3(head)) + payload


def header(version=1):
    head = b"\x93trs\r\n\x1a\n" + struct.pack("<HH", version, 0)
    return head + struct.pack("<I", xxh3(head) & 0xFFFFFFFF)


def everywhere(stream, extra):
    """extra before every frame, except between RECORDS and its COLUMNs"""
    out = [stream[:16]]
    for at, kind, length in frames(stream):
        out += [extra] if kind != COLUMN else []
        out.append(stream[at:at + 32 + length])
    return b"".join(out)


def end_changed(stream, events=0, lost=0, status=0, rows=()):
    """The end mark with other totals and more rows"""
    at, _, length = [f for f in frames(stream) if f[1] == END][0]
    payload = bytearray(stream[at + 32:at + 32 + length])
    was = struct.unpack_from("<2I3Q", payload)
    struct.pack_into("<2I3Q", payload, 0, status or was[0], was[1], was[2] + events, was[3] + lost, was[4])
    for row in rows:
        payload += struct.pack("<4I2Q", *row)
    return stream[:at] + frame(END, bytes(payload), rows=(len(payload) - 32) // 32)


def before_end(stream, extra):
    at = [f[0] for f in frames(stream) if f[1] == END][0]
    return stream[:at] + extra + stream[at:]


def only(stream, which):
    return [stream[at:at + 32 + length] for at, kind, length in frames(stream) if kind == which]


def without(stream, which):
    return stream[:16] + b"".join(stream[at:at + 32 + length] for at, kind, length in frames(stream) if kind != which)


def announced(stream, new_kinds=(), again=b"", gpu_less=0):
    """The same stream as if it came from an index: names and metadata, CONTENTS, GPU activity, the
    rest. new_kinds: rows of CONTENTS and END, whose records come before the rest. again: what follows
    CONTENTS. gpu_less: CONTENTS announces so many kernels less than come."""
    extra = b"".join(frame(RECORDS, bytes(32 * row[4]), sub=row[1], rows=row[4]) for row in new_kinds if row[4])
    stream = end_changed(stream, events=sum(row[4] for row in new_kinds), lost=sum(row[5] for row in new_kinds), rows=new_kinds)
    names, gpu, rest = [], [], [extra]
    for at, kind, length in frames(stream):
        whole = stream[at:at + 32 + length]
        if kind == RECORDS:
            records = gpu if whole[2] <= 3 else rest
        if kind == END:
            rows, counts = (length - 32) // 32, bytearray(whole[32:])
        else:
            (records if kind in (RECORDS, COLUMN) else names).append(whole)
    end = frame(END, bytes(counts), rows=rows)
    for at in range(32, len(counts), 32):
        kind, n = struct.unpack_from("<4xI8xQ", counts, at)
        struct.pack_into("<Q", counts, at + 16, n - (gpu_less if kind == 1 else 0))
    return stream[:16] + b"".join([*names, frame(CONTENTS, bytes(counts), rows=rows), again, *gpu, *rest, end])


def words_again(stream):
    """All words with RESET, and all tracks, once more"""
    words, tracks = ([stream[at:at + 32 + n] for at, kind, n in frames(stream) if (kind, stream[at + 2]) == which] for which in ((1, 2), (2, 0)))
    first = words[0]
    return b"".join([frame(1, first[32:], sub=2, flags=KEEP | 2, rows=struct.unpack_from("<I", first, 8)[0]), *words[1:], *tracks])


def changed(stream, kind, sub=0, at=0, value=None, layout="<I", rows=0):
    """The first frame of this type and sub with another number in its payload, or more rows by its head"""
    begin, _, length = next(f for f in frames(stream) if f[1] == kind and stream[f[0] + 2] == sub)
    _, _, flags, part, was = struct.unpack_from("<HBBII", stream, begin)
    payload = bytearray(stream[begin + 32:begin + 32 + length])
    if value is not None:
        struct.pack_into(layout, payload, at, value)
    return stream[:begin] + frame(kind, bytes(payload), sub, flags, part, was + rows) + stream[begin + 32 + length:]


def up_to_gpu(stream):
    """An announced stream up to the end of GPU activity; without any, up to the first head of other records"""
    at, none = 16, True
    for at, kind, _ in frames(stream):
        if kind == RECORDS and stream[at + 2] > 3:
            break
        none &= kind != RECORDS
    return stream[:at + 32 if none else at]


NEW_KINDS = [(0, 99, 0, 0, 5, 0), (1, 12345, 0, 0, 0, 7)]
MAKE = {
    "announced": announced,
    "meta-last": lambda s: before_end(without(s, META), b"".join(only(s, META))),
    "announced-gpu": lambda s: up_to_gpu(announced(s)),
    "announced-kinds": lambda s: announced(s, NEW_KINDS),
    "announced-kinds-gpu": lambda s: up_to_gpu(announced(s, NEW_KINDS)),
    "announced-again": lambda s: announced(s, again=words_again(s)),
    "announced-less": lambda s: announced(s, gpu_less=1),
    "version-2": lambda s: header(2) + s[16:],
    "version-0": lambda s: header(0) + s[16:],
    "twice": lambda s: s + s,
    "byte-after": lambda s: s + b"\0",
    "newline-after": lambda s: s + b"\n",
    "frame-after": lambda s: s + frame(300, b"12345678"),
    "unknown-keep": lambda s: everywhere(s, frame(300, b"unknown!", flags=KEEP, rows=77)),
    "unknown-drop": lambda s: everywhere(s, frame(300, b"unknown!", flags=0, rows=77)),
    "unknown-large": lambda s: everywhere(s, frame(65535, bytes(1 << 20), flags=KEEP)),
    "unknown-empty": lambda s: everywhere(s, frame(10, b"", flags=KEEP)),
    "unknown-role": lambda s: everywhere(s, frame(1, struct.pack("<I4s", 4, b"text"), sub=9, rows=1)),
    "unknown-kind": lambda s: end_changed(before_end(s, frame(3, bytes(32), sub=99, rows=1)), events=1, rows=[(0, 99, 0, 0, 1, 0)]),
    "events-more": lambda s: end_changed(s, events=1),
    "events-less": lambda s: end_changed(s, events=-1),
    "status-7": lambda s: end_changed(s, status=7),
    "no-frames": lambda s: header(),
    "only-end": lambda s: header() + frame(END, bytes(32)),
    "two-ends": lambda s: s + frame(END, bytes(32)),
    "no-header": lambda s: s[16:],
    "stack-in-itself": lambda s: changed(s, STACKS, at=0, value=1),
    "stack-in-a-later-one": lambda s: changed(s, STACKS, at=0, value=2),
    "stack-in-nothing": lambda s: changed(s, STACKS, at=0, value=0xFFFFFFFF),
    "stack-without-its-name": lambda s: changed(s, STACKS, at=4, value=999),
    "stack-rows": lambda s: changed(s, STACKS, rows=-1),
    "link-without-its-launch": lambda s: changed(s, LINKS, at=4, value=999),
    "link-without-its-forward-module": lambda s: changed(s, LINKS, at=24, value=0xFFFFFFFF),
    "link-without-its-stack": lambda s: changed(s, LINKS, at=28, value=999),
    "link-without-its-phase": lambda s: changed(s, LINKS, at=32, value=999),
    "link-without-its-layer": lambda s: changed(s, LINKS, at=40, value=0xFFFFFFFF),
    "link-rows": lambda s: changed(s, LINKS, rows=1),
    "record-without-its-link": lambda s: changed(s, COLUMN, sub=6, at=8, value=999, layout="<Q"),
    "record-with-a-huge-link": lambda s: changed(s, COLUMN, sub=6, at=8, value=1 << 32 | 1, layout="<Q"),
    "record-with-link-0": lambda s: changed(s, COLUMN, sub=6, at=8, value=0, layout="<Q"),
    "record-rows": lambda s: changed(s, COLUMN, sub=6, rows=1),
    "newlines-converted": lambda s: s.replace(b"\r\n", b"\n"),
}


def main():
    what, *rest = sys.argv[1:]
    if what == "make":
        with open(rest[1], "rb") as f:
            sys.stdout.buffer.write(MAKE[rest[0]](f.read()))
    else:
        many({"cuts": cuts, "flips": flips}[what], rest[0])


if __name__ == "__main__":
    try:
        main()
    except subprocess.SubprocessError as e:
        sys.exit(str(e))
