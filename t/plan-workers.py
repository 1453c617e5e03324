#!/usr/bin/env python3
"""plan-workers.py - a plan whose workers are killed, fail, or are many at once.

  plan-workers.py kills HOW FOLDER FAIL.SO    each command killed before each call of the system: HOW is kill or term,
                                              or kill-named where the file system has no files without a name
  plan-workers.py faults FOLDER FAIL.SO       each call of each command fails: all of it is done, or nothing
  plan-workers.py share N RUNS FOLDER [FAIL.SO]     N workers share the runs: each is handed out once
  plan-workers.py random N RUNS FOLDER [FAIL.SO]    likewise, a third of all programs killed at some time
  plan-workers.py adders N RUNS FOLDER [FAIL.SO]    N programs add to a plan that is not there at first

With FAIL.SO (t/fail.c) nothing waits for the disk. There is no git.
"""
import json
import os
import random
import signal
import sys
import threading
import time

sys.dont_write_bytecode = True
import indexed  # noqa: E402
from indexed import conclude, contents, run, spawn, temporary, wait  # noqa: E402

indexed.ENV["PATH"] = "/nowhere"

# The plan of the tests: two runs that prepare, nine that measure; what we do not know is kept.
LABELS = ["cold", "warm"] + ["days %d" % d for d in (1, 3, 7, 14, 30, 60, 90, 180, 365)]
PLAN = {"name": "eleven", "note": {"kept": [1, 2.5, None, True, "\u00e9"]}, "runs": [
    {"id": "r%d" % i, "label": label, "phase": int(i > 1), "size": 0.1 * i, "command": ["echo", label], "extra": [i], "status": "pending"}
    for i, label in enumerate(LABELS)]}
RUNNING = {"start": "2026-11-21T18:40:05Z"}
COMMANDS = [["next"], ["start", "r5"], ["done", "r7", "calls=7", "word=x"], ["error", "r8", "no memory"], ["reset"], ["reset", "r7"],
            ["add", "id=new", "phase=1"]]
CASES = [(command, True) for command in COMMANDS] + [(COMMANDS[-1], False)]     # and whether there is a plan before
FEW = [case for case in CASES if case[0][0] in ("next", "add")]


def text_of(plan):
    return (json.dumps(plan, indent=2, ensure_ascii=False) + "\n").encode()


def eleven(nstarted=0, ndone=0):
    """The plan with so many runs that are running, behind so many that are done"""
    plan = json.loads(json.dumps(PLAN))
    for i, one in enumerate(plan["runs"][:nstarted + ndone]):
        one.update({"status": "done" if i < ndone else "running"}, **RUNNING)
    return plan


def plan_for(command, n=0):
    """What a command can work on; most of it is done, so that what is left is handed out in less time"""
    if command[0] == "next":
        return eleven(0, n % 11)
    if command[0] in ("done", "error", "reset"):
        return eleven(2, 7)
    return eleven(1, 3)


def written(path, data):
    with open(path, "wb") as f:
        f.write(data)


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


def timeless(data):
    """A plan as JSON, whenever its runs were started and ended"""
    plan = json.loads(data)
    for one in plan["runs"]:
        for key in "start", "end":
            if key in one:
                time.strptime(one[key], "%Y-%m-%dT%H:%M:%SZ")
                one[key] = "then"
    return json.dumps(plan)     # with its order


def drain(path):
    """What next hands out until nothing is left -> ids"""
    ids = []
    while True:
        status, out, err = run(["run-queue", path, "next"])
        if status or err:
            return ids, (status, out, err)
        ids.append(out.decode())


# Kills --------------------------------------------------------------------------------------------------


class Case:
    """A command on a plan of its own, with what it has to do to it."""

    def __init__(self, folder, command, plan):
        self.folder, self.path, self.command = folder, folder + "/p.json", ["run-queue", folder + "/p.json"] + command
        self.old = text_of(plan) if plan else None
        self.begin()
        status, self.out, err = run(self.command)
        if status:
            sys.exit("%s: status %d, %r" % (command, status, err))
        self.new = read(self.path)

    def begin(self):
        for name in os.listdir(self.folder):
            os.unlink(self.folder + "/" + name)
        if self.old:
            written(self.path, self.old)

    def judge(self, now):
        """old, new, or what else the plan is"""
        if now == self.old:
            return "old"
        try:
            return "new" if now and timeless(now) == timeless(self.new) else "another plan: %r" % now
        except ValueError:
            return "no plan: %r" % now


