#pragma once

#include <weir/checkpoint/policies.hpp>
#include <weir/core/parts.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/runtime/policies.hpp>
#include <weir/runtime/run_loop.hpp>
#include <weir/runtime/run_result.hpp>

#include <concepts>
#include <optional>
#include <stop_token>
#include <utility>

namespace weir {
namespace detail {

struct run_fn {
  template <class Source, class Op, class... Policies>
  run_result operator()(pipeline<Source, Op> const& p, Policies... policies) const {
    using out = typename pipeline<Source, Op>::out;
    constexpr bool each_side_output_is_consumed = !is_sunk<out>;
    static_assert(each_side_output_is_consumed,
                  "weir::run(pipeline): a side output is not consumed; put side<name>(chain) or discard<name> "
                  "behind into(sink, failed_to<name>)");
    constexpr bool the_pipeline_ends_in_a_sink = !out::open;
    static_assert(the_pipeline_ends_in_a_sink || !each_side_output_is_consumed,
                  "weir::run(pipeline): the pipeline has no sink; end it with into(sink)");
    constexpr bool each_argument_is_a_policy = (is_policy<Policies> && ...);
    static_assert(each_argument_is_a_policy,
                  "weir::run(pipeline, policies...): an argument is no policy: a store, checkpoints, "
                  "exactly_once, metrics, a "
                  "restart strategy, an observer, job_control, stop_on_signal, from_savepoint, batch_size, "
                  "watermark_alignment or a stop token");
    if constexpr (the_pipeline_ends_in_a_sink && each_argument_is_a_policy) {
      using store = chosen<store_kind, memory_store, Policies...>;
      using checkpoints = chosen<checkpoint_kind, no_checkpoints, Policies...>;
      using guarantee = chosen<guarantee_kind, exactly_once_t, Policies...>;
      using restarts = chosen<restart_kind, no_restart, Policies...>;
      constexpr bool saved = checkpoints::makes_checkpoints;
      constexpr bool exact = saved && std::same_as<guarantee, exactly_once_t>;
      constexpr bool a_guarantee_has_checkpoints = saved || !(guarantee_kind<Policies>::value || ...);
      static_assert(a_guarantee_has_checkpoints,
                    "weir::run(pipeline, policies...): exactly_once and at_least_once promise nothing without "
                    "checkpoints; add periodic_checkpoints{} and lmdb_store{directory}");
      constexpr bool a_restart_has_checkpoints = saved || std::same_as<restarts, no_restart>;
      static_assert(
          a_restart_has_checkpoints || !a_guarantee_has_checkpoints,
          "weir::run(pipeline, policies...): a restart goes back to the last checkpoint, and there are "
          "none; add periodic_checkpoints{} and lmdb_store{directory}");
      constexpr bool what_is_restored_has_checkpoints =
          saved || !((savepoint_kind<Policies>::value || forgetting_kind<Policies>::value) || ...);
      static_assert(
          what_is_restored_has_checkpoints || !a_guarantee_has_checkpoints || !a_restart_has_checkpoints,
          "weir::run(pipeline, policies...): from_savepoint and allow_non_restored_state mean nothing without "
          "checkpoints; add periodic_checkpoints{} and lmdb_store{directory}");
      if constexpr (!a_guarantee_has_checkpoints || !a_restart_has_checkpoints ||
                    !what_is_restored_has_checkpoints) {
        return {};
      } else if constexpr (check<pipeline<Source, Op>, store, saved, exact>()) {
        options_of<Policies...> options{policy_or<store_kind, memory_store>{}(policies...),
                                        policy_or<checkpoint_kind, no_checkpoints>{}(policies...),
                                        policy_or<batch_kind, batch_size>{}(policies...),
                                        policy_or<restart_kind, no_restart>{}(policies...),
                                        policy_or<observer_kind, no_observer>{}(policies...),
                                        policy_or<alignment_kind, no_alignment>{}(policies...),
                                        {policy_or<stop_kind, std::stop_token>{}(policies...),
                                         policy_or<control_kind, std::optional<job_control>>{}(policies...),
                                         {}},
                                        policy_or<savepoint_kind, std::optional<from_savepoint>>{}(policies...),
                                        (forgetting_kind<Policies>::value || ...)};
        if constexpr ((signal_kind<Policies>::value || ...)) options.asked.signals.emplace();
        return run_to_the_end(&run_once<pipeline<Source, Op>, decltype(options)>, &p, options);
      }
    }
    return {};
  }
  template <class X, class... Policies>
    requires(!is_pipeline<X>)
  run_result operator()(X const&, Policies const&...) const {
    constexpr bool this_is_a_pipeline = std::same_as<X, rejected>;
    static_assert(this_is_a_pipeline,
                  "weir::run(pipeline, policies...): this is no pipeline; begin it with from(source)");
    return {};
  }

