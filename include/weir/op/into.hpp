#pragma once

#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/core/retries.hpp>
#include <weir/core/sink.hpp>
#include <weir/core/sink_stage.hpp>
#include <weir/core/uid.hpp>

#include <chrono>
#include <concepts>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// The field that is a view, of what a sink holds beyond a batch.
template <class Sink>
struct view_kept_by {
  using type = the_field<"">;
};
template <class Sink>
  requires requires { typename Sink::keeps; }
struct view_kept_by<Sink> {
  using type = view_in<typename Sink::keeps>;
};

// What becomes of the records that the sink refuses. Policy: none, skip_failed_t or failed_to_t.
template <class Sink, class Policy>
struct refusal_facts {
  static constexpr bool asked = true;
  static constexpr bool suits = requires { typename Sink::refuses; };
  template <class In>
  static constexpr bool keeps = !failure_choice<Policy>::to_side || std::copy_constructible<typename In::value>;
  template <class In, class Choice = failure_choice<Policy>>
  struct behind {
    using type = finished;
  };
  template <class In, class Choice>
    requires(Choice::to_side)
  struct behind<In, Choice> {
    using type = sunk<outlets<outlet<Choice::name, stream<failed_record<typename In::value>, In::timed>>>>;
  };
};
template <class Sink>
struct refusal_facts<Sink, none> {
  static constexpr bool asked = false;
  static constexpr bool suits = true;
  template <class In>
  static constexpr bool keeps = true;
  template <class In>
  struct behind {
    using type = finished;
  };
};

template <class Sink, fixed_string Uid, class Policy>
struct into_operator : operation_base {
  static constexpr bool counted = false;  // the stage does
  Sink sink;
  retries again;
  constexpr into_operator(Sink s, retries r) : sink(std::move(s)), again(r) {}
  using refusals = refusal_facts<Sink, Policy>;

  template <class In>
  static constexpr bool takes = sink_of<Sink, typename In::value>;
  static constexpr bool owned = view_kept_by<Sink>::type::owns_its_bytes;
  template <class In>
  static constexpr bool accepts = owned && sink_of<Sink, typename In::value> && In::side_outputs::empty &&
                                  !In::windowed && refusals::suits && refusals::template keeps<In>;
  template <class In>
  using output = typename refusals::template behind<In>::type;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_sink_takes_the_record = takes<In>;
    static_assert(the_sink_takes_the_record, "weir::into(sink): the sink cannot take a record of this stream");
    if constexpr (!owned) {
      using field =
          std::conditional_t<the_sink_takes_the_record, typename view_kept_by<Sink>::type, the_field<"">>;
      static_assert(
          field::owns_its_bytes,
          "weir::into(sink): what the sink keeps has a std::string_view, which does not outlive its "
          "batch; map the record to one with std::string first, or specialise weir::outlives_batch for it");
    } else if constexpr (the_sink_takes_the_record) {
      constexpr bool each_window_has_a_function = !In::windowed;
      static_assert(
          each_window_has_a_function,
          "weir::into(sink): a window has no function; put aggregate or reduce behind window(assigner)");
      if constexpr (each_window_has_a_function) {
        constexpr bool each_side_output_is_consumed = In::side_outputs::empty;
        static_assert(each_side_output_is_consumed,
                      "weir::into(sink): a side output is not consumed; put side<name>(chain) or discard<name> "
                      "before it");
        if constexpr (each_side_output_is_consumed) {
          constexpr bool the_sink_refuses_records = refusals::suits;
          static_assert(
              the_sink_refuses_records,
              "weir::into(sink, skip_failed or failed_to<name>): the sink takes every record; put what "
              "may fail in an operator before it");
          constexpr bool the_record_can_be_copied = refusals::template keeps<In>;
          static_assert(
              the_record_can_be_copied || !the_sink_refuses_records,
              "weir::into(sink, failed_to<name>): the record cannot be copied, so it cannot be kept for "
              "the side output; use skip_failed");
        }
      }
    }
  }
  template <class In, class Names>
  using parts =
      part_list<part<full_uid<Names::scope, Uid>, part_kind::sink, Sink::guarantee != delivery::at_once>>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, [[maybe_unused]] Rest const& rest) const {
    static constexpr auto name = full_uid<Env::scope, Uid>;
    constexpr bool counts = is_counted<Sink, typename Env::runtime_type>;
    if (again.first < std::chrono::nanoseconds::zero() || again.longest < again.first)
      throw config_error(
          "weir::retries: a pause below zero, or .longest below .first; give lengths of time such "
          "as 20ms and 2s");
    if constexpr (refusals::asked) {
      auto const make_next = [&] { return rest(env.unkeyed()); };
      return refusing_sink_stage<Sink, In, counts, Policy, decltype(make_next())>(sink, name.view(), again,
                                                                                  env.runtime, make_next);
    } else {
      return sink_stage<Sink, typename In::value, counts>(sink, name.view(), again, env.runtime);
    }
  }
  template <class D>
  void describe(D& d) const {
    d.name(Uid.view());
    if constexpr (refusals::asked) d.policy(failure_choice<Policy>::text);
    d.node("into", d.noun(sink));
  }
};

