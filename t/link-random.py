#!/usr/bin/env python3
"""link-random.py SEED - a trace in Kineto's form with all that trace-link looks at, at random

Threads of two processes with Python functions, modules, operators and calls that nest, cross, begin
together or take no time; correlations that are shared, missing, repeated or without a call; activity
of older files with an External id alone; graph launches; ac2g flows with one end, with ends that
point elsewhere; backward operators with and without fwdbwd flows; annotations of every dialect that
nest and cross on some threads; a model of repeated layers, with modules or without, in steps.
"""
import json
import random
import sys

R = random.Random(int(sys.argv[1]))
events = []
RUNTIME = [("cudaLaunchKernel", "cuda_runtime"), ("cuLaunchKernelEx", "cuda_driver"), ("hipLaunchKernel", "cuda_runtime"),
           ("cudaMemcpyAsync", "cuda_runtime"), ("cudaGraphLaunch", "cuda_runtime")]
NOTES = ["execute_context_2(10)_generation_0(0)", "execute_context_0(0)_generation_3(9)", "prefill[x]", "decode[y]",
         "execute_4_context_1(sq1)_generation_2(sq9)", "execute_context_0(0)_generation_0(0)", "step[EXTEND bs=1]",
         "step[DECODE bs=4]", "capture_7", "forward", "backward", "execute_diffusion_1", "execute_context_1(2", "step[ x"]
KERNELS = ["ampere_sgemm_128x64_tn", "void at::native::reduce_kernel<512, 1>(x)", "flash_fwd_kernel<1>", "odd",
           "void at::native::vectorized_elementwise_kernel<4, at::native::AddFunctor>(int)", "rms_norm_kernel"]
THREADS = [(100, 1), (100, 2), (200, 1), (200, "a")]
correlation, sequence, flow_id = 0, 0, 0


