// temporal_join: records that meet the version of their key that was valid at their time.
#include "error_of.hpp"
#include "op/two_streams.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using weir::testing::at;
using namespace weir_test;

namespace {

auto const with_version = [](left_record const& l, right_record const& r) {
  return std::to_string(l.id) + " at " + std::to_string(r.id);
};
auto const with_any_version = [](left_record const& l, right_record const* r) {
  return std::to_string(l.id) + " at " + (r == nullptr ? "none" : std::to_string(r->id));
};
auto const joined = [](auto const& right) { return weir::temporal_join<"join">(right, with_version); };
auto const outer_joined = [](auto const& right) {
  return weir::temporal_join<"join">(right, with_any_version, weir::left_outer);
};
// Every fourth is the end of its key's version.
auto const erasing = [](auto const& right) {
  auto const changes =
      right | weir::map([](right_record const& r) {
        return weir::change<right_record>{r.id % 4 == 0 ? weir::change_kind::erase
                                                        : (r.id % 4 == 1 ? weir::change_kind::update_before
                                                                         : weir::change_kind::update_after),
                                          r};
      }) |
      weir::key_by([](weir::change<right_record> const& c) { return right_key(c.value); });
  return weir::temporal_join<"join">(changes, with_any_version, weir::left_outer);
};

// From the words: when the watermark comes to a record, the last version of its key up to its time.
struct naive {
  bool outer = false, erases = false;
  timed_texts out;
  std::vector<std::pair<weir::timestamp, right_record>> versions;  // in order of time, then as they came
  std::vector<left_record> waiting;

  void left(left_record const& l, weir::timestamp watermark) {
    if (l.at > watermark) waiting.push_back(l);
  }
  void right(right_record const& r, weir::timestamp) {
    if (erases && r.id % 4 == 1) return;
    versions.emplace_back(r.at, r);
    std::stable_sort(versions.begin(), versions.end(),
                     [](auto const& a, auto const& b) { return a.first < b.first; });
  }
  void advance(weir::timestamp, weir::timestamp now) {
    std::stable_sort(waiting.begin(), waiting.end(), [](left_record const& a, left_record const& b) {
      return std::tie(a.at, a.key) < std::tie(b.at, b.key);
    });
    for (left_record const& l : waiting) {
      if (l.at > now) break;
      right_record const* version = nullptr;
      for (auto const& [when, r] : versions)
        if (when <= l.at && std::stoll(r.key) == l.key) version = erases && r.id % 4 == 0 ? nullptr : &r;
      if (version != nullptr || outer) out.push_back({with_any_version(l, version), l.at});
    }
    std::erase_if(waiting, [now](left_record const& l) { return l.at <= now; });
  }
};
std::size_t check(bool outer, bool erases, auto const& op) {
  return check_streams(150, op, [&](two_streams const& s) {
    naive n{outer, erases, {}, {}, {}};
    replay(s, n);
    return n.out;
  });
}

}  // namespace

TEST_CASE("temporal_join: a trace of records, versions and the watermark") {
  auto t = weir::testing::test_driver<left_record>(
      weir::key_by(left_key) |
      weir::temporal_join<"join">(keyed(no_records), with_version, weir::late_left_to<"late">));
  t.push_to<"right">(right_record{"1", 1, at(1s)});
  t.push_to<"right">(right_record{"1", 2, at(5s)});
  t.push({1, 10, at(4s)}, at(4s));
  t.push({1, 11, at(5s)}, at(5s));
  t.push({2, 12, at(5s)}, at(5s));
  t.watermark(at(20s));
  CHECK(t.take().empty());                           // versions are at 3 s
  t.push_to<"right">(right_record{"1", 3, at(4s)});  // comes late, and is met
  t.push_to<"right">(right_record{"1", 4, at(30s)});
  CHECK(t.take() == timed_texts{{"10 at 3", at(4s)}, {"11 at 2", at(5s)}});
  t.push({1, 13, at(20s)}, at(20s));  // late: the watermark is there
  auto const late = t.take_side<"late">();
  REQUIRE(late.size() == 1);
  CHECK(late[0].value.id == 13);
  CHECK(t.count("join", "late") == 1);
  t.push({1, 14, at(21s)}, at(21s));
  t.finish();
  CHECK(t.take() == timed_texts{{"14 at 2", at(21s)}});
}

TEST_CASE("temporal_join: random streams, as the words say") {
  CHECK(check(false, false, joined) > 1000);
  CHECK(check(true, false, outer_joined) > 1000);
  CHECK(check(true, true, erasing) > 1000);
}

TEST_CASE("temporal_join: a driver restored before every step, and runs stopped after every few records") {
  check_restored_drivers(30, outer_joined);
  check_restored_drivers(30, erasing);
  check_stopped_runs(joined);
  check_stopped_runs(erasing);
}

TEST_CASE("temporal_join: of the versions that are over only the last is kept") {
  auto t = weir::testing::test_driver<left_record>(weir::key_by(left_key) | joined(keyed(no_records)));
  t.watermark(at(10h));
  t.push_to<"right">(right_record{"1", 0, at(1s)});
  std::size_t const one = t.snapshot().size();
  for (int i = 1; i < 1000; ++i) t.push_to<"right">(right_record{"1", i, at(i * 1s)});
  CHECK(t.snapshot().size() < one + 200);
  CHECK(weir::describe(weir::from(std::vector<left_record>{}) |
                       weir::assign_timestamps(&left_record::at, weir::monotonous_timestamps{}) |
                       weir::key_by(left_key) | joined(keyed(no_records))) ==
        "from(range_source)\n"
        "assign_timestamps(monotonous_timestamps)\n"
        "key_by\n"
        "temporal_join \"join\"\n"
        "  - from(range_source) \"right\"\n"
        "    assign_timestamps(bounded_out_of_orderness 2s)\n"
        "    key_by\n");
}
