// into(container): each record is appended to an lvalue container, which must outlive the run. Its elements own what they
// show; see outlives_batch in core/is_view.hpp.
#pragma once

#include <weir/core/sink.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

template <class Container>
concept appendable = requires(Container& c, typename Container::value_type v) { c.push_back(std::move(v)); };

template <class Container>
struct container_sink {
  static constexpr delivery guarantee = delivery::at_once;
  using keeps = typename Container::value_type;
  template <class T>
  static constexpr bool accepts = std::convertible_to<T, typename Container::value_type>;
  Container* to;
  constexpr explicit container_sink(Container* c) : to(c) {}

  template <class T>
  class writer {
   public:
    writer(container_sink const& sink, sink_context const&) : to_(sink.to) {}
    struct kernel {
      Container* to;
      template <class V, class Time>
      WEIR_INLINE void operator()(V&& v, Time) {
        to->push_back(std::forward<V>(v));
      }
    };
    kernel open() { return {to_}; }
    void commit(kernel const&) {}
    void flush() {}
    void finish() {}

   private:
    Container* to_;
  };
};

}  // namespace detail

template <class Container>
  requires detail::appendable<Container>
struct sink_adaptor<Container&> {
  static constexpr auto make(Container& c) { return detail::container_sink<Container>(std::addressof(c)); }
};

}  // namespace weir
