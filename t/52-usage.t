#!/bin/sh
# shellcheck disable=SC2016,SC2086 # single quotes are for the sh that is called; words of options
# The command line: TOOLS.md "Common to all" and "Sources", sentence by sentence, with every program.
. t/lib.sh
programs='trace-parse trace-load kernel-classify trace-cut trace-intern group-by-op trace-dump trace-info trace-fold'
writers='trace-parse trace-load kernel-classify trace-cut trace-intern'
readers='kernel-classify trace-cut trace-intern group-by-op trace-dump trace-info trace-fold'
f=fixtures/small-kineto.json
esc=$(printf '\033')

cp "$f" "$tmp/f.json"
trace-parse "$f" | kernel-classify >"$tmp/f.trs"
trace-dump "$tmp/f.trs" >"$tmp/f.dump"
cat >"$tmp/cpu.json" <<'END'
{"traceEvents":[{"ph":"X","cat":"cpu_op","name":"aten::mm","pid":1,"tid":1,"ts":1,"dur":2},
{"ph":"X","cat":"python_function","name":"f","pid":1,"tid":1,"ts":0,"dur":9},
{"ph":"i","cat":"odd one","name":"mark","pid":1,"tid":1,"ts":0}]}
END
trace-parse "$tmp/cpu.json" >"$tmp/cpu.trs"
echo 'some text' >"$tmp/text"
printf x >"$tmp/byte"
gzip -c "$f" >"$tmp/f.json.gz"
group-by-op "$tmp/f.trs" >"$tmp/table"

# input PROGRAM: a file that the program can read
input() {
	case $1 in trace-parse) echo "$tmp/f.json" ;; trace-load) echo "$tmp/f.dump" ;; *) echo "$tmp/f.trs" ;; esac
}

# says N COMMAND...: $tmp/err has N lines, and the grep succeeds on it
says() {
	[ "$(wc -l <"$tmp/err")" -eq "$1" ] && shift && "$@" <"$tmp/err" >/dev/null
}

# Options that all have --------------------------------------------------------------------------

common='-o, --output FILE
-q, --quiet
-v, --verbose
-h, --help
-V, --version
--partial-ok
--strict'
for p in $programs trace-index run-queue; do
	for option in -h --help; do
		status 0 "$p $option" $p $option
		grep -q "^usage: $p " "$tmp/out" && [ "$(grep -cF -e "$common" "$tmp/out")" = 7 ] && [ ! -s "$tmp/err" ]
		result $? "$p $option: usage and the common options, to standard output" "$tmp/out" "$tmp/err"
	done
	for option in -V --version; do
		status 0 "$p $option" $p $option
		[ "$(cat "$tmp/out")" = "$p (trs) $(cat VERSION)" ]
		result $? "$p $option: one line with name and version" "$tmp/out"
	done
	refuses 2 'verison.*--version' "$p: an unknown option, naming the known ones" $p --verison
	refuses 2 "'-Z'.*--version" "$p: an unknown letter" $p -Z
	refuses 2 "output.*argument" "$p: an option without its argument" $p -o
	refuses 2 "quiet.*argument" "$p: a flag with an argument" $p --quiet=yes
	refuses 2 "partial-ok.*strict" "$p: --partial-ok and --strict together" $p --partial-ok --strict "$(input $p)"
done
for p in $programs; do
	refuses 1 "$tmp/none: No such file" "$p: no such file" $p "$tmp/none"
	refuses 1 "$tmp: Is a directory" "$p: a directory" $p "$tmp"
	refuses 1 'Is a directory' "$p: a directory as standard input" $p <"$tmp"
	refuses 1 'No such file' "$p: -o into a folder that is not there" $p -o "$tmp/none/x" "$(input $p)"
	refuses 1 'empty|nothing|no end' "$p: nothing on standard input" $p </dev/null
	$p "$(input $p)" >"$tmp/want"
	for operand in '' -; do
		status 0 "$p $operand: standard input" $p $operand <"$(input $p)"
		same "$p $operand: the same as from the file" "$tmp/want" "$tmp/out"
	done
	cp "$(input $p)" "$tmp/-odd"
	(cd "$tmp" && $p -- -odd >out 2>err)
	result $? "$p: a file whose name begins with -" "$tmp/err"
	same "$p: and the same" "$tmp/want" "$tmp/out"
