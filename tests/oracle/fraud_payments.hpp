// Payments for the fraud oracle: its own reading of CSV (no quotes) and of times, and random files.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fraud_oracle {

using i64 = std::int64_t;
inline constexpr i64 second = 1'000'000, minute = 60 * second, hour = 60 * minute;

struct payment {
  std::string transaction_id, user_id, card_number, country, status;
  i64 cents = 0;
  i64 at = 0;  // microseconds since 1970
  auto operator<=>(payment const&) const = default;
};

[[noreturn]] inline void bad(std::string const& what, std::string_view text) {
  throw std::runtime_error("fraud oracle: " + what + ": " + std::string(text));
}
inline i64 digits(std::string_view text) {
  if (text.empty()) bad("digits expected", text);
  i64 n = 0;
  for (char c : text) {
    if (c < '0' || c > '9') bad("digits expected", text);
    n = n * 10 + (c - '0');
  }
  return n;
}
// "-12.5" -> -1250; more than two decimals only if they are zeros; no exponent.
inline i64 parse_cents(std::string_view text) {
  bool const negative = !text.empty() && text[0] == '-';
  std::string_view const plain = text.substr(negative);
  auto const dot = plain.find('.');
  i64 cents = digits(plain.substr(0, dot)) * 100;
  if (dot != plain.npos) {
    std::string fraction(plain.substr(dot + 1));
    digits(fraction);
    while (fraction.size() > 2 && fraction.back() == '0') fraction.pop_back();
    if (fraction.size() > 2) bad("an amount is not exact to the cent", text);
    fraction.resize(2, '0');
    cents += digits(fraction);
  }
  return negative ? -cents : cents;
}
// "2026-01-01T00:10:00Z", with up to six digits behind a point. `strict`: a fraction that is zero is an error,
// as it is in alerts.
inline i64 parse_time(std::string_view t, bool strict = false) {
  using namespace std::chrono;
  if (t.size() < 20 || t[4] != '-' || t[7] != '-' || t[10] != 'T' || t[13] != ':' || t[16] != ':' ||
      t.back() != 'Z')
    bad("not a time", t);
  auto const n = [&](std::size_t from, std::size_t length) {
    return static_cast<int>(digits(t.substr(from, length)));
  };
  year_month_day const date{year{n(0, 4)}, month{static_cast<unsigned>(n(5, 2))},
                            day{static_cast<unsigned>(n(8, 2))}};
  if (!date.ok() || n(11, 2) > 23 || n(14, 2) > 59 || n(17, 2) > 59) bad("not a time", t);
  i64 ticks = i64{sys_days{date}.time_since_epoch().count()} * 24 * hour + n(11, 2) * hour + n(14, 2) * minute +
              n(17, 2) * second;
  if (t.size() == 20) return ticks;
  std::string fraction(t.substr(20, t.size() - 21));
  if (t[19] != '.' || fraction.empty() || fraction.size() > 6) bad("not a time", t);
  fraction.resize(6, '0');
  i64 const micros = digits(fraction);
  if (strict && micros == 0) bad("a fraction that is zero", t);
  return ticks + micros;
}
// The shortest form: a fraction only when it is not zero, without zeros at its end.
inline std::string time_text(i64 ticks) {
  using namespace std::chrono;
  sys_time<microseconds> const t{microseconds{ticks}};
  auto const day_start = floor<days>(t);
  year_month_day const date{day_start};
  hh_mm_ss const clock{t - day_start};
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  std::string s = text;
  while (s.back() == '0') s.pop_back();
  if (s.back() == '.') s.pop_back();
  return s + "Z";
}
inline std::string cents_text(i64 cents) {
  char text[40];
  std::snprintf(text, sizeof text, "%s%lld.%02lld", cents < 0 ? "-" : "",
                static_cast<long long>(std::abs(cents)) / 100, static_cast<long long>(std::abs(cents)) % 100);
  return text;
}

