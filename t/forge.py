"""The frames of an index, taken apart and put together again with checksums that are right.

Written from FORMAT.md alone. Index(data).pack() == data; whatever is changed in between is what a
hostile writer would make.
"""
import struct

from xxh3 import xxh3

STRINGS, TRACKS, COLUMN, META, CONTENTS, HEAD, EXTENTS, DAMAGE, PACKED, NUMBERS = 1, 2, 4, 6, 8, 10, 11, 12, 13, 16
NAMES = {STRINGS: "STRINGS", TRACKS: "TRACKS", COLUMN: "COLUMN", META: "META", CONTENTS: "CONTENTS", HEAD: "HEAD",
         EXTENTS: "EXTENTS", DAMAGE: "DAMAGE", PACKED: "PACKED", NUMBERS: "NUMBERS"}
RESET = 2
FIELDS = (("type", 2), ("sub", 1), ("flags", 1), ("part", 4), ("rows", 4), ("length", 4))
HEADER, FRAME_HEAD = 16, 32


class Frame:
    def __init__(self, kind, sub, flags, part, rows, length, payload):
        self.type, self.sub, self.flags, self.part, self.rows, self.length = kind, sub, flags, part, rows, length
        self.payload = bytearray(payload)
        self.packed = None

    def copy(self):
        """What is changed is a copy: frames that stay are checksummed once."""
        return Frame(self.type, self.sub, self.flags, self.part, self.rows, self.length, self.payload)

    def pack(self):
        if not self.packed:
            head = struct.pack("<HBBIIIQ", self.type, self.sub, self.flags, self.part, self.rows, self.length, xxh3(self.payload))
            self.packed = head + struct.pack("<Q", xxh3(head)) + self.payload
        return self.packed

    def name(self):
        return NAMES.get(self.type, str(self.type))


class Index:
    def __init__(self, data):
        self.magic, self.version = data[:8], data[8:12]
        self.frames = []
        at = HEADER
        while at < len(data):
            kind, sub, flags, part, rows, length = struct.unpack_from("<HBBIII", data, at)
            self.frames.append(Frame(kind, sub, flags, part, rows, length, data[at + FRAME_HEAD:at + FRAME_HEAD + length]))
            at += FRAME_HEAD + length

    def copy(self):
        new = Index(b"")
        new.magic, new.version, new.frames = self.magic, self.version, list(self.frames)
        return new

    def own(self, i):
        """Frame i, to be changed."""
        self.frames[i] = self.frames[i].copy()
        return self.frames[i]

    def pack(self):
        head = self.magic + self.version
        return head + struct.pack("<I", xxh3(head) & 0xFFFFFFFF) + b"".join(f.pack() for f in self.frames)

    def fit(self):
        """Brings the sizes in HEAD up to date, for frames that came, went or grew."""
        sizes = [len(f.pack()) for f in self.frames]
        struct.pack_into("<QQ", self.own(0).payload, 8, HEADER + sum(sizes), HEADER + sum(sizes[:self.tail()]))
        return self

    def fit_extents(self):
        """Each is a PACKED with its NUMBERS, or a STRINGS."""
        at, groups = HEADER + len(self.frames[0].pack()), []
        for f in self.frames[1:self.tail()]:
            if f.type != NUMBERS or not groups:
                groups.append([at, 0])
            groups[-1][1] += len(f.pack())
            at += len(f.pack())
        for i, f in enumerate(self.frames):
            if f.type == EXTENTS and f.length == 40 * len(groups):
                f = self.own(i)
                for row, (off, n) in enumerate(groups):
                    struct.pack_into("<QQ", f.payload, 40 * row + 8, off, n)

    def tail(self):
        """Which frame is the first of the tail."""
        return next((i for i, f in enumerate(self.frames) if i > 0 and is_tail(f)), len(self.frames))

    def find(self, kind):
        return next(i for i, f in enumerate(self.frames) if f.type == kind)


def is_tail(f):
    return f.type not in (PACKED, NUMBERS) and not (f.type == STRINGS and f.sub == 1)


def get(data, at, size):
    return int.from_bytes(data[at:at + size], "little")


def is_width(f, at):
    """True for the width of a field in PACKED or NUMBERS."""
    begin = (f.rows + 63) // 64 * 8 if f.type == NUMBERS else 0
    for _ in range(1 if f.type == NUMBERS else 5):
        if begin + 8 <= at < begin + 16:
            return True
        begin += 16 + (f.rows * get(f.payload, begin + 8, 8) + 7) // 8 * 8
    return False


# Each of these gives (description, function from the index of some copy of the trace to bytes) --------