done

# Wrong input ------------------------------------------------------------------------------------

for p in $readers; do
	refuses 1 "did you mean: trace-parse $tmp/f.json \| " "$p: a trace, and what was meant" $p "$tmp/f.json"
	refuses 1 "did you mean: trace-parse FILE \| " "$p: a trace on standard input" $p <"$tmp/f.json"
	refuses 1 "did you mean: trace-parse $tmp/f.json.gz \| " "$p: a trace that is gzip" $p "$tmp/f.json.gz"
	refuses 1 "did you mean: trace-parse " "$p: a trace of rocprofv3" $p fixtures/small-rocprofv3.json
	refuses 1 'not a record stream' "$p: text" $p "$tmp/text"
	refuses 1 'not a record stream' "$p: one byte" $p "$tmp/byte"
	refuses 1 'not a record stream' "$p: a table" $p "$tmp/table"
	refuses 1 'trace-load' "$p: the text twin, and what was meant" $p "$tmp/f.dump"
done
refuses 1 'not a trace.*without traceEvents.*name' 'JSON that is no trace, saying what it is' trace-parse fixtures/bad/package-json.json
refuses 1 'execution trace' 'an execution trace' trace-parse fixtures/bad/execution-trace.json
refuses 1 'not a trace.*text' 'text is no trace' trace-parse "$tmp/text"
refuses 1 'record stream' 'a record stream is no trace' trace-parse "$tmp/f.trs"
refuses 1 'trace-parse' 'a trace given to trace-load, and what was meant' trace-load "$tmp/f.json"
refuses 1 'not what trace-dump prints' 'text given to trace-load' trace-load "$tmp/text"
refuses 1 'record stream|not what trace-dump prints' 'records given to trace-load' trace-load "$tmp/f.trs"
refuses 2 "key 'op' needs kernel-classify before it" 'a key that the stream lacks' group-by-op "$tmp/cpu.trs"
refuses 2 "'layer'" 'a key that the stream lacks, of another program' group-by-op --by name,layer "$tmp/f.trs"
refuses 2 "'nonsense'.*op.*name.*stream" 'an unknown key, naming the known ones' group-by-op --by nonsense "$tmp/f.trs"
refuses 2 'key' 'an empty key' group-by-op --by name,, "$tmp/f.trs"
refuses 2 "'nonsense'.*op.*count.*total_us.*pct" 'an unknown column, naming the known ones' group-by-op --sort nonsense "$tmp/f.trs"
for p in group-by-op trace-info 'kernel-classify --explain'; do
	refuses 2 "'xml'.*table.*tsv.*csv.*json.*md" "$p: an unknown format, naming the known ones" $p --format xml "$tmp/f.trs"
done
for number in 0 -1 x '' 99999999999999999999 1.5; do
	refuses 2 "'$number'" "--top '$number'" group-by-op --top "$number" "$tmp/f.trs"
done
refuses 2 'rank' '--rank that is no number' trace-parse --rank x "$f"
refuses 2 'cat' '--cat with nothing' trace-parse --cat '' "$f"
refuses 2 'cat' '--cat with an empty category' trace-parse --cat kernel,,cpu_op "$f"
refuses 2 'cat' '--cat with an empty category at the end' trace-parse --cat kernel, "$f"
refuses 1 "$tmp/none: No such file" 'rules that are not there' kernel-classify --rules "$tmp/none" "$tmp/f.trs"
printf '# fine\nGEMM\tGEMM\tlib\n' >"$tmp/rules"
refuses 1 "$tmp/rules:.*2" 'a rule without a pattern, with its line' kernel-classify --rules "$tmp/rules" "$tmp/f.trs"

