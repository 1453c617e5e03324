#!/usr/bin/env python3
"""link_oracle.py - the exact answer of trace-link, group-by-op --linked-only and fold, told by Python.

  t/link_oracle.py ops FILE       cpu_op, count, time: TraceLens's ops_summary.csv
  t/link_oracle.py links FILE     one line for each GPU activity, in file order
  t/link_oracle.py phases FILE    activities and time by annotation, step, phase
  t/link_oracle.py layers FILE    how the layers were found, how many, how sure, and each layer's share
  t/link_oracle.py check FILE     sums by every key against the plain sum; exit 1 if one differs
  t/link_oracle.py tree FILE      every host event: parent, self time
  t/link_oracle.py fold FILE      folded host stacks, as fold prints them
  t/link_oracle.py facts FILE     what links, what does not, how the rules compare

Chrome/Kineto JSON, plain or gzip. TSV on standard output, times in whole nanoseconds. links and
layers need kernel-classify's labels: trace-parse, kernel-classify and trace-dump from PATH (or
--labels FILE, trace-dump's output). The rules are DEFINITIONS.md 4 and 5; here they are
implemented otherwise than a sweep with a stack would do it: parents by a tournament tree, self times by
painting, annotations by looking at all of them.
"""
import argparse
import gzip
import json
import re
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal

sys.dont_write_bytecode = True
from oracle import ns  # noqa: E402

GPU = {"kernel", "gpu_memcpy", "gpu_memset", "Kernel", "Memcpy", "Memset", "mtia_ccp_events"}
RUNTIME = {"cuda_runtime", "cuda_driver", "mtia_runtime", "hip_runtime", "hsa_api", "xpu_runtime", "xpu_driver",
           "privateuse1_runtime", "privateuse1_driver", "Runtime"}
CPU_OP = {"cpu_op", "Operator"}
PYTHON = {"python_function"}
HOST = RUNTIME | CPU_OP | PYTHON
MODULE = "nn.Module: "
# a layer holds at least one of these
HEAVY = {"GEMM", "Attention", "MoE", "Convolution", "SSM"}
REPEATS = 3             # a run of fewer repeats is no run
NEAR = (3, 4)           # the smallest period whose coverage is this share of the best one's
LONGEST = 512           # activities in a layer, at most
CONFIDENT = (1, 2)      # below this share of the activities, layer is (none)
COMMUNICATION = ("nccl", "rccl", "cross_device_reduce", "multimem_all_reduce")


# ---------------------------------------------------------------- reading

def word(value, missing):
    if value is None or isinstance(value, (dict, list)):
        return missing
    return json.dumps(value) if isinstance(value, bool) else str(value)


class Event:
    __slots__ = ("i", "ph", "cat", "name", "start", "end", "pid", "tid", "args", "id", "bp", "rank", "parent", "self",
                 "launch", "op", "category")

    def __init__(self, i, e):
        self.i, self.ph = i, e.get("ph")
        self.cat, self.name = word(e.get("cat"), "(none)"), word(e.get("name"), "(unnamed)")
        self.pid, self.tid = word(e.get("pid"), "(none)"), word(e.get("tid"), "(none)")
        self.start, dur = ns(e.get("ts")), ns(e.get("dur", 0)) if e.get("ph") == "X" else 0
        self.end = None if self.start is None else self.start + max(dur or 0, 0)
        self.args = e["args"] if isinstance(e.get("args"), dict) else {}
        self.id, self.bp = e.get("id"), e.get("bp")
        self.parent = self.launch = None
        self.self = 0
        self.op = self.category = "Other"

    @property
    def dur(self):
        return self.end - self.start

    def correlation(self):
        return self.args.get("correlation")


def read(path):
    data = open(path, "rb").read() if path != "-" else sys.stdin.buffer.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    doc = json.loads(data.decode("utf-8", "surrogateescape"), parse_float=Decimal, strict=False)
    if isinstance(doc, dict) and "rocprofiler-sdk-tool" in doc:
        return [dumped(i, r) for i, r in enumerate(map(json.loads, dump(path))) if "ph" in r]
    raw = doc if isinstance(doc, list) else doc["traceEvents"]
    return [Event(i, e) for i, e in enumerate(raw) if isinstance(e, dict)]


