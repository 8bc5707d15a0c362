#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/core/shared.hpp>
#include <weir/core/uid.hpp>

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// Stages beside each other, built in place: a tuple cannot do that.
template <class... Stages>
struct branch_list {
  static constexpr bool acts = false;
  static constexpr bool dynamic = false;
  struct kernel {
    WEIR_INLINE timestamp deadline() const { return max_time; }
  };
  template <class F>
  void for_each(F const&) const {}
  kernel open() { return {}; }
  void commit(kernel const&) {}
};

template <class First, class... More>
struct branch_list<First, More...> {
  using rest_list = branch_list<More...>;
  static constexpr bool acts = First::acts || rest_list::acts;
  static constexpr bool dynamic = First::dynamic || rest_list::dynamic;
  static constexpr bool idles = may_idle<First> || may_idle<rest_list>;
  static constexpr bool clocked = has_clock<First>;

  First stage;
  rest_list more;

  template <class Make, class... Makes>
  explicit branch_list(Make const& make, Makes const&... makes) : stage(make()), more(makes...) {}

  struct kernel {
    typename First::kernel first;
    typename rest_list::kernel more;
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      if constexpr (sizeof...(More) == 0) {
        first(std::forward<V>(v), t);
      } else {
        first(std::as_const(v), t);
        more(std::forward<V>(v), t);
      }
    }
    WEIR_INLINE timestamp deadline() const { return earlier(first.deadline(), more.deadline()); }
    WEIR_INLINE timestamp clock() const { return first.clock(); }
  };
  kernel open() { return {stage.open(), more.open()}; }
  bool is_idle(std::size_t split) const { return stage.is_idle(split); }
  timestamp clock_of(std::size_t split) const { return stage.clock_of(split); }
  void commit(kernel const& k) {
    stage.commit(k.first);
    more.commit(k.more);
  }
  template <class F>
  void for_each(F const& f) {
    f(stage);
    more.for_each(f);
  }
  template <class F>
  void for_each(F const& f) const {
    f(stage);
    more.for_each(f);
  }
};

template <class Next, class Branches>
struct branch_stage {
  static constexpr bool acts = Branches::acts || Next::acts;
  static constexpr bool dynamic = Branches::dynamic || Next::dynamic;
  static constexpr bool idles = may_idle<Branches> || may_idle<Next>;
  static constexpr bool clocked = has_clock<Branches>;

  shared<Next> tail;  // before the branches, which point to it
  Branches branches;

  template <class MakeTail, class... Makes>
  explicit branch_stage(MakeTail const& make_tail, Makes const&... make)
      : tail(make_tail), branches([&] { return make(&tail); }...) {}
  branch_stage(branch_stage const&) = delete;

  struct kernel {
    shared<Next>* tail;
    typename Branches::kernel branches;
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      branches(std::forward<V>(v), t);
    }
    WEIR_INLINE timestamp deadline() const {
      if constexpr (Next::acts)
        return earlier(branches.deadline(), tail->hot->deadline());
      else
        return branches.deadline();
    }
    WEIR_INLINE timestamp clock() const { return branches.clock(); }
  };
  kernel open() {
    tail.open();
    return {&tail, branches.open()};
  }
  void commit(kernel const& k) {
    branches.commit(k.branches);
    tail.close();
  }
  void advance(progress p) {
    branches.for_each([&](auto& b) { b.advance(p); });
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    branches.for_each([&](auto& b) { b.visit(v); });
    v(tail);
    tail.next.visit(v);
  }
  void splits(std::size_t n) {
    branches.for_each([&](auto& b) { b.splits(n); });
    tail.next.splits(n);
  }
  void select(std::size_t split) {
    branches.for_each([&](auto& b) { b.select(split); });
    tail.next.select(split);
  }
  void finish(std::size_t split) {
    branches.for_each([&](auto& b) { b.finish(split); });
    tail.next.finish(split);
  }
  void waited(std::size_t split, duration d) {
    branches.for_each([&](auto& b) { b.waited(split, d); });
    tail.next.waited(split, d);
  }
  bool look_for_idle(std::size_t split) {
    bool any = tail.next.look_for_idle(split);
    branches.for_each([&](auto& b) { any = b.look_for_idle(split) || any; });
    return any;
  }
  duration until_idle(std::size_t split) const {
    duration least = tail.next.until_idle(split);
    branches.for_each([&](auto const& b) { least = std::min(least, b.until_idle(split)); });
    return least;
  }
  bool is_idle(std::size_t split) const { return branches.is_idle(split); }
  timestamp clock_of(std::size_t split) const { return branches.clock_of(split); }
  void set_idle(bool idle) {
    branches.for_each([&](auto& b) { b.set_idle(idle); });
  }
  template <fixed_string Name>
  auto* outlet() {
    return tail.next.template outlet<Name>();
  }
};

