#pragma once

#include <weir/core/call.hpp>
#include <weir/core/functor.hpp>
#include <weir/core/is_view.hpp>
#include <weir/core/key.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/core/uid.hpp>
#include <weir/op/async/async_stage.hpp>
#include <weir/op/async/lookup_cache.hpp>
#include <weir/op/keyed/join_facts.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// What is written behind find and f, in any order, each once.
template <class... Options>
struct lookup_options {
  template <class T>
  static constexpr std::size_t count = (std::size_t{std::same_as<Options, T>} + ... + 0);
  static constexpr bool outer = count<outer_join<true, false>> == 1;
  static constexpr bool known =
      count<outer_join<true, false>> <= 1 && count<lookup_cache> <= 1 && count<async_options> <= 1 &&
      count<outer_join<true, false>> + count<lookup_cache> + count<async_options> == sizeof...(Options);

  lookup_cache cache{};
  async_options calls{};

  void take(outer_join<true, false>) {}
  void take(lookup_cache c) { cache = c; }
  void take(async_options o) { calls = o; }
};

template <class T>
struct row_found {
  static constexpr bool any = false;
};
template <class T>
struct row_found<std::optional<T>> {
  static constexpr bool any = true;
  using row = T;
};

template <class Find, class Key>
inline constexpr bool finds_rows = false;
template <class Find, class Key>
  requires callable_with<Find const&, Key const&>
inline constexpr bool finds_rows<Find, Key> =
    row_found<std::remove_cvref_t<std::invoke_result_t<Find const&, Key const&>>>::any;
template <class Find, class Key>
using row_of = typename row_found<std::remove_cvref_t<std::invoke_result_t<Find const&, Key const&>>>::row;
template <class F, class... Args>
inline constexpr bool gives_something = false;
template <class F, class... Args>
  requires callable_with<F, Args...>
inline constexpr bool gives_something<F, Args...> = !std::is_void_v<std::invoke_result_t<F, Args...>>;
// As f takes it.
template <class Find, class Key, bool Outer>
using row_for = std::conditional_t<Outer, row_of<Find, Key> const*, row_of<Find, Key> const&>;

// What f gives must outlive the row.
template <class F, class V, class Row>
inline constexpr bool shows_the_row =
    is_view<std::remove_cvref_t<std::invoke_result_t<F const&, V const&, Row>>>();

// The function of an async_map: a record with the row of its key. Copies share what they remember.
template <class KeyFn, class Key, class Find, class F, bool Outer>
struct lookup_function {
  using row = row_of<Find, Key>;
  using found = std::optional<row>;

  KeyFn key_fn;
  Find find;
  F f;
  std::shared_ptr<found_rows<Key, row>> known;

  template <class V>
  auto operator()(V const& v) const {
    Key const key(functor<KeyFn>(key_fn)(v));
    std::optional<found> here = known->find(key);
    if (!here) known->put(key, here.emplace(find(key)));
    if constexpr (Outer) {
      return f(v, static_cast<row const*>(*here ? &**here : nullptr));
    } else {
      using result = std::remove_cvref_t<std::invoke_result_t<F const&, V const&, row const&>>;
      return *here ? std::optional<result>(f(v, **here)) : std::nullopt;
    }
  }
};

// Behind an inner join: a record without row gives nothing.
template <class Next>
struct found_only : forwarding<Next> {
  using forwarding<Next>::forwarding;
  struct kernel : forwarding_kernel<typename Next::kernel> {
    using forwarding_kernel<typename Next::kernel>::forwarding_kernel;
    template <class T, class Time>
    WEIR_INLINE void operator()(std::optional<T>&& v, Time t) {
      if (v) this->next(std::move(*v), t);
    }
  };
  kernel open() { return kernel(this->next.open()); }
  void commit(kernel const& k) { this->next.commit(k.next); }
};

enum class lookup_fault { none, key, only_moved, view, side, find, f, shows };

template <class Find, class F, class Options>
struct lookup_join_operator : operation_base {
  static constexpr bool assigns_time = true;  // its watermark is not that of the stream before it
  Find find;
  F f;
  Options options;
  constexpr lookup_join_operator(Find g, F fn, Options o)
      : find(std::move(g)), f(std::move(fn)), options(std::move(o)) {}

