// Telling the kernel that a mapped file is read here and there. By itself it reads 128 KiB around each page that is missing:
// good where the file fits into the page cache, and the end of it where it does not, since each of them drives others out.
#pragma once

#include <weir/config.hpp>
#include <weir/core/paths.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace weir::detail {

// A file of the kernel's, whose size it does not tell before; empty where there is none.
WEIR_COLD inline std::string kernel_text(std::string const& path) {
  std::string text;
  std::FILE* const file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return text;
  char part[4096];
  for (std::size_t n; (n = std::fread(part, 1, sizeof part, file)) != 0;) text.append(part, n);
  std::fclose(file);
  return text;
}
// Takes the text up to `end`, or all of it, off its front.
inline std::string_view take_until(std::string_view& text, char end) {
  std::string_view const first = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), first.size() + 1));
  return first;
}

// How much memory this process may have, the page cache of its files included: the machine's, or less where a control group
// (version 2, or 1) limits it. Bytes.
WEIR_COLD inline std::uint64_t memory_limit() {
  std::uint64_t limit = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                        static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  auto const apply = [&](std::string const& file) {
    std::string const text = kernel_text(file);  // a number, or "max"
    std::uint64_t n = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), n).ec == std::errc{})
      limit = std::min(limit, n);
  };
  std::string const groups = "/sys/fs/cgroup/";
  // In a container the group is the root of what is seen.
  apply(groups + "memory.max");
  apply(groups + "memory/memory.limit_in_bytes");
  std::string const own = kernel_text("/proc/self/cgroup");  // number:controllers:/path
  for (std::string_view rest = own; !rest.empty();) {
    std::string_view line = take_until(rest, '\n');
    take_until(line, ':');
    std::string_view const controllers = take_until(line, ':');
    if (line.empty()) continue;
    line.remove_prefix(1);
    if (controllers.empty()) apply(join_path(join_path(groups, line), "memory.max"));
    if (controllers == "memory") apply(join_path(join_path(groups + "memory/", line), "memory.limit_in_bytes"));
  }
  return limit;
}

// Of a file that this process has mapped; whether the kernel has taken it.
WEIR_COLD inline bool expect_random_reads(std::string const& file) {
  char name[PATH_MAX + 1] = " ";
  if (::realpath(file.c_str(), name + 1) == nullptr) return false;
  bool taken = false;
  std::string const maps = kernel_text("/proc/self/maps");  // begin-end permissions offset device inode   path
  for (std::string_view rest = maps; !rest.empty();) {
    std::string_view line = take_until(rest, '\n');
    if (!line.ends_with(name)) continue;
    std::uintptr_t begin = 0, end = 0;
    for (std::uintptr_t* const bound : {&begin, &end}) {
      std::string_view const digits = take_until(line, bound == &begin ? '-' : ' ');
      std::from_chars(digits.data(), digits.data() + digits.size(), *bound, 16);
    }
    taken |= end > begin && ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_RANDOM) == 0;
  }
  return taken;
}

}  // namespace weir::detail
