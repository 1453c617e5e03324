#!/usr/bin/env python3
"""index-faults.py - each call that can fail while an index is made or read, made to fail one by one.

  index-faults.py SITUATION TRACE FOLDER FAIL.SO

An index is an extra: the result is right, or the program fails as it would without one; there is no
litter; an index that is left is a good one. Prints what went wrong, and exits 1 if anything did.
"""
import os
import shutil
import sys
import time

sys.dont_write_bytecode = True
from indexed import WORKERS, Dumps, conclude, parse, together  # noqa: E402

# Situation: options, is an index there before, environment
SITUATIONS = {
    "make": (["--index", "rebuild"], None, {}),
    "replace": (["--index", "rebuild"], "old", {}),
    "make-named": (["--index", "rebuild"], None, {"FAIL_LACKS": "1"}),
    "replace-named": (["--index", "rebuild"], "killed", {"FAIL_LACKS": "1"}),
    "make-first": (["--index", "rebuild", "--gpu"], None, {}),
    "make-folder": (["--index", "rebuild", "--index-dir", "FOLDER/a/b"], None, {}),
    "use": ([], "good", {}),
    "use-some": (["--cat", "kernel,cpu_op"], "good", {}),
    "require": (["--index", "require"], "good", {}),
    "compare-whole": ([], "racy", {}),
}
OF_THE_INDEX = {      # which calls only an index needs, and how they fail
    "pread": "EIO EINTR EINTRs short shorts", "pwrite": "ENOSPC EIO EINTR EINTRs short shorts", "linkat": "EACCES EEXIST ENOSPC", "unlink": "EACCES",
    "fchmod": "EACCES", "flock": "EAGAIN", "tmpfile": "EOPNOTSUPP EACCES EMFILE ENOSPC", "mkdir": "EACCES ENOSPC EEXIST", "stat": "EACCES",
    "faccessat": "EACCES", "realpath": "ENOMEM", "fcntl": "EMFILE", "rename": "EACCES ENOSPC", "clock_gettime": "EINVAL"}
SHARED = {"open": "EACCES EMFILE EEXIST", "fstat": "EIO", "read": "EIO EINTR short", "close": "EIO", "lseek": "EIO"}
MEMORY = {"malloc": "ENOMEM", "calloc": "ENOMEM", "realloc": "ENOMEM", "mmap": "ENOMEM"}
HARMLESS = "EINTR", "EINTRs", "short", "shorts"
KILLED = b"what a killed program left"
dumps = Dumps()


class Place:
    """A trace in a folder of its own, with its index, if there is to be one."""

    def __init__(self, trace, folder, before):
        os.makedirs(folder)
        self.folder, self.path, self.idx = folder, folder + "/t", folder + "/t.trace.idx"
        shutil.copyfile(trace, self.path)
        if before == "good":
            time.sleep(2.1)
        parse("-q", "--index", "rebuild", self.path)
        if before == "racy":
            time.sleep(2.1)
        with open(self.idx, "rb") as f:
            self.index = f.read()
        self.before = before
        self.reset()

    def reset(self):
        for name in os.listdir(self.folder):
            if os.path.isdir(self.folder + "/" + name):
                shutil.rmtree(self.folder + "/" + name)
            elif name != "t":
                os.unlink(self.folder + "/" + name)
        if self.before:
            with open(self.idx, "wb") as f:
                f.write(self.index[:-8] if self.before in ("old", "killed") else self.index)
        if self.before == "killed":
            with open(self.idx + ".tmp", "wb") as f:
                f.write(KILLED)

    def left(self):
        """What is in the folder and should not be; what a killed program left may have stayed."""
        there = [os.path.join(at, name) for at, _, names in os.walk(self.folder) for name in names]
        return [name for name in there if not name.endswith(("/t", ".trace.idx")) and not self.is_from_killed(name)]

    def is_from_killed(self, name):
        with open(name, "rb") as f:
            return self.before == "killed" and f.read() == KILLED

    def indexes(self):
        return [os.path.join(at, name) for at, _, names in os.walk(self.folder) for name in names if name.endswith(".trace.idx")]


