#include <weir/state/layered_table.hpp>
#include <weir/state/lmdb_store.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "state/temp_directory.hpp"

namespace {

// Keys of all lengths, some of them longer than LMDB takes, several of those alike in their first 495 bytes.
std::string key_of(unsigned n) {
  switch (n % 4) {
    case 0:
      return std::to_string(n);
    case 1:
      return std::string(1, '\0') + std::to_string(n);
    case 2:
      return std::string(520, 'k') + std::to_string(n);
    default:
      return std::string(500 + n, 'x');
  }
}

using table_type = weir::lmdb_backend::table<std::string, std::string, weir::value_format<std::string>>;
using model = std::map<std::string, std::string>;

// One table over one part of the store, beside a std::map that says what it must hold, and one that says what
// the last commit made durable.
struct subject {
  std::optional<table_type> table;
  std::optional<weir::timestamp> window;  // none: the table has no namespace
  model now, frozen, committed;
};

// Random operations on several tables, with checkpoints in two steps (freeze, then commit some operations
// later), kills between any two operations, and panes that are dropped and used for another window.
class difference {
 public:
  explicit difference(std::uint64_t seed) : random_(seed) { open(); }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      unsigned const what = pick(200);
      subject& s = subjects_[pick(3)];
      if (what < 170)
        change(s);
      else if (what < 176)
        compare(s);
      else if (what < 180 && s.window)
        move(s);
      else if (what < 182)
        s.table->clear(), s.now.clear();
      else if (what < 190)
        freeze();
      else if (what < 198)
        flush();
      else if (what == 198)
        open();
    }
    for (subject& s : subjects_) compare(s);
  }

 private:
  unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }

  void change(subject& s) {
    std::string const key = key_of(pick(60));
    bool const there = s.now.contains(key);
    switch (pick(5)) {
      case 0:
      case 1: {
        auto const [value, absent] =
            s.table->touch_or_make(std::string_view(key), [] { return std::string("new"); });
        REQUIRE(absent == !there);
        std::string& expected = s.now.try_emplace(key, "new").first->second;
        REQUIRE(value == expected);
        char const more = static_cast<char>('a' + pick(26));
        value += more, expected += more;
        break;
      }
      case 2: {
        std::string* const value = s.table->find(key);
        REQUIRE((value != nullptr) == there);
        if (there) REQUIRE(*value == s.now[key]);
        break;
      }
      case 3:
        s.table->touch(key, [] { return std::string(); }) = s.now[key] = std::string(pick(40), 'v');
        break;
      default:
        s.table->erase(std::string_view(key)), s.now.erase(key);
    }
  }
  void compare(subject& s) {
    model seen;
    bool twice = false;
    s.table->for_each([&](std::string const& k, std::string const& v) { twice |= !seen.emplace(k, v).second; });
    REQUIRE_FALSE(twice);
    REQUIRE(seen == s.now);
    REQUIRE(s.table->empty() == s.now.empty());
  }
  // To another window that no table holds.
  void move(subject& s) {
    s.table->drop();
    std::optional<weir::timestamp> end;
    do {
      end = weir::from_ticks(static_cast<int>(pick(5)) - 2);
    } while (std::ranges::any_of(subjects_, [&](subject const& o) { return &o != &s && o.window == end; }));
    s.window = end;
    s.table->bind(*end);
    s.now.clear();
    compare(s);
  }
  void freeze() {
    if (plan_) return;
    plan_.emplace();
    backend_->freeze(*plan_);
    for (subject& s : subjects_) {
      s.table->freeze(*plan_);
      s.frozen = s.now;
    }
    for (std::size_t i = 0; i < 3; ++i) frozen_windows_[i] = subjects_[i].window;
  }
  void flush() {
    if (!plan_) return;
    backend_->commit(*plan_);
    plan_.reset();
    if (pick(10) == 0) {  // killed between the commit and hearing of it
      for (subject& s : subjects_) s.committed = s.frozen;
      committed_windows_ = frozen_windows_;
      return open();
    }
    backend_->renew();
    weir::detail::garbage old;
    for (subject& s : subjects_) {
      s.table->flushed(old);
      s.committed = s.frozen;
    }
    committed_windows_ = frozen_windows_;
  }
  // Killed and started again: what was committed is all there is.
  void open() {
    for (subject& s : subjects_) s.table.reset();
    plan_.reset();
    backend_.reset();
    backend_.emplace(weir::lmdb_store{.directory = directory_.path(), .key_groups = 3});
    for (std::size_t i = 0; i < 3; ++i) {
      subject& s = subjects_[i];
      s.window = committed_windows_[i];
      s.table.emplace(*backend_, i == 0 ? "plain" : "windows", weir::value_format<std::string>("v"));
      if (s.window) s.table->bind(*s.window);
      s.now = s.committed;
      compare(s);
    }
  }

  std::mt19937_64 random_;
  weir_test::temp_directory directory_;
  std::optional<weir::lmdb_backend> backend_;
  std::array<subject, 3> subjects_;
  std::array<std::optional<weir::timestamp>, 3> committed_windows_{std::nullopt, weir::from_ticks(-2),
                                                                   weir::from_ticks(2)};
  std::array<std::optional<weir::timestamp>, 3> frozen_windows_ = committed_windows_;
  std::optional<weir::detail::flush_plan> plan_;
};

