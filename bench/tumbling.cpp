// Keyed windows of event time, out of order, against loops written by hand that give exactly the same.
#include "bench.hpp"
#include "windows_by_hand.hpp"

#include <weir/weir.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace {

using by_hand::checked;
using by_hand::item;
using by_hand::sale;
using std::int64_t;
using std::uint64_t;
using weir::duration;
using namespace weir::literals;

constexpr auto count_and_sum = [] {
  return weir::aggregate(weir::count(), weir::sum([](auto const& x) { return x.value; })) | weir::uid<"window">;
};
constexpr auto check = [](uint64_t so_far, auto const& row) {
  return so_far + checked(row["key"_c], weir::ticks(row["window_start"_c]), row["count"_c], row["sum"_c]);
};
// Time, key and this window over the items.
template <class Assigner, class... Policies>
uint64_t run(std::vector<item> const& all, Assigner window, int64_t bound, Policies... policies) {
  uint64_t checksum = 0;
  auto const result = weir::run(weir::from(all) |
                                    weir::assign_timestamps([](item const& x) { return x.at; },
                                                            weir::bounded_out_of_orderness{duration{bound}}) |
                                    weir::key_by([](item const& x) { return x.key; }) | weir::window(window) |
                                    count_and_sum() | weir::into(weir::fold{&checksum, check}),
                                policies...);
  return checksum + by_hand::late_weight * result.count("window", "late");
}

void tumbling(bench::program& program, std::string const& name, std::size_t records, int64_t keys,
              int64_t size) {
  if (!program.wants_suite(name)) return;
  // Some records are later than the bound allows.
  int64_t const disorder = size / 10, bound = disorder - disorder / 16;
  auto const all = by_hand::items(records, keys, disorder);
  weir::tumbling_windows const window{duration{size}};
  bench::suite s(program, name, records);
  s.hand("hand", [&] { return by_hand::tumbling<false>(all, size, bound); });
  s.hand("hand_find", [&] { return by_hand::tumbling<true>(all, size, bound); });
  s.add("", [&] { return run(all, window, bound); });
  s.add("basic_metrics", [&] { return run(all, window, bound, weir::basic_metrics{}); });
  s.run(7);
}

// Ten slides a window, ten records of each key in each slide.
void sliding(bench::program& program, std::string const& name, std::size_t records, int64_t keys) {
  if (!program.wants_suite(name)) return;
  int64_t const slide = keys * 10, size = slide * 10, disorder = slide / 2, bound = disorder - disorder / 16;
  auto const all = by_hand::items(records, keys, disorder);
  weir::sliding_windows const window{duration{size}, duration{slide}};
  bench::suite s(program, name, records);
  s.hand("hand", [&] { return by_hand::sliding<false>(all, size, slide, bound); });
  s.hand("hand_find", [&] { return by_hand::sliding<true>(all, size, slide, bound); });
  s.add("", [&] { return run(all, window, bound); });
  s.add(
      "every_window", [&] { return by_hand::sliding_assigned(all, size, slide, bound); }, 2);
  s.run(7);
}

void sessions(bench::program& program, std::string const& name, std::size_t records, int64_t keys) {
  if (!program.wants_suite(name)) return;
  int64_t const gap = 4 * keys, disorder = keys / 2, bound = disorder - disorder / 16;
  auto const all = by_hand::items(records, keys, disorder);
  bench::suite s(program, name, records);
  s.hand("hand", [&] { return by_hand::sessions(all, gap, bound); });
  s.add("", [&] { return run(all, weir::session_windows{duration{gap}}, bound); });
  s.run(7);
}

void branches(bench::program& program, std::string const& name, std::size_t records, int64_t keys) {
  if (!program.wants_suite(name)) return;
  int64_t const users = 100'000, shops = 50'000, disorder = 10'000, bound = disorder - disorder / 16;
  std::vector<sale> all(records);
  std::mt19937_64 random(8);
  auto const plain = by_hand::items(records, keys, disorder);
  for (std::size_t i = 0; i < records; ++i)
    all[i] = {plain[i].key, plain[i].at, plain[i].value, static_cast<int64_t>(random() % 50)};
  auto const run_branches = [&] {
    uint64_t by_user = 0, by_shop = 0, total = 0;
    auto const result = weir::run(
        weir::from(all) |
        weir::assign_timestamps([](sale const& x) { return x.at; },
                                weir::bounded_out_of_orderness{duration{bound}}) |
        weir::branch(weir::map([](sale const& x) { return x.value * 3; }) |
                         weir::filter([](int64_t x) { return (x & 4) != 0; }) |
                         weir::into(weir::fold{
                             &total, [](uint64_t sum, int64_t x) { return sum + static_cast<uint64_t>(x); }}),
                     weir::filter([](sale const& x) { return x.value > 100; }) |
                         weir::key_by([](sale const& x) { return x.user; }) |
                         weir::window(weir::tumbling_windows{duration{users}}) | count_and_sum() |
                         weir::into(weir::fold{&by_user, check}),
                     weir::key_by([](sale const& x) { return x.shop; }) |
                         weir::window(weir::tumbling_windows{duration{shops}}) |
                         weir::aggregate(weir::count(), weir::sum([](sale const& x) { return x.value; })) |
                         weir::uid<"shops"> | weir::into(weir::fold{&by_shop, check})));
    by_user += by_hand::late_weight * result.count("window", "late");
    by_shop += by_hand::late_weight * result.count("shops", "late");
    return by_user + 3 * by_shop + total;
  };
  bench::suite s(program, name, records);
  s.hand("hand", [&] { return by_hand::branches<false>(all, users, shops, bound); });
  s.hand("hand_find", [&] { return by_hand::branches<true>(all, users, shops, bound); });
  s.add("", run_branches);
  s.run(7);
}

}  // namespace

int main(int count, char** arguments) {
  bench::program program(count, arguments);
  std::size_t const many = program.size(20'000'000, 300'000), half = many / 2;
  tumbling(program, "tumbling/100", many, 100, 1'000'000);
  tumbling(program, "tumbling/100k", many, 100'000, 1'000'000);
  tumbling(program, "tumbling/5m", many, 5'000'000, 5'000'000);
  sliding(program, "sliding/100", many, 100);
  sliding(program, "sliding/100k", many, 100'000);
  sessions(program, "sessions/1k", half, 1'000);
  sessions(program, "sessions/100k", half, 100'000);
  branches(program, "branches/1k", half, 1'000);
  branches(program, "branches/100k", half, 100'000);
  return program.status();
}
