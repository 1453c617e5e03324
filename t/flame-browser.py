#!/usr/bin/env python3
"""flame-browser.py FOLDER - what the script of a flame graph does, in headless Chromium; prints TAP

Writes pictures into FOLDER, opens them, and uses them as a user does: mouse, keys, address.
"""
import os
import re
import subprocess
import sys
import urllib.parse

import chromium
import flame as reading

FRAMES = """[...document.querySelectorAll('.frames > g')].flatMap((g, row) => [...g.querySelectorAll('rect')].map(r => {
    const t = r.nextElementSibling && r.nextElementSibling.localName === 'text' ? r.nextElementSibling : null;
    return {row, name: r.firstElementChild.textContent.split('\\n')[0], shown: r.style.display !== 'none', up: r.classList.contains('up'),
        hit: r.classList.contains('hit'), x: +r.getAttribute('x'), width: +r.getAttribute('width'), f: r.dataset.f,
        label: t && t.style.display !== 'none' ? t.textContent : '', overflow: t && t.textContent ? t.getComputedTextLength() - +r.getAttribute('width') : -1}; }))"""
STACKS = ["main;train;aten::mm;cudaLaunchKernel;ampere_sgemm_128x64 600", "main;train;aten::mm;cudaLaunchKernel;void gemm<float>() 150", "main;train;aten::add_ 50",
          "main;train;Optimizer.step#SGD 25", "main;load;a/very/long/path/to/dataset/loader.py(123): read_the_next_batch 100", "main;load;漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字 50",
          "main;train;aten::mm;aten::mm 20", "main;c++ 5"] + ["main;tiny;t%d 1" % i for i in range(3)]
NASTY = ["<script>alert(1)</script>", "</script><script>alert(2)</script>", "]]>", '"><img src=x onerror=alert(3)>', "&lt", "<b>bold</b>", "javascript:alert(4)", "${alert(5)}", "\\u003cimg\\u003e", "a' onclick='alert(6)"]

tests = failed = 0


def ok(holds, sentence, *why):
    global tests, failed
    tests += 1
    failed += not holds
    print("%sok %d - %s" % ("" if holds else "not ", tests, sentence))
    for w in why if not holds else ():
        print("#", ascii(w)[:1000])
    sys.stdout.flush()


def near(a, b, within=0.02):
    return abs(a - b) <= within


class Picture:
    """a page with a flame graph"""

    def __init__(self, browser, path, fragment="", **size):
        self.page = browser.open("file://" + path + fragment, **size)

    def frames(self):
        return self.page.eval(FRAMES)

    def frame(self, name):
        return next(f for f in self.frames() if f["name"] == name)

    def at(self, name):
        """the middle of a frame, in the window"""
        return self.page.eval("""(() => { const r = [...document.querySelectorAll('.frames rect')].find(r => r.firstElementChild.textContent.split('\\n')[0] === %r);
            r.scrollIntoView({block: 'center'}); const b = r.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()""" % name)

    def click(self, name):
        self.page.click(*self.at(name))
        self.page.settle()

    def text(self, selector):
        return self.page.eval("document.querySelector(%r).textContent" % selector)

    def search(self, text):
        self.page.key("f", modifiers=2)
        self.page.type(text)
        self.page.settle()

    def shown(self):
        return {f["name"] for f in self.frames() if f["shown"]}


def write(folder, name, lines, *options):
    path = os.path.join(folder, name)
    subprocess.run(["flame", "-o", path, *options], input="\n".join(lines).encode(), check=True)
    return path


def test_layout(p, path):
    static = reading.read_frames(path)[1] if path.endswith(".svg") else None
    live = p.frames()
    if static:
        same = [(a["label"], b["label"]) for a, b in zip(static, live) if a["label"] != b["label"]]
        ok(len(static) == len(live) and not same, "the script cuts names as the program did", same)
    ok(all(f["overflow"] < 0 for f in live), "every label is within its frame", [f for f in live if f["overflow"] >= 0])
    p.page.size(800, 600)
    p.page.settle()
    ok(near(p.frame("all")["width"], 780) and near(p.frame("train")["width"], 780 * 845 / 1003), "a narrower window: a narrower picture", p.frame("all"))
    ok(all(f["overflow"] < 0 for f in p.frames()), "with labels that fit again")
    p.page.size(1200, 900)
    p.page.settle()
    ok(near(p.frame("all")["width"], 1180), "and back")