// What the open branches carry together: one element type, event time where all have it.
template <class... Outs>
struct merged_stream {
  using type = finished;
  static constexpr bool same_type = true;
};
template <class... Rest>
struct merged_stream<finished, Rest...> : merged_stream<Rest...> {};
template <class Out, class... Rest>
struct merged_stream<Out, Rest...> {
  using rest = typename merged_stream<Rest...>::type;
  static constexpr bool same_type = [] {
    if constexpr (!rest::open)
      return true;
    else
      return merged_stream<Rest...>::same_type && std::is_same_v<typename rest::value, typename Out::value>;
  }();
  using type = typename decltype([] {
    if constexpr (!rest::open)
      return std::type_identity<
          stream<typename Out::value, Out::timed, none, none, typename Out::side_outputs>>{};
    else
      return std::type_identity<
          stream<typename Out::value, Out::timed && rest::timed, none, none,
                 typename concat_outlets<typename Out::side_outputs, typename rest::side_outputs>::type>>{};
  }())::type;
};

// Behind the branches: what they carry, and the side outputs that were made above.
template <class Merged, class Outlets>
struct branch_output {
  using type = with_side_outputs<Merged, typename concat_outlets<typename Merged::side_outputs, Outlets>::type>;
};
template <class Outlets>
struct branch_output<finished, Outlets> {
  using type = finished;
};

// Whether there is an assigner of time in a chain.
template <class Op>
inline constexpr bool assigns_time = requires { Op::assigns_time; };
template <class A, class B>
inline constexpr bool assigns_time<chain<A, B>> = assigns_time<A> || assigns_time<B>;
template <class Op, fixed_string Name>
inline constexpr bool assigns_time<named<Op, Name>> = assigns_time<Op>;
template <fixed_string Name, class Op>
inline constexpr bool assigns_time<scoped_operation<Name, Op>> = assigns_time<Op>;

// What each chain starts with. The side outputs made above are for what stands behind the branches.
template <class In>
using branch_input = with_side_outputs<In, outlets<>>;

template <operation... Branches>
struct branch_operator : operation_base {
  static constexpr bool looks_at_windows = true;
  std::tuple<Branches...> branches;
  constexpr explicit branch_operator(Branches... b) : branches(std::move(b)...) {}

