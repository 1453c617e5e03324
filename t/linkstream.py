#!/usr/bin/env python3
"""linkstream.py make FILE >NEW    a stream with links: every GPU activity but each fifth has one
linkstream.py show FILE         a line for each GPU activity: name, phase, step, stack, instance; sorted

By FORMAT.md alone. Phase and step follow from the row; stacks are two frames deep.
"""
import struct
import sys

sys.dont_write_bytecode = True
from xxh3 import xxh3  # noqa: E402

STRINGS, TRACKS, RECORDS, COLUMN, KEYS, STACKS, LINKS = 1, 2, 3, 4, 7, 14, 15
GPU, HOST, WORD = 0, 1, 2
LINK, INSTANCE = 6, 7
RESET = 2
PHASES = ["prefill", "decode", None]


def frames(data):
    """(type, sub, flags, part, rows, payload, all of it) of each frame"""
    at = 16
    while at < len(data):
        kind, sub, flags, part, rows, length = struct.unpack_from("<HBBIII", data, at)
        yield kind, sub, flags, part, rows, data[at + 32:at + 32 + length], data[at:at + 32 + length]
        at += 32 + length


def frame(kind, sub, flags, part, rows, payload):
    payload += b"\0" * (-len(payload) % 8)
    head = struct.pack("<HBBIIIQ", kind, sub, flags | 1, part, rows, len(payload), xxh3(payload))
    return head + struct.pack("<Q", xxh3(head)) + payload


def strings(kind, sub, texts):
    texts = [t.encode() for t in texts]
    return frame(kind, sub, 0, 0, len(texts), b"".join(struct.pack("<I", len(t)) for t in texts) + b"".join(texts))


def numbers(column, part, values):
    bits = sum(1 << i for i, v in enumerate(values) if v is not None)
    payload = bits.to_bytes((len(values) + 63) // 64 * 8, "little")
    return frame(COLUMN, column, 0, part, len(values), payload + b"".join(struct.pack("<Q", v or 0) for v in values))


def make(data):
    """Names of the links are sent behind those that the stream has, before each run of GPU records:
    their ids count on."""
    out = [data[:16], strings(KEYS, 0, ["phase", "step", "stack"])]
    count = {GPU: 0, HOST: 0, WORD: 0, 3: 0}
    nlinks = nstacks = instance = 0
    pending = []
    for kind, sub, flags, part, rows, payload, raw in frames(data):
        if kind != COLUMN:
            out += pending
            pending = []
        if kind == STRINGS:
            count[sub] = (0 if flags & RESET else count[sub]) + rows
            if flags & RESET and sub in (HOST, WORD):
                nlinks = nstacks = 0
        if kind == RECORDS and sub <= 3:
            h, w = count[HOST], count[WORD]
            out += [strings(STRINGS, HOST, ["outer", "call %d" % len(out)]), strings(STRINGS, WORD, PHASES[:2] + ["0", "1"])]
            count[HOST] += 2
            count[WORD] += 4
            out.append(frame(STACKS, 0, 0, 0, 2, struct.pack("<8I", 0, h + 1, 4, 0, nstacks + 1, h + 2, 6, 0)))
            links = [struct.pack("<12I", 1, h + 2, h + 1, 0, 0, 0, 0, nstacks + 2, w + 1 + p if p < 2 else 0, w + 3 + s, 0, 0)
                     for p in range(3) for s in range(2)]
            out.append(frame(LINKS, 0, 0, 0, len(links), b"".join(links)))
            of = [None if i % 5 == 4 else nlinks + 1 + i % 6 for i in range(rows)]
            nlinks, nstacks = nlinks + 6, nstacks + 2
            pending = [numbers(LINK, part, of), numbers(INSTANCE, part, [instance + i for i in range(rows)])]
            instance += rows
        out.append(raw)
    return b"".join(out)


def texts(rows, payload):
    at = 4 * rows
    for n in struct.unpack_from("<%dI" % rows, payload):
        yield payload[at:at + n].decode("utf-8", "backslashreplace")
        at += n


def number(payload, rows, i):
    if not payload or not payload[i // 8] >> i % 8 & 1:
        return None
    return struct.unpack_from("<Q", payload, (rows + 63) // 64 * 8 + 8 * i)[0]


def show(data):
    table = {GPU: [None], HOST: [None], WORD: [None], 3: [None]}
    stacks, links, lines, batch = [None], [None], [], None

    def path(i):
        names = []
        while i:
            i, name = stacks[i]
            names.insert(0, table[HOST][name])
        return ";".join(names)

    def flush():
        if not batch:
            return
        part, rows, payload, columns = batch
        for i in range(rows):
            name = table[GPU][struct.unpack_from("<I", payload, 32 * i + 24)[0]]
            link = links[number(columns.get(LINK), rows, i) or 0]
            said = [table[WORD][link[8]], table[WORD][link[9]], path(link[7])] if link else ["-"]
            lines.append(" | ".join(map(str, [part, name] + said + [number(columns.get(INSTANCE), rows, i)])))

    for kind, sub, flags, part, rows, payload, _ in frames(data):
        if kind == COLUMN and batch:
            batch[3][sub] = payload
            continue
        flush()
        batch = None
        if kind == STRINGS:
            table[sub] = [None] if flags & RESET else table[sub]
            table[sub] += texts(rows, payload)
            if flags & RESET and sub in (HOST, WORD):
                stacks, links = [None], [None]
        elif kind == STACKS:
            stacks = [None] if flags & RESET else stacks
            links = [None] if flags & RESET else links
            stacks += [struct.unpack_from("<2I", payload, 16 * i) for i in range(rows)]
        elif kind == LINKS:
            links = [None] if flags & RESET else links
            links += [struct.unpack_from("<11I", payload, 48 * i) for i in range(rows)]
        elif kind == RECORDS and sub <= 3:
            batch = (part, rows, payload, {})
    sys.stdout.write("".join(line + "\n" for line in sorted(lines)))


if __name__ == "__main__":
    with open(sys.argv[2], "rb") as f:
        stream = f.read()
    if sys.argv[1] == "make":
        sys.stdout.buffer.write(make(stream))
    else:
        show(stream)
