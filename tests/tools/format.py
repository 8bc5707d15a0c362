#!/usr/bin/env python3
"""Checks that every C++ file is as clang-format 16 writes it; with --fix, writes it so."""
import pathlib
import re
import subprocess
import sys

FOLDERS = ["include", "tests", "examples", "bench"]


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    files = [str(f.relative_to(root)) for d in FOLDERS for s in ("*.hpp", "*.cpp") for f in sorted((root / d).rglob(s))]
    if "--fix" in sys.argv:
        return subprocess.run(["clang-format-16", "-i", *files], cwd=root).returncode
    done = subprocess.run(["clang-format-16", "--dry-run", "-Werror", *files], cwd=root, stderr=subprocess.PIPE, text=True)
    lines = {}
    for name, number in re.findall(r"^([^\s:]+):(\d+):\d+: error: ", done.stderr, re.M):
        lines.setdefault(name, []).append(int(number))
    for name, numbers in lines.items():
        print(f"{name}:{numbers[0]}: not as clang-format 16 writes it ({len(numbers)} places)")
    if done.returncode and not lines:
        print(done.stderr)
    if lines:
        print("put right by: ./dev format")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
