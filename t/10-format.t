#!/bin/sh
# FORMAT.md: its worked example, and a second reader (t/decode.py, written from that page alone)
# that agrees with trace-dump on every fixture.
. t/lib.sh


# The bytes of the listing: an offset, then hex pairs, up to three spaces.
python3 - >"$tmp/example.trs" <<'PY'
import re, sys
text = open("lib/format/FORMAT.md").read()
for line in re.findall(r"(?m)^[0-9a-f]{4}((?:  ?[0-9a-f]{2})+)   ", text):
    sys.stdout.buffer.write(bytes.fromhex(line))
PY
cat >"$tmp/example.want" <<'EOF'
{"meta":{"rank":0}}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":1000,"dur_ns":2000,"pid":0,"tid":7,"correlation":42,"stream":7,"device":0,"rank":0}
{"end":{"status":0,"events":1,"lost":0}}
EOF
trace-dump "$tmp/example.trs" >"$tmp/example.dump"
same "the worked example reads as the page says" "$tmp/example.want" "$tmp/example.dump"
trace-load "$tmp/example.dump" | trace-dump >"$tmp/example.again"
same "its text twin loads back" "$tmp/example.want" "$tmp/example.again"

# Both readers on every fixture, labelled and not, with args; compared as JSON, line by line.
cat >"$tmp/agree.py" <<'PY'
import json, sys
def lines(path):
    with open(path, "rb") as f:
        rows = [json.loads(l) for l in f.read().split(b"\n") if l]
    # Order of metadata is free; trace-dump also names keys and every part.
    meta = sorted(json.dumps(r) for r in rows if "meta" in r and len(r["meta"]) > 1)
    return meta, [r for r in rows if "meta" not in r]
ours, theirs = lines(sys.argv[1]), lines(sys.argv[2])
for a, b in zip(ours[1], theirs[1]):
    if a != b:
        sys.exit("%s\n%s" % (a, b))
sys.exit(0 if ours == theirs else "%d and %d records, metadata %s" % (len(ours[1]), len(theirs[1]), ours[0] == theirs[0]))
PY
# shellcheck disable=SC2317 # called by ok
agree() {
	trace-dump "$1" >"$tmp/ours" && t/decode.py "$1" >"$tmp/theirs" &&
		python3 "$tmp/agree.py" "$tmp/ours" "$tmp/theirs"
}
for f in fixtures/quirks/*.json fixtures/quirks/*.gz fixtures/quirks/*.zst fixtures/small-*.json; do
	trace-parse -q --args --partial-ok "$f" 2>"$tmp/err" | kernel-classify >"$tmp/s.trs" 2>>"$tmp/err" || continue
	ok "trace-dump and decode.py agree on $f" agree "$tmp/s.trs"
done
trace-parse -q fixtures/small-kineto.json fixtures/small-amd.json fixtures/small-rocprofv3.json >"$tmp/s.trs"
ok "and on three parts, two of which are rank 0" agree "$tmp/s.trs"
done_testing