inline std::string read_text(std::filesystem::path const& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) bad("cannot read", path.string());
  return std::string(std::istreambuf_iterator<char>(in), {});
}
inline std::vector<std::string> cut(std::string_view text, char at) {
  std::vector<std::string> parts(1);
  for (char c : text)
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}
// A header with the names in any order, other columns ignored; LF or CRLF; no quotes.
inline std::vector<payment> parse_csv(std::string_view text) {
  std::vector<std::string> names;
  std::vector<payment> all;
  for (std::string line : cut(text, '\n')) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    std::vector<std::string> const fields = cut(line, ',');
    if (names.empty()) {
      names = fields;
      continue;
    }
    if (fields.size() != names.size() || line.find('"') != line.npos) bad("not a line for the oracle", line);
    std::map<std::string, std::string> by;
    for (std::size_t i = 0; i < fields.size(); ++i) by[names[i]] = fields[i];
    all.push_back({by.at("transaction_id"), by.at("user_id"), by.at("card_number"), by.at("country"),
                   by.at("status"), parse_cents(by.at("amount")), parse_time(by.at("event_time"))});
  }
  return all;
}
inline std::vector<payment> read_csv(std::filesystem::path const& path) { return parse_csv(read_text(path)); }

// ---- random payments -------------------------------------------------------------------------------------

struct shape {
  int records = 300;
  int users = 4;
  int cards = 2;  // of each user; two users may share a card number
  int countries = 3;
  i64 start = 1'767'225'600 * second;  // 2026-01-01T00:00:00Z
  i64 step = 20 * second;              // time goes on by up to this between two payments
  int silent_one_in = 40;              // 0: never; else a silence of up to 40 minutes
  int late_one_in = 12;                // 0: never; else up to two hours behind
  std::string first_id = "0";          // put before the transaction ids, to tell files apart
  std::uint64_t times =
      0;  // seed of the times alone; 0: from the seed. Files with the same one tie all the way
  bool shuffle_header = true;
};

inline std::vector<payment> random_payments(std::uint64_t seed, shape const& s) {
  std::mt19937_64 g(seed), clock(s.times ? s.times : seed + 1);
  auto const number = [](std::mt19937_64& r, i64 n) {
    return n <= 0 ? i64{0} : static_cast<i64>(r() % static_cast<std::uint64_t>(n));
  };
  auto const below = [&](i64 n) { return number(g, n); };     // for what it is
  auto const draw = [&](i64 n) { return number(clock, n); };  // for when it is
  auto const one_in = [&](int n) { return n > 0 && below(n) == 0; };
  auto const chance = [&](int n) { return n > 0 && draw(n) == 0; };
  std::vector<payment> all;
  i64 now = s.start, largest = s.start;
  i64 ended = 0;
  bool declined_before = false;
  for (int i = 0; i < s.records; ++i) {
    payment p;
    p.transaction_id = s.first_id + std::to_string(i);
    i64 const user = below(s.users);
    p.user_id = "00" + std::to_string(user);
    p.card_number = "0400" + std::to_string(below(s.cards + 1));
    static char const* const codes[] = {"DE", "FR", "US", "GB", "JP", "IN", "BR"};
    i64 const countries = std::min(s.countries, 7);
    p.country = codes[one_in(15) ? below(countries) : user % countries];
    if (declined_before && below(2)) {
      payment const& before = all.back();
      p.user_id = before.user_id, p.card_number = before.card_number, p.country = before.country;
    }

    static i64 const amounts[] = {50000, 50001, 49999, 100000, 100001, 99999, 1, 75010, 120033, 250000};
    p.cents = below(3) ? amounts[below(10)] : 1 + below(200000);
    p.status = below(10) < 4 ? "declined" : "approved";
    declined_before = p.status == "declined";

    now += draw(3) ? draw(s.step + 1) : draw(5) * second;  // also equal times, and whole seconds
    if (chance(s.silent_one_in)) now += draw(2) ? draw(40 * minute) : 30 * minute;
    p.at = now;
    switch (draw(8)) {
      case 0:
        p.at = now - draw(5 * second + 1);
        break;
      case 1:
        p.at = largest - 5 * second;
        break;  // just in time
      case 2:
        p.at = largest - 5 * second - draw(2);
        break;  // at the watermark
      case 3:
        p.at = (now / minute + 1) * minute;
        break;  // sometimes a window's start
      case 4:
        p.at = chance(3) ? (now / (5 * minute) + 1) * (5 * minute) - 1 : now;
        break;  // a window's last instant
      case 5:
        if (!all.empty()) p.at = all[all.size() - 1 - static_cast<std::size_t>(draw(std::min<i64>(i, 4)))].at;
        break;
      case 6:
        p.at = now + 30 * minute * draw(2);
        p.at -= draw(2);
        break;
      default:
        p.at = now / second * second;
        break;
    }
    if (ended != 0) {  // into what has just ended, or is one tick from it
      p.at = draw(2) ? ended - 1 - draw(30 * second) : ended - hour + draw(5 * minute);
      if (below(2)) p.status = "approved", p.cents = 500'00 + below(100);
      ended = 0;
    } else if (chance(20)) {  // the watermark goes to a window's last instant, or to one tick before it
      ended = (largest / (5 * minute) + 1) * (5 * minute);
      p.at = ended + 5 * second - draw(2);
    } else if (chance(s.late_one_in)) {
      p.at -= draw(2) ? draw(2 * hour) : draw(15 * minute);
    }
    largest = std::max(largest, p.at);
    now = std::max(now, p.at);
    all.push_back(p);
  }
  return all;
}

