#!/bin/sh
# shellcheck disable=SC2016,SC2059 # single quotes are for the sh and the Python that are called; inputs hold escapes
# flame: the picture against a computation in Python, hostile names, numbers, statuses, long and deep
# inputs. What the script in it does is in 63-flame-browser.t.
. t/lib.sh

# draws SENTENCE FOLDED [--diff]: flame exits 0, and t/flame.py works out the same picture
draws() {
	status 0 "$1" flame --unit samples -o "$tmp/check.svg" ${3:+"$3"} "$2"
	ok "$1: the same in Python" t/flame.py check "$2" "$tmp/check.svg" ${3:+"$3"}
}

# svg SENTENCE PYTHON: an expression holds; `svg` is the element of $tmp/out, `text` what it shows
svg() {
	python3 - "$tmp/out" "$2" >"$tmp/why" 2>&1 <<'END'
import sys, xml.etree.ElementTree as E
svg = E.parse(sys.argv[1]).getroot()
N = "{http://www.w3.org/2000/svg}"
titles = [t.text for t in svg.iter(N + "title")][1:]
labels = [t.text for t in svg.findall("%sg[@class='frames']/%sg/%stext" % (N, N, N))]
def said(kind): return svg.find("%stext[@class='%s']" % (N, kind)).text or ""
text = "\n".join(t.text or "" for t in svg.iter(N + "text"))
print(titles[:9], labels[:9], text[:500], sep="\n")
sys.exit(not eval(sys.argv[2]))
END
	result $? "$1" "$tmp/why"
}

# Pictures ---------------------------------------------------------------------------------------

printf 'a;b 2\na;c 1\nd 2\n' >"$tmp/small"
draws 'three stacks' "$tmp/small"
status 0 'from standard input' flame --unit samples <"$tmp/small"
same 'is the same' "$tmp/check.svg" "$tmp/out"

# random stacks, with repeats, frames without a name, narrow ones, names that begin alike
python3 - "$tmp" <<'END'
import random, sys
pick = random.Random(7)
names = ["a", "ab", "b.py(1): f", "torch/nn/modules/module.py(1501): _call_impl", "aten::mm", "cudaLaunchKernel", "void gemm<float>()",
         "", "x y", "std::vector<int, std::allocator<int> >::push_back(int const&)", "f_[k]", "g_[j]", "h_[i]", "nn.Module: Linear_0"]
def stack(): return ";".join(pick.choice(names) for _ in range(pick.randint(1, 12)))
stacks = [stack() for _ in range(2000)]
stacks += pick.choices(stacks, k=500)
count = lambda: pick.choice([1, 7, 0, 1000, 123456])
lines = ["%s %d" % (s, count()) for s in stacks]
pairs = ["%s %d %d" % (s, count(), pick.choice([count(), 0])) for s in stacks]
for name, text in ("random", lines), ("pairs", pairs):
    open(sys.argv[1] + "/" + name, "w").write("\n".join(text) + "\n")
    pick.shuffle(text)
    open(sys.argv[1] + "/" + name + ".shuffled", "w").write("\n\n".join(text))
open(sys.argv[1] + "/wide", "w").writelines("main.py(1): main;root;step%d;op%d;kernel 10\n" % (i, i % 9) for i in range(3000))
open(sys.argv[1] + "/same", "w").writelines("a;b;c%d %d %d\n" % (i, i, i) for i in range(9))
END
draws 'random stacks' "$tmp/random"
draws 'a random difference' "$tmp/pairs" --diff
draws '3,000 stacks side by side' "$tmp/wide"
draws 'two that are the same' "$tmp/same" --diff
for f in random pairs; do
	[ $f = pairs ] && diff=--diff || diff=-q
	flame "$diff" "$tmp/$f" >"$tmp/want"
	status 0 "$f, shuffled" flame "$diff" "$tmp/$f.shuffled"
	same "$f, shuffled: the same bytes" "$tmp/want" "$tmp/out"
	flame "$diff" --html "$tmp/$f" >"$tmp/want"
	status 0 "$f, shuffled, as a page" flame "$diff" --html "$tmp/$f.shuffled"
	same "$f, shuffled, as a page: the same bytes" "$tmp/want" "$tmp/out"
done
if [ -d ../shared/profiles/stackcollapse ]; then
	for f in perf-vertx-stacks-01-collapsed-all recursion simple simple-crlf; do
		draws "$f of speedscope" ../shared/profiles/stackcollapse/$f.txt
	done
	refuses 1 'simple-with-invalids.txt: line 1: no number' 'a comment is no stack' flame ../shared/profiles/stackcollapse/simple-with-invalids.txt
else
	echo '# skipped: ../shared/profiles is not here'
fi

# Values and units -------------------------------------------------------------------------------

