#!/bin/sh
# Records of profiles (FORMAT.md, kinds 13 to 15, columns 8 to 11): as text and back, read by
# t/decode.py too, and on their way through every filter.
. t/lib.sh
cat >"$tmp/all" <<'END'
{"meta":{"rank":0}}
{"meta":{"rank":0,"format":"cprofile"}}
{"meta":{"rank":1}}
{"meta":{"rank":1,"weight":"samples"}}
{"kind":"function","name":"a.py:3(f)","dur_ns":1200,"rank":0,"calls":5,"prim_calls":4,"cum_ns":9000}
{"kind":"function","name":"","dur_ns":0,"rank":0,"calls":0}
{"kind":"function","dur_ns":0,"rank":0}
{"kind":"function","name":"{built-in \udcff\t\"exec\"}","dur_ns":9223372036854775807,"rank":0,"calls":18446744073709551615,"prim_calls":0,"cum_ns":18446744073709551615}
{"kind":"call","name":"a.py:3(f)","dur_ns":7,"rank":0,"calls":2,"prim_calls":1,"cum_ns":0,"stack":["main.py:1(<module>)","a.py:3(f)"]}
{"kind":"call","name":"a.py:3(f)","dur_ns":7,"rank":0,"calls":2,"prim_calls":1,"cum_ns":0,"stack":["a.py:3(f)","a.py:3(f)"]}
{"kind":"call","name":"a.py:3(f)","dur_ns":7,"rank":0}
{"kind":"stack","name":"leaf","dur_ns":1000,"rank":1,"stack":["main","leaf"]}
{"kind":"stack","name":"leaf","dur_ns":2000,"rank":1,"stack":["main","","leaf",null,"le\udcffaf"]}
{"kind":"stack","name":"main","dur_ns":3000,"rank":1,"stack":["main"]}
{"end":{"status":3,"events":10,"lost":4}}
END
status 3 'records of profiles are read from text' trace-load "$tmp/all"
mv "$tmp/out" "$tmp/all.trs"
prints 3 'and printed as the same text' trace-dump "$tmp/all.trs" <"$tmp/all"

# records: those of a dump, without metadata
records() { grep '^{"[ke]' "$1"; }
records "$tmp/all" >"$tmp/records"
# shellcheck disable=SC2317 # called by ok
agree() { t/decode.py "$1" >"$tmp/got" && records "$tmp/got" | diff -a "$tmp/records" -; }
ok 'the second reader prints the same' agree "$tmp/all.trs"

for filter in kernel-classify trace-link trace-cut 'trace-cut --min-dur 0' 'trace-cut --min-dur 1000s --invert'; do
	command -v "${filter%% *}" >/dev/null || continue
	status 3 "$filter takes them" sh -c "$filter '$tmp/all.trs'"
	mv "$tmp/out" "$tmp/through.trs"
	case $filter in *invert) continue ;; esac
	trace-dump -q "$tmp/through.trs" >"$tmp/dump"
	records "$tmp/dump" >"$tmp/got"
	same 'and hands them on unchanged' "$tmp/records" "$tmp/got"
	ok 'which the second reader finds too' agree "$tmp/through.trs"
done
for keep in 'name le*' 'rank 1' 'name main'; do
	status 3 "trace-cut keeps some of them: $keep" trace-cut --"${keep%% *}" "${keep#* }" "$tmp/all.trs"
	trace-dump -q "$tmp/out" | records - | grep -v '"end"' >"$tmp/got"
	case $keep in name*) pattern="\"name\":\"${keep#* }" pattern=${pattern%\*} ;; *) pattern='"rank":1' ;; esac
	grep -F "$pattern" "$tmp/records" >"$tmp/want"
	same 'with their stacks' "$tmp/want" "$tmp/got"
done

# Ids of strings and stacks start anew in such a stream, in the middle of it.
python3 - >"$tmp/many" <<'END'
print('{"meta":{"rank":0}}')
def line(kind, i, stack): return f'{{"kind":"{kind}","name":"f{i}","dur_ns":{i},"rank":0,"stack":[{",".join(stack)}]}}'
for i in range(150000): print(line("stack", i, ['"main"', f'"g{i % 7}"', f'"f{i}"']))
for i in range(150000): print(line("call", i, [f'"g{i}"', f'"f{i}"']))
print('{"end":{"status":0,"events":300000,"lost":0}}')
END
trace-load "$tmp/many" >"$tmp/many.trs"
trace-dump "$tmp/many.trs" >"$tmp/got"
LC_ALL=C sort "$tmp/many" >"$tmp/want"
LC_ALL=C sort "$tmp/got" | cmp "$tmp/want" - >"$tmp/why" 2>&1
result $? 'more strings and stacks than a table holds' "$tmp/why"
kernel-classify "$tmp/many.trs" | trace-cut --min-dur 0 | trace-dump | grep -v '"keys"' | LC_ALL=C sort | cmp "$tmp/want" - >"$tmp/why" 2>&1
result $? 'also through filters' "$tmp/why"

# Sinks of events
status 3 'trace-info counts them' trace-info "$tmp/all.trs"
ok 'all of them' grep -qx 'events	10' "$tmp/out"
status 1 'group-by-op does not add samples to times' group-by-op --by name "$tmp/all.trs"
trace-cut --rank 0 "$tmp/all.trs" >"$tmp/part.trs"
status 3 'but takes one part' group-by-op --by name "$tmp/part.trs"

# What is no such line
while read -r line; do
	printf '%s\n{"end":{}}\n' "$line" >"$tmp/line"
	refuses 1 'byte 0: not what trace-dump prints: ' "no record: $line" trace-load -o "$tmp/none" "$tmp/line"
done <<'END'
{"kind":"kernel","name":"f","dur_ns":1}
{"kind":7,"dur_ns":1}
{"kind":["function"],"dur_ns":1}
{"kind":{},"dur_ns":1}
{"kind":"","dur_ns":1}
{"kind":"function","name":"f"}
{"kind":"function","dur_ns":-1}
{"kind":"function","dur_ns":"x"}
{"kind":"function","dur_ns":9223372036854775808}
{"kind":"function","dur_ns":1,"ph":"X"}
{"kind":"function","dur_ns":1,"ts_ns":1}
{"kind":"function","dur_ns":1,"tid":1}
{"kind":"function","dur_ns":1,"op":"GEMM"}
{"kind":"function","dur_ns":1,"args":{}}
{"kind":"function","dur_ns":1,"link":{}}
{"kind":"function","dur_ns":1,"calls":-1}
{"kind":"function","dur_ns":1,"calls":"5"}
{"kind":"function","dur_ns":1,"calls":1e3}
{"kind":"function","dur_ns":1,"calls":null}
{"kind":"function","dur_ns":1,"cum_ns":18446744073709551616}
{"kind":"function","dur_ns":1,"prim_calls":[1]}
{"kind":"stack","dur_ns":1,"stack":"x"}
{"kind":"stack","dur_ns":1,"stack":{}}
{"kind":"stack","dur_ns":1,"stack":null}
{"kind":"stack","dur_ns":1,"stack":[7]}
{"kind":"stack","dur_ns":1,"stack":[["x"]]}
{"kind":"stack","dur_ns":1,"stack":["x",{}]}
{"kind":"stack","dur_ns":1,"stack":["x",true]}
{"ph":"X","ts_ns":1,"dur_ns":1,"calls":1}
{"ph":"X","ts_ns":1,"dur_ns":1,"stack":[]}
{"calls":1,"dur_ns":1}
{"stack":["x"],"dur_ns":1}
END
done_testing
