// The harness of the benchmarks: variants of one computation beside each other, which must all give the same checksum.
//
//   int main(int count, char** arguments) {
//     bench::program program(count, arguments);
//     bench::suite s(program, "fusion/3/int64", records);
//     s.hand("hand", [&] { ... return checksum; });
//     s.add("", [&] { ... return checksum; });       // the row that has the suite's own name
//     s.run();
//     return program.status();
//   }
//
// The variants take turns, in each round in another order, so that what else runs on the machine falls on all of them.
// The baseline is the fastest of the suite's hand() variants. A ratio is the median over the rounds of time / baseline's
// time in the same round: 1.0 is equal, smaller is faster.
//
// Arguments: --json (one object a line), --rounds N, --quick (small sizes, to see that all runs), and a prefix: only
// rows whose names begin with it.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

// What the compiler must take as read and written here: work on the same data is done anew.
inline void forget() { asm volatile("" ::: "memory"); }

inline double median(std::vector<double> of) {
  auto const middle = of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2);
  std::ranges::nth_element(of, middle);
  return *middle;
}

class program {
 public:
  program(int count, char** arguments) {
    // What one variant frees the next one gets: which of them finds fresh pages must not decide.
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
    for (int i = 1; i < count; ++i) {
      std::string_view const argument = arguments[i];
      if (argument == "--json")
        json_ = true;
      else if (argument == "--quick")
        quick_ = true;
      else if (argument == "--rounds" && i + 1 < count)
        read_number(arguments[++i]);
      else if (argument.starts_with('-'))
        wrong_ = true;
      else
        prefix_ = argument;
    }
    if (wrong_) std::fputs("arguments: [--json] [--rounds N] [--quick] [PREFIX OF ROW NAMES]\n", stderr);
  }
  bool quick() const { return quick_; }
  bool json() const { return json_; }
  // How many records: few when all is only to be seen running.
  std::size_t size(std::size_t full, std::size_t quick) const { return quick_ ? quick : full; }
  std::size_t rounds(std::size_t usual) const { return rounds_ ? rounds_ : quick_ ? 1 : usual; }
  bool wants(std::string_view row) const { return !wrong_ && row.starts_with(prefix_); }
  // Whether a suite of this name can have a row that is wanted.
  bool wants_suite(std::string_view name) const {
    return wants(name) || (!wrong_ && prefix_.starts_with(name));
  }
  void fail() { failed_ = true; }
  // A figure of its own, which is a ratio to nothing.
  void figure(std::string_view name, double value, std::string_view unit) const {
    if (!wants(name)) return;
    int const size = static_cast<int>(name.size()), unit_size = static_cast<int>(unit.size());
    if (json_)
      std::printf(R"({"name":"%.*s","value":%.4g,"unit":"%.*s","baseline":"","ratio":1})"
                  "\n",
                  size, name.data(), value, unit_size, unit.data());
    else
      std::printf("  %-34.*s %12.3g %.*s\n", size, name.data(), value, unit_size, unit.data());
    std::fflush(stdout);
  }
  int status() const { return wrong_ ? 2 : failed_ ? 1 : 0; }

 private:
  void read_number(std::string_view text) {
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), rounds_);
    wrong_ |= problem != std::errc{} || end != text.data() + text.size() || rounds_ == 0;
  }
  std::string_view prefix_;
  std::size_t rounds_ = 0;
  bool json_ = false, quick_ = false, failed_ = false, wrong_ = false;
};

enum class time_of { thread, wall };

class suite {
 public:
  // `records` go through each variant; time is the processor's for this thread, or wall time where threads take part.
  suite(program& p, std::string name, std::size_t records, time_of clock = time_of::thread)
      : program_(p), name_(std::move(name)), records_(static_cast<double>(records)), clock_(clock) {}

  // What a million of is printed, where it is not records: "MB/s" when the size was given in bytes.
  suite& in(std::string unit) {
    unit_ = std::move(unit);
    return *this;
  }
  // A variant written by hand, which may be the baseline.
  void hand(std::string_view name, std::function<std::uint64_t()> f) {
    put(name, std::move(f), true, ~std::size_t{0});
  }
  // A variant; a slow one runs in the first `rounds` only.
  void add(std::string_view name, std::function<std::uint64_t()> f, std::size_t rounds = ~std::size_t{0}) {
    put(name, std::move(f), false, rounds);
  }
  void run(std::size_t usual_rounds = 9) {
    if (std::ranges::none_of(variants_, [&](variant const& v) { return program_.wants(v.name); })) return;
    std::size_t const rounds = program_.rounds(usual_rounds);
    for (variant& v : variants_) v.checksum = v.f();  // warms up, too
    for (std::size_t round = 0; round < rounds; ++round)
      for (std::size_t i = 0; i < variants_.size(); ++i) {
        variant& v = variants_[(i + round) % variants_.size()];
        if (round < v.rounds) v.times.push_back(timed(v));
      }
    print();
  }

 private:
  struct variant {
    std::string name;
    std::function<std::uint64_t()> f;
    bool by_hand;
    std::size_t rounds;
    std::uint64_t checksum = 0;
    std::vector<double> times{};
  };

  void put(std::string_view name, std::function<std::uint64_t()> f, bool by_hand, std::size_t rounds) {
    variants_.push_back(
        {name.empty() ? name_ : name_ + "/" + std::string(name), std::move(f), by_hand, rounds});
  }
  double now() const {
    if (clock_ == time_of::wall)
      return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    std::timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
  double timed(variant& v) {
    double const begin = now();
    std::uint64_t const checksum = v.f();
    double const time = now() - begin;
    if (checksum != v.checksum) v.checksum = ~variants_.front().checksum;  // not even the same twice
    return time;
  }
  variant const& baseline() const {
    variant const* best = nullptr;
    for (variant const& v : variants_)
      if (v.by_hand && (best == nullptr || median(v.times) < median(best->times))) best = &v;
    return best == nullptr ? variants_.front() : *best;
  }
  static double ratio(variant const& v, variant const& base) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(v.times.size(), base.times.size()); ++i)
      ratios.push_back(v.times[i] / base.times[i]);
    return median(ratios);
  }
  void print() {
    variant const& base = baseline();
    if (!program_.json()) std::printf("%-36s %12s %10s\n", name_.c_str(), unit_.c_str(), "ratio");
    for (variant const& v : variants_) {
      bool const equal = v.checksum == variants_.front().checksum;
      if (!equal) {
        program_.fail();
        std::fprintf(stderr, "%s: the checksum is not that of %s\n", v.name.c_str(),
                     variants_.front().name.c_str());
      }
      if (!program_.wants(v.name)) continue;
      double const speed = records_ / median(v.times) / 1e6;
      if (program_.json())
        std::printf(R"({"name":"%s","value":%.4g,"unit":"%s","baseline":"%s","ratio":%.4f})"
                    "\n",
                    v.name.c_str(), speed, unit_.c_str(), base.name.c_str(), ratio(v, base));
      else
        std::printf("  %-34s %12.1f %10.3f%s\n", v.name.c_str(), speed, ratio(v, base),
                    &v == &base ? "  baseline" : "");
    }
    std::fflush(stdout);
  }

  program& program_;
  std::string name_;
  double records_;
  std::string unit_ = "M records/s";
  time_of clock_;
  std::vector<variant> variants_;
};

}  // namespace bench
