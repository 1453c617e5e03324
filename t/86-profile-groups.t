#!/bin/sh
# group-by-op on profiles: components by rules, self times, calls. TOOLS.md (group-by-op --rules).
. t/lib.sh

# rows NAME...: functions of 1 µs and a call each
rows() {
	for name; do printf '{"kind":"function","name":"%s","dur_ns":1000,"rank":0,"calls":1,"prim_calls":1,"cum_ns":1000}\n' "$name"; done
	echo '{"end":{"status":0,"events":0,"lost":0}}'
}

# What the built-in rules say: component, then functions of it
while IFS='	' read -r op names; do
	echo "$names" | tr '|' '\n' >"$tmp/names"
	while read -r name; do
		rows "$name" | trace-load >"$tmp/one.trs"
		group-by-op --no-header "$tmp/one.trs" | cut -f 1 >"$tmp/got"
		[ "$op" = "$(cat "$tmp/got")" ]
		result $? "$op: $name" "$tmp/got"
	done <"$tmp/names"
done <<'END'
Copying	/usr/lib/python3.11/copy.py:128(deepcopy)|copy.py:128(deepcopy)|deepcopy (copy.py:128)|{method '__deepcopy__' of 'numpy.ndarray' objects}
JSON	/usr/lib/python3.8/json/encoder.py:183(encode)|{built-in method _json.encode_basestring_ascii}
Serialisation	/usr/lib/python3.11/pickle.py:1(dump)|{built-in method _pickle.dumps}|/home/u/game/save.py:4(to_dict)|/home/u/game/serialization.py:5(f)
Numeric	/home/u/venv/lib/python3.12/site-packages/numpy/core/fromnumeric.py:69(_wrapreduction)|{method 'reduce' of 'numpy.ufunc' objects}|{built-in method torch.matmul}|/opt/x/site-packages/scipy/linalg/basic.py:3(solve)|{built-in method numpy.array}
Spatial Index	/home/u/game/spatial/grid.py:3(query)|/home/u/game/world.py:3(find_neighbors)|/x/site-packages/scipy/spatial/kdtree.py:3(q)
Observation	/home/u/game/observations.py:10(build)|/home/u/game/env.py:4(get_observation)|env.py:4(_get_obs)
Database	/home/u/game/database_logger.py:3(flush)|{method 'execute' of 'sqlite3.Cursor' objects}|/x/site-packages/sqlalchemy/engine/base.py:3(execute)
Logging	/usr/lib/python3.11/logging/__init__.py:1477(info)
Compression	{built-in method zlib.compress}|/usr/lib/python3.11/gzip.py:1(write)
Imports	<frozen importlib._bootstrap>:1165(_find_and_load)|{built-in method builtins.__import__}|{built-in method marshal.loads}
Waiting	{method 'acquire' of '_thread.lock' objects}|{built-in method time.sleep}|/usr/lib/python3.11/threading.py:604(wait)|/usr/lib/python3.11/asyncio/events.py:80(_run)
Random	/usr/lib/python3.11/random.py:239(_randbelow)|{method 'random' of '_random.Random' objects}
Parsing	/usr/lib/python3.11/re/__init__.py:178(sub)|{method 'match' of 're.Pattern' objects}|/home/u/game/parser.py:3(f)
Networking	{method 'recv' of '_socket.socket' objects}|/usr/lib/python3.11/socket.py:2(accept)|/x/site-packages/requests/api.py:5(get)
I/O	{method 'read' of '_io.BufferedReader' objects}|{built-in method io.open}|{built-in method posix.stat}
Garbage Collection	{built-in method gc.collect}
Collections	{method 'append' of 'list' objects}|/usr/lib/python3.11/functools.py:9(wrapper)
Builtins	{built-in method builtins.len}|{built-in method builtins.isinstance}|{method 'nosuch' of 'Own' objects}
Strings	{method 'join' of 'str' objects}
Standard Library	/usr/lib/python3.11/sched.py:1(run)
Third Party	/x/site-packages/nosuchpkg/parser_of_database.py:3(observation)
Other	/home/u/game/world.py:3(tick)|main|
END

