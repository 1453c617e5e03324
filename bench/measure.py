"""measure - the time and the memory of shell pipes, and the table that comes of them; for bench/run"""
import os
import signal
import subprocess
import sys
import tempfile
import time


class Wrong(Exception):
    """what cannot be timed, and why"""


class Shell:
    """runs pipes, with the programs of trs first in PATH; a pipe fails if one of its commands does"""

    def __init__(self, bin_dir):
        self.env = dict(os.environ, PATH="%s:%s" % (bin_dir, os.environ["PATH"]))

    def start(self, command, out, err):
        return subprocess.Popen(["bash", "-c", "set -o pipefail\n" + command], stdin=subprocess.DEVNULL,
                                stdout=out, stderr=err, env=self.env, start_new_session=True)

    def run(self, command, watch=None, out=subprocess.DEVNULL):
        """-> wall seconds, CPU seconds; watch(pid) is called while it runs"""
        with tempfile.TemporaryFile() as err:
            begin = time.monotonic()
            p = self.start(command, out, err)
            try:
                pid = 0
                while watch and not pid:
                    watch(p.pid)
                    time.sleep(0.001)
                    pid, status, usage = os.wait4(p.pid, os.WNOHANG)
                if not pid:
                    pid, status, usage = os.wait4(p.pid, 0)
            except BaseException:
                os.killpg(p.pid, signal.SIGKILL)
                raise
            wall = time.monotonic() - begin
            p.returncode = os.waitstatus_to_exitcode(status)
            if p.returncode != 0:
                err.seek(0)
                said = err.read(2000).decode("utf-8", "replace").strip()
                raise Wrong("failed", "%s\nexits %d%s" % (command, p.returncode, said and ": " + said))
        return wall, usage.ru_utime + usage.ru_stime

    def text(self, command):
        with tempfile.TemporaryFile() as out:
            self.run(command, out=out)
            out.seek(0)
            return out.read().decode("utf-8", "surrogateescape")

    def memory(self, command):
        """-> MB: anonymous at the worst moment, and each program's own peak added up"""
        anon, peaks = [0], {}

        def watch(root):
            now = 0
            for pid in [root] + descendants(root):
                name, held, top = status_of(pid)
                if name not in ("", "bash", "cat"):     # bash: or what is yet to become a program
                    now += held
                    peaks[pid] = max(top, peaks.get(pid, 0))
            anon[0] = max(anon[0], now)

        self.run(command, watch)
        return anon[0] / 1000, sum(peaks.values()) / 1000


def descendants(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            children = [int(word) for word in f.read().split()]
    except OSError:
        return []
    return children + [p for child in children for p in descendants(child)]


def status_of(pid):
    """-> name, anonymous KB, peak KB"""
    values = {}
    try:
        with open("/proc/%d/status" % pid, errors="replace") as f:
            values = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    except OSError:
        pass
    def kb(key):
        return int(values.get(key, "0 kB").split()[0])
    return values.get("Name", ""), kb("RssAnon") + kb("RssShmem"), kb("VmHWM")


# ---------------------------------------------------------------- what is shown

class Table:
    """rows as they come, aligned or as Markdown; the last of a case leave out what the first says"""
    # head, width, is it a number, is it in Markdown too
    COLUMNS = [("case", 9, 0, 1), ("what", 25, 0, 1), ("s", 6, 1, 1), ("min", 6, 1, 1), ("cpu s", 6, 1, 0), ("anon MB", 7, 1, 1), ("peak MB", 7, 1, 0),
               ("beside", 24, 0, 1), ("s", 6, 1, 1), ("anon MB", 7, 1, 1), ("ratio", 8, 1, 1), ("goal", 6, 1, 1), ("", 0, 0, 1)]

    def __init__(self, markdown):
        self.markdown, self.last = markdown, None

    def row(self, cells):
        if not self.last:
            self.line([head for head, *_ in self.COLUMNS])
            if self.markdown:
                self.line(["---:" if number else "---" for _, _, number, _ in self.COLUMNS])
        mine = cells[:7]
        self.line([mine[0]] + [""] * 6 + cells[7:] if mine == self.last else cells)
        self.last = mine

    def line(self, cells):
        say("")
        if self.markdown:
            print("| " + " | ".join(c.replace("|", "\\|") for c, column in zip(cells, self.COLUMNS) if column[3]) + " |", flush=True)
        else:
            print("  ".join(c.rjust(width) if number else c.ljust(width)
                            for c, (_, width, number, _) in zip(cells, self.COLUMNS)).rstrip(), flush=True)


def say(text):
    """what goes on, where somebody watches"""
    if sys.stderr.isatty():
        print("\r\033[K" + text[:100], end="", file=sys.stderr, flush=True)


def seconds(x):
    return "%.3f" % x if x < 10 else "%.1f" % x


def megabytes(x):
    return "%.1f" % x if x < 10 else "{:,.0f}".format(x)


def three(x):
    """a ratio with three digits or a few more"""
    return "%.*f" % (2 if x < 10 else 1 if x < 100 else 0, x) if x >= 0.1 else "%.3f" % x
