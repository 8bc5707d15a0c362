// What every aggregate function keeps. A user's own is tested by the same lines: weir_laws::aggregate_function(f, records).
#pragma once

#include <weir/aggregate/aggregate_function.hpp>

#include "catch.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

namespace weir_laws {

template <class F, class V>
weir::accumulator_t<F, V> accumulate(F const& f, std::span<V const> records) {
  auto acc = weir::detail::zero_of<V>(f);
  for (V const& v : records) f.add(acc, v);
  return acc;
}

// same(a, b): equal results; for floating point within a tolerance. At least one record.
template <class F, class V, class Same = std::equal_to<>>
void aggregate_function(F const& f, std::vector<V> const& records, Same const& same = {}) {
  static_assert(weir::aggregate_function<F, V>);
  static_assert(std::copyable<weir::accumulator_t<F, V>>);
  std::span<V const> const all(records);
  auto const whole = accumulate(f, all);
  auto const zero = weir::detail::zero_of<V>(f);
  auto const result = [&](auto const& acc) -> weir::aggregate_result_t<F, V> { return f.result(acc); };
  REQUIRE(same(result(whole), result(whole)));  // asking changes nothing

  // zero is neutral on either side.
  auto left = zero, right = whole;
  f.merge(left, whole);
  f.merge(right, zero);
  REQUIRE(same(result(left), result(whole)));
  REQUIRE(same(result(right), result(whole)));

  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    CAPTURE(cut);
    // Parts that are merged are as if the records had been added one by one.
    auto parts = accumulate(f, all.first(cut));
    auto const later = accumulate(f, all.subspan(cut));
    auto const before = parts;
    f.merge(parts, later);
    REQUIRE(same(result(parts), result(whole)));
    // And more can be added to what was merged.
    auto more = accumulate(f, all.first(cut / 2));
    f.merge(more, accumulate(f, all.subspan(cut / 2, cut - cut / 2)));
    for (V const& v : all.subspan(cut)) f.add(more, v);
    REQUIRE(same(result(more), result(whole)));
    // merge is associative: (a b) c = a (b c).
    std::size_t const half = cut / 2;
    auto const a = accumulate(f, all.first(half)), b = accumulate(f, all.subspan(half, cut - half));
    auto ab = a, bc = b, a_bc = a;
    f.merge(ab, b);
    f.merge(ab, later);
    f.merge(bc, later);
    f.merge(a_bc, bc);
    REQUIRE(same(result(ab), result(a_bc)));
    // retract undoes merge exactly.
    if constexpr (weir::detail::invertible_for<F, V>) {
      auto undone = before;
      f.merge(undone, later);
      f.retract(undone, later);
      if (cut > 0) REQUIRE(result(undone) == result(before));
    }
  }
}

}  // namespace weir_laws
