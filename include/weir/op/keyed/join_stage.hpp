// The running side of joins by time: a connect stage that late records do not reach.
#pragma once

#include <weir/op/keyed/connect_stage.hpp>
#include <weir/op/keyed/join_facts.hpp>
#include <weir/record.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace weir::detail {

// Late records, as Judge says, never reach the function: they are counted, and on to the side output of their side.
template <class V, class KeyFn, class F, class Judge, class Options, fixed_string Uid, class Runtime,
          class Next>
struct join_stage : connect_stage<V, true, KeyFn, F, Uid, Runtime, Next> {
  using base = connect_stage<V, true, KeyFn, F, Uid, Runtime, Next>;

  std::uint64_t& late;
  decltype(std::declval<Next&>().template outlet<Options::late_left>()) late_left{};
  decltype(std::declval<Next&>().template outlet<Options::late_right>()) late_right{};

  template <class Env, class Make>
  join_stage(Env const& env, F const& fn, Make const& make)
      : base(env, fn, make), late(env.runtime.counters.get(base::uid.view(), "late")) {
    if constexpr (!Options::late_left.empty()) late_left = this->next.template outlet<Options::late_left>();
    if constexpr (!Options::late_right.empty()) late_right = this->next.template outlet<Options::late_right>();
  }
  static std::string kind() { return Judge::kind; }

  template <class Inner, bool Left>
  struct judging : Inner {
    join_stage* join;

    judging(Inner const& k, join_stage& s) : Inner(k), join(&s) {}
    template <class T>
    WEIR_INLINE void operator()(T&& v, event t) {
      if (Judge::template is_late<Left>(t)) [[unlikely]]
        join->template push_late<Left>(v, t);
      else
        Inner::operator()(std::forward<T>(v), t);
    }
  };
  using kernel = judging<typename base::kernel, true>;
  kernel open() { return kernel(base::open(), *this); }
  void commit(kernel const& k) { base::commit(k); }
  template <class SecondKey>
  auto open_second(SecondKey const& key_of) {
    return judging<decltype(base::open_second(key_of)), false>(base::open_second(key_of), *this);
  }

  template <bool Left, class T>
  WEIR_NOINLINE void push_late(T const& v, event t) {
    ++late;
    if constexpr (Left && !Options::late_left.empty()) late_left->push(v, t);
    if constexpr (!Left && !Options::late_right.empty()) late_right->push(v, t);
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    this->next.visit(v);
  }
};

}  // namespace weir::detail
