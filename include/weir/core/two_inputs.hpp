// two_inputs: a stage that records of two types reach, the second of them from a pipeline that stands inside the operator.
//
// Behind the first input stands the chain that the operator is in. The second is a pipeline with sources of its own, which
// ends in a port. Only one of them runs at a time. Both lead to a core, which is a stage for the records of the first and has
// for those of the second
//   auto open_second(key_fn)           as open, gives a kernel with the stages behind the core; key_fn is what key_by at the
//                                      end of the second pipeline has given, none without it
//   void commit_second(kernel const&)
// The watermark of the core is the least of both. An input whose records carry no event time does not hold it back beside one
// whose do, but the end of the input is the end of both.
#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/core/shared.hpp>
#include <weir/core/stage.hpp>
#include <weir/core/valve.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace weir::detail {

// What can stand inside: a pipeline without sink.
template <class T>
inline constexpr bool is_open_pipeline = false;
template <class Source, class Op>
inline constexpr bool is_open_pipeline<pipeline<Source, Op>> =
    carries_records<typename pipeline<Source, Op>::out>;

template <class Core, bool FirstTimed, bool SecondTimed>
struct joint {
  static constexpr bool first_timed = FirstTimed, second_timed = SecondTimed;
  // A record of one input is judged by the watermark that the other has made, so both tell theirs whenever they stop.
  static constexpr bool acts = FirstTimed || Core::acts;
  static constexpr bool dynamic = FirstTimed || Core::dynamic;
  static constexpr bool idles = may_idle<Core>;

  Core core;
  valve inputs;
  bool told_idle = false;
  void (*tell_idle)(joint&) = nullptr;  // what is never idle has none of this in its program

  template <class Make>
  explicit joint(Make const& make) : core(make()) {
    inputs.inputs.resize(2);
    leave_out_untimed();
  }
  joint(joint const&) = delete;

  // The watermark of the other input while this one runs.
  timestamp beside(std::size_t input) const { return inputs.others(input); }
  timestamp delivered() const { return inputs.delivered; }
  void advance(std::size_t input, progress p) {
    inputs.reach(input, p.now);
    rise(earlier(p.before, beside(input)));
    if (tell_idle != nullptr) tell_idle(*this);
  }
  void set_idle(std::size_t input, bool idle) {
    if constexpr (FirstTimed && !SecondTimed)
      if (input == 1) return;
    tell_idle = [](joint& j) { j.tell(); };
    if (!inputs.set_idle(input, idle)) return;
    if (!idle) tell();
    rise(min_time);
    tell();
  }
  // An input without time does not hold that of the other back.
  void leave_out_untimed() {
    if constexpr (FirstTimed && !SecondTimed) inputs.set_idle(1, true);
  }
  void rise(timestamp before) {
    if (auto const step = inputs.rise(before)) core.advance(*step);
  }
  void tell() {
    if (inputs.idle() == told_idle) return;
    told_idle = !told_idle;
    core.set_idle(told_idle);
  }
  // An input that is ahead of the other cannot reach a deadline.
  static timestamp deadline_beside(timestamp due, timestamp other) { return other < due ? max_time : due; }

  template <class Ar>
  void state(Ar& ar) {
    inputs.state(ar, std::array<timestamp, 2>());
    leave_out_untimed();
  }
  static std::string kind() { return "two inputs"; }
};

// The end of the second pipeline.
template <class Joint, class KeyFn>
struct second_port : chain_end {
  static constexpr bool acts = Joint::acts;
  static constexpr bool dynamic = Joint::dynamic;
  Joint* to;
  KeyFn key_fn;
  second_port(Joint* j, KeyFn const& k) : to(j), key_fn(k) {}
  second_port(second_port const&) = delete;

