// Fault 1 for directories of part files: kill -9 at any call that changes a file. What has a final name then is whole and right,
// and the next start gives the same files as an undisturbed run.
#include "catch.hpp"
#include "faults/faulty_program.hpp"
#include "faults/job_scene.hpp"
#include "faults/kills.hpp"

#include <filesystem>
#include <map>
#include <string>

using weir_test::content;

namespace {

using names = std::map<std::string, std::string>;

struct parts_scene : weir_test::in_memory {
  weir_test::temp_directory folder;
  std::filesystem::path input = folder / "in.csv", said = folder / "said", fired = folder / "fired",
                        root = folder / "root";
  names want;  // all files below root/out of an undisturbed run

  parts_scene() {
    weir_test::write_readings(input, 5, 24, true);
    reset();
    REQUIRE(run() == 0);
    want = files();
    REQUIRE(want.size() > 15);
  }
  void reset() const {
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
    std::filesystem::remove(fired);
  }
  int run(weir_test::environment_list more = {}) const {
    more.insert(more.end(),
                {{"WEIR_FAULT_ROOT", root}, {"WEIR_FAULT_FIRED", fired}, {"WEIR_FAULT_SYNC", "no"}});
    return weir_test::faulty_program({WEIR_FAULTS_DIR "/job", input, root / "state", root / "out" / "buckets",
                                      root / "out" / "plain", "parts", "6"},
                                     more, said)
        .wait();
  }
  names files() const {
    names all;
    if (!exists(root / "out")) return all;
    for (auto const& e : std::filesystem::recursive_directory_iterator(root / "out"))
      if (e.is_regular_file()) all[relative(e.path(), root / "out").string()] = content(e.path());
    return all;
  }
  // A name of a finished file that is not as it must be.
  std::string wrong() const {
    for (auto const& [name, text] : files()) {
      if (name.find("/.") != std::string::npos) continue;
      auto const at = want.find(name);
      if (at == want.end() || at->second != text) return name;
    }
    return "";
  }
  std::string not_as_undisturbed() const { return files() == want ? "" : "other files"; }
  bool was_fired() const { return std::filesystem::exists(fired); }
};

}  // namespace

TEST_CASE("killed at each call in turn, directories get the files that they would have got") {
  parts_scene const s;
  weir_test::kill_at_each_call(s, 40);
}

TEST_CASE("killed at one call and, started again, at another, with directories") {
  parts_scene const s;
  weir_test::kill_twice(s, weir_test::soak() ? 10'000 : 60, 250, 80, [](auto&) {});
}
