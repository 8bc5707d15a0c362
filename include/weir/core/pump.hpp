// pump: delivers the watermark to the stages behind the point where it is made.
#pragma once

#include <weir/core/stage.hpp>

#include <utility>

namespace weir {

// Before a record is pushed, the watermark that the records before it made is compared with the kernel's deadline. Only
// when it is reached are the kernels committed, the watermark delivered and the kernels opened again. The kernel goes
// into the cold function by value, so that its address never escapes and its hot members stay in registers.
template <class Next>
struct pump : forwarding<Next> {
  using forwarding<Next>::forwarding;
  using kernel_type = typename Next::kernel;
  timestamp delivered = min_time;

  WEIR_COLD kernel_type cross(kernel_type k, progress p) {
    this->next.commit(k);
    deliver(p);
    return this->next.open();
  }
  template <class V>
  WEIR_INLINE void push(kernel_type& k, V&& v, event t, timestamp before) {
    if constexpr (Next::acts)
      if (t.watermark >= k.deadline()) [[unlikely]]
        k = cross(std::move(k), {before, t.watermark});
    k(std::forward<V>(v), t);
  }
  void deliver(progress p) {
    if (p.now <= delivered) return;
    delivered = p.now;
    this->next.advance(p);
  }
};

}  // namespace weir
