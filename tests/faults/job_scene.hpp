// The small job (job.cpp) in a folder of its own, with what it must give.
#pragma once

#include "catch.hpp"
#include "faults/faulty_program.hpp"
#include "files.hpp"
#include "state/temp_directory.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace weir_test {

inline bool soak() { return std::getenv("WEIR_SOAK") != nullptr; }
// The same each time in CI, another one in each soak. A failed test prints it.
inline std::uint64_t faults_seed() { return soak() ? std::random_device{}() : 20'260'101; }

// The whole lines, sorted: results that come at one instant have no order.
inline std::vector<std::string> sorted_lines(std::string const& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    lines.push_back(text.substr(at, end - at));
  std::ranges::sort(lines);
  return lines;
}

// CSV for the job: few keys, one of them longer than LMDB takes; some records make long lines where `large` is set.
inline void write_readings(std::filesystem::path const& path, std::uint64_t seed, int records, bool large) {
  std::mt19937_64 random(seed);
  std::string const keys[] = {"a", "b", "c", "long" + std::string(600, 'k')};
  std::ofstream out(path);
  out << "key,at,value,filler\n";
  int seconds = 10;
  for (int i = 0; i < records; ++i) {
    seconds += static_cast<int>(random() % 3);
    int const at = seconds - static_cast<int>(random() % 3);
    int const filler = !large ? 0 : i == 10 || i == 11 ? 40'000 : i == 20 || i == 21 ? 150'000 : 0;
    out << keys[random() % 4] << ",2026-01-01T00:" << (at / 60 < 10 ? "0" : "") << at / 60 << ':'
        << (at % 60 < 10 ? "0" : "") << at % 60 << "Z," << 1 + random() % 50 << ',' << filler << '\n';
  }
}

// Thousands of runs write a million bytes each: in memory where that is possible.
struct in_memory {
  in_memory() {
    if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 0);
  }
};

struct job_scene : in_memory {
  temp_directory folder;
  std::filesystem::path input = folder / "in.csv", said = folder / "said", fired = folder / "fired",
                        log = folder / "log", root = folder / "root";
  std::string mode = "stops", batch = "6";
  std::vector<std::string> windows, totals;  // what must come out

  explicit job_scene(bool large = true, int records = 36) {
    write_readings(input, 3, records, large);
    reset();
    REQUIRE(run() == 0);
    windows = sorted_lines(content(root / "windows.csv"));
    totals = sorted_lines(content(root / "totals.jsonl"));
    REQUIRE(windows.size() > 10);
    REQUIRE(totals.size() > static_cast<std::size_t>(records));
  }

  // Nothing has run.
  void reset() const {
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
    std::filesystem::remove(fired);
    std::filesystem::remove(log);
  }
  std::vector<std::string> arguments() const {
    return {WEIR_FAULTS_DIR "/job", input, root / "state", root / "windows.csv",
            root / "totals.jsonl",  mode,  batch};
  }
  environment_list faults(environment_list more) const {
    more.insert(more.end(),
                {{"WEIR_FAULT_ROOT", root}, {"WEIR_FAULT_FIRED", fired}, {"WEIR_FAULT_SYNC", "no"}});
    return more;
  }
  // The job's exit status, or minus a signal. Its syncs do nothing: nobody here loses a page cache.
  int run(environment_list const& more = {}) const {
    return faulty_program(arguments(), faults(more), said).wait();
  }
  bool was_fired() const { return std::filesystem::exists(fired); }

  // "" when the files hold what they must, else what is wrong.
  std::string difference() const {
    return compare(windows, root / "windows.csv") + compare(totals, root / "totals.jsonl");
  }
  // "" when the whole lines that are there belong there.
  std::string wrong_lines() const {
    return foreign(windows, root / "windows.csv") + foreign(totals, root / "totals.jsonl");
  }

 private:
  static std::string compare(std::vector<std::string> const& want, std::filesystem::path const& path) {
    std::string const text = content(path);
    if (text.empty() || text.back() != '\n') return path.filename().string() + " ends within a line; ";
    auto const got = sorted_lines(text);
    if (got == want) return "";
    return path.filename().string() + " has " + std::to_string(got.size()) + " lines instead of " +
           std::to_string(want.size()) + ", or others; ";
  }
  static std::string foreign(std::vector<std::string> const& want, std::filesystem::path const& path) {
    if (std::ranges::includes(want, sorted_lines(content(path)))) return "";
    return path.filename().string() + " has a line that is wrong or comes twice; ";
  }
};

}  // namespace weir_test
