// Fault 1: kill -9 at any call that changes a file. The next start gives what an undisturbed run gives.
#include "catch.hpp"
#include "faults/job_scene.hpp"

#include <random>
#include <string>

using weir_test::job_scene;
using weir_test::read_all;

namespace {

// The job dies at that call; false: it had come to its end before.
bool dies(job_scene const& s, std::string const& fault, int at) {
  std::filesystem::remove(s.fired);
  int const status = s.run({{"WEIR_FAULT", fault},
                            {"WEIR_FAULT_AT", std::to_string(at)},
                            {"WEIR_FAULT_KINDS", fault == "torn" ? "w" : "wstn"}});
  CAPTURE(status, read_all(s.said), read_all(s.fired));
  REQUIRE(status == (s.was_fired() ? -SIGKILL : 0));
  REQUIRE(s.wrong_lines() == "");
  return s.was_fired();
}
void goes_on(job_scene const& s) {
  int const status = s.run();
  CAPTURE(read_all(s.said), read_all(s.fired));
  REQUIRE(status == 0);
  REQUIRE(s.difference() == "");
}

}  // namespace

TEST_CASE("killed at each call in turn, the job gives at the next start what it would have given") {
  job_scene s;
  for (std::string const mode : {"stops", "goes"}) {
    s.mode = mode;
    for (std::string const fault : {"kill", "torn"}) {
      int n = 1;
      for (bool dead = true; dead; ++n) {
        CAPTURE(mode, fault, n);
        REQUIRE(n < 10'000);
        s.reset();
        dead = dies(s, fault, n);
        goes_on(s);
      }
      CHECK(n > 15);  // the shim was there
    }
  }
}

TEST_CASE("killed at one call and, started again, at another") {
  auto const seed = weir_test::faults_seed();
  std::mt19937_64 random(seed);
  job_scene s;
  for (int round = 0; round < (weir_test::soak() ? 20'000 : 100); ++round) {
    s.mode = random() % 2 ? "stops" : "goes";
    int const first = 1 + static_cast<int>(random() % 160), second = 1 + static_cast<int>(random() % 60);
    CAPTURE(seed, round, s.mode, first, second);
    s.reset();
    dies(s, random() % 2 ? "kill" : "torn", first);
    dies(s, random() % 2 ? "kill" : "torn", second);
    goes_on(s);
  }
}