status 0 'a trace without GPU activity is whole' group-by-op --by name --format tsv "$tmp/cpu.trs"
printf 'name\tcount\ttotal_us\tmean_us\tmin_us\tmax_us\tp50_us\tp95_us\tp99_us\tpct\n' >"$tmp/want"
same 'its table is the header alone' "$tmp/want" "$tmp/out"
says 1 grep '^group-by-op: ' && says 1 grep cpu_op && says 1 grep python_function && says 1 grep 'odd one'
result $? 'with one note that lists the categories seen' "$tmp/err"
status 0 'a note is left out with -q' group-by-op -q --by name "$tmp/cpu.trs"
same 'so that nothing is said' /dev/null "$tmp/err"
pipe '0 0 0' 'through the whole pipe' "trace-parse $tmp/cpu.json" kernel-classify 'group-by-op --no-header'
same 'no line at all with --no-header' /dev/null "$tmp/out"
status 0 'json of no rows' group-by-op --by name --format json "$tmp/cpu.trs"
[ "$(tr -d '[:space:]' <"$tmp/out")" = '[]' ]
result $? 'is an empty array' "$tmp/out"

# Terminals --------------------------------------------------------------------------------------

# on_terminal COMMAND: with standard output and error on a terminal; what came there in $tmp/out
on_terminal() {
	SHELL=/bin/sh script -qec "$1" /dev/null </dev/null >"$tmp/raw" 2>&1
	code=$?
	tr -d '\004\010' <"$tmp/raw" | sed '1s/^^D//' >"$tmp/out" # the end of script's own input
	return $code
}
for p in $writers; do
	on_terminal "$p $(input $p)"
	result $(($? != 2)) "$p: records on a terminal are wrong use" "$tmp/out"
	cp "$tmp/out" "$tmp/err"
	says 1 grep "^$p: .*group-by-op"
	result $? "$p: one line that names a sink" "$tmp/out"
	on_terminal "$p -o $tmp/x.trs $(input $p)"
	result $? "$p: with -o it may run on one" "$tmp/out"
done
on_terminal "stty columns 200; group-by-op $tmp/f.trs"
tr -d '\r' <"$tmp/out" >"$tmp/got"
group-by-op --format table "$tmp/f.trs" >"$tmp/want"
tail -n 1 "$tmp/want" >"$tmp/want.last"
grep -Fxf "$tmp/want.last" "$tmp/got" >"$tmp/got.last"
same 'a table is the format on a terminal' "$tmp/want.last" "$tmp/got.last"
on_terminal "group-by-op $tmp/f.trs | cat"
tr -d '\r' <"$tmp/out" >"$tmp/got"
group-by-op --format tsv "$tmp/f.trs" >"$tmp/want"
same 'else tsv' "$tmp/want" "$tmp/got"

