#!/usr/bin/env python3
"""The checks find what they are there to find: planted violations, and none in a sound tree."""
import pathlib
import sys
import tempfile
import unittest

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent / "errors")]
import guarantees  # noqa: E402
import layering  # noqa: E402
import snippets  # noqa: E402
import twins  # noqa: E402
import version  # noqa: E402


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


class Layering(Tree):
    def found(self, name, *lines):
        self.write(f"weir/{name}", "\n".join(["#pragma once", *lines, ""]))
        return [f"{n}:{l}: {text}" for n, l, text in layering.check(self.root)]

    def test_a_sound_tree_passes(self):
        self.write("weir/time.hpp", "#pragma once\n#include <weir/config.hpp>\n")
        self.write("weir/config.hpp", "#pragma once\n#include <weir/version.hpp>\n")
        self.write("weir/version.hpp", "#pragma once\n")
        self.write("weir/state/lmdb.hpp", "#pragma once\n#include <lmdb.h>\n#include <weir/core/key.hpp>\n")
        self.write("weir/core/key.hpp", "#pragma once\n#include <weir/time.hpp>\n#include <boost/hana/tuple.hpp>\n")
        self.write("weir/weir.hpp", "#pragma once\n#include <weir/state/lmdb.hpp>\n#include <weir/op/map.hpp>\n")
        self.assertEqual(self.found("op/map.hpp", "#include <weir/core/key.hpp>", "// std::cout << exit(1)",
                                    'auto s = "printf(";', "txn.abort();", "snprintf(b, 1, f);"), [])

    def test_an_include_that_points_upward(self):
        self.assertRegex(self.found("core/key.hpp", "#include <weir/state/codec.hpp>")[0], "key.hpp:2: .*above")
        self.assertRegex(self.found("core/key.hpp", "#include <weir/weir.hpp>")[0], "above")
        self.assertRegex(self.found("config.hpp", "#include <weir/time.hpp>")[0], "above")

    def test_a_policy_that_includes_an_operator(self):
        self.assertRegex(self.found("window/tumbling_windows.hpp", "#include <weir/op/map.hpp>")[0], "above")

    def test_an_include_that_points_sideways(self):
        self.assertRegex(self.found("window/tumbling_windows.hpp", "#include <weir/state/codec.hpp>")[0], "beside")

    def test_an_operator_that_includes_another(self):
        self.assertRegex(self.found("op/map.hpp", "#include <weir/op/filter.hpp>")[0], "another operator")
        self.assertEqual(self.found("op/map.hpp", "#include <weir/op/parts/box.hpp>"), [])
        self.assertRegex(self.found("op/parts/box.hpp", "#include <weir/op/map.hpp>")[-1], "another operator")

    def test_libraries_where_they_do_not_belong(self):
        self.assertRegex(self.found("state/store.hpp", "#include <lmdb.h>")[0], "only state/lmdb.hpp")
        self.assertRegex(self.found("state/store.hpp", "#include <boost/hana.hpp>")[0], "single headers")
        self.assertRegex(self.found("state/store.hpp", "#include <range/v3/all.hpp>")[0], "single headers")
        self.assertRegex(self.found("state/store.hpp", '#include "codec.hpp"')[0], "write <")
        self.write("weir/state/store.hpp", "#pragma once\n#include <simdjson.h>\n")
        self.assertRegex(self.found("weir.hpp", "#include <weir/state/store.hpp>")[0], "core dependencies")

    def test_a_folder_without_a_layer(self):
        self.assertRegex(self.found("misc/a.hpp")[0], "in no layer")

    def test_a_file_that_prints_exits_or_is_long(self):
        for line in ["std::cout << 1;", 'printf("a");', "fmt::print(f);", "std::exit(1);", "abort();", "::_exit(2);"]:
            self.assertEqual(len(self.found("op/map.hpp", line)), 1, line)
        self.assertEqual(self.found("op/map.hpp", "void abort() {", "other.exit(1);", "mdb_txn_abort(t);"), [])
        self.assertRegex(self.found("op/map.hpp", *["int a;"] * 400)[0], "402 lines|401 lines")


