// time_window: an interval of event time, half open; and what an assigner of windows has.
//
// An aligned assigner (tumbling, sliding) has size, slide() and offset: windows [offset + n*slide, ... + size).
// A merging assigner (session) has window_of(at): windows of one key that touch become one.
#pragma once

#include <weir/error.hpp>
#include <weir/time.hpp>

#include <concepts>

namespace weir {

struct time_window {
  timestamp start;
  timestamp end;  // exclusive

  bool operator==(time_window const&) const = default;
  // The last instant inside: results carry it, and the window fires when the watermark reaches it.
  constexpr timestamp last() const { return end - tick; }
};

// Windows of all keys have the same bounds, so that the bounds are the timer.
template <class A>
concept aligned_assigner = requires(A const& a) {
  { a.size } -> std::convertible_to<duration>;
  { a.slide_of() } -> std::same_as<duration>;
  { a.offset } -> std::convertible_to<duration>;
  a.check();
};

// Each record opens a window of its own; those of a key that touch or overlap merge.
template <class A>
concept merging_assigner = requires(A const& a, timestamp t) {
  { a.gap } -> std::convertible_to<duration>;
  a.check();
};

}  // namespace weir
