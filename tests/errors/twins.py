#!/usr/bin/env python3
"""Compiles one file of tests/errors/ twice. With WEIR_BAD defined the build must fail with exactly one error, at most 15
lines of output and every text that the file promises: in the line of the error those of its `// expect: ...` lines, in any
line those of `// shows: ...`; without it, it must compile and have no warning.

twins.py --compiler g++ [--compiler clang++-16] file.cpp [-- more flags]"""
import argparse
import os
import re
import subprocess
import sys

MAX_LINES = 15
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]
ERROR = re.compile(r"\b(?:fatal )?error: ")


def judge_bad(status, output, expected, shown=()):
    """What is wrong with the bad build's output, as a list of sentences."""
    if status == 0:
        return ["the bad build compiles"]
    problems = []
    lines = output.rstrip("\n").split("\n")
    errors = [line for line in lines if ERROR.search(line)]
    if len(errors) != 1:
        problems.append(f"the bad build has {len(errors)} errors, not 1")
    if len(lines) > MAX_LINES:
        problems.append(f"the bad build prints {len(lines)} lines, more than {MAX_LINES}")
    for text in expected:
        if not any(text in line for line in errors):
            problems.append(f"the error does not say: {text}")
    problems += [f"the output does not show: {text}" for text in shown if text not in output]
    return problems


def judge_good(status, output):
    return [] if status == 0 and not output.strip() else ["the good build does not compile without warnings"]


def compile_file(compiler, flags, file):
    command = [compiler, "-std=c++20", "-fsyntax-only", "-fmessage-length=0", "-fdiagnostics-color=never", *flags, file]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, "LC_ALL": "C"})
    return done.returncode, done.stdout


def main():
    arguments, more = sys.argv[1:], []
    if "--" in arguments:
        cut = arguments.index("--")
        arguments, more = arguments[:cut], arguments[cut + 1:]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", action="append", required=True)
    parser.add_argument("file")
    options = parser.parse_args(arguments)

    with open(options.file) as file:
        source = file.read()
    expected = re.findall(r"^// expect: (.*\S)\s*$", source, re.M)
    shown = re.findall(r"^// shows: (.*\S)\s*$", source, re.M)
    failed = not expected
    if not expected:
        print(f"{options.file}: has no line `// expect: <text of the promised error>`")
    for compiler in options.compiler:
        status, output = compile_file(compiler, ["-DWEIR_BAD", *more], options.file)
        count = 0 if not output else output.rstrip("\n").count("\n") + 1
        print(f"{compiler}: {count} lines")
        bad = judge_bad(status, output, expected, shown)
        if bad:
            print("\n".join(bad), output, sep="\n")
        status, output = compile_file(compiler, [*STRICT, *more], options.file)
        good = judge_good(status, output)
        if good:
            print("\n".join(good), output, sep="\n")
        failed = failed or bad or good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