# Keys, rules of a file, counts, figures
{
	cat <<'END'
{"kind":"function","name":"/app/a.py:1(f)","dur_ns":5000,"rank":0,"calls":4,"prim_calls":1,"cum_ns":9}
{"kind":"function","name":"/app/a.py:9(g)","dur_ns":3000,"rank":0,"calls":1,"prim_calls":1,"cum_ns":9}
{"kind":"function","name":"/app/b.py:1(h)","dur_ns":1500,"rank":1,"calls":0,"prim_calls":0,"cum_ns":9}
{"kind":"function","dur_ns":500,"rank":1}
{"kind":"call","name":"/app/a.py:1(f)","dur_ns":99999,"rank":0,"calls":99,"stack":["x","/app/a.py:1(f)"]}
{"end":{"status":0,"events":5,"lost":0}}
END
} | trace-load >"$tmp/p.trs"
printf '# own\nAlpha\tOwn\talib\t/app/a.py:\nBeta\tOwn\tblib\t/APP/b.py:\n' >"$tmp/own.rules"
prints 0 'rules of a file; calls are counted, self times added up, edges left out' group-by-op --rules "$tmp/own.rules" "$tmp/p.trs" <<'END'
op	count	total_us	mean_us	min_us	max_us	p50_us	p95_us	p99_us	pct
Alpha	5	8.000	1.600	3.000	5.000	3.000	5.000	5.000	80.00
Beta	0	1.500	0.000	1.500	1.500	1.500	1.500	1.500	15.00
Other	0	0.500	0.000	0.500	0.500	0.500	0.500	0.500	5.00
END
group-by-op --rules "$tmp/own.rules" --by category,library,rank --per 2 "$tmp/p.trs" | cut -f 1-5,13,14 >"$tmp/cut"
prints 0 'by other keys' cat "$tmp/cut" <<'END'
category	library	rank	count	total_us	count_per	total_us_per
Own	alib	0	5	8.000	2.5000	4.000
Own	blib	1	0	1.500	0.0000	0.750
Other	unknown	1	0	0.500	0.0000	0.250
END
group-by-op --by name,cat,pid "$tmp/p.trs" | cut -f 1-4 >"$tmp/cut"
prints 0 'by name, and by what no function has' cat "$tmp/cut" <<'END'
name	cat	pid	count
/app/a.py:1(f)	(none)	(none)	4
/app/a.py:9(g)	(none)	(none)	1
/app/b.py:1(h)	(none)	(none)	0
(unnamed)	(none)	(none)	0
END
prints 0 'several files' sh -c "group-by-op --rules '$tmp/own.rules' --top 1 '$tmp/p.trs' '$tmp/p.trs' | cut -f 1-3" <<'END'
op	count	total_us
Alpha	10	16.000
END
cat >"$tmp/stacks" <<'END'
{"kind":"stack","name":"/app/a.py:1(f)","dur_ns":2000,"rank":0,"stack":["main","/app/a.py:1(f)"]}
{"kind":"stack","name":"/app/a.py:1(f)","dur_ns":1000,"rank":0,"stack":["/app/a.py:1(f)"]}
{"kind":"stack","name":"main","dur_ns":500,"rank":0,"stack":["main"]}
{"end":{}}
END
trace-load "$tmp/stacks" >"$tmp/s.trs"
prints 0 'stacks, by their innermost frame' sh -c "group-by-op --rules '$tmp/own.rules' '$tmp/s.trs' | cut -f 1-3" <<'END'
op	count	total_us
Alpha	2	3.000
Other	1	0.500
END

# Through filters, and what is not theirs
prints 0 'kernel-classify before it changes nothing' sh -c "kernel-classify '$tmp/p.trs' | group-by-op --rules '$tmp/own.rules' --top 1 | cut -f 1-3" <<'END'
op	count	total_us
Alpha	5	8.000
END
trace-parse -q fixtures/small-kineto.json >"$tmp/t.trs"
refuses 2 'kernel-classify --rules' '--rules on a trace' group-by-op --by name --rules "$tmp/own.rules" "$tmp/t.trs"
refuses 2 "key 'op' needs kernel-classify before it" 'a trace needs its labels as ever' group-by-op "$tmp/t.trs"
refuses 2 "key 'layer' needs trace-link before it" 'functions have no layers' group-by-op --by layer "$tmp/p.trs"
refuses 2 'needs trace-link' 'nor instances' group-by-op --sum union "$tmp/p.trs"
refuses 1 'both GPU activity and functions' 'a trace and a profile' group-by-op --by name "$tmp/t.trs" "$tmp/p.trs"
refuses 1 'both GPU activity and functions' 'and the other way round' group-by-op --by name "$tmp/p.trs" "$tmp/t.trs"
status 0 '--cat is never a function' group-by-op --by name --cat '(none)' "$tmp/p.trs"
[ "$(wc -l <"$tmp/out")" = 1 ]
result $? 'but a header alone' "$tmp/out"
printf 'only three\tfields\there\n' >"$tmp/bad.rules"
refuses 1 'bad.rules: line 1: ' 'a line that is no rule' group-by-op --rules "$tmp/bad.rules" "$tmp/p.trs"
refuses 1 'No such file' 'no such rules' group-by-op --rules "$tmp/nosuch" "$tmp/p.trs"
{
	echo '{"kind":"function","name":"/app/a.py:1(f)","dur_ns":9223372036854775807,"calls":18446744073709551615}'
	echo '{"kind":"function","name":"/app/a.py:2(f)","dur_ns":9223372036854775807,"calls":18446744073709551615}'
	echo '{"end":{}}'
} | trace-load >"$tmp/big.trs"
prints 0 'more calls than can be counted' sh -c "group-by-op --rules '$tmp/own.rules' --no-header '$tmp/big.trs' | cut -f 1-3" <<'END'
Alpha	18446744073709551615	18446744073709551.614
END

# A real one: nothing is lost and nothing is counted twice.
if command -v prof-parse >/dev/null && python3 -m cProfile -o "$tmp/run.prof" -c 'import json, copy, re
for i in range(99): copy.deepcopy(json.loads("[[1], {\"a\": [2, 3]}]"))' >"$tmp/out" 2>&1; then
	prof-parse "$tmp/run.prof" >"$tmp/r.trs"
	group-by-op "$tmp/r.trs" >"$tmp/got"
	python3 - "$tmp/run.prof" "$tmp/got" >"$tmp/why" 2>&1 <<'END'
import csv, marshal, sys
stats = marshal.load(open(sys.argv[1], "rb"))
rows = list(csv.DictReader(open(sys.argv[2]), delimiter="\t"))
calls, self_us = sum(v[1] for v in stats.values()), sum(v[2] for v in stats.values()) * 1e6
assert sum(int(r["count"]) for r in rows) == calls, calls
assert abs(sum(float(r["total_us"]) for r in rows) - self_us) < 0.001 * len(stats), self_us
assert {"Copying", "JSON"} <= {r["op"] for r in rows}, rows
END
	result $? 'all calls and all time of a cProfile' "$tmp/why"
fi
done_testing
