#include <weir/state/lmdb.hpp>
#include <weir/state/random_reads.hpp>

#include "catch.hpp"
#include "state/temp_directory.hpp"

#include <filesystem>
#include <fstream>
#include <string>

using weir_test::temp_directory;

namespace {

// What the kernel says of the mapping of a file: the two letters of each of its flags.
std::string flags_of(std::string const& path) {
  std::ifstream maps("/proc/self/smaps");
  bool found = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(' ' + path)) found = true;
    if (found && line.starts_with("VmFlags:")) return line;
  }
  return "";
}

}  // namespace

TEST_CASE("random reads: the kernel is told of the file that is mapped, and of no other") {
  temp_directory const folder;
  weir::detail::lmdb_environment const store(folder / "a", std::size_t{1} << 24);
  weir::detail::lmdb_environment const other(folder / "b", std::size_t{1} << 24);
  std::string const path = std::filesystem::canonical(folder / "a/data.mdb").string();
  REQUIRE(flags_of(path).find(" rd ") != std::string::npos);
  CHECK(flags_of(path).find(" rr") == std::string::npos);  // random reads
  CHECK(!store.reads_at_random());
  REQUIRE(weir::detail::expect_random_reads(path));
  CHECK(flags_of(path).find(" rr") != std::string::npos);
  CHECK(flags_of(std::filesystem::canonical(folder / "b/data.mdb").string()).find(" rr") == std::string::npos);
  CHECK(!weir::detail::expect_random_reads(folder / "none"));
}

TEST_CASE("random reads: there is some memory, and not more than the machine has") {
  std::uint64_t const limit = weir::detail::memory_limit();
  CHECK(limit > std::uint64_t{1} << 20);
  CHECK(limit <= static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                     static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}
