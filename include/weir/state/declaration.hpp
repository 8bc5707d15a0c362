// state_declaration: what an operator says of each of its named states.
#pragma once

#include <weir/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// What a named state is. The numbers stand on disk.
enum class state_kind : std::uint8_t { value = 0, list = 1, mapping = 2, timers = 3 };

constexpr std::string_view to_string(state_kind kind) {
  constexpr std::string_view names[] = {"value", "list", "map", "timers"};
  return static_cast<std::size_t>(kind) < 4 ? names[static_cast<std::size_t>(kind)] : "unknown";
}

// One named state of an operator, as its code declares it. `schema` is that of the codec of what it holds.
struct state_declaration {
  std::string name;
  state_kind kind = state_kind::value;
  std::string schema;
  bool operator==(state_declaration const&) const = default;
};

}  // namespace weir
