// window_operator: what window and window_all are of.
#pragma once

#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/op/windowed/clock_time.hpp>
#include <weir/op/windowed/window_policies.hpp>
#include <weir/window/policies.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir::detail {

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
    std::same_as<T, allowed_lateness> || is_late_option<T> || trigger_like<T> || evictor_like<T>;

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

// The trigger and the evictor that the windows bring with them, else those of the options, else the usual ones.
template <class Assigner>
concept has_own_trigger = requires(Assigner const& a) { a.own_trigger(); };
template <class Assigner>
concept has_own_evictor = requires(Assigner const& a) { a.own_evictor(); };

template <class Assigner>
constexpr auto find_trigger(Assigner const& a) {
  if constexpr (has_own_trigger<Assigner>)
    return a.own_trigger();
  else
    return event_time_trigger{};
}
template <class Assigner, class First, class... Rest>
constexpr auto find_trigger(Assigner const& a, First const& first, Rest const&... rest) {
  if constexpr (trigger_like<First>)
    return first;
  else
    return find_trigger(a, rest...);
}
template <class Assigner>
constexpr auto find_evictor(Assigner const& a) {
  if constexpr (has_own_evictor<Assigner>)
    return a.own_evictor();
  else
    return no_evictor{};
}
template <class Assigner, class First, class... Rest>
constexpr auto find_evictor(Assigner const& a, First const& first, Rest const&... rest) {
  if constexpr (evictor_like<First>)
    return first;
  else
    return find_evictor(a, rest...);
}

// What is not asked for is not in the type, so that its code is not in the loop.
template <class Assigner, class Late, bool Refires, class Trigger = event_time_trigger,
          class Evictor = no_evictor>
struct window_spec {
  static constexpr bool evicts = !std::same_as<Evictor, no_evictor>;
  static constexpr bool refires = Refires;
  static constexpr bool has_late = Late::given;
  static constexpr auto late_name = Late::name;
  static constexpr bool by_clock = false;
  static constexpr bool timeless = false;
  Assigner assigner;
  duration lateness{};
  Late late{};
  Trigger trigger{};
  Evictor evictor{};
};
// by_processing_time
template <class Spec>
struct spec_by_clock : Spec {
  static constexpr bool by_clock = true;
};
// On a stream without event time.
template <class Spec>
struct timeless_spec : Spec {
  static constexpr bool timeless = true;
};

template <class Trigger>
constexpr Trigger const& as_given(Trigger const& t) {
  return t;
}
template <class Trigger>
constexpr Trigger const& as_given(trigger_by_clock<Trigger> const& t) {
  return t.trigger;
}

template <class Assigner>
struct plain_windows {
  static constexpr bool by_clock = false;
  using assigner = Assigner;
  static constexpr Assigner take(Assigner a) { return a; }
};
template <class Assigner>
struct plain_windows<windows_by_clock<Assigner>> {
  static constexpr bool by_clock = true;
  using assigner = Assigner;
  static constexpr Assigner take(windows_by_clock<Assigner> w) { return std::move(w.assigner); }
};

// Windows that are the same at all times.
template <class Assigner>
concept timeless_assigner = requires { requires Assigner::timeless; };

// What another operator asks for to know that the stream behind has a clock of its own.
template <bool>
struct keeps_time {};
template <>
struct keeps_time<false> {
  static constexpr bool assigns_time = true;
};

// A context that says in words what a trigger does wrong with it. With it a trigger is looked into where window stands in the
// pipe: in a run the same mistake would come with the names of all that is around it.
template <class Trigger>
struct trigger_context_check : trigger_context_archetype<trigger_state_t<Trigger>> {
  void set_processing_timer(timestamp) const {
    constexpr bool the_trigger_has_on_processing_time = has_on_processing_time<Trigger>;
    static_assert(the_trigger_has_on_processing_time,
                  "weir::window(assigner, trigger): the trigger calls set_processing_timer(at) and has no "
                  "on_processing_time(at, context)");
  }
};
// Never called.
template <class Trigger, class V>
void check_trigger_calls(Trigger const& t, V const& v, trigger_context_check<Trigger>& context) {
  (void)t.on_element(v, context);
  (void)t.on_event_time(context.time(), context);
}

// The key of windows of a whole stream: there is one, and it says nothing.
struct key_of_all {
  template <class V>
  constexpr std::tuple<> operator()(V const&) const {
    return {};
  }
};

// No stage: the window goes into the facts, and the function behind it (aggregate, reduce) runs both. All: window_all.
template <class Spec, bool All>
struct window_operator : operation_base, keeps_time<!Spec::by_clock> {
  static constexpr bool makes_windows = true;
  Spec spec;
  constexpr explicit window_operator(Spec s) : spec(std::move(s)) {}

