// Keyed windows as one writes them by hand for one job: fixed types, no late output, no state to save, one thread. Each
// tests the watermark before every record, so that all give exactly what weir gives, late records included.
#pragma once

#include <weir/state/key_hash.hpp>
#include <weir/state/lazy_timers.hpp>
#include <weir/time.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <vector>

namespace by_hand {

using std::int64_t;
using std::uint64_t;

struct item {
  int64_t key;
  weir::timestamp at;
  int64_t value;
};

// Keys that are spread over all 64 bits; times one tick after the other, but each behind by less than `disorder`.
inline std::vector<item> items(std::size_t records, int64_t keys, int64_t disorder) {
  std::vector<item> all(records);
  std::mt19937_64 random(7);
  auto const below = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };
  for (std::size_t i = 0; i < records; ++i) {
    int64_t const at = static_cast<int64_t>(i) - below(disorder);
    all[i] = {static_cast<int64_t>(weir::detail::mix(static_cast<uint64_t>(below(keys)))),
              weir::from_ticks(std::max<int64_t>(at, 0)), below(1024)};
  }
  return all;
}

// What a result adds to a checksum that does not depend on the order of the results.
inline uint64_t checked(int64_t key, int64_t start, int64_t count, int64_t sum) {
  return weir::detail::mix(static_cast<uint64_t>(key) * 31 + static_cast<uint64_t>(start) * 7919 +
                           static_cast<uint64_t>(sum) * 3 + static_cast<uint64_t>(count));
}
inline constexpr uint64_t late_weight = 0x9E3779B97F4A7C15u;

struct totals {
  int64_t count = 0, sum = 0;
  void add(int64_t value) { ++count, sum += value; }
};
template <class Value>
using table = boost::unordered_flat_map<int64_t, Value, weir::key_hash<int64_t>>;

inline constexpr int64_t never = std::numeric_limits<int64_t>::max();
inline constexpr int64_t before_all = std::numeric_limits<int64_t>::min();

// ---- tumbling: a ring of panes, each with a table

struct tumbling_panes {
  int64_t size;
  int64_t base = 0;  // the first pane that has not fired
  uint64_t checksum = 0;
  std::vector<table<totals>> ring =
      std::vector<table<totals>>(2);  // the next one begins when this one has fired

  int64_t due() const { return (base + 1) * size - 1; }
  [[gnu::noinline]] void fire(int64_t watermark) {
    for (; due() <= watermark; ++base) {
      auto& pane = ring[static_cast<std::size_t>(base & 1)];
      for (auto const& [key, t] : pane) checksum += checked(key, base * size, t.count, t.sum);
      pane.clear();
    }
  }
  // The pane's table; nullptr for a late record.
  [[gnu::noinline]] table<totals>* seek(int64_t at) {
    int64_t const pane = at / size;
    if (pane < base) {
      checksum += late_weight;
      return nullptr;
    }
    return &ring[static_cast<std::size_t>(pane & 1)];
  }
  uint64_t finish(int64_t watermark) {
    fire(watermark + 4 * size);
    return checksum;
  }
};

// `Find`: the faster way into a table differs from compiler to compiler, so both are measured.
template <bool Find>
[[gnu::always_inline]] inline totals& entry(table<totals>& in, int64_t key) {
  if constexpr (Find) {
    auto const found = in.find(key);
    return found != in.end() ? found->second : in.try_emplace(key).first->second;
  } else {
    return in[key];
  }
}

template <bool Find>
[[gnu::noinline]] uint64_t tumbling(std::vector<item> const& all, int64_t size, int64_t bound) {
  tumbling_panes panes{size};
  int64_t watermark = before_all, low = 0, due = panes.due();
  uint64_t extent = 0;
  table<totals>* current = nullptr;
  for (item const& x : all) {
    int64_t const at = weir::ticks(x.at);
    if (watermark >= due) [[unlikely]] {
      panes.fire(watermark);
      due = panes.due();
      extent = 0;
    }
    if (static_cast<uint64_t>(at - low) >= extent) [[unlikely]] {
      extent = 0;
      current = panes.seek(at);
      if (current != nullptr) low = at / size * size, extent = static_cast<uint64_t>(size);
    }
    if (extent != 0) [[likely]]
      entry<Find>(*current, x.key).add(x.value);
    watermark = std::max(watermark, at - bound - 1);
  }
  return panes.finish(watermark);
}

// ---- sliding: slices, and a running total of those of the live window

struct sliding_slices {
  int64_t size, slide;
  int64_t base;  // the first window that has not fired starts at base * slide
  uint64_t checksum = 0;
  std::vector<table<totals>> ring;
  table<totals> running{};

