// The running side of functions that get all of a window: a row that points to what the window holds goes in, and what the
// function emits comes out, with the row's time.
#pragma once

#include <weir/core/emitted.hpp>
#include <weir/core/functor.hpp>
#include <weir/core/row.hpp>
#include <weir/core/stage.hpp>
#include <weir/window/keyed_window.hpp>

#include <type_traits>
#include <utility>

namespace weir::detail {

// F: f(keyed window, row, emit)
template <class F, class Output, class Next>
struct apply_stage : forwarding<Next> {
  F f;

  template <class Make>
  apply_stage(F const& fn, Make const& make) : forwarding<Next>(make), f(fn) {}

  struct kernel : forwarding_kernel<typename Next::kernel> {
    functor<F> f;
    explicit kernel(apply_stage& s) : forwarding_kernel<typename Next::kernel>(s.next.open()), f(s.f) {}
    template <class Row>
    void operator()(Row&& row, event t) {
      using key = std::remove_cvref_t<decltype(get_field<0>(row))>;
      keyed_window<key> const w{get_field<0>(row), {get_field<1>(row), get_field<2>(row)}};
      f(w, row, [&](auto&& o) { this->next(emitted<Output>(std::forward<decltype(o)>(o)), t); });
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }
};

template <class F, class Output, class Rest>
struct apply_before {
  F const& f;
  Rest const& rest;
  auto operator()() const { return apply_stage<F, Output, decltype(rest())>(f, rest); }
};

}  // namespace weir::detail
