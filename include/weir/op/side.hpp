#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/core/shared.hpp>

#include <concepts>
#include <utility>

namespace weir {
namespace detail {

// The producer further up finds the chain by walking down: outlet<Name>().
template <fixed_string Name, class Chain, class Next>
struct side_stage : forwarding<Next> {
  static constexpr bool acts = Chain::acts || Next::acts;
  static constexpr bool dynamic = Chain::dynamic || Next::dynamic;
  static constexpr bool idles = may_idle<Chain> || may_idle<Next>;

  shared<Chain> chain;

  template <class MakeChain, class Make>
  side_stage(MakeChain const& make_chain, Make const& make) : forwarding<Next>(make), chain(make_chain) {
    chain.add_input();
  }

  struct kernel : forwarding_kernel<typename Next::kernel> {
    shared<Chain>* chain;
    WEIR_INLINE explicit kernel(side_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()), chain(&s.chain) {
      chain->open();
    }
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      this->next(std::forward<V>(v), t);
    }
    WEIR_INLINE timestamp deadline() const {
      if constexpr (Chain::acts)
        return earlier(chain->hot->deadline(), this->next.deadline());
      else
        return this->next.deadline();
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) {
    this->next.commit(k.next);
    chain.close();
  }
  void advance(progress p) {
    chain.advance(0, p);
    this->next.advance(p);
  }
  void set_idle(bool idle) {
    chain.set_idle(0, idle);
    this->next.set_idle(idle);
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(chain);
    chain.next.visit(v);
    this->next.visit(v);
  }
  template <fixed_string Wanted>
  auto* outlet() {
    if constexpr (Wanted == Name)
      return &chain;
    else
      return this->next.template outlet<Wanted>();
  }
};

template <fixed_string Name, class Chain>
struct side_operator : operation_base {
  static constexpr bool counted = false;
  Chain chain;
  constexpr explicit side_operator(Chain c) : chain(std::move(c)) {}

  template <class In>
  static constexpr bool known = !std::same_as<side_output_of<In, Name>, none>;
  template <class In>
  static constexpr bool suits_the_chain = [] {
    if constexpr (known<In>)
      return Chain::template accepts<side_output_of<In, Name>>;
    else
      return false;
  }();
  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (suits_the_chain<In>)
      return !output_of<Chain, side_output_of<In, Name>>::open;
    else
      return false;
  }();
  template <class In>
  using output = remove_side_output<In, Name>;
  template <class In>
  static constexpr void explain() {
    constexpr bool there_is_a_side_output_of_this_name = known<In>;
    static_assert(there_is_a_side_output_of_this_name,
                  "weir::side<name>(chain): no operator above has a side output of this name");
    if constexpr (suits_the_chain<In>) {
      using end = output_of<Chain, side_output_of<In, Name>>;
      constexpr bool the_sink_leaves_nothing = !is_sunk<end>;
      static_assert(the_sink_leaves_nothing,
                    "weir::side<name>(chain): a side output is not consumed; put side<name>(chain) or "
                    "discard<name> behind into(sink, failed_to<name>), in the same chain");
      constexpr bool the_chain_ends_in_a_sink = !carries_records<end>;
      static_assert(the_chain_ends_in_a_sink,
                    "weir::side<name>(chain): the chain has no sink; end it with into(sink)");
    }
  }
  template <class In, class Names>
  using parts = typename Chain::template parts<side_output_of<In, Name>, Names>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    auto const make_chain = [&] {
      return attach_operation<side_output_of<In, Name>>(chain, on_line(env.unkeyed(), env.line + 1),
                                                        nothing_behind{});
    };
    auto const make_next = [&] { return rest(env); };
    return side_stage<Name, decltype(make_chain()), decltype(make_next())>(make_chain, make_next);
  }
  template <class D>
  void describe(D& d) const {
    d.side(Name.view(), chain);
  }
};

template <fixed_string Name, class Chain, class In>
  requires(side_operator<Name, Chain>::template known<In> &&
           !side_operator<Name, Chain>::template suits_the_chain<In>)
struct culprit<side_operator<Name, Chain>, In> : culprit<Chain, side_output_of<In, Name>> {};

}  // namespace detail

// An operator that gives the side output called Name to a chain, which ends in into(sink); the stream itself passes.
//
// Input      any stream with a side output of that name made further up: late_to<"name">, malformed_to<"name">, or one
//            of a process function
// Output     the same stream
// Time       records of a side output keep their timestamp; its chain sees the watermark of the place where it stands
// State      what the chain has
// Ordering   kept
// Errors     "weir::side<name>(chain): no operator above has a side output of this name"
//            "weir::side<name>(chain): the chain has no sink; end it with into(sink)"
//            "weir::side<name>(chain): a side output is not consumed; ...", of a sink with failed_to<name> that ends the chain
// Example    examples/docs/side.cpp
// See also   discard, window; Flink: side outputs
template <fixed_string Name, operation Chain>
constexpr auto side(Chain chain) {
  return detail::side_operator<Name, Chain>(std::move(chain));
}

}  // namespace weir
