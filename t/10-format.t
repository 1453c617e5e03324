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

# Links, which no trace has: they begin as text.
cat >"$tmp/links" <<'EOF'
{"meta":{"keys":["cpu_op","stack"]}}
{"meta":{"rank":0}}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":1000,"dur_ns":2000,"pid":0,"tid":7,"correlation":42,"stream":7,"device":0,"rank":0,"op":"GEMM","category":"C","library":"l","link":{"launch":"cudaLaunchKernel","cpu_op":"aten::mm","module":"Block_3","annotation":"step","phase":"prefill","step":"4","layer":"17","forward_op":"aten::bmm","forward_module":"Bl\udcffock","stack":["python:train.py(3): f","cpu_op:aten::mm","runtime:cudaLaunchKernel"],"launched":true,"tracelens":true},"instance":18446744073709551615}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":4000,"dur_ns":5,"rank":0,"op":"GEMM","category":"C","library":"l","link":{"layer":"","stack":["python:","cpu_op:a:b;\n\"\\ \udc80"]}}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":5000,"dur_ns":5,"rank":0,"op":"GEMM","category":"C","library":"l","link":{}}
{"ph":"X","cat":"kernel","name":"gemm","ts_ns":6000,"dur_ns":5,"rank":0,"op":"GEMM","category":"C","library":"l","instance":0}
{"ph":"X","cat":"gpu_memcpy","name":"copy","ts_ns":5000,"dur_ns":5,"rank":0,"bytes":12,"op":"GEMM","category":"C","library":"l","link":{"step":"5","tracelens":true},"instance":1}
{"ph":"X","cat":"gpu_memset","name":"set","ts_ns":5000,"dur_ns":5,"rank":0,"op":"GEMM","category":"C","library":"l","link":{"stack":["python:train.py(3): f"],"launched":true}}
{"ph":"X","cat":"cpu_op","name":"aten::mm","ts_ns":5000,"dur_ns":5,"rank":0}
{"end":{"status":0,"events":7,"lost":0}}
EOF
trace-load "$tmp/links" >"$tmp/links.trs"
trace-dump "$tmp/links.trs" >"$tmp/again"
same 'links as text are read and printed as the same text' "$tmp/links" "$tmp/again"
ok 'both readers agree on links' agree "$tmp/links.trs"
grep '"ph"' "$tmp/links" >"$tmp/want"
t/decode.py "$tmp/links.trs" | grep '"ph"' >"$tmp/got"
same 'byte for byte' "$tmp/want" "$tmp/got"
trace-dump "$tmp/links.trs" | sed 's/,"op":"GEMM","category":"C","library":"l"//' | trace-load | kernel-classify >"$tmp/s.trs"
trace-dump "$tmp/s.trs" | sed 's/"op":"[^"]*","category":"[^"]*","library":"[^"]*"/"op":"GEMM","category":"C","library":"l"/' | grep '"ph"' >"$tmp/got"
same 'kernel-classify hands links on' "$tmp/want" "$tmp/got"
ok 'both readers agree on what it writes' agree "$tmp/s.trs"
t/flips.py make announced "$tmp/links.trs" >"$tmp/s.trs"
ok 'and on links in a stream with contents' agree "$tmp/s.trs"

# many N LINK: N kernels with this link, %d in it their number
many() {
	python3 -c 'import sys; form = sys.argv[2].join(("{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"k\",\"ts_ns\":1,\"dur_ns\":1,\"rank\":0,\"link\":", "}"))
for i in range(int(sys.argv[1])): print(form.replace("%d", str(i)))' "$@"
}

# A table that is full starts anew: at 2^18 rows, or 8 MiB of a role. What is built of it starts anew
# too, and some of that may be first used again before it is.
long=$(printf '%0600d' 0)
for link in '{"layer":"%d"}' '{"stack":["python:%d","cpu_op:mm"]}' "{\"launch\":\"%d$long\"}" "{\"phase\":\"%d$long\"}"; do
	case $link in *00*) n=20000 ;; *) n=280000 ;; esac
	{
		echo '{"meta":{"rank":0}}'
		many $n "$link"
		many 9000 '{"step":"%d"}'
		many 9000 '{"cpu_op":"%d"}'
		many 9000 '{"cpu_op":"%d","stack":["python:%d"]}'
		echo "{\"end\":{\"status\":0,\"events\":$((n + 27000)),\"lost\":0}}"
	} >"$tmp/links"
	trace-load "$tmp/links" >"$tmp/s.trs"
	trace-dump "$tmp/s.trs" >"$tmp/again" 2>"$tmp/err"
	cmp "$tmp/links" "$tmp/again" 2>>"$tmp/err"
	result $? "more links than a table holds: $n of $(echo "$link" | cut -c1-30)" "$tmp/err"
done
ok 'both readers agree on these' agree "$tmp/s.trs"

# What is no link.
for link in 7 '"x"' null '[]' '{"launch":7}' '{"launch":null}' '{"launch":["x"]}' '{"step":4}' '{"layer":{}}' '{"stack":"x"}' \
	'{"stack":{}}' '{"stack":["x"]}' '{"stack":[""]}' '{"stack":["kernel:x"]}' '{"stack":["unknown:x"]}' '{"stack":[":x"]}' \
	'{"stack":[7]}' '{"stack":[["python:x"]]}' '{"stack":["python:x",null]}' '{"launched":"true"}' '{"launched":1}' \
	'{"tracelens":{}}' '{"nosuch":"x"}' '{"Launch":"x"}' '{"cpu_op":"x","nosuch":[{}],"launch":"y"}'; do
	echo "{\"ph\":\"X\",\"cat\":\"kernel\",\"ts_ns\":1,\"dur_ns\":1,\"link\":$link}" >"$tmp/line"
	refuses 1 'byte 0: not what trace-dump prints: ' "no link: $link" trace-load -o "$tmp/none" "$tmp/line"
done
for instance in '"x"' -1 1.5 18446744073709551616 '{}'; do
	echo "{\"ph\":\"X\",\"cat\":\"kernel\",\"ts_ns\":1,\"dur_ns\":1,\"instance\":$instance}" >"$tmp/line"
	refuses 1 'byte 0: not what trace-dump prints: ' "no instance: $instance" trace-load -o "$tmp/none" "$tmp/line"
done
for rest in '"link":{}' '"instance":1' '"link":{"step":"1"},"instance":1'; do
	echo "{\"ph\":\"X\",\"cat\":\"cpu_op\",\"ts_ns\":1,\"dur_ns\":1,$rest}" >"$tmp/line"
	refuses 1 'no GPU activity' "of an operator: $rest" trace-load -o "$tmp/none" "$tmp/line"
done
done_testing
