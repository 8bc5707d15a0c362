#!/usr/bin/env python3
"""Checks that every C++ file is as clang-format 16 writes it; with --fix, writes it so."""
import pathlib
import subprocess
import sys

FOLDERS = ["include", "tests", "examples", "bench"]


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    files = [str(f.relative_to(root)) for d in FOLDERS for s in ("*.hpp", "*.cpp") for f in sorted((root / d).rglob(s))]
    how = ["-i"] if "--fix" in sys.argv else ["--dry-run", "-Werror", "--ferror-limit=2"]
    return subprocess.run(["clang-format-16", "--style=file", *how, *files], cwd=root).returncode if files else 0


if __name__ == "__main__":
    sys.exit(main())
