// A table with a lazy timer a key, whose values come and go between memory and the store.
#include <weir/state/key_timer.hpp>
#include <weir/state/lmdb_store.hpp>
#include <weir/state/timed_table.hpp>

#include "catch.hpp"
#include "state/temp_directory.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using i64 = std::int64_t;

struct alarm : weir::detail::key_timer<true> {
  i64 due = weir::ticks(weir::max_time);
};
struct alarm_format {
  static constexpr std::size_t parts = 1;
  static constexpr bool timers = true;
  std::array<weir::state_declaration, 1> declare() const {
    return {{{"due", weir::state_kind::value, "int64"}}};
  }
  template <class Out>
  void save(alarm const& a, bool alive, Out& out) const {
    a.save_timer(alive ? weir::from_ticks(a.due) : weir::max_time, out);
    if (!alive) return out.erase(0);
    std::string& bytes = out.scratch();
    weir::encode(a.due, bytes);
    out.put(0, bytes);
  }
  template <class In>
  bool load(alarm& a, In& in) const {
    auto const bytes = in.get(0);
    if (!bytes) return false;
    weir::decode(*bytes, a.due);
    a.loaded(weir::from_ticks(a.due));
    return true;
  }
  void rebase(alarm& a) const { a.saved(weir::from_ticks(a.due)); }
  void revive(alarm const& erased, alarm& fresh) const { fresh.revived(erased); }
};

// Beside a std::map that says when each key is due.
class subject {
 public:
  explicit subject(std::filesystem::path const& folder) : folder_(folder) { open(); }
  void set(i64 key, i64 due) {
    alarm& a = table_->touch(key, [] { return alarm(); });
    a.due = due;
    if (weir::from_ticks(due) < a.filed) table_->file(key, a, weir::from_ticks(due));
    real_[key] = due;
  }
  void clear(i64 key) {
    table_->erase(key);
    real_.erase(key);
  }
  std::vector<std::pair<i64, i64>> advance(i64 now) {
    std::vector<std::pair<i64, i64>> fired;
    table_->advance(
        weir::from_ticks(now), [](alarm const& a) { return weir::from_ticks(a.due); },
        [&](i64 key, alarm&, weir::timestamp at) {
          fired.emplace_back(weir::ticks(at), key);
          table_->erase(key);
        });
    return fired;
  }
  std::vector<std::pair<i64, i64>> expected(i64 now) {
    std::vector<std::pair<i64, i64>> due;
    for (auto const& [key, at] : real_)
      if (at <= now) due.emplace_back(at, key);
    std::sort(due.begin(), due.end());
    for (auto const& [at, key] : due) real_.erase(key);
    return due;
  }
  void checkpoint() {
    weir::detail::flush_plan plan;
    weir::detail::garbage old;
    table_->freeze(plan);
    backend_->freeze(plan);
    backend_->commit(plan);
    backend_->renew();
    table_->flushed(old);
  }
  void restart() {
    checkpoint();
    table_.reset(), backend_.reset();
    open();
    table_->restored();
  }
  // Of values, from the file.
  std::uint64_t reads() const { return backend_->looks().hits; }

 private:
  using table =
      weir::detail::timed_table<i64, weir::lmdb_backend::table<i64, alarm, alarm_format>, weir::lmdb_backend>;
  void open() {
    backend_ = std::make_unique<weir::lmdb_backend>(weir::lmdb_store{folder_});
    table_ = std::make_unique<table>(*backend_, "alarms", alarm_format{}, weir::duration{16});
  }
  std::filesystem::path folder_;
  std::unique_ptr<weir::lmdb_backend> backend_;
  std::unique_ptr<table> table_;
  std::map<i64, i64> real_;
};

}  // namespace

TEST_CASE("timed_table: a timer that became later is not lost when its value leaves the memory", "[state]") {
  weir_test::temp_directory folder;
  subject s(folder / "state");
  s.set(1, 100);
  s.set(1, 150);  // the entry stays at 100
  s.checkpoint();
  s.checkpoint();
  s.set(2, 500);
  s.checkpoint();
  s.checkpoint();
  CHECK(s.advance(149).empty());
  CHECK(s.advance(150) == std::vector<std::pair<i64, i64>>{{150, 1}});
}

TEST_CASE("timed_table: each timer fires once and in time, whatever is checkpointed and restarted", "[state]") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    weir_test::temp_directory folder;
    subject s(folder / "state");
    i64 now = 0;
    for (int step = 0; step < 400; ++step) {
      auto const key = static_cast<i64>(random() % 12);
      switch (random() % 16) {
        case 0:
        case 1:
          s.checkpoint();
          break;
        case 2:
          if (random() % 4 == 0) s.restart();
          break;
        case 3:
        case 4: {
          now += static_cast<i64>(random() % 60);
          auto fired = s.advance(now);
          REQUIRE(fired == s.expected(now));
          break;
        }
        case 5:
          s.clear(key);
          break;
        default:
          s.set(key, now + 1 + static_cast<i64>(random() % 300));
      }
    }
    now += 1000;
    REQUIRE(s.advance(now) == s.expected(now));
  }
}

TEST_CASE("timed_table: a timer that nobody has read yet is moved away and back", "[state]") {
  weir_test::temp_directory folder;
  subject s(folder / "state");
  s.set(1, 10'000);
  s.set(2, 20'000);
  s.restart();
  s.set(1, 50'000);  // its entry in the store goes with it
  s.checkpoint();
  s.set(1, 30'000);  // not before where the value was found
  s.checkpoint();
  CHECK(s.advance(29'999) == std::vector<std::pair<i64, i64>>{{20'000, 2}});
  CHECK(s.advance(30'000) == std::vector<std::pair<i64, i64>>{{30'000, 1}});
  CHECK(s.advance(60'000).empty());
}

TEST_CASE("timed_table: many timers are read back a stretch of time at a time", "[state]") {
  weir_test::temp_directory folder;
  subject s(folder / "state");
  std::mt19937_64 random(1);
  for (i64 key = 0; key < 20'000; ++key) s.set(key, 1'000'000 + static_cast<i64>(random() % 1'000'000'000));
  s.restart();
  CHECK(s.reads() == 0);
  REQUIRE(s.advance(100'000'000) == s.expected(100'000'000));
  CHECK(s.reads() < 20'000);
  for (i64 now = 100'000'000; now <= 900'000'000; now += 100'000'000)
    REQUIRE(s.advance(now) == s.expected(now));
  REQUIRE(s.advance(weir::ticks(weir::max_time)) == s.expected(weir::ticks(weir::max_time)));
}
