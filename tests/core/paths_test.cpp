// Paths as text: the same as std::filesystem says of them.
#include <weir/core/paths.hpp>

#include "catch.hpp"
#include "files.hpp"
#include "state/temp_directory.hpp"

#include <cerrno>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <system_error>

namespace {

namespace d = weir::detail;
namespace fs = std::filesystem;
using weir_test::temp_directory;

std::string random_path(std::mt19937& random, bool from_root) {
  constexpr std::string_view parts[] = {"a", "b.c", ".", "..", "", ".d", "e-f"};
  std::string path = from_root ? "/" : "";
  for (unsigned n = random() % 7; n != 0; --n) (path += parts[random() % std::size(parts)]) += '/';
  if (random() % 2 == 0 && path.size() > 1) path.pop_back();
  return path;
}

TEST_CASE("an absolute path is what std::filesystem says") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 5000; ++i) {
    std::string const path = random_path(random, random() % 2 == 0);
    if (path.empty() || path.starts_with("//")) continue;
    CAPTURE(path);
    fs::path const said = fs::absolute(path).lexically_normal();
    REQUIRE(d::absolute_path(path) == said.string());
    fs::path const folder = said.has_filename() ? said : said.parent_path();
    REQUIRE(d::absolute_folder(path) == folder.string());
    REQUIRE(d::parent_path(folder.string()) == folder.parent_path().string());
    REQUIRE(d::file_name(folder.string()) == folder.filename().string());
    REQUIRE(d::join_path(folder.string(), "x") == (folder / "x").string());
    std::error_code failed;
    REQUIRE(d::canonical_path(folder.string()) == fs::weakly_canonical(folder, failed).string());
  }
  CHECK(d::absolute_path("").empty());
  CHECK(d::absolute_folder("").empty());
  CHECK(d::parent_path("a").empty());
  CHECK(d::parent_path("").empty());
  CHECK(d::join_path("", "a") == "a");
}

TEST_CASE("links are followed where that is said") {
  temp_directory const t;
  std::string const root = d::canonical_path(t.path().string());
  fs::create_directories(t / "real/below");
  fs::create_directory_symlink("real", t / "link");
  fs::create_symlink("nowhere", t / "dangling");
  weir_test::write(t / "real/file", "12345");

  CHECK(d::canonical_path(d::join_path(root, "link/below/not/there")) == root + "/real/below/not/there");
  CHECK(d::canonical_path(root + "/dangling/x") == root + "/dangling/x");
  CHECK(d::canonical_path(root + "/link") == root + "/real");
  CHECK(d::canonical_path("/") == "/");
  CHECK(d::canonical_path("/no such folder/x") == "/no such folder/x");

  CHECK(d::is_folder(root + "/link"));
  CHECK_FALSE(d::is_folder(root + "/link/file"));
  CHECK(d::kind_of_file(root + "/link/file") == d::file_kind::regular);
  CHECK(d::kind_of_file("/dev/null") == d::file_kind::other);
  CHECK_FALSE(d::is_there(root + "/dangling"));
  CHECK_FALSE(d::is_there(root + "/real/file/x"));
  CHECK(d::size_of_file(root + "/link/file") == 5);
  CHECK_FALSE(d::size_of_file(root + "/none"));
  CHECK(d::same_file(root + "/link/file", root + "/real/file"));
  CHECK_FALSE(d::same_file(root + "/link", root + "/real/below"));
  CHECK_FALSE(d::same_file(root + "/none", root + "/none"));
}

TEST_CASE("folders are made, listed and removed") {
  temp_directory const t;
  std::string const root = t.path().string();
  CHECK(d::make_one_folder(root + "/a") == 0);
  CHECK(d::make_one_folder(root + "/a") == 0);
  CHECK(d::make_one_folder(root + "/b/c") == ENOENT);
  weir_test::write(t / "file", "1");
  CHECK(d::make_one_folder(root + "/file") == EEXIST);
  fs::create_directory_symlink("a", t / "link");

  std::map<std::string, bool> entries;
  auto const keep = [&](std::string const& name, bool folder) {
    entries[name] = folder;
    return 0;
  };
  CHECK(d::list_folder(root, keep) == 0);
  CHECK(entries == std::map<std::string, bool>{{"a", true}, {"file", false}, {"link", false}});
  CHECK(d::list_folder(root, [](std::string const&, bool) { return 7; }) == 7);
  CHECK(d::list_folder(root + "/none", keep) == ENOENT);
  CHECK(d::list_folder(root + "/file", keep) == ENOTDIR);

  CHECK(d::remove_file(root + "/link") == 0);
  CHECK(d::is_folder(root + "/a"));
  CHECK(d::remove_file(root + "/a") == 0);
  CHECK(d::remove_file(root + "/a") == 0);
  CHECK(d::remove_file(root + "/file") == 0);
  CHECK(fs::is_empty(t.path()));
}

TEST_CASE("which of two folders lies in the other") {
  CHECK(d::lies_in("/a/b", "/a"));
  CHECK(d::lies_in("/a", "/a"));
  CHECK(d::lies_in("/a", "/"));
  CHECK_FALSE(d::lies_in("/ab", "/a"));
  CHECK_FALSE(d::lies_in("/a", "/a/b"));
}

}  // namespace
