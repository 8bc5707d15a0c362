#pragma once

#include <weir/core/call.hpp>
#include <weir/core/functor.hpp>
#include <weir/core/pipeline.hpp>

#include <utility>

namespace weir {
namespace detail {

template <class P, class Next>
struct filter_stage : forwarding<Next> {
  P p;
  template <class Make>
  filter_stage(P const& predicate, Make const& make) : forwarding<Next>(make), p(predicate) {}

  struct kernel : forwarding_kernel<typename Next::kernel> {
    functor<P> p;
    WEIR_INLINE explicit kernel(filter_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()), p(s.p) {}
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      if (p(std::as_const(v))) this->next(std::forward<V>(v), t);
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }
};

template <class P>
struct filter_operator : operation_base {
  P p;
  constexpr explicit filter_operator(P predicate) : p(std::move(predicate)) {}
  template <class>
  static constexpr bool guardable = true;

  template <class In>
  static constexpr bool accepts = gives<bool, P const&, typename In::value const&>;
  template <class In>
  using output = In;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_predicate_takes_the_record = accepts<In>;
    static_assert(the_predicate_takes_the_record,
                  "weir::filter(p): p(record) is no yes-or-no question to a record of this stream");
  }
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    auto const make_next = [&] { return rest(env); };
    return filter_stage<P, decltype(make_next())>(p, make_next);
  }
  template <class D>
  void describe(D& d) const {
    d.node("filter");
  }
};

struct filter_fn {
  template <class P>
  constexpr auto operator()(P p) const {
    return filter_operator<P>(std::move(p));
  }
};

}  // namespace detail

// An operator that lets through the records for which p(record) is true.
//
// Input      any stream; p takes T const&
// Output     the same stream, key and window included
// Time       the record's timestamp is kept; what is filtered out still moves the watermark made before it
// State      none
// Ordering   kept
// Errors     "weir::filter(p): p(record) is no yes-or-no question to a record of this stream"
// Example    examples/docs/filter.cpp
// See also   map, branch; Flink: DataStream.filter
inline constexpr detail::filter_fn filter{};

}  // namespace weir