  template <class In>
  using key =
      stored_key_t<std::invoke_result_t<functor<typename In::key_fn> const&, typename In::value const&>>;
  template <class In>
  static constexpr lookup_fault fault = [] {
    using V = typename In::value;
    if constexpr (!In::keyed)
      return lookup_fault::key;
    else if constexpr (!std::copy_constructible<V>)
      return lookup_fault::only_moved;
    else if constexpr (is_view<V>())
      return lookup_fault::view;
    else if constexpr (!In::side_outputs::empty)
      return lookup_fault::side;
    else if constexpr (!finds_rows<Find, key<In>>)
      return lookup_fault::find;
    else if constexpr (!gives_something<F const&, V const&, row_for<Find, key<In>, Options::outer>>)
      return lookup_fault::f;
    else if constexpr (shows_the_row<F, V, row_for<Find, key<In>, Options::outer>>)
      return lookup_fault::shows;
    else
      return lookup_fault::none;
  }();
  template <class In>
  static constexpr bool accepts = fault<In> == lookup_fault::none;
  template <class In>
  using function = lookup_function<typename In::key_fn, key<In>, Find, F, Options::outer>;
  template <class In>
  using answer_of = std::invoke_result_t<function<In> const&, typename In::value const&>;
  template <class T>
  struct given {
    using type = T;
  };
  template <class T>
    requires(!Options::outer)
  struct given<std::optional<T>> {
    using type = T;
  };
  template <class In>
  using output = with_value<In, typename given<answer_of<In>>::type>;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_stream_has_a_key = fault<In> != lookup_fault::key;
    static_assert(the_stream_has_a_key,
                  "weir::lookup_join(find, f): the stream has no key; put key_by(f) before it");
    constexpr bool the_record_can_be_copied = fault<In> != lookup_fault::only_moved;
    static_assert(the_record_can_be_copied,
                  "weir::lookup_join(find, f): the record cannot be copied, so it cannot wait for its row");
    constexpr bool the_record_owns_its_bytes = fault<In> != lookup_fault::view;
    static_assert(the_record_owns_its_bytes,
                  "weir::lookup_join(find, f): the record has a std::string_view, which does not outlive its "
                  "batch; map it to one with std::string");
    constexpr bool no_side_output_waits = fault<In> != lookup_fault::side;
    static_assert(
        no_side_output_waits,
        "weir::lookup_join(find, f): a side output made above is not consumed; put side<name>(chain) or "
        "discard<name> before it");
    constexpr bool find_gives_an_optional_row = fault<In> != lookup_fault::find;
    static_assert(find_gives_an_optional_row,
                  "weir::lookup_join(find, f): find(key) gives no std::optional<Row> for a key of this stream");
    constexpr bool f_takes_record_and_row = fault<In> != lookup_fault::f;
    static_assert(
        f_takes_record_and_row,
        "weir::lookup_join(find, f): f(record, row) cannot be called with a record of this stream and what "
        "find gives, or gives nothing; with left_outer the row is a pointer");
    constexpr bool the_result_outlives_the_row = fault<In> != lookup_fault::shows;
    static_assert(
        the_result_outlives_the_row,
        "weir::lookup_join(find, f): f(record, row) gives a view of a row that is gone by then; give a value "
        "that owns its bytes");
  }
  template <class In, class Names>
  using parts = part_list<
      part<full_uid<Names::scope, Names::uid>, part_kind::state, true, has_codec<typename In::value>>>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    options.calls.check();
    options.cache.check();
    auto const make_next = [&] {
      if constexpr (Options::outer) {
        return rest(env.unkeyed());
      } else {
        auto const make_behind = [&] { return rest(env.unkeyed()); };
        return found_only<decltype(make_behind())>(make_behind);
      }
    };
    using rows = found_rows<key<In>, typename function<In>::row>;
    return async_stage<typename In::value, answer_of<In>, In::timed, function<In>,
                       full_uid<Env::scope, Env::uid>, typename Env::runtime_type, decltype(make_next())>(
        env, function<In>{env.key, find, f, std::make_shared<rows>(options.cache)}, options.calls, make_next);
  }
  template <class D>
  void describe(D& d) const {
    d.node("lookup_join", d.noun(find));
  }
};

template <class Find, class F, class... Options>
constexpr auto make_lookup_join(Find find, F f, Options... given) {
  using options = lookup_options<Options...>;
  constexpr bool these_are_options = options::known;
  static_assert(
      these_are_options,
      "weir::lookup_join(find, f, options...): an option is none of left_outer, lookup_cache, async_options, "
      "or is there twice");
  if constexpr (these_are_options) {
    options all;
    (all.take(given), ...);
    return lookup_join_operator<Find, F, options>(std::move(find), std::move(f), all);
  } else {
    return rejected{};
  }
}

}  // namespace detail

// An operator that joins each record with the row that a table elsewhere has for its key now: in a database, a service.
//
// Input      a stream with a key, of records that can be copied. find(key) -> std::optional<Row> blocks and is called by
//            several threads at once; f(record, row) gives a result. Options: left_outer (f gets a pointer to the row, or
//            nullptr), lookup_cache{.entries, .ttl, .misses}, async_options{.capacity, .threads, .timeout, .tries, ...}
// Output     what f gives, without key: for each record at most once
// Time       as in async_map: a result carries the time of its record, the watermark waits for the records that wait. Which
//            row is found depends on when it is asked for, so a replay may give another; temporal_join gives the same
// State      the records that wait: saved, and asked for again after a restart. The cache is not
// Ordering   kept; with .unordered a result goes on when it comes
// Errors     as in async_map: a lookup that fails is tried `tries` times, then the run fails
//            "weir::lookup_join(find, f): find(key) gives no std::optional<Row> for a key of this stream"
// Example    examples/docs/lookup_join.cpp
// See also   async_map, temporal_join; Flink: lookup join
template <fixed_string Uid, class Find, class F, class... Options>
constexpr auto lookup_join(Find find, F f, Options... options) {
  return detail::make_lookup_join(std::move(find), std::move(f), options...) | uid<Uid>;
}

}  // namespace weir
