#!/usr/bin/env python3
"""index-stale.py - never a stale answer, whatever was done to a trace that has an index.

  index-stale.py changes TRACE FOLDER           replaced, edited, appended to, copied
  index-stale.py same-tick TRACE FOLDER FAIL.SO    edited with no trace of that in the time stamps
  index-stale.py race TRACE FOLDER              edited as fast as can be, until stamps are the same
  index-stale.py good TRACE FOLDER              what is unchanged is used, and soon without reading it

TRACE has more than 128 KiB. Prints what went wrong, and exits 1 if anything did.
"""
import os
import re
import shutil
import sys
import time

sys.dont_write_bytecode = True
from indexed import Dumps, conclude, parse, spawn, temporary, together, wait  # noqa: E402

QUIET = 2.1             # seconds after which time stamps can tell
dumps = Dumps()


def sampled(size):
    """Where the samples are, as FORMAT.md says."""
    step = size // 17
    return [(0, 65536), (size - 65536, size)] + [(i * step, i * step + 4096) for i in range(1, 17)]


def edit(path, which=3):
    """Changes a digit of a duration in place, in no sample. It is another trace then, of the same size."""
    with open(path, "r+b") as f:
        data = f.read()
        at = sampled(len(data))[2 + which][1] + 100
        at = re.compile(rb'"cat":"kernel"[^{}]*"dur":').search(data, at).end()
        assert not any(a <= at < b for a, b in sampled(len(data)))
        f.seek(at)
        f.write(b"2" if data[at:at + 1] != b"2" else b"3")


