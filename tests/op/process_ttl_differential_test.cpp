// Time to live against a naive oracle: random uses of each kind of handle, restored in the middle.
#include "catch.hpp"
#include "op/differential.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

using namespace differential;

namespace {

struct use {
  i64 key, what, item, x, wait;  // wait: until a timer, where there are timers; 0: none
};
struct options {
  i64 after;
  bool on_read, shows_expired;
};

// ---- the oracle: every thing with its end, all of them looked at all the time

struct thing {
  i64 value, end;
};
struct cell_of_things {
  std::map<i64, thing> things;  // of a list by number, of a map by key, of a value at 0
  i64 next = 0;
};
struct naive_call {
  options o;
  i64 now, access;
  bool shows(thing const& t) const { return t.end > now || o.shows_expired; }
  i64 fresh() const { return access + o.after; }
  void read(thing& t) const {
    if (o.on_read && t.end > now) t.end = std::max(t.end, fresh());
  }
  void write(cell_of_things& c, i64 at, i64 value) const {
    auto const found = c.things.find(at);
    i64 const end =
        found != c.things.end() && shows(found->second) ? found->second.end : weir::ticks(weir::min_time);
    c.things[at] = {value, std::max(end, fresh())};
  }
  std::optional<i64> look(cell_of_things& c, i64 at, bool& met) const {
    auto const found = c.things.find(at);
    if (found == c.things.end() || !shows(found->second)) return {};
    met = true;
    read(found->second);
    return found->second.value;
  }
  std::string all(cell_of_things& c, bool with_key) const {
    std::string text;
    for (auto& [at, t] : c.things)
      if (shows(t)) read(t), text += fmt::format("{}{} ", with_key ? fmt::format("{}:", at) : "", t.value);
    return text;
  }
  i64 count(cell_of_things const& c) const {
    return std::ranges::count_if(c.things, [&](auto const& t) { return shows(t.second); });
  }
  void clean(cell_of_things& c) const {
    std::erase_if(c.things, [&](auto const& t) { return t.second.end <= now; });
  }
};
std::string show(std::optional<i64> const& v) { return v ? fmt::format("{}", *v) : "none"; }

struct naive_state {
  cell_of_things value, list, map, sum, count;
};
std::string naive_use(naive_state& s, naive_call const& c, use const& u) {
  bool met[5]{};
  std::string text;
  switch (u.what) {
    case 0:
      text = show(c.look(s.value, 0, met[0]));
      break;
    case 1:
      c.write(s.value, 0, u.x);
      break;
    case 2: {
      auto const at = s.value.things.find(0);
      i64 const old = at != s.value.things.end() && c.shows(at->second) ? at->second.value : 0;
      c.write(s.value, 0, old + u.x);
      break;
    }
    case 3:
      s.value.things.clear();
      break;
    case 4:
      s.list.things[s.list.next++] = {u.x, c.fresh()};
      break;
    case 5:
      met[1] = true, text = c.all(s.list, false);
      break;
    case 6:
      text = fmt::format("{}", c.count(s.list));
      break;
    case 7:
      s.list.things.clear(), s.list.things[s.list.next++] = {u.x, c.fresh()};
      break;
    case 8:
      c.write(s.map, u.item, u.x);
      break;
    case 9: {
      auto const at = s.map.things.find(u.item);
      i64 const old = at != s.map.things.end() && c.shows(at->second) ? at->second.value : 0;
      c.write(s.map, u.item, old + u.x);
      break;
    }
    case 10:
      text = show(c.look(s.map, u.item, met[2]));
      break;
    case 11:
      met[2] = true, text = c.all(s.map, true);
      break;
    case 12: {
      auto const at = s.map.things.find(u.item);
      text = at != s.map.things.end() && c.shows(at->second) ? "was" : "was not";
      s.map.things.erase(u.item);
      break;
    }
    case 13:
      text = fmt::format("{}", c.count(s.map));
      break;
    case 14:
    case 15: {
      cell_of_things& cell = u.what == 14 ? s.sum : s.count;
      auto const at = cell.things.find(0);
      i64 const old = at != cell.things.end() && c.shows(at->second) ? at->second.value : 0;
      c.write(cell, 0, old + (u.what == 14 ? u.x : 1));
      break;
    }
    case 16:
      text = show(c.look(s.sum, 0, met[3])) + show(c.look(s.count, 0, met[4]));
      break;
    case 17:
      s.sum.things.clear(), s.map.things.clear();
      break;
  }
  cell_of_things* const cells[] = {&s.value, &s.list, &s.map, &s.sum, &s.count};
  for (int i = 0; i < 5; ++i)
    if (met[i] || !c.o.shows_expired) c.clean(*cells[i]);
  return text;
}

// ---- weir's

template <class Ttl>
struct handles {
  using output = std::string;
  weir::value_state<i64, "value", Ttl> value;
  weir::list_state<i64, "list", Ttl> list;
  weir::map_state<i64, i64, "map", Ttl> map;
  weir::reducing_state<i64, std::plus<>, "sum", Ttl> sum;
  weir::aggregating_state<i64, decltype(weir::count()), "count", Ttl> count;
  auto states() { return std::tie(value, list, map, sum, count); }
  explicit handles(Ttl t) : value(t), list(t), map(t), sum(t), count(t) {}

