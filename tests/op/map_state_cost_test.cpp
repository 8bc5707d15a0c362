// What asking for and changing one entry of a map_state costs, told by the store.
#include <weir/op/keyed/process_state.hpp>
#include <weir/state/handles.hpp>
#include <weir/state/layered_table.hpp>
#include <weir/state/lmdb_store.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

#include "catch.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

namespace {

using numbers = weir::map_state<std::int64_t, std::int64_t, "numbers">;

class counted {
 public:
  using state_type = weir::detail::process_state<std::index_sequence<0>, false, false, true, numbers>;
  using format = weir::detail::process_format<state_type, false, false, numbers>;

  counted() { open(); }
  // With nothing in memory.
  void open() {
    table_.reset();
    backend_.reset();
    backend_.emplace(weir::lmdb_store{.directory = directory_.path(), .map_size = 256 << 20});
    table_.emplace(*backend_, "p", format{});
  }
  // One call for the one key. How many entries were read.
  template <class F>
  std::uint64_t reads(F f) {
    std::uint64_t const before = backend_->entries_read;
    state_type& s = table_->touch(std::int64_t{7}, [] { return state_type(); });
    numbers h;
    s.bind(h);
    f(h);
    if (s.is_empty()) table_->erase(std::int64_t{7});
    return backend_->entries_read - before;
  }
  bool there() { return table_->find(std::int64_t{7}) != nullptr; }
  // A checkpoint. How many entries it writes or erases; what goes with one deletion is not counted.
  std::size_t writes() {
    begin();
    return commit();
  }
  void begin() {
    plan_.emplace();
    backend_->freeze(*plan_);
    table_->freeze(*plan_);
  }
  std::size_t commit() {
    weir::detail::flush_writer writer;
    for (auto const& part : plan_->parts) part->write(writer);
    backend_->commit(*plan_);
    plan_.reset();
    backend_->renew();
    weir::detail::garbage old;
    table_->flushed(old);
    return writer.size();
  }
  // Without what is only a cache.
  void evict() {
    weir::detail::garbage old;
    table_->evict(old);
  }
  auto file_size() const { return std::filesystem::file_size(directory_ / "data.mdb"); }
  void fill(std::int64_t n) {
    reads([&](numbers const& h) {
      for (std::int64_t k = 0; k < n; ++k) h.put(k, k);
    });
    CHECK(writes() == static_cast<std::size_t>(n));
    open();
  }

 private:
  weir_test::temp_directory directory_;
  std::optional<weir::lmdb_backend> backend_;
  std::optional<weir::lmdb_backend::table<std::int64_t, state_type, format>> table_;
  std::optional<weir::detail::flush_plan> plan_;
};

}  // namespace

