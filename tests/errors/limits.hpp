// What twins of broadcast share: an operator that is right, and the two inputs of it. As payments.hpp it comes behind weir.hpp.
#pragma once

#include "payments.hpp"

#include <string>
#include <tuple>

inline std::vector<int> const ints;
inline auto const numbers = weir::from(ints);
inline std::vector<std::string> const strings;
inline auto const names = weir::from(strings);

struct limits {
  using output = int;
  weir::broadcast_state<std::string, int, "rules"> rules;
  auto states() { return std::tie(rules); }

  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) const {
    if (rules.size() > 3) emit(value);
  }
  template <class Context, class Emit>
  void on_broadcast(std::string const& name, Context&, Emit const&) {
    rules.put(name, 1);
  }
};
