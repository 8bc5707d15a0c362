// The running side of connect: a process stage that records of two inputs reach.
#pragma once

#include <weir/op/keyed/process_stage.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace weir::detail {

struct call_on_first {
  template <class F, class V, class Context, class Emit>
  WEIR_INLINE void operator()(F& f, V&& v, Context& c, Emit const& emit) const {
    if constexpr (requires { f.on_first(std::forward<V>(v), c, emit); })
      f.on_first(std::forward<V>(v), c, emit);
    else
      f.on_first(v, c, emit);
  }
};
struct call_on_second {
  template <class F, class V, class Context, class Emit>
  WEIR_INLINE void operator()(F& f, V&& v, Context& c, Emit const& emit) const {
    if constexpr (requires { f.on_second(std::forward<V>(v), c, emit); })
      f.on_second(std::forward<V>(v), c, emit);
    else
      f.on_second(v, c, emit);
  }
};

// Both inputs share the states and the timers of a key.
template <class V, bool Timed, class KeyFn, class F, fixed_string Uid, class Runtime, class Next>
struct connect_stage : process_stage<V, Timed, KeyFn, F, Uid, Runtime, false, Next> {
  using base = process_stage<V, Timed, KeyFn, F, Uid, Runtime, false, Next>;

  using base::base;
  static std::string kind() { return "two inputs of one key"; }

  using kernel = typename base::template kernel_for<KeyFn, call_on_first>;
  kernel open() {
    this->expiry.look_at_clock();
    return kernel(*this, this->key_fn);
  }
  void commit(kernel const& k) { this->next.commit(k.next); }

  // On streams without key both have the one that is everybody's.
  template <class SecondKey>
  using second_key = std::conditional_t<std::is_same_v<SecondKey, none>, no_key_fn, SecondKey>;
  template <class SecondKey>
  auto open_second(SecondKey const& key_of) {
    this->expiry.look_at_clock();
    return typename base::template kernel_for<second_key<SecondKey>, call_on_second>(*this, key_of);
  }
  template <class Kernel>
  void commit_second(Kernel const& k) {
    this->next.commit(k.next);
  }

  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    this->next.visit(v);
  }
};

}  // namespace weir::detail
