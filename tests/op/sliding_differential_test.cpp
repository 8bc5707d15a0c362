#include "op/differential.hpp"

using namespace differential;

namespace {

template <class Functions>
auto run_sliding(std::vector<rec> const& data, i64 bound, weir::sliding_windows windows,
                 Functions const& functions, auto... lateness) {
  return [=, &data](weir::batch_size batch) {
    output o;
    auto const p = weir::from(data) |
                   weir::assign_timestamps(at_time, weir::bounded_out_of_orderness{weir::duration{bound}}) |
                   weir::key_by(&rec::key) | weir::window(windows, weir::late_to<"late">, lateness...) |
                   functions | weir::uid<"w"> | late_to(o) | to_result() | weir::into(tape<result>(o.results));
    auto const r = weir::run(p, batch);
    CHECK(r.count("w", "late") == o.late.size());
    return o;
  };
}
struct shape {
  i64 size, slide;
};

template <class Compare>
void compare_sliding(std::uint64_t seed, Compare const& compare) {
  naive::rng g(seed);
  auto const data = naive::random_stream(seed, 120);
  i64 const bound = pick_bound(g);
  auto const [size, slide] = pick<shape>(
      g, {{100, 10}, {25, 10}, {30, 30}, {90, 60}, {7, 3}, {50, 49}, {12, 1}, {300, 100}, {1, 1}, {64, 48}});
  weir::sliding_windows const windows{weir::duration{size}, weir::duration{slide},
                                      weir::duration{pick_offset(g, slide)}};
  with_lateness(g, [&, size = size, slide = slide](i64 l, auto... option) {
    CAPTURE(bound, l, sizeof...(option), size, slide, windows.offset);
    naive::bounded<rec> head(time_of, bound);
    naive::sliding<rec> w(size, slide, weir::ticks(windows.offset), l, key_of, value_of);
    head.out.to(w);
    naive::run(data, head);
    compare(expected(w), data, bound, windows, option...);
  });
}

}  // namespace

TEST_CASE("sliding windows whose slices are added up give what the oracle gives") {
  for_each_seed(100, [](std::uint64_t seed) {
    compare_sliding(seed, [](output const& want, auto const&... arguments) {
      require_equal(want, [&](weir::batch_size n) {
        return [&](auto const& data, i64 bound, auto windows, auto... option) {
          return run_sliding(data, bound, windows, every_function(), option...)(n);
        }(arguments...);
      });
    });
  });
}

TEST_CASE("sliding windows with a running aggregate give what the oracle gives") {
  for_each_seed(35, [](std::uint64_t seed) {
    compare_sliding(seed, [](output const& want, auto const&... arguments) {
      require_equal(in_brief(want), [&](weir::batch_size n) {
        return [&](auto const& data, i64 bound, auto windows, auto... option) {
          return run_sliding(data, bound, windows, invertible_functions(), option...)(n);
        }(arguments...);
      });
    });
  });
}