class Snippets(Tree):
    def setUp(self):
        super().setUp()
        self.write("examples/a.cpp", "// A\nint main() {\n  // [body]\n  int a = 1;\n\n  return a - 1;\n  // [/body]\n}\n")

    def found(self, text):
        self.write("README.md", text)
        return [problem for _, problem in snippets.process(self.root, self.root / "README.md")[1]]

    def test_equal_blocks_pass(self):
        self.assertEqual(self.found("<!-- snippet: examples/a.cpp body -->\n```cpp\nint a = 1;\n\nreturn a - 1;\n```\n"
                                    "```sh\n./dev test\n```\n"), [])
        whole = "// A\nint main() {\n  int a = 1;\n\n  return a - 1;\n}"
        self.assertEqual(self.found(f"<!-- snippet: examples/a.cpp -->\n\n```cpp\n{whole}\n```\n"), [])

    def test_what_is_wrong_is_found(self):
        self.assertRegex(self.found("```cpp\nint a;\n```\n")[0], "without <!-- snippet")
        self.assertRegex(self.found("<!-- snippet: examples/a.cpp body -->\nWords.\n```cpp\nint a;\n```\n")[0], "without")
        self.assertRegex(self.found("<!-- snippet: examples/a.cpp body -->\n```cpp\nint b = 1;\n```\n")[0], "differs")
        self.assertRegex(self.found("<!-- snippet: examples/b.cpp -->\n```cpp\n```\n")[0], "does not exist")
        self.assertRegex(self.found("<!-- snippet: examples/a.cpp gone -->\n```cpp\n```\n")[0], "no region")
        self.assertRegex(self.found("<!-- snippet: tests/main.cpp -->\n```cpp\n```\n")[0], "no program")

    def test_update_puts_it_right(self):
        self.write("README.md", "a\n\n<!-- snippet: examples/a.cpp body -->\n```cpp\nold\n```\nb\n")
        text, _ = snippets.process(self.root, self.root / "README.md")
        self.assertEqual(text, "a\n\n<!-- snippet: examples/a.cpp body -->\n```cpp\nint a = 1;\n\nreturn a - 1;\n```\nb\n")


class Guarantees(Tree):
    def setUp(self):
        super().setUp()
        self.write("tests/a/b_test.cpp", 'TEST_CASE("one") {\n}\nTEST_CASE(\n    "two", "[tag]") {}\n')
        self.write("tests/errors/c.cpp", "")
        self.write("include/weir/connector/file.hpp", "  static constexpr delivery guarantee = delivery::staged;\n")
        self.write("include/weir/connector/part.hpp", "// no connector\n")

    def found(self, text):
        self.write("docs/guarantees.md", text)
        return [problem for _, problem in guarantees.check(self.root)]

    def test_what_exists_passes(self):
        self.assertEqual(self.found('`file<T>`: `tests/a/b_test.cpp`: "one", "two"\nand "so", `tests/errors/c.cpp`.\n'), [])

    def test_what_is_wrong_is_found(self):
        self.assertRegex(self.found('`file` `tests/a/gone_test.cpp`: "one"')[0], "does not exist")
        self.assertRegex(self.found('`file` `tests/a/b_test.cpp`: "one", "three"')[0], 'no case "three"')
        self.assertRegex(self.found("`file` `tests/a/b_test.cpp`")[0], "name the case")
        self.assertRegex(self.found("nothing")[0], "file.hpp is a source or a sink")


class Twins(unittest.TestCase):
    one = "a.cpp:1:1: error: static assertion failed: weir::map: no\n  1 | x\n"

    def test_one_short_error_in_our_words_passes(self):
        self.assertEqual(twins.judge_bad(1, self.one, ["weir::map: no"]), [])
        self.assertEqual(twins.judge_bad(1, self.one + "1 error generated.\n", ["weir::map: no"]), [])
        self.assertEqual(twins.judge_bad(1, self.one, ["weir::map: no"], ["| x"]), [])
        self.assertEqual(twins.judge_good(0, ""), [])

    def test_everything_else_fails(self):
        self.assertTrue(twins.judge_bad(0, "", ["weir::map: no"]))
        self.assertTrue(twins.judge_bad(1, self.one, ["weir::filter: no"]))
        self.assertTrue(twins.judge_bad(1, self.one, ["weir::map: no"], ["| y"]))
        self.assertTrue(twins.judge_bad(1, self.one * 2, ["weir::map: no"]))
        self.assertTrue(twins.judge_bad(1, self.one + "note: much\n" * 14, ["weir::map: no"]))
        self.assertTrue(twins.judge_bad(1, "a.cpp:1:10: fatal error: weir/weir.hpp: no such file\n", ["weir::map"]))
        self.assertTrue(twins.judge_good(0, "a.cpp:1:1: warning: unused\n"))
        self.assertTrue(twins.judge_good(1, ""))


class Version(Tree):
    def found(self, vcpkg, readme):
        self.write("include/weir/version.hpp", "#define WEIR_VERSION_MAJOR 1\n#define WEIR_VERSION_MINOR 2\n"
                   '#define WEIR_VERSION_PATCH 3\n#define WEIR_VERSION "1.2.3"\n')
        self.write("vcpkg.json", f'{{"version-semver": "{vcpkg}"}}')
        self.write("conanfile.py", "")
        self.write("README.md", readme)
        return version.check(self.root)

    def test_versions(self):
        good = "find_package(weir 1.2)\nGIT_TAG v1.2.3\nweir/1.2.3\n"
        self.assertEqual(self.found("1.2.3", good), [])
        self.assertEqual(len(self.found("1.2.4", good)), 1)
        self.assertEqual(len(self.found("1.2.3", "find_package(weir 1.1)\nGIT_TAG v1.2.2\nweir/1.3.3\n")), 3)


if __name__ == "__main__":
    unittest.main()
