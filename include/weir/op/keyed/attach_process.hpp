// What operators that are process functions have in common.
#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/core/uid.hpp>
#include <weir/op/keyed/process_facts.hpp>
#include <weir/op/keyed/process_stage.hpp>

namespace weir::detail {

template <class F, class In, class Names>
using process_parts =
    part_list<part<full_uid<Names::scope, Names::uid>, part_kind::state, true, process_storable<F, In>>>;

template <class In, class F, class Env, class Rest>
auto attach_process(F const& f, Env const& env, Rest const& rest) {
  auto const make_next = [&] { return rest(env.unkeyed()); };
  return process_stage<typename In::value, In::timed, process_key_fn<In>, F, full_uid<Env::scope, Env::uid>,
                       typename Env::runtime_type, Env::guarded, decltype(make_next())>(env, f, make_next);
}

}  // namespace weir::detail
