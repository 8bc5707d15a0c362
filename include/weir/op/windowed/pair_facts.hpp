// What is known at compile time of an operator that looks at windows of two streams.
#pragma once

#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/core/two_inputs.hpp>
#include <weir/core/uid.hpp>
#include <weir/op/keyed/join_facts.hpp>
#include <weir/op/windowed/apply_stage.hpp>
#include <weir/op/windowed/select_stage.hpp>
#include <weir/op/windowed/window_pair.hpp>
#include <weir/op/windowed/window_policies.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/key_codec.hpp>

#include <concepts>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

// The first mistake, so that one mistake is one error.
enum class pair_fault {
  none,
  no_windows,
  by_clock,
  second_key,
  second_windows,
  second_time,
  two_keys,
  policies,
  late,
  only_moved,
  evicts,
  f,
  left_view,
  right_view
};

template <class In>
using key_as_given = std::invoke_result_t<functor<typename In::key_fn> const&, typename In::value const&>;

template <class In, class Second, class Make>
consteval pair_fault fault_of_pair() {
  using enum pair_fault;
  if constexpr (!In::windowed) {
    return no_windows;
  } else if constexpr (In::window::by_clock || In::window::timeless) {
    return by_clock;
  } else if constexpr (!Second::keyed) {
    return second_key;
  } else if constexpr (Second::windowed) {
    return second_windows;
  } else if constexpr (!Second::timed) {
    return second_time;
  } else {
    using key = stored_key_t<key_as_given<In>>;
    using spec = typename In::window;
    using policies = window_policies<decltype(spec::assigner), decltype(spec::trigger), typename Second::value>;
    if constexpr (!std::same_as<key, stored_key_t<key_as_given<Second>>>)
      return two_keys;
    else if constexpr (!policies::all)
      return pair_fault::policies;
    else if constexpr (spec::has_late)
      return late;
    else if constexpr (!std::copy_constructible<typename In::value> ||
                       !std::copy_constructible<typename Second::value>)
      return only_moved;
    else if constexpr (spec::evicts)
      return evicts;
    else if constexpr (!Make::template takes<key, typename In::value, typename Second::value>)
      return f;
    else if constexpr (is_view<typename In::value>())
      return left_view;
    else if constexpr (is_view<typename Second::value>())
      return right_view;
    else
      return none;
  }
}

template <class In, class Second>
using pair_of = one_of_pair<typename In::value, typename Second::value,
                            typename common_key<key_as_given<In>, key_as_given<Second>>::type>;

// Make: what gives the function for the records of both sides. The operator itself adds its name and its words.
template <class Second, class Make, class Options>
struct window_pair_operator : operation_base {
  static constexpr bool looks_at_windows = true;
  static constexpr bool assigns_time = true;  // its watermark is not that of the stream before it
  using second_stream = typename Second::out;
  using right = typename second_stream::value;
  Second second;
  Make make;
  constexpr window_pair_operator(Second s, Make m) : second(std::move(s)), make(std::move(m)) {}

  template <class In>
  static constexpr pair_fault fault = fault_of_pair<In, second_stream, Make>();
  template <class In>
  static constexpr bool accepts = fault<In> == pair_fault::none;
  template <class In>
  using function = typename Make::template function<typename In::value, right>;
  template <class In>
  using joined = stream<typename function<In>::output, true, none, none,
                        typename with_side_outputs_of<In, second_stream>::side_outputs>;
  template <class In>
  using output = with_late_side<with_late_side<joined<In>, Options::late_left, typename In::value>,
                                Options::late_right, right>;
  template <class In, class Names>
  using parts = concat_parts<parts_of_second<Second, Names>,
                             part_list<part<full_uid<Names::scope, Names::uid>, part_kind::state, true,
                                            has_codec<typename In::value> && has_codec<right> &&
                                                trigger_storable<decltype(In::window::trigger)> &&
                                                storable_key<stored_key_t<key_as_given<In>>>>>>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    using spec = pair_spec<typename In::window, Options>;
    using pair = pair_of<In, second_stream>;
    using lists = pair_lists<typename In::value, right>;
    using names = stage_names<full_uid<Env::scope, Env::uid>>;
    auto const f = make.template make<typename In::value, right>();
    auto const behind = [&] { return rest(env.unkeyed()); };
    apply_before<function<In>, typename function<In>::output, decltype(behind)> const make_next{f, behind};
    auto const inner = env.keyed(key_of_pair{}).windowed(spec(env.window));
    auto const make_core = [&] {
      using window =
          typename window_stage<decltype(spec::assigner), decltype(spec::trigger), pair, key_of_pair, lists,
                                spec, names, typename Env::runtime_type, decltype(make_next())>::type;
      return window_pair_stage<window, pair, typename In::key_fn>(env.key, inner, lists{}, make_next);
    };
    return attach_two_inputs<In, false>(second, env, make_core);
  }
  template <class D>
  void describe(D& d) const {
    d.node(Make::name);
    d.arm(second);
  }
};

}  // namespace weir::detail
