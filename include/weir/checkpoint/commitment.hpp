// Commitments: what a sink has to know of a committed segment, as the bytes that stand in the commit.
#pragma once

#include <weir/error.hpp>
#include <weir/state/codec.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::detail {

inline constexpr std::uint8_t commitment_version = 1;

template <class Commitment>
std::string commitment_bytes(Commitment const& said) {
  std::string bytes;
  encode(commitment_version, bytes);
  encode(said, bytes);
  return bytes;
}

// Error: restore_error that names the sink.
template <class Commitment>
Commitment read_commitment(std::string_view bytes, std::string const& who) {
  Commitment said;
  try {
    byte_reader from(bytes, &codec<Commitment>::schema);
    std::uint8_t version = 0;
    codec<std::uint8_t>::decode(from, version);
    if (version != commitment_version)
      from.fail("version " + std::to_string(version) + " instead of " + std::to_string(commitment_version));
    codec<Commitment>::decode(from, said);
    from.finish();
  } catch (format_error const& e) {
    throw restore_error(who + ": what the commit says of this sink cannot be read: " + e.what());
  }
  return said;
}

}  // namespace weir::detail
