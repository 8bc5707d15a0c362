// kill -9 at the calls of a scene that change files, and what must come of it. A scene has run(faults), reset(), was_fired(),
// the files `said` and `fired`, and
//   std::string wrong()                what has been published and is wrong, or ""
//   std::string not_as_undisturbed()   how the result differs from that of an undisturbed run, or ""
#pragma once

#include "catch.hpp"
#include "faults/job_scene.hpp"
#include "files.hpp"

#include <csignal>
#include <filesystem>
#include <random>
#include <string>

namespace weir_test {

// The program dies at that call; false: it had come to its end before.
template <class Scene>
bool dies(Scene const& s, std::string const& fault, int at) {
  std::filesystem::remove(s.fired);
  int const status = s.run({{"WEIR_FAULT", fault},
                            {"WEIR_FAULT_AT", std::to_string(at)},
                            {"WEIR_FAULT_KINDS", fault == "torn" ? "w" : "wstn"}});
  CAPTURE(fault, at, status, content(s.said), content(s.fired));
  REQUIRE(status == (s.was_fired() ? -SIGKILL : 0));
  REQUIRE(s.wrong() == "");
  return s.was_fired();
}
template <class Scene>
void goes_on(Scene const& s) {
  int const status = s.run();
  CAPTURE(content(s.said), content(s.fired));
  REQUIRE(status == 0);
  REQUIRE(s.wrong() == "");
  REQUIRE(s.not_as_undisturbed() == "");
}

template <class Scene>
void kill_at_each_call(Scene const& s, int more_than) {
  for (std::string const fault : {"kill", "torn"}) {
    int n = 1;
    for (bool dead = true; dead; ++n) {
      CAPTURE(fault, n);
      REQUIRE(n < 10'000);
      s.reset();
      dead = dies(s, fault, n);
      goes_on(s);
    }
    CHECK(n > more_than);  // the shim was there
  }
}

// At one of the first calls, and in the next start at another.
template <class Scene, class Vary>
void kill_twice(Scene const& s, int rounds, unsigned first_of, unsigned second_of, Vary vary) {
  auto const seed = faults_seed();
  std::mt19937_64 random(seed);
  for (int round = 0; round < rounds; ++round) {
    vary(random);
    int const first = 1 + static_cast<int>(random() % first_of),
              second = 1 + static_cast<int>(random() % second_of);
    CAPTURE(seed, round, first, second);
    s.reset();
    dies(s, random() % 2 ? "kill" : "torn", first);
    dies(s, random() % 2 ? "kill" : "torn", second);
    goes_on(s);
  }
}

}  // namespace weir_test
