#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/core/shared.hpp>

#include <concepts>
#include <cstdint>
#include <utility>

namespace weir {
namespace detail {

template <fixed_string Name>
struct discard_end : end_stage {
  std::uint64_t& discarded;
  template <class Runtime>
  explicit discard_end(Runtime& runtime) : discarded(runtime.counters.get(Name.view(), "discarded")) {}

  // What comes in is rare and comes between batches too: it is counted where it lands.
  template <class V, class Time>
  void push(V&&, Time) {
    ++discarded;
  }
};

template <fixed_string Name, class Next>
struct discard_stage : forwarding<Next> {
  discard_end<Name> bin;
  template <class Runtime, class Make>
  discard_stage(Runtime& runtime, Make const& make) : forwarding<Next>(make), bin(runtime) {}

  using kernel = typename Next::kernel;
  kernel open() { return this->next.open(); }
  void commit(kernel const& k) { this->next.commit(k); }
  template <fixed_string Wanted>
  auto* outlet() {
    if constexpr (Wanted == Name)
      return &bin;
    else
      return this->next.template outlet<Wanted>();
  }
};

template <fixed_string Name>
struct discard_operator : operation_base {
  static constexpr bool counted = false;  // what it drops is
  template <class In>
  static constexpr bool accepts = !std::same_as<side_output_of<In, Name>, none>;
  template <class In>
  using output = remove_side_output<In, Name>;
  template <class In>
  static constexpr void explain() {
    constexpr bool there_is_a_side_output_of_this_name = accepts<In>;
    static_assert(there_is_a_side_output_of_this_name,
                  "weir::discard<name>: no operator above has a side output of this name");
  }
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    auto const make_next = [&] { return rest(env); };
    return discard_stage<Name, decltype(make_next())>(env.runtime, make_next);
  }
  template <class D>
  void describe(D& d) const {
    d.node("discard", Name.view());
  }
};

}  // namespace detail

// An operator that drops the side output called Name, and counts what it drops.
//
// Input      any stream with a side output of that name
// Output     the same stream
// Time       untouched
// State      none
// Ordering   kept
// Errors     "weir::discard<name>: no operator above has a side output of this name"
// Example    examples/docs/side.cpp
// See also   side
template <fixed_string Name>
inline constexpr detail::discard_operator<Name> discard{};

}  // namespace weir
