// from(f) and into(f): a callable that gives std::optional<T> until it gives none, or one that takes each record.
#pragma once

#include <weir/core/call.hpp>
#include <weir/core/functor.hpp>
#include <weir/core/sink.hpp>
#include <weir/core/source.hpp>

#include <concepts>
#include <cstddef>
#include <exception>
#include <iterator>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {
namespace detail {

template <class T>
inline constexpr bool is_std_optional = false;
template <class T>
inline constexpr bool is_std_optional<std::optional<T>> = true;

// It cannot be asked again for what it gave: not replayable.
template <class F>
struct callable_source {
  using value_type = typename std::remove_cvref_t<std::invoke_result_t<F&>>::value_type;
  static constexpr bool replayable = false;
  F f;
  constexpr explicit callable_source(F fn) : f(std::move(fn)) {}

  class reader {
   public:
    reader(callable_source const& source, source_context const&) : f_(source.f) {}
    static constexpr std::size_t splits() { return 1; }
    template <class Deadline>
    auto poll(std::size_t, std::size_t max, Deadline) {
      while (!ended_ && batch_.size() < max) {
        auto next = f_();
        if (next)
          batch_.push_back(*std::move(next));
        else
          ended_ = true;
      }
      // Nobody else has them: they may be moved from.
      return std::ranges::subrange(std::move_iterator(batch_.begin()), std::move_iterator(batch_.end()));
    }
    void consume(std::size_t, std::size_t n) {
      batch_.erase(batch_.begin(), batch_.begin() + static_cast<std::ptrdiff_t>(n));
    }
    bool ended(std::size_t) const { return ended_ && batch_.empty(); }

   private:
    F f_;
    std::vector<value_type> batch_;
    bool ended_ = false;
  };
};

template <class F>
struct callable_sink {
  static constexpr delivery guarantee = delivery::at_once;
  template <class T>
  static constexpr bool accepts = detail::callable_with<F const&, T const&>;
  using refuses = std::exception;
  F f;
  constexpr explicit callable_sink(F fn) : f(std::move(fn)) {}

  template <class T>
  class writer {
   public:
    writer(callable_sink const& sink, sink_context const&) : f_(sink.f) {}
    struct kernel {
      functor<F> f;
      template <class V, class Time>
      WEIR_INLINE void operator()(V&& v, Time) {
        f(std::forward<V>(v));
      }
    };
    kernel open() { return {functor<F>(f_)}; }
    void commit(kernel const&) {}
    void flush() {}
    void finish() {}

   private:
    F f_;
  };
};

template <class F>
concept gives_optional = std::invocable<F&> && is_std_optional<std::remove_cvref_t<std::invoke_result_t<F&>>>;

// What is left when it is neither a sink, a container nor an ostream.
template <class F>
concept plain_callable = std::is_class_v<F> && std::copy_constructible<F> && !requires(F f) { f.begin(); };

}  // namespace detail

template <class F>
  requires detail::gives_optional<std::remove_cvref_t<F>>
struct source_adaptor<F> {
  static constexpr auto make(F&& f) {
    return detail::callable_source<std::remove_cvref_t<F>>(std::forward<F>(f));
  }
};

template <class F>
  requires detail::plain_callable<std::remove_cvref_t<F>> && (!sink<std::remove_cvref_t<F>>)
struct sink_adaptor<F> {
  static constexpr auto make(F&& f) {
    return detail::callable_sink<std::remove_cvref_t<F>>(std::forward<F>(f));
  }
};

}  // namespace weir
