// fixed_string: text that can be a template argument, as in uid<"payments">.
#pragma once

#include <weir/config.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace weir {

template <std::size_t N>
struct fixed_string {
  char text[N]{};

  constexpr fixed_string(char const (&s)[N]) { std::copy_n(s, N, text); }

  constexpr std::string_view view() const { return {text, N - 1}; }
  constexpr bool empty() const { return N == 1; }
  template <std::size_t M>
  constexpr bool operator==(fixed_string<M> const& other) const {
    return view() == other.view();
  }
};

// Two texts as one: scoped<"rule1"> puts its name before those inside.
template <std::size_t N, std::size_t M>
constexpr auto operator+(fixed_string<N> const& a, fixed_string<M> const& b) {
  char text[N + M - 1]{};
  std::copy_n(a.text, N - 1, text);
  std::copy_n(b.text, M, text + N - 1);
  return fixed_string<N + M - 1>(text);
}

}  // namespace weir
