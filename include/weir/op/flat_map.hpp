#pragma once

#include <weir/core/call.hpp>
#include <weir/core/functor.hpp>
#include <weir/core/pipeline.hpp>

#include <concepts>
#include <functional>
#include <iterator>
#include <ranges>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// Stands for the emit callback in questions about f.
struct any_emit {
  template <class X>
  constexpr void operator()(X&&) const {}
};

template <class F, class V>
concept gives_a_range =
    callable_with<F const&, V> && std::ranges::input_range<std::invoke_result_t<F const&, V>>;

// T: what comes out.
template <class T, class F, class Next>
struct flat_map_stage : forwarding<Next> {
  F f;
  template <class Make>
  flat_map_stage(F const& fn, Make const& make) : forwarding<Next>(make), f(fn) {}

  struct kernel : forwarding_kernel<typename Next::kernel> {
    functor<F> f;
    WEIR_INLINE explicit kernel(flat_map_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()), f(s.f) {}
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      if constexpr (!gives_a_range<F, std::remove_cvref_t<V>>) {
        call_with(f, std::forward<V>(v), [&](auto&& x) { give(std::forward<decltype(x)>(x), t); });
      } else if constexpr (!gives_a_range<F,
                                          V>) {  // what it gives may view its record: that stays until the end
        std::remove_cvref_t<V> copy(v);
        (*this)(std::move(copy), t);
      } else {
        using range = std::invoke_result_t<F const&, V>;
        constexpr bool is_ours = !std::is_reference_v<range> && !std::ranges::view<range>;
        for (auto&& x : f(std::forward<V>(v)))
          if constexpr (is_ours)
            give(std::move(x), t);
          else
            give(std::forward<decltype(x)>(x), t);
      }
    }

   private:
    template <class X, class Time>
    WEIR_INLINE void give(X&& x, Time t) {
      if constexpr (std::is_same_v<std::remove_cvref_t<X>, T>)
        this->next(hand_on<X>(x), t);
      else
        this->next(T(std::forward<X>(x)), t);
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }
};

// Out is given, or void: then f gives a range and its element type is the output.
template <class Out, class F>
struct flat_map_operator : operation_base {
  F f;
  constexpr explicit flat_map_operator(F fn) : f(std::move(fn)) {}
  template <class>
  static constexpr bool guardable = true;

  template <class In>
  static constexpr bool emits = !std::is_void_v<Out> && callable_with<F const&, typename In::value, any_emit>;
  template <class In>
  static constexpr bool accepts = emits<In> || gives_a_range<F, typename In::value>;

  template <class In>
  struct element {
    using type = Out;
  };
  template <class In>
    requires std::is_void_v<Out>
  struct element<In> {
    using type = std::ranges::range_value_t<std::invoke_result_t<F const&, typename In::value>>;
  };
  template <class In>
  using output = with_value<In, typename element<In>::type>;
  template <class In>
  static constexpr void explain() {
    constexpr bool f_emits_or_gives_a_range = accepts<In>;
    static_assert(
        f_emits_or_gives_a_range,
        "weir::flat_map: neither flat_map<Out>(f) with f(record, emit) nor flat_map(f) with a range f(record)");
  }
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    auto const make_next = [&] { return rest(env.unkeyed()); };
    return flat_map_stage<typename element<In>::type, F, decltype(make_next())>(f, make_next);
  }
  template <class D>
  void describe(D& d) const {
    d.node("flat_map");
  }
};

}  // namespace detail

// An operator that gives any number of records for each record: f(record, emit) calls emit(out) as often as it likes, or
// f(record) gives a range (a view; a container made for each record costs an allocation each).
//
// Input      any stream; f takes T&&, T const& or T
// Output     Out where it is given: flat_map<Out>(f); else the element type of the range
// Time       each record keeps the timestamp of the one that it came from
// State      none
// Ordering   kept; those of one record in the order in which they were emitted
// Errors     "weir::flat_map: neither flat_map<Out>(f) with f(record, emit) nor flat_map(f) with a range f(record)"
// Example    examples/docs/flat_map.cpp
// See also   map; Flink: DataStream.flatMap
template <class Out = void, class F>
constexpr auto flat_map(F f) {
  return detail::flat_map_operator<Out, F>(std::move(f));
}

}  // namespace weir
