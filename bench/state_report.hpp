// How bench/state.cpp measures and prints: a row is weir's figure, and its ratio is to what the row's name ends in.
#pragma once

#include "bench.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// Arguments of this benchmark alone; what it does not know is left for bench::program.
struct state_sizes {
  std::uint64_t keys = 0, events = 0, payments = 0;  // 0: the usual
  std::uint64_t reopen_gib = 0;                      // 0: what the other rows have left there
  std::filesystem::path folder = std::filesystem::temp_directory_path(), cgroup{};

  static constexpr char const* usage =
      "and: [--keys N] [--events N] [--payments N] [--reopen GIB] [--folder FOR THE STATE]\n"
      "     [--cgroup FOLDER OF A MEMORY CGROUP THAT MAY BE LIMITED AND JOINED]\n";

  state_sizes(int& count, char** arguments) {
    int kept = 1;
    for (int i = 1; i < count; ++i) {
      std::string_view const name = arguments[i];
      bool const has_value = i + 1 < count;
      if (name == "--folder" && has_value)
        folder = arguments[++i];
      else if (name == "--cgroup" && has_value)
        cgroup = arguments[++i];
      else if (std::uint64_t* const number = number_of(name); number && has_value)
        read(arguments[++i], *number);
      else
        arguments[kept++] = arguments[i];
    }
    count = kept;
  }

 private:
  std::uint64_t* number_of(std::string_view name) {
    return name == "--keys"       ? &keys
           : name == "--events"   ? &events
           : name == "--payments" ? &payments
           : name == "--reopen"   ? &reopen_gib
                                  : nullptr;
  }
  static void read(std::string_view text, std::uint64_t& number) {
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size())
      throw std::invalid_argument("\"" + std::string(text) + "\" is no number");
  }
};

// A folder that is gone at the end.
class work_folder {
 public:
  explicit work_folder(std::filesystem::path const& in)
      : path_(in / ("weir-bench-" + std::to_string(::getpid()))), owner_(::getpid()) {
    std::filesystem::create_directories(path_);
  }
  work_folder(work_folder const&) = delete;
  work_folder& operator=(work_folder const&) = delete;
  ~work_folder() {
    std::error_code ignored;
    if (owner_ == ::getpid()) std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(std::string const& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
  ::pid_t owner_;
};

inline std::uint64_t bytes_in(std::filesystem::path const& folder) {
  std::uint64_t bytes = 0;
  for (auto const& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file()) bytes += entry.file_size();
  return bytes;
}
// What nobody has open is then read from the disk again.
inline void leave_page_cache(std::filesystem::path const& folder) {
  for (auto const& entry : std::filesystem::directory_iterator(folder)) {
    int const file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    ::fsync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
  }
}

inline double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}
// How long each round took: on the clock; of the processors for all threads of the process; and for the records' own.
struct times {
  std::vector<double> wall, processors, thread;

  template <class F>
  void add(F&& f) {
    auto const begin = std::chrono::steady_clock::now();
    double const all = of(CLOCK_PROCESS_CPUTIME_ID), own = of(CLOCK_THREAD_CPUTIME_ID);
    f();
    wall.push_back(seconds_since(begin));
    processors.push_back(of(CLOCK_PROCESS_CPUTIME_ID) - all);
    thread.push_back(of(CLOCK_THREAD_CPUTIME_ID) - own);
  }

 private:
  static double of(::clockid_t clock) {
    std::timespec t{};
    ::clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
};

inline double milliseconds(std::chrono::nanoseconds t) {
  return std::chrono::duration<double, std::milli>(t).count();
}

// The times of each round, of weir and of what the row's name ends in. `records` of them go through each.
inline void row(program const& p, std::string const& name, double records, std::vector<double> const& ours,
                std::vector<double> const& theirs) {
  if (!p.wants(name) || ours.empty() || theirs.size() != ours.size()) return;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i] / theirs[i]);
  double const ratio = median(ratios), value = records / median(ours) / 1e6,
               other = records / median(theirs) / 1e6;
  std::string const baseline = name.substr(name.rfind('/') + 1);
  if (p.json())
    std::printf(R"({"name":"%s","value":%.4g,"unit":"M records/s","baseline":"%s","ratio":%.4f})"
                "\n",
                name.c_str(), value, baseline.c_str(), ratio);
  else
    std::printf("  %-34s %12.3f %10.3f   baseline %.3f, %.2f times as fast\n", name.c_str(), value, ratio,
                other, 1 / ratio);
  std::fflush(stdout);
  p.figure(name + "/baseline", other, "M records/s");
}
// Whatever else ran meanwhile: microseconds of processors for a record.
inline void processor_figures(program const& p, std::string const& name, double records, times const& t) {
  p.figure(name + "/processors", median(t.processors) / records * 1e6, "us a record, all threads");
  p.figure(name + "/thread", median(t.thread) / records * 1e6, "us a record, the records' thread");
}
inline void heading(program const& p, std::string_view text) {
  if (!p.json()) std::printf("%.*s\n", static_cast<int>(text.size()), text.data());
  std::fflush(stdout);
}
// The same computation must give the same everywhere.
inline void expect_same(program& p, std::string const& name, std::uint64_t sum, std::uint64_t expected) {
  if (sum == expected) return;
  p.fail();
  std::fprintf(stderr, "%s: the checksum is not that of the baseline\n", name.c_str());
}

}  // namespace bench