 private:
  // One mistake, one error: the first that is found.
  template <class Pipeline, class Store, bool Saved, bool Exact>
  static consteval bool check() {
    using parts = typename Pipeline::template parts<part_names<>>;
    constexpr bool each_uid_is_there_once = uids_are_unique<parts>();
    static_assert(each_uid_is_there_once,
                  "weir::run(pipeline): two operators have the same uid; each needs its own");
    if constexpr (each_uid_is_there_once && Saved) {
      constexpr bool the_store_is_durable = Store::durable;
      static_assert(the_store_is_durable,
                    "weir::run(pipeline, policies...): checkpoints with memory_store, which nothing survives; "
                    "use lmdb_store{directory}");
      if constexpr (the_store_is_durable) {
        constexpr bool all_that_is_saved_has_a_uid = each_has_a_uid<parts>();
        static_assert(
            all_that_is_saved_has_a_uid,
            "weir::run(pipeline, policies...): under checkpoints each source, sink and operator with state "
            "needs a name; add uid<\"name\">");
        constexpr bool each_state_has_a_codec = all_storable<parts>();
        static_assert(
            each_state_has_a_codec || !all_that_is_saved_has_a_uid,
            "weir::run(pipeline, policies...): a key or a state is of a type without codec; adapt it with "
            "BOOST_HANA_ADAPT_STRUCT or specialise weir::codec");
        if constexpr (all_that_is_saved_has_a_uid && each_state_has_a_codec && Exact) {
          constexpr bool each_source_can_be_read_again = all_exactly_once<parts, part_kind::source>();
          static_assert(each_source_can_be_read_again,
                        "weir::run(pipeline, exactly_once): a source cannot be read again from a position; use "
                        "at_least_once or a source that can");
          constexpr bool each_sink_keeps_exactly_once = all_exactly_once<parts, part_kind::sink>();
          static_assert(each_sink_keeps_exactly_once || !each_source_can_be_read_again,
                        "weir::run(pipeline, exactly_once): a sink writes at once and cannot take back; use "
                        "at_least_once or a staged, idempotent or fenced sink");
          return each_source_can_be_read_again && each_sink_keeps_exactly_once;
        }
        return all_that_is_saved_has_a_uid && each_state_has_a_codec;
      }
      return the_store_is_durable;
    }
    return each_uid_is_there_once;
  }
};

}  // namespace detail

// Runs a pipeline to the end of its input, or until it is asked to stop, on the calling thread.
//
// Policies, in any order: a state store (memory_store{}, lmdb_store{directory}), no_checkpoints{} or
// periodic_checkpoints{.every}, exactly_once or at_least_once, no_metrics or basic_metrics, a restart strategy
// (no_restart{}, fixed_delay_restart{}, failure_rate_restart{}, exponential_backoff_restart{}), observer{f}, job_control,
// stop_on_signal{}, from_savepoint{path}, allow_non_restored_state, batch_size{n}, watermark_alignment{.max_drift},
// std::stop_token.
// The defaults: memory_store, no_checkpoints, exactly_once, no_metrics, no_restart.
// With checkpoints a run on a state directory goes on where the last commit of the one before was.
// Returns what was counted and how it ended. Throws weir::error and whatever the pipeline's own functions throw.
inline constexpr detail::run_fn run{};

}  // namespace weir
