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

# Linking too: 200,000 events of each kind that nest, cross or start together, each with a launch or a
# flow. What is found must not depend on how many are open.

# links NAME PYTHON WANT: the events of the statement, linked; the first row by module, phase and step
links() {
	python3 -c "
N = 200000
def event(cat, name, ts, dur, pid=1, tid=1, **args):
    args = ','.join('\"%s\":%d' % (k.replace('_', ' ') if k[0] < 'a' else k, v) for k, v in args.items())
    print('{\"ph\":\"X\",\"cat\":\"%s\",\"name\":\"%s\",\"ts\":%s,\"dur\":%s,\"pid\":%d,\"tid\":%d,\"args\":{%s}},' % (cat, name, ts, dur, pid, tid, args))
def flow(ph, i, ts):
    print('{\"ph\":\"%s\",\"cat\":\"fwdbwd\",\"name\":\"f\",\"id\":%d,\"ts\":%s,\"pid\":1,\"tid\":1},' % (ph, i, ts))
def launch(ts, i):
    event('cuda_runtime', 'call', ts, 0.5, correlation=i)
    event('kernel', 'k', ts, 1, 0, 7, correlation=i)
print('[')
$2
print(']')" | trace-parse -q --index off >"$tmp/hostile.trs"
	status 0 "$1" timeout 60 trace-link -o "$tmp/linked.trs" "$tmp/hostile.trs"
	group-by-op -q --by module,phase,step --no-header "$tmp/linked.trs" | cut -f 1-4 | head -n 1 >"$tmp/out"
	echo "$3" | tr ' ' '\t' >"$tmp/want"
	same 'and it is right' "$tmp/want" "$tmp/out"
}
links 'annotations in each other, launches after most of them' "
for i in range(N): event('user_annotation', 'prefill[%d]' % (i % 9), i, 2 * N - 2 * i)
for i in range(N): launch(N + i, i)" '(none) prefill 0 200000'
links 'annotations of which each crosses the next' "
event('user_annotation', 'ProfilerStep#1', 0, 4 * N)
for i in range(N): event('user_annotation', 'decode[x]', 2 * i, 3)
for i in range(N): launch(2 * N + 2 + i, i)" '(none) unknown 1 200000'
links 'modules in each other, each of a class of its own' "
for i in range(N): event('python_function', 'nn.Module: A%d_%d' % (i, i), i, 2 * N - 2 * i + 1)
launch(N, 1)" 'A199999_199999 unknown (none) 1'
links 'flows that all lead to one place, with all backward operators' "
for i in range(N): event('cpu_op', 'b', 5, 3, Sequence_number=i, Fwd_thread_id=1)
for i in range(N): flow('s', i, 5); flow('f', i, 5)
launch(5, 1)" '(none) unknown (none) 1'
links 'correlations that are equal but for what a multiplication makes of them' "
inverse = pow(0x9E3779B97F4A7C15, -1, 1 << 64)
for i in range(N): launch(i, inverse * (i + 1) % (1 << 64))" '(none) unknown (none) 200000'
done_testing
