// Records that fail, under checkpoints: a run that goes back to its last checkpoint loses none of them and tells none twice.
#include "catch.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/weir.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ranges>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using weir_test::temp_directory;

struct failed_sum {
  std::int64_t number;
  std::int64_t sum;
};
BOOST_HANA_ADAPT_STRUCT(failed_sum, number, sum);

namespace {

// What each key has come to; numbers that 11 divides fail when they have been added.
struct adding {
  using output = failed_sum;
  weir::value_state<std::int64_t, "sum"> sum;
  auto states() { return std::tie(sum); }
  template <class Context, class Emit>
  void on_record(std::int64_t n, Context&, Emit const& emit) {
    sum.get() += n;
    if (n % 11 == 0) throw std::runtime_error("eleven");
    emit(failed_sum{n, *sum});
  }
};

std::string text_of(std::filesystem::path const& p) {
  std::ifstream in(p, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

constexpr std::int64_t numbers = 20'000;

struct job {
  temp_directory directory;

  // `disturb` is called with each number, behind all that may fail.
  template <class Disturb, class... Policies>
  weir::run_result run(Disturb disturb, Policies... policies) const {
    auto const letters = [this](char const* name) { return weir::json_lines_file{directory.path() / name}; };
    auto const pipeline = weir::from(std::views::iota(std::int64_t{0}, numbers), weir::uid<"numbers">) |
                          weir::map([](std::int64_t n) {
                            if (n % 7 == 3) throw std::runtime_error("seven");
                            return n;
                          }) |
                          weir::uid<"seven"> | weir::failed_to<"sevens"> | weir::filter([](std::int64_t n) {
                            if (n % 10 == 9) throw std::runtime_error("ten");
                            return true;
                          }) |
                          weir::uid<"ten"> | weir::skip_failed |
                          weir::key_by([](std::int64_t n) { return n % 5; }) | weir::process<"sums">(adding{}) |
                          weir::failed_to<"elevens"> |
                          weir::inspect([disturb](failed_sum const& s) { disturb(s.number); }) |
                          weir::side<"sevens">(weir::into(letters("sevens.jsonl"), weir::uid<"sevens">)) |
                          weir::side<"elevens">(weir::into(letters("elevens.jsonl"), weir::uid<"elevens">)) |
                          weir::into(weir::csv_file{directory.path() / "out.csv"}, weir::uid<"out">);
    return weir::run(pipeline, weir::lmdb_store{directory.path() / "state"},
                     weir::periodic_checkpoints{.every = 100us}, weir::batch_size{64}, policies...);
  }
  std::string output() const {
    std::string all;
    for (char const* name : {"out.csv", "sevens.jsonl", "elevens.jsonl"})
      all += text_of(directory.path() / name) + '\n';
    return all;
  }
};

}  // namespace

TEST_CASE("in = out + skipped + dead letters, and a restart changes nothing") {
  job const quiet;
  auto const expected = quiet.run([](std::int64_t) {});
  std::uint64_t const failed =
      expected.total("seven", "failed") + expected.total("ten", "failed") + expected.total("sums", "failed");
  CHECK(expected.total("out", "in") + failed == static_cast<std::uint64_t>(numbers));
  CHECK(expected.total("sevens", "in") == expected.total("seven", "failed"));
  CHECK(expected.total("elevens", "in") == expected.total("sums", "failed"));
  CHECK(expected.total("ten", "failed") > 1'000);

  job const disturbed;
  std::multiset<std::int64_t> left{1'000, 1'002, 7'000, 15'000, 15'000, 19'996};
  auto const result = disturbed.run(
      [&left](std::int64_t n) {
        auto const at = left.find(n);
        if (at == left.end()) return;
        left.erase(at);
        throw std::runtime_error("a failure that passes");
      },
      weir::fixed_delay_restart{.attempts = 10, .delay = 0s});
  CHECK(result.restarts == 6);
  CHECK(left.empty());
  CHECK(disturbed.output() == quiet.output());
  for (char const* uid : {"seven", "ten", "sums"})
    CHECK(result.total(uid, "failed") == expected.total(uid, "failed"));
}
