// Windows over the records of two streams: one window stage, whose records are either of the one or of the other.
#pragma once

#include <weir/core/functor.hpp>
#include <weir/core/key.hpp>
#include <weir/core/row.hpp>
#include <weir/op/keyed/join_facts.hpp>
#include <weir/op/windowed/late_records.hpp>
#include <weir/op/windowed/select_stage.hpp>
#include <weir/window/regular_windows.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

// A record on its way into the window stage; one of the pointers is null.
template <class L, class R, class Key>
struct one_of_pair {
  L const* left;
  R const* right;
  Key key;

  template <class F>
  constexpr decltype(auto) visit(F const& f) const {
    return left != nullptr ? f(*left) : f(*right);
  }
};
struct key_of_pair {
  template <class Pair>
  WEIR_INLINE constexpr auto const& operator()(Pair const& p) const {
    return p.key;
  }
};
// A key for a look-up: text as a view, which both std::string and a view convert to.
template <class K>
struct viewed_key {
  using type = K;
};
template <>
struct viewed_key<std::string> {
  using type = std::string_view;
};
template <class... Ks>
struct viewed_key<std::tuple<Ks...>> {
  using type = std::tuple<typename viewed_key<Ks>::type...>;
};
// As both key functions give it; where that differs, one that both convert to.
template <class A, class B>
struct common_key {
  using type = typename viewed_key<stored_key_t<A>>::type;
};
template <class A>
struct common_key<A, A> {
  using type = A;
};

// What the window holds: the records of each side. It stands in the place of the aggregate functions.
template <class L, class R>
struct pair_lists {
  static constexpr bool always_has_key = true;
  using held = std::pair<std::vector<L>, std::vector<R>>;
  template <class>
  using accumulator = held;
  template <class>
  using result = row<column<"left", std::vector<L> const*>, column<"right", std::vector<R> const*>>;
  template <class>
  static constexpr bool invertible = false;

  template <class>
  held zero() const {
    return {};
  }
  template <class Pair>
  void add(held& all, Pair const& p) const {
    if (p.left != nullptr)
      all.first.push_back(*p.left);
    else
      all.second.push_back(*p.right);
  }
  void merge(held& all, held const& later) const {
    all.first.insert(all.first.end(), later.first.begin(), later.first.end());
    all.second.insert(all.second.end(), later.second.begin(), later.second.end());
  }
  void retract(held&, held const&) const {}
  template <class Row, class Key>
  Row make_row(Key const& key, time_window w, held const& all) const {
    return Row(key, w.start, w.end, &all.first, &all.second);
  }
};

// Assigners and triggers that look at records see them as they are.
template <class Assigner>
struct pair_assigner {
  static constexpr bool merging = Assigner::merging;
  Assigner inner;

  template <class Pair, class Emit>
  constexpr void assign(Pair const& p, timestamp at, Emit const& emit) const {
    p.visit([&](auto const& v) { inner.assign(v, at, emit); });
  }
  void check() const { inner.check(); }
};
template <class Trigger>
struct pair_trigger {
  using state = trigger_state_t<Trigger>;
  Trigger inner;

  void check() const {
    if constexpr (requires { inner.check(); }) inner.check();
  }
  template <class Pair, class C>
  constexpr trigger_result on_element(Pair const& p, C& context) const {
    return p.visit([&](auto const& v) { return inner.on_element(v, context); });
  }
  template <class C>
  constexpr trigger_result on_event_time(timestamp at, C& context) const {
    return inner.on_event_time(at, context);
  }
  template <class C>
    requires has_on_processing_time<Trigger>
  constexpr trigger_result on_processing_time(timestamp at, C& context) const {
    return inner.on_processing_time(at, context);
  }
  template <class C>
    requires merging_trigger<Trigger>
  constexpr void on_merge(state const& absorbed, C& context) const {
    inner.on_merge(absorbed, context);
  }
};
template <class Assigner, class Trigger>
struct pair_policies {
  using assigner = pair_assigner<Assigner>;
  using trigger = pair_trigger<Trigger>;
};
template <class Assigner, class Trigger>
  requires regular_windows<Assigner, Trigger>
struct pair_policies<Assigner, Trigger> {
  using assigner = Assigner;
  using trigger = Trigger;
};

template <class Spec, class Options>
struct pair_spec {
  using policies = pair_policies<decltype(Spec::assigner), decltype(Spec::trigger)>;
  using options = Options;
  static constexpr bool refires = Spec::refires;
  typename policies::assigner assigner;
  duration lateness{};
  typename policies::trigger trigger;

  explicit pair_spec(Spec const& s) : assigner{s.assigner}, lateness(s.lateness), trigger{s.trigger} {}
};

template <class Spec, class Options, class Next>
class late_records<pair_spec<Spec, Options>, Next> {
 public:
  template <class Env>
  late_records(Env const& env, std::string_view uid, Next& next)
      : count_(env.runtime.counters.get(uid, "late")) {
    if constexpr (!Options::late_left.empty()) left_ = next.template outlet<Options::late_left>();
    if constexpr (!Options::late_right.empty()) right_ = next.template outlet<Options::late_right>();
  }
  template <class Pair, class Time>
  void push(Pair const& p, Time t) {
    ++count_;
    if constexpr (!Options::late_left.empty())
      if (p.left != nullptr) left_->push(*p.left, t);
    if constexpr (!Options::late_right.empty())
      if (p.right != nullptr) right_->push(*p.right, t);
  }

 private:
  std::uint64_t& count_;
  decltype(std::declval<Next&>().template outlet<Options::late_left>()) left_{};
  decltype(std::declval<Next&>().template outlet<Options::late_right>()) right_{};
};

// Window: a window stage over one_of_pair. The core of two inputs.
template <class Window, class Pair, class LeftKey>
struct window_pair_stage : Window {
  LeftKey left_key;

  template <class Env, class Functions, class Make>
  window_pair_stage(LeftKey const& key_of, Env const& env, Functions const& f, Make const& make)
      : Window(env, f, make), left_key(key_of) {}

  template <bool Left, class KeyFn>
  struct side_kernel {
    typename Window::kernel inner;
    functor<KeyFn> key_of;

    template <class T>
    WEIR_INLINE void operator()(T const& v, event t) {
      if constexpr (Left)
        inner(Pair{&v, nullptr, key_of(v)}, t);
      else
        inner(Pair{nullptr, &v, key_of(v)}, t);
    }
    WEIR_INLINE timestamp deadline() const { return inner.deadline(); }
    WEIR_INLINE timestamp clock() const { return inner.clock(); }
  };
  using kernel = side_kernel<true, LeftKey>;
  kernel open() { return {Window::open(), left_key}; }
  void commit(kernel const& k) { Window::commit(k.inner); }
  template <class RightKey>
  side_kernel<false, RightKey> open_second(RightKey const& key_of) {
    return {Window::open(), key_of};
  }
  template <class Kernel>
  void commit_second(Kernel const& k) {
    Window::commit(k.inner);
  }
};

}  // namespace weir::detail