  template <class In>
  using policies = evicting_policies<decltype(Spec::assigner), decltype(Spec::trigger), decltype(Spec::evictor),
                                     typename In::value>;
  template <class In>
  static constexpr bool has_time_of_its_own = In::timed || Spec::by_clock;
  // Whether it has the time that it needs.
  template <class In>
  static constexpr bool has_time = has_time_of_its_own<In> || timeless_assigner<decltype(Spec::assigner)>;
  template <class In>
  static constexpr bool accepts = [] {
    if constexpr ((All || In::keyed) && has_time<In> && policies<In>::all) {
      using trigger = decltype(Spec::trigger);
      if constexpr (!has_on_processing_time<trigger> && !regular_windows<decltype(Spec::assigner), trigger>)
        (void)&check_trigger_calls<trigger, typename In::value>;
      return true;
    } else {
      return false;
    }
  }();
  template <class In>
  using keyed_in = std::conditional_t<All, with_key<In, key_of_all>, In>;
  template <class In>
  using spec_in = std::conditional_t<has_time_of_its_own<In>, Spec, timeless_spec<Spec>>;
  template <class In>
  using output =
      with_window<std::conditional_t<Spec::by_clock, with_time<keyed_in<In>>, keyed_in<In>>, spec_in<In>>;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_stream_has_a_key = All || In::keyed;
    static_assert(the_stream_has_a_key,
                  "weir::window(assigner): the stream has no key; put key_by(f) before it");
    if constexpr (the_stream_has_a_key) {
      constexpr bool the_stream_has_event_time = has_time<In> || All;
      static_assert(the_stream_has_event_time,
                    "weir::window(assigner): the stream has no event time; put assign_timestamps(f, strategy) "
                    "before it, or take "
                    "the clock's: window(by_processing_time(assigner))");
      constexpr bool all_of_the_stream_has_event_time = has_time<In> || !All;
      static_assert(
          all_of_the_stream_has_event_time,
          "weir::window_all(assigner): the stream has no event time; put assign_timestamps(f, strategy) "
          "before it, or take the clock's: window_all(by_processing_time(assigner))");
      if constexpr (has_time<In>) {
        using asked = asked_policies<decltype(Spec::assigner), decltype(Spec::trigger), typename In::value>;
        constexpr bool the_assigner_takes_the_record = asked::assigns;
        static_assert(the_assigner_takes_the_record,
                      "weir::window(assigner): assigner.assign(record, at, emit) cannot be called with a "
                      "record of this stream");
        if constexpr (!the_assigner_takes_the_record) {
        } else if constexpr (constexpr bool the_trigger_takes_the_record = asked::triggers;
                             !the_trigger_takes_the_record) {
          static_assert(
              the_trigger_takes_the_record,
              "weir::window(assigner, trigger): trigger.on_element(record, context) gives no trigger_result "
              "for a record of this stream");
        } else if constexpr (constexpr bool the_trigger_can_merge = asked::merges; !the_trigger_can_merge) {
          static_assert(the_trigger_can_merge,
                        "weir::window(assigner, trigger): windows of this assigner merge; the trigger needs "
                        "on_merge(absorbed state, context)");
        } else if constexpr (constexpr bool the_evictor_takes_the_record = policies<In>::evicts;
                             !the_evictor_takes_the_record) {
          static_assert(the_evictor_takes_the_record,
                        "weir::window(assigner, evictor): evictor.evict(window_elements<V>&) cannot be called "
                        "for records of this stream");
        } else if constexpr (asked::owned) {
          static_assert(view_in<typename In::value>::owns_its_bytes,
                        "weir::window(assigner, evictor): the record has a std::string_view, which does not "
                        "outlive its batch; map it to one with std::string");
        } else {
          static_assert(
              view_in<trigger_state_t<decltype(Spec::trigger)>>::owns_its_bytes,
              "weir::window(assigner, trigger): the trigger's state has a std::string_view, which does not "
              "outlive its batch; keep a std::string");
        }
      }
    }
  }
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    spec.assigner.check();
    allowed_lateness{spec.lateness}.check();
    if constexpr (requires { spec.trigger.check(); }) spec.trigger.check();
    if constexpr (requires { spec.evictor.check(); }) spec.evictor.check();
    if constexpr (Spec::by_clock) {
      auto const behind = [&] { return rest(with_windows(env, spec)); };
      return clock_time_stage<typename Env::runtime_type, decltype(behind())>(env.runtime, behind);
    } else if constexpr (!In::timed) {
      auto const behind = [&] { return rest(with_windows(env, timeless_spec<Spec>{spec})); };
      return first_instant_stage<decltype(behind())>(behind);
    } else {
      return rest(with_windows(env, spec));
    }
  }
  template <class Env, class Windows>
  static auto with_windows(Env const& env, Windows const& windows) {
    if constexpr (All)
      return env.keyed(key_of_all{}).windowed(windows);
    else
      return env.windowed(windows);
  }
  template <class D>
  void describe(D& d) const {
    d.node(All ? "window_all" : "window", d.noun(spec.assigner), trigger_text(d), evictor_text(d),
           d.option("allowed_lateness", spec.lateness), d.option("late_to", Spec::late_name.view()),
           d.option("by", Spec::by_clock ? "processing time" : ""));
  }
  template <class D>
  std::string trigger_text(D& d) const {
    if constexpr (std::same_as<decltype(Spec::trigger), event_time_trigger> ||
                  has_own_trigger<decltype(Spec::assigner)>)
      return {};
    else
      return d.noun(as_given(spec.trigger));
  }
  template <class D>
  std::string evictor_text(D& d) const {
    if constexpr (Spec::evicts && !has_own_evictor<decltype(Spec::assigner)>)
      return d.noun(spec.evictor);
    else
      return {};
  }
};

