#pragma once

#include <weir/core/call.hpp>
#include <weir/core/functor.hpp>
#include <weir/core/mistaken.hpp>
#include <weir/core/pipeline.hpp>

#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

template <class F, class Next>
struct map_stage : forwarding<Next> {
  F f;
  template <class Make>
  map_stage(F const& fn, Make const& make) : forwarding<Next>(make), f(fn) {}

  struct kernel : forwarding_kernel<typename Next::kernel> {
    functor<F> f;
    WEIR_INLINE explicit kernel(map_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()), f(s.f) {}
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      this->next(call_with(f, std::forward<V>(v)), t);
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }
};

template <class F>
struct map_operator : operation_base {
  F f;
  constexpr explicit map_operator(F fn) : f(std::move(fn)) {}
  template <class>
  static constexpr bool guardable = true;

  template <class In>
  using result = std::remove_cvref_t<std::invoke_result_t<F const&, typename In::value>>;
  template <class In>
  static constexpr bool maps = [] {
    if constexpr (callable_with<F const&, typename In::value>)
      return !std::is_void_v<result<In>>;
    else
      return false;
  }();
  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (maps<In>)
      return !one_mistaken<result<In>>;
    else
      return false;
  }();
  template <class In>
  using output = with_value<In, result<In>>;
  template <class In>
  static constexpr void explain() {
    constexpr bool f_maps_the_record = maps<In>;
    static_assert(f_maps_the_record,
                  "weir::map(f): f cannot be called with a record of this stream, or returns nothing");
  }
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    auto const make_next = [&] { return rest(env.unkeyed()); };
    return map_stage<F, decltype(make_next())>(f, make_next);
  }
  template <class D>
  void describe(D& d) const {
    d.node("map");
  }
};

struct map_fn {
  template <class F>
  constexpr auto operator()(F f) const {
    return map_operator<F>(std::move(f));
  }
};

}  // namespace detail

// An operator that gives f(record) for each record.
//
// Input      any stream; f takes T&&, T const& or T and must be const-callable
// Output     the type that f returns; one record for each record
// Time       the record's timestamp is kept
// State      none
// Ordering   kept
// Errors     "weir::map(f): f cannot be called with a record of this stream, or returns nothing"
// Example    examples/docs/map.cpp
// See also   flat_map, filter; Flink: DataStream.map
inline constexpr detail::map_fn map{};

}  // namespace weir
