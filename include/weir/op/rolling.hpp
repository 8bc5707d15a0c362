#pragma once

#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/op/keyed/attach_process.hpp>
#include <weir/op/windowed/aggregate_list.hpp>
#include <weir/state/value_state.hpp>

#include <tuple>
#include <utility>

namespace weir {
namespace detail {

template <class V, class Key, class Functions>
struct rolling_function {
  using acc = typename Functions::template accumulator<V>;
  using output = typename rolling_row<Key, typename Functions::template result<V>>::type;
  Functions functions;
  value_state<acc, "rolling"> so_far{};

  auto states() { return std::tie(so_far); }
  template <class T, class Context, class Emit>
  void on_record(T const& v, Context& context, Emit const& emit) const {
    if (!so_far) so_far.update(functions.template zero<V>());
    functions.add(*so_far, v);
    emit(functions.template make_row<output>(context.key(), *so_far));
  }
};

template <class... As>
struct rolling_operator : operation_base {
  using functions_type = aggregate_list<As...>;
  functions_type functions;
  constexpr explicit rolling_operator(As... as) : functions(std::move(as)...) {}

  template <class In>
  static constexpr bool suits = functions_type::template suits<typename In::value>;
  static constexpr bool names_differ = all_different({"key", name_of<As>.view()...});
  template <class In>
  using view = view_in<typename functions_type::template accumulator<typename In::value>>;
  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (In::keyed && !In::windowed && names_differ && suits<In>) return view<In>::owns_its_bytes;
    return false;
  }();
  template <class In>
  using function = rolling_function<typename In::value, process_key<none, In>, functions_type>;
  template <class In>
  using output = process_output<function<In>, In>;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_stream_has_a_key = In::keyed;
    static_assert(the_stream_has_a_key,
                  "weir::rolling(functions...): the stream has no key; put key_by(f) before it");
    constexpr bool the_stream_has_no_windows = !In::windowed;
    static_assert(the_stream_has_no_windows,
                  "weir::rolling(functions...): the stream has windows; use aggregate(functions...)");
    if constexpr (the_stream_has_a_key && the_stream_has_no_windows) {
      constexpr bool each_function_suits_the_record = suits<In>;
      static_assert(each_function_suits_the_record,
                    "weir::rolling(functions...): a function does not suit the records of this stream");
      constexpr bool the_columns_have_different_names = names_differ;
      static_assert(the_columns_have_different_names || !each_function_suits_the_record,
                    "weir::rolling(functions...): two columns have the same name; name one with as<name>");
      if constexpr (each_function_suits_the_record && names_differ)
        static_assert(
            view<In>::owns_its_bytes,
            "weir::rolling(functions...): a function keeps a std::string_view, which does not outlive its "
            "batch; give it a std::string");
    }
  }
  template <class In, class Names>
  using parts = process_parts<function<In>, In, Names>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    return attach_process<In>(function<In>{functions}, env, rest);
  }
  template <class D>
  void describe(D& d) const {
    d.node("rolling", name_of<As>.view()...);
  }
};

}  // namespace detail

// An operator that gives after every record what its key has come to: a row of key and what each function gives.
//
// Input      a stream with a key and without windows; functions are those of aggregate: count, sum, min, max, avg, min_by,
//            max_by, ... or a model of aggregate_function
// Output     row<key, ...>: r["sum"_c]; convertible to a struct by name; without key
// Time       the record's timestamp is kept
// State      an accumulator for each key, for ever; saved
// Ordering   kept
// Errors     "weir::rolling(functions...): the stream has no key; put key_by(f) before it"
//            "weir::rolling(functions...): a function does not suit the records of this stream"
// Example    examples/docs/rolling.cpp
// See also   reduce, aggregate; Flink: KeyedStream.sum, .min, .minBy
template <class... As>
  requires(sizeof...(As) > 0)
constexpr auto rolling(As... functions) {
  return detail::rolling_operator<As...>(std::move(functions)...);
}
template <fixed_string Uid, class... As>
  requires(sizeof...(As) > 0)
constexpr auto rolling(As... functions) {
  return rolling(std::move(functions)...) | uid<Uid>;
}

}  // namespace weir