TEST_CASE("layered_table: like std::map whatever is frozen, flushed, dropped and killed",
          "[state][layered_table]") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  for (unsigned i = 0; i < 6; ++i) difference(seed + i).run(1500);
}

TEST_CASE("layered_table: erase and touch between freeze and commit", "[state][layered_table]") {
  weir_test::temp_directory const dir;
  weir::lmdb_backend backend(weir::lmdb_store{dir.path()});
  using numbers = weir::lmdb_backend::table<std::int64_t, std::int64_t, weir::value_format<std::int64_t>>;
  numbers table(backend, "op", weir::value_format<std::int64_t>("n"));
  auto const zero = [] { return std::int64_t{0}; };
  table.touch(1, zero) = 10;
  weir::detail::flush_plan plan;
  table.freeze(plan);
  CHECK(table.changed() == 0);
  table.touch(1, zero) += 1;  // a copy: what is being written stays what it was
  CHECK(*table.find(1) == 11);
  table.erase(1);
  CHECK(table.find(1) == nullptr);
  CHECK(table.empty());
  backend.freeze(plan);
  backend.commit(plan);
  backend.renew();
  weir::detail::garbage old;
  table.flushed(old);
  CHECK(table.find(1) == nullptr);
  CHECK(table.touch_or_make(1, zero).second);
  CHECK(*table.find(1) == 0);
  CHECK(old.empty());
}

TEST_CASE("layered_table: a small table stays in memory over checkpoints", "[state][layered_table]") {
  weir_test::temp_directory const dir;
  weir::lmdb_backend backend(weir::lmdb_store{dir.path()});
  using numbers = weir::lmdb_backend::table<std::int64_t, std::int64_t, weir::value_format<std::int64_t>>;
  numbers table(backend, "op", weir::value_format<std::int64_t>("n"));
  auto const checkpoint = [&] {
    weir::detail::flush_plan plan;
    weir::detail::garbage old;
    table.freeze(plan);
    backend.freeze(plan);
    backend.commit(plan);
    backend.renew();
    table.flushed(old);
  };
  auto const zero = [] { return std::int64_t{0}; };
  // More in the first layer than in the next ones, then the other way round.
  for (std::int64_t n = 0; n < 50; ++n) table.touch(n, zero) = n;
  checkpoint();
  for (std::int64_t n = 40; n < 60; ++n) table.touch(n, zero) = n + 100;
  table.erase(0);
  checkpoint();
  for (std::int64_t n = 50; n < 200; ++n) table.touch(n, zero) = n + 200;
  table.erase(1);
  checkpoint();
  std::map<std::int64_t, std::int64_t> want, all;
  for (std::int64_t n = 2; n < 200; ++n) want[n] = n < 40 ? n : n < 50 ? n + 100 : n + 200;
  table.for_each([&](std::int64_t key, std::int64_t value) { all[key] = value; });
  CHECK(all == want);
  CHECK(table.find(0) == nullptr);
  CHECK(table.find(1000) == nullptr);

  // Who came and went between two checkpoints has left nothing to write; who is stored must be erased there.
  table.touch(1000, zero);
  table.erase(1000);
  CHECK(table.changed() == 0);
  table.erase(5);
  table.touch(5, zero);
  table.erase(5);
  CHECK(table.changed() == 1);
  checkpoint();
  CHECK(table.find(5) == nullptr);
  CHECK(backend.looks().hits + backend.looks().misses == 0);  // the file was never asked

  weir::lmdb_backend::table<std::int64_t, std::int64_t, weir::value_format<std::int64_t>> again(
      backend, "op", weir::value_format<std::int64_t>("n"));
  want.erase(5), all.clear();
  again.for_each([&](std::int64_t key, std::int64_t value) { all[key] = value; });
  CHECK(all == want);
}

}  // namespace
