// What joins by time have in common: two streams with one key and event time, and a function of connect's kind.
#pragma once

#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/core/two_inputs.hpp>
#include <weir/core/uid.hpp>
#include <weir/op/keyed/join_facts.hpp>
#include <weir/op/keyed/join_stage.hpp>
#include <weir/op/keyed/process_facts.hpp>

#include <concepts>
#include <utility>

namespace weir::detail {

// The first mistake, so that one mistake is one error.
enum class join_fault { none, key, windows, time, two_keys, only_moved, f, left_view, right_view };

template <class In, class Second, class Make>
consteval join_fault fault_of_join() {
  if constexpr (!In::keyed || !Second::keyed)
    return join_fault::key;
  else if constexpr (In::windowed || Second::windowed)
    return join_fault::windows;
  else if constexpr (!In::timed || !Second::timed)
    return join_fault::time;
  else if constexpr (!std::same_as<process_key<none, In>, process_key<none, Second>>)
    return join_fault::two_keys;
  else if constexpr (!std::copy_constructible<typename In::value> ||
                     !std::copy_constructible<typename Second::value>)
    return join_fault::only_moved;
  else if constexpr (!Make::template takes<typename In::value, typename Second::value>)
    return join_fault::f;
  else if constexpr (is_view<typename In::value>())
    return join_fault::left_view;
  else if constexpr (is_view<typename Second::value>())
    return join_fault::right_view;
  else
    return join_fault::none;
}

// Make gives the function for the records of both sides, and says which are late. The operator adds its words.
template <class Second, class Make, class Options>
struct timed_join_operator : operation_base {
  static constexpr bool assigns_time = true;  // its watermark is not that of the stream before it
  using second_stream = typename Second::out;
  using right = typename second_stream::value;
  Second second;
  Make make;
  constexpr timed_join_operator(Second s, Make m) : second(std::move(s)), make(std::move(m)) {}

  template <class In>
  static constexpr join_fault fault = fault_of_join<In, second_stream, Make>();
  template <class In>
  static constexpr bool accepts = fault<In> == join_fault::none;
  template <class In>
  using function = typename Make::template function<typename In::value, right>;
  template <class In>
  using joined = with_value<with_side_outputs_of<In, second_stream>, typename function<In>::output>;
  template <class In>
  using output = with_late_side<with_late_side<joined<In>, Options::late_left, typename In::value>,
                                Options::late_right, right>;
  template <class In, class Names>
  using parts = concat_parts<parts_of_second<Second, Names>,
                             part_list<part<full_uid<Names::scope, Names::uid>, part_kind::state, true,
                                            process_storable<function<In>, In>>>>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    auto const f = make.template make<typename In::value, right>();
    auto const make_next = [&] { return rest(env.unkeyed()); };
    auto const make_core = [&] {
      return join_stage<typename In::value, typename In::key_fn, function<In>, Make, Options,
                        full_uid<Env::scope, Env::uid>, typename Env::runtime_type, decltype(make_next())>(
          env, f, make_next);
    };
    return attach_two_inputs<In, false>(second, env, make_core);
  }
  template <class D>
  void describe(D& d) const {
    make.describe(d);
    d.arm(second);
  }
};

}  // namespace weir::detail