def test_zoom(p):
    p.click("aten::mm")
    frames = p.frames()
    zoomed = p.frame("aten::mm")
    ok(near(zoomed["width"], 1180) and near(zoomed["x"], 0) and not zoomed["up"], "a click: the frame takes the whole width", zoomed)
    ok([f["name"] for f in frames if f["up"]] == ["all", "main", "train"] and all(near(f["width"], 1180) for f in frames if f["up"]),
       "what it stands on is as wide, and faded", frames)
    launch = p.frame("cudaLaunchKernel")
    ok(near(launch["width"], 1180 * 750 / 770) and near(p.frame("void gemm<float>()")["x"], 1180 * (20 + 600) / 770), "what stands on it keeps its share",
       launch, p.frame("void gemm<float>()"))
    ok(p.shown() == {"all", "main", "train", "aten::mm", "cudaLaunchKernel", "ampere_sgemm_128x64", "void gemm<float>()"}, "all else is gone", p.shown())
    ok(p.frame("void gemm<float>()")["label"] == "void gemm<float>()", "names get the room that there is now")
    ok("x=3." in p.page.eval("location.hash"), "the address says it", p.page.eval("location.hash"))
    p.page.move(*p.at("void gemm<float>()"))
    want = "void gemm<float>()  ·  150.000 us, 14.96 % of all, 20.00 % of parent  ·  19.48 % of the zoomed frame"
    ok(p.text(".details") == want, "the details of a frame under the pointer, and its share of the zoomed one", p.text(".details"))
    p.page.key("Escape")
    p.page.settle()
    ok(len(p.shown()) == len({f["name"] for f in p.frames()}) and near(p.frame("train")["width"], 1180 * 845 / 1003), "Escape: all of it again", p.frame("train"))
    p.click("load")
    p.page.eval("document.querySelector('.reset').click()")
    ok(near(p.frame("load")["width"], 1180 * 150 / 1003) and p.page.eval("document.querySelector('.reset').hidden"), "Reset zoom, which is then gone")
    p.click("load")
    p.click("all")
    ok(near(p.frame("load")["width"], 1180 * 150 / 1003), "a click on the root")


def test_search(p):
    def found(text):
        p.page.key("Escape")
        p.search(text)
        return p.text(".matched"), sorted(f["name"] for f in p.frames() if f["hit"])
    got = found("aten::mm")
    ok(got == ("Matched: 76.8 %", ["aten::mm", "aten::mm"]), "Ctrl-F and a name: what is nested counts once", got)
    got = found("^t\\d$|add_")
    ok(got == ("Matched: 5.3 %", ["aten::add_", "t0", "t1", "t2"]), "a regular expression", got)
    got = found("c++")
    ok(got == ("Matched: 0.5 %", ["c++"]), "what is no regular expression: a part of a name", got)
    got = found("optimizer")
    ok(got[1] == ["Optimizer.step#SGD"], "small letters find large ones", got)
    got = found("Aten")
    ok(got == ("Matched: 0.0 %", []), "large ones not small ones", got)
    got = found("漢字")
    ok(got[0] == "Matched: 5.0 %", "names beyond ASCII", got)
    ok("s=" + urllib.parse.quote("漢字") in p.page.eval("location.hash"), "the address says it", p.page.eval("location.hash"))
    p.page.key("Escape")
    p.page.settle()
    ok(p.text(".matched") == "" and not any(f["hit"] for f in p.frames()), "Escape: nothing is sought")


def test_keys(p):
    p.page.eval("document.querySelector('.frames rect').focus()")
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft", "ArrowLeft"):
        p.page.key(key)
    ok(p.page.eval("document.activeElement.firstElementChild.textContent").startswith("load\n"), "arrows walk from frame to frame",
       p.page.eval("document.activeElement.outerHTML"))
    ok(p.text(".details").startswith("load  ·  "), "with their details", p.text(".details"))
    p.page.key("Enter")
    p.page.settle()
    ok(near(p.frame("load")["width"], 1180), "Enter zooms")
    p.page.key("ArrowDown")
    p.page.key("ArrowDown")
    p.page.key("Enter")
    p.page.settle()
    ok(near(p.frame("load")["width"], 1180 * 150 / 1003), "and out, on the root")


