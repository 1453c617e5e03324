#!/usr/bin/env python3
"""index-kills.py - an index whose writer is killed, and several writers at once.

  index-kills.py kill N TRACE FOLDER        N times kill -9 at some time
  index-kills.py signals N TRACE FOLDER     N times each of the signals that end a program
  index-kills.py named N TRACE FOLDER FAIL.SO    kill -9 where each file has a name: TARGET.tmp may stay
  index-kills.py named-signals N TRACE FOLDER FAIL.SO    signals there that can be caught
  index-kills.py writers N TRACE FOLDER     N writers at once, and readers between them

Each time the folder has the trace and at most an index, and the next program gives the right result.
"""
import os
import random
import shutil
import signal
import sys
import time

sys.dont_write_bytecode = True
from indexed import WORKERS, Dumps, conclude, parse, spawn, temporary, together, wait  # noqa: E402

CAUGHT = "TERM", "INT", "HUP", "QUIT"
SIGNALS = *CAUGHT, "PIPE", "XCPU", "SEGV"
dumps = Dumps()


class Place:
    """A trace of its own, what it says, and how long an index takes."""

    def __init__(self, trace, folder, env=None):
        os.makedirs(folder)
        self.folder, self.path, self.env = folder, folder + "/t", env
        shutil.copyfile(trace, self.path)
        self.want = self.result("off")
        begin = time.monotonic()
        for _ in range(3):
            parse("--index", "rebuild", self.path, env=env)
        self.takes = (time.monotonic() - begin) / 3

    def result(self, mode):
        """GPU activity alone is read in no time from an index."""
        status, out, err = parse("--index", mode, "--gpu", self.path)
        return status, dumps.of(out), err

    def killed(self, number, pause):
        """A writer that gets a signal. -> what it was ended by"""
        files = [temporary("in"), os.open("/dev/null", os.O_WRONLY), temporary("err")]
        pid = spawn(["trace-parse", "--index", "rebuild", self.path], files, self.env)
        time.sleep(pause)
        os.kill(pid, number)
        status = wait(pid)
        for fd in files:
            os.close(fd)
        return status

    def judge(self, allowed=("t", "t.trace.idx")):
        litter = sorted(set(os.listdir(self.folder)) - set(allowed))
        if litter:
            return "litter: %s" % litter
        got = self.result("auto")
        return None if got == self.want else "%r, expected %r" % (got, self.want)

    def clear(self):
        for name in os.listdir(self.folder):
            if name != "t":
                os.unlink(self.folder + "/" + name)


def tries(place, n, numbers, seed, allowed):
    """-> what went wrong, how often a program was ended in time, how often there was an index then"""
    pick = random.Random(seed)
    wrong, ended, made = [], 0, 0
    for i in range(n):
        if i % 3 == 0:
            place.clear()       # sometimes there is none before
        number = numbers[i % len(numbers)]
        pause = pick.uniform(0, 1.1 * place.takes)
        status = place.killed(number, pause)
        ended += status == -number
        made += os.path.exists(place.path + ".trace.idx")
        what = place.judge(allowed)
        if what:
            wrong.append("%s after %.1f of %.1f ms: %s" % (number.name, 1000 * pause, 1000 * place.takes, what))
    return wrong, ended, made


def kills(n, numbers, trace, folder, env=None, allowed=("t", "t.trace.idx")):
    places = [Place(trace, "%s/%d" % (folder, i), env) for i in range(WORKERS)]
    done = together(lambda i: tries(places[i], n // WORKERS, numbers, i, allowed), range(WORKERS))
    wrong = sum((w for w, _, _ in done), [])
    ended, made = (sum(d[i] for d in done) for i in (1, 2))
    print("%d of %d were ended in time; %d left an index" % (ended, n, made))
    if ended < n / 10:
        wrong.append("only %d of %d were ended before they had done" % (ended, n))
    for place in places:        # what a killed writer left does not keep the next one from its work
        status = parse("--index", "rebuild", place.path, env=env)[0]
        if status != place.want[0] or place.result("require") != place.want or sorted(os.listdir(place.folder)) != ["t", "t.trace.idx"]:
            wrong.append("the next writer: status %d, %s" % (status, sorted(os.listdir(place.folder))))
    conclude(wrong, "%d" % n)


def writers(n, trace, folder):
    place = Place(trace, folder + "/w")
    wrong = []
    for _ in range(12):
        place.clear()
        outs = [temporary("out") for _ in range(n)]
        pids = [spawn(["trace-parse", "--index", "rebuild", place.path], [temporary("in"), out, temporary("err")]) for out in outs]
        whole = parse("--index", "off", place.path)
        for _ in range(4):
            wrong += [w for w in [place.judge()] if w]
        for pid, out in zip(pids, outs):
            if wait(pid) != whole[0] or dumps.of(os.pread(out, os.fstat(out).st_size, 0)) != dumps.of(whole[1]):
                wrong.append("a writer gave another result")
        if place.result("require") != place.want or sorted(os.listdir(place.folder)) != ["t", "t.trace.idx"]:
            wrong.append("at the end: %s" % sorted(os.listdir(place.folder)))
    conclude(wrong, "12 times %d writers" % n)


def main():
    what, n, trace, folder, *library = sys.argv[1:]
    folder += "/" + what + n
    numbers = [signal.Signals["SIG" + name] for name in SIGNALS]
    if what == "writers":
        writers(int(n), trace, folder)
    env = {"LD_PRELOAD": library[0], "FAIL_LACKS": "1"} if library else None
    if what == "named-signals":
        kills(int(n) * len(CAUGHT), [signal.Signals["SIG" + name] for name in CAUGHT], trace, folder, env)
    if what == "named":
        kills(int(n), [signal.SIGKILL], trace, folder, env, ("t", "t.trace.idx", "t.trace.idx.tmp"))
    if what == "signals":
        kills(int(n) * len(numbers), numbers, trace, folder)
    kills(int(n), [signal.SIGKILL], trace, folder)


if __name__ == "__main__":
    main()
