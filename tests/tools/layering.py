#!/usr/bin/env python3
"""Checks the headers' includes and a few words against docs: includes point only downward, an operator never includes
another one, whole-library headers and LMDB stay where they belong, nothing prints or exits, no file is over 400 lines.

layering.py [folder that holds weir/]      prints each violation as file:line: text; exits 1 when there is one"""
import pathlib
import re
import sys

# One line a layer, lowest first; "a.hpp" stands directly in weir/, "a/" is a folder. A file includes its own folder
# and what stands in lower lines, nothing beside it.
LAYERS = [
    ["version.hpp", "config.hpp"],
    ["fwd.hpp", "time.hpp", "record.hpp", "error.hpp"],
    ["core/"],
    ["aggregate/", "state/", "window/", "watermark/", "format/"],
    ["checkpoint/"],
    ["op/"],
    ["connector/", "pattern/", "sql/"],
    ["runtime/"],
    ["app/"],
]
TOP = len(LAYERS)  # testing.hpp, weir.hpp and the umbrella headers of heavy components

# Folders of one layer that may include one another all the same, each with its reason.
BESIDE = {
}

LMDB_ONLY_IN = "state/lmdb.hpp"
WHOLE_LIBRARIES = {"boost/hana.hpp", "range/v3/all.hpp"}
# What weir.hpp may reach beyond the standard library: the core dependencies.
CORE_DEPENDENCIES = ("boost/", "fmt/", "range/v3/")
MAX_LINES = 400

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
PRINTS = re.compile(r"\b(?:cout|cerr|clog)\b|\b(?:std|fmt)::v?print(?:ln)?\s*\("
                    r"|(?<![\w.>])(?:f|v|vf)?(?:printf|puts|putchar|perror)\s*\(")
EXITS = re.compile(r"(?<![\w.>])(?<!void )(?:std::|::)?(exit|_exit|_Exit|quick_exit|abort|terminate)\s*\(")


def place(name):
    """(layer, folder) of a file named relative to weir/."""
    folder = name.split("/")[0] + "/" if "/" in name else None
    for layer, entries in enumerate(LAYERS):
        if (folder or name) in entries:
            return layer, folder or f"layer {layer}"
    return (None, folder) if folder else (TOP, "top")


def blank(text):
    """The text without comments and literals, line numbers kept."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'', re.S)
    return token.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def includes(text):
    for number, line in enumerate(text.split("\n"), 1):
        if found := INCLUDE.match(line):
            yield number, found.group(1), found.group(2)


def operator_part(other):
    """A large operator is cut in parts, op/<part>/*.hpp, which several operators may share; op/*.hpp are operators."""
    return other.count("/") > 1


def check_include(name, kind, target):
    if target in WHOLE_LIBRARIES:
        return f"includes <{target}>: include the single headers that are needed"
    if target == "lmdb.h" and name != LMDB_ONLY_IN:
        return f"includes <lmdb.h>: only {LMDB_ONLY_IN} may"
    if kind == '"':
        return f'includes "{target}": write <...>, headers of weir as <weir/...>'
    if not target.startswith("weir/"):
        return None
    other = target.removeprefix("weir/")
    (mine, my_folder), (theirs, their_folder) = place(name), place(other)
    if theirs is None:
        return f"includes <{target}>, which is in no layer"
    if my_folder == "op/" and their_folder == "op/" and not operator_part(other):
        return f"includes <{target}>: an operator never includes another operator"
    if my_folder == their_folder or theirs < mine or (my_folder, their_folder) in BESIDE:
        return None
    where = "above" if theirs > mine else "beside"
    return f"includes <{target}>, which stands {where} it: includes point only downward"


def check(root):
    weir = pathlib.Path(root) / "weir"
    texts = {p.relative_to(weir).as_posix(): p.read_text() for p in sorted(weir.rglob("*.hpp"))}
    found = []
    for name, text in texts.items():
        if place(name)[0] is None:
            found.append((name, 1, "stands in a folder that is in no layer"))
            continue
        if "#pragma once" not in text:
            found.append((name, 1, "has no #pragma once"))
        lines = text.count("\n")
        if lines > MAX_LINES:
            found.append((name, lines, f"has {lines} lines; {MAX_LINES} is the most"))
        for number, kind, target in includes(text):
            if problem := check_include(name, kind, target):
                found.append((name, number, problem))
        if not name.startswith("app/"):  # the command line of a program may talk and end it
            for number, line in enumerate(blank(text).split("\n"), 1):
                if hit := PRINTS.search(line):
                    found.append((name, number, f"prints ({hit.group().strip(' (')}): a library reports, it does not print"))
                if hit := EXITS.search(line):
                    found.append((name, number, f"calls {hit.group().strip(' (')}: throw a weir::error instead"))
    found += check_umbrella(texts)
    return found


def check_umbrella(texts):
    """weir.hpp must not reach a library that only an optional component needs."""
    seen, todo, found = set(), ["weir.hpp"] if "weir.hpp" in texts else [], []
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for number, _, target in includes(texts[name]):
            if target.startswith("weir/"):
                other = target.removeprefix("weir/")
                if other in texts:
                    todo.append(other)
                else:
                    found.append((name, number, f"includes <{target}>, which does not exist"))
            elif ("/" in target or target.endswith(".h")) and not is_core(target):
                found.append((name, number, f"includes <{target}> and is reached by weir.hpp, which needs only the core dependencies"))
    return found


def is_core(target):
    posix = re.fullmatch(r"(sys/\w+|fcntl|unistd|sched|signal|poll|errno|immintrin|emmintrin|x86intrin|time|dirent)(\.h)?", target)
    return target == "lmdb.h" or bool(posix) or target.startswith(CORE_DEPENDENCIES)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2] / "include"
    found = check(root)
    for name, number, problem in found:
        print(f"include/weir/{name}:{number}: {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