def after_kill(case, out, how):
    """What is wrong after a command was killed, or None"""
    now, left = read(case.path), set(os.listdir(case.folder))
    is_ = case.judge(now)
    if is_ not in ("old", "new") or (is_ == "old" and out):
        return "the plan is %s, and %r was said" % (is_, out)
    if left - ({"p.json", "p.json.tmp"} if how == "kill" else {"p.json"}):
        return "litter: %s" % left
    pending = [one["id"] + "\n" for one in json.loads(now)["runs"] if one["status"] == "pending"] if now else []
    if not now:
        return None
    ids, last = drain(case.path)
    if ids != pending or last != (1, b"", b""):
        return "%s were handed out, then %r; pending were %s" % (ids, last, pending)
    if pending and os.listdir(case.folder) != ["p.json"]:
        return "litter that stays: %s" % os.listdir(case.folder)
    return None


def kills(how, folder):
    wrong, n_killed = [], 0
    env = {"FAIL_CALL": "system", "FAIL_HOW": how.split("-")[0]}
    if "-" in how:
        indexed.ENV["FAIL_LACKS"] = "1"
    for command, there in CASES if how == "kill" else FEW:
        number = 0
        while True:
            number += 1
            case = Case(folder, command, plan_for(command, number) if there else None) if number < 12 else case
            case.begin()
            status, out, _ = run(case.command, env={**env, "FAIL_AT": str(number)})
            if status not in (-signal.SIGKILL, -signal.SIGTERM):
                break
            n_killed += 1
            what = after_kill(case, out, env["FAIL_HOW"])
            if what:
                wrong.append("%s, killed before call %d: %s" % (command, number, what))
        if number < 8 or case.judge(read(case.path)) != "new":
            wrong.append("%s: only %d calls, status %d" % (command, number, status))
    conclude(wrong, "%d" % n_killed)


# Faults -------------------------------------------------------------------------------------------------

HOW = {"write": "ENOSPC EIO EINTR short", "pwrite": "ENOSPC EIO EINTR short shorts", "read": "EIO EINTR short shorts", "close": "EIO",
       "open": "EACCES EMFILE", "tmpfile": "EOPNOTSUPP EACCES", "flock": "EIO EINTR", "rename": "EACCES", "fsync": "EIO", "fstat": "EIO",
       "stat": "EACCES", "fchmod": "EIO", "fchown": "EACCES", "linkat": "EIO EEXIST", "unlink": "EACCES",
       "malloc": "ENOMEM", "calloc": "ENOMEM", "realloc": "ENOMEM"}


def after_fault(case, status, out, err):
    is_, left = case.judge(read(case.path)), os.listdir(case.folder)
    if status == 0 and (is_ != "new" or out != case.out):
        return "the plan is %s, and %r was said" % (is_, out)
    if status == 1 and (is_ != "old" or err.count(b"\n") != 1 or not err.startswith(b"run-queue: ")):
        return "the plan is %s, and %r was said" % (is_, err)
    if status not in (0, 1) or set(left) - {"p.json"}:
        return "status %d, left: %s" % (status, left)
    return None


def faults(folder):
    wrong, count, mark = [], 0, folder + ".mark"
    for command, there in FEW + [CASES[2], CASES[5]]:
        case = Case(folder, command, plan_for(command) if there else None)
        for call, how in ((call, how) for call in HOW for how in HOW[call].split()):
            number = 0
            while number == 0 or (os.path.exists(mark) and how != "shorts"):
                number += 1
                case.begin()
                if os.path.exists(mark):
                    os.unlink(mark)
                env = {"FAIL_CALL": call, "FAIL_HOW": how, "FAIL_AT": str(number), "FAIL_MARK": mark}
                what = after_fault(case, *run(case.command, env=env))
                if what:
                    wrong.append("%s, %s %d %s: %s" % (command, call, number, how, what))
                count += os.path.exists(mark)
    conclude(wrong if count > 500 else wrong + ["too few"], "%d" % count)


# Many at once -------------------------------------------------------------------------------------------