def dump(path):
    """trace-dump's lines, with labels"""
    command = "trace-parse -q --index off -- \"$1\" | kernel-classify | trace-dump"
    return subprocess.run(["sh", "-c", command, "sh", path], stdout=subprocess.PIPE, check=True,
                          encoding="utf-8", errors="surrogateescape").stdout.splitlines()


def dumped(i, r):
    """an event of trace-dump: rocprofv3 files are not read here"""
    e = Event(i, {**r, "ts": str(Decimal(r.get("ts_ns", 0)) / 1000), "dur": str(Decimal(r.get("dur_ns", 0)) / 1000)})
    if "correlation" in r:
        e.args["correlation"] = e.id = r["correlation"]
    return e


class Trace:
    def __init__(self, path, labels=None):
        self.path, self.labels = path, labels
        self.events = read(path)
        spans = [e for e in self.events if e.ph == "X" and e.start is not None]
        self.gpu = [e for e in spans if e.cat in GPU]
        self.runtime = [e for e in spans if e.cat in RUNTIME]
        self.host = [e for e in spans if e.cat in HOST]
        self.notes = [e for e in spans if e.cat == "user_annotation"]
        self.threads = defaultdict(list)
        for e in self.host:
            self.threads[e.pid, e.tid].append(e)
        for part in self.threads.values():
            part.sort(key=rank_key)
            parents(part)
            self_times(part)
        self.link()

    # ------------------------------------------------------------ 4: linking

    def link(self):
        """GPU activity -> runtime call, by correlation; without one, by External id (older files)"""
        by_correlation, by_external = {}, {}
        for e in sorted(self.runtime, key=lambda e: (e.start, e.i)):
            if e.correlation() is not None:
                by_correlation.setdefault(e.correlation(), e)
            if external(e) is not None:
                by_external.setdefault(external(e), e)
        for g in self.gpu:
            if g.correlation() is not None:
                g.launch = by_correlation.get(g.correlation())
            elif external(g) is not None:
                g.launch = by_external.get(external(g))

    def tracelens(self):
        """the GPU activity that TraceLens links, as {activity: runtime call}"""
        starts, ends, last, sharing = {}, {}, {}, defaultdict(list)
        in_order = sorted(self.events, key=lambda e: GPU_ORDER.get(e.cat, -1)) if BY_KIND else self.events
        for e in in_order:
            if e.cat == "ac2g" and e.ph == "s":
                starts[e.id] = e
            elif e.cat == "ac2g" and e.ph == "f":
                ends[e.id] = e
            elif e.ph == "X" and e.correlation() is not None:
                last[e.pid, e.tid, e.correlation()] = e
        for g in self.gpu:
            sharing[g.correlation()].append(g)
        linked = {}
        for call in self.runtime:
            c = call.correlation()
            if c is None:
                continue
            if "graphlaunch" in call.name.lower():
                found = sharing[c]
            elif c in starts and c in ends:
                f = ends[c]
                found = [last.get((f.pid, f.tid, c))]
            else:
                found = []
            for g in found:
                if g is not None and g.cat in GPU:
                    linked[g] = g.launch
        return linked

    def classify(self):
        """op and category of each activity from kernel-classify, by (cat, name)"""
        lines = open(self.labels, encoding="utf-8", errors="surrogateescape") if self.labels else dump(self.path)
        known = {}
        for line in lines:
            r = json.loads(line)
            if "op" in r:
                known[r.get("cat", "(none)"), r.get("name", "(unnamed)")] = r["op"], r["category"]
        for g in self.gpu:
            g.op, g.category = known[g.cat, g.name]


def external(e):
    for key in ("External id", "external id"):
        if e.args.get(key) not in (None, 0, "0"):
            return str(e.args[key])
    return None


def is_communication(name):
    name = name.lower()
    return any(part in name for part in COMMUNICATION)


# ---------------------------------------------------------------- the host tree, declared

BY_KIND = False                 # --by-kind
GPU_ORDER = {"kernel": 0, "Kernel": 0, "mtia_ccp_events": 0, "gpu_memcpy": 1, "Memcpy": 1, "gpu_memset": 2, "Memset": 2}
KIND_ORDER = {cat: i for i, cats in enumerate(({"user_annotation"}, PYTHON, CPU_OP, RUNTIME)) for cat in cats}


