// interval_join: records of two streams that have the same key and are near in time.
#include "error_of.hpp"
#include "op/two_streams.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using weir::testing::at;
using namespace weir_test;

namespace {

std::string text_of(left_record const* l) { return l == nullptr ? "-" : std::to_string(l->id); }
std::string text_of(right_record const* r) { return r == nullptr ? "-" : std::to_string(r->id); }
// For every kind of join.
auto const side_by_side = [](auto const& l, auto const& r) {
  auto const text = [](auto const& side) {
    if constexpr (std::is_pointer_v<std::remove_cvref_t<decltype(side)>>)
      return text_of(side);
    else
      return text_of(&side);
  };
  return text(l) + "+" + text(r);
};

// From the words: each pair whose times are near, when its second comes; and what has had no partner when none can come.
struct naive {
  weir::between bounds;
  bool left_outer = false, right_outer = false;
  timed_texts out;
  struct side {
    std::int64_t key, id;
    weir::timestamp at;
    bool matched;
  };
  std::vector<side> lefts, rights;
  std::size_t late = 0;

  void left(left_record const& l, weir::timestamp watermark) {
    if (l.at < watermark) return void(++late);
    side own{l.key, l.id, l.at, false};
    std::vector<side*> partners;
    for (side& r : rights)
      if (r.key == own.key && near(own.at, r.at)) partners.push_back(&r);
    give(own, partners, [&](side const& r) { return std::to_string(own.id) + "+" + std::to_string(r.id); });
    lefts.push_back(own);
  }
  void right(right_record const& r, weir::timestamp watermark) {
    if (r.at < watermark) return void(++late);
    side own{std::stoll(r.key), r.id, r.at, false};
    std::vector<side*> partners;
    for (side& l : lefts)
      if (l.key == own.key && near(l.at, own.at)) partners.push_back(&l);
    give(own, partners, [&](side const& l) { return std::to_string(l.id) + "+" + std::to_string(own.id); });
    rights.push_back(own);
  }
  void advance(weir::timestamp before, weir::timestamp now) {
    struct lone {
      weir::timestamp due;
      std::int64_t key;
      bool right;
      weir::timestamp at;
      std::size_t come;
      std::string text;
    };
    std::vector<lone> all;
    if (left_outer)
      for (std::size_t i = 0; i < lefts.size(); ++i)
        if (!lefts[i].matched)
          all.push_back({lefts[i].at + std::max(bounds.last(), weir::duration{}) + weir::tick, lefts[i].key,
                         false, lefts[i].at, i, std::to_string(lefts[i].id) + "+-"});
    if (right_outer)
      for (std::size_t i = 0; i < rights.size(); ++i)
        if (!rights[i].matched)
          all.push_back({rights[i].at + std::max(-bounds.first(), weir::duration{}) + weir::tick, rights[i].key,
                         true, rights[i].at, i, "-+" + std::to_string(rights[i].id)});
    std::erase_if(all, [&](lone const& l) { return l.due <= before || l.due > now; });
    std::sort(all.begin(), all.end(), [](lone const& a, lone const& b) {
      return std::tie(a.due, a.key, a.right, a.at, a.come) < std::tie(b.due, b.key, b.right, b.at, b.come);
    });
    for (lone const& l : all) out.push_back({l.text, l.due});
  }

