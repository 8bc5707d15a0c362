// The fraud job against an oracle that knows nothing of weir, and under kill -9.
#include "catch.hpp"
#include "faults/program.hpp"
#include "oracle/fraud_oracle.hpp"
#include "state/temp_directory.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

using weir_test::program;
using weir_test::run_program;
using weir_test::temp_directory;

namespace {

std::string const job = std::string(WEIR_EXAMPLES_DIR) + "/fraud_detection";

bool soak() { return std::getenv("WEIR_SOAK") != nullptr; }

struct scene {
  temp_directory folder;
  std::vector<std::filesystem::path> inputs;
  std::filesystem::path alerts = folder / "alerts.jsonl", late = folder / "late.jsonl", said = folder / "said";

  std::vector<std::string> arguments(std::vector<std::string> const& more) const {
    std::vector<std::string> all{job, "--output", alerts.string(), "--late", late.string()};
    for (auto const& i : inputs) all.insert(all.end(), {"--input", i.string()});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::vector<std::string> durable(std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--state", (folder / "state").string()});
    return arguments(more);
  }
  std::string said_text() const {
    std::ifstream in(said);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void check(fraud_oracle::verdict const& want) const {
    CHECK(fraud_oracle::difference(want.alerts, fraud_oracle::read_json_lines(alerts)) == "");
    CHECK(fraud_oracle::difference(want.late, fraud_oracle::read_json_lines(late)) == "");
  }
};

void random_inputs(scene& s, std::uint64_t seed, std::size_t files, std::size_t records) {
  for (std::size_t i = 0; i < files; ++i) {
    fraud_oracle::shape shape;
    shape.records = static_cast<int>(records);
    shape.first_id = std::to_string(i + 1) + "-";
    if (files > 1 && seed % 2 == 0) shape.times = seed;
    s.inputs.push_back(s.folder / ("payments" + std::to_string(i) + ".csv"));
    fraud_oracle::write_random_csv(s.inputs.back(), seed * 31 + i, shape);
  }
}

std::multiset<std::string> lines_of(std::filesystem::path const& path) {
  std::ifstream in(path);
  std::multiset<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

}  // namespace

TEST_CASE("the fraud job gives what the oracle gives") {
  std::uint64_t const first = soak() ? std::random_device{}() : 1;
  for (std::uint64_t seed = first; seed < first + (soak() ? 500 : 25); ++seed) {
    CAPTURE(seed);
    scene s;
    random_inputs(s, seed, seed % 3 == 0 ? 1 + seed % 4 : 1, 400);
    auto const want = fraud_oracle::judge_files(s.inputs);
    REQUIRE(run_program(s.arguments({"--store", "memory"}), s.said) == 0);
    s.check(want);
  }
}

TEST_CASE("the fraud job on disk, dying after any number of payments, gives what the oracle gives") {
  std::uint64_t const first = soak() ? std::random_device{}() : 101;
  for (std::uint64_t seed = first; seed < first + (soak() ? 300 : 12); ++seed) {
    CAPTURE(seed);
    scene s;
    random_inputs(s, seed, 1 + seed % 3, 3'000);
    auto const want = fraud_oracle::judge_files(s.inputs);
    std::mt19937_64 random(seed);
    int status = -1, starts = 0;
    while (status != 0 && starts < 200) {
      // At last it is let through: a run that dies before its first commit would begin at the same place for ever.
      std::string const crash = std::to_string(++starts > 6 ? 0 : 1 + random() % 4'000);
      status = run_program(s.durable({"--checkpoint-every", "1ms", "--crash-after", crash}), s.said);
      CAPTURE(starts, s.said_text());
      REQUIRE((status == 0 || status == -SIGKILL));
      // What is visible is committed, and what is committed is right. A kill ends a write at any page, so the last line
      // may be half of a committed one until the next start.
      if (std::filesystem::exists(s.alerts)) {
        std::string const text = fraud_oracle::read_text(s.alerts);
        auto const whole = status == 0 ? text.size() : text.rfind('\n') + 1;  // npos + 1 is 0
        auto const seen = fraud_oracle::parse_json_lines(std::string_view(text).substr(0, whole));
        REQUIRE(std::ranges::includes(want.alerts, seen));
      }
    }
    REQUIRE(status == 0);
    s.check(want);
    // Finished is finished.
    REQUIRE(run_program(s.durable(), s.said) == 0);
    CHECK(s.said_text().find("already finished") != std::string::npos);
    s.check(want);
  }
}

TEST_CASE("kill -9 anywhere leaves the output as it would have been") {
  // The job tells its progress in a line for every 4,096 payments; the kill follows the line that chance picks, the last
  // one more often than others, because the end of the input, the last commit and its publishing stand behind it.
  std::uint64_t const last = 36;
  scene undisturbed;
  undisturbed.inputs.push_back(undisturbed.folder / "payments.csv");
  REQUIRE(run_program({job, "--input", undisturbed.inputs[0].string(), "--generate",
                       std::to_string(last * 4'096), "--seed", "11"}) == 0);
  std::vector<std::string> const options{"--checkpoint-every", "1ms", "--progress"};
  REQUIRE(run_program(undisturbed.durable(options), undisturbed.said) == 0);
  auto const want = lines_of(undisturbed.alerts), want_late = lines_of(undisturbed.late);
  REQUIRE(want.size() > 20);
  REQUIRE(want_late.size() > 10);

  auto const seed = soak() ? std::random_device{}() : 4711u;
  std::mt19937_64 random(seed);
  int const enough = soak() ? 500 : 20;
  int kills = 0, behind_the_last = 0, went_on = 0;
  std::set<std::uint64_t> places;
  for (int round = 0; kills < enough || places.size() < 8 || behind_the_last == 0 || went_on < 2; ++round) {
    CAPTURE(seed, round, kills, places, behind_the_last, went_on);
    REQUIRE(round < 2'000);
    scene s;
    s.inputs = undisturbed.inputs;
    for (int status = -1; status != 0;) {
      program running(s.durable(options), s.said, weir_test::errors::read_here);
      bool const first_start = status == -1;
      std::uint64_t const until = first_start && random() % 4 == 0 ? last : random() % (last + 10);
      std::uint64_t lines = 0;
      std::string line;
      while (lines < until && running.read_error_line(line)) ++lines;
      status = lines == until ? running.kill_and_wait() : running.wait();
      while (running.read_error_line(line)) ++lines;
      CAPTURE(line);
      REQUIRE((status == 0 || status == -SIGKILL));
      if (status != 0) {
        ++kills;
        places.insert(lines);
        behind_the_last += lines == last;
      }
    }
    went_on += s.said_text().find("recovered in") != std::string::npos;
    CHECK(lines_of(s.alerts) == want);
    CHECK(lines_of(s.late) == want_late);
  }
}

TEST_CASE("a savepoint of the fraud job: another one goes on from it, with outputs of its own") {
  scene whole, first, second;
  random_inputs(whole, 77, 2, 3'000);
  first.inputs = second.inputs = whole.inputs;
  auto const want = fraud_oracle::judge_files(whole.inputs);
  std::string const file = (first.folder / "save").string();
  REQUIRE(run_program(first.durable({"--checkpoint-every", "1ms", "--crash-after", "3500"}), first.said) ==
          -SIGKILL);
  REQUIRE(run_program(first.durable({"--savepoint", file}), first.said) == 0);
  CHECK(run_program(first.durable({"--savepoint", file}), first.said) == 1);
  CHECK(first.said_text().find("the file exists") != std::string::npos);
  REQUIRE(run_program(second.durable({"--from-savepoint", file}), second.said) == 0);
  auto const joined = [](std::filesystem::path const& a, std::filesystem::path const& b) {
    return fraud_oracle::parse_json_lines(fraud_oracle::read_text(a) + fraud_oracle::read_text(b));
  };
  CHECK(fraud_oracle::difference(want.alerts, joined(first.alerts, second.alerts)) == "");
  CHECK(fraud_oracle::difference(want.late, joined(first.late, second.late)) == "");
}

TEST_CASE("the fraud job refuses what cannot work, in words") {
  scene s;
  random_inputs(s, 5, 1, 50);
  auto const says = [&](std::vector<std::string> const& arguments, std::string const& text) {
    CHECK(run_program(arguments, s.said) != 0);
    CAPTURE(s.said_text());
    CHECK(s.said_text().find(text) != std::string::npos);
  };
  says(s.arguments({}), "--state");
  says(s.arguments({"--store", "memory", "--state", "x"}), "--store memory");
  says(s.arguments({"--store", "memory", "--checkpoint-every", "1s"}), "--store memory");
  says(s.arguments({"--store", "memory", "--savepoint", "x"}), "--store memory");
  says(s.durable({"--checkpoint-every", "often"}), "often");
  SECTION("an output that is there when the state is new") {
    std::ofstream(s.alerts) << "mine\n";
    says(s.durable(), s.alerts.string());
    CHECK(lines_of(s.alerts) == std::multiset<std::string>{"mine"});
  }
  SECTION("another input than before") {
    REQUIRE(run_program(s.durable({"--crash-after", "10"}), s.said) == -SIGKILL);
    REQUIRE(run_program(s.durable({"--checkpoint-every", "1ms"}), s.said) == 0);
    std::ofstream(s.inputs[0]) << "transaction_id,user_id\n1,2\n";
    CHECK(run_program(s.durable(), s.said) == 0);  // it had finished, and needs it no more
  }
  SECTION("a line that is no payment") {
    std::ofstream(s.inputs[0], std::ios::app) << "1,2,3,DE,approved,many,2026-01-01T00:00:00Z\n";
    says(s.durable(), "amount");
    CHECK(s.said_text().find(":52:") != std::string::npos);
  }
}