def rank_key(e):
    return e.start, -e.end, KIND_ORDER.get(e.cat, 9) if BY_KIND else 0, e.i


def parents(part):
    """part is in opening order; the parent of the r-th event is the last of those before it whose end is after
    the r-th's start. Found in a tournament tree of ends, from the right."""
    size = 1
    while size < max(1, len(part)):
        size *= 2
    least = -2**63
    tree = [least] * (2 * size)
    for r, e in enumerate(part):
        if tree[1] > e.start:
            at = 1
            while at < size:
                at = 2 * at + 1 if tree[2 * at + 1] > e.start else 2 * at
            e.parent = part[at - size]
        at = r + size
        while at:
            tree[at] = max(tree[at], e.end)
            at //= 2


def self_times(part):
    """an instant belongs to the event opened last among those that cover it: paint from the last to the first"""
    cuts = sorted({t for e in part for t in (e.start, e.end)})
    place = {t: i for i, t in enumerate(cuts)}
    free = list(range(len(cuts)))

    def find(i):
        while free[i] != i:
            free[i] = free[free[i]]
            i = free[i]
        return i

    for e in reversed(part):
        e.self, stop = 0, place[e.end]
        at = find(place[e.start])
        while at < stop:
            e.self += cuts[at + 1] - cuts[at]
            free[at] = at + 1
            at = find(at + 1)


def ancestors(e):
    while e is not None:
        yield e
        e = e.parent


def nearest(e, cats):
    for a in ancestors(e):
        if a.cat in cats:
            return a
    return None


def union(spans):
    total, reach = 0, None
    for start, end in sorted(spans):
        if reach is None or start > reach:
            total, reach = total + end - start, end
        elif end > reach:
            total, reach = total + end - reach, end
    return total


# ---------------------------------------------------------------- 4: ops

def launcher(g):
    """the instance that launched it: a cpu_op, or the runtime call itself"""
    return g.launch and (nearest(g.launch, CPU_OP) or g.launch)


def ops(trace):
    instances = defaultdict(list)
    for g in trace.tracelens():
        if not is_communication(g.name):
            instances[launcher(g)].append((g.start, g.end))
    table = defaultdict(lambda: [0, 0, 0])
    for e, spans in instances.items():
        row = table[e.name]
        row[0] += 1
        row[1] += union(spans)
        row[2] += len(spans)
    return sorted(((name, *row) for name, row in table.items()), key=lambda r: (-r[2], r[0]))


# ---------------------------------------------------------------- 4: forward ops of backward launches

class Forward:
    def __init__(self, trace):
        """{(Sequence number, Fwd thread id): forward op} by the flows of cat fwdbwd; the forward ops by number"""
        at = defaultdict(list)                  # (pid, tid, start) -> cpu_ops
        self.forward = defaultdict(list)        # sequence number -> forward cpu_ops
        for e in trace.host:
            if e.cat in CPU_OP:
                at[e.pid, e.tid, e.start].append(e)
                if number(e, "Sequence number") is not None and not number(e, "Fwd thread id"):
                    self.forward[number(e, "Sequence number")].append(e)
        flows = defaultdict(dict)
        for e in trace.events:
            if e.cat == "fwdbwd" and e.ph in ("s", "f"):
                flows[e.id][e.ph] = e
        self.flow, self.dangling = {}, 0
        for pair in flows.values():
            fwd = bwd = None
            if len(pair) == 2:
                fwd, bwd = (at.get((e.pid, e.tid, e.start)) for e in (pair["s"], pair["f"]))
            if not fwd or not bwd:
                self.dangling += 1
                continue
            # of several that start then: the innermost forward op, the backward op that has a number
            for b in bwd:
                if number(b, "Fwd thread id"):
                    self.flow[number(b, "Sequence number"), number(b, "Fwd thread id")] = max(fwd, key=rank_key)

    @staticmethod
    def backward(call):
        """the innermost op around the call that is a backward op"""
        for a in ancestors(call):
            if a.cat in CPU_OP and number(a, "Fwd thread id") and number(a, "Sequence number") is not None:
                return a
        return None

    def by_flow(self, call):
        b = self.backward(call)
        return b and self.flow.get((number(b, "Sequence number"), number(b, "Fwd thread id")))

    def by_sequence(self, call):
        """the forward op of this number that began last, before the backward op"""
        b = self.backward(call)
        fits = [f for f in self.forward[number(b, "Sequence number")] if f.start < b.start] if b else []
        return max(fits, key=rank_key) if fits else None

    def of(self, call):
        return self.by_flow(call) or self.by_sequence(call) if call else None


