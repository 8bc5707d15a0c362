// map_state before a store: whatever is asked and changed between checkpoints and restarts, each map is a std::map.
#include <weir/op/keyed/process_state.hpp>
#include <weir/state/handles.hpp>
#include <weir/state/layered_table.hpp>
#include <weir/state/lmdb_store.hpp>
#include <weir/state/memory_store.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

namespace {

using texts = weir::map_state<std::string, std::string, "texts">;
using numbers = weir::map_state<std::int64_t, std::int64_t, "numbers">;
using single = weir::value_state<std::int64_t, "single">;
template <bool Durable>
using state_of =
    weir::detail::process_state<std::index_sequence<0, 1, 2>, false, false, Durable, texts, numbers, single>;
template <bool Durable>
using format_of = weir::detail::process_format<state_of<Durable>, false, false, texts, numbers, single>;
template <class Backend>
using table_of =
    typename Backend::template table<std::string, state_of<std::is_same_v<Backend, weir::lmdb_backend>>,
                                     format_of<std::is_same_v<Backend, weir::lmdb_backend>>>;

struct model_value {
  std::map<std::string, std::string, std::less<>> texts;
  std::map<std::int64_t, std::int64_t> numbers;
  std::optional<std::int64_t> single;
  bool operator==(model_value const&) const = default;
  bool empty() const { return texts.empty() && numbers.empty() && !single; }
};
using model = std::map<std::string, model_value>;

// Some longer than LMDB takes, several of those alike in their first 495 bytes.
std::string text_key(unsigned n) {
  if (n % 8 == 1) return std::string(500, 'k') + std::to_string(n);
  if (n % 8 == 2) return std::string(1, '\0') + std::to_string(n);
  return std::to_string(n);
}

// What records do to a table and to the model.
template <class Table>
class worker {
  using state_type = std::remove_cvref_t<decltype(*std::declval<Table&>().find(std::string()))>;

 public:
  explicit worker(std::uint64_t seed) : random_(seed) {}

  unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }
  // One call of a process function.
  void call(Table& table, model& m) {
    unsigned const which = pick(6);
    std::string const key(1 + which, static_cast<char>('a' + which));
    // Small maps become empty often, large ones have hundreds of entries.
    range_ = which < 3 ? 3 + which * 9 : 60u << which;
    bool const known = m.contains(key);
    state_type* s = pick(10) == 0 ? table.find(key) : nullptr;
    if (s == nullptr) {
      auto const [value, absent] = table.touch_or_make(std::string_view(key), [] { return state_type(); });
      REQUIRE(absent == !known);
      s = &value;
    }
    s->bind(texts_, numbers_, single_);
    model_value& want = m[key];
    by_entry_ = pick(8) != 0;  // what needs all entries would bring them in nearly each call
    unsigned const most = pick(8) == 0 ? 60 : 4;
    for (unsigned n = pick(most) + 1; n-- > 0;) {
      if (pick(2) == 0)
        change(texts_, want.texts, text_key(place()), [&] { return std::to_string(pick(100)); });
      else
        change(numbers_, want.numbers, std::int64_t{place()} - 3, [&] { return std::int64_t{pick(100)}; });
      if (pick(12) == 0) single_.update(1), want.single = 1;
      if (pick(12) == 0) single_.clear(), want.single.reset();
      if (pick(30) == 0) s->bind(texts_, numbers_, single_);
    }
    REQUIRE(s->is_empty() == want.empty());
    if (want.empty()) table.erase(key), m.erase(key);
  }
  // Every key, by copies.
  void compare(Table& table, model const& m) {
    model seen;
    table.for_each([&](std::string const& key, state_type const& s) {
      state_type copy = s;
      if (pick(2) == 0) copy.bring_all();
      copy.bind(texts_, numbers_, single_);
      model_value& v = seen[key];
      for (auto const& [k, e] : texts_) v.texts.emplace(k, e);
      for (auto const& [k, e] : numbers_) v.numbers.emplace(k, e);
      if (single_) v.single = *single_;
      copy.bind(texts_, numbers_, single_);
      texts_.put("only in the copy", ""), numbers_.clear();
    });
    REQUIRE(seen == m);
    for (unsigned which = 0; which < 7; ++which) {
      std::string const key(1 + which, static_cast<char>('a' + which));
      if (pick(3) == 0) REQUIRE((table.find(key) != nullptr) == m.contains(key));
    }
  }