template <bool ByClock, class Trigger>
constexpr auto with_the_clock(Trigger t) {
  if constexpr (ByClock)
    return in_windows_by_clock(std::move(t));
  else
    return t;
}

template <bool All>
struct window_fn {
  template <class Windows, class... Options>
  constexpr auto operator()(Windows windows, Options... options) const {
    using plain = plain_windows<Windows>;
    using Assigner = typename plain::assigner;
    constexpr bool this_is_an_assigner = assigner_like<Assigner>;
    static_assert(this_is_an_assigner,
                  "weir::window(assigner, options...): the first argument assigns no windows");
    constexpr bool these_are_options = (is_window_option<Options> && ...);
    static_assert(these_are_options,
                  "weir::window(assigner, options...): an option is none of allowed_lateness, late_to<name>, a "
                  "trigger, an "
                  "evictor");
    constexpr bool there_is_one_trigger = (0 + ... + trigger_like<Options>) <= 1;
    static_assert(there_is_one_trigger, "weir::window(assigner, options...): there is more than one trigger");
    constexpr bool there_is_one_evictor = (0 + ... + evictor_like<Options>) <= 1;
    static_assert(there_is_one_evictor, "weir::window(assigner, options...): there is more than one evictor");
    constexpr bool there_is_one_lateness = (0 + ... + std::same_as<Options, allowed_lateness>) <= 1;
    static_assert(there_is_one_lateness,
                  "weir::window(assigner, options...): there is more than one allowed_lateness");
    constexpr bool late_records_have_one_place = (0 + ... + is_late_option<Options>) <= 1;
    static_assert(late_records_have_one_place,
                  "weir::window(assigner, options...): there is more than one late_to");
    constexpr bool the_windows_have_no_other =
        !((has_own_trigger<Assigner> && (trigger_like<Options> || ...)) ||
          (has_own_trigger<Assigner> && (evictor_like<Options> || ...)));
    static_assert(
        the_windows_have_no_other,
        "weir::window(assigner, options...): windows that count bring their trigger and their evictor "
        "with them; put another with global_windows{}");
    constexpr bool the_windows_fire = !requires { Assigner::endless; } || (trigger_like<Options> || ...);
    static_assert(
        the_windows_fire,
        "weir::window(global_windows{}): a window without end fires only when a trigger says so; give "
        "one, such as end_of_stream_trigger{} or count_trigger{100}");
    constexpr bool no_record_is_late_by_the_clock =
        !plain::by_clock || !((std::same_as<Options, allowed_lateness> || is_late_option<Options>) || ...);
    static_assert(
        no_record_is_late_by_the_clock,
        "weir::window(by_processing_time(assigner), options...): by the clock no record is late; leave out "
        "allowed_lateness and late_to");
    if constexpr (this_is_an_assigner && these_are_options && there_is_one_trigger && there_is_one_evictor &&
                  there_is_one_lateness && late_records_have_one_place && the_windows_have_no_other &&
                  the_windows_fire && no_record_is_late_by_the_clock) {
      Assigner assigner = plain::take(std::move(windows));
      duration lateness{};
      (
          [&] {
            if constexpr (std::same_as<Options, allowed_lateness>) lateness = options.value;
          }(),
          ...);
      auto trigger = with_the_clock<plain::by_clock>(find_trigger(assigner, options...));
      auto evictor = find_evictor(assigner, options...);
      auto late = find_late(std::move(options)...);
      using spec = window_spec<Assigner, decltype(late), (std::same_as<Options, allowed_lateness> || ...),
                               decltype(trigger), decltype(evictor)>;
      spec all{std::move(assigner), lateness, std::move(late), std::move(trigger), std::move(evictor)};
      if constexpr (plain::by_clock)
        return window_operator<spec_by_clock<spec>, All>(spec_by_clock<spec>{std::move(all)});
      else
        return window_operator<spec, All>(std::move(all));
    } else {
      return rejected{};
    }
  }
};

}  // namespace weir::detail
