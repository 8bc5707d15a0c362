// Random lives of the small job: each goes on where the one before was killed or stopped, with other batches, checkpoints and
// memory, and with a user's function that fails and is restarted. What comes out is the oracle's.
// A third of a minute of it, or as long as a few lives of each kind take; WEIR_SOAK=1: an hour.
#include "catch.hpp"
#include "faults/job_scene.hpp"
#include "faults/program.hpp"
#include "oracle/naive_job.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

using weir_test::content;
using weir_test::sorted_lines;

namespace {

std::vector<naive_job::reading> random_readings(std::mt19937_64& random) {
  auto const below = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
  std::vector<naive_job::reading> all(static_cast<std::size_t>(2'000 + below(10'000)));
  std::int64_t const keys = 1 + below(500), every = 1 + below(8);
  std::int64_t now = 1'767'225'600;
  for (auto& r : all) {
    now += below(static_cast<std::uint64_t>(every)) == 0 ? below(4) : 0;
    std::int64_t const key = below(static_cast<std::uint64_t>(keys));
    r.key.assign(key == 7 ? 600 : 1, 'k').append(std::to_string(key));
    r.at = now - below(5), r.value = 1 + below(50), r.filler = below(20);
  }
  return all;
}

}  // namespace

TEST_CASE(
    "soak: whatever options a life of the small job has, and however it ends, its results are the oracle's") {
  weir_test::in_memory const files;
  using clock = std::chrono::steady_clock;
  auto const end = clock::now() + (weir_test::soak() ? std::chrono::seconds{3'600} : std::chrono::seconds{20});
  auto const at_most = end + std::chrono::minutes{5};  // on a busy machine
  std::uint64_t const first = std::uint64_t{std::random_device{}()} << 20;
  std::uint64_t jobs = 0, killed = 0, stopped = 0;
  auto const enough = [&] { return jobs > 5 && killed > 5 && stopped > 0; };
  for (; clock::now() < (enough() ? end : at_most); ++jobs) {
    std::uint64_t const seed = first + jobs;
    std::mt19937_64 random(seed);
    weir_test::temp_directory const folder;
    auto const readings = random_readings(random);
    std::ofstream in(folder / "in.csv");
    in << "key,at,value,filler\n";
    for (auto const& r : readings)
      in << r.key << ',' << naive_job::utc(r.at) << ',' << r.value << ',' << r.filler << '\n';
    in.close();
    std::string story;
    for (int status = 5; status != 0;) {
      std::string const life = std::to_string(random());
      status = weir_test::run_program({WEIR_FAULTS_DIR "/job", folder / "in.csv", folder / "state",
                                       folder / "windows.csv", folder / "totals.jsonl", "lives", life},
                                      folder / "said");
      story += life + " -> " + std::to_string(status) + "\n";
      CAPTURE(seed, story, content(folder / "said"));
      REQUIRE((status == 0 || status == 5 || status == -SIGKILL));
      killed += status == -SIGKILL, stopped += status == 5;
    }
    auto const want = naive_job::judge(readings);
    std::string const windows = content(folder / "windows.csv"), header = "key,start,count,total\n";
    CAPTURE(seed, story);
    REQUIRE(windows.starts_with(header));
    CHECK(sorted_lines(windows.substr(header.size())) == want.windows);
    CHECK(sorted_lines(content(folder / "totals.jsonl")) == want.totals);
  }
  CAPTURE(jobs, killed, stopped);
  CHECK(enough());
}
