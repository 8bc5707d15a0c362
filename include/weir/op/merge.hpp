#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/core/shared.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// Running pipelines beside each other, built in place.
template <class... Inputs>
struct input_list {
  static constexpr std::size_t inputs = 0;
  static constexpr bool idles = false;
  template <class F>
  void for_each(F const&) {}
};
template <class First, class... More>
struct input_list<First, More...> {
  static constexpr std::size_t inputs = First::inputs + input_list<More...>::inputs;
  static constexpr bool idles = may_idle<First> || input_list<More...>::idles;
  First input;
  input_list<More...> more;
  template <class Make, class... Makes>
  explicit input_list(Make const& make, Makes const&... makes) : input(make()), more(makes...) {}
  template <class F>
  void for_each(F const& f) {
    f(input);
    more.for_each(f);
  }
};

template <class Next, class Inputs>
struct merge_stage {
  static constexpr std::size_t inputs = Inputs::inputs;
  static constexpr bool idles = Inputs::idles || may_idle<Next>;
  shared<Next> tail;  // before the arms, which point to it
  Inputs arms;
  template <class MakeTail, class... Makes>
  explicit merge_stage(MakeTail const& make_tail, Makes const&... make)
      : tail(make_tail), arms([&] { return make(&tail); }...) {}
  merge_stage(merge_stage const&) = delete;

  template <class F>
  void for_each_input(F&& f) {
    arms.for_each([&](auto& i) { i.for_each_input(f); });
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    constexpr bool wants_names = requires { v.begin_merge(); };
    if constexpr (wants_names) v.begin_merge();
    arms.for_each([&](auto& i) {
      i.visit(v);
      if constexpr (wants_names) v.end_of_arm();
    });
    if constexpr (wants_names) v.end_merge(tail.inputs, Next::acts || Next::dynamic);
    v(tail);
    tail.next.visit(v);
  }
};

template <class... Pipelines>
struct merge_root {
  std::tuple<Pipelines...> pipelines;
  using first = typename std::tuple_element_t<0, std::tuple<Pipelines...>>::out;
  using outlets_type = typename concat_outlets<typename Pipelines::out::side_outputs...>::type;
  using stream = weir::stream<typename first::value, (Pipelines::out::timed && ...), none, none, outlets_type>;

  template <class Names>
  using parts = concat_parts<typename Pipelines::template parts<Names>...>;

  template <class Env, class Make>
  auto attach(Env const& env, Make const& make) const {
    using tail_type = shared<decltype(make())>;
    return std::apply(
        [&](auto const&... p) {
          auto const lines = lines_of_arms(env, p...);
          auto const build = [&](auto const& one, std::size_t line) {
            return [&, line](tail_type* tail) {
              return attach_pipeline(one, on_line(env, line),
                                     make_port<merge_port<tail_type>, tail_type>{tail});
            };
          };
          using stages = input_list<decltype(build(p, 0)(nullptr))...>;
          return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return merge_stage<decltype(make()), stages>(make, build(p, lines[I])...);
          }(std::index_sequence_for<Pipelines...>{});
        },
        pipelines);
  }
  template <class D>
  void describe(D& d) const {
    d.fork("merge");
    std::apply([&](auto const&... p) { (d.arm(p), ...); }, pipelines);
    d.join();
  }
};

struct merge_fn {
  template <class... Sources, class... Ops>
  constexpr auto operator()(pipeline<Sources, Ops>... pipelines) const {
    constexpr bool all_are_open = (carries_records<typename pipeline<Sources, Ops>::out> && ...);
    static_assert(all_are_open, "weir::merge(pipelines...): one of them has ended in into(sink)");
    constexpr bool each_window_has_a_function = !(ends_in_window<typename pipeline<Sources, Ops>::out> || ...);
    static_assert(each_window_has_a_function,
                  "weir::merge(pipelines...): a window has no function; put aggregate, reduce, process_window, "
                  "co_group or window_join behind window(assigner)");
    using side_outputs = typename concat_outlets<typename pipeline<Sources, Ops>::out::side_outputs...>::type;
    if constexpr (all_are_open && each_window_has_a_function) {
      using out = typename std::tuple_element_t<0, std::tuple<pipeline<Sources, Ops>...>>::out;
      using first = typename out::value;
      constexpr bool they_have_one_type =
          (std::is_same_v<first, typename pipeline<Sources, Ops>::out::value> && ...);
      static_assert(they_have_one_type, "weir::merge(pipelines...): they give records of different types");
      if constexpr (has_clash<side_outputs>) {
        with_a_clash::explain<out>();
        return rejected{};
      } else if constexpr (they_have_one_type) {
        using root = merge_root<pipeline<Sources, Ops>...>;
        return pipeline<root, identity_operation>(root{{std::move(pipelines)...}}, {});
      } else {
        return rejected{};
      }
    } else {
      return rejected{};
    }
  }
};

}  // namespace detail

// An operator that makes one stream of several pipelines of one type.
//
// Input      pipelines that are open: each begins with from and has no sink
// Output     their records
// Time       the watermark is the least of theirs; one that has ended counts no more
// State      the watermark of each; saved
// Ordering   the next record comes from the source with the least watermark, ties in the order of the arguments, so
//            that the same inputs give the same output; sources without event time are read one after the other
// Errors     "weir::merge(pipelines...): they give records of different types"
// Example    examples/docs/merge.cpp
// See also   branch; Flink: DataStream.union
inline constexpr detail::merge_fn merge{};

}  // namespace weir
