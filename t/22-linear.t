#!/bin/sh
# Recovery costs time linear in the file (GUARANTEES.md): hostile shapes of 8 MB, each of which would
# take hours where a fault makes the reader start again at every bracket. The limit is generous.
. t/lib.sh

# shape NAME PYTHON: the file is one good event, then the bytes of the expression
shape() {
	python3 -c "
import sys
good = b'{\"ph\":\"X\",\"cat\":\"kernel\",\"name\":\"a\",\"pid\":0,\"tid\":0,\"ts\":1,\"dur\":1}'
def times(b): return b * (8000000 // len(b))
sys.stdout.buffer.write(b'{\"traceEvents\":[' + good + $2)" >"$tmp/hostile.json"
	status 3 "$1" timeout 60 trace-parse -o "$tmp/hostile.trs" "$tmp/hostile.json"
}
shape 'arrays that never close, each in an event' "times(b',{\"ph\":[{},')"
shape 'arrays of events in args that never close' "times(b',{\"ph\":\"X\",\"ts\":0,\"args\":{\"x\":[{\"ph\":1},')"
shape 'args that never close' "times(b',{\"ph\":\"X\",\"args\":{\"a\":{')"
shape 'strings that never close' "times(b',{\"ph\":\"X\",\"args\":{\"x\":\"')"
shape 'brackets alone' "times(b',{')"
shape 'arrays alone' "times(b',[')"
shape 'a quote in every name' "times(b',{\"ph\":\"X\",\"name\":\"a\"b\",\"ts\":1}')"
shape 'backslashes' "times(b',{\"ph\":\"X\",\"name\":\"\\\\\\\\\\\\\"')"
shape 'ends of the array that are none' "times(b',{}], \"a\": 1, {')"
shape 'open B events, each on a thread of its own' \
	"b''.join(b',{\"ph\":\"B\",\"pid\":0,\"tid\":%d,\"ts\":1}' % i for i in range(200000)) + b',{]'"
done_testing
