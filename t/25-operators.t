#!/bin/sh
# Sequence number and Fwd thread id: numbers of operators (cpu_op, Operator), args of all other events.
# They are read as External id is, on every way into a stream and through. FORMAT.md, COLUMN.
. t/lib.sh
unset TRS_INDEX_DIR XDG_CACHE_HOME

cat >"$tmp/operators.py" <<'EOF2'
"""operators.py make TRACE WANT | check WANT DUMP [args] [operators] | ids DUMP

make: a trace of odd operators, each several times, so that it is read by its shape too; check: what
trace-dump says of them; ids: each value is read as External id is."""
import json
import sys

S, F = "Sequence number", "Fwd thread id"
LARGEST = 2**64 - 1
VALUES = ["0", "7", "07", "7.0", "7e2", "0x1f", '"7"', '"0"', '"0x1f"', '"7.0"', "-1", '"-1"', "-0", "null", '""', '"x"', "[1]", "{}", "true", "NaN",
          "7.5", '"7.5"', "1e-1", str(LARGEST), str(LARGEST + 1), '"%d"' % LARGEST, '"%d"' % (LARGEST + 1), "9" * 40, "1e19", "1e20", "12x"]


def numbers(sequence, fwd):
    return '"%s":%s,"%s":%s' % (S, sequence, F, fwd)


# cat, args, sequence, fwd_thread, other args; LOST: no record
LOST = "lost"
CASES = [
    ("cpu_op", '"x":1', None, None, {"x": 1}),
    ("cpu_op", numbers(7, 0), 7, None, None),
    ("cpu_op", numbers(7, 1), 7, 1, None),
    ("cpu_op", '"x":1,' + numbers(0, 2) + ',"External id":5', 0, 2, {"x": 1}),
    ("cpu_op", numbers('"7"', '"3"'), 7, 3, None),
    ("cpu_op", numbers('"0"', '"0"'), 0, None, None),
    ("cpu_op", numbers(-1, -1) + ',"x":2', None, None, {"x": 2}),
    ("cpu_op", numbers('"-1"', '"text"'), None, None, None),
    ("cpu_op", numbers(LARGEST, LARGEST), LARGEST, LARGEST, None),
    ("cpu_op", numbers("7.0", "1e0"), 7, 1, None),
    ("cpu_op", numbers("null", "[1]") + ',"x":3', None, None, {"x": 3}),
    ("cpu_op", numbers("7.5", 1), LOST, None, None),
    ("cpu_op", numbers(7, 1.5), LOST, None, None),
    ("cpu_op", numbers(LARGEST + 1, 1), LOST, None, None),
    ("cpu_op", numbers(7, '"%d"' % (LARGEST + 1)), LOST, None, None),
    ("cpu_op", '"%s":4' % S, 4, None, None),
    ("cpu_op", '"%s":4' % F, None, 4, None),
    ("cpu_op", numbers(1, 2) + "," + numbers(3, 4), 3, 4, None),
    ("cpu_op", numbers(1, 2) + "," + numbers("null", "null"), None, None, None),
    ("cpu_op", numbers(9, 8).replace(" ", "\\u0020"), 9, 8, None),
    ("cpu_op", '"deep":{%s}' % numbers(1, 2), None, None, {"deep": {S: 1, F: 2}}),
    ("cpu_op", '"sequence number":1,"Sequence Number":2,"fwd thread id":3', None, None, {"sequence number": 1, "Sequence Number": 2, "fwd thread id": 3}),
    ("cpu\\u005fop", numbers(6, 5), 6, 5, None),
    ("Operator", numbers(6, 5), 6, 5, None),
    ("kernel", numbers(6, 5) + ',"x":4', None, None, {S: 6, F: 5, "x": 4}),
    ("kernel", numbers(7.5, '"%d"' % (LARGEST + 1)), None, None, {S: 7.5, F: str(LARGEST + 1)}),
    ("python_function", numbers(6, 5), None, None, {S: 6, F: 5}),
    ("cuda_runtime", numbers(6, 5), None, None, {S: 6, F: 5}),
    ("user_annotation", numbers(6, 5), None, None, {S: 6, F: 5}),
    ("cpu_op ", numbers(6, 5), None, None, {S: 6, F: 5}),
    ("gpu_memcpy", numbers(6, 5), None, None, {S: 6, F: 5}),
]


