// Faults 4, 5 and 6: no space, input and output errors, short writes and failed syncs. The job says so and stops, or is not
// touched by it; the next start gives what an undisturbed run gives.
#include "catch.hpp"
#include "faults/job_scene.hpp"
#include "faults/read_log.hpp"

#include <string>
#include <vector>

using weir_test::content;
using weir_test::job_scene;

namespace {

struct failure {
  std::string fault, kinds;
  std::string times = "1";
  std::string said;  // one of the texts that an error holds; none: any error of weir
};

// Lets call after call fail until the job comes to its end without it. Gives how many there were. In one run with checkpoints
// beside the records the calls are nearly those of "stops": a third of them is tried, all of them in a soak.
int each_call_fails(job_scene const& s, failure const& f, std::string const& root, auto const& look) {
  int const step = s.mode == "goes" && !weir_test::soak() ? 3 : 1;
  int n = 1 - step + static_cast<int>(weir_test::faults_seed() % static_cast<unsigned>(step)), stopped = 0;
  for (bool fired = true; fired;) {
    s.reset();
    n += step;
    int const status = s.run({{"WEIR_FAULT", f.fault},
                              {"WEIR_FAULT_AT", std::to_string(n)},
                              {"WEIR_FAULT_KINDS", f.kinds},
                              {"WEIR_FAULT_TIMES", f.times},
                              {"WEIR_FAULT_ROOT", root},
                              {"WEIR_FAULT_LOG", s.log}});
    fired = s.was_fired();
    std::string const said = content(s.said);
    CAPTURE(s.mode, f.fault, f.kinds, f.times, n, status, said, content(s.fired));
    REQUIRE((status == 0 || (fired && status == 1)));
    REQUIRE(s.wrong_lines() == "");
    if (status == 0) {
      REQUIRE(s.difference() == "");  // "all is well" is never said when it is not
    } else {
      ++stopped;
      REQUIRE(said.find(s.folder.path().string()) != std::string::npos);
      if (!f.said.empty()) REQUIRE(said.find(f.said) != std::string::npos);
      look(status);
    }
    int const again = s.run();
    CAPTURE(again, content(s.said));
    REQUIRE(again == 0);
    REQUIRE(s.difference() == "");
    REQUIRE(n < 10'000);
  }
  CHECK(stopped > 0);
  return n;
}
int each_call_fails(job_scene const& s, failure const& f) {
  return each_call_fails(s, f, s.root, [](int) {});
}

}  // namespace

TEST_CASE("no space at each call in turn: once, and from there on") {
  job_scene s;
  for (std::string const mode : {"stops", "goes"})
    for (std::string const times : {"1", "0"}) {
      s.mode = mode;
      CHECK(each_call_fails(s, {"enospc", "wn", times, "No space left on device"}) > 15);
    }
}

TEST_CASE("an input or output error at each call in turn") {
  job_scene s;
  for (std::string const mode : {"stops", "goes"}) {
    s.mode = mode;
    CHECK(each_call_fails(s, {"eio", "wtn", "1", "Input/output error"}) > 15);
    CHECK(each_call_fails(s, {"eio", "wtns", "0", "Input/output error"}) > 15);
  }
  s.mode = "stops";
  CHECK(each_call_fails(s, {"eio", "r", "1", "Input/output error"}, s.folder.path(), [](int) {}) > 15);
}

// LMDB's meta page, above all: what the file says at the next start counts.
TEST_CASE("a call that did its work and says that it failed") {
  job_scene s;
  for (std::string const mode : {"stops", "goes"}) {
    s.mode = mode;
    CHECK(each_call_fails(s, {"late", "wstn", "1", "Input/output error"}) > 15);
  }
}

TEST_CASE("a write that stops halfway") {
  job_scene s;
  for (std::string const mode : {"stops", "goes"})
    for (std::string const times : {"1", "0"}) {
      s.mode = mode;
      CHECK(each_call_fails(s, {"short", "w", times, ""}) > 15);
    }
}

TEST_CASE("a failed sync stops the job at once: no other sync and no write to the same file") {
  job_scene s;
  for (std::string const mode : {"stops", "goes"}) {
    s.mode = mode;
    CHECK(each_call_fails(s, {"eio", "s", "1", "Input/output error"}, s.root, [&](int) {
            auto const calls = weir_test::read_log(s.log);
            std::string failed;
            for (auto const& c : calls) {
              CAPTURE(c.is.kind, c.path, failed);
              if (!failed.empty()) REQUIRE(c.path != failed);
              if (!failed.empty()) REQUIRE(c.path != "state/data.mdb");  // nothing is committed any more
              if (c.is.kind == 'S') failed = c.path;
            }
            REQUIRE(!failed.empty());
          }) > 15);
  }
}

TEST_CASE("slow calls change nothing") {
  job_scene s;
  s.mode = "goes";
  for (std::string const kinds : {"w", "s", "wstn"}) {
    s.reset();
    REQUIRE(s.run({{"WEIR_FAULT", "delay"},
                   {"WEIR_FAULT_AT", "10"},
                   {"WEIR_FAULT_TIMES", "40"},
                   {"WEIR_FAULT_KINDS", kinds}}) == 0);
    CHECK(s.was_fired());
    CHECK(s.difference() == "");
  }
}
