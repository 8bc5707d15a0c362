#pragma once

#include <weir/window/evictor.hpp>

#include <utility>

namespace weir {

// An evictor that lets a window give its result first, and drops records then: evict_after(e) drops what e does.
// See also: Flink, CountEvictor.of(n, true)
template <detail::evictor_like Evictor>
struct evict_after {
  static constexpr bool after = true;
  Evictor evictor;

  constexpr explicit evict_after(Evictor e) : evictor(std::move(e)) {}

  template <class V>
    requires weir::evictor<Evictor, V>
  void evict(window_elements<V>& elements) const {
    evictor.evict(elements);
  }
  void check() const {
    if constexpr (requires { evictor.check(); }) evictor.check();
  }
};

}  // namespace weir
