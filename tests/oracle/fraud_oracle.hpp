// The meaning of examples/fraud_detection.cpp, by definition and without the library: every payment is judged
// by the watermark that those before it made, what is not late is kept, and the rules are read off in the end.
// (Without allowed lateness nothing is added to a window that has fired, so firing early or in the end is the
// same.)
#pragma once

#include "fraud_lines.hpp"
#include "fraud_payments.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fraud_oracle {

inline constexpr i64 before_all = std::numeric_limits<i64>::min();

// A payment and the watermark by which it is judged.
struct arrival {
  payment p;
  i64 watermark;
};

// Reads all files as the job does: the next payment comes from the unfinished file with the smallest watermark,
// ties in file order; the watermark of all is the smallest one of the unfinished files.
inline std::vector<arrival> arrivals(std::vector<std::vector<payment>> const& files) {
  struct input {
    std::size_t position = 0;
    i64 watermark = before_all;  // largest time - 5 s - 1 tick
  };
  std::vector<input> in(files.size());
  std::vector<arrival> all;
  i64 watermark = before_all;
  for (;;) {
    std::size_t next = files.size();
    i64 smallest = before_all;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (in[i].position == files[i].size()) continue;  // finished: counts no more
      if (next == files.size() || in[i].watermark < smallest) next = i, smallest = in[i].watermark;
    }
    if (next == files.size()) return all;
    watermark = std::max(watermark, smallest);
    payment const& p = files[next][in[next].position++];
    all.push_back({p, watermark});
    in[next].watermark = std::max(in[next].watermark, p.at - 5 * second - 1);
  }
}

struct verdict {
  lines alerts, late;
};

// The starts of the windows of `size`, one every `slide` from 1970 on, that hold t.
inline std::vector<i64> starts(i64 t, i64 size, i64 slide) {
  i64 last = t / slide * slide;
  if (last > t) last -= slide;
  std::vector<i64> all;
  for (; t < last + size; last -= slide) all.push_back(last);
  return all;
}
// Those of them that are not late: end - 1 > watermark.
inline std::vector<i64> open_starts(arrival const& a, i64 size, i64 slide) {
  std::vector<i64> all;
  for (i64 start : starts(a.p.at, size, slide))
    if (start + size - 1 > a.watermark) all.push_back(start);
  return all;
}

inline void say_late(char const* rule, payment const& p, verdict& out) {
  out.late.insert(line_builder{}.text("rule", rule).text("transaction_id", p.transaction_id).str());
}

inline void rapid_spend(std::vector<arrival> const& all, verdict& out) {
  constexpr i64 size = 10 * minute;
  std::map<std::pair<std::string, i64>, std::vector<i64>> amounts;  // by user and window start
  for (arrival const& a : all) {
    if (a.p.status != "approved" || a.p.cents <= 500'00) continue;  // the rule's own filter comes first
    auto const open = open_starts(a, size, size);
    if (open.empty()) say_late("rapid_spend", a.p, out);
    for (i64 start : open) amounts[{a.p.user_id, start}].push_back(a.p.cents);
  }
  for (auto const& [window, cents] : amounts) {
    if (cents.size() < 3) continue;
    i64 total = 0;
    for (i64 c : cents) total += c;
    out.alerts.insert(line_builder{}
                          .text("rule", "rapid_spend")
                          .text("user_id", window.first)
                          .number("window_start", window.second)
                          .number("window_end", window.second + size)
                          .number("count", static_cast<i64>(cents.size()))
                          .number("total", total)
                          .str());
  }
}

inline void many_countries(std::vector<arrival> const& all, verdict& out) {
  constexpr i64 size = hour, slide = 5 * minute;
  std::map<std::pair<std::string, i64>, std::set<std::string>> countries;
  for (arrival const& a : all) {
    auto const open = open_starts(a, size, slide);
    if (open.empty()) say_late("many_countries", a.p, out);
    for (i64 start : open) countries[{a.p.user_id, start}].insert(a.p.country);
  }
  for (auto const& [window, names] : countries) {
    if (names.size() < 2) continue;
    out.alerts.insert(line_builder{}
                          .text("rule", "many_countries")
                          .text("user_id", window.first)
                          .number("window_start", window.second)
                          .number("window_end", window.second + size)
                          .texts("countries", {names.begin(), names.end()})
                          .str());
  }
}

inline void declined_then_approved(std::vector<arrival> const& all, verdict& out) {
  std::map<std::pair<std::string, std::string>, std::vector<payment>> histories;  // by user and card
  for (arrival const& a : all) {
    if (a.p.at <= a.watermark)
      say_late("declined_then_approved", a.p, out);
    else
      histories[{a.p.user_id, a.p.card_number}].push_back(a.p);
  }
  for (auto& [who, history] : histories) {
    std::stable_sort(history.begin(), history.end(),
                     [](payment const& a, payment const& b) { return a.at < b.at; });
    for (std::size_t i = 1; i < history.size(); ++i) {
      payment const &failed = history[i - 1], &success = history[i];
      if (success.status != "approved" || success.cents <= 1000'00) continue;
      // directly before it stands the last declined one of the run, the one that lies nearest to it
      if (failed.status != "declined" || success.at - failed.at >= 30 * minute) continue;
      out.alerts.insert(line_builder{}
                            .text("rule", "declined_then_approved")
                            .text("user_id", who.first)
                            .text("card_number", who.second)
                            .number("failed_time", failed.at)
                            .number("success_time", success.at)
                            .number("amount", success.cents)
                            .str());
    }
  }
}

// The alerts and the late lines of the job on these files, in the one form of fraud_lines.hpp.
inline verdict judge(std::vector<std::vector<payment>> const& files) {
  verdict out;
  std::vector<arrival> const all = arrivals(files);
  rapid_spend(all, out);
  many_countries(all, out);
  declined_then_approved(all, out);
  return out;
}
inline verdict judge_files(std::vector<std::filesystem::path> const& paths) {
  std::vector<std::vector<payment>> files;
  for (auto const& path : paths) files.push_back(read_csv(path));
  return judge(files);
}

}  // namespace fraud_oracle
