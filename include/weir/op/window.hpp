#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/window/event_time_trigger.hpp>
#include <weir/window/options.hpp>
#include <weir/window/session_windows.hpp>
#include <weir/window/sliding_windows.hpp>
#include <weir/window/time_window.hpp>
#include <weir/window/tumbling_windows.hpp>

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// Where late records go: nowhere, to a side output as they are, or as f gives them.
struct no_late {
  static constexpr bool given = false;
  static constexpr fixed_string name = "";
};
template <fixed_string Name, class F>
struct late_output {
  static constexpr bool given = true;
  static constexpr auto name = Name;
  F map;
};

template <class Option>
inline constexpr bool is_late_option = false;
template <fixed_string Name>
inline constexpr bool is_late_option<late_to_t<Name>> = true;
template <fixed_string Name, class F>
inline constexpr bool is_late_option<late_mapped<Name, F>> = true;

template <class T>
inline constexpr bool is_window_option =
    std::same_as<T, allowed_lateness> || is_late_option<T> || std::same_as<T, event_time_trigger>;

constexpr no_late find_late() { return {}; }
template <fixed_string Name, class... Rest>
constexpr auto find_late(late_to_t<Name>, Rest...) {
  return late_output<Name, std::identity>{};
}
template <fixed_string Name, class F, class... Rest>
constexpr auto find_late(late_mapped<Name, F> option, Rest...) {
  return late_output<Name, F>{std::move(option.f)};
}
template <class First, class... Rest>
constexpr auto find_late(First, Rest... rest) {
  return find_late(std::move(rest)...);
}

// What is not asked for is not in the type, so that its code is not in the loop.
template <class Assigner, class Late, bool Refires>
struct window_spec {
  static constexpr bool refires = Refires;
  static constexpr bool has_late = Late::given;
  static constexpr auto late_name = Late::name;
  Assigner assigner;
  duration lateness{};
  Late late{};
};

// No stage: the window goes into the facts, and the function behind it (aggregate, reduce) runs both.
template <class Spec>
struct window_operator : operation_base {
  Spec spec;
  constexpr explicit window_operator(Spec s) : spec(std::move(s)) {}

  template <class In>
  static constexpr bool accepts = In::keyed && In::timed;
  template <class In>
  using output = with_window<In, Spec>;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_stream_has_a_key = In::keyed;
    static_assert(the_stream_has_a_key,
                  "weir::window(assigner): the stream has no key; put key_by(f) before it");
    if constexpr (the_stream_has_a_key) {
      constexpr bool the_stream_has_event_time = In::timed;
      static_assert(
          the_stream_has_event_time,
          "weir::window(assigner): the stream has no event time; put assign_timestamps(f, strategy) before it");
    }
  }
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    spec.assigner.check();
    allowed_lateness{spec.lateness}.check();
    return rest(env.windowed(spec));
  }
  template <class D>
  void describe(D& d) const {
    d.node("window", d.noun(spec.assigner), d.option("allowed_lateness", spec.lateness),
           d.option("late_to", Spec::late_name.view()));
  }
};

struct window_fn {
  template <class Assigner, class... Options>
  constexpr auto operator()(Assigner assigner, Options... options) const {
    constexpr bool this_is_an_assigner = aligned_assigner<Assigner> || merging_assigner<Assigner>;
    static_assert(this_is_an_assigner,
                  "weir::window(assigner, options...): the first argument assigns no windows");
    constexpr bool these_are_options = (is_window_option<Options> && ...);
    static_assert(
        these_are_options,
        "weir::window(assigner, options...): an option is none of allowed_lateness, late_to<name>, a trigger");
    if constexpr (this_is_an_assigner && these_are_options) {
      duration lateness{};
      (
          [&] {
            if constexpr (std::same_as<Options, allowed_lateness>) lateness = options.value;
          }(),
          ...);
      auto late = find_late(std::move(options)...);
      using spec = window_spec<Assigner, decltype(late), (std::same_as<Options, allowed_lateness> || ...)>;
      return window_operator<spec>(spec{std::move(assigner), lateness, std::move(late)});
    } else {
      return rejected{};
    }
  }
};

}  // namespace detail

// An operator that divides the records of each key into windows of event time. The function behind it says what a
// window gives.
//
// Input      a stream with a key and event time; assigner is tumbling_windows, sliding_windows or session_windows; options:
//            allowed_lateness{d}, late_to<"name"> or late_to<"name">(f), event_time_trigger{} (what it is without)
// Output     the same records; aggregate or reduce follows and gives rows
// Time       a window [start, end) fires when the watermark reaches its last instant, end - 1 tick; its result carries that
// State      see aggregate
// Ordering   windows fire in order of their ends; within one window in no order of keys
// Errors     "weir::window(assigner): the stream has no key; put key_by(f) before it"
//            "weir::window(assigner): the stream has no event time; put assign_timestamps(f, strategy) before it"
//            config_error at the start of the run, when a size is not positive and the like
// Example    examples/docs/window.cpp
// See also   aggregate, reduce; Flink: KeyedStream.window
inline constexpr detail::window_fn window{};

}  // namespace weir
