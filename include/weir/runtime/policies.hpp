// How run(pipeline, policies...) finds the policies that it was given, in any order.
#pragma once

#include <weir/checkpoint/policies.hpp>
#include <weir/checkpoint/savepoint.hpp>
#include <weir/error.hpp>
#include <weir/runtime/job_control.hpp>
#include <weir/runtime/observer.hpp>
#include <weir/runtime/restart_strategy.hpp>
#include <weir/runtime/stop_on_signal.hpp>
#include <weir/state/memory_store.hpp>
#include <weir/time.hpp>

#include <concepts>
#include <cstddef>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace weir {

// At most this many records are read before the run looks at checkpoints, stop tokens and clocks. Results do not depend
// on it. Errors: config_error when zero.
struct batch_size {
  std::size_t records = 4096;
};

// A split whose watermark is more than max_drift ahead of the one that is furthest behind is not read until that one comes
// up: what joins and windows keep for those behind is bounded by it. Splits that are idle (with_idleness) or at their end wait
// for nobody and nobody waits for them; one from which nothing has come yet is furthest behind. Without it only splits that
// have nothing to give are passed over. Errors: config_error when negative. See also: Flink, withWatermarkAlignment
struct watermark_alignment {
  duration max_drift;

  static constexpr bool aligns = true;
  void check() const {
    if (max_drift < duration::zero())
      throw config_error(
          "weir::watermark_alignment: max_drift is negative; give a length of time such as 1min");
  }
};

// What is counted beside sources, sinks, late, malformed and dropped records: nothing.
struct no_metrics {
  static constexpr bool counts_operators = false;
};
// Records in and out of each operator as well, as "in" and "out" of its uid, or of "3 map" where it has none: the number of
// its line in describe(pipeline), and its kind. side, discard and scoped are not counted, only what is in them; sinks are
// counted under their uid in any case. An operator that follows its window counts the rows as "out".
struct basic_metrics {
  static constexpr bool counts_operators = true;
};

namespace detail {

template <class P>
    struct store_kind : std::bool_constant < requires {
  typename P::backend;
} > {};
template <class P>
    struct checkpoint_kind : std::bool_constant < requires {
  P::makes_checkpoints;
} > {};
template <class P>
struct guarantee_kind
    : std::bool_constant<std::same_as<P, exactly_once_t> || std::same_as<P, at_least_once_t>> {};
template <class P>
    struct metrics_kind : std::bool_constant < requires {
  P::counts_operators;
} > {};
template <class P>
struct stop_kind : std::bool_constant<std::same_as<P, std::stop_token>> {};
template <class P>
struct restart_kind : std::bool_constant<restart_strategy<P>> {};
template <class P>
struct observer_kind : std::false_type {};
template <class F>
struct observer_kind<observer<F>> : std::true_type {};
template <class P>
struct control_kind : std::bool_constant<std::same_as<P, job_control>> {};
template <class P>
struct savepoint_kind : std::bool_constant<std::same_as<P, from_savepoint>> {};
template <class P>
struct forgetting_kind : std::bool_constant<std::same_as<P, allow_non_restored_state_t>> {};
template <class P>
struct signal_kind : std::bool_constant<std::same_as<P, stop_on_signal>> {};
struct no_alignment {
  static constexpr bool aligns = false;
};
template <class P>
concept alignment = requires { P::aligns; };
template <class P>
struct alignment_kind : std::bool_constant<alignment<P>> {};
template <class P>
struct batch_kind : std::bool_constant<std::same_as<P, batch_size>> {};

template <class P>
inline constexpr bool is_policy =
    store_kind<P>::value || checkpoint_kind<P>::value || guarantee_kind<P>::value || metrics_kind<P>::value ||
    stop_kind<P>::value || batch_kind<P>::value || restart_kind<P>::value || observer_kind<P>::value ||
    control_kind<P>::value || signal_kind<P>::value || alignment_kind<P>::value || savepoint_kind<P>::value ||
    forgetting_kind<P>::value;

// The first argument of the kind, or a default.
template <template <class> class Is, class Default>
struct policy_or {
  template <class... Policies>
  constexpr auto operator()(Policies const&... policies) const {
    return find(policies...);
  }

 private:
  static constexpr auto find() { return Default{}; }
  template <class First, class... Rest>
  static constexpr auto find(First const& first, Rest const&... rest) {
    if constexpr (Is<First>::value)
      return first;
    else
      return find(rest...);
  }
};
template <template <class> class Is, class Default, class... Policies>
using chosen = decltype(policy_or<Is, Default>{}(std::declval<Policies const&>()...));

}  // namespace detail

}  // namespace weir
