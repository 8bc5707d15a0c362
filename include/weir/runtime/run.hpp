#pragma once

#include <weir/checkpoint/policies.hpp>
#include <weir/core/parts.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/runtime/context.hpp>
#include <weir/runtime/coordinator.hpp>
#include <weir/runtime/inputs.hpp>
#include <weir/runtime/policies.hpp>
#include <weir/runtime/run_result.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stop_token>
#include <utility>

namespace weir {
namespace detail {

// How much a batch should take at most: stop tokens, checkpoints and clocks are looked at between batches.
inline constexpr std::chrono::milliseconds batch_time{2};

template <class Store, class Checkpoints, bool ExactlyOnce, bool CountsOperators, class Source, class Op>
run_result run_pipeline(pipeline<Source, Op> const& p, Store const& store, Checkpoints const& checkpoints,
                        batch_size batches, std::stop_token stop) {
  using clock = std::chrono::steady_clock;
  if (batches.records == 0) throw config_error("weir::batch_size: zero records; give a positive number");
  clock::time_point const begin = clock::now();
  run_result result;
  weir::counters counters;
  typename Store::backend backend(store);
  using context = run_context<Store, CountsOperators>;
  context ctx{backend, counters, ExactlyOnce, state_directory_of(store)};
  auto root = attach_pipeline(p, build_env<context>{ctx}, nothing_behind{});

  coordinator<Store, Checkpoints, decltype(root)> saves(backend, checkpoints, ExactlyOnce, root, counters,
                                                        result);
  if (saves.recover()) {
    input_driver<decltype(root)> inputs(root);
    result.recovery_time = clock::now() - begin;
    std::size_t max = std::min<std::size_t>(batches.records, 4096);
    clock::time_point now = clock::now();
    while (!inputs.ended() && !stop.stop_requested()) {
      saves.between_batches(now);
      bool const moved = inputs.step(max, saves.next_look(now));
      flush_sinks(root);
      clock::time_point const after = clock::now();
      if (moved && after - now > batch_time)
        max = std::max<std::size_t>(max / 2, 1);
      else
        max = std::min(max * 2, batches.records);
      now = after;
    }
    result.status = inputs.ended() ? outcome::finished : outcome::stopped;
    saves.finish(result.status == outcome::finished);
  }
  result.wall_time = clock::now() - begin;
  return result;
}

struct run_fn {
  template <class Source, class Op, class... Policies>
  run_result operator()(pipeline<Source, Op> const& p, Policies... policies) const {
    constexpr bool the_pipeline_ends_in_a_sink = !pipeline<Source, Op>::out::open;
    static_assert(the_pipeline_ends_in_a_sink,
                  "weir::run(pipeline): the pipeline has no sink; end it with into(sink)");
    constexpr bool each_argument_is_a_policy = (is_policy<Policies> && ...);
    static_assert(
        each_argument_is_a_policy,
        "weir::run(pipeline, policies...): an argument is no policy: a store, checkpoints, exactly_once, "
        "metrics, batch_size or a stop token");
    if constexpr (the_pipeline_ends_in_a_sink && each_argument_is_a_policy) {
      auto const store = policy_or<store_kind, memory_store>{}(policies...);
      auto const checkpoints = policy_or<checkpoint_kind, no_checkpoints>{}(policies...);
      auto const guarantee = policy_or<guarantee_kind, exactly_once_t>{}(policies...);
      using store_type = std::remove_const_t<decltype(store)>;
      using metrics_type = decltype(policy_or<metrics_kind, no_metrics>{}(policies...));
      using checkpoints_type = std::remove_const_t<decltype(checkpoints)>;
      constexpr bool saved = checkpoints_type::makes_checkpoints;
      constexpr bool exact = saved && std::same_as<std::remove_const_t<decltype(guarantee)>, exactly_once_t>;
      constexpr bool a_guarantee_has_checkpoints = saved || !(guarantee_kind<Policies>::value || ...);
      static_assert(a_guarantee_has_checkpoints,
                    "weir::run(pipeline, policies...): exactly_once and at_least_once promise nothing without "
                    "checkpoints; add periodic_checkpoints{} and lmdb_store{directory}");
      if constexpr (!a_guarantee_has_checkpoints)
        return {};
      else if constexpr (check<pipeline<Source, Op>, store_type, saved, exact>())
        return run_pipeline<store_type, checkpoints_type, exact, metrics_type::counts_operators>(
            p, store, checkpoints, policy_or<batch_kind, batch_size>{}(policies...),
            policy_or<stop_kind, std::stop_token>{}(policies...));
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

// Runs a pipeline to the end of its input, or until a stop token asks it to stop, on the calling thread.
//
// Policies, in any order: a state store (memory_store{}, lmdb_store{directory}), no_checkpoints{} or
// periodic_checkpoints{.every}, exactly_once or at_least_once, no_metrics or basic_metrics, batch_size{n}, std::stop_token.
// The defaults: memory_store, no_checkpoints, exactly_once, no_metrics.
// With checkpoints a run on a state directory goes on where the last commit of the one before was.
// Returns what was counted and how it ended. Throws weir::error and whatever the pipeline's own functions throw.
inline constexpr detail::run_fn run{};

}  // namespace weir
