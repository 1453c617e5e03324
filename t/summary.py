#!/usr/bin/env python3
"""summary.py - what trace-dump said, in few lines: for each ph, cat and name the number of
records and the sum of dur_ns (ph<TAB>cat<TAB>name<TAB>count<TAB>sum_dur_ns, sorted by bytes),
last `end<TAB>status<TAB>lost`. Exits 1 if there is no end line.

  trace-parse t.json | trace-dump | t/summary.py
  t/summary.py one.dump two.dump         writes one.dump.sum, two.dump.sum

Names are escaped as t/oracle.py escapes them; the dump shows an invalid byte as \\udcHH.
"""
import json
import sys

import oracle

oracle.RAW_BYTES = True


def summary(lines, out):
    """-> what is wrong, or None"""
    rows, end, wrong = {}, None, None
    for line in lines:
        if line.startswith(b'{"meta":'):
            continue  # may be nested too deep for python's json
        try:
            rec = json.loads(line)
        except ValueError as e:
            return "not JSON (%s): %r" % (e, line[:200])
        if end is not None:
            wrong = "a line after the end line"
        if "end" in rec:
            end = rec["end"]
            continue
        key = [oracle.escape(rec[k]) if k in rec else missing for k, missing in (("ph", "(none)"), ("cat", "(none)"), ("name", "(unnamed)"))]
        row = rows.setdefault("\t".join(key).encode(), [0, 0])
        row[0] += 1
        row[1] += rec.get("dur_ns", 0)
    for key, (count, total) in sorted(rows.items()):
        out.write(b"%s\t%d\t%d\n" % (key, count, total))
    if end is None:
        return "no end line"
    out.write(b"end\t%d\t%d\n" % (end["status"], end["lost"]))
    return wrong


def main():
    if len(sys.argv) == 1:
        wrong = summary(sys.stdin.buffer, sys.stdout.buffer)
        sys.stdout.flush()
        sys.exit(wrong and "summary.py: " + wrong)
    for path in sys.argv[1:]:
        with open(path, "rb") as f, open(path + ".sum", "wb") as out:
            wrong = summary(f, out)
            if wrong:
                out.write(b"summary.py: %s\n" % wrong.encode("ascii", "backslashreplace"))


if __name__ == "__main__":
    main()