 private:
  // Some of them often.
  unsigned place() { return pick(pick(2) == 0 ? range_ : std::min(range_, 20u)); }
  template <class Handle, class Model, class K, class Make>
  void change(Handle const& h, Model& want, K const& k, Make make) {
    auto const at = want.find(k);
    switch (pick(by_entry_ ? 20 : 24)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        auto* const value = h.get(k);
        REQUIRE((value != nullptr) == (at != want.end()));
        if (value == nullptr) break;
        REQUIRE(*value == at->second);
        if (pick(2) == 0) *value = at->second = make();
        break;
      }
      case 4:
      case 5:
      case 6: {
        auto& value = h[k];
        REQUIRE(value == want[k]);
        if (pick(2) == 0) value = want[k] = make();
        break;
      }
      case 7:
      case 8:
      case 9:
      case 10: {
        auto const value = make();
        h.put(k, value), want.insert_or_assign(k, value);
        break;
      }
      case 11:
      case 12:
        REQUIRE(h.contains(k) == (at != want.end()));
        break;
      case 13:
        if constexpr (std::is_same_v<K, std::string>)
          REQUIRE(h.contains(std::string_view(k)) == (at != want.end()));
        break;
      case 14:
        if constexpr (std::is_same_v<K, std::int64_t>) {
          REQUIRE((h.get(static_cast<double>(k) + 0.5) == nullptr));
          REQUIRE((h.get(static_cast<int>(k)) != nullptr) == (at != want.end()));
        }
        break;
      case 15:
      case 16:
      case 17:
      case 18:
        REQUIRE(h.remove(k) == (want.erase(k) > 0));
        break;
      case 19:
        REQUIRE(h.empty() == want.empty());
        if (pick(6) == 0) {  // some or all of it goes, in one order or the other
          bool const all = pick(2) == 0;
          std::vector<K> keys;
          for (auto const& [one, value] : want)
            if (all || pick(3) != 0) keys.push_back(one);
          if (pick(2) == 0) std::reverse(keys.begin(), keys.end());
          for (K const& one : keys) {
            REQUIRE(h.remove(one));
            want.erase(one);
            REQUIRE(h.empty() == want.empty());
          }
        }
        break;
      case 20:
        if (!want.empty()) {
          K const& first = h.begin()->first;  // its own key
          REQUIRE(first == want.begin()->first);
          want.erase(want.begin());
          REQUIRE(h.remove(first));
        }
        break;
      case 21:
        if (pick(4) == 0)
          h.clear(), want.clear();
        else
          REQUIRE(h.size() == want.size());
        break;
      case 22: {
        auto expected = want.begin();
        for (auto& [one, value] : h) {
          REQUIRE((expected != want.end() && one == expected->first && value == expected->second));
          if (pick(8) == 0) value = expected->second = make();
          ++expected;
        }
        REQUIRE(expected == want.end());
        break;
      }
      default: {
        auto& all = h.entries();
        REQUIRE(std::equal(all.begin(), all.end(), want.begin(), want.end()));
        if (pick(3) == 0 && !all.empty()) all.erase(all.begin()), want.erase(want.begin());
        if (pick(3) == 0) all[k] = want[k] = make();
        if (pick(9) == 0) all = {}, want.clear();
      }
    }
  }

  std::mt19937_64 random_;
  unsigned range_ = 1;
  bool by_entry_ = true;
  texts texts_;
  numbers numbers_;
  single single_;
};

// With checkpoints in two steps, kills between any two calls, caches that are given up.
class durable_run : worker<table_of<weir::lmdb_backend>> {
 public:
  explicit durable_run(std::uint64_t seed) : worker(seed) { open(); }

  void run(int steps) {
    unsigned const evictions = pick(3) * 60;  // none: as if memory were endless
    for (int i = 0; i < steps; ++i) {
      unsigned const what = pick(400);
      if (what < 300)
        call(*table_, now_);
      else if (what < 304)
        compare(*table_, now_);
      else if (what < 324)
        freeze();
      else if (what < 342)
        flush();
      else if (what < 343)
        open();
      else if (what < 345)
        table_->clear(), now_.clear();
      else if (what < 345 + evictions / 4)
        table_->evict(garbage_);
      if (pick(5) == 0) garbage_.clear();
    }
    compare(*table_, now_);
  }

 private:
  void freeze() {
    if (plan_) return;
    plan_.emplace();
    backend_->freeze(*plan_);
    table_->freeze(*plan_);
    frozen_ = now_;
  }
  void flush() {
    if (!plan_) return;
    backend_->commit(*plan_);
    plan_.reset();
    committed_ = frozen_;
    if (pick(10) == 0) return open();
    backend_->renew();
    table_->flushed(garbage_);
  }
  // Killed and started again: what was committed is all there is.
  void open() {
    table_.reset();
    plan_.reset();
    garbage_.clear();
    backend_.reset();
    backend_.emplace(weir::lmdb_store{.directory = directory_.path(), .map_size = 64 << 20, .key_groups = 3});
    table_.emplace(*backend_, "p", format_of<true>{});
    now_ = committed_;
  }

  weir_test::temp_directory directory_;
  std::optional<weir::lmdb_backend> backend_;
  std::optional<table_of<weir::lmdb_backend>> table_;
  std::optional<weir::detail::flush_plan> plan_;
  weir::detail::garbage garbage_;
  model now_, frozen_, committed_;
};

std::uint64_t first_seed() {
  char const* const given = std::getenv("WEIR_SEED");
  return given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}
unsigned rounds() {
  char const* const given = std::getenv("WEIR_ROUNDS");
  return given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : 12;
}

}  // namespace

TEST_CASE("map_state: like std::map whatever is frozen, flushed, evicted and killed", "[state]") {
  std::uint64_t const seed = first_seed();
  for (unsigned i = 0; i < rounds(); ++i) {
    INFO("seed " << seed + i);
    durable_run(seed + i).run(600);
  }
}

TEST_CASE("map_state: like std::map in memory", "[state]") {
  std::uint64_t const seed = first_seed();
  INFO("seed " << seed);
  using table = table_of<weir::memory_backend>;
  table states;
  model now;
  worker<table> work(seed);
  for (int i = 0; i < 3'000; ++i) {
    work.call(states, now);
    if (i % 100 == 0) work.compare(states, now);
  }
}
