// Fault 8: a byte of a state directory is not what was written. Each byte is changed in turn, and the job goes on from there:
// in a process of its own, because a damaged page can crash LMDB.
//
// What is promised today: a value that weir wrote is never taken for another one. What is not: LMDB's own pages and the
// keys in them have no checksum, so that a byte changed there can hide entries, or bring back an older commit. How often that
// happens is printed; it is for a check of counts and sums to find.
#include "catch.hpp"
#include "faults/job.hpp"
#include "faults/job_scene.hpp"

#include <weir/state/lmdb.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <random>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using weir_test::content;
using weir_test::job_scene;

namespace {

enum class outcome { same, refused, another_result, crashed, hung, odd };
constexpr char const* outcome_names[] = {"same", "refused", "another result", "crashed", "hung", "odd"};
using tally = std::map<outcome, int>;

// The job stopped in the middle of its input; from there it can go on again and again.
struct half_done : job_scene {
  std::map<std::string, std::string> files;  // by their path in root

  bool verify = false;  // lmdb_store::verify when it goes on

  // Stopped behind so many records, twice.
  explicit half_done(bool large, std::size_t records) : job_scene(large) {
    reset();
    run_here(records);
    std::string const published = content(root / "totals.jsonl");
    run_here(records);
    // As after a kill between the commit and its publishing: what the commit names is needed.
    std::ofstream(root / "totals.jsonl", std::ios::binary) << published;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(root))
      if (entry.is_regular_file())
        files[std::filesystem::relative(entry.path(), root).string()] = content(entry.path());
  }

  void run_here(std::size_t records, bool verified = false) const {
    std::stop_source stop;
    std::size_t left = records;
    auto const watch = [&](faults_job::reading const&) {
      if (--left == 0) stop.request_stop();
    };
    weir::run(faults_job::pipeline({input, root / "state", root / "windows.csv", root / "totals.jsonl"}, watch),
              weir::lmdb_store{.directory = root / "state", .verify = verified},
              weir::periodic_checkpoints{.every = 1h}, weir::exactly_once, weir::batch_size{6},
              stop.get_token());
  }

  // The directory with another content of one file.
  void build(std::string const& file, std::string const& changed) const {
    for (auto const& [path, bytes] : files)
      std::ofstream(root / path, std::ios::binary) << (path == file ? changed : bytes);
  }
  // What comes out then; `said` holds the refusal.
  outcome with(std::string const& file, std::string const& changed) const {
    build(file, changed);
    std::filesystem::remove(said);
    ::pid_t const child = ::fork();
    if (child == 0) {
      for (int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL})
        std::signal(signal, SIG_DFL);  // not Catch's
      ::rlimit const none{0, 0};
      ::setrlimit(RLIMIT_CORE, &none);
      ::_exit(go_on());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGALRM ? outcome::hung : outcome::crashed;
    if (WEXITSTATUS(status) == 1) return outcome::refused;
    if (WEXITSTATUS(status) != 0) return outcome::odd;
    return difference().empty() ? outcome::same : outcome::another_result;
  }

 private:
  int go_on() const {
    std::FILE* const to = std::freopen(said.c_str(), "w", stderr);
    if (!to) return 3;
    int status = 0;
    ::alarm(5);
    try {
      run_here(0, verify);
    } catch (weir::error const& e) {
      std::fprintf(to, "%s", e.what());
      status = 1;
    } catch (std::exception const& e) {
      std::fprintf(to, "%s", e.what());
      status = 2;
    }
    std::fflush(to);
    return status;
  }
};

// Where in data.mdb the values are that count: those in the tree of the last commit.
std::vector<std::pair<std::size_t, std::size_t>> values_in_file(std::filesystem::path const& state) {
  using namespace weir::detail;
  std::vector<std::pair<std::size_t, std::size_t>> found;
  lmdb_environment environment(state, std::size_t{1} << 30);
  read_transaction txn(environment);
  std::size_t map = 0;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line) && map == 0;)
    if (line.find((state / "data.mdb").string()) != std::string::npos) map = std::stoull(line, nullptr, 16);
  REQUIRE(map != 0);
  for (database d : {database::state, database::timers, database::meta}) {
    lmdb_cursor cursor(environment, txn.handle(), d);
    for (bool there = cursor.first(); there; there = cursor.next()) {
      std::size_t const begin = reinterpret_cast<std::size_t>(cursor.value().data()) - map;
      found.emplace_back(begin, begin + cursor.value().size());
    }
  }
  return found;
}

// What LMDB keeps there, as far as that shows from the page alone.
std::string part_of_page(std::string const& file, std::size_t at) {
  constexpr std::size_t page = 4096;
  auto const number = [&](std::size_t i) {
    return static_cast<unsigned char>(file[at / page * page + i]) |
           static_cast<unsigned char>(file[at / page * page + i + 1]) << 8;
  };
  int const flags = number(10);
  std::string const kind = flags & 8   ? "meta page"
                           : flags & 4 ? "overflow page"
                           : flags & 2 ? "leaf"
                                       : "branch";
  if (flags & 8) return kind;
  if (at % page < 16) return kind + " header";
  return kind + (static_cast<int>(at % page) < number(12) ? " pointers" : " nodes and keys");
}

std::string text_of(tally const& counts) {
  std::string text;
  for (auto const& [what, n] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(n) + " " + outcome_names[static_cast<int>(what)];
  return text;
}

}  // namespace

