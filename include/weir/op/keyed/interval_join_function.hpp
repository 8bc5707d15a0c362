// The function of interval_join: for each key the records of both sides in order of time.
#pragma once

#include <weir/op/keyed/join_facts.hpp>
#include <weir/state/list_state.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir::detail {

// With whether it has had a partner, where that is asked.
template <class V, bool Asked>
using join_entry = std::conditional_t<Asked, std::tuple<timestamp, V, bool>, std::pair<timestamp, V>>;

// A function for connect. A record stays until the watermark is past all that can be its partner. Where nobody waits for what
// has none, one timer of a key removes what lies there longer than that, and records remove it on their way; a record that has
// stayed too long is out of the reach of all that are not late.
template <class L, class R, class F, class Outer>
struct interval_join_function {
  using output = joined_t<F, L, R, Outer>;
  static constexpr bool exact = Outer::left || Outer::right;

  duration lower, upper;  // right - left, both inclusive
  F f;
  list_state<join_entry<L, Outer::left>, "left"> left{};
  list_state<join_entry<R, Outer::right>, "right"> right{};

  auto states() { return std::tie(left, right); }

  template <class V, class Context, class Emit>
  void on_first(V&& v, Context& c, Emit const& emit) const {
    meet<true>(std::forward<V>(v), c, emit, left.get(), right.get());
  }
  template <class V, class Context, class Emit>
  void on_second(V&& v, Context& c, Emit const& emit) const {
    meet<false>(std::forward<V>(v), c, emit, right.get(), left.get());
  }
  template <class Context, class Emit>
  void on_timer(timestamp when, Context& c, Emit const& emit) const {
    timestamp const now = exact ? when : c.watermark();
    drop<true>(left.get(), now, emit);
    drop<false>(right.get(), now, emit);
    if constexpr (!exact) {
      timestamp last = min_time;
      if (!left.empty()) last = later(last, due<true>(left.get().back()));
      if (!right.empty()) last = later(last, due<false>(right.get().back()));
      if (last != min_time) c.set_timer(awhile_after(last));
    }
  }

 private:
  // When no partner can come any more. Behind the record's own time, so that it is not yet over when the record comes; at
  // the latest when the last of timers fires.
  template <bool Left>
  timestamp due_at(timestamp at) const {
    timestamp const last = saturating_add(at, std::max(Left ? upper : -lower, duration::zero()));
    return earlier(saturating_add(last, tick), max_time - tick);
  }
  timestamp awhile_after(timestamp at) const {
    for (int times = 0; times < 3; ++times) {
      at = saturating_add(at, std::max(upper, duration::zero()));
      at = saturating_add(at, std::max(-lower, duration::zero()));
    }
    return at;
  }
  template <bool Left, class Entry>
  timestamp due(Entry const& e) const {
    return due_at<Left>(std::get<0>(e));
  }
  template <bool Left, class V, class Context, class Emit, class Own, class Other>
  WEIR_INLINE void meet(V&& v, Context& c, Emit const& emit, Own& own, Other& other) const {
    timestamp const at = c.time();
    timestamp const first = saturating_add(at, Left ? lower : -upper);
    timestamp const last = saturating_add(at, Left ? upper : -lower);
    bool matched = false;
    auto o = std::partition_point(other.begin(), other.end(),
                                  [first](auto const& e) { return std::get<0>(e) < first; });
    for (; o != other.end() && std::get<0>(*o) <= last; ++o) {
      matched = true;
      if constexpr (Left ? Outer::right : Outer::left) std::get<2>(*o) = true;
      timestamp const both = later(at, std::get<0>(*o));
      if constexpr (Left)
        emit(call_joined<L, R, Outer>(f, &std::as_const(v), &std::as_const(std::get<1>(*o))), both);
      else
        emit(call_joined<L, R, Outer>(f, &std::as_const(std::get<1>(*o)), &std::as_const(v)), both);
    }
    if constexpr (exact) {
      c.set_timer(due_at<Left>(at));
    } else {
      if (own.empty() && other.empty())
        c.set_timer(awhile_after(due_at<Left>(at)));
      else
        shrink<Left>(own, c.watermark());
    }
    auto place = own.end();
    while (place != own.begin() && std::get<0>(*std::prev(place)) > at) --place;
    if constexpr (Left ? Outer::left : Outer::right)
      own.emplace(place, at, std::forward<V>(v), matched);
    else
      own.emplace(place, at, std::forward<V>(v));
  }
  template <bool Left, class List>
  auto behind(List& all, timestamp now) const {
    return std::partition_point(all.begin(), all.end(), [&](auto const& e) { return due<Left>(e) <= now; });
  }
  // Where it halves the list, so that each record is moved once or so in its life.
  template <bool Left, class List>
  void shrink(List& all, timestamp now) const {
    if (all.size() < 16 || due<Left>(all[all.size() / 2]) > now) return;
    all.erase(all.begin(), behind<Left>(all, now));
  }
  template <bool Left, class List, class Emit>
  void drop(List& all, timestamp now, Emit const& emit) const {
    auto const end = behind<Left>(all, now);
    if constexpr (Left ? Outer::left : Outer::right)
      for (auto e = all.begin(); e != end; ++e)
        if (!std::get<2>(*e)) {
          if constexpr (Left)
            emit(call_joined<L, R, Outer>(f, &std::as_const(std::get<1>(*e)), static_cast<R const*>(nullptr)));
          else
            emit(call_joined<L, R, Outer>(f, static_cast<L const*>(nullptr), &std::as_const(std::get<1>(*e))));
        }
    all.erase(all.begin(), end);
  }
};

}  // namespace weir::detail