// One of each kind at most.
template <class... Policies>
inline constexpr bool are_sink_policies =
    ((std::same_as<Policies, retries> || failure_policy<Policies>)&&...) &&
    (0 + ... + std::same_as<Policies, retries>) <= 1 && (0 + ... + failure_policy<Policies>) <= 1;
template <class... Options>
inline constexpr bool are_into_options = are_sink_policies<Options...>;
template <fixed_string Name, class... Policies>
inline constexpr bool are_into_options<uid_tag<Name>, Policies...> = are_sink_policies<Policies...>;

constexpr retries find_retries() { return {.for_at_most = {}}; }
template <class First, class... Rest>
constexpr retries find_retries(First const& first, Rest const&... rest) {
  if constexpr (std::same_as<First, retries>)
    return first;
  else
    return find_retries(rest...);
}
template <class... Policies>
struct find_refusals {
  using type = none;
};
template <class First, class... Rest>
struct find_refusals<First, Rest...>
    : std::conditional_t<failure_policy<First>, std::type_identity<First>, find_refusals<Rest...>> {};

struct into_fn {
  template <class Sink, fixed_string Name, class... Policies>
    requires are_sink_policies<Policies...>
  constexpr auto operator()(Sink&& s, uid_tag<Name>, Policies const&... policies) const {
    if constexpr (sink<std::remove_cvref_t<Sink>>) {
      return end<Name, Policies...>(std::remove_cvref_t<Sink>(std::forward<Sink>(s)),
                                    find_retries(policies...));
    } else if constexpr (adaptable_to_sink<Sink>) {
      return end<Name, Policies...>(sink_adaptor<Sink>::make(std::forward<Sink>(s)), find_retries(policies...));
    } else {
      constexpr bool this_is_a_sink = adaptable_to_sink<Sink>;
      static_assert(
          this_is_a_sink,
          "weir::into(sink): neither a sink, nor an lvalue container, nor an ostream, nor a callable");
      return rejected{};
    }
  }
  template <class Sink, class... Policies>
    requires are_sink_policies<Policies...>
  constexpr auto operator()(Sink&& s, Policies const&... policies) const {
    return (*this)(std::forward<Sink>(s), uid<"">, policies...);
  }
  template <class Sink, class... Options>
    requires(!are_into_options<Options...>)
  constexpr rejected operator()(Sink&&, Options const&...) const {
    constexpr bool these_are_options = are_into_options<Options...>;
    static_assert(these_are_options,
                  "weir::into(sink, options...): the options are a uid, written weir::uid<...> with the name "
                  "inside, and then retries{}, skip_failed or failed_to<...>");
    return {};
  }

 private:
  template <fixed_string Name, class... Policies, class Sink>
  static constexpr auto end(Sink sink, retries again) {
    constexpr bool there_is_something_to_try_again =
        Sink::guarantee != delivery::at_once || !(std::same_as<Policies, retries> || ...);
    static_assert(
        there_is_something_to_try_again,
        "weir::into(sink, retries): the sink writes at once, so part of it may have gone out; only what is "
        "published can be tried again");
    if constexpr (there_is_something_to_try_again)
      return into_operator<Sink, Name, typename find_refusals<Policies...>::type>(std::move(sink), again);
    else
      return rejected{};
  }
};

}  // namespace detail

// An operator that ends a chain: each record goes to sink.
//
// Input      any stream whose side outputs are consumed; sink is a sink noun (json_lines_file, csv_file, fold, ...), an
//            lvalue container (push_back), an std::ostream (a line each) or a callable f(T const&); then uid<"name">, and
//            policies:
//            retries{...}: under checkpoints, publishing what an epoch holds is tried again, with growing pauses, while records
//            go on: a full disk, a server that is away. Not after a sync that has failed, nor what is wrong with the state.
//            Nothing else is tried again: of a write that has failed part may be there. The pauses are part of the
//            checkpoint's timeout. A run that is to stop tries nothing again: it throws what the last try said
//            skip_failed, failed_to<"name">: records that the sink refuses, as behind an operator. A callable, which refuses by
//            throwing, and postgres_table refuse records
// Output     none: nothing can follow, but side<"name"> or discard<"name"> behind failed_to<"name">
// Time       does not matter
// State      what the sink has promised to make visible; saved with the commit
// Ordering   kept
// Errors     "weir::into(sink): the sink cannot take a record of this stream"
//            "weir::into(sink): a side output is not consumed; put side<name>(chain) or discard<name> before it"
//            "weir::into(sink): what the sink keeps has a std::string_view, which does not outlive its batch; ..."
//            "weir::into(sink, retries): the sink writes at once, so part of it may have gone out; ..."
//            "weir::into(sink, skip_failed or failed_to<name>): the sink takes every record; ..."
// Example    examples/docs/into.cpp, examples/docs/retries.cpp
// See also   from, side; Flink: DataStream.sinkTo
inline constexpr detail::into_fn into{};

}  // namespace weir