 private:
  bool near(weir::timestamp l, weir::timestamp r) const {
    weir::duration const d = r - l;
    return d >= bounds.lower && d <= bounds.upper && !(bounds.lower_exclusive && d == bounds.lower) &&
           !(bounds.upper_exclusive && d == bounds.upper);
  }
  template <class Text>
  void give(side& own, std::vector<side*>& partners, Text text) {
    std::stable_sort(partners.begin(), partners.end(), [](side* a, side* b) { return a->at < b->at; });
    for (side* p : partners) {
      own.matched = p->matched = true;
      out.push_back({text(*p), std::max(own.at, p->at)});
    }
  }
};

weir::between const all_bounds[] = {
    {-4s, 3s},        {0s, 0s}, {2s, 9s}, {-9s, -2s}, {-3s, 3s, true, true}, {-2s, 1s, false, true},
    {-20s, 30s, true}};

template <class... Options>
std::size_t check_all(std::uint64_t seeds, bool left_outer, bool right_outer, Options... options) {
  std::size_t seen = 0;
  for (weir::between const& b : all_bounds)
    seen += check_streams(
        seeds,
        [&](auto const& right) { return weir::interval_join<"join">(right, b, side_by_side, options...); },
        [&](two_streams const& s) {
          naive n{b, left_outer, right_outer, {}, {}, {}};
          replay(s, n);
          return n.out;
        });
  return seen;
}
auto const joined = [](auto const& right) {
  return weir::interval_join<"join">(right, {-4s, 3s}, side_by_side);
};
auto const fully_joined = [](auto const& right) {
  return weir::interval_join<"join">(right, {-4s, 3s}, side_by_side, weir::full_outer);
};

}  // namespace

TEST_CASE("interval_join: a trace of pairs, bounds, late records and the watermark") {
  auto t = weir::testing::test_driver<left_record>(
      weir::key_by(left_key) |
      weir::interval_join<"join">(keyed(no_records), {-4s, 3s}, side_by_side, weir::late_left_to<"left">,
                                  weir::late_right_to<"right">));
  t.push({1, 1, at(10s)}, at(10s));
  t.push_to<"right">(right_record{"1", 1, at(13s)});
  t.push_to<"right">(right_record{"1", 2, at(13s) + weir::tick});
  t.push_to<"right">(right_record{"2", 3, at(11s)});
  CHECK(t.take() == timed_texts{{"1+1", at(13s)}});
  t.push({1, 2, at(17s)}, at(17s));  // from 13 s
  CHECK(t.take() == timed_texts{{"2+1", at(17s)}, {"2+2", at(17s)}});
  t.push({2, 3, at(8s)}, at(8s));
  CHECK(t.take() == timed_texts{{"3+3", at(11s)}});
  t.watermark(at(9s));
  t.push({2, 4, at(9s)}, at(9s));  // at the watermark, so not late
  t.push({2, 5, at(9s) - weir::tick}, at(9s) - weir::tick);
  CHECK(t.take() == timed_texts{{"4+3", at(11s)}});
  t.push_to<"right">(right_record{"2", 6, at(9s) - weir::tick});
  auto const late_left = t.take_side<"left">();
  auto const late_right = t.take_side<"right">();
  REQUIRE(late_left.size() == 1);
  REQUIRE(late_right.size() == 1);
  CHECK(late_left[0].value.id == 5);
  CHECK(late_right[0].value.id == 6);
  CHECK(late_right[0].at == at(9s) - weir::tick);
  CHECK(t.count("join", "late") == 2);
  CHECK(t.take().empty());
}

TEST_CASE("interval_join: what has no partner is given when none can come any more") {
  auto t = weir::testing::test_driver<left_record>(weir::key_by(left_key) | fully_joined(keyed(no_records)));
  t.push({1, 1, at(10s)}, at(10s));
  t.push_to<"right">(right_record{"1", 2, at(20s)});  // the watermark of second: 18 s - 1 us
  t.watermark(at(13s));
  CHECK(t.take().empty());
  t.watermark(at(13s) + weir::tick);
  CHECK(t.take() == timed_texts{{"1+-", at(13s) + weir::tick}});
  t.push({1, 3, at(18s)}, at(18s));
  CHECK(t.take() == timed_texts{{"3+2", at(20s)}});
  t.finish();
  CHECK(t.take().empty());
}

TEST_CASE("interval_join: random streams, as every pair of them") {
  CHECK(check_all(30, false, false) > 2500);
  CHECK(check_all(13, true, false, weir::left_outer) > 1000);
  CHECK(check_all(13, false, true, weir::right_outer) > 1000);
  CHECK(check_all(20, true, true, weir::full_outer) > 1000);
}