# unit TEXT OPTION... : of a stack with this number the title of the frame says TEXT
unit() {
	text=$1 number=$2
	shift 2
	echo "f $number" >"$tmp/in"
	status 0 "$number $*" flame "$@" "$tmp/in"
	svg "is $text" "'''f\n$text, 100.00 % of all, 100.00 % of parent''' in titles"
}
unit '999 ns' 0.999 --unit us
unit '0.500 ns' 0.5
unit '999 ns' 999
unit '1.000 us' 1000
unit '1.235 us' 1234.567
unit '1.000 ms' 999999.5
unit '2.500 s' 2500000000
unit '9,223,372,036.855 s' 9223372036854775808
unit '2.500 s' 2500 --unit ms
unit '1,023 bytes' 1023 --unit bytes
unit '1.50 KiB' 1536 --unit bytes
unit '16,777,216.00 TiB' 18446744073709551615 --unit bytes
unit '1,234,567 samples' 1234567 --unit samples
unit '12.5 <&' 12.50 --unit '<&'
unit '12' 12. --unit ''
printf 'a 0.1\nb 0.25\nc 7\na 0.001\n' >"$tmp/in"
status 0 'decimals' flame --unit samples "$tmp/in"
svg 'are added up exactly' 'said("details") == "7.351 samples in 4 stacks" and any(t.startswith("a\n0.101 samples") for t in titles)'
echo 'a 0.12345678951' | flame --unit samples >"$tmp/out" 2>"$tmp/err"
grep -q 'rounded, as they have more than 9 decimals: 1 of' "$tmp/err"
result $? 'more than nine decimals are rounded, and it is said' "$tmp/err"
svg 'half up' '"0.123456790 samples" in said("details")'

# Lines ------------------------------------------------------------------------------------------

printf '\357\273\277a;b 1\r\n\r\n   \n a b ;c\t2  \n' >"$tmp/in"
status 0 'BOM, CRLF, blank lines, blanks in names, a tab, no newline at the end' flame "$tmp/in"
svg 'are read' '[t.split("\n")[0] for t in titles] == ["all", " a b ", "a", "c", "b"]'
printf ' 3' >"$tmp/in"
status 0 'a frame without a name' flame "$tmp/in"
svg 'is (unnamed)' '"(unnamed)" in labels'
# fails LINE WHAT INPUT OPTION...
fails() {
	line=$1 what=$2
	printf "$3" >"$tmp/in"
	shift 3
	refuses 1 "flame: $tmp/in: line $line: $what" "$what in line $line" flame "$@" "$tmp/in"
}
fails 3 'no number behind a stack' 'a 1\n\na;b\n'
fails 1 'no number behind a stack' '12\n'
fails 2 'no number behind a stack' 'a 1\na -1\n'
fails 1 'no number behind a stack' 'a 1e3\n'
fails 1 'no number behind a stack' 'a 1.2.3\n'
fails 1 'no number behind a stack' 'a .5\n'
fails 1 'no number behind a stack' '{"traceEvents":[]}\n'
fails 2 'no two numbers behind a stack' 'a 1 2\na 1\n' --diff
fails 1 'a number that is too large' 'a 18446744073709551616\n'
fails 1 'a number that is too large' 'a 18446744073709551615.5\n'
fails 3 'the sum of the numbers is too large' 'a 9223372036854775808\nb 9223372036854775807\nc 1\n'
fails 2 'the sum of the numbers is too large' 'a 9223372036854775808\nb 0.01\n'
fails 2 'the sum of the numbers is too large' 'a 1 9223372036854775808\nb 1 9223372036854775808\n' --diff
echo 'a 5 7' >"$tmp/in"
status 0 'two numbers without --diff' flame "$tmp/in"
one_message flame 'did you mean --diff'
result $? 'are asked about' "$tmp/err"

# Nothing, and too much on the line ---------------------------------------------------------------

for input in '' '\n\n' 'a;b 0\nc 0\n'; do
	printf "$input" >"$tmp/in"
	status 0 "nothing to draw: '$input'" flame "$tmp/in"
	one_message flame 'no stacks'
	result $? 'a note says so' "$tmp/err"
	svg 'and the picture' '"no stacks" in text'
	status 0 'as a page' flame --html -q "$tmp/in"
	same 'without a note with -q' /dev/null "$tmp/err"