  std::string act(use const& u) {
    switch (u.what) {
      case 0:
        return value ? fmt::format("{}", *value) : "none";
      case 1:
        value.update(u.x);
        break;
      case 2:
        value.get() += u.x;
        break;
      case 3:
        value.clear();
        break;
      case 4:
        list.add(u.x);
        break;
      case 5: {
        std::string text;
        for (i64 x : list) text += fmt::format("{} ", x);
        return text;
      }
      case 6: {
        if (list.empty() != (list.size() == 0)) return "empty";
        return fmt::format("{}", list.size());
      }
      case 7:
        list.update({u.x});
        break;
      case 8:
        map.put(u.item, u.x);
        break;
      case 9:
        map[u.item] += u.x;
        break;
      case 10: {
        i64 const* const at = map.get(u.item);
        return at ? fmt::format("{}", *at) : "none";
      }
      case 11: {
        std::string text;
        for (auto const& [k, v] : map) text += fmt::format("{}:{} ", k, v);
        return text;
      }
      case 12:
        return map.remove(u.item) ? "was" : "was not";
      case 13: {
        if (map.empty() != (map.size() == 0)) return "empty";
        return fmt::format("{}", map.size());
      }
      case 14:
        sum.add(u.x);
        break;
      case 15:
        count.add(u.x);
        break;
      case 16:
        return show(sum.get()) + show(count.get());
      case 17:
        sum.clear(), map.clear();
        break;
    }
    return {};
  }
  template <class Context, class Emit>
  void on_record(use const& u, Context&, Emit const& emit) {
    if (auto text = act(u); !text.empty()) emit(fmt::format("{}/{} {}", u.key, u.what, text));
  }
};
struct handles_and_timers : handles<weir::event_time_ttl> {
  using handles::handles;
  template <class Context, class Emit>
  void on_record(use const& u, Context& context, Emit const& emit) {
    handles::on_record(u, context, emit);
    if (u.wait != 0) context.set_timer(context.time() + weir::duration{u.wait});
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp when, Context& context, Emit const& emit) {
    for (i64 what : {0, 5, 11, 16, 2, 9})
      if (auto text = act({context.key(), what, 1, 1, 0}); !text.empty())
        emit(fmt::format("{}/{} {} @{}", context.key(), what, text, weir::ticks(when)));
  }
};

use random_use(naive::rng& g) {
  return {naive::below(g, 3), naive::below(g, 18), naive::below(g, 4), naive::below(g, 100),
          naive::one_in(g, 3) ? naive::below(g, 60) - 10 : 0};
}
constexpr auto by_key = [](use const& u) { return u.key; };

template <class Ttl>
Ttl policy(options const& o) {
  Ttl t{.after = weir::duration{o.after},
        .update = o.on_read ? weir::ttl_update::on_read_and_write : weir::ttl_update::on_create_and_write};
  if constexpr (std::same_as<Ttl, weir::ttl>) {
    if (o.shows_expired) {
      t.visibility = weir::ttl_visibility::return_expired_if_not_cleaned_up;
      t.background_cleanup = false;
    }
  }
  return t;
}
template <class Driver>
std::vector<std::string> taken(Driver& d) {
  std::vector<std::string> all;
  for (auto const& o : d.take()) {
    if constexpr (requires { o.value; })
      all.push_back(o.value);
    else
      all.push_back(o);
  }
  std::ranges::sort(all);
  return all;
}
// Where the step is, and what stands there.
void require_same(std::vector<std::string> got, std::vector<std::string> want, int step) {
  std::ranges::sort(want);
  CAPTURE(step);
  REQUIRE(got == want);
}

template <class F>
void in_event_time(std::uint64_t seed) {
  naive::rng g(seed);
  options const o{pick<i64>(g, {1, 30, 100}), naive::one_in(g, 2), false};
  CAPTURE(o.after, o.on_read);
  auto const chain = weir::key_by(by_key) | weir::process<"p">(F(policy<weir::event_time_ttl>(o)));
  constexpr bool timers = std::same_as<F, handles_and_timers>;
  using driver = decltype(weir::testing::test_driver<use>(chain));
  auto d = std::make_unique<driver>(chain);
  std::map<i64, naive_state> all;
  std::set<std::pair<i64, i64>> pending;
  i64 time = 1000, watermark = weir::ticks(weir::min_time);
  for (int step = 0; step < 300; ++step) {
    std::vector<std::string> want;
    if (naive::one_in(g, 4)) {
      i64 const to = time - 20 + naive::below(g, 40);
      d->watermark(weir::from_ticks(to));
      if (to > watermark) {
        while (!pending.empty() && pending.begin()->first <= to) {
          auto const [when, key] = *pending.begin();
          pending.erase(pending.begin());
          // One call.
          naive_state& s = all[key];
          for (i64 what : {0, 5, 11, 16, 2, 9})
            if (auto text = naive_use(s, {o, when, when}, {key, what, 1, 1, 0}); !text.empty())
              want.push_back(fmt::format("{}/{} {} @{}", key, what, text, when));
        }
        watermark = to;
        for (auto& [key, s] : all)
          for (auto* c : {&s.value, &s.list, &s.map, &s.sum, &s.count}) naive_call{o, watermark, 0}.clean(*c);
      }
    } else {
      time += naive::below(g, 15);
      i64 const ts = time - naive::below(g, 50);
      use const u = random_use(g);
      d->push(u, weir::from_ticks(ts));
      auto text = naive_use(all[u.key], {o, watermark, std::max(ts, watermark)}, u);
      if (!text.empty()) want.push_back(fmt::format("{}/{} {}", u.key, u.what, text));
      if (timers && u.wait != 0) pending.insert({ts + u.wait, u.key});
    }
    require_same(taken(*d), want, step);
    if (naive::one_in(g, 3)) {
      auto const bytes = d->snapshot();
      d = std::make_unique<driver>(chain, bytes);
      REQUIRE(d->snapshot() == bytes);
    }
  }
  if constexpr (!timers) {
    d->watermark(weir::from_ticks(time + 1000));
    REQUIRE(d->snapshot() == [&] {
      driver fresh(chain);
      fresh.watermark(weir::from_ticks(time + 1000));
      return fresh.snapshot();
    }());
  }
}

void in_processing_time(std::uint64_t seed) {
  naive::rng g(seed);
  options const o{pick<i64>(g, {1, 30, 100}), naive::one_in(g, 2), naive::one_in(g, 2)};
  CAPTURE(o.after, o.on_read, o.shows_expired);
  auto const chain = weir::key_by(by_key) | weir::process<"p">(handles<weir::ttl>(policy<weir::ttl>(o)));
  using driver = decltype(weir::testing::test_driver<use, weir::untimed>(chain));
  auto d = std::make_unique<driver>(chain);
  std::map<i64, naive_state> all;
  i64 now = 1000;
  d->processing_time(weir::from_ticks(now));
  for (int step = 0; step < 300; ++step) {
    std::vector<std::string> want;
    if (naive::one_in(g, 2)) {
      now += naive::below(g, 20);
      d->processing_time(weir::from_ticks(now));
    } else {
      use const u = random_use(g);
      d->push(u);
      auto text = naive_use(all[u.key], {o, now, now}, u);
      if (!text.empty()) want.push_back(fmt::format("{}/{} {}", u.key, u.what, text));
    }
    require_same(taken(*d), want, step);
    if (naive::one_in(g, 3)) {
      d = std::make_unique<driver>(chain, d->snapshot());
      d->processing_time(weir::from_ticks(now));
    }
  }
  if (o.shows_expired) return;
  d->processing_time(weir::from_ticks(now + 1000));  // all of it goes, though nobody comes by
  REQUIRE(d->snapshot() == driver(chain).snapshot());
}

}  // namespace

TEST_CASE("ttl in event time, as the oracle has it") {
  for_each_seed(50, in_event_time<handles<weir::event_time_ttl>>);
}
TEST_CASE("ttl in event time with timers, as the oracle has it") {
  for_each_seed(50, in_event_time<handles_and_timers>);
}
TEST_CASE("ttl in processing time, as the oracle has it") { for_each_seed(100, in_processing_time); }
