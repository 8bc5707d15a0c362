// Fault 21: the N-th allocation fails. The job stops, and the next start gives what an undisturbed run gives.
#include "catch.hpp"
#include "faults/job_scene.hpp"

#include <random>
#include <string>

using weir_test::content;
using weir_test::job_scene;

TEST_CASE("no memory at an allocation: the job stops and goes on at the next start") {
  auto const seed = weir_test::faults_seed();
  std::mt19937_64 random(seed);
  job_scene s(false);
  for (std::string const mode : {"stops", "goes"}) {
    s.mode = mode;
    int stopped = 0;
    bool fired = true;
    // In CI about one in ten.
    for (int n = 1; fired; n += weir_test::soak() || n < 20 ? 1 : 1 + static_cast<int>(random() % 20)) {
      CAPTURE(seed, mode, n);
      REQUIRE(n < 1'000'000);
      s.reset();
      int const status = s.run({{"WEIR_FAULT_ALLOCATION", std::to_string(n)}});
      fired = s.was_fired();
      CAPTURE(status, content(s.said));
      REQUIRE((status == 0 || (fired && status == 4)));
      REQUIRE(s.wrong_lines() == "");
      if (status == 0) REQUIRE(s.difference() == "");
      stopped += status == 4;
      int const again = s.run();
      CAPTURE(again, content(s.said));
      REQUIRE(again == 0);
      REQUIRE(s.difference() == "");
    }
    CHECK(stopped > 20);
  }
}
