// rolling, deduplicate and top_n: what is kept for a key, record by record.
#include "error_of.hpp"
#include "op/one_stream.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using weir::testing::at;
using namespace weir::literals;
using namespace weir_test;

TEST_CASE("rolling: each function of all that has come, after every record") {
  auto const op =
      weir::rolling<"rolling">(weir::sum(&left_record::id), weir::count(), weir::max(&left_record::at),
                               weir::min_by(&left_record::at) | weir::as<"first">);
  auto const text = [](auto const& r) {
    return std::to_string(r["key"_c]) + " " + std::to_string(r["sum"_c]) + " " + std::to_string(r["count"_c]) +
           " " + std::to_string(weir::ticks(r["max"_c])) + " " + std::to_string(r["first"_c].id);
  };
  CHECK(check_one_stream(64, op, text, [](std::vector<left_record> const& all) {
          timed_texts out;
          for (std::size_t i = 0; i < all.size(); ++i) {
            std::int64_t sum = 0, count = 0;
            weir::timestamp latest = weir::min_time;
            std::optional<left_record> first;
            for (std::size_t j = 0; j <= i; ++j) {
              if (all[j].key != all[i].key) continue;
              sum += all[j].id, ++count;
              latest = std::max(latest, all[j].at);
              if (!first || all[j].at < first->at) first = all[j];
            }
            out.push_back({std::to_string(all[i].key) + " " + std::to_string(sum) + " " +
                               std::to_string(count) + " " + std::to_string(weir::ticks(latest)) + " " +
                               std::to_string(first->id),
                           all[i].at});
          }
          return out;
        }) > 1000);
}

namespace {

struct score {
  std::string name;
  double points;
};

}  // namespace
BOOST_HANA_ADAPT_STRUCT(score, name, points);

TEST_CASE("min_by and max_by: the first of equal ones, and a NaN gives way") {
  double const nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<score> const scores{{"a", nan}, {"0", nan}, {"b", 2}, {"c", 2}, {"d", nan}, {"e", 7}, {"f", 7}};
  std::vector<std::string> out;
  weir::run(weir::from(scores) | weir::key_by([](score const&) { return 0; }) |
            weir::rolling(weir::min_by(&score::points), weir::max_by(&score::points)) |
            weir::map([](auto const& r) { return r["min_by"_c].name + r["max_by"_c].name; }) | weir::into(out));
  CHECK(out == std::vector<std::string>{"aa", "aa", "bb", "bb", "bb", "be", "be"});
}

TEST_CASE("deduplicate: the first of each key, and how many there were more") {
  auto const id_of = [](left_record const& r) { return std::to_string(r.id); };
  CHECK(
      check_one_stream<false>(64, weir::deduplicate<"once">(), id_of, [](std::vector<left_record> const& all) {
        timed_texts out;
        std::map<std::int64_t, bool> seen;
        for (left_record const& r : all)
          if (!std::exchange(seen[r.key], true)) out.push_back({std::to_string(r.id), r.at});
        return out;
      }) > 150);
  // What is remembered goes when the watermark says that no repeat can come any more that is not late.
  for (weir::duration const d : {weir::duration{7s}, weir::duration{2s}})
    CHECK(check_one_stream(64, weir::deduplicate<"once">(weir::within{d}), id_of,
                           [d](std::vector<left_record> const& all) {
                             timed_texts out;
                             std::multimap<std::int64_t, weir::timestamp> seen;
                             weir::timestamp watermark = weir::min_time;
                             for (left_record const& r : all) {
                               bool const repeat = std::any_of(seen.begin(), seen.end(), [&](auto const& s) {
                                 return s.first == r.key && s.second - r.at < d && r.at - s.second < d;
                               });
                               if (!repeat) {
                                 seen.emplace(r.key, r.at);
                                 out.push_back({std::to_string(r.id), r.at});
                               }
                               weir::timestamp const now = std::max(watermark, r.at - left_bound - weir::tick);
                               if (now > watermark)
                                 std::erase_if(seen, [&](auto const& s) { return s.second + d <= now; });
                               watermark = now;
                             }
                             return out;
                           }) > 300);
}