VALUES = {"0": lambda old, top: 0, "1": lambda old, top: 1, "the largest": lambda old, top: top,
          "half the largest": lambda old, top: top >> 1, "one more": lambda old, top: old + 1 & top,
          "one less": lambda old, top: old - 1 & top, "8 more": lambda old, top: old + 8 & top,
          "8 less": lambda old, top: old - 8 & top, "a million": lambda old, top: 1 << 20 & top}


def set_field(ix, i, field, size, value):
    new = ix.copy()
    f = new.own(i)
    setattr(f, field, VALUES[value](getattr(f, field), (1 << 8 * size) - 1))
    return new.pack()


def set_bytes(ix, i, at, size, value):
    new = ix.copy()
    p = new.own(i).payload
    p[at:at + size] = VALUES[value](get(p, at, size), (1 << 8 * size) - 1).to_bytes(size, "little")
    return new.pack()


def is_content(f, field=None):
    """What a writer may say as it likes: another external id or bytes, more or less metadata and damage."""
    return f.type in (META, DAMAGE) or (f.type == NUMBERS and field in (None, "sub"))


def heads(ix, content):
    for i, f in enumerate(ix.frames):
        for field, size in FIELDS:
            for value in VALUES if is_content(f, field) == content else ():
                yield "head of %s %d: %s is %s" % (f.name(), i, field, value), lambda ix, a=(i, field, size, value): set_field(ix, *a)


def payloads(ix, content):
    """Each 4 and 8 bytes of payloads."""
    for i, f in enumerate(ix.frames):
        for size in 4, 8:
            for at in range(0, len(f.payload) - size + 1, size):
                structural = f.type in (HEAD, EXTENTS) or (f.type in (PACKED, NUMBERS) and is_width(f, at))
                for value in list(VALUES)[:6 if content else None] if structural != content else ():
                    yield "%s %d: %d bytes at %d are %s" % (f.name(), i, size, at, value), lambda ix, a=(i, at, size, value): set_bytes(ix, *a)


def changed(change, fit=True, offsets=True):
    """With sizes and offsets brought up to date or not."""
    def on(ix):
        new = ix.copy()
        change(new)
        if fit and offsets:
            new.fit_extents()
        return (new.fit() if fit else new).pack()
    return on


def other_order(new):
    """Eight bytes each of HEAD the other way round."""
    p = new.own(0).payload
    for at in range(0, 104, 8):
        p[at:at + 8] = p[at:at + 8][::-1]
    new.version = new.version[::-1]


def extents(change):
    def on(new):
        f = new.own(new.find(EXTENTS))
        rows = change([f.payload[at:at + 40] for at in range(0, len(f.payload), 40)])
        f.payload, f.rows, f.length = bytearray(b"".join(rows)), len(rows), 40 * len(rows)
    return changed(on, offsets=False)


def wholes(ix):
    """Versions and magics of others; extents in another order, too many, too few."""
    def other_reader(new):
        new.own(0).payload[0] ^= 1
    yield "the version of a later one", changed(lambda new: setattr(new, "version", b"\2\0\0\0"))
    yield "version 0", changed(lambda new: setattr(new, "version", b"\0\0\0\0"))
    yield "the magic of a stream", changed(lambda new: setattr(new, "magic", b"\x93trs\r\n\x1a\n"))
    yield "the version in the other byte order", changed(lambda new: setattr(new, "version", new.version[::-1]))
    yield "HEAD in the other byte order", changed(other_order, False)
    yield "made by another version", changed(other_reader)
    yield "twice", lambda ix: ix.pack() + ix.pack()
    yield "without its tail", changed(lambda new: new.frames.__delitem__(slice(1, None)))
    yield "only a tail", changed(lambda new: new.frames.__delitem__(slice(1, new.tail())))
    yield "no extents", extents(lambda rows: [])
    yield "an extent less", extents(lambda rows: rows[:-1])
    yield "the first extent twice", extents(lambda rows: rows[:1] + rows)
    yield "the last extent twice", extents(lambda rows: rows + rows[-1:])
    yield "extents turned round", extents(lambda rows: rows[::-1])
    yield "two extents changed", extents(lambda rows: rows[:-2] + rows[-1:] + rows[-2:-1])


def once_more(new, at, flags):
    f = new.frames[at].copy()
    f.flags = flags
    new.frames.append(f)


def emptied(new, at):
    f = new.own(at)
    f.payload, f.length, f.rows = bytearray(), 0, 0


MOVES = {"left out": lambda new, at: new.frames.pop(at), "twice": lambda new, at: new.frames.insert(at, new.frames[at]),
         "once more at the end": lambda new, at: once_more(new, at, 0),
         "with RESET, once more at the end": lambda new, at: once_more(new, at, RESET),
         "as the first of the tail": lambda new, at: new.frames.insert(new.tail(), new.frames.pop(at)), "emptied": emptied}