  sliding_slices(int64_t s, int64_t l)
      : size(s), slide(l), base(1 - s / l), ring(static_cast<std::size_t>(s / l + 4)) {}
  int64_t due() const { return base * slide + size - 1; }
  table<totals>& slice(int64_t index) {
    auto const n = static_cast<int64_t>(ring.size());
    return ring[static_cast<std::size_t>((index + n) % n)];
  }
  [[gnu::noinline]] table<totals>* seek(int64_t at) {
    if (at / slide < base) {
      checksum += late_weight;
      return nullptr;
    }
    return &slice(at / slide);
  }
  // A record of a slice that is in the running total already.
  [[gnu::noinline]] void add_behind(item const& x) {
    running[x.key].add(x.value);
    slice(weir::ticks(x.at) / slide)[x.key].add(x.value);
  }
  bool is_behind(int64_t at) const { return at / slide < base + size / slide - 1; }
  void fire_one() {
    int64_t const last = base + size / slide - 1;
    for (auto const& [key, t] : slice(last)) {
      totals& r = running[key];
      r.count += t.count, r.sum += t.sum;
    }
    for (auto const& [key, t] : running) checksum += checked(key, base * slide, t.count, t.sum);
    if (base >= 0) {
      for (auto const& [key, t] : slice(base)) {
        auto const r = running.find(key);
        r->second.sum -= t.sum;
        if ((r->second.count -= t.count) == 0) running.erase(r);
      }
      slice(base).clear();
    }
    ++base;
  }
  [[gnu::noinline]] void fire(int64_t watermark) {
    while (due() <= watermark) fire_one();
  }
};

template <bool Find>
[[gnu::noinline]] uint64_t sliding(std::vector<item> const& all, int64_t size, int64_t slide, int64_t bound) {
  sliding_slices slices(size, slide);
  int64_t watermark = before_all, largest = 0, low = 0, due = slices.due();
  uint64_t extent = 0;
  table<totals>* current = nullptr;
  for (item const& x : all) {
    int64_t const at = weir::ticks(x.at);
    if (watermark >= due) [[unlikely]] {
      slices.fire(watermark);
      due = slices.due();
      extent = 0;
    }
    if (static_cast<uint64_t>(at - low) >= extent) [[unlikely]] {
      extent = 0;
      current = slices.seek(at);
      if (current != nullptr && slices.is_behind(at))
        slices.add_behind(x);
      else if (current != nullptr)
        low = at / slide * slide, extent = static_cast<uint64_t>(slide);
    }
    if (extent != 0) [[likely]]
      entry<Find>(*current, x.key).add(x.value);
    watermark = std::max(watermark, at - bound - 1);
    largest = std::max(largest, at);
  }
  while (slices.base <= largest / slide) slices.fire_one();
  return slices.checksum;
}

// The simple way: each record into each of its windows.
[[gnu::noinline]] inline uint64_t sliding_assigned(std::vector<item> const& all, int64_t size, int64_t slide,
                                                   int64_t bound) {
  int64_t const windows = size / slide;
  int64_t watermark = before_all, base = 1 - windows;
  uint64_t checksum = 0;
  std::vector<table<totals>> ring(static_cast<std::size_t>(windows + 4));
  auto const n = static_cast<int64_t>(ring.size());
  auto const at_start = [&](int64_t index) -> auto& { return ring[static_cast<std::size_t>((index + n) % n)]; };
  auto const fire_one = [&] {
    for (auto const& [key, t] : at_start(base)) checksum += checked(key, base * slide, t.count, t.sum);
    at_start(base++).clear();
  };
  int64_t largest = 0;
  for (item const& x : all) {
    while (base * slide + size - 1 <= watermark) fire_one();
    int64_t const at = weir::ticks(x.at), last = at / slide;
    if (last < base) checksum += late_weight;
    for (int64_t w = std::max(base, last - windows + 1); w <= last; ++w) at_start(w)[x.key].add(x.value);
    watermark = std::max(watermark, at - bound - 1);
    largest = std::max(largest, at);
  }
  while (base <= largest / slide) fire_one();
  return checksum;
}

// ---- sessions: one inline in the key's entry, further ones behind a pointer; weir's wheel of timers

struct session {
  int64_t start, end;
  totals t;
};
struct sessions_of_key {
  session live;
  int64_t filed;
  std::unique_ptr<std::vector<session>> more;

  int64_t first_end() const {
    int64_t end = live.end;
    if (more)
      for (session const& s : *more) end = std::min(end, s.end);
    return end;
  }
};

struct all_sessions {
  int64_t gap;
  uint64_t checksum = 0;
  table<sessions_of_key> keys{};
  weir::lazy_timers<int64_t> timers;