# slow OPTION...: an input that stops for a second in its middle, messages on a terminal
slow() {
	on_terminal "{ head -c 30000 $f; sleep 1; tail -c +30001 $f; } | trace-parse $* >$tmp/x.trs"
}
slow
grep -aq 'trace-parse: .*MB' "$tmp/out"
result $? 'progress is shown on a terminal' "$tmp/out"
[ "$(tail -c 4 "$tmp/out")" = "$(printf "\r\033[K")" ] && [ "$(wc -l <"$tmp/out")" = 0 ]
result $? 'and erased at the end, without a line feed' "$tmp/out"
slow -q
same 'no progress with -q' /dev/null "$tmp/out"
slow "2>$tmp/err"
same 'no progress where standard error is no terminal' /dev/null "$tmp/err"

# -o ---------------------------------------------------------------------------------------------

for p in $programs; do
	in=$(input $p)
	$p "$in" >"$tmp/want"
	echo old >"$tmp/old"
	mkdir "$tmp/dir"
	to=$tmp/dir/to
	status 0 "$p -o" $p -o "$to" "$in"
	same "$p -o: nothing on standard output" /dev/null "$tmp/out"
	same "$p -o: the same in the file" "$tmp/want" "$to"
	cp "$tmp/old" "$to"
	refuses 1 'No such file' "$p -o: a run that fails" $p -o "$to" "$tmp/none"
	same "$p -o: leaves the old file" "$tmp/old" "$to"
	head -c 2500 "$in" >"$tmp/cut"
	$p --strict -o "$to" "$tmp/cut" 2>"$tmp/err"
	result $(($? != 1)) "$p -o: a run that fails in the middle" "$tmp/err"
	same "$p -o: leaves the old file" "$tmp/old" "$to"
	status 0 "$p -o over an old file" $p -o "$to" "$in"
	same "$p -o: replaces it" "$tmp/want" "$to"
	cp "$tmp/old" "$to"
	ln -s to "$tmp/dir/link"
	status 0 "$p -o through a link" $p -o "$tmp/dir/link" "$in"
	same "$p -o: writes where the link points" "$tmp/want" "$to"
	ok "$p -o: and keeps the link" test -h "$tmp/dir/link"
	ln -s new "$tmp/dir/dangling"
	status 0 "$p -o through a link to what is not there yet" $p -o "$tmp/dir/dangling" "$in"
	same "$p -o: the same in the file" "$tmp/want" "$tmp/dir/dangling"
	ok "$p -o: which is where the link points" test -f "$tmp/dir/new" -a -h "$tmp/dir/dangling"
	status 0 "$p -o /dev/null" $p -o /dev/null "$in"
	ok "$p: /dev/null is still a device" test -c /dev/null
	mkfifo "$tmp/dir/fifo"
	timeout 20 cat "$tmp/dir/fifo" >"$tmp/got" &
	status 0 "$p -o to a FIFO" $p -o "$tmp/dir/fifo" "$in"
	wait $!
	same "$p -o: all of it arrives" "$tmp/want" "$tmp/got"
	ok "$p -o: the FIFO is still one" test -p "$tmp/dir/fifo"
	rm -f "$tmp/dir/fifo" "$tmp/dir/link" "$tmp/dir/dangling" "$tmp/dir/new"
	refuses 1 'irectory' "$p -o to a directory" $p -o "$tmp/dir" "$in"
	status 0 "$p -o - is standard output" $p -o - "$in"
	same "$p -o -: the same" "$tmp/want" "$tmp/out"
	refuses 1 'No space left' "$p -o to a full device" $p -o /dev/full "$in"
	$p "$in" >/dev/full 2>"$tmp/err"
	result $(($? != 1)) "$p into a full device" "$tmp/err"
	one_message $p 'No space left'
	result $? "$p: says so in one line" "$tmp/err"
	cp "$in" "$tmp/dir/self"
	$p -o "$tmp/dir/self" "$tmp/dir/self" 2>"$tmp/err"
	case $? in 0) cmp -s "$tmp/want" "$tmp/dir/self" ;; 1) cmp -s "$in" "$tmp/dir/self" ;; *) false ;; esac
	result $? "$p -o onto its own input: all or nothing" "$tmp/err"
	rm -f "$tmp/dir/self" "$to"
	find "$tmp/dir" -mindepth 1 >"$tmp/got"
	same "$p -o: no litter" /dev/null "$tmp/got"
	rm -rf "$tmp/dir"
done
group-by-op --by name "$tmp/f.trs" >"$tmp/want"
for p in $writers; do
	status 0 "$p -o x.trs.zst" $p -o "$tmp/x.trs.zst" "$(input $p)"
	ok "$p: is zstd" zstd -tq "$tmp/x.trs.zst"
	status 0 "$p: that reads back" group-by-op --by name "$tmp/x.trs.zst"
	same "$p: with the same table" "$tmp/want" "$tmp/out"
done
(umask 027 && trace-parse -o "$tmp/mode" "$f")
[ "$(stat -c %a "$tmp/mode")" = 640 ]
result $? '-o makes a file as > does, by the umask'

# Descriptors that are closed --------------------------------------------------------------------

for p in $programs; do
	in=$(input $p)
	$p "$in" >"$tmp/want"
	status 0 "$p FILE <&-" $p "$in" <&-
	same "$p FILE <&-: the same" "$tmp/want" "$tmp/out"
	status 1 "$p <&-" $p <&-
	status 0 "$p 2>&-" sh -c 'exec "$@" 2>&-' - $p "$in"
	same "$p 2>&-: the same" "$tmp/want" "$tmp/out"
	status 1 "$p 2>&- on a file that is not there" sh -c 'exec "$@" 2>&-' - $p "$tmp/none"
	status 0 "$p -o with all three closed" sh -c 'exec "$@" <&- >&- 2>&-' - $p -o "$tmp/x" "$in"
	same "$p -o: the same" "$tmp/want" "$tmp/x"
	sh -c 'exec "$@" >&-' - $p "$in" >"$tmp/out" 2>"$tmp/err"
	result $(($? > 1)) "$p >&- ends with 0 or 1" "$tmp/err"
