// build_env: the values that only the building of stages needs. key_by, window and uid have no stage of their own.
#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/core/stream.hpp>

#include <cstddef>

namespace weir {

// Runtime: what the run gives to its stages (the state backend, the counters), by reference.
// Scope: what scoped<"name"> puts before each uid. Uid: the name of the operator that is being built.
template <class Runtime, class KeyFn = none, class Window = none, fixed_string Scope = "",
          fixed_string Uid = "">
struct build_env {
  static constexpr auto scope = Scope;
  static constexpr auto uid = Uid;
  static constexpr bool guarded = false;
  using runtime_type = Runtime;

  Runtime& runtime;
  KeyFn key{};
  Window window{};
  std::size_t line = 1;  // of the operator in describe(pipeline); kept only under metrics

  auto unkeyed() const { return build_env<Runtime, none, none, Scope>{runtime, {}, {}, line}; }
  template <class F>
  auto keyed(F const& f) const {
    return build_env<Runtime, F, none, Scope>{runtime, f, {}, line};
  }
  template <class W>
  auto windowed(W const& w) const {
    return build_env<Runtime, KeyFn, W, Scope>{runtime, key, w, line};
  }
  template <fixed_string Name>
  auto named() const {
    return build_env<Runtime, KeyFn, Window, Scope, Name>{runtime, key, window, line};
  }
  auto unnamed() const { return build_env<Runtime, KeyFn, Window, Scope>{runtime, key, window, line}; }
  template <fixed_string Name>
  auto scoped() const {
    return build_env<Runtime, KeyFn, Window, Name>{runtime, key, window, line};
  }
  auto on_line(std::size_t n) const {
    return build_env<Runtime, KeyFn, Window, Scope, Uid>{runtime, key, window, n};
  }
};

// For an operator with skip_failed or failed_to: its function may throw, and then the run goes on.
template <class Env>
struct guarded_env : Env {
  static constexpr bool guarded = true;
};

}  // namespace weir
