// Fault 1: kill -9 at any call that changes a file. The next start gives what an undisturbed run gives.
#include "catch.hpp"
#include "faults/job_scene.hpp"
#include "faults/kills.hpp"

#include <string>

namespace {

struct killed_job : weir_test::job_scene {
  std::string wrong() const { return wrong_lines(); }
  std::string not_as_undisturbed() const { return difference(); }
};

}  // namespace

TEST_CASE("killed at each call in turn, the job gives at the next start what it would have given") {
  killed_job s;
  for (std::string const mode : {"stops", "goes"}) {
    CAPTURE(mode);
    s.mode = mode;
    weir_test::kill_at_each_call(s, 15);
  }
}

TEST_CASE("killed at one call and, started again, at another") {
  killed_job s;
  weir_test::kill_twice(s, weir_test::soak() ? 20'000 : 100, 160, 60,
                        [&](auto& random) { s.mode = random() % 2 ? "stops" : "goes"; });
}