  template <class In>
  static constexpr bool each_accepts =
      ((Branches::template accepts<branch_input<In>> && keeps_all<Branches, branch_input<In>>)&&...);
  template <class In>
  using merged = merged_stream<output_of<Branches, branch_input<In>>...>;
  template <class In>
  static constexpr bool has_one_clock =
      !((assigns_time<Branches> && output_of<Branches, branch_input<In>>::open) || ...);
  template <class In>
  static constexpr bool sinks_leave_nothing = !(is_sunk<output_of<Branches, branch_input<In>>> || ...);
  template <class In>
  static constexpr bool has_window = (ends_in_window<output_of<Branches, branch_input<In>>> || ...);
  template <class In>
  static constexpr bool side_outputs_go_on = In::side_outputs::empty || merged<In>::type::open;
  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (!(Branches::template accepts<branch_input<In>> && ...))
      return false;
    else if constexpr (each_accepts<In>)
      return sinks_leave_nothing<In> && !has_window<In> && merged<In>::same_type && has_one_clock<In> &&
             side_outputs_go_on<In>;
    else
      return false;
  }();
  template <class In>
  using output = typename branch_output<typename merged<In>::type, typename In::side_outputs>::type;
  template <class In>
  static constexpr void explain() {
    if constexpr (each_accepts<In> && has_window<In>) {
      constexpr bool each_window_has_a_function = !has_window<In>;
      static_assert(each_window_has_a_function,
                    "weir::branch(chains...): a window has no function; put aggregate, reduce, process_window, "
                    "co_group or window_join behind window(assigner)");
    } else if constexpr (each_accepts<In>) {
      constexpr bool each_sink_leaves_nothing = sinks_leave_nothing<In>;
      static_assert(each_sink_leaves_nothing,
                    "weir::branch(chains...): a side output is not consumed; put side<name>(chain) or "
                    "discard<name> behind "
                    "into(sink, failed_to<name>), in the same chain");
      constexpr bool the_open_branches_have_one_type = merged<In>::same_type || !each_sink_leaves_nothing;
      static_assert(
          the_open_branches_have_one_type,
          "weir::branch(chains...): the chains that do not end in into(sink) give records of different types");
      constexpr bool open_branches_keep_the_time_they_have = has_one_clock<In>;
      static_assert(open_branches_keep_the_time_they_have || !the_open_branches_have_one_type ||
                        !each_sink_leaves_nothing,
                    "weir::branch(chains...): assign_timestamps, async_map, by_processing_time or a second "
                    "input (broadcast, "
                    "connect, a join) in a "
                    "chain that does not end in into(sink); put it before branch");
      constexpr bool each_side_output_is_consumed = side_outputs_go_on<In>;
      static_assert(
          each_side_output_is_consumed || !open_branches_keep_the_time_they_have || !each_sink_leaves_nothing,
          "weir::branch(chains...): all chains end in into(sink), and a side output made above is not "
          "consumed; put side<name>(chain) or discard<name> before branch");
    }
  }
  template <class In, class Names>
  using parts = concat_parts<typename Branches::template parts<branch_input<In>, Names>...>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    auto const make_tail = [&] { return rest(env.unkeyed()); };
    using tail_type = shared<decltype(make_tail())>;
    return std::apply(
        [&](auto const&... b) {
          auto const lines = lines_of_arms(env, b...);
          auto const build = [&](auto const& op, std::size_t line) {
            return [&, line](tail_type* tail) {
              return attach_operation<branch_input<In>>(op, on_line(env, line),
                                                        make_port<branch_port<tail_type>, tail_type>{tail});
            };
          };
          using stages = branch_list<decltype(build(b, 0)(nullptr))...>;
          return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return branch_stage<decltype(make_tail()), stages>(make_tail, build(b, lines[I])...);
          }(std::index_sequence_for<Branches...>{});
        },
        branches);
  }
  template <class D>
  void describe(D& d) const {
    d.fork("branch");
    std::apply([&](auto const&... b) { (d.arm(b), ...); }, branches);
    d.join();
  }
};

// The first chain with a mistake.
template <class First, class... More, class In>
  requires(!weir::accepts<First, branch_input<In>>)
struct culprit<branch_operator<First, More...>, In> : culprit<First, branch_input<In>> {};
template <class First, class... More, class In>
  requires(weir::accepts<First, branch_input<In>> && !(weir::accepts<More, branch_input<In>> && ...))
struct culprit<branch_operator<First, More...>, In> : culprit<branch_operator<More...>, In> {};

template <operation... Branches>
inline constexpr bool assigns_time<branch_operator<Branches...>> = (assigns_time<Branches> || ...);

struct branch_fn {
  template <operation... Branches>
  constexpr auto operator()(Branches... branches) const {
    return branch_operator<Branches...>(std::move(branches)...);
  }
};

}  // namespace detail

// An operator that gives each record to several chains; the input is read once.
//
// Input      any stream; each chain starts with it, its key included
// Output     chains that end in into(sink) are closed; what the others give, of one type, in their order for each record
// Time       one watermark for all chains; behind them the least of the open ones
// State      what the chains have
// Ordering   for each record the chains run in their order
// Errors     "weir::branch(chains...): the chains that do not end in into(sink) give records of different types"
//            "weir::branch(chains...): assign_timestamps, async_map, by_processing_time or a second input ..."
//            "weir::branch(chains...): a side output is not consumed; ...", of a sink with failed_to<name> that ends a chain
// Example    examples/docs/branch.cpp
// See also   merge, side
inline constexpr detail::branch_fn branch{};

}  // namespace weir
