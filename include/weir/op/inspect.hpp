#pragma once

#include <weir/core/call.hpp>
#include <weir/core/functor.hpp>
#include <weir/core/pipeline.hpp>

#include <utility>

namespace weir {
namespace detail {

template <class F, class Next>
struct inspect_stage : forwarding<Next> {
  F f;
  template <class Make>
  inspect_stage(F const& fn, Make const& make) : forwarding<Next>(make), f(fn) {}

  struct kernel : forwarding_kernel<typename Next::kernel> {
    functor<F> f;
    WEIR_INLINE explicit kernel(inspect_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()), f(s.f) {}
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      f(std::as_const(v));
      this->next(std::forward<V>(v), t);
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }
};

template <class F>
struct inspect_operator : operation_base {
  F f;
  constexpr explicit inspect_operator(F fn) : f(std::move(fn)) {}
  template <class>
  static constexpr bool guardable = true;

  template <class In>
  static constexpr bool accepts = callable_with<F const&, typename In::value const&>;
  template <class In>
  using output = In;
  template <class In>
  static constexpr void explain() {
    constexpr bool f_takes_the_record = accepts<In>;
    static_assert(f_takes_the_record, "weir::inspect(f): f cannot be called with a record of this stream");
  }
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    auto const make_next = [&] { return rest(env); };
    return inspect_stage<F, decltype(make_next())>(f, make_next);
  }
  template <class D>
  void describe(D& d) const {
    d.node("inspect");
  }
};

struct inspect_fn {
  template <class F>
  constexpr auto operator()(F f) const {
    return inspect_operator<F>(std::move(f));
  }
};

}  // namespace detail

// An operator that calls f(record) for each record and passes it on unchanged: to watch, count or stop.
//
// Input      any stream; f takes T const&
// Output     the same stream, key and window included
// Time       the record's timestamp is kept
// State      none: what f remembers is not in checkpoints, and f hears of a record again after a restart
// Ordering   kept
// Errors     "weir::inspect(f): f cannot be called with a record of this stream"
// Example    examples/docs/inspect.cpp
// See also   map
inline constexpr detail::inspect_fn inspect{};

}  // namespace weir