done

# Messages ---------------------------------------------------------------------------------------

nasty=$(printf 'a\nb\033[31m\tc\377d')
long=$tmp/$(head -c 3000 /dev/zero | tr '\0' x)
for p in $programs; do
	refuses 1 'a(\\n|\\x0a)b\\x1b\[31m(\\t|\\x09)c.*No such file' "$p: a name with control characters" $p "$tmp/$nasty"
	[ "$(tr -d '\n' <"$tmp/err" | LC_ALL=C tr -d '[:print:]' | wc -c)" = 0 ]
	result $? "$p: is escaped" "$tmp/err"
	refuses 2 'a(\\n|\\x0a)b\\x1b' "$p: and an option" $p "--$nasty"
	refuses 1 'xxx' "$p: a name of 3,000 bytes" $p "$long"
done
printf '{"a\\u001b[31m\\n%s[0m": 1}' "$esc" >"$tmp/hostile.json"
refuses 1 'not a trace' 'a trace whose keys are hostile' trace-parse "$tmp/hostile.json"
[ "$(tr -d '\n' <"$tmp/err" | LC_ALL=C tr -d '[:print:]' | wc -c)" = 0 ]
result $? 'is refused without control characters' "$tmp/err"

# Readers that stop early: 3,000 long names fit into no pipe's buffer ----------------------------

python3 -c 'print("[" + ",".join("{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"k%d%s\",\"ts\":%d,\"dur\":1}" % (i, "n" * 400, i) for i in range(3000)) + "]")' >"$tmp/many.json"
trace-parse "$tmp/many.json" | kernel-classify >"$tmp/many.trs"
trace-dump "$tmp/many.trs" >"$tmp/many.dump"
for command in 'group-by-op --by name' trace-dump 'kernel-classify --explain'; do
	pipe '141 0' "$command | head -n 1 dies of SIGPIPE" "$command $tmp/many.trs" 'head -n 1'
	same "$command: silently" /dev/null "$tmp/err"
	for how in '' "-o /dev/stdout "; do
		(trap '' PIPE; $command $how "$tmp/many.trs" 2>"$tmp/err"; echo $? >"$tmp/status") | head -n 1 >/dev/null
		case $(cat "$tmp/status") in 0) [ ! -s "$tmp/err" ] ;; 1) says 1 cat ;; 141) [ ! -s "$tmp/err" ] ;; *) false ;; esac
		result $? "$command $how| head -n 1 where SIGPIPE is ignored" "$tmp/status" "$tmp/err"
	done
done
for p in $writers; do
	case $p in trace-parse) in=$tmp/many.json ;; trace-load) in=$tmp/many.dump ;; *) in=$tmp/many.trs ;; esac
	pipe '141 0' "$p with a reader that goes away" "$p $in" 'head -c 20 >/dev/null'
	same "$p: silently" /dev/null "$tmp/err"
	pipe '141 0' "$p with a reader that never reads" "$p $in" 'exec <&-; sleep 0.1'
	same "$p: silently" /dev/null "$tmp/err"
done
chain 1 "trace-parse $tmp/many.json" kernel-classify 'head -c 20 >/dev/null' # the first may be done before
grep -qx -e 0 -e 141 "$tmp/status.1" && grep -qx 141 "$tmp/status.2"
result $? 'through two programs' "$tmp/status.1" "$tmp/status.2"
cat "$tmp"/err.[123] >"$tmp/err"
same 'silently' /dev/null "$tmp/err"

# trace-parse: parts, ranks, selections ----------------------------------------------------------