  explicit all_sessions(int64_t g) : gap(g), timers(weir::duration{g / 8}) {}
  int64_t due() const { return weir::ticks(timers.deadline()); }
  void file(sessions_of_key& s, int64_t key) {
    s.filed = s.first_end() - 1;
    timers.add(weir::from_ticks(s.filed), key);
  }
  void emit(int64_t key, session const& s) { checksum += checked(key, s.start, s.t.count, s.t.sum); }
  [[gnu::noinline]] void fire(int64_t watermark) {
    timers.advance(
        weir::from_ticks(watermark),
        [&](int64_t key, weir::timestamp at) {
          auto const found = keys.find(key);
          if (found == keys.end() || found->second.filed != weir::ticks(at)) return weir::max_time;
          return weir::from_ticks(found->second.filed = found->second.first_end() - 1);
        },
        [&](int64_t key, weir::timestamp at) {
          auto const found = keys.find(key);
          sessions_of_key& s = found->second;
          if (!s.more) {
            emit(key, s.live);
            keys.erase(found);
            return;
          }
          auto& more = *s.more;
          if (s.live.end - 1 != weir::ticks(at))
            for (session& o : more)
              if (o.end - 1 == weir::ticks(at)) {
                std::swap(o, s.live);
                break;
              }
          emit(key, s.live);
          s.live = more.back();
          more.pop_back();
          if (more.empty()) s.more.reset();
          file(s, key);
        });
  }
  [[gnu::noinline]] void open(sessions_of_key& s, item const& x, int64_t at, int64_t watermark) {
    if (at + gap - 1 <= watermark) {
      checksum += late_weight;
      keys.erase(x.key);
      return;
    }
    s.live = {at, at + gap, {1, x.value}};
    file(s, x.key);
  }
  // A second session of a key, or one that merges with several.
  [[gnu::noinline]] void place(sessions_of_key& s, item const& x, int64_t at, int64_t watermark) {
    session made{at, at + gap, {1, x.value}};
    std::vector<session> rest;
    bool merged = false;
    auto const take = [&](session const& o) {
      if (o.start > at + gap || o.end < at) return rest.push_back(o);
      merged = true;
      made.start = std::min(made.start, o.start), made.end = std::max(made.end, o.end);
      made.t.count += o.t.count, made.t.sum += o.t.sum;
    };
    take(s.live);
    if (s.more)
      for (session const& o : *s.more) take(o);
    if (!merged && made.end - 1 <= watermark) {
      checksum += late_weight;
      return;
    }
    s.more.reset();
    s.live = made;
    if (!rest.empty()) s.more = std::make_unique<std::vector<session>>(std::move(rest));
    if (s.first_end() - 1 < s.filed) file(s, x.key);
  }
};

[[gnu::noinline]] inline uint64_t sessions(std::vector<item> const& all, int64_t gap, int64_t bound) {
  all_sessions state(gap);
  int64_t watermark = before_all, due = never;
  for (item const& x : all) {
    int64_t const at = weir::ticks(x.at);
    if (watermark >= due) [[unlikely]] {
      state.fire(watermark);
      due = state.due();
    }
    auto const found = state.keys.find(x.key);
    if (found != state.keys.end()) [[likely]] {
      sessions_of_key& s = found->second;
      if (!s.more && at <= s.live.end && at + gap >= s.live.start) [[likely]] {
        s.live.start = std::min(s.live.start, at), s.live.end = std::max(s.live.end, at + gap);
        s.live.t.add(x.value);
      } else {
        state.place(s, x, at, watermark);
        due = std::min(due, state.due());
      }
    } else {
      state.open(state.keys.try_emplace(x.key).first->second, x, at, watermark);
      due = std::min(due, state.due());
    }
    watermark = std::max(watermark, at - bound - 1);
  }
  state.fire(never);
  return state.checksum;
}

// ---- three uses of one input in one loop

struct sale {
  int64_t user;
  weir::timestamp at;
  int64_t value;
  int64_t shop;
};

template <bool Find>
[[gnu::noinline]] uint64_t branches(std::vector<sale> const& all, int64_t user_size, int64_t shop_size,
                                    int64_t bound) {
  tumbling_panes users{user_size}, shops{shop_size};
  struct window {
    int64_t low = 0;
    uint64_t extent = 0;
    table<totals>* current = nullptr;
  } user, shop;
  auto const add = [](window & w, tumbling_panes & panes, int64_t key, int64_t at, int64_t value)
      __attribute__((always_inline)) {
    if (static_cast<uint64_t>(at - w.low) >= w.extent) [[unlikely]] {
      w.extent = 0;
      w.current = panes.seek(at);
      if (w.current == nullptr) return;
      w.low = at / panes.size * panes.size, w.extent = static_cast<uint64_t>(panes.size);
    }
    entry<Find>(*w.current, key).add(value);
  };
  int64_t watermark = before_all, due = std::min(users.due(), shops.due());
  uint64_t total = 0;
  for (sale const& x : all) {
    int64_t const at = weir::ticks(x.at);
    if (watermark >= due) [[unlikely]] {
      users.fire(watermark), shops.fire(watermark);
      due = std::min(users.due(), shops.due());
      user.extent = shop.extent = 0;
    }
    int64_t const tripled = x.value * 3;
    if ((tripled & 4) != 0) total += static_cast<uint64_t>(tripled);
    if (x.value > 100) add(user, users, x.user, at, x.value);
    add(shop, shops, x.shop, at, x.value);
    watermark = std::max(watermark, at - bound - 1);
  }
  return users.finish(watermark) + 3 * shops.finish(watermark) + total;
}

}  // namespace by_hand
