// Fault 1 for directories of part files: kill -9 at any call that changes a file. What has a final name then is whole and right,
// and the next start gives the same files as an undisturbed run.
#include "catch.hpp"
#include "faults/faulty_program.hpp"
#include "faults/job_scene.hpp"

#include <filesystem>
#include <map>
#include <random>
#include <string>

using weir_test::read_all;

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
    REQUIRE(run({}) == 0);
    want = files();
    REQUIRE(want.size() > 15);
  }
  void reset() const {
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
    std::filesystem::remove(fired);
  }
  int run(weir_test::environment_list more) const {
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
      if (e.is_regular_file()) all[relative(e.path(), root / "out").string()] = read_all(e.path());
    return all;
  }
  // A name of a finished file that is not as it must be.
  std::string wrong_file() const {
    for (auto const& [name, text] : files()) {
      if (name.find("/.") != std::string::npos) continue;
      auto const at = want.find(name);
      if (at == want.end() || at->second != text) return name;
    }
    return "";
  }
  bool dies(std::string const& fault, int at) const {
    std::filesystem::remove(fired);
    int const status = run({{"WEIR_FAULT", fault},
                            {"WEIR_FAULT_AT", std::to_string(at)},
                            {"WEIR_FAULT_KINDS", fault == "torn" ? "w" : "wstn"}});
    bool const dead = std::filesystem::exists(fired);
    CAPTURE(fault, at, status, read_all(said), read_all(fired));
    REQUIRE(status == (dead ? -SIGKILL : 0));
    REQUIRE(wrong_file() == "");
    return dead;
  }
  void goes_on() const {
    int const status = run({});
    CAPTURE(read_all(said), read_all(fired));
    REQUIRE(status == 0);
    REQUIRE(wrong_file() == "");
    REQUIRE((files() == want));
  }
};

}  // namespace

TEST_CASE("killed at each call in turn, directories get the files that they would have got") {
  parts_scene s;
  for (std::string const fault : {"kill", "torn"}) {
    int n = 1;
    for (bool dead = true; dead; ++n) {
      CAPTURE(fault, n);
      REQUIRE(n < 10'000);
      s.reset();
      dead = s.dies(fault, n);
      s.goes_on();
    }
    CHECK(n > 40);  // the shim was there
  }
}

TEST_CASE("killed at one call and, started again, at another, with directories") {
  auto const seed = weir_test::faults_seed();
  std::mt19937_64 random(seed);
  parts_scene s;
  for (int round = 0; round < (weir_test::soak() ? 10'000 : 60); ++round) {
    int const first = 1 + static_cast<int>(random() % 250), second = 1 + static_cast<int>(random() % 80);
    CAPTURE(seed, round, first, second);
    s.reset();
    s.dies(random() % 2 ? "kill" : "torn", first);
    s.dies(random() % 2 ? "kill" : "torn", second);
    s.goes_on();
  }
}
