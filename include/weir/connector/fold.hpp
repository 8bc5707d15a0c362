#pragma once

#include <weir/core/call.hpp>
#include <weir/core/functor.hpp>
#include <weir/core/sink.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace weir {

// A sink that keeps one value: into(fold{&total, f}) does total = f(total, record) for each record. During a batch the
// value is in a register; `to` is right between batches and must outlive the run. How many records it took is counted
// under basic_metrics only: often it would cost more than f itself.
template <class Acc, class F = std::plus<>>
struct fold {
  static constexpr delivery guarantee = delivery::at_once;
  using keeps = Acc;
  using uncounted = void;
  template <class T>
  static constexpr bool accepts = detail::gives<Acc, F const&, Acc, T const&>;

  Acc* to;
  F f;
  constexpr explicit fold(Acc* acc, F fn = {}) : to(acc), f(std::move(fn)) {}

  template <class T>
  class writer {
   public:
    writer(fold const& sink, sink_context const&) : to_(sink.to), f_(sink.f) {}
    struct kernel {
      Acc acc;
      functor<F> f;
      template <class V, class Time>
      WEIR_INLINE void operator()(V&& v, Time) {
        acc = f(std::move(acc), std::forward<V>(v));
      }
    };
    kernel open() { return {std::move(*to_), functor<F>(f_)}; }
    void commit(kernel const& k) { *to_ = k.acc; }
    void flush() {}
    void finish() {}

   private:
    Acc* to_;
    F f_;
  };
};

}  // namespace weir