  struct kernel {
    decltype(std::declval<Joint&>().core.open_second(std::declval<KeyFn const&>())) inner;
    timestamp delivered, other;
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      if constexpr (!Joint::first_timed)
        inner(std::forward<V>(v), untimed{});
      else if constexpr (Joint::second_timed)
        inner(std::forward<V>(v), event{t.at, later(delivered, earlier(t.watermark, other))});
      else  // the earliest time that is not late
        inner(std::forward<V>(v), event{saturating_add(delivered, tick), delivered});
    }
    WEIR_INLINE timestamp deadline() const {
      if constexpr (Joint::second_timed)
        return Joint::deadline_beside(inner.deadline(), other);
      else
        return max_time;
    }
    WEIR_INLINE timestamp clock() const { return min_time; }
  };
  kernel open() { return {to->core.open_second(key_fn), to->delivered(), to->beside(1)}; }
  void commit(kernel const& k) { to->core.commit_second(k.inner); }
  void advance(progress p) { to->advance(1, p); }
  void set_idle(bool idle) { to->set_idle(1, idle); }
  template <fixed_string Name>
  auto* outlet() {
    return to->core.template outlet<Name>();
  }
};

// The `rest` of the second pipeline.
template <class Joint>
struct make_second_port {
  Joint* to;
  template <class Env>
  auto operator()(Env const& env) const {
    return second_port<Joint, decltype(env.key)>(to, env.key);
  }
};

// Where both inputs have the same watermark, SecondIsFirst says which is read. An assigner of time behind has one split,
// whatever the sources are.
template <class Joint, class Second, bool SecondIsFirst>
struct two_input_stage : behind_splits {
  static constexpr bool acts = Joint::acts;
  static constexpr bool dynamic = Joint::dynamic;
  static constexpr bool idles = Joint::idles || may_idle<Second>;

  Joint both;  // before the second input, which points to it
  Second second;

  template <class MakeCore, class MakeSecond>
  two_input_stage(MakeCore const& make_core, MakeSecond const& make_second)
      : both(make_core), second(make_second(&both)) {}
  two_input_stage(two_input_stage const&) = delete;

  struct kernel {
    typename decltype(Joint::core)::kernel inner;
    timestamp delivered, other;
    template <class V>
    WEIR_INLINE void operator()(V&& v, event t) {
      inner(std::forward<V>(v), event{t.at, later(delivered, earlier(t.watermark, other))});
    }
    template <class V>
    WEIR_INLINE void operator()(V&& v, untimed t) {
      inner(std::forward<V>(v), t);
    }
    WEIR_INLINE timestamp deadline() const { return Joint::deadline_beside(inner.deadline(), other); }
    WEIR_INLINE timestamp clock() const { return min_time; }
  };
  kernel open() { return {both.core.open(), both.delivered(), both.beside(0)}; }
  void commit(kernel const& k) { both.core.commit(k.inner); }
  void advance(progress p) { both.advance(0, p); }
  void set_idle(bool idle) { both.set_idle(0, idle); }
  template <class Visitor>
  void visit(Visitor&& v) {
    if constexpr (requires { v.second_input(second, std::bool_constant<SecondIsFirst>{}); })
      v.second_input(second, std::bool_constant<SecondIsFirst>{});
    second.visit(v);
    v(both);
    both.core.visit(v);
  }
  template <fixed_string Name>
  auto* outlet() {
    return both.core.template outlet<Name>();
  }
};

// What stands inside of the operator, in an environment that has none of its names.
template <class In, bool SecondIsFirst, class Pipeline, class Env, class MakeCore>
auto attach_two_inputs(Pipeline const& second, Env const& env, MakeCore const& make_core) {
  using core = decltype(make_core());
  using both = joint<core, In::timed, Pipeline::out::timed>;
  auto const make_second = [&](both* j) {
    return attach_pipeline(second, on_line(env.unkeyed(), lines_of_arms(env, second)[0]),
                           make_second_port<both>{j});
  };
  return two_input_stage<both, decltype(make_second(nullptr)), SecondIsFirst>(make_core, make_second);
}
// The stream of the first input, with the side outputs of both.
template <class In, class Second>
using with_side_outputs_of =
    with_side_outputs<In,
                      typename concat_outlets<typename In::side_outputs, typename Second::side_outputs>::type>;
// The parts of the second pipeline: what it names is not named by the operator.
template <class Pipeline, class Names>
using parts_of_second = typename Pipeline::template parts<part_names<Names::scope>>;

}  // namespace weir::detail