TEST_CASE("a byte of the store that is changed: a value is never taken for another one") {
  auto const seed = weir_test::faults_seed();
  std::mt19937_64 random(seed);
  half_done const s(false, 12);
  std::string const file = "state/data.mdb", whole = s.files.at(file);
  REQUIRE(s.with(file, whole) == outcome::same);
  s.build(file, whole);
  std::string is_value(whole.size(), '\0');
  std::size_t bytes_of_values = 0;
  for (auto const& [begin, end] : values_in_file(s.root / "state"))
    for (std::size_t i = begin; i < end; ++i) is_value[i] = 1, ++bytes_of_values;
  CHECK(bytes_of_values > 500);

  tally in_values, elsewhere;
  std::map<std::string, int> where;  // LMDB gave something else, or crashed
  for (std::size_t at = 0; at < whole.size(); ++at) {
    // In CI one byte in ten of the values, and one in a hundred of the others.
    if (!weir_test::soak() && random() % (is_value[at] ? 10 : 100) != 0) continue;
    std::string changed = whole;
    changed[at] ^= static_cast<char>(1 << random() % 8);
    outcome const got = s.with(file, changed);
    ++(is_value[at] ? in_values : elsewhere)[got];
    std::string const said = content(s.said);
    CAPTURE(seed, at, int(is_value[at]), outcome_names[static_cast<int>(got)], said);
    REQUIRE(got != outcome::odd);
    if (got == outcome::refused) CHECK(said.find(s.root.string()) != std::string::npos);
    if (got != outcome::same && got != outcome::refused)
      ++where[part_of_page(whole, at) + ": " + outcome_names[static_cast<int>(got)]];
    if (is_value[at]) CHECK((got == outcome::same || got == outcome::refused));
  }
  std::string places;
  for (auto const& [place, n] : where) places += "\n  " + place + ", " + std::to_string(n) + " times";
  WARN("of " << whole.size() << " bytes, " << bytes_of_values << " of them in values: changed in a value: "
             << text_of(in_values) << "; changed elsewhere: " << text_of(elsewhere) << places);
}

// What verify cannot see: pages that LMDB has given up and may use again, and a commit that is the one before to the last bit.
TEST_CASE("a byte of the store that is changed, with verify: hardly ever another result") {
  auto const seed = weir_test::faults_seed();
  std::mt19937_64 random(seed);
  half_done s(false, 12);
  s.verify = true;
  std::string const file = "state/data.mdb", whole = s.files.at(file);
  REQUIRE(s.with(file, whole) == outcome::same);
  tally counts;
  std::map<std::string, int> where;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    if (!weir_test::soak() && random() % 100 != 0) continue;
    std::string changed = whole;
    changed[at] ^= static_cast<char>(1 << random() % 8);
    outcome const got = s.with(file, changed);
    ++counts[got];
    CAPTURE(seed, at, outcome_names[static_cast<int>(got)], content(s.said));
    REQUIRE(got != outcome::odd);
    if (got != outcome::same && got != outcome::refused)
      ++where[part_of_page(whole, at) + ": " + outcome_names[static_cast<int>(got)]];
  }
  int const tried =
      std::accumulate(counts.begin(), counts.end(), 0, [](int n, auto const& c) { return n + c.second; });
  CHECK(counts[outcome::another_result] * 100 <= tried);
  std::string places;
  for (auto const& [place, n] : where) places += "\n  " + place + ", " + std::to_string(n) + " times";
  WARN("of " << whole.size() << " bytes, with verify: " << text_of(counts) << places);
}

TEST_CASE("a byte of the other files of a state directory that is changed: the same result, or a refusal") {
  auto const seed = weir_test::faults_seed();
  std::mt19937_64 random(seed);
  half_done const s(true, 11);
  tally counts;
  std::size_t segments = 0;
  for (auto const& [file, whole] : s.files) {
    if (!file.starts_with("state/") || file == "state/data.mdb") continue;
    segments += file.ends_with(".segment");
    for (std::size_t at = 0; at < whole.size(); ++at) {
      if (!weir_test::soak() && random() % (whole.size() / 100 + 1) != 0) continue;
      std::string changed = whole;
      changed[at] ^= static_cast<char>(1 << random() % 8);
      outcome const got = s.with(file, changed);
      ++counts[got];
      CAPTURE(seed, file, at, outcome_names[static_cast<int>(got)], content(s.said));
      REQUIRE((got == outcome::same || got == outcome::refused));
      if (file.ends_with(".segment")) REQUIRE(got == outcome::refused);
    }
  }
  CHECK(segments == 1);
  CHECK(counts[outcome::same] > 0);
}

TEST_CASE("a store or a segment that is shorter than it was") {
  half_done const s(true, 11);
  tally counts;
  for (auto const& [file, whole] : s.files) {
    bool const store = file == "state/data.mdb";
    if (!store && !file.ends_with(".segment")) continue;
    for (std::size_t size = 0; size < whole.size(); size += store ? 2048 : whole.size() / 16) {
      outcome const got = s.with(file, whole.substr(0, size));
      CAPTURE(file, whole.size(), size, outcome_names[static_cast<int>(got)], content(s.said));
      if (!store) REQUIRE(got == outcome::refused);
      // LMDB reads behind the end of the file, and the system ends the program: no good death, but no lie.
      REQUIRE((got == outcome::same || got == outcome::refused || got == outcome::crashed));
      if (store) ++counts[got];
    }
  }
  CHECK(counts[outcome::refused] > 0);
  WARN("a store that was cut: " << text_of(counts));
}