TEST_CASE("deduplicate: state of another operator is refused") {
  temp_directory const folder;
  std::vector<left_record> const all{{1, 1, at(1s)}};
  auto const id_of = [](auto const&) { return std::string(); };
  auto const go = [&](auto const& op) {
    timed_texts out;
    weir::run(job_of_one(all, op, id_of, out), weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{},
              weir::at_least_once);
  };
  go(weir::deduplicate<"once">());
  CHECK(weir_test::error_of([&] {
          go(weir::top_n<"once">(1, &left_record::id));
        }).find("\"once\" was \"deduplicate\" and is now \"process\"") != std::string::npos);
}

TEST_CASE("deduplicate: repeats are counted, and keys that are done keep nothing") {
  auto t = weir::testing::test_driver<left_record>(weir::key_by(&left_record::id) |
                                                   weir::deduplicate<"once">(weir::within{10s}));
  std::string const fresh = t.snapshot();
  t.push({0, 1, at(1s)}, at(1s));
  t.push({0, 1, at(2s)}, at(2s));
  t.push({0, 1, at(11s)}, at(11s));
  CHECK(t.take().size() == 2);
  CHECK(t.count("once", "repeats") == 1);
  t.watermark(at(20s));
  CHECK(t.snapshot().size() > fresh.size());
  t.watermark(at(21s));
  CHECK(t.snapshot().size() == fresh.size());
  CHECK(weir_test::error_of([] {
          std::vector<left_record> const all;
          timed_texts out;
          weir::run(job_of_one(
              all, weir::deduplicate<"once">(weir::within{0s}),
              [](left_record const&) { return std::string(); }, out));
        }) == "weir::within: length is not positive; give a length of time such as 24h");
  CHECK(weir::describe(weir::from(std::vector<left_record>{}) | weir::key_by(&left_record::id) |
                       weir::deduplicate<"once">()) == "from(range_source)\nkey_by\ndeduplicate \"once\"\n");
}

namespace {

// The table that a query over all records would give, and how it changes.
template <bool Unique>
std::vector<left_record> best_of(std::vector<left_record> const& all, std::size_t upto, std::int64_t key,
                                 std::size_t n) {
  std::vector<left_record> rows;
  for (std::size_t i = 0; i <= upto; ++i) {
    if (all[i].key != key) continue;
    if constexpr (Unique) std::erase_if(rows, [&](left_record const& r) { return r.id % 5 == all[i].id % 5; });
    rows.push_back(all[i]);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](left_record const& a, left_record const& b) { return a.at > b.at; });
  if (rows.size() > n) rows.resize(n);
  return rows;
}
std::string change_text(weir::change<left_record> const& c) {
  static char const* const words[] = {"+I", "-U", "+U", "-D"};
  return words[static_cast<int>(c.kind)] + std::to_string(c.value.id);
}
std::string rank_text(weir::change<weir::ranked<left_record>> const& c) {
  return change_text({c.kind, c.value.value}) + " at " + std::to_string(c.value.rank);
}
template <bool Unique>
timed_texts changes_of(std::vector<left_record> const& all, std::size_t n) {
  timed_texts out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto const before = i == 0 ? std::vector<left_record>{} : best_of<Unique>(all, i - 1, all[i].key, n);
    auto const after = best_of<Unique>(all, i, all[i].key, n);
    auto const is_in = [](auto const& rows, std::int64_t id) {
      return std::any_of(rows.begin(), rows.end(), [id](left_record const& r) { return r.id == id; });
    };
    std::vector<std::int64_t> gone, come;
    for (left_record const& r : before)
      if (!is_in(after, r.id)) gone.push_back(r.id);
    for (left_record const& r : after)
      if (!is_in(before, r.id)) come.push_back(r.id);
    REQUIRE(gone.size() <= 1);
    REQUIRE(come.size() <= 1);
    bool const update = Unique && !gone.empty() && !come.empty() && gone[0] % 5 == come[0] % 5;
    for (std::int64_t id : gone) out.push_back({(update ? "-U" : "-D") + std::to_string(id), all[i].at});
    for (std::int64_t id : come) out.push_back({(update ? "+U" : "+I") + std::to_string(id), all[i].at});
  }
  return out;
}
template <bool Unique>
timed_texts rank_changes_of(std::vector<left_record> const& all, std::size_t n) {
  timed_texts out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto const before = i == 0 ? std::vector<left_record>{} : best_of<Unique>(all, i - 1, all[i].key, n);
    auto const after = best_of<Unique>(all, i, all[i].key, n);
    REQUIRE(after.size() >= before.size());
    for (std::size_t r = 0; r < after.size(); ++r) {
      if (r < before.size() && before[r].id == after[r].id) continue;
      std::string const place = " at " + std::to_string(r + 1);
      if (r < before.size()) out.push_back({"-U" + std::to_string(before[r].id) + place, all[i].at});
      out.push_back({(r < before.size() ? "+U" : "+I") + std::to_string(after[r].id) + place, all[i].at});
    }
  }
  return out;
}
auto const id_modulo = [](left_record const& r) { return r.id % 5; };

}  // namespace

