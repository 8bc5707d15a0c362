#!/usr/bin/env python3
"""Compiles one file of tests/errors/ twice. With WEIR_BAD defined the build must fail with exactly one error, at most 15
lines of output and every text that the file promises: in the line of the error those of its `// expect: ...` lines, in any
line those of `// shows: ...`; without it, it must compile and have no warning.

twins.py --compiler g++ [--compiler clang++-16] [--headers DIR] file.cpp [-- more flags]
twins.py --compiler g++ [--compiler clang++-16] --headers DIR --prepare [-- more flags]     weir.hpp, compiled into DIR"""
import argparse
import os
import re
import subprocess
import sys

MAX_LINES = 15
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow"]
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


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, "LC_ALL": "C"})
    return done.returncode, done.stdout


def is_clang(compiler):
    return "clang" in os.path.basename(compiler)


def precompiled(compiler, headers):
    """Where weir.hpp lies compiled for this compiler, and the flags that use it."""
    if is_clang(compiler):
        file = os.path.join(headers, os.path.basename(compiler) + ".pch")
        return file, ["-include-pch", file]
    folder = os.path.join(headers, os.path.basename(compiler))
    return os.path.join(folder, "weir", "weir.hpp.gch"), ["-I" + folder]


def prepare(compiler, headers, flags):
    """Compiles weir.hpp once for all twins. g++ takes it only with the same -Wpedantic. clang makes at once what weir.hpp
    itself needs of templates, which each twin would do again; g++ cannot."""
    target, _ = precompiled(compiler, headers)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    wrapper = os.path.join(headers, "all.hpp")
    with open(wrapper, "w") as file:
        file.write("#include <weir/weir.hpp>\n")
    if is_clang(compiler):
        flags = ["-fpch-instantiate-templates", *flags]
    return run([compiler, "-std=c++20", *WARNINGS, *flags, "-x", "c++-header", wrapper, "-o", target])


def compile_file(compiler, headers, flags, file):
    use = precompiled(compiler, headers)[1] if headers else []
    status, output = run([compiler, "-std=c++20", "-fsyntax-only", "-fmessage-length=0", "-fdiagnostics-color=never",
                          *WARNINGS, *use, *flags, file])
    # Without the compiled header nobody would read of the file that it was made from.
    return status, "".join(line for line in output.splitlines(True) if "all.hpp:1" not in line)


def main():
    arguments, more = sys.argv[1:], []
    if "--" in arguments:
        cut = arguments.index("--")
        arguments, more = arguments[:cut], arguments[cut + 1:]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", action="append", required=True)
    parser.add_argument("--headers")
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("file", nargs="?")
    options = parser.parse_args(arguments)

    if options.prepare:
        failed = False
        for compiler in options.compiler:
            status, output = prepare(compiler, options.headers, more)
            print(output, end="")
            failed = failed or status != 0
        return 1 if failed else 0

    with open(options.file) as file:
        source = file.read()
    expected = re.findall(r"^// expect: (.*\S)\s*$", source, re.M)
    shown = re.findall(r"^// shows: (.*\S)\s*$", source, re.M)
    failed = not expected
    if not expected:
        print(f"{options.file}: has no line `// expect: <text of the promised error>`")
    for compiler in options.compiler:
        status, output = compile_file(compiler, options.headers, ["-DWEIR_BAD", *more], options.file)
        count = 0 if not output else output.rstrip("\n").count("\n") + 1
        print(f"{compiler}: {count} lines")
        bad = judge_bad(status, output, expected, shown)
        if bad:
            print("\n".join(bad), output, sep="\n")
        status, output = compile_file(compiler, options.headers, ["-Werror", *more], options.file)
        good = judge_good(status, output)
        if good:
            print("\n".join(good), output, sep="\n")
        failed = failed or bad or good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
