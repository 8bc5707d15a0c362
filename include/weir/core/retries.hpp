#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace weir {

// How long a sink that fails is tried again, with pauses that grow and differ by chance.
struct retries {
  std::chrono::nanoseconds for_at_most = std::chrono::seconds{30};
  std::chrono::nanoseconds first = std::chrono::milliseconds{20};  // each pause is about twice the one before
  std::chrono::nanoseconds longest = std::chrono::seconds{2};
};

namespace detail {

// A number from 0 to 1 that depends on these two alone.
// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators" (SplitMix64).
constexpr double chance(std::uint64_t seed, std::uint64_t n) {
  std::uint64_t x = seed + (n + 1) * 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return static_cast<double>((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

inline std::uint64_t seed_by_clock() {
  return static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
}

// Pauses that grow from `first` to `longest`, each made longer or shorter at random by up to the part `jitter` of it, so that
// many programs that failed together do not come back together.
class backoff {
 public:
  using nanoseconds = std::chrono::nanoseconds;

  backoff(nanoseconds first, nanoseconds longest, double multiplier, double jitter, std::uint64_t seed)
      : first_(first), longest_(longest), next_(first), multiplier_(multiplier), jitter_(jitter), seed_(seed) {}

  nanoseconds next() {
    nanoseconds const pause = scaled(next_, 1 + jitter_ * (2 * chance(seed_, count_++) - 1));
    next_ = std::min(longest_, scaled(next_, multiplier_));
    return pause;
  }
  void reset() { next_ = first_; }

 private:
  static nanoseconds scaled(nanoseconds d, double by) {
    return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double, std::nano>(d) * by);
  }

  nanoseconds first_, longest_, next_;
  double multiplier_, jitter_;
  std::uint64_t seed_, count_ = 0;
};

// For a loop that tries something again.
class retry_budget {
 public:
  using clock = std::chrono::steady_clock;

  explicit retry_budget(retries const& r)
      : for_at_most_(r.for_at_most), pauses_(r.first, r.longest, 2, 0.25, seed_by_clock()) {}

  // After a failure: how long to wait; nothing where the time is spent.
  std::optional<std::chrono::nanoseconds> pause() {
    ++tries_;
    std::chrono::nanoseconds const pause = pauses_.next();
    std::chrono::nanoseconds const rest = for_at_most_ - spent();
    if (rest <= std::chrono::nanoseconds::zero()) return std::nullopt;
    return std::min(pause, rest);
  }
  std::size_t tries() const { return tries_; }
  std::chrono::nanoseconds spent() const { return clock::now() - begin_; }

 private:
  std::chrono::nanoseconds for_at_most_;
  backoff pauses_;
  clock::time_point begin_ = clock::now();
  std::size_t tries_ = 0;
};

}  // namespace detail

}  // namespace weir
