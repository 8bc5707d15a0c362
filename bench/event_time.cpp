// Event time beyond bench/tumbling.cpp, against loops written by hand that give exactly the same: windows of many panes,
// functions that cannot be undone, sessions of many keys, a join by time, a process function.
#include "bench.hpp"
#include "event_time_by_hand.hpp"

#include <weir/weir.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace {

using by_hand::checked;
using by_hand::item;
using std::int64_t;
using std::uint64_t;
using weir::duration;
using namespace weir::literals;

constexpr auto item_time = [](item const& x) { return x.at; };
constexpr auto item_key = [](item const& x) { return x.key; };
constexpr auto item_value = [](auto const& x) { return x.value; };

auto timed(std::vector<item> const& all, int64_t bound) {
  return weir::from(all) | weir::assign_timestamps(item_time, weir::bounded_out_of_orderness{duration{bound}}) |
         weir::key_by(item_key);
}
template <class Assigner, class Aggregate, class Check>
uint64_t run(std::vector<item> const& all, Assigner window, int64_t bound, Aggregate aggregate, Check check) {
  uint64_t checksum = 0;
  auto const result = weir::run(timed(all, bound) | weir::window(window) | aggregate | weir::uid<"window"> |
                                weir::into(weir::fold{&checksum, check}));
  return checksum + by_hand::late_weight * result.count("window", "late");
}
constexpr auto count_and_sum = [] { return weir::aggregate(weir::count(), weir::sum(item_value)); };
constexpr auto check_sum = [](uint64_t so_far, auto const& row) {
  return so_far + checked(row["key"_c], weir::ticks(row["window_start"_c]), row["count"_c], row["sum"_c]);
};
constexpr auto check_max = [](uint64_t so_far, auto const& row) {
  return so_far + checked(row["key"_c], weir::ticks(row["window_start"_c]), 1, row["max"_c]);
};

// Sixty slides a window, ten records of each key in each slide.
void sliding(bench::program& program, std::string const& keys_text, std::size_t records, int64_t keys) {
  int64_t const slide = keys * 10, size = slide * 60, disorder = slide / 2, bound = disorder - disorder / 16;
  std::string const sums = "sliding60/" + keys_text, maxima = "sliding_max/" + keys_text;
  if (!program.wants_suite(sums) && !program.wants_suite(maxima)) return;
  auto const all = by_hand::items(records, keys, disorder);
  weir::sliding_windows const window{duration{size}, duration{slide}};
  {
    bench::suite s(program, sums, records);
    s.hand("hand", [&] { return by_hand::sliding<false>(all, size, slide, bound); });
    s.hand("hand_find", [&] { return by_hand::sliding<true>(all, size, slide, bound); });
    s.add("", [&] { return run(all, window, bound, count_and_sum(), check_sum); });
    s.run(7);
  }
  bench::suite s(program, maxima, records);
  s.hand("hand", [&] { return by_hand::sliding_max(all, size, slide, bound); });
  s.add("", [&] { return run(all, window, bound, weir::aggregate(weir::max(item_value)), check_max); });
  s.run(7);
}

void sessions(bench::program& program, std::string const& name, std::size_t records, int64_t keys) {
  if (!program.wants_suite(name)) return;
  int64_t const gap = 4 * keys, disorder = keys / 2, bound = disorder - disorder / 16;
  auto const all = by_hand::items(records, keys, disorder);
  bench::suite s(program, name, records);
  s.hand("hand", [&] { return by_hand::sessions(all, gap, bound); });
  s.add("", [&] { return run(all, weir::session_windows{duration{gap}}, bound, count_and_sum(), check_sum); });
  s.run(7);
}

// Each record has two partners or so.
void interval_join(bench::program& program, std::string const& name, std::size_t records, int64_t keys) {
  if (!program.wants_suite(name)) return;
  int64_t const disorder = keys / 2, bound = disorder - disorder / 16, lower = -keys, upper = keys;
  auto const left = by_hand::items(records / 2, keys, disorder);
  auto right = left;
  for (std::size_t i = 0; i < right.size(); ++i) right[i].key = left[(i * 7 + 3) % left.size()].key;
  weir::between const near{.lower = duration{lower}, .upper = duration{upper}};
  bench::suite s(program, name, records);
  s.hand("hand", [&] { return by_hand::interval_join(left, right, lower, upper, bound); });
  s.add("", [&] {
    uint64_t checksum = 0;
    auto const pair = [](item const& l, item const& r) {
      return checked(l.key, weir::ticks(std::max(l.at, r.at)), l.value, r.value);
    };
    auto const result =
        weir::run(timed(left, bound) | weir::interval_join<"join">(timed(right, bound), near, pair) |
                  weir::into(weir::fold{&checksum}));
    return checksum + by_hand::late_weight * result.count("join", "late");
  });
  s.run(7);
}

struct running_total {
  using output = uint64_t;
  weir::value_state<int64_t, "sum"> sum;
  auto states() { return std::tie(sum); }
  template <class Context, class Emit>
  void on_record(item const& x, Context& context, Emit const& emit) {
    int64_t const now = sum.get() += x.value;
    if ((now & 15) == 0) emit(checked(context.key(), 0, 0, now));
  }
};
void process(bench::program& program, std::string const& name, std::size_t records, int64_t keys) {
  if (!program.wants_suite(name)) return;
  auto const all = by_hand::items(records, keys, 1);
  bench::suite s(program, name, records);
  s.hand("hand", [&] { return by_hand::running_totals(all); });
  s.add("", [&] {
    uint64_t checksum = 0;
    weir::run(weir::from(all) | weir::key_by(item_key) | weir::process<"total">(running_total{}) |
              weir::into(weir::fold{&checksum}));
    return checksum;
  });
  s.run(7);
}

}  // namespace

int main(int count, char** arguments) {
  bench::program program(count, arguments);
  std::size_t const many = program.size(20'000'000, 300'000), half = many / 2;
  sliding(program, "100", many, 100);
  sliding(program, "100000", program.size(80'000'000, 300'000), 100'000);
  sessions(program, "session/1000000", half, program.size(1'000'000, 10'000));
  interval_join(program, "interval_join", half, 100'000);
  process(program, "process/value_state", many, 100'000);
  return program.status();
}