TEST_CASE("top_n: the changes of the table that a query over all records gives") {
  using all = std::vector<left_record> const&;
  CHECK(check_one_stream<false>(48, weir::top_n<"top">(3, &left_record::at), change_text,
                                [](all a) { return changes_of<false>(a, 3); }) > 500);
  CHECK(check_one_stream<false>(48, weir::top_n<"top">(2, &left_record::at, weir::unique(id_modulo)),
                                change_text, [](all a) { return changes_of<true>(a, 2); }) > 500);
  CHECK(check_one_stream<false>(48, weir::top_n<"top">(3, &left_record::at, weir::with_rank), rank_text,
                                [](all a) { return rank_changes_of<false>(a, 3); }) > 500);
  CHECK(check_one_stream(48, weir::top_n<"top">(2, &left_record::at, weir::with_rank, weir::unique(id_modulo)),
                         rank_text, [](all a) { return rank_changes_of<true>(a, 2); }) > 500);
}

TEST_CASE("top_n: changes make the table in a map, by record and by place") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    std::vector<left_record> all = random_streams(seed).left;
    for (left_record& r : all) r.key = 0;
    if (all.empty()) continue;
    std::map<std::int64_t, left_record> by_id;
    std::map<std::int64_t, weir::ranked<left_record>> by_place;
    weir::run(weir::from(all) | weir::key_by(left_key) |
              weir::top_n(4, &left_record::at, weir::unique(id_modulo)) |
              weir::into(weir::upsert{&by_id, id_modulo}));
    weir::run(weir::from(all) | weir::key_by(left_key) |
              weir::top_n(4, &left_record::at, weir::unique(id_modulo), weir::with_rank) |
              weir::into(weir::upsert{&by_place, &weir::ranked<left_record>::rank}));
    auto const want = best_of<true>(all, all.size() - 1, 0, 4);
    REQUIRE(by_id.size() == want.size());
    REQUIRE(by_place.size() == want.size());
    for (std::size_t i = 0; i < want.size(); ++i) {
      CHECK(by_id.at(want[i].id % 5).id == want[i].id);
      CHECK(by_place.at(static_cast<std::int64_t>(i + 1)).value.id == want[i].id);
    }
  }
}

TEST_CASE("top_n: what is wrong, and what describe says") {
  std::vector<left_record> const all;
  timed_texts out;
  CHECK(weir_test::error_of([&] {
          weir::run(job_of_one(all, weir::top_n<"top">(0, &left_record::at), change_text, out));
        }) == "weir::top_n(n, by): n is not positive; give a number such as 10");
  CHECK(weir::describe(weir::from(all) | weir::key_by(left_key) | weir::top_n<"top">(3, &left_record::at)) ==
        "from(range_source)\nkey_by\ntop_n(3) \"top\"\n");
  std::map<std::int64_t, left_record> newest;
  std::vector<left_record> const two{{1, 5, at(1s)}, {1, 6, at(2s)}};
  weir::run(weir::from(two) | weir::into(weir::upsert{&newest, left_key}));
  CHECK(newest.at(1).id == 6);
}
