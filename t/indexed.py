"""Running programs by the thousand, and comparing what they say with and without an index.

A stream from an index has the records of a kind in the order of the trace, but the kinds in another
order. So two streams are the same if their dumps are, kind by kind.
"""
import hashlib
import os
import re
import shutil
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

WORKERS = 2
PATIENCE = 60           # seconds after which a program hangs

ENV = dict(os.environ, MALLOC_ARENA_MAX="1", LC_ALL="C")
for name in "TRS_INDEX_DIR", "XDG_CACHE_HOME", "HOME":      # no index but beside the trace
    ENV.pop(name, None)


def is_slow():
    """True for a build with a sanitizer: a process takes ten times as long there."""
    with open(shutil.which("trace-parse"), "rb") as f:
        return re.search(b"__(asan|tsan)_init", f.read()) is not None


def temporary(name, data=b""):
    fd = os.memfd_create(name)
    if data:
        os.write(fd, data)
        os.lseek(fd, 0, os.SEEK_SET)
    return fd


def contents(fd):
    return os.pread(fd, os.fstat(fd).st_size, 0)


def spawn(command, files, env=None):
    return os.posix_spawn(shutil.which(command[0]), command, ENV if env is None else {**ENV, **env},
                          file_actions=[(os.POSIX_SPAWN_DUP2, fd, to) for to, fd in enumerate(files)],
                          setsigdef=[signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP])


def wait(pid):
    """Exit status; negative for a signal, SIGALRM for a program that hangs."""
    hung = threading.Timer(PATIENCE, os.kill, (pid, signal.SIGALRM))
    hung.start()
    status = os.waitpid(pid, 0)[1]
    hung.cancel()
    return os.waitstatus_to_exitcode(status)


def run(command, data=b"", env=None):
    """-> status, standard output, standard error"""
    files = [temporary("in", data), temporary("out"), temporary("err")]
    status = wait(spawn(command, files, env))
    out, err = contents(files[1]), contents(files[2])
    for fd in files:
        os.close(fd)
    return status, out, err


def parse(*words, env=None):
    return run(["trace-parse", *words], env=env)


# Kinds, as FORMAT.md says ----------------------------------------------------------------------------

KIND_OF_CAT = {cat: kind for kind, cats in (
    ("kernel", "kernel Kernel mtia_ccp_events"), ("memcpy", "gpu_memcpy Memcpy"), ("memset", "gpu_memset Memset"),
    ("cpu_op", "cpu_op Operator"), ("python", "python_function"), ("annotation", "user_annotation gpu_user_annotation"),
    ("runtime", "cuda_runtime cuda_driver hip_runtime hsa_api mtia_runtime xpu_runtime xpu_driver privateuse1_runtime "
                "privateuse1_driver Runtime")) for cat in cats.split()}
KIND_OF_PH = {ph: kind for kind, phases in (("flow", "stf"), ("counter", "C"), ("instant", "iIR"), ("meta", "M")) for ph in phases}
TEXT = rb'"((?:[^"\\]|\\.)*)"'
RECORD = re.compile(rb'\{"ph":' + TEXT + rb'(?:,"cat":' + TEXT + rb')?')


def kind(line):
    if line.startswith((b'{"meta":', b'{"end":')):
        return line[2:6]
    found = RECORD.match(line)
    ph, cat = found.groups() if found else (b"", b"")
    if ph == b"X":
        return KIND_OF_CAT.get((cat or b"").decode("ascii", "replace"), "other")
    return KIND_OF_PH.get(ph.decode("ascii", "replace"), "other")


def by_kind(dump):
    """The lines of a dump, kind by kind, in their order; of metadata in any."""
    lines = {}
    for line in dump.splitlines():
        lines.setdefault(kind(line), []).append(line)
    for key in lines:
        if key == b"meta":
            lines[key].sort()
    return lines


class Dumps:
    """Canonical dumps of streams, each distinct stream dumped once."""

    def __init__(self):
        self.known = {}

    def of(self, stream):
        """-> status and the digest of all that it says"""
        key = hashlib.sha256(stream).digest()
        if key not in self.known:
            status, dump, err = run(["trace-dump"], stream)
            said = repr(sorted((str(k), v) for k, v in by_kind(dump).items()))
            self.known[key] = status, hashlib.sha256(said.encode()).hexdigest(), err
        return self.known[key][:2]


def difference(want, got):
    """Where two dumps differ first."""
    want, got = by_kind(want), by_kind(got)
    for key in want.keys() | got.keys():
        a, b = want.get(key, []), got.get(key, [])
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            return "%s: %d lines, expected %d; line %d: %r, expected %r" % (
                key, len(b), len(a), at, b[at:at + 1], a[at:at + 1])
    return None


def together(function, cases):
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(function, cases))


def conclude(wrong, what):
    """The end of a test: what went wrong, and how many cases there were."""
    print("\n".join(wrong[:30]))
    print("%d of %s went wrong" % (len(wrong), what))
    sys.exit(bool(wrong))