def event(cat, args, ts, ph="X"):
    return '{"ph":"%s","cat":"%s","name":"n","pid":1,"tid":1,"ts":%d,%s"args":{%s}}' % (ph, cat, ts, '"dur":1,' if ph == "X" else "", args)


def make(trace, want):
    events, rows, ts = [], {}, 0
    for times in 6, 1, 1, 1:                    # in runs, and one behind the other
        for cat, args, sequence, fwd, rest in CASES:
            for _ in range(times):
                ts += 1
                events.append(event(cat, args, ts))
                if sequence is not LOST:
                    rows[ts * 1000] = json.loads('"%s"' % cat), sequence, fwd, rest
    for ph, begin, end in ("B", numbers(3, 1), numbers(4, 2)), ("b", numbers(3, 1), ""):
        ts += 1                                 # paired, the begin event counts; other phases are no operators
        events.append(event("cpu_op", begin, ts, ph))
        rows[ts * 1000] = ("cpu_op", 3, 1, None) if ph == "B" else ("cpu_op", None, None, {S: 3, F: 1})
        events += [event("cpu_op", end, ts + 1, "E")] if end else []
    for value in VALUES:                        # at times by themselves, see ids
        for key in "External id", S, F:
            ts += 1
            events.append(event("cpu_op", '"%s":%s' % (key, value), 10**6 + ts))
    open(trace, "w").write('{"traceEvents":[\n' + ",\n".join(events) + "\n]}\n")
    json.dump(sorted(rows.items()), open(want, "w"))


def records(dump):
    with open(dump) as f:
        return {r["ts_ns"]: r for r in map(json.loads, f) if "ts_ns" in r}


def check(want, dump, *how):
    got = {ts: r for ts, r in records(dump).items() if ts < 10**9}
    rows = {ts: tuple(row) for ts, row in json.load(open(want))}
    if "operators" in how:
        rows = {ts: row for ts, row in rows.items() if row[0] in ("cpu_op", "Operator")}
    assert got.keys() == rows.keys(), sorted(got.keys() ^ rows.keys())
    assert len(got) > 100
    for ts, row in rows.items():
        r = got[ts]
        now = r["cat"], r.get("sequence"), r.get("fwd_thread"), r.get("args") if "args" in how else row[-1]
        assert now == row, (ts, now, row)


def ids(dump):
    got = [r for ts, r in sorted(records(dump).items()) if ts >= 10**9]
    by_ts = {r["ts_ns"]: r for r in got}
    first = min(by_ts) // 1000
    assert by_ts[first * 1000].get("external_id") == 0, got[0]
    seen = set()
    for i, value in enumerate(VALUES):
        external, sequence, fwd = (by_ts.get((first + 3 * i + k) * 1000) for k in range(3))
        assert (external is None) == (sequence is None) == (fwd is None), value
        if external is not None:
            n = external.get("external_id")
            assert sequence.get("sequence") == n and fwd.get("fwd_thread") == (n or None), (value, n, sequence, fwd)
            seen.add(n)
        else:
            seen.add(LOST)
    assert {LOST, None, 0, 7, 31, LARGEST} <= seen, seen


{"make": make, "check": check, "ids": ids}[sys.argv[1]](*sys.argv[2:])
EOF2
operators() { python3 "$tmp/operators.py" "$@"; }
operators make "$tmp/t.json" "$tmp/want"

# Every way of reading ---------------------------------------------------------------------------

