#pragma once

#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/op/windowed/select_stage.hpp>
#include <weir/state/key_hash.hpp>

#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// What aggregate does with a record that depends on nothing but the record.
template <class V, class KeyFn, class Functions>
struct aggregate_probe {
  KeyFn key_fn;
  Functions functions;
  void operator()(V const& v) const {
    using key = typename window_types<V, KeyFn, Functions>::key;
    (void)key_hash<key>{}(std::invoke(key_fn, v));  // which refuses NaN
    auto acc = functions.template zero<V>();
    functions.add(acc, v);
  }
};

template <class... As>
struct aggregate_operator : operation_base {
  static constexpr bool looks_at_windows = true;
  using functions_type = aggregate_list<As...>;
  functions_type functions;
  constexpr explicit aggregate_operator(As... as) : functions(std::move(as)...) {}
  // For process_window, which puts its own function behind them.
  constexpr functions_type window_functions() const { return functions; }
  template <class>
  static constexpr bool guardable = true;

  template <class In>
  static constexpr bool suits = functions_type::template suits<typename In::value>;
  static constexpr bool names_differ =
      all_different({"key", "window_start", "window_end", name_of<As>.view()...});
  // The part of an accumulator that is a view.
  template <class V>
  using view = view_in<typename functions_type::template accumulator<V>>;
  template <class In>
  static constexpr bool owned = [] {
    if constexpr (suits<In> && names_differ)
      return view<typename In::value>::owns_its_bytes;
    else
      return true;
  }();
  template <class In>
  static constexpr bool accepts = names_differ && In::windowed && suits<In> && owned<In>;
  template <class In>
  using output = typename windowed_output<In, functions_type>::type;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_stream_has_windows = In::windowed;
    static_assert(the_stream_has_windows,
                  "weir::aggregate(functions...): the stream has no windows; put window(assigner) before it");
    if constexpr (the_stream_has_windows) {
      constexpr bool each_function_suits_the_record = suits<In>;
      static_assert(each_function_suits_the_record,
                    "weir::aggregate(functions...): a function does not suit the records of this stream");
      if constexpr (each_function_suits_the_record && names_differ)
        static_assert(
            view<typename In::value>::owns_its_bytes,
            "weir::aggregate(functions...): a function keeps a std::string_view, which does not outlive "
            "its batch; give it a std::string");
      constexpr bool the_columns_have_different_names = names_differ;
      static_assert(the_columns_have_different_names || !each_function_suits_the_record,
                    "weir::aggregate(functions...): two columns have the same name; name one with as<name>");
    }
  }
  template <class In, class Names>
  using parts = window_parts<In, functions_type, Names>;
  template <class In, class Env>
  auto probe(Env const& env) const {
    return aggregate_probe<typename In::value, typename In::key_fn, functions_type>{env.key, functions};
  }
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    return attach_window<In>(functions, env, rest);
  }
  template <class D>
  void describe(D& d) const {
    describe_functions(d, "aggregate");
  }
  template <class D>
  static void describe_functions(D& d, std::string_view kind) {
    d.node(kind, name_of<As>.view()...);
  }
};

struct aggregate_fn {
  template <class... As>
    requires(sizeof...(As) > 0)
  constexpr auto operator()(As... as) const {
    return aggregate_operator<As...>(std::move(as)...);
  }
  template <class... None>
    requires(sizeof...(None) == 0)
  constexpr rejected operator()(None...) const {
    constexpr bool there_is_a_function = sizeof...(None) > 0;
    static_assert(there_is_a_function,
                  "weir::aggregate(functions...): there is no function; put count() in it");
    return {};
  }
};

}  // namespace detail

// An operator that gives for each window of each key a row: key, window_start, window_end, then what each function gives,
// under its name or as<"name">.
//
// Input      a stream with windows; functions are count, sum, min, max, avg, count_distinct, collect or a model of
//            aggregate_function (zero, add, result, merge)
// Output     row<key, window_start, window_end, ...>: w["total"_c]; convertible to a struct by name
// Time       the row's timestamp is the window's last instant
// State      an accumulator for each key and window; saved
// Ordering   see window
// Errors     "weir::aggregate(functions...): the stream has no windows; put window(assigner) before it"
//            "weir::aggregate(functions...): there is no function; put count() in it"
//            "weir::aggregate(functions...): a function does not suit the records of this stream"
//            "weir::aggregate(functions...): two columns have the same name; name one with as<name>"
//            "weir::aggregate(functions...): a function keeps a std::string_view, which does not outlive its batch; ..."
// Example    examples/docs/aggregate.cpp
// See also   window, reduce; Flink: WindowedStream.aggregate
inline constexpr detail::aggregate_fn aggregate{};

}  // namespace weir
