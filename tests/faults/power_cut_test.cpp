// Fault 3: the power goes. Writes that no sync has covered are lost, torn or kept in any order; what the next start makes of
// every such disk is what an undisturbed run gives.
#include "catch.hpp"
#include "faults/disk_after_power_cut.hpp"
#include "faults/job_scene.hpp"

#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <vector>

using weir_test::content;
using weir_test::disk_after_power_cut;
using weir_test::job_scene;
using weir_test::logged_call;
using weir_test::unsynced;

namespace {

// The disks that there may be after call `cut`, each tried once.
class disks {
 public:
  disks(job_scene const& s, std::uint64_t seed) : scene_(s), random_(seed) {}

  void try_all(disk_after_power_cut const& disk, int random_ones) {
    try_one(disk.after(unsynced::lost, random_));
    try_one(disk.after(unsynced::kept, random_));
    for (int i = 0; i < random_ones; ++i) try_one(disk.after(unsynced::some, random_));
  }
  std::size_t tried() const { return seen_.size(); }

 private:
  void try_one(disk_after_power_cut::image const& image) {
    std::string all;
    for (auto const& [path, file] : image) all += path + '\0' + file.second + '\0';
    if (!seen_.insert(std::hash<std::string>{}(all)).second) return;
    disk_after_power_cut::build(image, scene_.root);
    int const status = scene_.run();
    CAPTURE(status, content(scene_.said));
    if (status != 0) keep(image);
    REQUIRE(status == 0);
    REQUIRE(scene_.difference() == "");
  }
  // For whoever wants to look at it.
  void keep(disk_after_power_cut::image const& image) const {
    auto const where = std::filesystem::temp_directory_path() / "weir-power-cut";
    disk_after_power_cut::build(image, where);
    UNSCOPED_INFO("the disk is in " << where.string());
  }

  job_scene const& scene_;
  std::mt19937_64 random_;
  std::set<std::size_t> seen_;
};

}  // namespace

TEST_CASE("the power goes behind any call") {
  auto const seed = weir_test::faults_seed();
  job_scene s;
  for (std::string const mode : {"stops", "goes"}) {
    s.mode = mode;
    s.reset();
    REQUIRE(s.run({{"WEIR_FAULT_LOG", s.log}}) == 0);
    auto const calls = weir_test::read_log(s.log);
    CHECK(calls.size() > (mode == "stops" ? 120 : 30));  // the shim was there
    disks all(s, seed);
    disk_after_power_cut disk;
    for (std::size_t cut = 0; cut < calls.size(); ++cut) {
      CAPTURE(seed, mode, cut, calls[cut].is.kind, calls[cut].path);
      disk.apply(calls[cut]);
      all.try_all(disk, weir_test::soak() ? 200 : 1);
    }
    CHECK(all.tried() >= calls.size());
  }
}

// The cache outlives a program that is killed: the next one must not take for durable what it only sees.
TEST_CASE("the power goes after the job was killed, or had a failed sync, and was started again") {
  auto const seed = weir_test::faults_seed();
  std::mt19937_64 random(seed);
  job_scene s;
  for (int round = 0; round < (weir_test::soak() ? 3'000 : 40); ++round) {
    bool const dies = random() % 2;
    s.mode = random() % 2 ? "stops" : "goes";
    std::string const first = std::to_string(1 + random() % (dies ? 140 : 33));
    CAPTURE(seed, round, s.mode, dies, first);
    s.reset();
    int const status = s.run({{"WEIR_FAULT", dies ? "kill" : "eio"},
                              {"WEIR_FAULT_AT", first},
                              {"WEIR_FAULT_KINDS", dies ? "wstn" : "s"},
                              {"WEIR_FAULT_LOG", s.log}});
    REQUIRE((status == 0 || status == (dies ? -SIGKILL : 1)));
    auto const before = weir_test::read_log(s.log).size();
    REQUIRE(s.run({{"WEIR_FAULT_LOG", s.log}}) == 0);
    auto const calls = weir_test::read_log(s.log);
    disks all(s, seed + static_cast<std::uint64_t>(round));
    disk_after_power_cut disk;
    for (std::size_t cut = 0; cut < calls.size(); ++cut) {
      disk.apply(calls[cut]);
      CAPTURE(cut, before, calls[cut].is.kind, calls[cut].path);
      if (cut >= before && random() % 16 == 0) all.try_all(disk, 1);
    }
  }
}
