#!/usr/bin/env python3
"""flame.py check FOLDED SVG [--diff] - a flame graph against a computation of its own

Reads the folded stacks, works out which frames there have to be, and compares them with those of
the picture: values, places, widths, titles, labels, colours, what is left out. Prints what is wrong.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"
PLOT, ROW, ROWS, COLUMN = 1180, 16, 512, 7.25


def read_folded(path, numbers):
    """-> {stack as a tuple of names: [totals]}, the root is ()"""
    totals = {(): [0] * numbers}
    with open(path, "rb") as f:
        for line in f.read().split(b"\n"):
            if not line.strip():
                continue
            stack, *values = re.match(rb"(.*?)" + rb"[ \t]+(\d+)" * numbers + rb"\s*$", line).groups()
            values = [int(v) for v in values]
            frames = tuple(stack.decode().split(";"))
            for depth in range(len(frames) + 1):
                row = totals.setdefault(frames[:depth], [0] * numbers)
                for i, v in enumerate(values):
                    row[i] += v
    return totals


def share(part, whole):
    """percent with two decimals, rounded half up, without floats"""
    n = (2 * part * 10000 + whole) // (2 * whole)
    return "%d.%02d %%" % divmod(n, 100)


def signed(before, now, whole):
    sign = "+" if now > before else "-" if now < before else ""
    return sign + share(abs(now - before), whole)


def read_frames(path):
    """-> the element, [frame] row by row; a frame has name, title, start, value, x, width, label"""
    svg = ElementTree.parse(path).getroot()
    rows = svg.findall("%sg[@class='frames']/%sg" % (SVG, SVG))
    frames, below = [], []
    for number, g in enumerate(rows):
        here = []
        for e in g:
            if e.tag == SVG + "text":
                here[-1]["label"] = e.text
                continue
            start, value = map(int, e.get("data-f").split())
            title = e.find(SVG + "title").text
            parent = [f for f in below if f["start"] <= start < f["start"] + f["value"]]
            name = title.split("\n")[0]
            here.append({"row": number, "start": start, "value": value, "title": title, "name": name,
                         "path": parent[0]["path"] + ("" if name == "(unnamed)" else name,) if parent else (), "parent": parent[0] if parent else None,
                         "x": float(e.get("x")), "width": float(e.get("width")), "fill": e.get("fill"), "label": "",
                         "y": int(g.get("transform").split()[1].rstrip(")"))})
        frames += here
        below = here
    return svg, frames


def luminance(fill):
    def linear(c):
        c /= 255
        return c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
    r, g, b = (linear(int(fill[i:i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def label(name, columns):
    """ASCII alone"""
    if columns < 4:
        return ""
    if len(name) > columns:
        name = re.sub(r"^[^ (]*/(?=[^/ (]*\.py)", "", name)
    return name if len(name) <= columns else name[:columns - 2] + ".."


class Check:
    def __init__(self, folded, svg, diff):
        self.totals = read_folded(folded, 2 if diff else 1)
        self.svg, self.frames = read_frames(svg)
        self.diff, self.wrong = diff, []
        self.all = self.totals[()][-1]

    def that(self, holds, *text):
        if not holds:
            self.wrong.append(" ".join(map(str, text)))

    def drawn(self):
        return {path for path, row in self.totals.items()
                if row[-1] * PLOT * 10 >= self.all and row[-1] and len(path) < ROWS}

    def places(self, f):
        self.that(f["value"] == self.totals[f["path"]][-1], f["path"], f["value"], self.totals[f["path"]])
        self.that(abs(f["width"] - f["value"] / self.all * PLOT) <= 0.0101, f["path"], "width", f["width"])
        self.that(abs(f["x"] - f["start"] / self.all * PLOT) <= 0.0051, f["path"], "x", f["x"])
        parent = f["parent"]
        if parent:
            self.that(f["x"] >= parent["x"] and f["x"] + f["width"] <= parent["x"] + parent["width"] + 0.001,
                      f["path"], "is not within its parent")
            self.that(f["y"] == parent["y"] - ROW, f["path"], "does not stand on its parent")
        self.that(f["label"] == label(f["name"], int((f["width"] - 6) / COLUMN + 1e-9)), f["path"], "label", f["label"])

    def order(self):
        for a, b in zip(self.frames, self.frames[1:]):
            if a["row"] == b["row"]:
                self.that(a["x"] + a["width"] <= b["x"] + 0.001, a["path"], b["path"], "overlap")
                if a["parent"] is b["parent"]:
                    self.that(a["path"][-1].encode() < b["path"][-1].encode(), a["path"], "not sorted")
                    self.that(a["start"] + a["value"] == b["start"], a["path"], "a gap behind it")
            if a["parent"] is None or a["parent"] is not b["parent"]:
                self.that(b["start"] == b["parent"]["start"], b["path"], "does not begin with its parent")

    def titles(self, f):
        value, name = f["value"], f["name"]
        want = "%s\n%s%s samples, %s of all" % (name, "after " if self.diff else "", format(value, ","), share(value, self.all))
        if f["parent"]:
            want += ", %s of parent" % share(value, f["parent"]["value"])
        inner = sum(row[-1] for path, row in self.children.get(f["path"], ()))
        if 0 < value - inner < value:
            want += ", self %s samples" % format(value - inner, ",")
        if self.diff:
            before = self.totals[f["path"]][0]
            want += "\nbefore %s samples, %s of all\n%s, %s, %s of all" % (
                format(before, ","), share(before, self.totals[()][0]),
                format(value - before, "+,") + " samples" if value != before else "0 samples",
                signed(before, value, before) + " of before" if before else "new", signed(before, value, self.all))
        self.that(f["title"] == want, "title", repr(f["title"]), "wanted", repr(want))

    def colours(self, f):
        light = luminance(f["fill"])
        self.that((light + 0.05) / (luminance("#111111") + 0.05) >= 4.5, f["path"], f["fill"], "is too dark for text")
        if self.diff:
            before, now = self.totals[f["path"]]
            r, g, b = (int(f["fill"][i:i + 2], 16) for i in (1, 3, 5))
            largest = max(abs(self.totals[g_["path"]][1] - self.totals[g_["path"]][0]) for g_ in self.frames[1:])
            depth = 225 - round(105 * min(abs(now - before), largest) / (largest or 1))
            want = (238, 238, 238) if now == before else (255, depth, depth) if now > before else (depth, depth, 255)
            self.that(max(abs(x - y) for x, y in zip((r, g, b), want)) <= 1, f["path"], f["fill"], "wanted", want)

    def left_out(self, drawn):
        said = self.svg.find("%stext[@class='left-out']" % SVG).text or ""
        hidden = {path: row for path, row in self.totals.items() if path not in drawn and any(row)}
        gone = {p: r for p, r in hidden.items() if r[-1] == 0}
        deep = {p for p in hidden if p not in gone and len(p) >= ROWS and p[:ROWS - 1] in drawn}
        narrow = [p for p in hidden if p not in gone and p not in deep]
        parts = []
        for paths, why in ((narrow, "narrower than 0.1 px"), (deep, "above row 512")):
            value = sum(hidden[p][-1] for p in paths if p[:-1] in drawn)
            if paths:
                parts.append("%s frame%s %s (%s of all)" % (format(len(paths), ","), "s" * (len(paths) > 1), why, share(value, self.all)))
        if gone:
            value = sum(r[0] for p, r in gone.items() if self.totals[p[:-1]][-1])
            parts.append("%s frame%s only before (%s of before)" % (format(len(gone), ","), "s" * (len(gone) > 1), share(value, self.totals[()][0])))
        want = "not drawn: " + "; ".join(parts) if parts else ""
        self.that(said == want, "left out:", said, "wanted:", want)

    def run(self):
        drawn = self.drawn()
        self.children = {}
        for path, row in self.totals.items():
            if path:
                self.children.setdefault(path[:-1], []).append((path, row))
        got = [f["path"] for f in self.frames]
        self.that(len(set(got)) == len(got), "a frame is drawn twice")
        self.that(set(got) == drawn, "frames", sorted(set(got) ^ drawn)[:5])
        if self.wrong:
            return
        self.that(self.frames[0]["name"] == "all", "the root is not all")
        self.order()
        for f in self.frames:
            self.places(f)
            self.titles(f)
            self.colours(f)
        self.left_out(drawn)


def main():
    files = [a for a in sys.argv[2:] if a != "--diff"]
    check = Check(*files, "--diff" in sys.argv)
    check.run()
    print("\n".join(map(ascii, check.wrong[:20])))
    print("%d frames" % len(check.frames))
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