def test_address(browser, path):
    p = Picture(browser, path)
    f = p.frame("load")
    fragment = "#x=%d.%s&s=%s" % (f["row"], f["f"].split()[0], urllib.parse.quote("^漢"))
    p = Picture(browser, path, fragment)
    ok(near(p.frame("load")["width"], 1180) and p.text(".matched") == "Matched: 5.0 %", "an address with a frame and a search", p.text(".matched"))
    p.page.eval("location.hash = '#s=aten::add_'")
    p.page.settle()
    ok(near(p.frame("load")["width"], 1180 * 150 / 1003) and p.text(".matched") == "Matched: 5.0 %", "that is changed", p.text(".matched"))
    for odd in ("#s=(", "#x=9.9", "#x=1", "#%", "#s=%zz&x=-1", "?s=aten::add_"):
        p = Picture(browser, path, odd)
        ok(not p.page.complaints and len(p.frames()) > 10, "an odd address: " + odd.replace("#", "\\#"), p.page.complaints)
    ok(p.text(".matched") == "Matched: 5.0 %", "a query does as well")


def test_nasty(browser, folder):
    for name, options in (("nasty.svg", ()), ("nasty.html", ("--html",))):
        path = write(folder, name, ["%s;x 100" % n.replace(";", "") for n in NASTY], "--title", NASTY[1], "--unit", NASTY[0], *options)
        p = Picture(browser, path)
        names = {f["name"] for f in p.frames()}
        ok(names == set(NASTY) | {"all", "x"}, name + ": names stay text", names ^ set(NASTY))
        p.click(NASTY[0])
        p.search("script")
        p.page.move(*p.at(NASTY[0]))
        ok(not p.page.complaints, name + ": nothing runs, nothing is wrong", p.page.complaints)
        tags = set(p.page.eval("[...document.querySelectorAll('*')].map(e => e.localName)"))
        ok(not tags & {"img", "b", "a", "iframe"} and p.page.eval("document.querySelectorAll('script').length") == 1, name + ": no element comes from a name", tags)


def test_embedded(browser, folder, path):
    with open(os.path.join(folder, "img.html"), "w", encoding="utf-8") as f:
        f.write('<!DOCTYPE html><meta charset=utf-8><img src="%s" width=600>' % os.path.basename(path))
    page = browser.open("file://" + f.name)
    got = page.eval("(() => { const i = document.querySelector('img'); return [i.complete, i.naturalWidth, i.width, i.height / i.naturalHeight]; })()")
    ok(got == [True, 1200, 600, 0.5] and not page.complaints, "inside <img>, at half its size", got, page.complaints)


def test_wide(browser, folder):
    path = write(folder, "wide.svg", ["main;step%d;" % i + ";".join("frame%d_%d" % (d, i) for d in range(10)) + " 100" for i in range(3000)])
    p = Picture(browser, path)
    frames = p.frames()
    ok(len(frames) == 2 + 3000 * 11 and all(f["shown"] for f in frames), "3,000 stacks side by side: all are there", len(frames))
    p.search("frame5_77$")
    ok(p.text(".matched") == "Matched: 0.0 %" and sum(f["hit"] for f in p.frames()) == 1, "one of them is found")
    p.click("frame5_77")
    f = p.frame("frame5_77")
    ok(near(f["width"], 1180) and f["label"] == "frame5_77" and not p.page.complaints, "and zoomed to", f, p.page.complaints)


def main():
    folder = sys.argv[1]
    svg = write(folder, "flame.svg", [re.sub(r" (\d+)$", r" \g<1>000", s) for s in STACKS])
    html = write(folder, "flame.html", [re.sub(r" (\d+)$", r" \g<1>000", s) for s in STACKS], "--html")
    with chromium.Chromium() as browser:
        for path in (svg, html):
            print("#", path)
            p = Picture(browser, path)
            test_layout(p, path)
            test_zoom(p)
            test_search(p)
            test_keys(p)
            ok(not p.page.complaints, "nothing on the console", p.page.complaints)
        test_address(browser, svg)
        test_nasty(browser, folder)
        test_embedded(browser, folder, svg)
        test_wide(browser, folder)
    print("1..%d" % tests)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
