// What every assigner of windows keeps. Aligned: windows of all keys have the same bounds. Merging: each record opens one.
#pragma once

#include <weir/error.hpp>
#include <weir/time.hpp>
#include <weir/window/time_window.hpp>

#include "catch.hpp"

#include <type_traits>
#include <vector>

namespace weir_laws {

// A valid assigner: its windows hold each instant, size / slide times rounded up, and repeat with each slide.
template <weir::aligned_assigner A>
void aligned_assigner(A const& a) {
  static_assert(std::is_trivially_copyable_v<A>);
  static_assert(weir::window_assigner<A, int> && !A::merging);
  REQUIRE_NOTHROW(a.check());
  std::int64_t const size = weir::ticks(weir::duration(a.size)), slide = weir::ticks(a.slide_of());
  REQUIRE(size > 0);
  REQUIRE(slide > 0);
  REQUIRE(slide <= size);
  for (std::int64_t t : {-3 * size - 1, -size, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, size - 1,
                         size, 5 * size + 2}) {
    CAPTURE(t);
    weir::timestamp const at = weir::from_ticks(t);
    std::vector<weir::time_window> assigned;
    for (weir::timestamp start = weir::floor_to(at, a.slide_of(), a.offset); start + a.size > at;
         start -= a.slide_of()) {
      weir::time_window const w{start, start + a.size};
      REQUIRE((w.start <= at && at < w.end));
      REQUIRE(w.last() == w.end - weir::tick);
      REQUIRE((start - weir::timestamp{} - a.offset) % a.slide_of() == weir::duration::zero());
      assigned.push_back(w);
    }
    std::vector<weir::time_window> given;
    a.assign(0, at, [&](weir::time_window w) { given.push_back(w); });
    REQUIRE(given == assigned);
    auto const held = static_cast<std::int64_t>(assigned.size());
    REQUIRE(held >= size / slide);
    REQUIRE(held <= (size + slide - 1) / slide);
  }
}

template <weir::gap_assigner A>
void gap_assigner(A const& a) {
  static_assert(std::is_trivially_copyable_v<A>);
  static_assert(weir::window_assigner<A, int> && A::merging);
  REQUIRE_NOTHROW(a.check());
  REQUIRE(weir::duration(a.gap) > weir::duration::zero());
  REQUIRE(a.gap_of() == weir::duration(a.gap));
  weir::timestamp const at = weir::from_ticks(-7);
  std::vector<weir::time_window> given;
  a.assign(0, at, [&](weir::time_window w) { given.push_back(w); });
  REQUIRE(given == std::vector{weir::time_window{at, at + a.gap}});
}

// An assigner that cannot work says so, in words that name it, before anything runs.
template <class A>
void refused_assigner(A const& a, std::string const& name) {
  try {
    a.check();
    FAIL("accepted");
  } catch (weir::config_error const& e) {
    std::string const what = e.what();
    REQUIRE_THAT(what, weir_test::contains("weir::" + name + ": "));
    REQUIRE_THAT(what, weir_test::contains(";"));  // and what to do
  }
}

}  // namespace weir_laws
