#!/usr/bin/env python3
"""oracle.py - the exact answer, told by Python's json: name (or cat), count, total_ns.

  t/oracle.py trace.json.gz            events of cat kernel, by name
  t/oracle.py --cat kernel,cpu_op --by cat trace.json
  t/oracle.py --gpu < trace.json       GPU activity (DEFINITIONS 1)
  t/oracle.py --operators trace.json   something else: of each cpu_op or Operator, in the order of the
                                       file, ts and dur in ns, External id, sequence, forward thread

Reads Chrome/Kineto JSON (object or bare array) and rocprofv3 JSON, plain or gzip; prints TSV
sorted by total_ns descending, then by the bytes of the name. Only ph X events have a time.
With --durs a fourth column: all durations in ns, ascending, with commas.
"""
import argparse
import gzip
import json
import sys
from decimal import Decimal, localcontext

GPU = {"kernel", "gpu_memcpy", "gpu_memset", "Kernel", "Memcpy", "Memset", "mtia_ccp_events"}
SHOWN = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
BIDI = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029}


def escape(name):
    """a name as TSV shows it (TOOLS.md, Tables): control characters and invalid bytes as \\xHH"""
    out = []
    for c in name:
        o = ord(c)
        if c in SHOWN:
            out.append(SHOWN[c])
        elif o < 32 or 127 <= o < 160 or o in BIDI or 0xD800 <= o < 0xE000:
            # U+DC80-DCFF come from surrogateescape only where the input was not UTF-8: one raw byte
            raw = bytes([o - 0xDC00]) if RAW_BYTES and 0xDC80 <= o <= 0xDCFF else c.encode("utf-8", "surrogatepass")
            out.append("".join("\\x%02X" % b for b in raw))
        else:
            out.append(c)
    return "".join(out)


def ns(value):
    """microseconds as text or number -> whole nanoseconds, cut towards zero; None if not a time"""
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    with localcontext() as ctx:
        ctx.prec = 100
        try:
            whole = Decimal(value) * 1000
            return int(whole) if abs(whole) < 2**63 else None
        except ArithmeticError:         # malformed text, an exponent out of all bounds
            return None


def text(value, missing):
    if value is None or isinstance(value, (dict, list)):
        return missing
    return json.dumps(value) if isinstance(value, bool) else str(value)


def chrome(doc):
    for e in doc if isinstance(doc, list) else doc["traceEvents"]:
        if isinstance(e, dict) and e.get("ph") == "X":
            dur = ns(e.get("dur"))
            if dur is not None and dur >= 0 and ns(e.get("ts")) is not None:
                yield text(e.get("cat"), "(none)"), text(e.get("name"), "(unnamed)"), dur


def number(value):
    """an id of args; None if it is none (what is malformed costs the event, and is not expected here)"""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    return value if type(value) is int and 0 <= value < 2**64 else None


def operators(doc):
    for e in doc if isinstance(doc, list) else doc.get("traceEvents", []):
        if isinstance(e, dict) and e.get("ph") == "X" and e.get("cat") in ("cpu_op", "Operator"):
            args = e["args"] if isinstance(e.get("args"), dict) else {}
            external = next((args[k] for k in ("External id", "external id") if k in args), None)
            yield ns(e["ts"]), ns(e["dur"]), number(external), number(args.get("Sequence number")), number(args.get("Fwd thread id")) or None


def rocprof(doc):
    """(cat, name, ns); a record that ends before it starts is none"""
    for proc in doc["rocprofiler-sdk-tool"]:
        symbols = {s["kernel_id"]: s["formatted_kernel_name"] for s in proc.get("kernel_symbols", [])}
        buffers = proc["buffer_records"]
        for d in buffers.get("kernel_dispatch", []):
            yield "kernel", symbols.get(d["dispatch_info"]["kernel_id"], "(unnamed)"), d["end_timestamp"] - d["start_timestamp"]
        kinds = {i: k for i, k in enumerate(proc.get("strings", {}).get("buffer_records", []))}
        for buffer, cat in (("memory_copy", "gpu_memcpy"), ("hip_api", "cuda_runtime")):
            for d in buffers.get(buffer, []):
                ops = kinds.get(d["kind"], {}).get("operations", [])
                name = ops[d["operation"]] if d["operation"] < len(ops) else "(unnamed)"
                yield cat, name, d["end_timestamp"] - d["start_timestamp"]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cat", default="kernel", help="comma list of categories (default kernel)")
    p.add_argument("--gpu", action="store_true", help="GPU activity instead")
    p.add_argument("--by", choices=["name", "cat"], default="name")
    p.add_argument("--durs", action="store_true", help="add the sorted durations")
    p.add_argument("--operators", action="store_true", help="their numbers instead")
    p.add_argument("file", nargs="?", default="-")
    opt = p.parse_args()
    data = sys.stdin.buffer.read() if opt.file == "-" else open(opt.file, "rb").read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    global RAW_BYTES
    try:
        source, RAW_BYTES = data.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        source, RAW_BYTES = data.decode("utf-8-sig", "surrogateescape"), True
    doc = json.loads(source, parse_float=Decimal, strict=False)
    if opt.operators:
        sys.stdout.writelines("%s\n" % "\t".join(map(str, row)) for row in operators(doc))
        return
    wanted = GPU if opt.gpu else set(opt.cat.split(","))
    rows = {}
    for cat, name, dur in rocprof(doc) if isinstance(doc, dict) and "rocprofiler-sdk-tool" in doc else chrome(doc):
        if cat in wanted and dur >= 0:
            rows.setdefault(escape(cat if opt.by == "cat" else name), []).append(dur)
    out = sys.stdout.buffer
    for key, durs in sorted(((k.encode("utf-8"), d) for k, d in rows.items()), key=lambda r: (-sum(r[1]), r[0])):
        line = b"%s\t%d\t%d" % (key, len(durs), sum(durs))
        if opt.durs:
            line += b"\t" + b",".join(b"%d" % d for d in sorted(durs))
        out.write(line + b"\n")


if __name__ == "__main__":
    main()
