#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/error.hpp>
#include <weir/op/keyed/attach_process.hpp>
#include <weir/state/list_state.hpp>
#include <weir/state/value_state.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir {

// How long deduplicate remembers a record: others of its key whose time is less than `length` away are repeats of it.
// Errors: config_error when length <= 0
struct within {
  duration length{};

  void check() const {
    if (length <= duration::zero())
      throw config_error("weir::within: length is not positive; give a length of time such as 24h");
  }
};

namespace detail {

struct for_ever {
  void check() const {}
};

template <class V, class Within>
struct deduplicate_function {
  using output = V;
  Within limit;
  value_state<bool, "seen"> seen{};
  std::uint64_t* repeats = nullptr;

  auto states() { return std::tie(seen); }
  template <class T, class Context, class Emit>
  void on_record(T&& v, Context&, Emit const& emit) const {
    if (seen) return void(++*repeats);
    seen.update(true);
    emit(std::forward<T>(v));
  }
};
// The times of those that were let through, mostly one: an older one may come later. Each has a timer at which nothing that is
// not late can be its repeat.
template <class V>
struct deduplicate_function<V, within> {
  using output = V;
  within limit;
  list_state<timestamp, "seen"> seen{};
  std::uint64_t* repeats = nullptr;

  auto states() { return std::tie(seen); }
  template <class T, class Context, class Emit>
  void on_record(T&& v, Context& context, Emit const& emit) const {
    timestamp const at = context.time();
    auto& all = seen.get();
    auto const next = std::lower_bound(all.begin(), all.end(), at);
    if (next != all.end() && saturating_add(at, limit.length) > *next) return void(++*repeats);
    if (next != all.begin() && forgotten_at(*std::prev(next)) > at) return void(++*repeats);
    all.insert(next, at);
    context.set_timer(forgotten_at(at));
    emit(std::forward<T>(v));
  }
  template <class Context, class Emit>
  void on_timer(timestamp when, Context&, Emit const&) const {
    auto& all = seen.get();
    auto const still =
        std::find_if(all.begin(), all.end(), [&](timestamp at) { return forgotten_at(at) > when; });
    all.erase(all.begin(), still);
  }

 private:
  // No later than the last of timers fires.
  timestamp forgotten_at(timestamp at) const {
    return earlier(saturating_add(at, limit.length), max_time - tick);
  }
};

template <class Stage>
struct deduplicate_stage : Stage {
  template <class Env, class F, class Make>
  deduplicate_stage(Env const& env, F const& fn, Make const& make) : Stage(env, fn, make) {
    this->f.repeats = &env.runtime.counters.get(Stage::uid.view(), "repeats");
  }
  static std::string kind() { return "deduplicate"; }
  template <class Visitor>
  void visit(Visitor&& v) {  // as itself, with its kind
    v(*this);
    this->next.visit(v);
  }
};

template <class Within>
struct deduplicate_operator : operation_base {
  Within limit;
  constexpr explicit deduplicate_operator(Within w) : limit(w) {}

  static constexpr bool reads_time = std::is_same_v<Within, within>;
  template <class In>
  static constexpr bool accepts =
      In::keyed && !In::windowed && (In::timed || !reads_time) && std::copy_constructible<typename In::value>;
  template <class In>
  using function = deduplicate_function<typename In::value, Within>;
  template <class In>
  using output = process_output<function<In>, In>;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_stream_has_a_key = In::keyed;
    static_assert(the_stream_has_a_key,
                  "weir::deduplicate(): the stream has no key; put key_by(f) before it, f giving what repeats "
                  "have in common");
    constexpr bool the_stream_has_no_windows = !In::windowed;
    static_assert(the_stream_has_no_windows || !the_stream_has_a_key,
                  "weir::deduplicate(): the stream has windows; put it before window(assigner)");
    constexpr bool the_stream_has_event_time = In::timed || !reads_time;
    static_assert(the_stream_has_event_time || !the_stream_has_a_key || !the_stream_has_no_windows,
                  "weir::deduplicate(within): the stream has no event time; put assign_timestamps(f, strategy) "
                  "before it");
    constexpr bool the_record_can_be_copied = std::copy_constructible<typename In::value>;
    static_assert(the_record_can_be_copied || !the_stream_has_a_key || !the_stream_has_no_windows ||
                      !the_stream_has_event_time,
                  "weir::deduplicate(): the record cannot be copied; put it before what makes it so, or keep "
                  "what can only be moved in a std::shared_ptr");
  }
  template <class In, class Names>
  using parts = process_parts<function<In>, In, Names>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    limit.check();
    auto const make_next = [&] { return rest(env.unkeyed()); };
    using stage =
        process_stage<typename In::value, In::timed, process_key_fn<In>, function<In>,
                      full_uid<Env::scope, Env::uid>, typename Env::runtime_type, false, decltype(make_next())>;
    return deduplicate_stage<stage>(env, function<In>{limit}, make_next);
  }
  template <class D>
  void describe(D& d) const {
    if constexpr (reads_time)
      d.node("deduplicate", d.option("within", limit.length));
    else
      d.node("deduplicate");
  }
};

}  // namespace detail

// An operator that lets through the first record of each key, in the order in which they come.
//
// Input      a stream with a key, which is what repeats have in common: key_by(&payment::id). deduplicate(within{24h}) needs
//            event time, and lets a record through again whose time is 24 h or more from those of all that were let through
// Output     the same records, without key
// Time       the record's timestamp is kept
// State      for each key that it has been seen, for ever; with within{d} its time, until the watermark is d past it. Saved
// Ordering   kept
// Errors     "weir::deduplicate(): the stream has no key; put key_by(f) before it, f giving what repeats have in common"
//            "weir::deduplicate(within): the stream has no event time; put assign_timestamps(f, strategy) before it"
//            Repeats are dropped and counted as "repeats"
// Example    examples/docs/deduplicate.cpp
// See also   reduce; Flink: SQL deduplication, ROW_NUMBER() = 1 in order of time
constexpr auto deduplicate() { return detail::deduplicate_operator<detail::for_ever>({}); }
constexpr auto deduplicate(within limit) { return detail::deduplicate_operator<within>(limit); }
template <fixed_string Uid>
constexpr auto deduplicate() {
  return deduplicate() | uid<Uid>;
}
template <fixed_string Uid>
constexpr auto deduplicate(within limit) {
  return deduplicate(limit) | uid<Uid>;
}

}  // namespace weir
