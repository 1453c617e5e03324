#!/usr/bin/env python3
"""decode.py [FILE]: checks a trs record stream and prints it as JSON lines, as trace-dump does.

A second reader, written from lib/format/FORMAT.md alone and in its order. It shares no code with
the C one and checks all that the document says. It prints nothing, and exits 1, if that fails.
"""

import json
import re
import struct
import sys
from collections import Counter, namedtuple
from itertools import accumulate

sys.dont_write_bytecode = True
from xxh3 import xxh3  # noqa: E402

def need(true, at, what):
    if not true:
        sys.exit(f"decode.py: byte {at}: {what}")

def need_padding(payload, used, at):
    need(len(payload) == used + -used % 8, at, f"{len(payload)} bytes, where the rows fill {used}")
    need(not any(payload[used:]), at + used, "padding is not zero")

# Header and frames

STRINGS, TRACKS, RECORDS, COLUMN, LABELS, META, KEYS, CONTENTS, END = range(1, 10)
STACKS, LINKS = 14, 15
KNOWN = dict(enumerate("STRINGS TRACKS RECORDS COLUMN LABELS META KEYS CONTENTS END".split(), 1)) | \
    {STACKS: "STACKS", LINKS: "LINKS"}
COLUMNS = {1: "external_id", 2: "bytes", 3: "args", 4: "sequence", 5: "fwd_thread", 6: "link", 7: "instance",
           8: "calls", 9: "prim_calls", 10: "cum_ns", 11: "stack"}
SUBS = {STRINGS: range(0, 4), RECORDS: range(1, 16), COLUMN: COLUMNS}
GPU, HOST, WORD, LABEL = SUBS[STRINGS]
FUNCTION, CALL, STACK = PROFILE = range(13, 16)
PROFILE_KINDS = {FUNCTION: "function", CALL: "call", STACK: "stack"}
STACK_KINDS = {4: "cpu_op", 5: "python", 6: "runtime", FUNCTION: "function"}
KEEP, RESET = 1, 2
UTF_8 = "utf-8", "surrogateescape"

Frame = namedtuple("Frame", "type sub flags part rows length payload_check head_check")
Track = namedtuple("Track", "ph cat pid tid device stream flags", defaults=[None] * 6 + [0])

def frames(data):
    """Every frame behind the header: its head, its payload and the offset of its payload."""
    magic = b"\x93trs\r\n\x1a\n"
    need(data[:8] == magic[:len(data)], 0, "not a trs record stream: wrong magic")
    need(len(data) >= 16, len(data), "cut in the header")
    version, reserved, check = struct.unpack_from("<HHI", data, 8)
    need(version == 1, 8, f"version {version}, where 1 is known")
    need(check == xxh3(data[:12]) & 0xFFFFFFFF and reserved == 0, 12, "wrong check of the header")
    at, kind = 16, 0
    while kind != END:
        need(at + 32 <= len(data), len(data), "cut: no END frame")
        kind, *_ = frame = Frame(*struct.unpack_from("<HBBIIIQQ", data, at))
        need(frame.head_check == xxh3(data[at:at + 24]), at, "wrong check of a frame head")
        need(frame.flags <= KEEP | RESET, at + 3, f"flags {frame.flags}")
        need(frame.length % 8 == 0 and frame.length <= 64 << 20, at + 12, f"length {frame.length}")
        payload = data[at + 32:at + 32 + frame.length]
        need(len(payload) == frame.length, len(data), "cut in a payload")
        need(frame.payload_check == xxh3(payload), at + 32, "wrong check of a payload")
        starts = kind in (STRINGS, TRACKS, STACKS, LINKS)
        usual = (frame.sub == 0 or kind in SUBS) and (frame.flags < RESET or starts) \
            and (frame.part == 0 or kind in (RECORDS, COLUMN, META))
        need(usual or kind not in KNOWN, at + 2, "a sub, RESET or part with a frame that has none")
        yield frame, payload, at + 32
        at += 32 + frame.length
    need(at == len(data), at, "something follows the END frame")

# The layouts of payloads

def rows_of(frame, payload, at, layout, begin=0):
    """Rows of a fixed size, each with its offset."""
    size = struct.calcsize(layout)
    need(frame.length == begin + size * frame.rows, at, f"{frame.length} bytes for {frame.rows} rows")
    return zip(range(at + begin, at + frame.length, size), struct.iter_unpack(layout, payload[begin:]))

