// The handles of broadcast, and its function as the records of the first input see it.
#pragma once

#include <weir/op/keyed/process_facts.hpp>

#include <tuple>
#include <type_traits>
#include <utility>

namespace weir::detail {

template <bool Broadcast, class... H>
auto handles_that_are(std::tuple<H&...> all) {
  return std::apply(
      [](auto&... h) {
        auto const take = []<class Handle>(Handle& one) {
          if constexpr (kept_by_broadcast<Handle> == Broadcast)
            return std::tuple<Handle&>(one);
          else
            return std::tuple<>();
        };
        return std::tuple_cat(take(h)...);
      },
      all);
}

// A process function with the handles of keys alone, which cannot write the others.
template <class F>
struct record_side {
  using output = typename F::output;
  using side_outputs = typename declared_outputs<F>::type;
  F f;

  auto states() { return handles_that_are<false>(states_of(f)); }
  template <class V, class Context, class Emit>
  WEIR_INLINE void on_record(V&& v, Context& c, Emit const& emit) const {
    if constexpr (requires { f.on_record(std::forward<V>(v), c, emit); })
      f.on_record(std::forward<V>(v), c, emit);
    else
      f.on_record(v, c, emit);
  }
  template <class Context, class Emit>
    requires has_on_timer<F const>
  void on_timer(timestamp when, Context& c, Emit const& emit) const {
    f.on_timer(when, c, emit);
  }
  template <class Context, class Emit>
    requires has_on_processing_timer<F const>
  void on_processing_timer(timestamp when, Context& c, Emit const& emit) const {
    f.on_processing_timer(when, c, emit);
  }
};

}  // namespace weir::detail
