#!/usr/bin/env python3
"""Keeps the code in README.md and docs/*.md equal to programs that are compiled and run.

Each block of C++ stands under a comment that names its source, a file of examples/ or a region of one:

    <!-- snippet: examples/hello.cpp -->
    <!-- snippet: examples/fraud_detection.cpp rapid_spend -->

A region stands in the file between the lines `// [rapid_spend]` and `// [/rapid_spend]`; the indentation that its lines
share is taken away, and so are lines that only mark regions or switch clang-format.

snippets.py [--update] [root]      without --update prints each difference and exits 1 when there is one"""
import pathlib
import re
import sys
import textwrap

FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})\s*(\w+)?(.*)$")
NAMED = re.compile(r"^\s*<!--\s*snippet:\s*(\S+)(?:\s+(\S+))?\s*-->\s*$")
MARK = re.compile(r"^\s*//\s*(\[/?[\w.-]+\]|clang-format (off|on))\s*$")
LANGUAGES = {"cpp", "c++", "cxx", "cc"}


class Problem(Exception):
    pass


def wanted(root, path, region):
    if not re.fullmatch(r"examples/(docs/|tools/)?[\w.-]+\.cpp", path):
        raise Problem(f"{path} is no program in examples/ or examples/docs/")
    file = root / path
    if not file.is_file():
        raise Problem(f"{path} does not exist")
    lines = file.read_text().splitlines()
    if region:
        marks = {re.sub(r"\s", "", line): number for number, line in enumerate(lines) if MARK.match(line)}
        first, last = marks.get(f"//[{region}]"), marks.get(f"//[/{region}]")
        if first is None or last is None or last < first:
            raise Problem(f"{path} has no region {region}")
        lines = lines[first + 1:last]
    text = textwrap.dedent("\n".join(line for line in lines if not MARK.match(line)))
    return text.strip("\n").splitlines()


def process(root, page):
    """The page with its snippets brought up to date, and what was wrong: (line, text) pairs."""
    lines, out, problems = page.read_text().splitlines(), [], []
    source, position = None, 0
    while position < len(lines):
        line = lines[position]
        out.append(line)
        position += 1
        fence = FENCE.match(line)
        if not fence:
            if line.strip():
                source = NAMED.match(line)
            continue
        begin, indent, mark = position, fence.group(1), fence.group(2)
        while position < len(lines) and not re.match(rf"^\s*{re.escape(mark[0])}{{{len(mark)},}}\s*$", lines[position]):
            position += 1
        block = lines[begin:position]
        if (fence.group(3) or "").lower() in LANGUAGES or source:
            try:
                if not source:
                    raise Problem("a block of C++ without <!-- snippet: file [region] --> above it")
                text = [(indent + s).rstrip() for s in wanted(root, source.group(1), source.group(2))]
                if text != [s.rstrip() for s in block]:
                    problems.append((begin, f"differs from {' '.join(filter(None, source.groups()))}"))
                    block = text
            except Problem as problem:
                problems.append((begin, str(problem)))
        out += block
        if position < len(lines):
            out.append(lines[position])
            position += 1
        source = None
    return "\n".join(out) + "\n", problems


def main():
    arguments = sys.argv[1:]
    update = "--update" in arguments
    rest = [a for a in arguments if a != "--update"]
    root = pathlib.Path(rest[0]) if rest else pathlib.Path(__file__).resolve().parents[2]
    failed = False
    for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        if not page.is_file():
            continue
        text, problems = process(root, page)
        if update and text != page.read_text():
            page.write_text(text)
            problems = process(root, page)[1]
        for number, problem in problems:
            failed = True
            print(f"{page.relative_to(root)}:{number}: {problem}")
    if failed and not update:
        print("differences are put right by: ./dev docs")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