def texts_of(frame, payload, at, given="lengths"):
    """Texts behind a table of their lengths (STRINGS, KEYS) or of their ends (COLUMN)."""
    need(frame.length >= 4 * frame.rows, at, f"{frame.length} bytes for {frame.rows} rows")
    table, base = struct.unpack_from(f"<{frame.rows}I", payload), 4 * frame.rows
    ends = [0, *(accumulate(table) if given == "lengths" else table)]
    need(ends == sorted(ends), at, "a text ends before it begins")
    need_padding(payload, base + ends[-1], at)
    return [payload[base + begin:base + end].decode(*UTF_8) for begin, end in zip(ends, ends[1:])]

def numbers_of(frame, payload, at):
    """A bit per row that says if there is a number, and the numbers."""
    begin = (frame.rows + 63) // 64 * 8
    need(frame.length == begin + 8 * frame.rows, at, f"{frame.length} bytes for {frame.rows} rows")
    need(int.from_bytes(payload[:begin], "little") >> frame.rows == 0, at, "padding is not zero")
    present = [payload[row // 8] >> row % 8 & 1 for row in range(frame.rows)]
    numbers = [number for number, in struct.iter_unpack("<Q", payload[begin:])]
    need(all(p or not n for p, n in zip(present, numbers)), at, "a number where the bit says none")
    return [n if p else None for p, n in zip(present, numbers)]

def parsed(value, at=0):
    """A JSON value, with its numbers as str."""
    try:
        return json.loads(value, parse_int=str, parse_float=str)
    except RecursionError:
        return {}                   # nested deeper than Python can read: believed
    except ValueError:
        need(False, at, "this is no JSON")

# What the frames say: a method for each type

class Stream:
    def __init__(self, data):
        self.tables = [[None] for _ in SUBS[STRINGS]]       # role -> id -> string
        self.tracks = [Track()]
        self.stacks = [None]        # id -> its frame as text, and the entry of the frame around it
        self.links = [None]         # id -> the object as text
        self.labels = {}            # name id -> op, category, library; a new dict after a reset of gpu
        self.records = []           # dicts of what is printed; labels are looked up in the end
        self.came = Counter()       # part, kind, category -> records
        self.last = None            # the last RECORDS: its head and its records
        self.meta = {}              # part, key -> value
        self.contents, self.begun = None, False
        for frame, payload, at in frames(data):
            need(frame.type not in (KEYS, CONTENTS) or not self.begun, at - 32, "this comes before RECORDS")
            self.begun |= frame.type == RECORDS
            if frame.type in KNOWN and frame.type != COLUMN:
                self.last = None
            if frame.type in KNOWN and frame.sub in SUBS.get(frame.type, [0]):
                getattr(self, KNOWN[frame.type])(frame, payload, at)
            elif frame.type == RECORDS:                     # a new kind: only counted
                self.came[frame.part, frame.sub, None] += frame.rows
                self.last = frame, []

    def known(self, table, number, at):
        need(number < len(table), at, f"id {number}, where {len(table) - 1} came")
        return table[number]

    def STRINGS(self, frame, payload, at):
        if frame.flags & RESET:
            self.tables[frame.sub] = [None]
            self.labels = {} if frame.sub == GPU else self.labels
            self.tracks = [Track()] if frame.sub == WORD else self.tracks
            if frame.sub in (HOST, WORD):
                self.stacks, self.links = [None], [None]
        self.tables[frame.sub] += texts_of(frame, payload, at)

    def TRACKS(self, frame, payload, at):
        if frame.flags & RESET:
            self.tracks = [Track()]
        for at, (*words, flags, reserved) in rows_of(frame, payload, at, "<8I"):
            need(flags < 8 and reserved == 0, at + 24, "unknown flags of a track")
            self.tracks.append(Track(*(self.known(self.tables[WORD], word, at) for word in words), flags))

    def RECORDS(self, frame, payload, at):
        gpu = frame.sub <= 3
        late = gpu and self.contents and any(kind > 3 for _, kind, _ in self.came)
        need(not late, at - 32, "GPU activity behind other records in a stream with CONTENTS")
        self.last = frame, []
        for at, (start, duration, link, name, track) in rows_of(frame, payload, at, "<qqQII"):
            track = self.known(self.tracks, track, at + 28)
            interval, linked, timeless = track.ph == "X", track.flags & 1, track.flags & 2
            of_profile = frame.sub in PROFILE
            need(not of_profile or track == Track(flags=2), at + 28, "a record of a profile with a track like events")
            need(start == 0 or not timeless, at, "a start, where the track says none")
            need(duration == 0 or duration > 0 and (interval or of_profile), at + 8,
                 "a negative duration, or one without X")
            need(link == 0 or linked, at + 16, "a correlation, where the track says none")
            self.last[1].append(track._asdict() | {
                "name": self.known(self.tables[GPU if gpu else HOST], name, at + 24), "rank": frame.part,
                "kind": PROFILE_KINDS.get(frame.sub),
                "ts_ns": None if timeless else start, "dur_ns": duration if interval or of_profile else None,
                "correlation": link if linked else None, "labels": (self.labels if gpu else {}, name)})
            self.came[frame.part, frame.sub, track.cat] += 1
        self.records += self.last[1]

    def COLUMN(self, frame, payload, at):
        need(self.last, at - 32, "a COLUMN that follows no RECORDS")
        head, records = self.last
        need((frame.part, frame.rows) == (head.part, head.rows), at - 28, "a COLUMN unlike its RECORDS")
        column = COLUMNS[frame.sub]
        of_gpu = head.sub <= 3 or head.sub not in SUBS[RECORDS]
        need(of_gpu or column not in ("link", "instance"), at - 30, "a column of GPU activity alone")
        totals = head.sub in (FUNCTION, CALL) or head.sub not in SUBS[RECORDS]
        need(totals or column not in ("calls", "prim_calls", "cum_ns"), at - 30, "a column of functions and calls alone")
        stacked = head.sub in (CALL, STACK) or head.sub not in SUBS[RECORDS]
        need(stacked or column != "stack", at - 30, "a column of calls and stacks alone")
        need(not any(column in record for record in records), at - 30, "the same COLUMN twice")
        values = texts_of(frame, payload, at, "ends") if column == "args" else numbers_of(frame, payload, at)
        values = [None if value == "" else value for value in values]
        if column == "args":
            need(all(isinstance(parsed(v, at), dict) for v in values if v), at, "args that are no object")
        need(any(value is not None for value in values), at, "a COLUMN without a value")
        if column == "link":
            need(0 not in values, at, "a record with link 0")
            values = [None if value is None else self.known(self.links, value, at) for value in values]
        if column == "stack":
            need(0 not in values, at, "a record with stack 0")
            values = [None if value is None else self.known(self.stacks, value, at) for value in values]
            need(all(v is None or v[0] == FUNCTION for v in values), at, "frames of a profile that are none")
        for record, value in zip(records, values):
            record[column] = value

    def LABELS(self, frame, payload, at):
        for at, (name, *labels) in rows_of(frame, payload, at, "<4I"):
            self.known(self.tables[GPU], name, at)
            self.labels[name] = [self.known(self.tables[LABEL], label, at + 4) for label in labels]

    def STACKS(self, frame, payload, at):
        need(not (self.contents and self.begun), at - 32, "this comes before RECORDS in a stream with CONTENTS")
        if frame.flags & RESET:
            self.stacks, self.links = [None], [None]
        for at, (parent, name, kind, reserved) in rows_of(frame, payload, at, "<4I"):
            need(kind in STACK_KINDS and reserved == 0, at + 8, f"a frame of kind {kind}")
            around = self.known(self.stacks, parent, at)
            need(not around or (around[0] == FUNCTION) == (kind == FUNCTION), at + 8, "frames of a profile and others")
            self.stacks.append((kind, self.known(self.tables[HOST], name, at + 4), around))

    def LINKS(self, frame, payload, at):
        need(not (self.contents and self.begun), at - 32, "this comes before RECORDS in a stream with CONTENTS")
        if frame.flags & RESET:
            self.links = [None]
        for at, (flags, *names, stack, phase, step, layer, reserved) in rows_of(frame, payload, at, "<12I"):
            need(flags < 4 and reserved == 0, at, "unknown flags of a link")
            keys = ("launch", "cpu_op", "module", "annotation", "forward_op", "forward_module")
            link = {key: self.known(self.tables[HOST], name, at + 4) for key, name in zip(keys, names)}
            keys = ("phase", "step", "layer")
            link |= {key: self.known(self.tables[WORD], word, at + 32) for key, word in zip(keys, (phase, step, layer))}
            link["stack"] = self.known(self.stacks, stack, at + 28)
            need(not stack or link["stack"][0] != FUNCTION, at + 28, "a link with the stack of a profile")
            self.links.append(link | {"launched": flags & 1 or None, "tracelens": flags & 2 or None})

    def META(self, frame, payload, at):
        end = 0
        for _ in range(frame.rows):
            need(end + 8 <= len(payload), at + end, "a row goes past the payload")
            begin, (key, value) = end + 8, struct.unpack_from("<2I", payload, end)
            end = begin + key + value + -(key + value) % 8
            need_padding(payload[begin:end], key + value, at + begin)
            value = payload[begin + key:begin + key + value].decode(*UTF_8)
            parsed(value, at + begin + key)
            self.meta[frame.part, payload[begin:begin + key].decode(*UTF_8)] = value
        need(end == len(payload), at + end, "something follows the last row")

    def KEYS(self, frame, payload, at):
        texts_of(frame, payload, at)

    def CONTENTS(self, frame, payload, at):
        self.contents = self.counts(frame, payload, at)

    def END(self, frame, payload, at):
        self.end = _, totals, groups = self.counts(frame, payload, at)
        need(groups == +self.came, at + 8, f"END counts {totals[0]} events and not those that came")
        need(self.contents in (None, self.end), at, "END and CONTENTS differ")

    def counts(self, frame, payload, at):
        rows = rows_of(frame, payload, at, "<4I2Q", begin=32)
        status, reserved, *totals = struct.unpack_from("<2I3Q", payload)
        need(status in (0, 3) and reserved == 0, at, f"status {status}")
        groups, all_lost = Counter(), 0
        for at, (part, kind, cat, reserved, events, lost) in rows:
            need(reserved == 0, at + 12, "reserved bytes are not zero")
            cat = self.known(self.tables[WORD], cat, at + 8)
            groups[part, kind, cat if kind in SUBS[RECORDS] else None] += events
            all_lost += lost
        need([sum(groups.values()), all_lost] == totals[:2], at, "the rows do not add up")
        return status, totals, +groups

# The text form

quoted = json.JSONEncoder(ensure_ascii=False).encode

def as_is(value):
    return value.translate({10: " ", 13: " "})      # JSON has these between tokens only

def word(string):
    return string if re.fullmatch("-?(0|[1-9][0-9]{0,18})", string) else quoted(string)

def frames_of(innermost):
    texts = []
    while innermost:
        kind, name, innermost = innermost
        texts.append(quoted(name if kind == FUNCTION else f"{STACK_KINDS[kind]}:{name or ''}"))
    return "[" + ",".join(reversed(texts)) + "]"

def shown(record, show):
    """The members of record that are there, in the order of show."""
    return "{" + ",".join(f'"{key}":{how(record[key])}' for key, how in show.items()
                          if record.get(key) is not None) + "}"

SHOW_LINK = dict.fromkeys(("launch", "cpu_op", "module", "annotation", "phase", "step", "layer", "forward_op",
                           "forward_module"), quoted) | {"stack": frames_of} \
    | dict.fromkeys(("launched", "tracelens"), lambda _: "true")
SHOW = {"kind": quoted, "ph": quoted, "cat": quoted, "name": quoted, "ts_ns": str, "dur_ns": str, "pid": word, "tid": word,
        "correlation": str, "external_id": str, "sequence": str, "fwd_thread": str, "stream": word, "device": word,
        "rank": str, "bytes": str, "bp": quoted, "args": as_is, "op": quoted, "category": quoted, "library": quoted,
        "link": lambda link: shown(link, SHOW_LINK), "instance": str, "calls": str, "prim_calls": str, "cum_ns": str,
        "stack": frames_of}

def main(path="-"):
    stream = Stream(sys.stdin.buffer.read() if path == "-" else open(path, "rb").read())
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")     # invalid bytes as \udcHH
    ranks, seen = {}, Counter()
    for part in sorted({part for part, *_ in [*stream.came, *stream.meta]}):
        given = stream.meta.get((part, "rank"), "null")
        rank = parsed(given)
        if not isinstance(rank, str):               # text or, as parsed() has it, a number
            given = rank = str(part)
        seen[rank] += 1
        ranks[part] = as_is(given) if seen[rank] == 1 else quoted(f"{rank}#{seen[rank]}")
    for (part, key), value in stream.meta.items():
        print(f'{{"meta":{{"rank":{ranks[part]},{quoted(key)}:{as_is(value)}}}}}')
    for record in stream.records:
        labels, name = record["labels"]
        record |= zip(("op", "category", "library"), labels.get(name, ()))
        record["rank"] = ranks[record["rank"]]
        record["bp"] = "e" if record.pop("flags", 0) & 4 else None
        print(shown(record, SHOW))
    status, (events, lost, _), _ = stream.end
    print(f'{{"end":{{"status":{status},"events":{events},"lost":{lost}}}}}')

main(*sys.argv[1:])
