// time_window: an interval of event time, half open; and what an assigner of windows has.
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

namespace detail {

// Stands for emit in questions about an assigner.
struct assign_archetype {
  void operator()(time_window) const {}
};

}  // namespace detail

// An assigner of windows to records of V. It is a policy, and has
//   template <class V, class Emit>
//   void assign(V const& record, timestamp at, Emit const& emit) const  calls emit(time_window) for each window of the record
//   static constexpr bool merging                                       windows of a key that touch or overlap become one
//   void check() const                                                  throws config_error where it cannot work
// It may bring a trigger and an evictor with it: own_trigger(), own_evictor(); then window takes no others.
// See also: tumbling_windows, sliding_windows, session_windows, count_windows; Flink: WindowAssigner
template <class A, class V>
concept window_assigner =
    requires(A const& a, V const& record, timestamp at, detail::assign_archetype const& emit) {
      a.assign(record, at, emit);
      { bool{A::merging} } -> std::same_as<bool>;
      a.check();
    };

// An assigner whose windows are the grid [offset + n*slide, ... + size) for all keys and records, so that the bounds can be
// the timer.
template <class A>
concept aligned_assigner = requires(A const& a) {
  { a.size } -> std::convertible_to<duration>;
  { a.slide_of() } -> std::same_as<duration>;
  { a.offset } -> std::convertible_to<duration>;
  a.check();
};

// An assigner that opens [at, at + gap) for each record, and merges.
template <class A>
concept gap_assigner = requires(A const& a) {
  { a.gap } -> std::convertible_to<duration>;
  { a.gap_of() } -> std::same_as<duration>;
  a.check();
};

namespace detail {

// An assigner for some records: what can be asked before they are known.
template <class A>
concept assigner_like = aligned_assigner<A> || gap_assigner<A> || requires(A const& a) {
  bool{A::merging};
  a.check();
};

}  // namespace detail

}  // namespace weir
