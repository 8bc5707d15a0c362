#pragma once

#include <weir/core/call.hpp>
#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/core/uid.hpp>
#include <weir/op/async/async_stage.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

template <class F>
concept has_on_timeout = requires { &F::on_timeout; };
template <class F>
concept has_on_failure = requires { &F::on_failure; };

// Out is given, or void: then f gives the output.
template <class Out, class F>
struct async_map_operator : operation_base {
  static constexpr bool assigns_time = true;  // its watermark is not that of the stream before it
  F f;
  async_options options;
  constexpr async_map_operator(F fn, async_options o) : f(std::move(fn)), options(o) {}

  template <class V>
  struct result {
    using type = Out;
  };
  template <class V>
    requires(std::is_void_v<Out> && callable_with<F const&, V const&>)
  struct result<V> {
    using type = std::remove_cvref_t<std::invoke_result_t<F const&, V const&>>;
  };
  template <class In>
  using result_of = typename result<typename In::value>::type;
  template <class In>
  static constexpr bool gives_a_result = [] {
    if constexpr (std::is_void_v<result_of<In>>)
      return false;
    else
      return answers_later<F, typename In::value, result_of<In>> ||
             gives<result_of<In>, F const&, typename In::value const&>;
  }();
  // What f has of on_timeout and on_failure is called.
  template <class In>
  static constexpr bool answers_fit = [] {
    bool const timeouts = !has_on_timeout<F> || answers_timeouts<F, typename In::value, result_of<In>>;
    return timeouts && (!has_on_failure<F> || answers_failures<F, typename In::value, result_of<In>>);
  }();
  template <class In>
  static constexpr bool owns_its_bytes = view_in<typename In::value>::owns_its_bytes;
  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (std::copy_constructible<typename In::value> && owns_its_bytes<In> &&
                  In::side_outputs::empty && gives_a_result<In>)
      return answers_fit<In>;
    else
      return false;
  }();
  template <class In>
  using output = with_value<In, result_of<In>>;
  template <class In>
  static constexpr void explain() {
    if constexpr (!std::copy_constructible<typename In::value>) {
      constexpr bool the_record_can_be_copied = !In::open;
      static_assert(the_record_can_be_copied,
                    "weir::async_map: the record cannot be copied, so it cannot wait for its result");
    } else if constexpr (!owns_its_bytes<In>) {
      static_assert(
          view_in<typename In::value>::owns_its_bytes,
          "weir::async_map: the record has a std::string_view, which does not outlive its batch; map it "
          "to one with std::string");
    } else if constexpr (!In::side_outputs::empty) {
      static_assert(In::side_outputs::empty,
                    "weir::async_map: a side output made above is not consumed; put side<name>(chain) or "
                    "discard<name> before it");
    } else if constexpr (gives_a_result<In>) {
      constexpr bool they_can_be_called = answers_fit<In>;
      static_assert(
          they_can_be_called,
          "weir::async_map: f.on_timeout(record) or f.on_failure(record, std::exception_ptr) is not const, "
          "or gives no result");
    } else {
      constexpr bool f_gives_a_result = gives_a_result<In>;
      static_assert(
          f_gives_a_result,
          "weir::async_map: neither async_map(f) with a value f(record), nor async_map<uid, T>(f) with "
          "f(record, weir::async_result<T>)");
    }
  }
  template <class In, class Names>
  using parts = part_list<
      part<full_uid<Names::scope, Names::uid>, part_kind::state, true, has_codec<typename In::value>>>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    options.check();
    auto const make_next = [&] { return rest(env.unkeyed()); };
    return async_stage<typename In::value, result_of<In>, In::timed, F, full_uid<Env::scope, Env::uid>,
                       typename Env::runtime_type, decltype(make_next())>(env, f, options, make_next);
  }
  template <class D>
  void describe(D& d) const {
    d.node("async_map", options.unordered ? "unordered" : "");
  }
};

}  // namespace detail

// An operator that gives f of each record, where f takes long: an inquiry of a service or a database.
//
// Input      any stream of records that can be copied. f is one of
//              f(record) -> T                          blocks; called by `threads` threads of the operator at once
//              f(record, weir::async_result<T> result) returns at once and somebody calls result(value), or
//                                                      result.fail(error), later, from any thread; `record` is valid
//                                                      until f returns
//            and may have on_timeout(record) -> T and on_failure(record, std::exception_ptr) -> T
// Output     T, without key
// Time       each result carries the timestamp of its record. The watermark waits for records that wait for their result, so
//            that none becomes late by waiting; a record without event time has none to hold back
// State      the records that wait: saved, and asked for again after a restart, so f is called at least once for each
// Ordering   kept; with .unordered a result goes on when it comes
// Errors     a call that fails is tried `tries` times; then f.on_failure(record, error) gives its result, or the run fails.
//            A call without answer for `timeout` has f.on_timeout(record) as its result, or the run fails. Both are
//            counted: "retries", "timeouts". While `capacity` calls are under way, the pipeline waits
//            "weir::async_map: f.on_timeout(record) or f.on_failure(record, std::exception_ptr) is not const, or gives no result"
//            "weir::async_map: a side output made above is not consumed; put side<name>(chain) or discard<name> before it"
//            "weir::async_map: the record has a std::string_view, which does not outlive its batch; ..."
//            "weir::async_map: neither async_map(f) with a value f(record), nor async_map<uid, T>(f) with ..."
// Example    examples/docs/async_map.cpp
// See also   map, temporal_join; Flink: AsyncDataStream.orderedWait, unorderedWait
template <fixed_string Uid, class T = void, class F>
constexpr auto async_map(F f, async_options options = {}) {
  return detail::async_map_operator<T, F>(std::move(f), options) | uid<Uid>;
}

}  // namespace weir
