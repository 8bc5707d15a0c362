// uid<"name"> names the operator before it; scoped<"name">(chain) puts a name before all those inside.
#pragma once

#include <weir/core/pipeline.hpp>

#include <utility>

namespace weir {

// Also given as an argument to from and into. Under checkpoints all that holds state, a position or a commitment needs
// one: it is how what was saved is found again when the program has changed.
template <fixed_string Name>
struct uid_tag {
  static constexpr auto name = Name;
};
template <fixed_string Name>
inline constexpr uid_tag<Name> uid{};

namespace detail {

// What stands behind an operation with a name: the name ends here.
template <class Rest>
struct behind_name {
  Rest const& rest;
  template <class Env>
  auto operator()(Env const& env) const {
    return rest(env.unnamed());
  }
};
template <fixed_string Outer, class Rest>
struct behind_scope {
  Rest const& rest;
  template <class Env>
  auto operator()(Env const& env) const {
    return rest(env.template scoped<Outer>());
  }
};

template <class Op, fixed_string Name>
struct named : Op {
  constexpr explicit named(Op op) : Op(std::move(op)) {}
  template <class In, class Names>
  using parts = typename Op::template parts<In, typename Names::template named<Name>>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    return Op::template attach<In>(env.template named<Name>(), behind_name<Rest>{rest});
  }
  template <class D>
  void describe(D& d) const {
    d.name(Name.view());
    Op::describe(d);
  }
};

template <fixed_string Name, class Op>
struct scoped_operation : operation_base {
  static constexpr bool counted = false;
  static constexpr bool looks_at_windows = true;
  Op inner;
  constexpr explicit scoped_operation(Op op) : inner(std::move(op)) {}
  template <class In>
  static constexpr bool accepts = Op::template accepts<In> && keeps_all<Op, In>;
  template <class In>
  using output = output_of<Op, In>;
  template <class In>
  static constexpr void explain() {
    Op::template explain<In>();
  }
  template <class Outer>
  static constexpr auto path = full_uid<Outer::scope, Name>;
  template <class In, class Names>
  using parts = typename Op::template parts<In, typename Names::template scoped<path<Names>>>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    return attach_operation<In>(inner, on_line(env.template scoped<path<Env>>(), env.line + 1),
                                behind_scope<Env::scope, Rest>{rest});
  }
  template <class D>
  void describe(D& d) const {
    d.open_scope(Name.view());
    inner.describe(d);
    d.close_scope();
  }
};

template <fixed_string Name, class Op, class In>
struct culprit<scoped_operation<Name, Op>, In> : culprit<Op, In> {};

}  // namespace detail

template <operation Op, fixed_string Name>
constexpr auto operator|(Op op, uid_tag<Name>) {
  return detail::named<Op, Name>(std::move(op));
}
template <class A, class B, fixed_string Name>
constexpr auto operator|(detail::chain<A, B> c, uid_tag<Name> name) {
  auto last = std::move(c.second) | name;
  return detail::chain<A, decltype(last)>(std::move(c.first), std::move(last));
}
template <class Source, class A, class B, fixed_string Name>
constexpr auto operator|(pipeline<Source, detail::chain<A, B>> p, uid_tag<Name> name) {
  auto operations = std::move(p.operations) | name;
  return pipeline<Source, decltype(operations)>(std::move(p.source), std::move(operations));
}

// An operator that puts Name before every uid inside chain, so that one chain can stand in a pipeline twice.
// Input, Output, Time, State: as chain has them.
// Example: examples/docs/scoped.cpp
template <fixed_string Name, operation Op>
constexpr auto scoped(Op chain) {
  return detail::scoped_operation<Name, Op>(std::move(chain));
}

}  // namespace weir
