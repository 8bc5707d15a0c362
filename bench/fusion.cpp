// A chain of stateless operators against the loop that does the same: once over values that stay in the second-level
// cache, once over 100 M of them in memory.
#include "bench.hpp"

#include <weir/weir.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace {

using std::int64_t;
using std::uint64_t;
using weir::filter;
using weir::map;

// The same values over and over, straight out of the array.
template <class T>
struct repeated {
  using value_type = T;
  static constexpr bool replayable = false;
  std::span<T const> values;
  std::size_t times;

  class reader {
   public:
    reader(repeated const& source, weir::source_context const&) : values_(source.values), left_(source.times) {}
    static std::size_t splits() { return 1; }
    template <class Deadline>
    std::span<T const> poll(std::size_t, std::size_t max, Deadline) const {
      return values_.subspan(at_, std::min(max, values_.size() - at_));
    }
    void consume(std::size_t, std::size_t n) {
      at_ += n;
      if (at_ == values_.size()) at_ = 0, --left_;
    }
    bool ended(std::size_t) const { return left_ == 0; }

   private:
    std::span<T const> values_;
    std::size_t at_ = 0, left_;
  };
};

// One chain, by hand and as operators, over both sizes. by_hand(v, total) adds what becomes of v; chain gives int64.
template <class T, class ByHand, class Chain>
void measure(bench::program& program, std::string const& name, std::vector<T> const& all, ByHand by_hand,
             Chain chain) {
  auto const both = [&](std::string const& title, std::span<T const> values, std::size_t times,
                        std::size_t rounds) {
    std::size_t const records = values.size() * times;
    bench::suite s(program, title, records);
    s.hand("hand", [=] {
      int64_t total = 0;
      for (std::size_t i = 0; i < times; ++i) {
        bench::forget();
        for (T const& v : values) by_hand(v, total);
      }
      return static_cast<uint64_t>(total);
    });
    auto const run = [=](auto... policies) {
      int64_t total = 0;
      weir::run(weir::from(repeated<T>{values, times}) | chain | weir::into(weir::fold{&total}), policies...);
      return static_cast<uint64_t>(total);
    };
    s.add("", [=] { return run(); });
    s.add("basic_metrics", [=] { return run(weir::basic_metrics{}); });
    s.add("batch_1024", [=] { return run(weir::batch_size{1024}); });
    s.run(rounds);
  };
  std::size_t const few = 512 * 1024 / sizeof(T);
  std::size_t const bytes = program.size(800'000'000, 8'000'000);
  both(name + "/cache", std::span<T const>(all).first(few), bytes / sizeof(T) / few, 15);
  both(name, all, 1, 9);
}

void over_int64(bench::program& program) {
  if (!program.wants_suite("fusion/3/int64") && !program.wants_suite("fusion/10/int64")) return;
  std::vector<int64_t> values(program.size(100'000'000, 1'000'000));
  std::mt19937_64 random(1);
  for (int64_t& v : values) v = static_cast<int64_t>(random() >> 20);

  measure(
      program, "fusion/3/int64", values,
      [](int64_t v, int64_t& total) {
        int64_t const x = v * 3 + 1;
        if ((x & 7) != 0) total += x ^ (x >> 3);
      },
      map([](int64_t x) { return x * 3 + 1; }) | filter([](int64_t x) { return (x & 7) != 0; }) |
          map([](int64_t x) { return x ^ (x >> 3); }));
  measure(
      program, "fusion/10/int64", values,
      [](int64_t v, int64_t& total) {
        int64_t x = v * 3 + 1;
        x ^= x >> 7;
        if ((x & 15) == 0) return;
        x += 12345;
        x ^= x << 3;
        x -= 77;
        if ((x & 1023) == 5) return;
        x *= 5;
        x ^= x >> 11;
        total += x + (x >> 2);
      },
      map([](int64_t x) { return x * 3 + 1; }) | map([](int64_t x) { return x ^ (x >> 7); }) |
          filter([](int64_t x) { return (x & 15) != 0; }) | map([](int64_t x) { return x + 12345; }) |
          map([](int64_t x) { return x ^ (x << 3); }) | map([](int64_t x) { return x - 77; }) |
          filter([](int64_t x) { return (x & 1023) != 5; }) | map([](int64_t x) { return x * 5; }) |
          map([](int64_t x) { return x ^ (x >> 11); }) | map([](int64_t x) { return x + (x >> 2); }));
}

struct struct40 {
  int64_t a, b, c, d;
  double e;
};
static_assert(sizeof(struct40) == 40);

void over_struct40(bench::program& program) {
  if (!program.wants_suite("fusion/3/struct40") && !program.wants_suite("fusion/10/struct40")) return;
  std::vector<struct40> values(program.size(20'000'000, 200'000));
  std::mt19937_64 random(2);
  auto const number = [&](int shift) { return static_cast<int64_t>(random() >> shift); };
  for (struct40& v : values) v = {number(20), number(20), number(56), number(54), 1.5};

  auto const first = map([](struct40 x) {
    x.a = x.a * 3 + x.b;
    return x;
  });
  auto const odd = filter([](struct40 const& x) { return (x.a & 7) != 0; });
  measure(
      program, "fusion/3/struct40", values,
      [](struct40 const& v, int64_t& total) {
        int64_t const a = v.a * 3 + v.b;
        if ((a & 7) != 0) total += a + (v.c ^ a) + v.d;
      },
      first | odd | map([](struct40 const& x) { return x.a + (x.c ^ x.a) + x.d; }));
  // Struct in, struct out at each step, the way people write it.
  auto const change = [](auto f) {
    return map([f](struct40 x) {
      f(x);
      return x;
    });
  };
  measure(
      program, "fusion/10/struct40", values,
      [](struct40 const& v, int64_t& total) {
        int64_t a = v.a * 3 + v.b, c = v.c, d = v.d;
        if ((a & 7) == 0) return;
        c ^= a;
        d += c;
        a += d;
        if ((a & 31) == 3) return;
        c += 5;
        d ^= c;
        a -= c;
        total += a + c + d;
      },
      first | odd | change([](struct40& x) { x.c ^= x.a; }) | change([](struct40& x) { x.d += x.c; }) |
          change([](struct40& x) { x.a += x.d; }) | filter([](struct40 const& x) { return (x.a & 31) != 3; }) |
          change([](struct40& x) { x.c += 5; }) | change([](struct40& x) { x.d ^= x.c; }) |
          change([](struct40& x) { x.a -= x.c; }) | map([](struct40 const& x) { return x.a + x.c + x.d; }));
}

}  // namespace

int main(int count, char** arguments) {
  bench::program program(count, arguments);
  over_int64(program);
  over_struct40(program);
  return program.status();
}
