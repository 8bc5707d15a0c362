#!/usr/bin/env python3
"""Checks docs/guarantees.md: every test that it names exists, and every source and sink of weir is in it; and that every test
that docs/features.md names exists.

A test is named as `tests/<folder>/<name>_test.cpp`: "case", "case"; another file of tests/ is named alone. A connector is
there when its header's name stands in backquotes.

guarantees.py [root]      prints each problem and exits 1 when there is one"""
import pathlib
import re
import sys

PAGE, FEATURES = "docs/guarantees.md", "docs/features.md"
CITED = re.compile(r'`(tests/[\w./-]+)`((?::?,?\s+"[^"]+")*)')
CASE = re.compile(r'\bTEST_CASE\(\s*"((?:[^"\\]|\\.)*)"')
CONNECTOR = re.compile(r"static constexpr (?:delivery guarantee|bool replayable)\b")


def check(root):
    """What is wrong, as (line, text) pairs."""
    text = (root / PAGE).read_text()
    problems, cases = [], {}
    for cited in CITED.finditer(text):
        line = text.count("\n", 0, cited.start()) + 1
        path, names = cited.group(1), re.findall(r'"([^"]+)"', cited.group(2))
        if not (root / path).is_file():
            problems.append((line, f"{path} does not exist"))
            continue
        if path not in cases:
            cases[path] = set(CASE.findall((root / path).read_text()))
        if path.endswith("_test.cpp") and not names:
            problems.append((line, f"{path}: name the case that shows it"))
        problems += [(line, f'{path} has no case "{name}"') for name in names if name not in cases[path]]
    quoted = set(re.findall(r"`([\w:]+)[^`]*`", text))
    for header in sorted((root / "include/weir/connector").glob("*.hpp")):
        if CONNECTOR.search(header.read_text()) and header.stem not in quoted:
            problems.append((1, f"{header.name} is a source or a sink, and the page says nothing of it"))
    return problems


def check_features(root):
    text = (root / FEATURES).read_text()
    return [(text.count("\n", 0, cited.start()) + 1, f"{cited.group(1)} does not exist")
            for cited in CITED.finditer(text) if not (root / cited.group(1)).is_file()]


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    problems = check(root)
    for line, text in problems:
        print(f"{PAGE}:{line}: {text}")
    missing = check_features(root)
    for line, text in missing:
        print(f"{FEATURES}:{line}: {text}")
    return 1 if problems or missing else 0


if __name__ == "__main__":
    sys.exit(main())
