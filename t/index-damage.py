#!/usr/bin/env python3
"""index-damage.py - indexes that are damaged or forged give the result of the trace.

  index-damage.py WHAT TRACE FOLDER
    damage     each bit flipped, each byte set, cut at each byte, something behind the end
    one        a bit of each byte, each trace read alone, mostly with --index require
    head       bits of the head of an index that has a hash of the whole trace
    structure  checksums made right: heads of frames, extents, sizes; frames twice or in another order
    others     checksums made right: of another version, another trace, records of another kind; never used
    values     checksums made right: records, names, counts; no crash, and a stream that is whole

TRACE is copied into FOLDER, so many times as are read by one process, each copy with an index of
its own. Prints what went wrong, and exits 1 if anything did.
"""
import os
import sys
import time

sys.dont_write_bytecode = True
import forge  # noqa: E402
from indexed import WORKERS, Dumps, conclude, is_slow, parse, together  # noqa: E402

BATCH = 32
FAILED = "no end mark"
MODES = ["require"], ["auto"], ["require", "auto"]      # in turn
dumps = Dumps()


class Traces:
    """Copies of a trace with their indexes: what one process reads at once."""

    def __init__(self, trace, folder, n, quiet):
        os.makedirs(folder)
        self.folder = folder
        self.paths = ["%s/t%02d" % (folder, i) for i in range(n)]
        for path in self.paths:
            with open(trace, "rb") as f, open(path, "wb") as out:
                out.write(f.read())
        if quiet:
            time.sleep(2.1)     # from now on time stamps can tell
        self.made = [self.make(path) for path in self.paths]
        self.want = {k: self.result(self.paths[:k], "off") for k in {1, n}}
        if self.result(self.paths, "require") != self.want[n]:
            sys.exit("the whole index: %r, expected %r" % (self.result(self.paths, "require"), self.want[n]))

    @staticmethod
    def make(path):
        parse("-q", "--index", "rebuild", path)
        with open(path + ".trace.idx", "rb") as f:
            return f.read()

    @staticmethod
    def result(paths, mode):
        """-> status, what the stream says, messages"""
        status, out, err = parse("--index", mode, *paths)
        dumped, said = dumps.of(out)
        return status, FAILED if (status, dumped) == (1, 1) else said if status == dumped else "trace-dump exits %d" % dumped, err

    def put(self, i, data):
        with open(self.paths[i] + ".trace.idx", "wb") as f:
            f.write(data)

    def litter(self):
        known = {os.path.basename(p) + more for p in self.paths for more in ("", ".trace.idx")}
        return sorted(set(os.listdir(self.folder)) - known)


def wrong_alone(traces, name, change, modes):
    """One damaged index, and one trace."""
    for mode in modes:
        traces.put(0, change(traces.made[0]))
        got = traces.result(traces.paths[:1], mode)
        if got != traces.want[1] and not (mode == "require" and got[1] == FAILED):
            return "%s, --index %s: %r, expected %r" % (name, mode, got, traces.want[1])
    return None


def wrong_together(traces, cases):
    """Each case meets another copy of the trace; who is to blame is looked for only if there is anybody."""
    n = len(traces.paths)
    for i in range(n):
        traces.put(i, cases[i][1](traces.made[i]) if i < len(cases) else traces.made[i])
    got = traces.result(traces.paths, "auto")
    if got == traces.want[n] and not traces.litter():
        return []
    found = [wrong_alone(traces, *case, ["auto"]) for case in cases]
    return [w for w in found if w] or ["%s to %s together: %r, litter %s" % (cases[0][0], cases[-1][0], got, traces.litter())]


def refused(traces, cases):
    """With --index require it is a failure, and the trace is read by default."""
    wrong = [w for case in cases for w in [wrong_alone(traces, *case, ["auto"])] if w]
    for name, change in cases:
        traces.put(0, change(traces.made[0]))
        got = traces.result(traces.paths[:1], "require")
        if got[1] != FAILED:
            wrong.append("%s, --index require: it was used: %r" % (name, got))
    return wrong


def alive(traces, cases):
    """Forged values: whatever comes out is a stream that is whole, or none."""
    wrong = []
    for name, change in cases:
        traces.put(0, change(traces.made[0]))
        for mode in MODES[len(name) % 3]:
            got = traces.result(traces.paths[:1], mode)
            if got[0] not in ((0, 3) if mode == "auto" else (0, 1, 3)) or got[1].startswith("trace-dump"):
                wrong.append("%s, --index %s: %r" % (name, mode, got))
    return wrong


# What is done to an index: (description, function) -----------------------------------------------------

def put(at, byte):
    return "byte %d: %02x" % (at, byte), lambda data: data[:at] + bytes([byte]) + data[at + 1:]


def flip(at, bit):
    return "byte %d, bit %d flipped" % (at, bit), lambda data: data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:]


def damage(made):
    for at in range(len(made)):
        for bit in range(8):
            yield flip(at, bit)
        for byte in 0x00, 0x7F, 0x80, 0xFF:
            if made[at] != byte:
                yield put(at, byte)
        yield "cut to %d bytes" % at, lambda data, at=at: data[:at]
    for more in b"\0", b"\n", bytes(8), made, made[16:]:
        yield "%d bytes more" % len(more), lambda data, more=more: data + more


def flips(made):
    return (flip(at, at % 8) for at in range(len(made)))


def head(made):
    return (flip(at, bit) for at in range(forge.HEADER + forge.FRAME_HEAD + 112) for bit in range(8))


def forged(*makers):
    """Cases of forge.py; each is made of the index of the copy that it goes to."""
    known = {}

    def taken_apart(data):
        if data not in known:
            known[data] = forge.Index(data)
        return known[data]

    def cases(made):
        for make in makers:
            for name, change in make(taken_apart(made)):
                yield name, lambda data, change=change: change(taken_apart(data))
    return cases


# what: cases, one process each, does time tell, how many of the cases where programs are slow
TESTS = {
    "damage": (damage, wrong_together, True, 7),
    "one": (flips, None, True, 5),
    "head": (head, None, False, 3),
    "structure": (forged(lambda ix: forge.heads(ix, False), lambda ix: forge.payloads(ix, False), lambda ix: forge.moves(ix, False),
                         forge.wholes), wrong_together, True, 1),
    "others": (forged(forge.others), refused, True, 1),
    "values": (forged(lambda ix: forge.heads(ix, True), lambda ix: forge.payloads(ix, True), lambda ix: forge.moves(ix, True)),
               alive, True, 3),
}


def main():
    what, trace, folder = sys.argv[1:]
    make, judge, quiet, part = TESTS[what]
    size = BATCH if judge == wrong_together else 1
    sets = together(lambda i: Traces(trace, "%s/%s%d" % (folder, what, i), size, quiet), range(WORKERS))
    cases = list(make(sets[0].made[0]))[::part if is_slow() else 1]
    batches = [cases[i:i + size] for i in range(0, len(cases), size)]

    def work(w):
        traces, wrong = sets[w], []
        for batch in batches[w::WORKERS]:
            if judge:
                wrong += judge(traces, batch)
            else:
                wrong += [x for case in batch for x in [wrong_alone(traces, *case, MODES[len(case[0]) % 3])] if x]
            if len(wrong) > 30:
                break
        return wrong
    conclude(sum(together(work, range(WORKERS)), []), "%d cases" % len(cases))


if __name__ == "__main__":
    main()
