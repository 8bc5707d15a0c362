#!/usr/bin/env python3
"""Checks that every place that names weir's version agrees with include/weir/version.hpp."""
import json
import pathlib
import re
import sys


def check(root):
    text = (root / "include/weir/version.hpp").read_text()
    parts = [re.search(rf"WEIR_VERSION_{part} (\d+)", text).group(1) for part in ("MAJOR", "MINOR", "PATCH")]
    version = ".".join(parts)
    found = []

    def expect(where, value, allowed=(version,)):
        if value not in allowed:
            found.append(f"{where}: says {value}, version.hpp says {version}")

    expect("include/weir/version.hpp", re.search(r'WEIR_VERSION "([^"]*)"', text).group(1))
    expect("vcpkg.json", json.loads((root / "vcpkg.json").read_text())["version-semver"])
    if re.search(r'^\s*version\s*=\s*["\']', (root / "conanfile.py").read_text(), re.M):
        found.append("conanfile.py: has a version of its own; it reads version.hpp")
    pages = [root / "README.md", *(root / "docs").rglob("*.md"), *(root / "tests/consumer").rglob("CMakeLists.txt")]
    for page in pages:
        if not page.is_file():
            continue
        for number, line in enumerate(page.read_text().splitlines(), 1):
            where = f"{page.relative_to(root)}:{number}"
            for hit in re.finditer(r"GIT_TAG\s+v?(\d[\d.]*\d)|\bweir/(\d+\.\d+\.\d+)", line):
                expect(where, hit.group(1) or hit.group(2))
            for hit in re.finditer(r"find_package\(weir (\d[\d.]*\d)", line):
                expect(where, hit.group(1), (version, ".".join(parts[:2])))
    return found


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    found = check(root)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
