#pragma once

#include <weir/core/failure.hpp>
#include <weir/core/guard.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/core/uid.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// What stands behind a guarded operator: the way back on which exceptions are not the operator's.
template <class Rest>
struct behind_guard {
  Rest const& rest;
  bool& not_ours;
  template <class Env>
  auto operator()(Env const& env) const {
    rest_in_env<Env, Rest> const make{env, rest};
    return guard_exit<decltype(make())>(not_ours, make);
  }
};

template <class Op, class Policy>
struct guarded : Op {
  using choice = failure_choice<Policy>;
  constexpr explicit guarded(Op op) : Op(std::move(op)) {}

  template <class In>
  static constexpr bool guardable = false;  // once is enough
  template <class In>
  static constexpr bool has_a_function = Op::template guardable<In>;

  // Another clock than that of the chain which takes them: they go without time.
  static constexpr bool gives_time = requires { Op::assigns_time; };
  template <class In>
  using letters = stream<failed_record<typename In::value>, In::timed && !gives_time>;
  template <class In>
  static constexpr bool keeps_record = !choice::to_side || std::copy_constructible<typename In::value>;

  template <class In, class Choice = choice>
  struct facts {
    using output = output_of<Op, In>;
    static constexpr bool name_is_free = true;
  };
  template <class In, class Choice>
    requires(Choice::to_side)
  struct facts<In, Choice> {
    using output = add_side_outputs<output_of<Op, In>, outlet<Choice::name, letters<In>>>;
    using known = side_output_of<output_of<Op, In>, Choice::name>;
    static constexpr bool name_is_free = std::same_as<known, none> || std::same_as<known, letters<In>>;
  };

  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (!Op::template accepts<In>)
      return false;
    else if constexpr (!has_a_function<In>)
      return false;
    else
      return keeps_record<In> && facts<In>::name_is_free;
  }();
  template <class In>
  using output = typename facts<In>::output;
  template <class In>
  static constexpr void explain() {
    if constexpr (!Op::template accepts<In>) {
      Op::template explain<In>();
    } else if constexpr (constexpr bool the_operator_calls_a_function = has_a_function<In>;
                         !the_operator_calls_a_function) {
      static_assert(the_operator_calls_a_function,
                    "weir::failed_to<name>, skip_failed: the operator before it calls no function for one "
                    "record; put it behind map, filter, flat_map, inspect, assign_timestamps, process, "
                    "aggregate or, without windows, reduce");
    } else if constexpr (constexpr bool the_record_can_be_copied = keeps_record<In>;
                         !the_record_can_be_copied) {
      static_assert(the_record_can_be_copied,
                    "weir::failed_to<name>: the record cannot be copied, so it cannot be kept for the side "
                    "output; use skip_failed");
    } else {
      constexpr bool the_side_output_has_one_type = facts<In>::name_is_free;
      static_assert(the_side_output_has_one_type,
                    "weir::failed_to<name>: a side output of this name carries other records; give it another "
                    "name");
    }
  }

  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    static constexpr auto name = full_uid<Env::scope, Env::uid>;
    Op const& op = *this;
    if constexpr (requires { op.template probe<In>(env); }) {
      auto const probe = op.template probe<In>(env);
      auto const make_next = [&] { return op.template attach<In>(env, rest); };
      return probe_stage<In, Policy, decltype(probe), decltype(make_next())>(env.runtime, name.view(), probe,
                                                                             make_next);
    } else {
      guarded_env<Env> const inside{env};
      auto const make_next = [&](bool& not_ours) {
        return op.template attach<In>(inside, behind_guard<Rest>{rest, not_ours});
      };
      return guard_stage<In, Policy, !gives_time, decltype(make_next(std::declval<bool&>()))>(
          env.runtime, name.view(), make_next);
    }
  }
  template <class D>
  void describe(D& d) const {
    d.policy(choice::text);
    Op::describe(d);
  }
};

}  // namespace detail

template <operation Op, detail::failure_policy Policy>
constexpr auto operator|(Op op, Policy) {
  return detail::guarded<Op, Policy>(std::move(op));
}
// The name stays outside.
template <class Op, fixed_string Name, detail::failure_policy Policy>
constexpr auto operator|(detail::named<Op, Name> op, Policy policy) {
  return (static_cast<Op&&>(op) | policy) | uid<Name>;
}
template <class A, class B, detail::failure_policy Policy>
constexpr auto operator|(detail::chain<A, B> c, Policy policy) {
  auto last = std::move(c.second) | policy;
  return detail::chain<A, decltype(last)>(std::move(c.first), std::move(last));
}
template <class Source, class A, class B, detail::failure_policy Policy>
constexpr auto operator|(pipeline<Source, detail::chain<A, B>> p, Policy policy) {
  return pipeline<Source, A>(std::move(p.source), std::move(p.operations.first)) |
         (std::move(p.operations.second) | policy);
}
template <class Source, detail::failure_policy Policy>
constexpr auto operator|(pipeline<Source, detail::identity_operation> p, Policy policy) {
  return p | (detail::identity_operation{} | policy);
}

// Behind an operator: a record for which its function throws does not end the run. It is left out and counted, as "failed" of
// the operator's uid.
//
// Input      an operator that calls a function for a record: map, filter, flat_map, inspect, assign_timestamps, process,
//            reduce without windows, aggregate; and through the key that it uses, the function of key_by
// Output     as the operator has it, without what the record would have given. What the function did before it threw stays:
//            records that it has emitted, state and timers that process has changed. So compute first, then emit and
//            change. An aggregate has all of a record or nothing: its functions are tried on an empty window first
// Time       untouched; a record that fails in assign_timestamps makes no watermark
// State      none; the count is saved
// Ordering   kept
// Errors     what is thrown behind the operator is not the record's fault and ends the run as ever, and so do store_error,
//            restore_error, config_error, std::bad_alloc and what timers, windows that fire, assigners and triggers throw
//            "weir::failed_to<name>, skip_failed: the operator before it calls no function for one record; ..."
// Example    examples/docs/failed_to.cpp
// See also   failed_to, skip_malformed
inline constexpr skip_failed_t skip_failed{};

// Behind an operator: the same as skip_failed, and a side output called Name carries the record, its time, what was thrown and the
// operator's uid, as a failed_record<T>. The function gets the record by const&, or a copy of it.
//
// Errors     "weir::failed_to<name>: the record cannot be copied, so it cannot be kept for the side output; use skip_failed"
//            "weir::failed_to<name>: a side output of this name carries other records; give it another name"
// Example    examples/docs/failed_to.cpp
// See also   side, discard, malformed_to
template <fixed_string Name>
inline constexpr failed_to_t<Name> failed_to{};

}  // namespace weir