def number(e, key):
    v = e.args.get(key)
    try:
        return None if v is None or isinstance(v, (dict, list)) else int(v)
    except ValueError:
        return None


# ---------------------------------------------------------------- stacks and modules

def python_stack(e):
    return [a.name for a in ancestors(e) if a.cat in PYTHON][::-1] if e else []


def module_chain(e):
    return [name[len(MODULE):] for name in python_stack(e) if name.startswith(MODULE)]


def path(e):
    return [a.name for a in ancestors(e)][::-1] if e else []


# ---------------------------------------------------------------- 5: annotation, phase, step

CONTEXT = re.compile(r"execute_(?:\d+_)?context_(\d+)\([^()]*\)_generation_(\d+)\([^()]*\)")
STEP_WORD = re.compile(r"step\[([A-Za-z0-9_]+)")
PROFILER_STEP = re.compile(r"ProfilerStep#(\d+)$")


def phase_of(name):
    """phase that an annotation names, or None if it names none"""
    m = CONTEXT.match(name)
    if m:
        n, g = int(m[1]) > 0, int(m[2]) > 0
        return ("mixed" if g else "prefill") if n else ("decode" if g else "unknown")
    m = STEP_WORD.match(name)
    if m:
        return {"EXTEND": "prefill"}.get(m[1], m[1].lower())
    for head, phase in (("prefill[", "prefill"), ("decode[", "decode"), ("capture_", "capture"),
                        ("execute_diffusion_", "diffusion")):
        if name.startswith(head):
            return phase
    return None


class Notes:
    def __init__(self, trace):
        self.all = sorted(trace.notes, key=rank_key)
        self.steps = {}
        phases = [e for e in self.all if phase_of(e.name) is not None]
        outer = [e for e in phases if not any((o.pid, o.tid) == (e.pid, e.tid) and rank_key(o) < rank_key(e)
                                              and o.end > e.start for o in phases)]
        for pid in {e.pid for e in outer}:
            for n, e in enumerate(x for x in outer if x.pid == pid):
                self.steps[e] = n
        self.profiler = [e for e in self.all if PROFILER_STEP.match(e.name)]

    def innermost(self, call, wanted):
        """innermost annotation that is open when the call starts: of its thread, else of its pid, else of any"""
        t = call.start
        open_ = [e for e in self.all if e.start <= t < e.end and wanted(e)]
        for same in (lambda e: e.pid == call.pid and e.tid == call.tid, lambda e: e.pid == call.pid, lambda e: True):
            fits = [e for e in open_ if same(e)]
            if fits:
                return fits[-1]         # the last opened, in opening order
        return None

    def of(self, call):
        """(annotation, step, phase)"""
        if call is None:
            return "(none)", "(none)", "unknown"
        note = self.innermost(call, lambda e: True)
        phase = self.innermost(call, lambda e: phase_of(e.name) is not None)
        step = self.innermost(call, lambda e: PROFILER_STEP.match(e.name))
        if step:
            number_ = PROFILER_STEP.match(step.name)[1]
        else:
            step = self.innermost(call, lambda e: e in self.steps)
            number_ = str(self.steps[step]) if step else "(none)"
        return note.name if note else "(none)", number_, phase_of(phase.name) if phase else "unknown"


# ---------------------------------------------------------------- 5: layers

INSTANCE = re.compile(r"(.*)_(\d+)$")


def split_module(name):
    m = INSTANCE.match(name)
    return (m[1], int(m[2])) if m else (name, None)


