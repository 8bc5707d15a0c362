// The function of temporal_join: for each key the records that wait for the watermark, and the versions that they may meet.
#pragma once

#include <weir/core/change.hpp>
#include <weir/op/keyed/join_facts.hpp>
#include <weir/state/list_state.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace weir::detail {

// What a record of second says of its key: a value from its time on, or none where it is a change that erases.
template <class R>
struct version_of {
  using type = R;
  static constexpr bool may_erase = false;
};
template <class R>
struct version_of<change<R>> {
  using type = R;
  static constexpr bool may_erase = true;
};

// Both lists are in order of time, those of one time in the order in which they came.
template <class L, class R, class F, class Outer>
struct temporal_join_function {
  using value = typename version_of<R>::type;
  using output = joined_t<F, L, value, Outer>;
  F f;
  list_state<std::pair<timestamp, L>, "waiting"> waiting{};
  list_state<std::pair<timestamp, std::optional<value>>, "versions"> versions{};

  auto states() { return std::tie(waiting, versions); }

  template <class V, class Context, class Emit>
  void on_first(V&& v, Context& c, Emit const&) const {
    c.set_timer(c.time());
    insert(waiting.get(), c.time(), std::forward<V>(v));
  }
  template <class V, class Context, class Emit>
  void on_second(V&& v, Context& c, Emit const&) const {
    if constexpr (version_of<R>::may_erase) {
      if (v.kind == change_kind::update_before) return;  // its update_after is behind it
      if (v.kind == change_kind::erase)
        insert(versions.get(), c.time(), std::optional<value>());
      else
        insert(versions.get(), c.time(), std::optional<value>(std::forward<V>(v).value));
    } else {
      insert(versions.get(), c.time(), std::optional<value>(std::forward<V>(v)));
    }
    forget(c.watermark());
  }
  template <class Context, class Emit>
  void on_timer(timestamp when, Context&, Emit const& emit) const {
    auto& all = waiting.get();
    auto const end = behind(all, when);
    for (auto w = all.begin(); w != end; ++w) {
      auto const next = behind(versions.get(), w->first);
      value const* const version =
          next == versions.get().begin() || !std::prev(next)->second ? nullptr : &*std::prev(next)->second;
      if constexpr (Outer::left)
        emit(call_joined<L, value, Outer>(f, &std::as_const(w->second), version));
      else if (version != nullptr)
        emit(call_joined<L, value, Outer>(f, &std::as_const(w->second), version));
    }
    all.erase(all.begin(), end);
    forget(when);
  }

 private:
  template <class List>
  static auto behind(List& all, timestamp at) {
    return std::partition_point(all.begin(), all.end(), [at](auto const& e) { return e.first <= at; });
  }
  template <class List, class V>
  static void insert(List& all, timestamp at, V&& v) {
    all.emplace(behind(all, at), at, std::forward<V>(v));
  }
  // Every record to come is behind `now`: of the versions up to there only the last can be met.
  void forget(timestamp now) const {
    auto& all = versions.get();
    auto next = behind(all, now);
    if (next == all.begin()) return;
    if (std::prev(next)->second) --next;
    all.erase(all.begin(), next);
  }
};

}  // namespace weir::detail