def together(n, work):
    threads = [threading.Thread(target=work, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def some_runs(folder, n):
    path = folder + "/p.json"
    written(path, text_of({"runs": [{"id": "r%d" % i, "phase": i % 3} for i in range(n)]}))
    return path


def share(n, runs, folder):
    path, wrong, got = some_runs(folder, runs), [], [[] for _ in range(n)]

    def work(i):
        while True:
            status, out, err = run(["run-queue", path, "next"])
            if status == 1 and not out and not err:
                return
            got[i].append(out.decode().strip())
            status, out, err = run(["run-queue", path, "done", got[i][-1], "worker=%d" % i])
            if status or out or err:
                wrong.append("worker %d: status %d, %r %r" % (i, status, out, err))
                return
    together(n, work)
    ids = sorted(one for worker in got for one in worker)
    if ids != sorted("r%d" % i for i in range(runs)):
        wrong.append("handed out: %s" % ids)
    for one in json.loads(read(path))["runs"]:
        if one["status"] != "done" or one["id"] not in got[one["results"]["worker"]]:
            wrong.append("%r" % one)
    if os.listdir(folder) != ["p.json"]:
        wrong.append("litter: %s" % os.listdir(folder))
    print("shares: %s" % [len(g) for g in got])
    conclude(wrong, "%d runs" % runs)


def adders(n, runs, folder):
    path, wrong = folder + "/p.json", []

    def work(i):
        for k in range(i, runs, n):
            status, out, err = run(["run-queue", path, "add", "id=r%d" % k])
            if status or out or err:
                wrong.append("status %d, %r %r" % (status, out, err))
    together(n, work)
    ids = [one["id"] for one in json.loads(read(path))["runs"]]
    if sorted(ids) != sorted("r%d" % i for i in range(runs)) or os.listdir(folder) != ["p.json"]:
        wrong.append("%s, %s" % (ids, os.listdir(folder)))
    conclude(wrong, "%d runs" % runs)


def random_kills(n, runs, folder):
    path, wrong, got, killed = some_runs(folder, runs), [], [], [0]

    def command(pick, *words):
        """-> what it printed, and whether it came to its end"""
        files = [temporary("in"), temporary("out"), temporary("err")]
        pid = spawn(["run-queue", path, *words], files)
        if pick.random() < 0.33:
            time.sleep(pick.uniform(0, 0.008))
            os.kill(pid, signal.SIGKILL)
        status, out, err = wait(pid), contents(files[1]), contents(files[2])
        for fd in files:
            os.close(fd)
        if err or status not in (0, 1, -signal.SIGKILL):
            wrong.append("%s: status %d, %r" % (words, status, err))
        killed[0] += status == -signal.SIGKILL
        return out, status

    def work(i):
        pick, status = random.Random(i), 0
        while status != 1:
            out, status = command(pick, "next")
            if out:
                got.append(out.decode().strip())
                command(pick, "done", got[-1])
    together(n, work)
    left = {one["id"]: one.get("status", "pending") for one in json.loads(read(path))["runs"]}
    if len(got) != len(set(got)):
        wrong.append("handed out twice: %s" % sorted(got))
    if any(status != "running" for one, status in left.items() if one not in got) or len(left) != runs:
        wrong.append("lost: %s" % left)
    if any(status == "pending" for status in left.values()):
        wrong.append("left: %s" % left)
    status, _, err = run(["run-queue", "-q", path, "reset"])
    again = [one.strip() for one in drain(path)[0]]
    if status or err or sorted(again) != sorted(one for one, status in left.items() if status == "running"):
        wrong.append("after reset: %s of %s" % (again, left))
    if set(os.listdir(folder)) - {"p.json"} or killed[0] < 5:
        wrong.append("%s, %d killed" % (os.listdir(folder), killed[0]))
    print("%d killed" % killed[0])
    conclude(wrong, "%d runs" % runs)


def main():
    what, *words = sys.argv[1:]
    if words[-1].endswith(".so"):
        indexed.ENV.update(LD_PRELOAD=words.pop(), FAIL_UNSYNCED="1")
    *words, folder = words
    folder += "/" + "-".join([what, *words])
    os.makedirs(folder)
    if what == "kills":
        kills(words[0], folder)
    elif what == "faults":
        faults(folder)
    else:
        {"share": share, "adders": adders, "random": random_kills}[what](int(words[0]), int(words[1]), folder)


if __name__ == "__main__":
    main()