done
echo 'a 5 0' >"$tmp/in"
status 0 'nothing after' flame --diff "$tmp/in"
svg 'says what was before' '"no stacks" in text and "before 5 ns, after 0 ns: -5 ns, -100.00 %" in text'
refuses 2 'one file at a time' 'two files' flame "$tmp/in" "$tmp/in"
refuses 2 "unknown option '--colour'.*--title --unit --diff --html" 'an unknown option' flame --colour
refuses 2 "'--title' needs an argument" 'no title' flame --title
refuses 1 "$tmp/none: No such file" 'no such file' flame "$tmp/none"
refuses 1 'No such file' '-o into a folder that is not there' flame -o "$tmp/none/x" "$tmp/small"
flame "$tmp/small" >/dev/full 2>"$tmp/err"
result $(($? != 1)) 'a full disk is 1' "$tmp/err"
flame "$tmp/wide" >"$tmp/want"
status 0 '-o' flame -o "$tmp/x.svg" "$tmp/wide"
same '-o: the same in the file' "$tmp/want" "$tmp/x.svg"
status 1 '-o, and a line that is none' flame -o "$tmp/x.svg" t/lib.sh
same '-o: the old file stays' "$tmp/want" "$tmp/x.svg"

# Compressed, and cut off
gzip -c "$tmp/random" >"$tmp/random.gz"
flame "$tmp/random" >"$tmp/want"
status 0 'gzip' flame "$tmp/random.gz"
same 'gzip: the same' "$tmp/want" "$tmp/out"
head -c 20000 "$tmp/random.gz" >"$tmp/cut.gz"
status 3 'gzip that is cut off: a picture, and 3' flame "$tmp/cut.gz"
one_message flame "cut.gz: byte [0-9]+: gzip data is cut off; [0-9]+ stacks kept"
result $? 'says where' "$tmp/err"
gzip -dc "$tmp/cut.gz" 2>/dev/null | sed '$d' | flame >"$tmp/want"
same 'the torn line is left out' "$tmp/want" "$tmp/out"
status 0 '--partial-ok' flame --partial-ok "$tmp/cut.gz"
flame --strict "$tmp/cut.gz" >"$tmp/out" 2>"$tmp/err"
result $(($? != 1)) '--strict is 1' "$tmp/err"
same 'without a picture' /dev/null "$tmp/out"

# Hostile names ----------------------------------------------------------------------------------

cat >"$tmp/hostile.py" <<'END'
import html.parser, re, subprocess, sys, xml.etree.ElementTree as E
N = "{http://www.w3.org/2000/svg}"
CONTROL = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
single = [bytes([c]) + b"name" for c in range(256) if c not in b"\n;"] + [b"name" + bytes([c]) + b"." for c in range(256) if c not in b"\n;"]
names = single + [b"]]>", b"</script><script>alert(1)</script>", b'"><img src=x onerror=alert(1)>', b"</title></svg>", b"&amp &#0 &lt", b"<!--", b"-->", b"<![CDATA[",
    b"\\x41", b"C:\\Users\\f.py", b"bidi\xe2\x80\xaex\xd8\x9c", b"sep\xe2\x80\xa8", b"c1\xc2\x9bm", b"cut\xe2\x82", b"\xed\xa0\x80", b"\xef\xbf\xbe\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf",
    b"\xc3\xa9" * 300, b"\xe6\xbc\xa2" * 300, b"\xf0\x9f\x98\x80" * 300, b"e\xcc\x81" * 300, b"<" * 300, b"\xff" * 300, b"&" * 300]
lines = b"".join(n + b" 1000\n" for n in names)

def shown(name):
    text = "".join(c if not "\udc80" <= c <= "\udcff" else "\\x%02x" % (ord(c) - 0xdc00) for c in name.decode("utf-8", "surrogateescape"))
    return CONTROL.sub(lambda m: "".join("\\x%02x" % b for b in m[0].encode()), text)

for extra in [], ["--title", "]]></title><script>alert(1)</script>\x1b\udcff", "--unit", '"><script>alert(2)</script>'], ["--html"]:
    run = subprocess.run(["flame", *extra], input=lines, capture_output=True)
    text = run.stdout.decode("utf-8")
    assert run.returncode == 0, run.stderr
    assert not CONTROL.search(text), CONTROL.search(text)
    part = text if "--html" not in extra else text[text.index("<svg "):text.index("</svg>") + 6]
    svg = E.fromstring(part.encode())
    rects = svg.findall("%sg[@class='frames']/%sg/%srect" % (N, N, N))
    got = {r.find(N + "title").text.split("\n")[0] for r in rects}
    want = {shown(n) for n in names} | {"all"}
    assert got == want, sorted(got ^ want)[:5]
    for label in svg.findall("%sg[@class='frames']/%sg/%stext" % (N, N, N)):
        assert any(n.startswith(label.text.removesuffix("..")) for n in want), label.text
    tags = {e.tag.removeprefix(N) for e in svg.iter()}
    assert tags == {"svg", "title", "style", "script", "rect", "g", "text"}, tags
    assert len(svg.findall(N + "script")) == 1
    for outside in "href", "url(", "import", "src=", "http-equiv":
        assert outside not in re.sub("<title>.*?</title>|<td>.*?</td>|<text.*?</text>", "", text, flags=re.S).replace("<svg xmlns=", ""), outside
    assert not re.search(r"\beval\b|innerHTML|Function\(", svg.find(N + "script").text)
    if "--html" in extra:
        class Page(html.parser.HTMLParser):
            tags = set()
            def handle_starttag(self, tag, attrs):
                self.tags.add(tag)
                assert not any(k.startswith("on") for k, _ in attrs), attrs
        page = Page()
        page.feed(re.sub(r"<!\[CDATA\[.*?\]\]>", "", text, flags=re.S))
        assert page.tags == {"html", "head", "meta", "title", "style", "body", "svg", "script", "rect", "g", "text", "h2", "table", "thead", "tbody", "tr", "th", "td"}, page.tags
        assert "]]>" in text and text.count("]]>") == 2, "CDATA ends elsewhere"