class Situation:
    def __init__(self, name, trace, folder, library):
        self.options, before, self.env = SITUATIONS[name]
        self.name, self.library = name, library
        self.place = Place(trace, folder, before)
        self.options = [word.replace("FOLDER", folder) for word in self.options]
        self.mark = folder + ".mark"
        self.want = self.run({})
        self.off = parse("--index", "off", *[w for w in self.options if w in ("--gpu",)], self.place.path)
        if self.want[0] not in (0, 3) or self.want[0] != self.off[0]:
            sys.exit("without a fault: %r" % (self.want,))
        if not self.place.indexes():
            sys.exit("without a fault: no index")

    def run(self, fault):
        """-> status, what the stream says, messages without those that there is no index, and why"""
        self.place.reset()
        status, out, err = parse("-j1", *self.options, self.place.path, env={"LD_PRELOAD": self.library, **self.env, **fault})
        dumped, said = dumps.of(out)
        reasons = (b": no index: ", b": out of memory")[:1 if status == 1 else 2]
        err = b"".join(line for line in err.splitlines(True) if not any(r in line for r in reasons))
        return status, said if status == dumped else None, err

    def fault(self, call, how, n, options=None):
        """-> result, and whether the fault came to pass"""
        fault = {"FAIL_CALL": call, "FAIL_AT": str(n), "FAIL_HOW": how, "FAIL_MARK": self.mark}
        got = options(fault) if options else self.run(fault)
        came = os.path.exists(self.mark)
        if came:
            os.unlink(self.mark)
        return got, came

    def without(self, fault):
        """The status under the same fault where there is no index at all."""
        return parse("-j1", "--index", "off", self.place.path, env={"LD_PRELOAD": self.library, **fault})[0]

    def failures_without(self, call, how):
        n = failed = 0
        came = True
        while came:
            n += 1
            status, came = self.fault(call, how, n, self.without)
            failed += came and status == 1
        return failed

    def may_fail(self, call):
        """Without an index that is required; or when it cannot be read a second time, with part of it sent."""
        return self.name == "require" or (call == "pread" and not self.name.startswith(("make-named", "make-folder", "replace")))

    def judge(self, call, how, got):
        """What is wrong, or None; True if it failed as it may."""
        left = self.place.left()
        if left:
            return "litter: %s" % left
        if got[0] != 1 and got != self.want:
            return "%r, expected %r" % (got, self.want)
        if got[0] == 1 and call in OF_THE_INDEX and (how in HARMLESS or not self.may_fail(call)):
            return "status 1: %r" % got[2]
        if got[0] == 1 and call != "close" and (got[1] is None or got[2].count(b"\n") not in (1, 2)):
            return "failed, with %r" % (got,)
        made = self.place.indexes()
        if how in HARMLESS and call in OF_THE_INDEX and not made:
            return "no index"
        good = parse("--index", "require", *[w for w in self.options if "/" in w or w == "--index-dir"], self.place.path)
        if made and "named" not in self.name and self.name not in ("replace", "compare-whole") and good[0] != self.want[0]:
            return "the index that was left: %r" % good[2]
        return None if dumps.of(parse(self.place.path)[1]) == dumps.of(parse("--index", "off", self.place.path)[1]) else "the next run is wrong"

    def each(self, call, how, wrong):
        """All faults of a kind. Returns how many."""
        failed, n = 0, 0
        while len(wrong) < 20:
            n += 1
            got, came = self.fault(call, how, n)
            if not came:
                break
            failed += got[0] == 1
            what = self.judge(call, how, got)
            if what:
                wrong.append("%s, %s %d %s: %s" % (self.name, call, n, how, what))
            if how in ("EINTRs", "shorts"):
                break
        if call in SHARED and failed > self.failures_without(call, how) and self.name != "require":
            wrong.append("%s, %s %s: %d of them fail the whole, %d without an index" % (
                self.name, call, how, failed, self.failures_without(call, how)))
        return n - 1


def main():
    name, trace, folder, library = sys.argv[1:]
    kinds = [(call, how) for calls in (OF_THE_INDEX, SHARED, MEMORY) for call in calls for how in calls[call].split()]
    all_ = together(lambda i: Situation(name, trace, "%s/%s%d" % (folder, name, i), library), range(WORKERS))

    def work(w):
        wrong = []
        return sum(all_[w].each(call, how, wrong) for call, how in kinds[w::WORKERS]), wrong
    done = together(work, range(WORKERS))
    faults = sum(n for n, _ in done)
    conclude(sum((wrong for _, wrong in done), []) + (["no fault came to pass"] if not faults else []), "%d faults" % faults)


if __name__ == "__main__":
    main()