# ranks WANT SENTENCE: the ranks of the records in $tmp/x.trs, in a line
ranks() {
	trace-dump "$tmp/x.trs" 2>"$tmp/err" | sed -n 's/^{"ph.*"rank":\([^,}]*\).*/\1/p' | tr '\n' ' ' >"$tmp/got"
	printf '%s ' "$1" >"$tmp/want"
	same "$2" "$tmp/want" "$tmp/got"
}
# one RANK: a trace with one kernel
one() {
	echo "{${1:+\"distributedInfo\":{\"rank\":$1\},}\"traceEvents\":[{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"k\",\"ts\":1,\"dur\":1}]}"
}
one 4 >"$tmp/r4.json"
one 9 >"$tmp/r9.json"
one '' >"$tmp/none.json"
status 0 'two files are two parts' trace-parse -o "$tmp/x.trs" "$tmp/r9.json" "$tmp/r4.json"
ranks '9 4' 'with the ranks of distributedInfo'
status 0 'a file that knows no rank' trace-parse -o "$tmp/x.trs" "$tmp/r9.json" "$tmp/none.json"
ranks '9 1' 'has its number'
status 0 'a file and standard input' trace-parse -o "$tmp/x.trs" "$tmp/r4.json" - <"$tmp/r9.json"
ranks '4 9' 'in their order'
status 0 '--rank' trace-parse --rank 7 -o "$tmp/x.trs" "$tmp/r4.json"
ranks 7 'is believed more than the file'
status 0 'equal ranks' trace-parse -o "$tmp/x.trs" "$tmp/r4.json" "$tmp/r4.json"
ranks '4 "4#2"' 'are kept apart'
pipe '0 0' 'also in a table' "trace-parse $tmp/r4.json $tmp/r4.json" 'group-by-op --by rank --no-header'
[ "$(cut -f 1 "$tmp/out" | tr '\n' ' ')" = '4 4#2 ' ]
result $? 'are two rows' "$tmp/out"
says 1 grep ': .*rank.*4'
result $? 'with one note' "$tmp/err"
pipe '0 0' 'without it' "trace-parse -q $tmp/r4.json $tmp/r4.json" 'group-by-op -q --by rank'
same 'if -q is given' /dev/null "$tmp/err"
refuses 1 "$tmp/none: No such file" 'of several files one is not there' trace-parse "$tmp/r4.json" "$tmp/none"
pipe '1 1 1' 'of several files one that is no trace means no end mark' "trace-parse $tmp/r4.json $tmp/text $tmp/r9.json" kernel-classify group-by-op
same 'and no table' /dev/null "$tmp/out"

cat >"$tmp/cats.json" <<'END'
{"traceEvents":[
{"ph":"X","cat":"kernel","name":"a","ts":1,"dur":1,"args":{"grid":[1,2],"stream":7,"note":"x\ty"}},
{"ph":"X","cat":"Kernel","name":"b","ts":1,"dur":1},
{"ph":"X","cat":"gpu_memcpy","name":"c","ts":1,"dur":1},
{"ph":"X","cat":"gpu_memset","name":"d","ts":1,"dur":1},
{"ph":"X","cat":"Memcpy","name":"e","ts":1,"dur":1},
{"ph":"X","cat":"Memset","name":"f","ts":1,"dur":1},
{"ph":"X","cat":"mtia_ccp_events","name":"g","ts":1,"dur":1},
{"ph":"X","cat":"kernels","name":"h","ts":1,"dur":1},
{"ph":"X","cat":"cpu_op","name":"i","ts":1,"dur":1,"args":{"stream":7}},
{"ph":"i","cat":"kernel","name":"j","ts":1},
{"ph":"X","cat":"gpu_user_annotation","name":"l","ts":1,"dur":1},
{"ph":"X","name":"m","ts":1,"dur":1}
]}
END
# keeps NAMES OPTION...: the names of the events that trace-parse OPTION... keeps
keeps() {
	echo "$1" >"$tmp/want"
	shift
	trace-parse "$@" "$tmp/cats.json" 2>"$tmp/err" | trace-dump 2>>"$tmp/err" | sed -n 's/.*"name":"\([^"]*\)".*/\1/p' | sort | tr -d '\n' >"$tmp/got"
	echo >>"$tmp/got"
	same "trace-parse $*" "$tmp/want" "$tmp/got"
}
keeps abcdefghijlm
keeps aj --cat kernel
keeps acj --cat gpu_memcpy,kernel
keeps b --cat Kernel
keeps '' --cat KERNEL
keeps '' --cat kern
keeps '' --cat ' kernel'
keeps abcdefg --gpu
keeps a --gpu --cat kernel
keeps m --cat '(none)'
status 0 'a selection that leaves nothing is whole' trace-parse --cat KERNEL -o "$tmp/x.trs" "$tmp/cats.json"
pipe '0 0' '--args' "trace-parse --args --cat kernel $tmp/cats.json" trace-dump
ok 'keeps the remaining args as JSON' python3 -c '
import json, sys
a = [e for e in map(json.loads, open(sys.argv[1])) if e.get("name") == "a"][0]
assert a["stream"] == 7 and a["args"] == {"grid": [1, 2], "note": "x\ty"}, a' "$tmp/out"
pipe '0 0' 'and without it' "trace-parse $tmp/cats.json" trace-dump
[ "$(grep -c '"args"' "$tmp/out")" = 0 ]
result $? 'there are none' "$tmp/out"
head -c 400 "$tmp/cats.json" >"$tmp/cut"
pipe '3 3' 'a selection that leaves nothing of a file that is cut' "trace-parse --cat none $tmp/cut" trace-dump
echo '{"traceEvents":[{"ph":"X","cat":"kernel","name":"a","ts":1,"dur":1},{"ph":"X","cat":"cpu_op","name":"a","ts":1,"dur":-1}]}' >"$tmp/cut"
pipe '3 3' 'a lost event that was selected' "trace-parse $tmp/cut" 'trace-dump >/dev/null'
grep -q "^trace-parse: $tmp/cut: byte 6[0-9]: .* 1 .*kept, 1 lost" "$tmp/err"
result $? 'says file, byte, kept and lost' "$tmp/err"
pipe '0 0' 'a lost event that was not' "trace-parse --gpu $tmp/cut" trace-dump