TEST_CASE("interval_join: a driver restored before every step") {
  check_restored_drivers(30, joined);
  check_restored_drivers(30, fully_joined);
}

TEST_CASE("interval_join: stopped after every few records, as one run") {
  check_stopped_runs(joined);
  check_stopped_runs(fully_joined);
}

TEST_CASE("interval_join: a key that is done keeps nothing") {
  auto const chain = weir::key_by(left_key) | joined(keyed(no_records));
  auto t = weir::testing::test_driver<left_record>(chain),
       short_one = weir::testing::test_driver<left_record>(chain);
  short_one.push({1, 0, at(0s)}, at(0s));
  short_one.watermark(at(1s));
  short_one.finish();
  for (int i = 0; i < 1000; ++i) {
    t.push({1, i, at(i * 1s)}, at(i * 1s));
    t.push_to<"right">(right_record{"1", i, at(i * 1s)});
    t.watermark(at((i - 1) * 1s));
  }
  CHECK(t.snapshot().size() < 3000);  // of 2,000 records about 30 are there
  t.finish();
  CHECK(t.snapshot().size() == short_one.snapshot().size());
}

TEST_CASE("interval_join: bounds at the ends of time and bounds that are wrong") {
  std::vector<left_record> const left{{1, 1, at(0s)}, {1, 2, weir::max_time - 1s}};
  std::vector<right_record> const right{{"1", 3, at(5s)}, {"1", 4, weir::max_time - 1s}};
  auto const ever = weir::duration{std::numeric_limits<std::int64_t>::max()};
  timed_texts out;
  weir::run(job_of(
      {left, right},
      [&](auto const& r) {
        return weir::interval_join<"join">(r, {-ever, ever}, side_by_side, weir::full_outer);
      },
      out));
  CHECK(out.size() == 4);
  // What waits for ever is given at the end.
  for (weir::between const b : {weir::between{0s, ever}, weir::between{weir::duration::min(), 0s}}) {
    auto t = weir::testing::test_driver<left_record>(
        weir::key_by(left_key) |
        weir::interval_join<"join">(keyed(no_records), b, side_by_side, weir::full_outer));
    std::string const fresh = t.snapshot();
    t.push({1, 1, at(10s)}, at(10s));
    t.push_to<"right">(right_record{"2", 2, at(11s)});
    t.push({3, 3, at(10s)}, at(10s));
    t.push_to<"right">(right_record{"3", 4, at(10s)});
    CHECK(t.take() == timed_texts{{"3+4", at(10s)}});
    t.finish();
    auto const lone = t.take();
    REQUIRE(lone.size() == 2);
    CHECK(lone[0].value + lone[1].value == (b.last() == 0s ? "1+--+2" : "-+21+-"));
    CHECK(t.snapshot().size() == fresh.size() + sizeof(weir::timestamp));  // how far the inputs had come
  }
  CHECK(weir_test::error_of([&] {
          weir::run(job_of(
              {left, right},
              [&](auto const& r) {
                return weir::interval_join<"join">(r, {1s, -1s}, side_by_side);
              },
              out));
        }) ==
        "weir::between: lower is above upper, so that no two records are partners; give "
        "between{.lower = -5min, .upper = 5min}");
  CHECK(weir::describe(weir::from(left) | weir::key_by(left_key) |
                       weir::assign_timestamps(&left_record::at, weir::monotonous_timestamps{}) |
                       joined(keyed(right))) ==
        "from(range_source)\n"
        "key_by\n"
        "assign_timestamps(monotonous_timestamps)\n"
        "interval_join(lower -4s, upper 3s) \"join\"\n"
        "  - from(range_source) \"right\"\n"
        "    assign_timestamps(bounded_out_of_orderness 2s)\n"
        "    key_by\n");
}
