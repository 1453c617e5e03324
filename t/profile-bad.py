#!/usr/bin/env python3
"""profile-bad.py DIR - marshal files that are wrong in one way each: DIR/NAME and what is said, DIR/NAME.say
profile-bad.py cut PROF | flip PROF - every beginning of a profile; one bit of each byte flipped

The last two print how prof-parse ended, counted: of a cut file nothing may be given, and nothing at
all may crash it.
"""
import collections
import random
import struct
import subprocess
import sys


def u32(n):
    return struct.pack("<I", n & 0xFFFFFFFF)


def text(s):
    return b"z" + bytes([len(s)]) + s


KEY = b")\x03" + text(b"f.py") + b"i" + u32(3) + text(b"f")
ONE = b"i" + u32(1)
ZERO = b"g" + struct.pack("<d", 0.0)


def profile(key=KEY, value=None, a=ONE, b=ONE, self=ZERO, cum=ZERO, callers=b"{0"):
    return b"{" + key + (value or b")\x05" + a + b + self + cum + callers) + b"0"


def g(v):
    return b"g" + struct.pack("<d", v)


BAD = {
    "code": (b"{)\x03" + text(b"profile") + ONE + b"c" + bytes(40), "byte 17: a code object .marshal type 0x63."),
    "list": (profile(callers=b"[" + u32(0)), "byte 47: a list"),
    "bytes": (profile(key=b")\x03s" + u32(1) + b"x"), "byte 3: a byte string"),
    "set": (b"{" + KEY + b"<" + u32(0), "a set"),
    "complex": (b"{" + KEY + b"y", "a complex"),
    "unknown": (b"{" + KEY + b"\x01", "an unknown type .marshal type 0x01."),
    "long-text": (b"{)\x03u" + u32(2 ** 31), "a text of 2147483648 bytes"),
    "text-beyond": (b"{)\x03u" + u32(1000) + b"abc", "byte 11: the profile is cut off"),
    "long-tuple": (b"{(" + u32(2 ** 31), "a tuple of 2147483648 items"),
    "long-int": (profile(a=b"l" + u32(2 ** 31) + bytes(8)), "an int that does not fit 64 bits"),
    "wide-int": (profile(a=b"l" + u32(5) + b"\xff\x7f" * 5), "an int that does not fit 64 bits"),
    "bad-digit": (profile(a=b"l" + u32(2) + b"\xff" * 4), "a digit of an int that is none"),
    "no-ref": (profile(a=b"r" + u32(7)), "a reference to an object that did not come before"),
    "self-ref": (b"\xfb" + KEY + b"r" + u32(0) + b"0", "a function has a tuple of five|an object within itself"),
    "within-itself": (b"{\xa9\x03r" + u32(0), "an object within itself"),
    "deep": (b"{" + b")\x01" * 100, "nested deeper"),
    "deep-dicts": (b"{" + KEY + b"{" * 100000, "nested deeper"),
    "no-key": (b"{" + KEY + b"0", "an end"),
    "key-int": (b"{)\x01N" + ONE + b"0", "a function is a tuple of file, line and name"),
    "key-types": (profile(key=b")\x03" + ONE * 3), "a function is a tuple of str, int and str, not an int"),
    "value-int": (profile(value=ONE), "a function has a tuple of five, not an int 1"),
    "count-float": (profile(a=ZERO), "a count is an int from 0 on, not a float"),
    "count-negative": (profile(a=b"i" + u32(-5)), "a count is an int from 0 on, not an int -5"),
    "time-nan": (profile(self=g(float("nan"))), "a time is a number of seconds"),
    "time-inf": (profile(cum=g(float("inf"))), "a time is a number of seconds"),
    "time-huge": (profile(cum=g(1e10)), "a time is a number of seconds below 2.63 ns, not a float 1e.10"),
    "time-text": (profile(cum=text(b"1")), "a time is a number of seconds"),
    "float-text": (profile(cum=b"f\x03abc"), "a float that is no number"),
    "callers-none": (profile(callers=b"N"), "callers are a dict, not None"),
    "caller-three": (profile(callers=b"{" + KEY + b")\x03" + ONE * 3 + b"0"), "a count or a tuple of four"),
}


def make(folder):
    for name, (data, say) in BAD.items():
        open(f"{folder}/{name}", "wb").write(data)
        open(f"{folder}/{name}.say", "w").write(say)


def count(inputs):
    ends = collections.Counter()
    for data in inputs:
        r = subprocess.run(["prof-parse", "--type", "cprofile"], input=data, capture_output=True)
        assert r.returncode in (0, 1, 3), (r.returncode, data)
        assert (r.returncode == 1) <= (r.stderr.count(b"\n") == 1), (r.stderr, data)
        ends[r.returncode] += 1
    print(*(f"{n} x {status}" for status, n in sorted(ends.items())))


def main(what, path=None):
    if path is None:
        make(what)
        return
    data = open(path, "rb").read()
    if what == "cut":
        count(data[:n] for n in range(len(data)))
    else:
        rng = random.Random(6)
        count(data[:n] + bytes([data[n] ^ 1 << rng.randrange(8)]) + data[n + 1:] for n in range(len(data)))


if __name__ == "__main__":
    main(*sys.argv[1:])
