#pragma once

#include <weir/core/source.hpp>
#include <weir/error.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/hash.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {

// Random bits for one generated record, made of the seed and the record's index alone (SplitMix64): a standard uniform
// random bit generator.
class generator_bits {
 public:
  using result_type = std::uint64_t;
  constexpr generator_bits(std::uint64_t seed, std::uint64_t index)
      : state_(mix(seed + step) ^ mix(index * step)) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  constexpr result_type operator()() { return mix(state_ += step); }
  // A number from 0 to n - 1; n must not be 0. The same one with every standard library, unlike its distributions.
  constexpr std::uint64_t below(std::uint64_t n) { return (*this)() % n; }

 private:
  static constexpr std::uint64_t step = 0x9E3779B97F4A7C15u;
  static constexpr std::uint64_t mix(std::uint64_t x) {
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
  }
  std::uint64_t state_;
};

struct generator_options {
  double rate = 0;  // records a second, by the steady clock; 0: as fast as they are taken
  std::uint64_t seed = 0;
  std::uint64_t count = std::numeric_limits<std::uint64_t>::max();  // then it ends; else never
};

namespace detail {
template <class F>
concept makes_records =
    std::invocable<F const&, std::uint64_t, generator_bits&> || std::invocable<F const&, std::uint64_t>;

template <class F>
auto generate(F const& f, std::uint64_t seed, std::uint64_t index) {
  if constexpr (std::invocable<F const&, std::uint64_t, generator_bits&>) {
    generator_bits bits(seed, index);
    return f(index, bits);
  } else {
    return f(index);
  }
}
}  // namespace detail

// A source of made records: from(generator{f, {.rate = 1000, .seed = 7, .count = 1'000'000}}) gives f(0, bits), f(1, bits),
// ..., where `bits` is a generator_bits of the record's own; f(index) will do too. f must depend on nothing else: then a
// restart goes on with exactly the records that would have come.
//
// Errors: config_error where the rate is negative or no number; restore_error where the seed is not the one of before.
template <detail::makes_records F>
struct generator {
  using value_type = decltype(detail::generate(std::declval<F const&>(), 0, 0));
  static constexpr bool replayable = true;

  F make;
  generator_options options;
  constexpr explicit generator(F f, generator_options o = {}) : make(std::move(f)), options(o) {}

  class reader {
   public:
    using clock = std::chrono::steady_clock;

    reader(generator const& noun, source_context const& context)
        : make_(noun.make), options_(noun.options), uid_(context.uid) {
      if (!(options_.rate >= 0 && options_.rate <= std::numeric_limits<double>::max()))
        throw config_error("weir::generator: the rate is negative or no number; give records a second, or 0");
    }
    static constexpr std::size_t splits() { return 1; }
    std::span<value_type const> poll(std::size_t, std::size_t max, clock::time_point deadline) {
      if (first_ == batch_.size()) {
        batch_.clear();
        first_ = 0;
        auto const n =
            std::min<std::uint64_t>({max, options_.count - std::min(options_.count, next_), due(deadline)});
        for (std::uint64_t i = 0; i < n; ++i)
          batch_.push_back(detail::generate(make_, options_.seed, next_ + i));
      }
      return {batch_.data() + first_, std::min(max, batch_.size() - first_)};
    }
    void consume(std::size_t, std::size_t n) {
      first_ += n;
      next_ += n;
    }
    bool ended(std::size_t) const { return next_ >= options_.count; }

    void save(std::string& out) const {
      encode(options_.seed, out);
      encode(next_, out);
    }
    void restore(std::string_view bytes) {
      byte_reader from(bytes, &codec<std::uint64_t>::schema);
      std::uint64_t seed = 0;
      codec<std::uint64_t>::decode(from, seed);
      codec<std::uint64_t>::decode(from, next_);
      from.finish();
      if (seed != options_.seed)
        throw restore_error("weir::generator: source \"" + std::string(uid_) + "\": the seed is now " +
                            std::to_string(options_.seed) + " and was " + std::to_string(seed) +
                            "; give the old one, or start with an empty state directory");
    }

   private:
    // How many records behind next_ have come by now; waits for the first one.
    std::uint64_t due(clock::time_point deadline) {
      if (options_.rate == 0) return std::numeric_limits<std::uint64_t>::max();
      auto now = clock::now();
      if (!started_) {
        started_ = true;
        begin_ = now;
        base_ = next_;
      }
      // The first record comes at once, the next one a period later.
      auto const come = [&] {
        return base_ + 1 +
               static_cast<std::uint64_t>(std::chrono::duration<double>(now - begin_).count() * options_.rate);
      };
      if (come() <= next_ && now < deadline) {
        std::chrono::duration<double> const until(static_cast<double>(next_ - base_) / options_.rate);
        std::this_thread::sleep_until(until - (now - begin_) < deadline - now
                                          ? begin_ + std::chrono::ceil<clock::duration>(until)
                                          : deadline);
        now = clock::now();
      }
      return come() - std::min(come(), next_);
    }

    F make_;
    generator_options options_;
    std::string_view uid_;
    std::vector<value_type> batch_;
    std::size_t first_ = 0;
    std::uint64_t next_ = 0;  // the index of batch_[first_]
    bool started_ = false;
    std::uint64_t base_ = 0;  // the index at begin_
    clock::time_point begin_;
  };
};

}  // namespace weir
