// What the benchmarks of state read and change: a key of 16 bytes, a value of 32, and which keys come.
#pragma once

#include <boost/hana/adapt_struct.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace bench {

struct state_key {
  std::uint64_t high, low;
  bool operator==(state_key const&) const = default;
};
struct state_value {
  std::int64_t count, sum, largest, last;
};

inline std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 31)) * 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9u;
  return x ^ (x >> 32);
}
// The keys lie in no order.
inline state_key key_of(std::uint64_t index) { return {mix(index + 1), index}; }
inline std::int64_t amount_of(std::uint64_t event) { return static_cast<std::int64_t>(mix(event) % 1000); }

// The change that each event makes. What it gives goes into the checksum.
inline std::int64_t change(state_value& v, std::int64_t amount) {
  ++v.count;
  v.sum += amount;
  if (amount > v.largest) v.largest = amount;
  v.last = amount;
  return v.sum + v.count;
}

using key_indices = std::vector<std::uint32_t>;

inline key_indices uniform_keys(std::size_t events, std::uint64_t keys, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  key_indices made(events);
  for (std::uint32_t& k : made) k = static_cast<std::uint32_t>(random() % keys);
  return made;
}
// Zipf's distribution with exponent 0.99 as YCSB draws it (Gray et al., SIGMOD 1994), with ranks spread over all keys.
inline key_indices zipf_keys(std::size_t events, std::uint64_t keys, std::uint64_t seed) {
  double const theta = 0.99, n = static_cast<double>(keys);
  double zeta = 0;
  for (std::uint64_t rank = 1; rank <= keys; ++rank) zeta += std::pow(static_cast<double>(rank), -theta);
  double const second = 1 + std::pow(0.5, theta), alpha = 1 / (1 - theta);
  double const eta = (1 - std::pow(2 / n, 1 - theta)) / (1 - second / zeta);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> draw;
  key_indices made(events);
  for (std::uint32_t& k : made) {
    double const u = draw(random), uz = u * zeta;
    auto const rank = uz < 1        ? std::uint64_t{0}
                      : uz < second ? std::uint64_t{1}
                                    : static_cast<std::uint64_t>(n * std::pow(eta * u - eta + 1, alpha));
    k = static_cast<std::uint32_t>(mix(rank) % keys);
  }
  return made;
}

}  // namespace bench

BOOST_HANA_ADAPT_STRUCT(bench::state_key, high, low);
BOOST_HANA_ADAPT_STRUCT(bench::state_value, count, sum, largest, last);