def layers_by_module(links):
    """links: (activity, chain of modules). -> (class, {activity: layer}) or None"""
    total = sum(g.dur for g, _ in links if g.launch)
    siblings, depth, time = defaultdict(set), {}, Counter()
    for g, chain in links:
        seen = set()
        for d, name in enumerate(chain):
            cls, n = split_module(name)
            if n is None:
                continue
            if d:
                siblings[cls, chain[d - 1]].add(n)
            depth[cls] = min(d, depth.get(cls, d))
            if cls not in seen:
                seen.add(cls)
                time[cls] += g.dur
    fit = {cls for (cls, _), found in siblings.items() if len(found) >= 2 and 2 * time[cls] >= total > 0}
    if not fit:
        return None
    best = min(fit, key=lambda cls: (depth[cls], -time[cls], cls))
    layer = {}
    for g, chain in links:
        for name in chain:
            cls, n = split_module(name)
            if cls == best and n is not None:
                layer[g] = n
                break
    return best, layer


def runs(seq, heavy, p):
    """maximal [a, b) where seq[i] == seq[i + p] all through, less what is in the run before it; of REPEATS periods at
    least (the last may lack half), with something heavy in the first period"""
    found, a, before, n = [], 0, 0, len(seq)
    for i in range(n - p + 1):
        if i < n - p and seq[i] == seq[i + p]:
            continue
        a, b = max(a, before), i + p
        if layers_in(b - a, p) >= REPEATS and any(heavy[a:a + p]):
            found.append((a, b))
            before = b
        a = i + 1
    return found


def layers_in(length, p):
    """length / p, rounded half up"""
    return (2 * length + p) // (2 * p)