class Trace:
    def __init__(self, trace, folder, env=None):
        os.makedirs(folder)
        self.folder, self.path, self.idx = folder, folder + "/t", folder + "/t.trace.idx"
        self.env = {}
        shutil.copyfile(trace, self.path)
        self.old = self.says("off")

    def says(self, mode, path=None):
        status, out, err = parse("--index", mode, path or self.path, env=self.env)
        return status, dumps.of(out)[1] if status != 1 else None

    def index(self):
        parse("--index", "rebuild", self.path, env=self.env)
        assert os.path.exists(self.idx), "no index"

    def stamp(self, ns):
        """From now on the trace was changed at this time, and never since."""
        self.env = dict(self.env, FAIL_STAMP="%d:%d" % (os.stat(self.path).st_ino, ns))

    def keep_times(self, change):
        before = os.stat(self.path)
        change()
        os.utime(self.path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def stale(self, name, path=None, changed=True):
        """What is wrong after a change, or None."""
        want = self.says("off", path)
        if changed and want == self.old:
            return name + ": the test changed nothing"
        for mode in "require", "auto", "auto":
            got = self.says(mode, path)
            if got != want and not (mode == "require" and got == (1, None)):
                return "%s, --index %s: %r%s, expected %r" % (name, mode, got, ", as before" if got == self.old else "", want)
        return None


def replaced(t):
    other = t.folder + "/new"
    shutil.copyfile(t.path, other)
    edit(other)
    t.keep_times(lambda: os.rename(other, t.path))


def rewritten(t):
    with open(t.path, "rb") as f:
        data = f.read()
    edit(t.path)
    with open(t.path, "rb") as f:
        data = f.read()

    def write():
        with open(t.path, "wb") as f:
            f.write(data)
    t.keep_times(write)


def appended(t):
    with open(t.path, "ab") as f:
        f.write(b"more")


def cut(t):
    os.truncate(t.path, os.path.getsize(t.path) - 3000)


def swapped(t):
    """The index of the trace before, with another file of its name."""
    os.rename(t.path, t.folder + "/away")
    shutil.copy2(t.folder + "/away", t.path)
    edit(t.path)
    os.utime(t.path, ns=(0, os.stat(t.folder + "/away").st_mtime_ns))


CHANGES = {
    "replaced by another of the same size and time": replaced,
    "rewritten in place with the same size and time": rewritten,
    "edited in place, with the time set back": lambda t: t.keep_times(lambda: edit(t.path)),
    "edited in place": lambda t: edit(t.path),
    "appended to": appended,
    "cut": cut,
    "renamed, and another in its place": swapped,
}


def changes(trace, folder):
    def one(case):
        t, (name, change), quiet = case
        t.index()
        if t.says("require") != t.old:
            return name + ": the index is not used before"
        change(t)
        return t.stale(name + (", index made later" if quiet else ", index made at once"))

    def copied():
        t = Trace(trace, folder + "/copied")
        t.index()
        os.mkdir(t.folder + "/to")
        for name in "t", "t.trace.idx":
            shutil.copy2(t.folder + "/" + name, t.folder + "/to/" + name)
        path = t.folder + "/to/t"
        wrong = [t.stale("trace and index copied with their times", path, False)]
        if t.says("require", path) != (1, None):
            wrong.append("the index of the copied trace is used for its copy")
        t.keep_times(lambda: edit(path))
        os.utime(path, ns=(0, os.stat(t.path).st_mtime_ns))
        return next((w for w in wrong + [t.stale("trace and index copied, and the copy edited", path)] if w), None)
    cases = [[(Trace(trace, "%s/c%d%d" % (folder, i, quiet)), case, quiet) for i, case in enumerate(CHANGES.items())] for quiet in (False, True)]
    wrong = together(one, cases[False])
    time.sleep(QUIET)
    wrong += together(one, cases[True]) + [copied()]
    conclude([w for w in wrong if w], "%d changes" % len(wrong))


def edited_while_read(t, library, mark):
    """The trace changes between two reads of the program that makes the index."""
    files = [temporary("in"), temporary("out"), temporary("err")]
    pid = spawn(["trace-parse", "-j1", "--index", "rebuild", t.path], files,
                dict(t.env, FAIL_CALL="read", FAIL_AT="3", FAIL_HOW="wait", FAIL_MARK=mark))
    while not os.path.exists(mark):
        time.sleep(0.01)
    edit(t.path, 0)
    os.unlink(mark)
    return wait(pid)


def same_tick(trace, folder, library):
    wrong = []

    def new(name, age):
        t = Trace(trace, folder + "/" + name)
        t.env = {"LD_PRELOAD": library}
        t.stamp(time.time_ns() - age)
        return t

    def touched(t, ns):
        os.utime(t.idx, ns=(ns, ns))

    for name, age in ("now", 0), ("1.5 s before", 1500000000), ("in the future", -86400000000000):
        t = new("edited-" + name.split()[0], age)
        t.index()
        if t.says("require") != t.old:
            wrong.append("changed %s: the index is not used" % name)
        edit(t.path)
        wrong.append(t.stale("edited in the tick of its last change, %s" % name))
    for name, when in ("later", 10**10), ("earlier", -10**10):
        t = new("touched-" + name, 0)
        t.index()
        touched(t, time.time_ns() + when)
        edit(t.path)
        wrong.append(t.stale("edited in the same tick, the index touched to be %s" % name))
    t = new("while", 0)
    status = edited_while_read(t, library, folder + "/mark")
    if status != 0:
        wrong.append("edited while it was read: status %d" % status)
    if os.path.exists(t.idx):
        wrong.append("edited while it was read, and there is an index")
    wrong.append(t.stale("edited while the index was made, in the same tick"))
    t = new("later", 0)     # what is edited is found also when time has passed, before anybody looked again
    t.index()
    edit(t.path)
    time.sleep(QUIET)
    wrong.append(t.stale("edited in the same tick, looked at later"))
    conclude([w for w in wrong if w], "7 edits")


def race(trace, folder):
    """Where the clock of files is coarse, the stamps before and after are the same."""
    t = Trace(trace, folder + "/race")
    same, wrong = 0, []
    for i in range(60):
        shutil.copyfile(trace, t.path)
        t.index()
        before = os.stat(t.path)
        t.keep_times(lambda: edit(t.path, i % 12))
        after = os.stat(t.path)
        same += before.st_ctime_ns == after.st_ctime_ns and before.st_mtime_ns == after.st_mtime_ns
        wrong.append(t.stale("edited as fast as can be"))
    print("%d of 60 times without a trace in the stamps" % same)
    conclude([w for w in wrong if w], "60 edits")


def bytes_read(t, mode):
    """How many bytes a run reads."""
    def so_far():
        with open("/proc/self/io") as f:
            return int(re.search(r"rchar: (\d+)", f.read())[1])
    begin = so_far()
    files = [temporary("in"), temporary("out"), temporary("err")]
    status = wait(spawn(["trace-parse", "--cat", "nothing", "--index", mode, t.path], files))
    return status, so_far() - begin


def good(trace, folder):
    wrong = []
    t = Trace(trace, folder + "/good")
    size = os.path.getsize(t.path)
    t.index()
    if t.says("require") != t.old:
        wrong.append("made at once: not used")
    counted = os.path.exists("/proc/self/io") and bytes_read(t, "off")[1] >= size
    if not counted:
        print("bytes that are read cannot be counted here")
    if counted and bytes_read(t, "require")[1] < size:
        wrong.append("made at once, and used without a look at the whole trace")
    time.sleep(QUIET)
    inode = os.stat(t.idx).st_ino
    for name, most in ("the first load later", None), ("the second load later", size // 2), ("the third", size // 2):
        status, n = bytes_read(t, "auto")
        if status != 0 or counted and most and n > most:
            wrong.append("%s: status %d, %d bytes of %d read" % (name, status, n, size))
        if t.says("require") != t.old:
            wrong.append("%s: not used" % name)
    if os.stat(t.idx).st_ino != inode or sorted(os.listdir(t.folder)) != ["t", "t.trace.idx"]:
        wrong.append("another index, or litter: %s" % os.listdir(t.folder))
    edit(t.path)
    wrong.append(t.stale("edited after the index was brought up to date"))
    t = Trace(trace, folder + "/quiet")
    time.sleep(QUIET)
    t.index()
    if t.says("require") != t.old or counted and bytes_read(t, "require")[1] > size // 2:
        wrong.append("made when time stamps could tell: not used, or the whole trace is read")
    past = time.time_ns() - 10**12
    os.utime(t.idx, ns=(past, past))
    wrong.append(t.stale("the index touched to be earlier than the trace", changed=False))
    if t.says("require") != (1, None):      # nothing tells that the trace is as it was, and there is no hash of it
        wrong.append("the index touched to be earlier than the trace is used")
    conclude([w for w in wrong if w], "20 loads")


if __name__ == "__main__":
    {"changes": changes, "same-tick": same_tick, "race": race, "good": good}[sys.argv[1]](*sys.argv[2:])