# Compression is told by content -----------------------------------------------------------------

zstd -qc "$f" >"$tmp/f.zstd"
cp "$f" "$tmp/plain.gz"
cp "$tmp/f.json.gz" "$tmp/gzip.zst"
trace-parse "$f" | trace-dump >"$tmp/want"
for z in f.json.gz f.zstd plain.gz gzip.zst; do
	pipe '0 0' "$z" "trace-parse $tmp/$z" trace-dump
	same "$z: the same" "$tmp/want" "$tmp/out"
	pipe '0 0 0' "$z from a pipe" "cat $tmp/$z" trace-parse trace-dump
	same "$z from a pipe: the same" "$tmp/want" "$tmp/out"
done
pipe '0 0 0' 'gzip in small pieces' "dd bs=7 if=$tmp/f.json.gz status=none" trace-parse trace-dump
same 'gzip in small pieces: the same' "$tmp/want" "$tmp/out"
gzip -c "$tmp/f.trs" >"$tmp/t.gz"
zstd -qc "$tmp/f.trs" >"$tmp/t.zst"
group-by-op "$tmp/f.trs" >"$tmp/want"
for z in t.gz t.zst; do
	status 0 "records, $z" group-by-op "$tmp/$z"
	same "$z: the same" "$tmp/want" "$tmp/out"
	pipe '0 0 0' "$z from a pipe" "cat $tmp/$z" kernel-classify group-by-op
	same "$z from a pipe: the same" "$tmp/want" "$tmp/out"
done

# Hostile names: each format is read as its own standard says ------------------------------------

cat >"$tmp/hostile.py" <<'END'
import csv, io, json, re, subprocess, sys

NAMES = [b"plain", b"tab\there", b"new\nline", b"car\rret", b'quo"te', b"'single", b"com,ma", b"semi;colon", b"=cmd|' /C calc'!A0",
         b"+1", b"-1", b"@x", b"\t=x", b"esc\x1b[31mred\x1b[0m", b"bell\x07", b"nul\0nul", b"del\x7f", b"c1\xc2\x9bm", b"bidi\xe2\x80\xaex",
         b"sep\xe2\x80\xa8x", b"bad\xff\xfeutf", b"cut\xe2\x82", b"\xc3\xa9t\xc3\xa9", b"pi|pe", b"back\\slash", b"back\\tick`x`",
         b"<script>alert(1)</script>", b"&amp;", b"", b" lead", b"trail ", b"\\", b"\\n", b"[link](x)", b"*bold*", b"emoji\xf0\x9f\x98\x80"]
CONTROL = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
ESCAPES = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"\\": b"\\"}

