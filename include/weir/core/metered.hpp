// metered: records counted between the operators of a pipeline, for basic_metrics; without it nothing of this is in the types.
#pragma once

#include <weir/core/stage.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

// Stands between two stages. The count is in the kernel during a batch, as all that is hot.
template <class Next>
struct metered_stage : forwarding<Next> {
  std::uint64_t& total;
  template <class Make>
  metered_stage(std::uint64_t& t, Make const& make) : forwarding<Next>(make), total(t) {}

  struct kernel : forwarding_kernel<typename Next::kernel> {
    std::uint64_t count = 0;
    WEIR_INLINE explicit kernel(metered_stage& s) : forwarding_kernel<typename Next::kernel>(s.next.open()) {}
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      ++count;
      this->next(std::forward<V>(v), t);
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) {
    total += k.count;
    this->next.commit(k.next);
  }
  template <class Batch>
  bool run_untested(Batch&& batch)
    requires requires(Next& n) { n.run_untested(batch); }
  {
    if (!this->next.run_untested(batch)) return false;
    total += static_cast<std::uint64_t>(std::distance(std::begin(batch), std::end(batch)));
    return true;
  }
};

// A D of describe(d): how many lines an operator has, and kind and uid of the first.
class line_counter {
 public:
  std::size_t lines = 0;
  std::string_view kind, uid;

  void name(std::string_view given) {
    if (lines == 0) uid = given;
  }
  void policy(std::string_view) {}
  template <class... Details>
  void node(std::string_view k, Details const&...) {
    if (lines++ == 0) kind = k;
  }
  void open_scope(std::string_view) { node("scoped"); }
  void close_scope() {}
  void fork(std::string_view k) { node(k); }
  template <class Arm>
  void arm(Arm const& a) {
    if constexpr (requires { a.operations; }) {
      a.source.describe(*this);
      a.operations.describe(*this);
    } else {
      a.describe(*this);
    }
  }
  void join() {}
  template <class Chain>
  void side(std::string_view, Chain const& chain) {
    node("side");
    chain.describe(*this);
  }
  template <class T>
  static std::string_view noun(T const&) {
    return {};
  }
  template <class T>
  static std::string_view option(std::string_view, T const&) {
    return {};
  }
};

template <class Env>
inline constexpr bool is_metered = Env::runtime_type::counts_operators;

// How many lines describe gives for x; 0 where nobody asks.
template <class Env, class X>
std::size_t lines_of(X const& x) {
  if constexpr (is_metered<Env>) {
    line_counter d;
    d.arm(x);
    return d.lines;
  } else {
    return 0;
  }
}

// The env for what stands on another line.
template <class Env>
decltype(auto) on_line(Env const& env, std::size_t line) {
  if constexpr (is_metered<Env>)
    return env.on_line(line);
  else
    return (env);
}
// On which line each of the arms begins that stand below the line of env.
template <class Env, class... Arms>
std::array<std::size_t, sizeof...(Arms)> lines_of_arms(Env const& env, Arms const&... arms) {
  std::size_t line = env.line + 1;
  return {std::exchange(line, line + lines_of<Env>(arms))...};
}

// What a counted operator has behind it: a counter, then the rest.
template <class Env, class Rest>
struct rest_in_env {
  Env const& env;
  Rest const& rest;
  auto operator()() const { return rest(env); }
};
template <class Out, class Rest>
struct counted_rest {
  Rest const& rest;
  std::string const& name;
  template <class Env>
  auto operator()(Env const& env) const {
    if constexpr (Out::open) {
      rest_in_env<Env, Rest> const make{env, rest};
      return metered_stage<decltype(make())>(env.runtime.counters.get(name, "out"), make);
    } else {
      return rest(env);
    }
  }
};
template <class In, class Op, class Env, class Rest>
struct counted_operation {
  Op const& op;
  Env const& env;
  counted_rest<typename Op::template output<In>, Rest> rest;
  auto operator()() const { return op.template attach<In>(env, rest); }
};

// The operator's running stages, between counters where there are metrics.
template <class In, class Op, class Env, class Rest>
auto attach_operation(Op const& op, Env const& env, Rest const& rest) {
  if constexpr (is_metered<Env> && Op::counted) {
    line_counter d;
    op.describe(d);
    std::string const name =
        d.uid.empty() ? std::to_string(env.line) + " " + std::string(d.kind)
                      : std::string(Env::scope.view()) + (Env::scope.empty() ? "" : "/") + std::string(d.uid);
    counted_operation<In, Op, Env, Rest> const make{op, env, {rest, name}};
    return metered_stage<decltype(make())>(env.runtime.counters.get(name, "in"), make);
  } else {
    return op.template attach<In>(env, rest);
  }
}

}  // namespace weir::detail