def moves(ix, content):
    """Frames that are missing, come twice, too late, in another place."""
    for at, f in enumerate(ix.frames):
        for name, move in MOVES.items():
            if at > 0 and is_content(f) == content:
                yield "%s %d %s" % (f.name(), at, name), changed(lambda new, a=(move, at): a[0](new, a[1]))
                yield "%s %d %s, sizes as before" % (f.name(), at, name), changed(lambda new, a=(move, at): a[0](new, a[1]), False)


def short_head(new):
    f = new.own(0)
    f.payload, f.length = f.payload[:104], 104


def longer(ix, n):
    """Bytes behind the last frame, and HEAD knows of them."""
    new = ix.copy()
    p = new.own(0).payload
    p[8:16] = (get(p, 8, 8) + n).to_bytes(8, "little")
    return new.pack() + bytes(n)


def column_of_two(new, at):
    f = new.own(at)
    f.payload, f.rows, f.length = bytearray(b"\3" + bytes(23)), 2, 24


def column_of_stream(new, at):
    f = new.own(at)
    f.type, f.payload, f.length = COLUMN, bytearray(b"\1" + bytes(7) + b"\3" + bytes(7)), 16


def grown(new, i, n):
    f = new.own(i)
    f.payload += bytes(n)
    f.length += n


def many_rows(new, i, rows):
    """A frame of records that says it has so many of eight bytes each; extents and counts say so too."""
    f, extents_, counts = new.own(i), new.own(new.find(EXTENTS)), new.own(new.find(CONTENTS))
    more, f.rows = rows - f.rows, rows
    f.payload[8:16] = (8).to_bytes(8, "little")
    row = sum(g.type != NUMBERS for g in new.frames[1:i])
    struct.pack_into("<I", extents_.payload, 40 * row + 4, rows)
    for at in [8] + [at + 16 for at in range(32, counts.length, 32) if get(counts.payload, at + 4, 4) == f.sub]:
        struct.pack_into("<Q", counts.payload, at, get(counts.payload, at, 8) + more)


def ids(ix):
    """Words and kinds that are not there: (frame, where its id is)"""
    for kind, places in ((TRACKS, range(0, 24, 4)), (CONTENTS, [36, 40]), (DAMAGE, [8, 12])):
        i = ix.find(kind)
        yield from ((i, at) for at in places if at + 4 <= ix.frames[i].length)


def others(ix):
    """What says by itself that it is of another version or another trace: never used."""
    yield from list(wholes(ix))[:6]
    for name, at, size in (("reader", 0, 8), ("bytes", 8, 8), ("device", 24, 8), ("inode", 32, 8), ("size", 40, 8), ("mtime", 48, 8),
                           ("ctime", 56, 8), ("samples", 64, 8), ("samples", 72, 8)):
        for value in "0", "one more", "the largest":
            yield "%s at %d: %s" % (name, at, value), lambda ix, a=(0, at, size, value): set_bytes(ix, *a)
    yield "8 bytes behind the end", lambda ix: ix.pack() + bytes(8)
    yield "the check of the header", lambda ix: ix.pack()[:12] + bytes(4) + ix.pack()[16:]
    yield "HEAD is of another type", lambda ix: set_field(ix, 0, "type", 2, "one more")
    yield "HEAD is too short", changed(short_head)
    yield "two extents changed", extents(lambda rows: rows[:-2] + rows[-1:] + rows[-2:-1])
    yield "8 bytes more in the tail", lambda ix: longer(ix, 8)
    yield "40 bytes more in the tail", lambda ix: longer(ix, 40)
    for i, at in ids(ix):
        yield "%s %d: the id at %d is of nothing" % (ix.frames[i].name(), i, at), lambda ix, a=(i, at, 4, "a million"): set_bytes(ix, *a)
    i = ix.find(PACKED)
    for rows in 2, 1000, 65536, 65537, 4000000, 4000000000:
        yield "PACKED %d: %d rows" % (i, rows), changed(lambda new, a=(i, rows): many_rows(new, *a), False)
    yield "PACKED %d: 8 bytes more" % i, changed(lambda new, i=i: grown(new, i, 8))
    for i, f in enumerate(ix.frames):
        if f.type == NUMBERS:
            yield "NUMBERS %d: two rows for one record" % i, changed(lambda new, i=i: column_of_two(new, i))
            yield "NUMBERS %d: a COLUMN as in a stream" % i, changed(lambda new, i=i: column_of_stream(new, i))
            for sub in 0, 3, 6, 7, 8, 255:
                yield "NUMBERS %d: is column %d" % (i, sub), changed(lambda new, a=(i, sub): setattr(new.own(a[0]), "sub", a[1]))
        if f.type == PACKED and f.rows == 1:    # all widths are 0: the track is the last value
            for value in "one more", "one less":
                yield "PACKED %d: its track is %s" % (i, value), lambda ix, a=(i, len(f.payload) - 16, 8, value): set_bytes(ix, *a)