// `order`: the columns, each once. Times have no fraction, or three or six digits, or as many as are needed.
inline std::string csv_text(std::vector<payment> const& payments, std::vector<std::string> const& order) {
  std::string text;
  for (auto const& name : order) text += (text.empty() ? "" : ",") + name;
  text += "\n";
  for (std::size_t i = 0; i < payments.size(); ++i) {
    payment const& p = payments[i];
    std::string at = time_text(p.at);
    i64 const micros = ((p.at % second) + second) % second;
    if (i % 3 == 0 && micros % 1000 == 0) {
      char fraction[16];
      std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(micros / 1000));
      at = at.substr(0, 19) + fraction;
    } else if (i % 3 == 1) {
      char fraction[16];
      std::snprintf(fraction, sizeof fraction, ".%06dZ", static_cast<int>(micros));
      at = at.substr(0, 19) + fraction;
    }
    std::map<std::string, std::string> const by = {{"transaction_id", p.transaction_id},
                                                   {"user_id", p.user_id},
                                                   {"card_number", p.card_number},
                                                   {"country", p.country},
                                                   {"status", p.status},
                                                   {"amount", cents_text(p.cents)},
                                                   {"event_time", at}};
    std::string line;
    for (auto const& name : order) line += (line.empty() ? "" : ",") + by.at(name);
    text += line + "\n";
  }
  return text;
}
inline std::vector<std::string> usual_header() {
  return {"transaction_id", "user_id", "card_number", "country", "status", "amount", "event_time"};
}
// Writes a random file; the same seed and shape give the same bytes everywhere. Returns what it wrote.
inline std::vector<payment> write_random_csv(std::filesystem::path const& path, std::uint64_t seed,
                                             shape const& s = {}) {
  std::vector<payment> const payments = random_payments(seed, s);
  std::vector<std::string> header = usual_header();
  std::mt19937_64 g(seed + 1);
  if (s.shuffle_header)
    for (std::size_t i = header.size(); i > 1; --i) std::swap(header[i - 1], header[g() % i]);
  std::ofstream out(path, std::ios::binary);
  out << csv_text(payments, header);
  if (!out.flush()) bad("cannot write", path.string());
  return payments;
}

}  // namespace fraud_oracle