# read SENTENCE HOW OPTION...: $tmp/NAME.dump has what is wanted
read_as() {
	sentence=$1 how=$2
	shift 2
	trace-parse -q --partial-ok "$@" "$tmp/t.json" 2>"$tmp/err" | trace-dump >"$tmp/dump"
	# shellcheck disable=SC2086 # words
	ok "$sentence" operators check "$tmp/want" "$tmp/dump" $how
}
read_as 'a number, 0, in quotes, negative, missing, repeated; of other events an arg' '' --index off -j1
cp "$tmp/dump" "$tmp/first"
ok 'values are read as those of External id, and lost with their event as those' operators ids "$tmp/dump"
read_as 'with --args the two are no args of operators any more' args --index off --args -j1
ok 'and are read likewise' operators ids "$tmp/dump"
cp "$tmp/dump" "$tmp/args"
read_as 'operators alone' operators --index off --cat cpu_op,Operator
for options in -j2 -j5; do
	for chunk in 300 2000; do
		TRS_CHUNK=$chunk trace-parse -q --partial-ok --index off $options "$tmp/t.json" 2>"$tmp/err" | trace-dump >"$tmp/dump"
		same "$options, chunks of $chunk bytes" "$tmp/first" "$tmp/dump"
		TRS_CHUNK=$chunk trace-parse -q --partial-ok --index off --args $options "$tmp/t.json" 2>"$tmp/err" | trace-dump >"$tmp/dump"
		same 'and with --args' "$tmp/args" "$tmp/dump"
	done
done
TRS_SIMD=scalar trace-parse -q --partial-ok --index off "$tmp/t.json" 2>"$tmp/err" | trace-dump >"$tmp/dump"
same 'without SIMD' "$tmp/first" "$tmp/dump"

# An event that does not fit the window, by its other args.
python3 - "$tmp/giant.json" <<'EOF2'
import sys
with open(sys.argv[1], "w") as f:
    f.write('{"traceEvents":[{"ph":"X","cat":"cpu_op","name":"n","ts":1,"dur":1,"args":{"Sequence number":7,"x":[%s],"Fwd thread id":2}}]}' % ", ".join(["12345678"] * 4000000))
EOF2
trace-parse --index off "$tmp/giant.json" 2>"$tmp/err" | trace-dump >"$tmp/dump"
ok 'an event of 40 MB' grep -q '"sequence":7,"fwd_thread":2,' "$tmp/dump"
rm "$tmp/giant.json"

# Text and index ---------------------------------------------------------------------------------

for text in first args; do
	trace-load "$tmp/$text" | trace-dump >"$tmp/dump"
	same "the text twin comes back ($text)" "$tmp/$text" "$tmp/dump"
done
cat >"$tmp/hand" <<'EOF2'
{"meta":{"rank":0}}
{"ph":"X","cat":"cpu_op","name":"a","ts_ns":1,"dur_ns":1,"external_id":0,"sequence":0,"fwd_thread":18446744073709551615,"rank":0}
{"ph":"X","cat":"cpu_op","name":"b","ts_ns":2,"dur_ns":1,"sequence":18446744073709551615,"rank":0}
{"ph":"X","cat":"cpu_op","name":"c","ts_ns":3,"dur_ns":1,"fwd_thread":1,"rank":0}
{"end":{"status":0,"events":3,"lost":0}}
EOF2
trace-load "$tmp/hand" | trace-dump >"$tmp/dump"
same 'text by hand' "$tmp/hand" "$tmp/dump"
for value in -1 1.5 '"x"' 18446744073709551616; do
	sed "s/\"sequence\":0/\"sequence\":$value/" "$tmp/hand" >"$tmp/wrong"
	refuses 1 'whole number' "a sequence that is $value" trace-load "$tmp/wrong"
done

trace-parse -q --index rebuild "$tmp/t.json" >/dev/null 2>&1
trace-parse -q --partial-ok --index require "$tmp/t.json" 2>"$tmp/err" | trace-dump >"$tmp/dump"
ok 'an index has them' operators check "$tmp/want" "$tmp/dump"
ok 'each' operators ids "$tmp/dump"
sort "$tmp/first" >"$tmp/sorted"
sort "$tmp/dump" | cmp "$tmp/sorted" - >"$tmp/why" 2>&1
result $? 'as the trace' "$tmp/why"
read_as 'a selection of it' operators --index require --cat cpu_op,Operator

done_testing
