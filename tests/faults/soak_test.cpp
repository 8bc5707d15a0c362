// Random lives of the fraud job: it is killed, asked to stop, moved by savepoints, and run on with other options, until it
// has read everything. The alerts are those of an oracle that knows nothing of weir.
// Two thirds of a minute of it; WEIR_SOAK=1: an hour.
#include "catch.hpp"
#include "faults/program.hpp"
#include "oracle/fraud_oracle.hpp"
#include "state/temp_directory.hpp"

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

using weir_test::program;
using weir_test::run_program;
using weir_test::temp_directory;

namespace {

class life {
 public:
  explicit life(std::uint64_t seed) : random_(seed) {
    std::size_t const files = 1 + below(3);
    for (std::size_t i = 0; i < files; ++i) {
      fraud_oracle::shape shape;
      shape.records = static_cast<int>(1'000 + below(7'000));
      shape.first_id = std::to_string(i + 1) + "-";
      if (below(2) == 0) shape.times = seed;
      records_ += static_cast<std::uint64_t>(shape.records);
      inputs_.push_back(folder_ / ("payments" + std::to_string(i) + ".csv"));
      fraud_oracle::write_random_csv(inputs_.back(), seed * 31 + i, shape);
    }
  }

  void live() {
    for (std::size_t n = below(12); n != 0; --n) {
      std::uint64_t const what = below(10);
      if (what < 4)
        done(run_program(arguments({"--crash-after", std::to_string(1 + below(records_ + 100))}), said_),
             SIGKILL);
      else if (what < 6)
        interrupt(SIGKILL);
      else if (what < 8)
        interrupt(SIGTERM);
      else
        move();
    }
    done(run_program(arguments({}), said_), 0);
  }
  void check() const {
    auto const want = fraud_oracle::judge_files(inputs_);
    std::string alerts, late;
    for (std::size_t i = 0; i <= moves_; ++i) {
      alerts += fraud_oracle::read_text(place("alerts", i));
      late += fraud_oracle::read_text(place("late", i));
    }
    CHECK(fraud_oracle::difference(want.alerts, fraud_oracle::parse_json_lines(alerts)) == "");
    CHECK(fraud_oracle::difference(want.late, fraud_oracle::parse_json_lines(late)) == "");
  }
  std::string const& story() const { return story_; }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::filesystem::path place(char const* what, std::size_t i) const {
    return folder_ / (what + std::to_string(i));
  }
  std::vector<std::string> arguments(std::vector<std::string> const& more) {
    std::vector<std::string> all{std::string(WEIR_EXAMPLES_DIR) + "/fraud_detection",
                                 "--output",
                                 place("alerts", moves_).string(),
                                 "--late",
                                 place("late", moves_).string(),
                                 "--state",
                                 place("state", moves_).string(),
                                 "--checkpoint-every",
                                 std::to_string(1 + below(below(2) == 0 ? 3 : 100)) + "ms"};
    for (auto const& i : inputs_) all.insert(all.end(), {"--input", i.string()});
    if (moves_ != 0) all.insert(all.end(), {"--from-savepoint", place("save", moves_ - 1).string()});
    all.insert(all.end(), more.begin(), more.end());
    story_ += "\n";
    for (auto const& a : more) story_ += a + " ";
    return all;
  }
  // Ended as it should, or by the signal.
  void done(int status, int signal) {
    story_ += "-> " + std::to_string(status);
    CAPTURE(story_, fraud_oracle::read_text(said_));
    REQUIRE((status == 0 || status == -signal));
  }
  void interrupt(int signal) {
    program running(arguments({"--progress"}), said_, weir_test::errors::read_here);
    std::string line;
    for (std::uint64_t lines = below(records_ / 4'096 + 2); lines != 0 && running.read_error_line(line);)
      --lines;
    done(running.end(signal), signal);
  }
  // What is in the state goes on in another directory, with outputs of its own. A job that has finished has nothing to go on.
  void move() {
    int const status = run_program(arguments({"--savepoint", place("save", moves_).string()}), said_);
    if (status == 1 && fraud_oracle::read_text(said_).find("already finished") != std::string::npos) return;
    done(status, 0);
    ++moves_;
  }

  std::mt19937_64 random_;
  temp_directory folder_;
  std::vector<std::filesystem::path> inputs_;
  std::uint64_t records_ = 0;
  std::size_t moves_ = 0;
  std::filesystem::path said_ = folder_ / "said";
  std::string story_;
};

}  // namespace

TEST_CASE("soak: whatever happens to the fraud job, its alerts are those of the oracle") {
  using clock = std::chrono::steady_clock;
  auto const end =
      clock::now() + (std::getenv("WEIR_SOAK") ? std::chrono::seconds{3'600} : std::chrono::seconds{40});
  std::uint64_t const first = std::uint64_t{std::random_device{}()} << 20;
  std::uint64_t lives = 0;
  for (; clock::now() < end; ++lives) {
    std::uint64_t const seed = first + lives;
    CAPTURE(seed, lives);
    life job(seed);
    job.live();
    CAPTURE(job.story());
    job.check();
  }
  CHECK(lives > 5);
}
