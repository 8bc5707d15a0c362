// Payments with planted fraud, as CSV in order of arrival: out of order by up to 5 s, a few of them later than that.
#pragma once

#include <weir/format/time_text.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <queue>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

class payment_generator {
 public:
  explicit payment_generator(std::uint64_t seed) : random_(seed) {}

  // Writes n payments. Error: std::runtime_error when the file cannot be written.
  void write(std::filesystem::path const& path, std::uint64_t n) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"), std::fclose);
    if (!file) throw std::runtime_error("cannot write " + path.string());
    std::fputs("transaction_id,user_id,card_number,country,status,amount,event_time\n", file.get());
    for (std::uint64_t i = 0; i < n; ++i) print(file.get(), next());
    if (std::fflush(file.get()) != 0 || std::ferror(file.get()))
      throw std::runtime_error("cannot write " + path.string());
  }

 private:
  struct made {
    std::int64_t time;     // microseconds
    std::int64_t arrival;  // when the payment becomes known
    std::uint64_t id;
    std::uint32_t user, card, country;
    bool approved;
    std::int64_t cents;
    bool operator>(made const& o) const { return arrival != o.arrival ? arrival > o.arrival : id > o.id; }
  };
  static constexpr std::int64_t second = 1'000'000;
  static constexpr std::uint32_t users = 20'000;

  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  // Payments are made ahead of the clock by more than the longest delay, so that the earliest arrival is final.
  made next() {
    while (waiting_.empty() || waiting_.top().arrival >= clock_) {
      clock_ += 1 + static_cast<std::int64_t>(below(10'000));
      if (below(3'000) == 0)
        plant();
      else
        ordinary();
    }
    made const earliest = waiting_.top();
    waiting_.pop();
    return earliest;
  }
  void ordinary() {
    auto const user = static_cast<std::uint32_t>(below(users));
    auto const cents = static_cast<std::int64_t>(std::exp(static_cast<double>(below(6'000)) / 1'000.0 + 4.6));
    add(clock_, user, home(user), below(50) != 0, std::min<std::int64_t>(cents, 49'999));
  }
  void plant() {
    auto const user = static_cast<std::uint32_t>(below(users));
    std::int64_t at = clock_;
    switch (below(3)) {
      case 0:  // much money in a short time
        for (std::uint64_t i = 3 + below(4); i > 0; --i, at += static_cast<std::int64_t>(below(90)) * second)
          add(at, user, home(user), true, 50'001 + static_cast<std::int64_t>(below(150'000)));
        break;
      case 1:  // a card in two places
        add(at, user, home(user), true, 4'000);
        add(at + static_cast<std::int64_t>(below(3'000)) * second, user, home(user) + 1, true, 9'000);
        break;
      default:  // trying until it works
        for (std::uint64_t i = 1 + below(3); i > 0;
             --i, at += 1 + static_cast<std::int64_t>(below(60)) * second)
          add(at, user, home(user), false, 1'000);
        add(at, user, home(user), true, 100'001 + static_cast<std::int64_t>(below(400'000)));
    }
  }
  void add(std::int64_t at, std::uint32_t user, std::uint32_t country, bool approved, std::int64_t cents) {
    std::int64_t delay = static_cast<std::int64_t>(below(below(4) == 0 ? 5 * second : second / 10));
    if (below(2'000) == 0) delay += 5 * second + static_cast<std::int64_t>(below(120)) * second;
    waiting_.push({at, at + delay, ++made_, user, user * 2 + static_cast<std::uint32_t>(user % 7 == 0),
                   country % 12, approved, cents});
  }
  static std::uint32_t home(std::uint32_t user) { return user % 11; }

  static void print(std::FILE* to, made const& p) {
    static constexpr std::array<char const*, 12> countries{"AT", "BE", "BR", "CH", "DE", "ES",
                                                           "FR", "GB", "IT", "JP", "SE", "US"};
    char time[40];
    *weir::write_timestamp(time, weir::from_ticks(p.time)) = '\0';
    std::fprintf(to, "%08llu,user%05u,4000%012u,%s,%s,%lld.%02lld,%s\n", static_cast<unsigned long long>(p.id),
                 p.user, p.card, countries[p.country], p.approved ? "approved" : "declined",
                 static_cast<long long>(p.cents / 100), static_cast<long long>(p.cents % 100), time);
  }

  std::mt19937_64 random_;
  std::int64_t clock_ = 1'767'225'600 * second;  // 2026-01-01T00:00:00Z
  std::uint64_t made_ = 0;
  std::priority_queue<made, std::vector<made>, std::greater<>> waiting_;
};
