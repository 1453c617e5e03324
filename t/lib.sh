# shellcheck shell=sh disable=SC2034 # helpers of tests; not each test uses each
# lib.sh - TAP for tests written in sh: a test is a sentence and a command
#
#   . t/lib.sh
#   status 0 'a trace is read' trace-parse -o "$tmp/t.trs" "$file"
#   refuses 2 "unknown option '--x'" 'an unknown option is wrong use' trace-parse --x
#   pipe '3 3 3' 'damage travels' "trace-parse $cut" kernel-classify group-by-op
#   same 'and the table is the same' want "$tmp/out"
#   done_testing
#
# The command of the last test left $tmp/out and $tmp/err. $tmp goes away at the end.
export PYTHONDONTWRITEBYTECODE=1
command -v trace-parse >/dev/null || { echo "Bail out! bin/ is not in PATH"; exit 1; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
tests=0 failed=0

# result STATUS SENTENCE [FILE...]: one test; if STATUS is not 0, the files as comments
result() {
	tests=$((tests + 1))
	[ "$1" = 0 ] && echo "ok $tests - $2" && return
	failed=$((failed + 1))
	echo "not ok $tests - $2"
	shift 2
	cat "$@" </dev/null 2>/dev/null | cut -c1-300 | head -n 30 | LC_ALL=C tr -c '[:print:]\n\t' '?' | sed 's/^/# /'
}

# ok SENTENCE COMMAND...: the command, which looks at what the last one left, exits 0
ok() {
	sentence=$1
	shift
	"$@" >"$tmp/why" 2>&1
	result $? "$sentence" "$tmp/why"
}

# status N SENTENCE COMMAND...: the command exits N
status() {
	want=$1 sentence=$2
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	echo "$* exits $got, expected $want" >"$tmp/why"
	[ $got = "$want" ]
	result $? "$sentence" "$tmp/why" "$tmp/out" "$tmp/err"
}

# one_message PROGRAM PATTERN: $tmp/err is one line of the program, with the pattern (grep -E) in it
one_message() {
	echo "expected one line '$1: ...' with: $2" >>"$tmp/why"
	[ "$(wc -l <"$tmp/err")" -eq 1 ] && grep -aq "^$1: " "$tmp/err" && grep -aEq -e "$2" "$tmp/err"
}

# refuses N PATTERN SENTENCE COMMAND...: exits N, nothing on standard output, one_message
refuses() {
	want=$1 pattern=$2 sentence=$3
	shift 3
	"$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	echo "$* exits $got, expected $want" >"$tmp/why"
	one_message "$1" "$pattern" && [ $got = "$want" ] && [ ! -s "$tmp/out" ]
	result $? "$sentence" "$tmp/why" "$tmp/out" "$tmp/err"
}

# says STATUS LINE COMMAND...: nothing on standard output, this one line on standard error
says() {
	want=$1 line=$2
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	echo "expected: $line" >"$tmp/why"
	[ $got = "$want" ] && [ ! -s "$tmp/out" ] && [ "$(cat "$tmp/err")" = "$line" ]
	result $? "$line (status $got)" "$tmp/why" "$tmp/err"
}

# introduces SCRIPT...: --help shows the usage and an example, -V and --version the name and the version
introduces() {
	for program; do
		status 0 "$program --help" "$program" --help
		grep -q "^ *usage: $program" "$tmp/out" && grep -q "^ *\\$ .*$program" "$tmp/out"
		result $? 'says the usage and shows an example' "$tmp/out"
		echo "$program (trs) $(cat VERSION)" >"$tmp/want"
		for option in -V --version; do
			status 0 "$program $option" "$program" $option
			same 'the name and the version' "$tmp/want" "$tmp/out"
		done
	done
}

# prints N SENTENCE COMMAND...: the command exits N and prints what stands on standard input
prints() {
	want=$1 sentence=$2
	shift 2
	cat >"$tmp/want"
	"$@" >"$tmp/got" 2>"$tmp/err"
	got=$?
	diff -a "$tmp/want" "$tmp/got" >"$tmp/diff" && [ $got = "$want" ]
	result $? "$sentence (status $got)" "$tmp/diff" "$tmp/err"
}

# same SENTENCE WANT GOT: two files hold the same
same() {
	diff -a "$2" "$3" >"$tmp/diff" 2>&1
	result $? "$1" "$tmp/diff"
}

# chain N COMMAND...: the commands, one pipe; what each exits with in $tmp/status.N
chain() {
	member=$1 line=$2
	shift 2
	if [ $# = 0 ]; then
		{ eval "$line"; echo $? >"$tmp/status.$member"; } 2>"$tmp/err.$member"
	else
		{ eval "$line"; echo $? >"$tmp/status.$member"; } 2>"$tmp/err.$member" | chain $((member + 1)) "$@"
	fi
}

# pipe 'N N...' SENTENCE COMMAND...: a pipe of shell commands that exit with these statuses; their
# messages in $tmp/err.1, $tmp/err.2, ... and together in $tmp/err
pipe() {
	want=$1 sentence=$2
	shift 2
	rm -f "$tmp"/status.* "$tmp"/err.*
	chain 1 "$@" >"$tmp/out"
	got=$(cat "$tmp"/status.* | tr '\n' ' ')
	cat "$tmp"/err.* >"$tmp/err"
	printf '%s | ' "$@" >"$tmp/why"
	echo "exits $got, expected $want" >>"$tmp/why"
	[ "$got" = "$want " ]
	result $? "$sentence" "$tmp/why" "$tmp/out" "$tmp/err"
}

# skip_all WHY: no test of this file can run here
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

done_testing() {
	echo "1..$tests"
	[ $failed = 0 ]
	exit
}
