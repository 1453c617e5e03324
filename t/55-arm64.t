#!/bin/sh
# arm64: what make arm64 built, run by qemu, gives the bytes, messages and statuses of the programs
# here, with every variant of the scanner of both (GUARANTEES.md, What we show 3)
. t/lib.sh
[ -n "${TRS_ARM64:-}" ] || skip_all 'make check-arm64 runs this'
arm=$TRS_ARM64/bin

# record NAME COMMAND...: output, messages and status of the command, in $tmp/NAME
record() {
	name=$1
	shift
	"$@" >"$tmp/$name" 2>"$tmp/messages"
	echo "status $?" | cat "$tmp/messages" - >>"$tmp/$name"
}

# differs FILE: prints which of the four ways to read it differ from the first
differs() {
	TRS_SIMD=avx2 record x86 trace-parse --args "$1"
	TRS_SIMD=scalar record x86-scalar trace-parse --args "$1"
	TRS_SIMD=neon record arm64 t/arm64-run "$arm/trace-parse" --args "$1"
	TRS_SIMD=scalar record arm64-scalar t/arm64-run "$arm/trace-parse" --args "$1"
	for way in x86-scalar arm64 arm64-scalar; do
		cmp -s "$tmp/x86" "$tmp/$way" || echo "$1: $way"
	done
}

for kind in small quirks bad; do
	case $kind in small) set -- fixtures/small-* ;; *) set -- fixtures/$kind/* ;; esac
	files=0
	for file; do
		case $file in *.want | *.err) continue ;; esac
		files=$((files + 1))
		differs "$file"
	done >"$tmp/found"
	[ ! -s "$tmp/found" ] && [ $files -gt 5 ]
	result $? "$kind: trace-parse on $files files" "$tmp/found"
done

# table FILE [RUN DIR]: whole pipes
# shellcheck disable=SC2317 # record calls it
table() {
	$2 "${3}trace-parse" "$1" | $2 "${3}kernel-classify" | $2 "${3}group-by-op" --by category,name --format json
	$2 "${3}trace-parse" "$1" | $2 "${3}trace-dump"
	$2 "${3}trace-parse" "$1" | $2 "${3}trace-info" --check
}

for file in fixtures/small-*; do
	record x86 table "$file"
	record arm64 table "$file" t/arm64-run "$arm/"
	same "$(basename "$file"): tables, text and warnings" "$tmp/x86" "$tmp/arm64"
done

done_testing