def as_json(name):      # of a writer that does not look: bytes as they are
    return b"".join(b"\\u%04x" % c if c < 32 else b"\\" + bytes([c]) if c in b'"\\' else bytes([c]) for c in name)

def unescaped(cell):
    return re.sub(rb"\\(?:x([0-9a-fA-F]{2})|(.))", lambda m: bytes.fromhex(m[1].decode()) if m[1] else ESCAPES[m[2]], cell)

def in_csv(name):       # tab and line ends are CSV's own matter; a backslash is no escape there
    return CONTROL.sub(lambda m: m[0] if m[0] in "\t\r" else "".join("\\x%02x" % c for c in m[0].encode()), lossy(name))

def lossy(name):
    return merged(name.decode("utf-8", "replace"))

def merged(text):       # one U+FFFD for each byte or for several: both are right
    return re.sub("\ufffd+", "\ufffd", text)

what = sys.argv[1]
trace = b"[" + b",".join(b'{"ph":"X","cat":"kernel","name":"%s","ts":%d,"dur":%d}' % (as_json(n), i, i + 1) for i, n in enumerate(NAMES)) + b"]"
parse = subprocess.run(["trace-parse"], input=trace, capture_output=True)
sink = ["trace-dump"] if what == "dump" else ["group-by-op", "--by", "name", "--format", what]
run = subprocess.run(sink, input=parse.stdout, capture_output=True)
wrong = []

def check(holds, text):
    if not holds:
        wrong.append(text)

def check_names(rows, wanted=lambda name: [name]):
    check(sorted(round(float(us)) for us, _ in rows) == list(range(1, len(NAMES) + 1)), "not one row a name")
    for us, cell in rows:
        name = NAMES[round(float(us)) - 1]
        check(cell in wanted(name), "name %r, got %r, want %r" % (name, cell, wanted(name)))

check((parse.returncode, run.returncode) == (0, 0), "status %d %d" % (parse.returncode, run.returncode))
check(not parse.stderr + run.stderr, "it says %r" % (parse.stderr + run.stderr))
shown = run.stdout.decode("utf-8")      # what we print is UTF-8, whatever the names are
allowed = {"csv": "\t\r", "tsv": "\t"}.get(what, "")
bare = {c for c in CONTROL.findall(shown) if c not in allowed}
check(not bare, "bare control characters %r" % bare)
lines = shown.split("\n")[:-1]
if what == "tsv":
    rows = [line.encode().split(b"\t") for line in lines]
    check({len(r) for r in rows} == {10}, "lines of different lengths")
    check_names([(r[2], unescaped(r[0])) for r in rows[1:]])
elif what == "csv":
    rows = list(csv.reader(io.StringIO(shown, newline="")))
    check({len(r) for r in rows} == {10} and shown.endswith("\r\n"), "rows of different lengths, or no CRLF")
    check(not any(r[0][:1] in ("=", "+", "-", "@") for r in rows if r[0]), "a cell that a spreadsheet would run")
    check_names([(r[2], re.sub("^'([=+@-])", r"\1", merged(r[0]))) for r in rows[1:]], lambda name: [in_csv(name)])
elif what == "json":
    check_names([(r["total_us"], merged(r["name"])) for r in json.loads(shown)], lambda name: [lossy(name)])
elif what == "md":
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    check({len(r) for r in rows} == {10}, "lines of different lengths: %r" % [r for r in rows if len(r) != 10])
    check(all(re.fullmatch(" *:?-+:? *", cell) for cell in rows[1]), "no line of dashes")
    check("<script>" not in shown, "HTML in a name")
    check(len(lines) == len(NAMES) + 2, "%d lines" % len(lines))
elif what == "table":
    check(len(lines) == len(NAMES) + 1, "%d lines" % len(lines))
elif what == "dump":
    records = [r for r in map(json.loads, lines) if "ph" in r]
    check_names([(r["dur_ns"] / 1000, r["name"].encode("utf-8", "surrogateescape")) for r in records])
print("\n".join(map(ascii, wrong)))
sys.exit(bool(wrong))
END
for what in tsv csv json md table dump; do
	ok "hostile names: $what reads back" python3 "$tmp/hostile.py" $what
done
done_testing
