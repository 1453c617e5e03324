#!/usr/bin/env python3
"""layer_cases.py - cases for unit-layers (layer-cases.h), and what link_oracle.py says of them.

  t/layer_cases.py make SEED    some hundreds at random, one a line
  t/layer_cases.py answer       their answers, from standard input; on standard error how often
                                each way of the rules was taken
"""
import random
import sys
from collections import Counter

import link_oracle as oracle

TAKEN = Counter()

# ---------------------------------------------------------------- making

TOKENS = ["execute_", "context_", "_generation_", "0", "1", "37", "9" * 30, "(", ")", "(sq8)", "(1_2)", "()", "step[", "step",
          "EXTEND", "DECODE", "MIXED", "Verify_2", "[", "]", " ", "prefill[", "decode[", "capture_", "execute_diffusion_",
          "ProfilerStep#", "\0", "\n", "\xff", "-", "_"]
NAMES = ["execute_context_9(8155)_generation_37(37)", "execute_8192_context_9(sq81sk84)_generation_37(sq37sk9)",
         "execute_context_1(888_788544)_generation_0(0)", "execute_context_0(0)_generation_4(4)", "step[EXTEND bs=15 toks=15360]",
         "step[DECODE bs=32]", "prefill[a]", "decode[b]", "capture_3_mode", "execute_diffusion_1_256x256"]


def name(r):
    """tokens at random, or a good name with a piece cut out, doubled or changed"""
    if r.random() < 0.5:
        return "".join(r.choice(TOKENS) for _ in range(r.randint(0, 9)))
    if r.random() < 0.1:
        return "ProfilerStep#%d" % r.randrange(10**r.randint(1, 30)) + r.choice(["", "", "\0", " ", "\xff", "#", "-1"])
    s = r.choice(NAMES)
    i, k = sorted(r.randint(0, len(s)) for _ in range(2))
    return r.choice([s, s[:i], s[:i] + s[k:], s[:k] + s[i:], s[:i] + r.choice(TOKENS) + s[i:], s[:i] + r.choice(TOKENS) + s[k:]])


def phase_case(r):
    s = name(r).rstrip("\n")        # Python's $ stands before a last newline too
    return "phase " + (s.encode("latin-1").hex() or "-")


def planted(r):
    """layers with something in front, between, behind, and layers that lack some"""
    kinds = r.randint(2, 12)
    unit = [r.randrange(kinds) for _ in range(r.choice([1, 2, 4, 8, 12, 20, 30]))]
    seq = []

    def noise(most):
        seq.extend(r.randrange(kinds + 4) for _ in range(r.randint(0, most)))

    for _ in range(r.randint(1, 3)):
        noise(8)
        torn = r.choice([0, 0.1, 0.3])      # share of the layers that lack some, or have more
        for _ in range(r.randint(1, 9)):
            i = r.randint(0, len(unit)) if r.random() < torn else 0
            k = i + r.randint(0, max(1, len(unit) // 3)) if i else 0
            seq.extend(unit[:i] + unit[k:])
            if r.random() < torn:
                noise(max(1, len(unit) // 3))
    noise(8)
    return seq


def repeat_case(r):
    if r.random() < 0.7:
        seq = planted(r)
    else:
        kinds = r.randint(1, 4)
        seq = [r.randrange(kinds) for _ in range(r.choice([0, 1, 2, 3, 10, 40, 120]))]
    heavy = [k for k in range(20) if r.random() < 0.3] or [0]
    return " ".join(["repeat", ",".join(map(str, heavy)), *map(str, seq)])


def module_case(r):
    parts = ["Block_%d", "Block_%d", "Mixer_%d", "Block_1_%d", "_%d", "Head_", "Zero_00%d"]
    chains = []
    for _ in range(r.randint(1, 6)):
        chain = ["Model_0"] if r.random() < 0.7 else []
        for _ in range(r.randint(0, 4)):
            part = r.choice(parts)
            chain.append(part % r.randrange(3) if "%" in part else part)
        chains.append(":" + ";".join(chain))
    chains.append("")
    return " ".join(["module"] + [str(r.choice([0, 1, 2, 10, r.randrange(100)])) + r.choice(chains) for _ in range(r.randint(0, 12))])


def make(seed):
    r = random.Random(seed)
    for case, times in ((phase_case, 3000), (repeat_case, 1200), (module_case, 800)):
        for _ in range(times):
            print(case(r))


# ---------------------------------------------------------------- answering

class Activity:
    def __init__(self, i, dur, launch, op="", category=""):
        self.i = self.start = i
        self.dur, self.launch, self.op, self.category = dur, launch, op, category


class Trace:
    def __init__(self, gpu):
        self.gpu = gpu


def counted(what, function):
    def call(*args):
        answer = function(*args)
        TAKEN[what] += answer not in (None, (0, 0))
        return answer
    return call


def answer_phase(text):
    s = bytes.fromhex(text.replace("-", "")).decode("utf-8", "surrogateescape")
    phase, step = oracle.phase_of(s), oracle.PROFILER_STEP.match(s)
    TAKEN["phase"] += phase is not None
    TAKEN["step"] += step is not None
    return "%s %s " % tuple((v or "").encode().hex() or "-" for v in (phase, step and step[1]))


def answer_repeat(heavy, *seq):
    heavy = set(heavy.split(","))
    gpu = [Activity(i, 0, None, op, "GEMM" if op in heavy else "Memory") for i, op in enumerate(seq)]
    if not gpu:
        return "0 0 0"
    [(_, p, count, _, covered, layer)] = oracle.layers_by_repeat(Trace(gpu), {g: "0" for g in gpu})
    TAKEN["repeat"] += p > 0
    return " ".join(map(str, [p, count, covered, *(layer.get(g, "-") for g in gpu)]))


def answer_module(*activities):
    links = []
    for i, text in enumerate(activities):
        dur, launch, chain = text.partition(":")
        links.append((Activity(i, int(dur), launch), chain.split(";") if chain else []))
    found = oracle.layers_by_module(links)
    TAKEN["module"] += found is not None
    return (found[0] or "-") if found else "-"


def answer():
    oracle.front, oracle.joined = counted("front", oracle.front), counted("joined", oracle.joined)
    answers = {"phase": answer_phase, "repeat": answer_repeat, "module": answer_module}
    for line in sys.stdin:
        what, *words = line.split()
        print(answers[what](*words))
    for what in ("phase", "step", "repeat", "front", "joined", "module"):
        print(what, TAKEN[what], file=sys.stderr)


if __name__ == "__main__":
    make(sys.argv[2]) if sys.argv[1] == "make" else answer()
