// Fault 22: two processes on one state directory. Wherever the first one is, the second is refused in words or does all the
// work, and what comes out is what one of them alone would have given.
#include "catch.hpp"
#include "faults/job_scene.hpp"

#include <string>

using weir_test::content;
using weir_test::faulty_program;
using weir_test::job_scene;

TEST_CASE("a second process on the same state directory is told who holds it") {
  job_scene s;
  int refused = 0, did_it_all = 0;
  bool stopped = true;
  // It stops itself at its n-th call, and goes on when the second one has been tried.
  for (int n = 1; stopped; n += weir_test::soak() || n < 12 ? 1 : 3) {
    CAPTURE(n);
    REQUIRE(n < 10'000);
    s.reset();
    auto const said = s.folder / "said by the first";
    faulty_program first(s.arguments(),
                         s.faults({{"WEIR_FAULT", "stop"}, {"WEIR_FAULT_AT", std::to_string(n)}}), said);
    int status = 0;
    stopped = first.wait_stopped(status);
    if (stopped) {
      std::string const pid = std::to_string(first.pid());
      int const second = s.run();
      std::string const why = content(s.said);
      CAPTURE(second, why, content(s.fired));
      if (second == 0) {
        ++did_it_all;  // the first had not come to its lock yet, or was between two runs
        REQUIRE(s.difference() == "");
      } else {
        ++refused;
        REQUIRE(second == 1);
        bool const names_it = why.find("is in use by process " + pid) != std::string::npos;
        // It holds the lock, and has not yet written who it is.
        bool const is_about_to =
            why.find("is in use by process") != std::string::npos && content(s.fired).ends_with("state/LOCK");
        REQUIRE((names_it || is_about_to));
        REQUIRE(why.find((s.root / "state").string()) != std::string::npos);
      }
      first.go_on();
      status = first.wait();
    }
    CAPTURE(status, content(said));
    REQUIRE(status == 0);
    REQUIRE(s.difference() == "");
  }
  CHECK(refused > 20);
  CHECK(did_it_all > 0);
}