END
ok 'names and titles of any bytes: well-formed, escaped, nothing from outside' python3 "$tmp/hostile.py"

# Pages ------------------------------------------------------------------------------------------

cat >"$tmp/page.py" <<'END'
import collections, re, subprocess, sys
path, diff = sys.argv[1], sys.argv[2:]
text = subprocess.run(["flame", "--html", "--unit", "samples", "--title", "a < b", *diff, path], capture_output=True, check=True).stdout.decode()
svg = subprocess.run(["flame", "--unit", "samples", "--title", "a < b", *diff, path], capture_output=True, check=True).stdout.decode()
assert svg.split("\n", 1)[1] in text, "another picture in the page"
assert text.startswith("<!DOCTYPE html>") and "<title>a &lt; b</title>" in text and '<meta charset="utf-8">' in text
selfs = collections.defaultdict(lambda: [0, 0])
for line in open(path):
    stack, *values = re.match(r"(.*?)" + r"[ \t]+(\d+)" * (len(diff) + 1) + "$", line).groups()
    for i, v in enumerate(map(int, values)):
        selfs[stack.split(";")[-1]][i] += v
last = len(diff)
total = sum(v[last] for v in selfs.values())
rows = sorted(((-v[last], -v[0] if diff else 0, k) for k, v in selfs.items() if v[last]))[:20]
def share(a): return "%d.%02d %%" % divmod((2 * a * 10000 + total) // (2 * total), 100)
want = []
for now, before, name in rows:
    row = [format(-now, ",") + " samples", share(-now)]
    if diff:
        row += [format(-before, ",") + " samples", format(before - now, "+,") + " samples" if now != before else "0 samples"]
    want.append(row + [name or "(unnamed)"])
got = [[c.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for c in re.findall("<td>(.*?)</td>", r)] for r in re.findall("<tr>(<td>.*?)</tr>", text)]
assert got == want, (got, want)
END
ok '--html: the picture, and the frames with the largest self values' python3 "$tmp/page.py" "$tmp/random"
ok '--html --diff: with values before and changes' python3 "$tmp/page.py" "$tmp/pairs" --diff

# Deep, long, many -------------------------------------------------------------------------------

python3 -c 'print(";".join("f%d" % i for i in range(100000)), 5); print("f0;x 1")' >"$tmp/deep"
status 0 '100,000 frames deep' sh -c 'ulimit -s 256; exec flame --unit samples "$1"' - "$tmp/deep"
svg 'is cut at 512 rows, and it is said' 'int(svg.get("height")) < 9000 and said("left-out") == "not drawn: 99,489 frames above row 512 (83.33 % of all)"'
python3 -c '
for i in range(7000): print(";".join("s%d_%d" % (i, d) for d in range(20)), 1 + (i < 100))' >"$tmp/many"
status 0 '140,000 frames of 0.16 px' flame "$tmp/many"
svg 'are too many: the least width doubles' 'said("left-out") == "not drawn: 138,000 frames narrower than 0.2 px (97.18 % of all)" and len(titles) == 2001'
python3 -c 'print("a" * 10000000 + ";b 1")' >"$tmp/long"
status 0 'a name of 10 MB' flame "$tmp/long"
python3 -c 'import sys; sys.stdout.write("a" * 34000000)' >"$tmp/long"
refuses 1 'line 1: longer than' 'a line of 34 MB' flame "$tmp/long"

# A million lines of whatever shape are a second's work; what were quadratic in one of them would take hours.
shape() {
	python3 -c '
import random, sys
lines = ["%s %d\n" % (eval(sys.argv[1]), i % 7 + 1) for i in range(1000000)]
random.Random(1).shuffle(lines)
sys.stdout.writelines(lines)' "$1" >"$tmp/million"
	status 0 "a million lines: $1" timeout 120 flame -o /dev/null "$tmp/million"
}
shape '"main;child%d" % i'
shape '"r%d;b;c;d;e;f" % (i % 50000)'
shape '"a;" * (i % 60) + "b"'
done_testing
