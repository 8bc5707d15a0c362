// state_declaration: what an operator says of each of its named states.
#pragma once

#include <weir/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// What a named state is. The numbers stand on disk.
// sequence: elements to the end of the bytes, without a count.
enum class state_kind : std::uint8_t { value = 0, list = 1, mapping = 2, timers = 3, sequence = 4 };

constexpr std::string_view to_string(state_kind kind) {
  constexpr std::string_view names[] = {"value", "list", "map", "timers", "sequence"};
  return static_cast<std::size_t>(kind) < 5 ? names[static_cast<std::size_t>(kind)] : "unknown";
}

namespace detail {

struct evolution_facts;

}  // namespace detail

// One named state of an operator, as its code declares it. `schema` is that of the codec of what it holds.
struct state_declaration {
  std::string name;
  state_kind kind = state_kind::value;
  std::string schema;
  // Of what is stored in one piece (see state/stored_form.hpp), so that it may be read from older schemas; nullptr: it may not.
  detail::evolution_facts (*facts)() = nullptr;
};

}  // namespace weir
