// What tests/faults/job.hpp must write, said again without weir: one record after the other, with all state in maps.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace naive_job {

struct reading {
  std::string key;
  std::int64_t at;  // s
  std::int64_t value, filler;
};

inline std::string utc(std::int64_t seconds) {
  std::time_t const t = seconds;
  std::tm parts{};
  ::gmtime_r(&t, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

// The lines of both files, without the CSV's header; sorted.
struct output {
  std::vector<std::string> windows, totals;
};

// The watermark is 2 s and a tick behind the latest time: of whole seconds, those before `latest - 2` have passed.
inline output judge(std::vector<reading> const& all) {
  struct running {
    std::int64_t total = 0, sevens = 0, timer = 0;
    bool waits = false;
  };
  constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();
  std::map<std::string, running> keys;
  std::map<std::pair<std::string, std::int64_t>, std::pair<std::int64_t, std::int64_t>> windows;
  output out;
  auto const line = [&](std::string const& key, std::int64_t total, bool silent, std::int64_t filler) {
    out.totals.push_back("{\"key\":\"" + key + "\",\"total\":" + std::to_string(total) +
                         ",\"silent\":" + (silent ? "true" : "false") + ",\"filler\":\"" +
                         std::string(static_cast<std::size_t>(filler), 'x') + "\"}");
  };
  auto const silent = [&](std::string const& key, running& r) {
    line(key, r.total + r.sevens, true, 0);
    r.sevens = 0, r.waits = false;
  };
  std::int64_t latest = none;
  for (reading const& r : all) {
    if (latest != none)
      for (auto& [key, state] : keys)
        if (state.waits && state.timer < latest - 2) silent(key, state);
    // A window ends a tick before the full second, which the watermark reaches when it is a tick before that second itself.
    std::int64_t const start = r.at - r.at % 5;
    if (latest == none || start + 5 > latest - 2) {
      auto& [count, total] = windows[{r.key, start}];
      ++count, total += r.value;
    }
    running& state = keys[r.key];
    state.timer = r.at + 10, state.waits = true;
    state.sevens += r.value % 7 == 0;
    state.total += r.value;
    line(r.key, state.total, false, r.filler);
    latest = std::max(latest, r.at);
  }
  for (auto& [key, state] : keys)
    if (state.waits) silent(key, state);
  for (auto const& [window, sums] : windows)
    out.windows.push_back(window.first + "," + utc(window.second) + "," + std::to_string(sums.first) + "," +
                          std::to_string(sums.second));
  std::sort(out.windows.begin(), out.windows.end());
  std::sort(out.totals.begin(), out.totals.end());
  return out;
}

}  // namespace naive_job
