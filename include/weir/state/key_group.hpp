// key_group: which of a fixed number of groups a key belongs to. Shards own ranges of groups, so that a change
// of their number moves no data.
#pragma once

#include <weir/state/hash.hpp>

#include <cstdint>
#include <string_view>

namespace weir {

inline constexpr std::uint16_t default_key_groups = 128;

// The group of the key with these bytes (key_codec): XXH64 with seed 0, modulo the count. The count is fixed
// when the state is created.
inline std::uint16_t key_group(std::string_view key_bytes, std::uint16_t count = default_key_groups) {
  return static_cast<std::uint16_t>(xxh64(key_bytes) % count);
}

}  // namespace weir