def us(ns):
    return round(ns / 1000, 3) if R.random() < 0.9 else "%d.%03d" % (ns // 1000, ns % 1000)


def add(ph, cat, name, ts, pid, tid, dur=None, **more):
    e = {"ph": ph, "cat": cat, "name": name, "pid": pid, "tid": tid, "ts": us(ts)}
    if dur is not None:
        e["dur"] = us(dur)
    args = more.pop("args", {})
    if args:
        e["args"] = args
    events.append({**e, **more})


def activity(ts, c, name=None):
    cat = R.choices(["kernel", "gpu_memcpy", "gpu_memset"], [8, 1, 1])[0]
    stream = R.choice([7, 7, 7, 20])
    args = {"stream": stream, "device": 0}
    if c is not None:
        args["correlation"] = c
    start = ts + R.randrange(0, 3000)
    name = name or (R.choice(KERNELS) if cat == "kernel" else "Memcpy HtoD" if cat == "gpu_memcpy" else "Memset")
    add("X", cat, name, start, 0, stream, R.choice([0, 10, 500, 2000]), args=args)
    return start, stream


def flow(kind, ident, ts, pid, tid, cat):
    add(kind, cat, cat, ts, pid, tid, id=ident, **({"bp": "e"} if kind == "f" else {}))


def call(ts, pid, tid, end, name=None):
    global correlation
    correlation += 1
    c = correlation if R.random() < 0.95 else max(1, correlation - 1)
    what, cat = R.choice(RUNTIME)
    add("X", cat, what, ts, pid, tid, min(end - ts, R.choice([0, 1, 40])), args={"correlation": c})
    n = R.choice([1, 3]) if "Graph" in what else R.choices([0, 1], [1, 9])[0]
    for _ in range(n):
        start, stream = activity(ts, c, name)
        if R.random() < 0.8:
            flow("s", c, ts, pid, tid, "ac2g")
        if R.random() < 0.8:
            where = (0, stream) if R.random() < 0.8 else (pid, tid)
            flow("f", c, start, *where, "ac2g")


def frames(ts, end, pid, tid, depth):
    """events within [ts, end), some of which cross its end"""
    global sequence, flow_id
    at = ts
    while at < end and depth < 6:
        begin = at + R.choice([0, 0, 1, 20])
        stop = begin + R.choice([0, 30, 200, 900])
        if R.random() < 0.95:
            stop = min(stop, end)
        stop = max(stop, begin)
        what = R.random()
        if what < 0.3:
            name = R.choice(["f.py(%d): f" % R.randrange(4), "nn.Module: Block_%d" % R.randrange(4), "nn.Module: MLP_0",
                             "nn.Module: Model", "<built-in x;y>"])
            add("X", "python_function", name, begin, pid, tid, stop - begin, args={"Python id": R.randrange(99)})
        elif what < 0.75:
            args = {"External id": R.randrange(1, 30)} if R.random() < 0.5 else {}
            back = R.random() < 0.3
            if R.random() < 0.6:
                sequence += not back
                args["Sequence number"] = max(0, sequence - R.randrange(3))
                args["Fwd thread id"] = R.randrange(1, 3) if back else 0
            add("X", "cpu_op", R.choice(["aten::mm", "aten::add", "MmBackward0"]), begin, pid, tid, stop - begin, args=args)
            if R.random() < 0.15:
                flow_id += 1
                flow(R.choice("sf"), flow_id // 2, begin, pid, tid, "fwdbwd")
        else:
            call(begin, pid, tid, max(stop, begin))
        if R.random() < 0.8:
            frames(begin, stop, pid, tid, depth + 1)
        at = stop + R.choice([0, 1, 50])


def notes(length):
    for _ in range(R.choice([0, 3, 12])):
        pid, tid = R.choice(THREADS)
        begin = R.randrange(length)
        name = R.choice(NOTES) if R.random() < 0.8 else "ProfilerStep#%d" % R.randrange(20)
        add("X", "user_annotation", name, begin, pid, tid, R.choice([0, 500, 5000, length]))
        if R.random() < 0.3:
            add("X", "gpu_user_annotation", "prefill[gpu]", begin, 0, 7, 500)


def model(ts, modules):
    """a step of layers that repeat"""
    pid, tid = THREADS[0]
    layers, begin = R.randrange(3, 7), ts
    names = [R.choice(KERNELS) for _ in range(R.randrange(2, 7))] + [KERNELS[0]]
    for layer in range(layers):
        start = ts
        for name in names:
            call(ts, pid, tid, ts + 5, name if R.random() < 0.97 else None)
            ts += 10
        if modules:
            add("X", "python_function", "nn.Module: Block_%d" % layer, start, pid, tid, ts - start)
    add("X", "user_annotation", R.choice(NOTES[:5]), begin, pid, tid, ts - begin)
    return ts + 100


def old_activity():
    """of files without correlations"""
    for _ in range(R.choice([0, 0, 8])):
        ident = R.choice([0, 1, 5, 9])
        add("X", "kernel", "old", R.randrange(9999), 0, 7, 9, args={"stream": 7, "External id": ident})
        add("X", "cuda_runtime", "cudaLaunch", R.randrange(9999), *R.choice(THREADS), 3, args={"External id": ident})


length = 6000
quiet = R.random() < 0.4        # so that layers hold half of the time
for thread in THREADS:
    if not quiet and R.random() < 0.8:
        frames(R.randrange(50), length, *thread, 0)
notes(length)
if quiet or R.random() < 0.6:
    after, with_modules = length + 1000, R.random() < 0.5
    for _ in range(R.randrange(1, 4)):
        after = model(after, with_modules)
old_activity()
for _ in range(R.choice([0, 5])):
    activity(R.randrange(length), R.choice([None, 10**6]))
if R.random() < 0.5:        # each category keeps its own order: a stream has no other
    groups = {}
    for event in events:
        groups.setdefault(event["cat"], []).append(event)
    order = list(groups)
    R.shuffle(order)
    events = [e for cat in order for e in groups[cat]]
print(json.dumps({"traceEvents": events}))
