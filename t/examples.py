#!/usr/bin/env python3
"""examples.py FILE... - runs the examples of man pages and of README.md, prints TAP

  in a man page  a block .EX ... .EE        in Markdown  a fence ```console
  $ command                                 the line runs in sh, a \\ at its end goes on to the next
  what it prints                            up to the next `$ `: standard output, and standard
                                            error before or behind it

Commands run in a folder that shows the top of the repository, with the programs of $PATH; files
that they write there stay for the later examples of the same page and then go away.
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile

ESCAPES = {"aq": "'", "dq": '"', "ga": "`", "ha": "^", "ti": "~", "rs": "\\", "bu": "•", "en": "–",
           "em": "—", "pc": "·", "lq": "“", "rq": "”"}
ROFF = re.compile(r"\\(?:\((..)|\[(\w+)\]|f(?:\(..|\[\w*\]|.)|(.))")


def unescape(text):
    """a line of roff as it is shown"""
    def one(m):
        named = m.group(1) or m.group(2)
        if named:
            return ESCAPES[named]
        return {"e": "\\", "\\": "\\", "-": "-", "&": "", " ": " ", None: ""}[m.group(3)]
    return ROFF.sub(one, text)


def man_blocks(lines):
    """(number of the first line, lines) of each block"""
    block = None
    for number, line in enumerate(lines, 1):
        if line == ".EX":
            block = (number + 1, [])
        elif line == ".EE":
            yield block
            block = None
        elif block:
            if line.startswith("."):
                raise ValueError("line %d: a macro between .EX and .EE" % number)
            block[1].append(unescape(line))


def markdown_blocks(lines):
    block = None
    for number, line in enumerate(lines, 1):
        if block and line.startswith("```"):
            yield block
            block = None
        elif block:
            block[1].append(line)
        elif line == "```console":
            block = (number + 1, [])


def examples(path):
    """[line number, command, expected output] for each command of a file"""
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    blocks = markdown_blocks if path.endswith(".md") else man_blocks
    for first, block in blocks(lines):
        example = None
        for number, line in enumerate(block, first):
            if line.startswith("$ "):
                if example:
                    yield example
                example = [number, line[2:], ""]
            elif example and not example[2] and example[1].endswith("\\"):
                example[1] += "\n" + line
            elif example:
                example[2] += line + "\n"
        if example:
            yield example


def run(command, folder):
    """what it prints, and the same in the other order"""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        status = subprocess.run(["timeout", "60", "sh", "-c", command], cwd=folder, stdout=out,
                                stderr=err, stdin=subprocess.DEVNULL, check=False).returncode
        texts = []
        for f in (out, err):
            f.seek(0)
            texts.append(f.read().decode("utf-8", "backslashreplace"))
    last = "(no end within a minute)\n" if status == 124 else ""
    return [texts[0] + texts[1] + last, texts[1] + texts[0] + last]


def link_top(folder):
    """the entries of the repository's top, so that paths in examples are the same"""
    for name in os.listdir("."):
        if name not in (".git", "build"):
            os.symlink(os.path.abspath(name), os.path.join(folder, name))


def main():
    count = failed = 0
    for path in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            link_top(folder)
            for number, command, want in examples(path):
                count += 1
                got = run(command, folder)
                ok = want in got
                failed += not ok
                shown = " ".join(command.replace("\\\n", "").split())
                print("%sok %d - %s:%d %s" % ("" if ok else "not ", count, path, number,
                                             shown.replace("#", "\\#")[:100]), flush=True)
                if not ok:
                    for line in difflib.unified_diff(want.splitlines(), got[0].splitlines(),
                                                     "the page", "the command", lineterm=""):
                        print("#", line[:300])
    print("1..%d" % count)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
