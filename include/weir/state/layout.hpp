// How state and timers lie in LMDB. Fixed from the start: every state directory is read by these rules.
//
//   state key   state id (u32) | key group (u16) | namespace | key bytes | map key bytes (in an entry of a map)
//   timer key   operator id (u32) | key group (u16) | time (i64) | key bytes
//   meta key    a name
// Numbers have their highest byte first, times with the sign bit turned; the namespace is 00, or 01 and a
// window's end.
//
//   value       checksum (u64, little-endian) | payload
// The checksum is XXH64(payload, seed XXH64(whole key)), so that a value in the wrong place is noticed as well.
//
// LMDB takes keys of 511 bytes. A key of up to 510 bytes is stored as it is. A longer one is cut: its first 495
// bytes, then XXH64 of the whole key with seed 0 and with seed 1. 511 stored bytes therefore always mean a cut
// key. Its value is a bucket, one item for each whole key that was cut to these bytes (nearly always one):
//   key size (u32) | payload size (u32) | checksum (u64) | whole key | payload       (numbers little-endian)
// A reader compares whole keys, so a collision of digests costs time and never mixes two keys up.
#pragma once

#include <weir/state/bytes.hpp>
#include <weir/time.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::detail {

inline constexpr std::size_t stored_key_limit = 511;
inline constexpr std::size_t cut_key_size = 495;
inline constexpr std::size_t checksum_size = 8;
inline constexpr std::size_t bucket_header_size = 16;

// What a state belongs to beside its key: nothing, or the window that ends at a time.
struct state_namespace {
  bool windowed = false;
  timestamp window_end{};
  bool operator==(state_namespace const&) const = default;
};

inline void append_time(std::string& out, timestamp t) {
  append_big(out, static_cast<std::uint64_t>(ticks(t)) ^ (std::uint64_t{1} << 63));
}
inline timestamp load_time(char const* p) {
  return from_ticks(static_cast<std::int64_t>(load_big<std::uint64_t>(p) ^ (std::uint64_t{1} << 63)));
}

inline void append_group_prefix(std::string& out, std::uint32_t id, std::uint16_t group) {
  append_big(out, id);
  append_big(out, group);
}
// What all keys of one state, group and namespace begin with.
inline void append_state_prefix(std::string& out, std::uint32_t id, std::uint16_t group,
                                state_namespace space) {
  append_group_prefix(out, id, group);
  out.push_back(space.windowed ? '\1' : '\0');
  if (space.windowed) append_time(out, space.window_end);
}
inline constexpr std::size_t state_prefix_size(state_namespace space) { return space.windowed ? 15 : 7; }

inline constexpr std::size_t timer_prefix_size = 14;
inline void append_timer_prefix(std::string& out, std::uint32_t operator_id, std::uint16_t group,
                                timestamp at) {
  append_group_prefix(out, operator_id, group);
  append_time(out, at);
}

inline std::uint64_t checksum(std::string_view whole_key, std::string_view payload) {
  return xxh64(payload, xxh64(whole_key));
}

inline bool is_long(std::string_view whole_key) { return whole_key.size() >= stored_key_limit; }
inline bool is_cut(std::string_view stored_key) { return stored_key.size() == stored_key_limit; }

// What a scan for a prefix of whole keys looks for among stored keys.
inline std::string_view cut_prefix(std::string_view prefix) { return prefix.substr(0, cut_key_size); }

// The key under which a whole key is stored; `room` holds it where it had to be cut.
inline std::string_view stored_key(std::string_view whole_key, std::string& room) {
  if (!is_long(whole_key)) return whole_key;
  room.assign(whole_key.substr(0, cut_key_size));
  append_big(room, xxh64(whole_key, 0));
  append_big(room, xxh64(whole_key, 1));
  return room;
}

inline void append_bucket_item(std::string& out, std::string_view whole_key, std::string_view payload) {
  append_little(out, static_cast<std::uint32_t>(whole_key.size()));
  append_little(out, static_cast<std::uint32_t>(payload.size()));
  append_little(out, checksum(whole_key, payload));
  out.append(whole_key).append(payload);
}

// What is stored under the key: for a long key a bucket of one item.
inline void append_value(std::string& out, std::string_view whole_key, std::string_view payload) {
  if (is_long(whole_key)) return append_bucket_item(out, whole_key, payload);
  append_little(out, checksum(whole_key, payload));
  out.append(payload);
}

// f(whole key, payload) for what is stored under a key, until f returns false; damaged() where a checksum is
// wrong.
template <class F, class Damaged>
void each_item(std::string_view key, std::string_view value, F f, Damaged damaged) {
  if (!is_cut(key)) {
    if (value.size() < checksum_size) return damaged();
    std::string_view const payload = value.substr(checksum_size);
    if (load_little<std::uint64_t>(value.data()) != checksum(key, payload)) return damaged();
    f(key, payload);
    return;
  }
  if (value.empty()) return damaged();
  while (!value.empty()) {
    if (value.size() < bucket_header_size) return damaged();
    std::size_t const key_size = load_little<std::uint32_t>(value.data());
    std::size_t const payload_size = load_little<std::uint32_t>(value.data() + 4);
    if (value.size() - bucket_header_size < key_size + payload_size) return damaged();
    std::string_view const whole_key = value.substr(bucket_header_size, key_size);
    std::string_view const payload = value.substr(bucket_header_size + key_size, payload_size);
    if (load_little<std::uint64_t>(value.data() + 8) != checksum(whole_key, payload)) return damaged();
    if (!f(whole_key, payload)) return;
    value.remove_prefix(bucket_header_size + key_size + payload_size);
  }
}

// The bucket without the items whose whole key drop() names; empty where none is left.
template <class Drop, class Damaged>
std::string bucket_without(std::string_view key, std::string_view value, Drop drop, Damaged damaged) {
  std::string kept;
  each_item(
      key, value,
      [&](std::string_view whole_key, std::string_view payload) {
        if (!drop(whole_key)) append_bucket_item(kept, whole_key, payload);
        return true;
      },
      damaged);
  return kept;
}

}  // namespace weir::detail
