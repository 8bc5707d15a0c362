// How pipelines are compared with the naive oracle: the same random stream through both, at several batch sizes. All batch
// sizes must give what batch size 1 gives, in its order, and that must be as a set what the oracle gives.
// WEIR_SEED=n begins with that seed, WEIR_SOAK=1 runs many more of them.
#pragma once

#include <weir/weir.hpp>

#include "catch.hpp"
#include "oracle/naive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace differential {

using naive::i64;
using naive::rec;
using naive::stamped;
using namespace weir::literals;

inline i64 key_of(rec const& r) { return r.key; }
inline i64 time_of(rec const& r) { return r.ts; }
inline i64 value_of(rec const& r) { return r.value; }
inline constexpr auto at_time = [](rec const& r) { return weir::from_ticks(r.ts); };

// What a window gave. Members that were not asked for stay zero.
struct result {
  i64 key = 0, start = 0, end = 0, count = 0, sum = 0, min = 0, max = 0, distinct = 0;
  double avg = 0;
  std::vector<i64> values;
  auto operator<=>(result const&) const = default;
};
struct output {
  std::vector<stamped<result>> results;
  std::vector<stamped<rec>> late;
};

// ---- weir's side

// A sink that also keeps the time of each record.
template <class T>
struct tape {
  static constexpr weir::delivery guarantee = weir::delivery::at_once;
  template <class V>
  static constexpr bool accepts = std::same_as<V, T>;
  std::vector<stamped<T>>* to;
  explicit tape(std::vector<stamped<T>>& t) : to(&t) {}

  template <class V>
  struct writer {
    std::vector<stamped<T>>* to;
    writer(tape const& t, weir::sink_context const&) : to(t.to) {}
    struct kernel {
      std::vector<stamped<T>>* to;
      void operator()(V const& v, weir::event t) const { to->push_back({v, weir::ticks(t.at)}); }
      void operator()(V const& v, weir::untimed) const { to->push_back({v, naive::min_time}); }
    };
    kernel open() { return {to}; }
    void commit(kernel const&) {}
    void flush() {}
    void finish() {}
  };
};

enum class order { arrival, any };  // of the values that a window holds

inline auto every_function() {
  return weir::aggregate(weir::count(), weir::sum(&rec::value), weir::min(&rec::value), weir::max(&rec::value),
                         weir::avg(&rec::value), weir::count_distinct(&rec::value), weir::collect(&rec::value));
}
// Those that sliding windows add and take away instead of adding up anew.
inline auto invertible_functions() {
  return weir::aggregate(weir::count(), weir::sum(&rec::value), weir::avg(&rec::value));
}
inline auto to_result(order o = order::any) {
  return weir::map([o](auto const& w) {
    result r;
    r.key = w["key"_c], r.start = weir::ticks(w["window_start"_c]), r.end = weir::ticks(w["window_end"_c]);
    r.count = w["count"_c], r.sum = w["sum"_c], r.avg = w["avg"_c];
    if constexpr (weir::field_index<std::remove_cvref_t<decltype(w)>>("min") <
                  weir::field_count<std::remove_cvref_t<decltype(w)>>) {
      r.min = w["min"_c], r.max = w["max"_c], r.distinct = w["count_distinct"_c], r.values = w["collect"_c];
      if (o == order::any) std::ranges::sort(r.values);
    }
    return r;
  });
}
// A window's sum as a record again, for windows behind windows.
inline auto to_rec() {
  return weir::map([](auto const& w) { return rec{w["key"_c], weir::ticks(w["window_start"_c]), w["sum"_c]}; });
}
inline auto late_to(output& o) { return weir::side<"late">(weir::into(tape<rec>(o.late))); }

// ---- the oracle's side

inline result brief(naive::row const& r) {
  result b;
  b.key = r.key, b.start = r.start, b.end = r.end, b.count = r.count(), b.sum = r.sum(), b.avg = r.avg();
  return b;
}
inline result full(naive::row const& r, order o) {
  result f = brief(r);
  f.min = r.min(), f.max = r.max(), f.distinct = r.count_distinct();
  f.values = o == order::any ? r.sorted() : r.elements;
  return f;
}
inline output expected(naive::windows<rec> const& w, order o = order::any) {
  output e;
  for (auto const& r : w.out.got) e.results.push_back({full(r.value, o), r.ts});
  e.late = w.late.got;
  return e;
}
inline output in_brief(output o) {
  for (auto& r : o.results) r.value.min = r.value.max = r.value.distinct = 0, r.value.values.clear();
  return o;
}
inline rec as_rec(naive::row const& r) { return {r.key, r.start, r.sum()}; }

// ---- comparing

inline std::string text(rec const& r) { return fmt::format("(key {} ts {} value {})", r.key, r.ts, r.value); }
inline std::string text(result const& r) {
  return fmt::format("(key {} [{}, {}) count {} sum {} min {} max {} distinct {} avg {} values {})", r.key,
                     r.start, r.end, r.count, r.sum, r.min, r.max, r.distinct, r.avg, r.values.size());
}
// "" when equal, else the first place where they differ.
template <class T>
std::string difference(std::vector<stamped<T>> const& got, std::vector<stamped<T>> const& want) {
  auto const [g, w] = std::ranges::mismatch(got, want);
  if (g == got.end() && w == want.end()) return {};
  auto const show = [](auto at, auto end) {
    return at == end ? "nothing" : text(at->value) + fmt::format(" @{}", at->ts);
  };
  return fmt::format("at {} of {} (expected {}): got {}, expected {}", g - got.begin(), got.size(), want.size(),
                     show(g, got.end()), show(w, want.end()));
}
inline output sorted(output o) {
  std::ranges::sort(o.results);
  std::ranges::sort(o.late);
  return o;
}

// run(batch size) gives what a pipeline gave.
template <class Run>
void require_equal(output const& want, Run const& run) {
  output const one = run(weir::batch_size{1});
  output const got = sorted(one), sorted_want = sorted(want);
  REQUIRE(difference(got.results, sorted_want.results) == "");
  REQUIRE(difference(got.late, sorted_want.late) == "");
  for (std::size_t n : {2, 3, 7, 4096}) {
    INFO("batch size " << n << " against 1");
    output const other = run(weir::batch_size{n});
    REQUIRE(difference(other.results, one.results) == "");
    REQUIRE(difference(other.late, one.late) == "");
  }
}

// f(seed) for `n` seeds.
template <class F>
void for_each_seed(int n, F const& f) {
  char const* const start = std::getenv("WEIR_SEED");
  std::uint64_t const first = start != nullptr ? std::strtoull(start, nullptr, 10) : 1;
  std::uint64_t const count = static_cast<std::uint64_t>(n) * (std::getenv("WEIR_SOAK") != nullptr ? 100 : 1);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    CAPTURE(seed);
    f(seed);
  }
}
template <class T, std::size_t N>
T pick(naive::rng& g, T const (&choices)[N]) {
  return choices[naive::below(g, N)];
}
inline i64 pick_bound(naive::rng& g) { return pick<i64>(g, {0, 20, 100}); }
// Smaller than `width` on either side.
inline i64 pick_offset(naive::rng& g, i64 width) {
  return naive::one_in(g, 2) ? 0 : naive::below(g, 2 * width - 1) - (width - 1);
}
// f(lateness as the oracle has it, options...): without the option, or with one of several.
template <class F>
void with_lateness(naive::rng& g, F const& f) {
  i64 const l = pick<i64>(g, {-1, 0, 15, 130});
  if (l < 0)
    f(0);
  else
    f(l, weir::allowed_lateness{weir::duration{l}});
}

}  // namespace differential