def front(seq, low, a, p):
    """(n, missing): the n activities before the run, none before low, belong to its first layer, which lacks as many
    (they are fused with the embedding)"""
    best = (0, 0)
    for missing in range(1, p // 4 + 1):
        length = 0
        while length + missing < p and length < a - low and seq[a - 1 - length] == seq[a + p - 1 - missing - length]:
            length += 1
        if length > best[0]:
            best = (length, missing)
    return best if best[0] >= 2 else (0, 0)


def joined(seq, p, before, a):
    """origin of a run at a that carries on the run before it: (start, end, origin), of which it is parted by a few
    activities more or less in one layer; None: it begins anew"""
    start, end, origin = before
    if a - end > p // 4:
        return None
    at = end - origin                   # what the run before would have next
    for missing in range(p // 4 + 1):
        if all(seq[a + t] == seq[start + (origin + at + missing + t - start) % p] for t in range(p)):
            return a - at - missing
    return None


def numbered(seq, found, p):
    """runs -> [{position: layer}], one for each sequence of layers; runs that carry on another share its numbers"""
    chains, before, low = [], None, 0
    for a, b in found:
        origin = before and joined(seq, p, before, a)
        if origin is None:
            length, missing = front(seq, low, a, p)
            origin = a - length - missing
            chains.append({i: 0 for i in range(a - length, a)})
        else:
            chains[-1].update((i, (before[1] - 1 - before[2]) // p) for i in range(before[1], a))
        chains[-1].update((i, (i - origin) // p) for i in range(a, b))
        count = layers_in(b - origin, p)
        before, low = (a, b, origin), b
        chains[-1][None] = count
    out = []
    for chain in chains:
        count = chain.pop(None)
        out.append({i: n for i, n in chain.items() if n < count})
    return out


def period(seq, heavy):
    """the smallest p whose runs cover NEAR of what the best p's cover; None: there are no runs"""
    n = len(seq)
    cover = {}
    for p in range(1, min(n // 2, LONGEST) + 1):
        c = sum(b - a for a, b in runs(seq, heavy, p))
        if c:
            cover[p] = c
    if not cover:
        return None
    most = max(cover.values())
    return min(p for p, c in cover.items() if NEAR[1] * c >= NEAR[0] * most)


def layers_by_repeat(trace, steps):
    """-> [(step, p, layers, kernels, covered, {activity: layer})] of each step"""
    parts = defaultdict(list)
    for g in trace.gpu:
        parts[steps[g]].append(g)
    if len(parts) > 1:
        parts.pop("(none)", None)       # what stands outside of all steps is in no layer
    out = []
    for step in sorted(parts, key=lambda s: (len(s), s)):
        part = sorted(parts[step], key=lambda g: ((g.launch or g).start, g.start, g.i))
        seq, heavy = [g.op for g in part], [g.category in HEAVY for g in part]
        p, layer, counts = period(seq, heavy), {}, Counter()
        if p:
            for where in numbered(seq, runs(seq, heavy, p), p):
                counts[max(where.values()) + 1] += 1
                layer.update((part[i], n) for i, n in where.items())
        most = max(counts, key=lambda c: (counts[c], c)) if counts else 0
        out.append((step, p or 0, most, len(part), len(layer), layer))
    return out


def layers(trace, links, steps):
    """{activity: layer} and the report: (how, unit, layers, activities, covered, believed)"""
    with_launch = sum(1 for g in trace.gpu if g.launch)
    found = layers_by_module(links)
    if found:
        cls, layer = found
        return layer, [("module", cls, len(set(layer.values())), with_launch, len(layer), "yes")]
    layer, report = {}, []
    for step, p, count, kernels, covered, where in layers_by_repeat(trace, steps):
        sure = covered > 0 and CONFIDENT[1] * covered >= CONFIDENT[0] * kernels
        report.append(("repeat step " + step, str(p), count, kernels, covered, "yes" if sure else "no"))
        if sure:
            layer.update(where)
    return layer, report


# ---------------------------------------------------------------- all of it

class Links:
    def __init__(self, trace):
        trace.classify()
        forward, notes = Forward(trace), Notes(trace)
        self.rows, chains, steps = {}, [], {}
        seen = {}
        for g in trace.gpu:
            call = g.launch
            if call not in seen:
                fwd = forward.of(call)
                chain = module_chain(call) or module_chain(fwd)
                seen[call] = fwd, chain, notes.of(call), launcher(g)
            fwd, chain, (note, step, phase), instance = seen[call]
            chains.append((g, chain))
            steps[g] = step
            self.rows[g] = {
                "launch": call.name if call else "(unlinked)",
                "cpu_op": instance.name if call else "(unlinked)",
                "module": chain[-1] if chain else "(none)", "modules": ";".join(chain),
                "annotation": note, "step": step, "phase": phase,
                "forward": fwd.name if fwd else "(none)",
                "python": ";".join(python_stack(call)), "stack": ";".join(path(call)) if call else "(unlinked)",
            }
        layer, self.report = layers(trace, chains, steps)
        for g, row in self.rows.items():
            row["layer"] = str(layer[g]) if g in layer else "(none)"


COLUMNS = ["launch", "cpu_op", "module", "modules", "annotation", "step", "phase", "layer", "forward", "python",
           "stack"]


def frame(name):
    return name.replace(";", ":").replace("\n", " ")


def show(value):
    text = str(value)
    for c, e in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(c, e)
    return text


def say(*fields):
    print("\t".join(show(f) for f in fields))


def run_ops(trace):
    say("cpu_op", "count", "total_ns", "kernels")
    for row in ops(trace):
        say(*row)


def run_links(trace):
    say("index", "name", "op", "start_ns", "dur_ns", *COLUMNS)
    for n, (g, row) in enumerate(Links(trace).rows.items()):
        say(n, g.name, g.op, g.start, g.dur, *(row[c] for c in COLUMNS))


def grouped(links, keys):
    table = defaultdict(lambda: [0, 0])
    for g, row in links.rows.items():
        at = table[tuple(row[k] for k in keys)]
        at[0] += 1
        at[1] += g.dur
    return table


def run_phases(trace):
    say("annotation", "step", "phase", "count", "total_ns")
    for key, row in sorted(grouped(Links(trace), ("annotation", "step", "phase")).items()):
        say(*key, *row)


def run_layers(trace):
    links = Links(trace)
    say("how", "unit", "layers", "activities", "covered", "confidence", "believed")
    for how, unit, count, kernels, covered, sure in links.report:
        say(how, unit, count, kernels, covered, "%.4f" % (covered / kernels if kernels else 0), sure)
    table = grouped(links, ("layer",))
    say("layer", "count", "total_ns")
    for (layer,), row in sorted(table.items(), key=lambda r: (not r[0][0].isdigit(), len(r[0][0]), r[0][0])):
        say(layer, *row)


def run_check(trace):
    links, plain, bad = Links(trace), sum(g.dur for g in trace.gpu), 0
    for key in COLUMNS:
        table = grouped(links, (key,))
        count, total = (sum(row[i] for row in table.values()) for i in (0, 1))
        ok = (count, total) == (len(trace.gpu), plain)
        bad += not ok
        say(key, len(table), count, total, "ok" if ok else "DIFFERS from %d %d" % (len(trace.gpu), plain))
    for key, part in sorted(trace.threads.items()):
        total, covered = sum(e.self for e in part), union((e.start, e.end) for e in part)
        bad += total != covered
        say("self %s/%s" % key, len(part), total, covered, "ok" if total == covered else "DIFFERS")
    return 1 if bad else 0


def run_tree(trace):
    say("pid", "tid", "start_ns", "dur_ns", "self_ns", "cat", "name", "parent_name", "parent_start_ns")
    for key, part in sorted(trace.threads.items()):
        for e in part:
            p = e.parent
            say(*key, e.start, e.dur, e.self, e.cat, e.name, p.name if p else "", p.start if p else "")


def run_fold(trace, root_by="none"):
    table = Counter()
    for (pid, tid), part in trace.threads.items():
        for e in part:
            root = {"none": [], "pid": [pid], "tid": [tid]}[root_by]
            table[";".join(frame(f) for f in root + path(e))] += e.self
    lines = [line.encode("utf-8", "surrogateescape") + b" %d" % n for line, n in table.items() if n]
    for line in sorted(lines):
        sys.stdout.buffer.write(line + b"\n")


def run_facts(trace):
    n = len(trace.gpu)
    linked = [g for g in trace.gpu if g.launch]
    say("gpu activities", n)
    say("linked", len(linked))
    say("tracelens-linked", len(trace.tracelens()))
    say("with a cpu_op", sum(1 for g in linked if nearest(g.launch, CPU_OP)))
    say("with python frames", sum(1 for g in linked if python_stack(g.launch)))
    say("with a module", sum(1 for g in linked if module_chain(g.launch)))
    by_external = {external(e): e for e in trace.host if e.cat in CPU_OP and external(e)}
    same = differ = 0
    pairs = Counter()
    for g in linked:
        op, e = nearest(g.launch, CPU_OP), by_external.get(external(g))
        if op and e:
            same, differ = same + (op is e), differ + (op is not e)
            if op is not e:
                pairs[op.name, e.name] += 1
    say("cpu_op by tree == by External id", same)
    say("cpu_op by tree != by External id", differ, pairs.most_common(3))
    alone = [g for g in trace.gpu if external(g) in by_external and not (g.launch and nearest(g.launch, CPU_OP))]
    say("cpu_op only by External id", len(alone))
    forward, both, f_only, s_only, diff = Forward(trace), 0, 0, 0, Counter()
    for g in linked:
        f, s = forward.by_flow(g.launch), forward.by_sequence(g.launch)
        both += f is not None and f is s
        f_only += f is not None and s is None
        s_only += s is not None and f is None
        if f is not None and s is not None and f is not s:
            diff[f.name, s.name] += 1
    say("forward op: flow == sequence", both)
    say("forward op: flow only, sequence only", f_only, s_only)
    say("forward op: differ", sum(diff.values()), diff.most_common(3))
    say("fwdbwd flows that meet no op", forward.dangling)
    say("crossing host events", sum(1 for e in trace.host if e.parent and e.end > e.parent.end))


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["ops", "links", "phases", "layers", "check", "tree", "fold", "facts"])
    parser.add_argument("file")
    parser.add_argument("--labels", help="output of kernel-classify | trace-dump, instead of running them")
    parser.add_argument("--root-by", choices=["none", "pid", "tid"], default="none", help="of fold")
    parser.add_argument("--by-kind", action="store_true", help="of events of several kinds that start and end "
                        "together Python functions are outside of operators, these of calls, and kernels come before "
                        "copies and fills (a stream has no other order); else it is the order of the file")
    args = parser.parse_args()
    global BY_KIND
    BY_KIND = args.by_kind
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    trace = Trace(args.file, args.labels)
    if args.what == "fold":
        return run_fold(trace, args.root_by)
    return globals()["run_" + args.what](trace)


if __name__ == "__main__":
    sys.exit(main())