TEST_CASE("map_state: one entry of many is one entry read and one written", "[state]") {
  counted c;
  c.fill(10'000);
  CHECK(c.reads([](numbers const& h) { CHECK(++h[77] == 78); }) == 1);
  CHECK(c.reads([](numbers const& h) { CHECK(++h[77] == 79); }) == 0);
  CHECK(c.writes() == 1);
  // It is in memory still; another is not.
  CHECK(c.reads([](numbers const& h) { CHECK(++h[77] == 80); }) == 0);
  CHECK(c.reads([](numbers const& h) { CHECK(*h.get(78) == 78); }) == 1);
  CHECK(c.writes() == 2);
  c.evict();
  CHECK(c.reads([](numbers const& h) { CHECK(*h.get(77) == 80); }) == 1);
  // While a checkpoint is being written.
  c.reads([](numbers const& h) { h.put(77, 1), h.remove(79), h.put(10'000, 2); });
  c.begin();
  CHECK(c.reads([](numbers const& h) {
    CHECK(*h.get(77) == 1);
    CHECK_FALSE(h.contains(79));
    CHECK(h.contains(10'000));
    h.put(79, 3);
  }) == 0);
  CHECK(c.commit() == 3);
  CHECK(c.writes() == 2);  // 77 was asked for, and might have been changed
  // Looking whether there is one and finding none write nothing.
  c.open();
  CHECK(c.reads([](numbers const& h) {
    CHECK(h.contains(79));
    CHECK_FALSE(h.empty());
  }) == 1);
  CHECK(c.reads([](numbers const& h) { CHECK(h.get(-1) == nullptr); }) == 0);
  CHECK(c.writes() == 0);
  CHECK(c.reads([](numbers const& h) { h.put(80, 0); }) == 0);
  CHECK(c.writes() == 1);
  CHECK(c.reads([](numbers const& h) { h.put(80, 1), h.remove(80), h.put(80, 0); }) == 0);
  CHECK(c.writes() == 1);
  // All of it.
  CHECK(c.reads([](numbers const& h) { CHECK(h.size() == 10'001); }) >= 10'000);
  CHECK(c.reads([](numbers const& h) { CHECK(h.begin()->first == 0); }) == 0);
  CHECK(c.reads([](numbers const& h) { CHECK(h[500] == 500); }) == 0);
  c.writes();
  c.open();
  CHECK(c.reads([](numbers const& h) { h.clear(), h.put(1, 1); }) == 0);
  CHECK(c.writes() == 1);
  c.open();
  CHECK(c.reads([](numbers const& h) { CHECK(h.size() == 1); }) == 1);
}

TEST_CASE(
    "map_state: whether anything is left is asked where something was removed, and each entry is met once",
    "[state]") {
  constexpr std::int64_t n = 4'000;
  for (bool const backwards : {false, true}) {
    CAPTURE(backwards);
    counted c;
    c.fill(n);
    std::uint64_t all = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      CHECK(c.there());
      all += c.reads([&](numbers const& h) { CHECK(h.remove(backwards ? n - 1 - i : i)); });
      if (i % 1'000 == 500) c.writes();
    }
    CHECK(all < 4 * n);
    CHECK_FALSE(c.there());
    CHECK(c.writes() == 0);  // one deletion
    c.open();
    CHECK_FALSE(c.there());
  }
}

TEST_CASE("map_state: a small map is read at once, and written where it has changed", "[state]") {
  counted c;
  c.fill(10);
  CHECK(c.reads([](numbers const& h) { CHECK(++h[7] == 8); }) == 10);
  CHECK(c.reads([](numbers const& h) { CHECK(h.size() == 10); }) == 0);
  CHECK(c.writes() == 1);
  CHECK(c.reads([](numbers const& h) { CHECK(h[7] == 8); }) == 0);
  CHECK(c.writes() == 0);
  CHECK(c.reads([](numbers const& h) {
    h.remove(3), h.remove(4), h.put(4, 5), h[77] = 1;
    CHECK_FALSE(h.contains(3));
  }) == 0);
  CHECK(c.writes() == 3);
  CHECK(c.reads([](numbers const& h) { h.clear(), h.put(0, 0), h.put(1, 1); }) == 0);
  CHECK(c.writes() == 2);
  c.open();
  CHECK(c.reads([](numbers const& h) { CHECK(h.size() == 2); }) == 2);
  CHECK(c.reads([](numbers const& h) { h.remove(0), h.remove(1); }) == 0);
  CHECK_FALSE(c.there());
}

TEST_CASE("map_state: what is only read stays as it is in the file", "[state]") {
  counted c;
  c.fill(50'000);
  auto const before = c.file_size();
  c.reads([](numbers const& h) {
    for (auto& [k, v] : h) v += k == 5'000;
  });
  CHECK(c.writes() == 50'000);
  CHECK(c.file_size() < before + 30 * 4096);  // hundreds of pages hold the entries
  c.open();
  CHECK(c.reads([](numbers const& h) { CHECK(h[5'000] == 5'001); }) == 1);
}
