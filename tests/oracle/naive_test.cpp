// The oracle is checked by traces computed by hand, one or more for each rule of semantics.md, section 0, that
// it stands for.
#include "catch.hpp"

#include "naive.hpp"

#include <algorithm>
#include <ostream>
#include <string>

namespace {

using namespace naive;

struct result {  // a row, shorter to write
  i64 key, start, end, count, sum;
  auto operator<=>(result const&) const = default;
};
[[maybe_unused]] std::ostream& operator<<(std::ostream& o, result const& r) {
  return o << "{" << r.key << ", " << r.start << ", " << r.end << ", " << r.count << ", " << r.sum << "}";
}
std::vector<result> brief(outlet<row> const& out) {
  std::vector<result> all;
  for (row const& r : out.values()) all.push_back({r.key, r.start, r.end, r.count(), r.sum()});
  return all;
}
using results = std::vector<result>;

i64 key_of(rec const& r) { return r.key; }
i64 time_of(rec const& r) { return r.ts; }
i64 value_of(rec const& r) { return r.value; }
using tumble = tumbling<rec>;
using slide = sliding<rec>;
using session = sessions<rec>;

std::vector<i64> times(outlet<rec> const& out) {
  std::vector<i64> all;
  for (auto const& s : out.got) all.push_back(s.ts);
  return all;
}
using list = std::vector<i64>;

// What passes, in order, as text: "r5" a record with timestamp 5, "w7" watermark 7.
template <class T>
struct tape : node<T> {
  std::vector<std::string> seen;
  void on(T const&, i64 ts) override { seen.push_back("r" + std::to_string(ts)); }

 protected:
  void act(i64 now) override { seen.push_back(now == max_time ? "end" : "w" + std::to_string(now)); }
};
using steps = std::vector<std::string>;

void put(node<rec>& n, i64 ts, i64 value = 1, i64 key = 1) { n.on({key, ts, value}, ts); }

}  // namespace

TEST_CASE("rule 1: bounded out-of-orderness makes max - bound - 1, after the record", "[oracle]") {
  bounded<rec> clock(time_of, 10);
  tape<rec> seen;
  clock.out.to(seen);
  CHECK(clock.made == min_time);
  run(std::vector<rec>{{1, 100, 0}, {1, 95, 0}, {1, 89, 0}, {1, 103, 0}, {1, 103, 0}}, clock);
  // 100 -> 89; 95 and 89 are behind and make nothing (89 is judged by w89); 103 -> 92; again: nothing new
  CHECK(seen.seen == steps{"r100", "w89", "r95", "r89", "r103", "w92", "r103", "end"});
}

TEST_CASE("rule 1: monotonous is bound 0, punctuated marks come from the record", "[oracle]") {
  monotonous<rec> clock(time_of);
  tape<rec> seen;
  clock.out.to(seen);
  run(std::vector<rec>{{1, 5, 0}, {1, 5, 0}, {1, 7, 0}}, clock);
  CHECK(seen.seen == steps{"r5", "w4", "r5", "r7", "w6", "end"});

  punctuated<rec> marks(
      time_of, [](rec const& r, i64 ts) { return r.value == 1 ? std::optional<i64>(ts) : std::nullopt; });
  tape<rec> marked;
  marks.out.to(marked);
  run(std::vector<rec>{{1, 5, 0}, {1, 6, 1}, {1, 9, 0}, {1, 4, 1}, {1, 8, 1}}, marks);
  CHECK(marked.seen == steps{"r5", "r6", "w6", "r9", "r4", "r8", "w8", "end"});
}

TEST_CASE("rule 3: a window fires at W >= end - 1, once, with timestamp end - 1", "[oracle]") {
  tumble w(10, 0, 0, key_of, value_of);
  put(w, 0, 3), put(w, 9, 4), put(w, 10, 100);
  w.advance(8);
  CHECK(w.out.got.empty());
  w.advance(9);
  CHECK(brief(w.out) == results{{1, 0, 10, 2, 7}});
  CHECK(w.out.got[0].ts == 9);
  w.advance(18);
  CHECK(w.out.got.size() == 1);
  w.advance(19);
  CHECK(brief(w.out) == results{{1, 0, 10, 2, 7}, {1, 10, 20, 1, 100}});
}

TEST_CASE("aggregates are those of the plain list", "[oracle]") {
  tumble w(10, 0, 0, key_of, value_of);
  for (i64 v : {5, -2, 5, 3}) put(w, 1, v);
  w.advance(max_time);
  row const r = w.out.values().at(0);
  CHECK(r.count() == 4);
  CHECK(r.sum() == 11);
  CHECK(r.min() == -2);
  CHECK(r.max() == 5);
  CHECK(r.avg() == 2.75);
  CHECK(r.count_distinct() == 3);
  CHECK(r.collect() == list{5, -2, 5, 3});
  CHECK(r.sorted() == list{-2, 3, 5, 5});
}

TEST_CASE("rule 4: results come before the watermark that caused them, judged by the one before", "[oracle]") {
  tumble w(10, 0, 0, key_of, value_of);
  tape<row> seen;
  tumbling<row> behind(
      10, 0, 0, [](row const& r) { return r.key; }, [](row const& r) { return r.sum(); });
  w.out.to(seen);
  w.out.to(behind);
  put(w, 5, 2), put(w, 25, 3), put(w, 12, 4);
  w.advance(
      22);  // fires [0,10) and [10,20), in this order; the result at 9 is not late behind: W is still MIN there
  CHECK(seen.seen == steps{"r9", "r19", "w22"});
  CHECK(behind.late.got.empty());
  CHECK(brief(behind.out) == results{{1, 0, 10, 1, 2}, {1, 10, 20, 1, 4}});
}

TEST_CASE("rules 5 and 6: timers", "[oracle]") {
  std::vector<std::string> seen;
  using proc = process<rec, i64>;
  auto note = [&](std::string const& what, i64 t, proc::context const& c) {
    seen.push_back(what + std::to_string(t) + " key " + std::to_string(c.key) + " at " +
                   std::to_string(c.timestamp) + " W " +
                   (c.watermark == min_time ? "MIN" : std::to_string(c.watermark)));
  };
  SECTION("a set: set twice, it fires once; deleted, never; by time, then key") {
    proc p(
        key_of,
        [](auto const& c, rec const& r) {
          if (r.value == 0) return c.delete_timer(r.ts);
          c.set_timer(r.value);
          c.set_timer(r.value);
        },
        [&](auto const& c, i64 t) { note("t", t, c); });
    put(p, 1, 20, 2), put(p, 1, 20, 1), put(p, 1, 10, 2), put(p, 1, 15, 1), put(p, 2, 20, 2);
    p.on({1, 15, 0}, 15);  // deletes 15 of key 1
    p.on({3, 10, 0}, 10);  // deletes 10 of key 3, which has none
    p.advance(9);
    CHECK(seen.empty());
    p.advance(20);  // ts <= W
    CHECK(seen == steps{"t10 key 2 at 10 W 20", "t20 key 1 at 20 W 20", "t20 key 2 at 20 W 20"});
    p.advance(30);
    CHECK(seen.size() == 3);
  }
  SECTION("set from on_record at or behind W: not at once, on the next advance") {
    proc p(
        key_of, [&](auto const& c, rec const& r) { note("r", r.ts, c), c.set_timer(r.value); },
        [&](auto const& c, i64 t) { note("t", t, c); });
    p.advance(100);
    put(p, 101, 100), put(p, 102, 40);
    CHECK(seen == steps{"r101 key 1 at 101 W 100", "r102 key 1 at 102 W 100"});
    p.advance(100);  // no advance
    CHECK(seen.size() == 2);
    p.advance(101);
    CHECK(seen == steps{"r101 key 1 at 101 W 100", "r102 key 1 at 102 W 100", "t40 key 1 at 40 W 101",
                        "t100 key 1 at 100 W 101"});
  }
  SECTION("set from on_timer at or behind the new W: in the same advance; ahead: later") {
    proc p(
        key_of, [](auto const& c, rec const& r) { c.set_timer(r.value); },
        [&](auto const& c, i64 t) {
          note("t", t, c);
          if (t == 10) c.set_timer(30), c.set_timer(5), c.set_timer(31);
        });
    put(p, 1, 10), put(p, 1, 20);
    p.advance(30);
    CHECK(seen ==
          steps{"t10 key 1 at 10 W 30", "t5 key 1 at 5 W 30", "t20 key 1 at 20 W 30", "t30 key 1 at 30 W 30"});
    p.advance(31);
    CHECK(seen.back() == "t31 key 1 at 31 W 31");
  }
}

TEST_CASE("a process keeps value, list and map by key, and emits at the record's or the timer's time",
          "[oracle]") {
  using proc = process<rec, i64>;
  proc p(
      key_of,
      [](auto const& c, rec const& r) {
        keyed_state& s = c.state();
        s.value = s.value.value_or(0) + r.value;
        s.list.push_back(r.value);
        ++s.map[r.value];
        c.emit(*s.value);
        c.set_timer(50);
      },
      [](auto const& c, i64) {
        c.emit(static_cast<i64>(c.state().list.size() * 100 + c.state().map.size()));
        c.state() = {};
      });
  put(p, 10, 3, 1), put(p, 11, 3, 1), put(p, 12, 4, 2), put(p, 13, 5, 1);
  p.advance(50);
  put(p, 60, 1, 1);
  CHECK(p.out.got ==
        std::vector<stamped<i64>>{{3, 10}, {6, 11}, {4, 12}, {11, 13}, {302, 50}, {101, 50}, {1, 60}});
}

TEST_CASE("rule 7: lateness is asked per window", "[oracle]") {
  SECTION("tumbling: late from W = end - 1 on, without lateness") {
    tumble w(10, 0, 0, key_of, value_of);
    w.advance(8);
    put(w, 0);  // behind W but its window is open: not late
    w.advance(9);
    put(w, 9);  // late
    CHECK(brief(w.out) == results{{1, 0, 10, 1, 1}});
    CHECK(times(w.late) == list{9});
  }
  SECTION("tumbling: with lateness 5 the window lives until W = 14") {
    tumble w(10, 0, 5, key_of, value_of);
    w.advance(13);
    put(w, 3, 7);  // rule 8: at once
    CHECK(brief(w.out) == results{{1, 0, 10, 1, 7}});
    w.advance(14);
    put(w, 3, 9);
    CHECK(brief(w.out).size() == 1);
    CHECK(times(w.late) == list{3});
  }
  SECTION("sliding: late only when all its windows are; else it counts in those that live") {
    slide w(20, 10, 0, 0, key_of, value_of);
    w.advance(9);
    put(w, 5, 1);  // [-10,10) is late, [0,20) is not
    CHECK(w.late.got.empty());
    w.advance(19);
    CHECK(brief(w.out) == results{{1, 0, 20, 1, 1}});
    put(w, 8, 2);  // [-10,10) and [0,20) are late
    CHECK(times(w.late) == list{8});
    w.advance(max_time);
    CHECK(w.out.got.size() == 1);
  }
  SECTION("a record that no window holds is late by its own timestamp") {
    slide w(5, 10, 0, 0, key_of, value_of);  // [0,5) [10,15) ...
    put(w, 7);
    CHECK(w.late.got.empty());
    w.advance(7);
    put(w, 8);
    CHECK(w.late.got.empty());
    put(w, 7);
    CHECK(times(w.late) == list{7});
    w.advance(max_time);
    CHECK(w.out.got.empty());
  }
  SECTION("a lateness beyond the end of time") {
    tumble w(10, 0, max_time, key_of, value_of);
    w.advance(1000000);
    put(w, 3, 7);
    CHECK(brief(w.out) == results{{1, 0, 10, 1, 7}});
    w.advance(max_time);
    CHECK(w.out.got.size() == 1);
  }
}

TEST_CASE("rule 8: late but allowed fires at once, accumulated, for each record", "[oracle]") {
  tumble w(10, 0, 100, key_of, value_of);
  put(w, 1, 1);
  w.advance(9);
  put(w, 2, 10), put(w, 3, 100), put(w, 4, 5, 2);
  w.advance(50);
  CHECK(brief(w.out) == results{{1, 0, 10, 1, 1}, {1, 0, 10, 2, 11}, {1, 0, 10, 3, 111}, {2, 0, 10, 1, 5}});
  for (auto const& s : w.out.got) CHECK(s.ts == 9);

  slide s(20, 10, 0, 20, key_of, value_of);
  put(s, 12, 1);  // [0,20) [10,30)
  s.advance(19);
  put(s, 13, 2);  // [0,20) again, at once; [10,30) in time
  CHECK(brief(s.out) == results{{1, 0, 20, 1, 1}, {1, 0, 20, 2, 3}});
  s.advance(29);
  CHECK(brief(s.out).back() == result{1, 10, 30, 2, 3});
  put(s, 5, 7);  // [-10,10): 9 + 20 <= 29, skipped; [0,20): at once
  CHECK(brief(s.out).back() == result{1, 0, 20, 3, 10});
  CHECK(s.out.got.size() == 4);
  CHECK(s.late.got.empty());
}

TEST_CASE("rule 9: sessions that touch are one", "[oracle]") {
  session s(3000, 0, key_of, value_of);
  put(s, 2500), put(s, 5500), put(s, 9000, 1, 2);
  s.advance(max_time);
  CHECK(brief(s.out) == results{{1, 2500, 8500, 2, 2}, {2, 9000, 12000, 1, 1}});
  CHECK(s.out.got[0].ts == 8499);

  session t(3000, 0, key_of, value_of);
  put(t, 2500), put(t, 5501), put(t, 8501, 1, 2);  // of another key: not joined
  t.advance(max_time);
  CHECK(brief(t.out) == results{{1, 2500, 5500, 1, 1}, {1, 5501, 8501, 1, 1}, {2, 8501, 11501, 1, 1}});

  session b(10, 0, key_of, value_of);  // one that bridges two, from the front and from behind
  put(b, 20, 1), put(b, 0, 2), put(b, 10, 4);
  b.advance(max_time);
  CHECK(brief(b.out) == results{{1, 0, 30, 3, 7}});
}

TEST_CASE("rule 10: sessions merge before they are judged", "[oracle]") {
  session s(10, 0, key_of, value_of);
  put(s, 20, 1);
  s.advance(25);
  put(s, 12, 2);  // [12,22) alone would be late (21 <= 25); with [20,30) it is not
  put(s, 9, 8);   // [9,19) touches [12,30)
  put(s, -2, 4);  // [-2,8) meets nothing: late
  CHECK(times(s.late) == list{-2});
  s.advance(29);
  CHECK(brief(s.out) == results{{1, 9, 30, 3, 11}});
  put(s, 25, 1);  // [25,35): the old one is gone; alone it is in time
  put(s, 19, 1);  // [19,29) joins it
  s.advance(40);
  CHECK(brief(s.out).back() == result{1, 19, 35, 2, 2});
}

TEST_CASE("rules 8, 10 and 11: sessions with allowed lateness", "[oracle]") {
  session s(10, 20, key_of, value_of);
  put(s, 0, 1);
  s.advance(12);  // [0,10) fires at 9, lives until W = 29
  CHECK(brief(s.out) == results{{1, 0, 10, 1, 1}});
  SECTION("inside the fired one: at once, and not again") {
    put(s, 0, 2);
    CHECK(brief(s.out) == results{{1, 0, 10, 1, 1}, {1, 0, 10, 2, 3}});
    s.advance(max_time);
    CHECK(s.out.got.size() == 2);
  }
  SECTION("longer, but still behind W: at once, and not again") {
    put(s, 2, 2);  // [0,12): 11 <= 12
    CHECK(brief(s.out).back() == result{1, 0, 12, 2, 3});
    CHECK(s.out.got.back().ts == 11);
    s.advance(max_time);
    CHECK(s.out.got.size() == 2);
  }
  SECTION("longer, ahead of W: at its new end, with all of it") {
    put(s, 5, 2);  // [0,15)
    CHECK(s.out.got.size() == 1);
    s.advance(14);
    CHECK(brief(s.out) == results{{1, 0, 10, 1, 1}, {1, 0, 15, 2, 3}});
    s.advance(33);
    put(s, 8, 4);  // [0,18) by merging: cleanup 17 + 20 = 37 > 33; at once. Alone the same.
    CHECK(brief(s.out).back() == result{1, 0, 18, 3, 7});
    s.advance(37);
    put(s, 8, 8);  // cleaned at 37; alone [8,18) is late: 17 + 20 <= 37
    CHECK(times(s.late) == list{8});
    CHECK(s.out.got.size() == 3);
  }
  SECTION("a bridge between a fired one and one in time: no firing at the old ends") {
    put(s, 15, 2);  // [15,25)
    put(s, 7, 4);   // [7,17) joins [0,10) and [15,25)
    CHECK(s.out.got.size() == 1);
    s.advance(24);
    CHECK(brief(s.out) == results{{1, 0, 10, 1, 1}, {1, 0, 25, 3, 7}});
  }
  SECTION("a new session behind W, within lateness: at once") {
    put(s, -5, 2, 3);  // [-5,5): 4 <= 12, 4 + 20 > 12
    CHECK(brief(s.out).back() == result{3, -5, 5, 1, 2});
    s.advance(23);
    put(s, -16, 2, 3);  // [-16,-6) meets nothing: -7 + 20 <= 23
    CHECK(times(s.late) == list{-16});
    put(s, -15, 4, 3);  // [-15,-5) touches [-5,5), which lives until W = 24: at once
    CHECK(brief(s.out).back() == result{3, -15, 5, 2, 6});
    s.advance(24);
    put(s, -5, 2, 3);  // cleaned
    CHECK(times(s.late) == list{-16, -5});
  }
}

TEST_CASE("rule 12: window starts", "[oracle]") {
  CHECK(window_starts(23, 10, 10, 0) == list{20});
  CHECK(window_starts(20, 10, 10, 0) == list{20});
  CHECK(window_starts(-1, 10, 10, 0) == list{-10});
  CHECK(window_starts(-10, 10, 10, 0) == list{-10});
  CHECK(window_starts(23, 10, 10, 4) == list{14});
  CHECK(window_starts(24, 10, 10, 4) == list{24});
  CHECK(window_starts(23, 10, 10, -4) == list{16});
  CHECK(window_starts(23, 25, 10, 0) == list{20, 10, 0});
  CHECK(window_starts(25, 25, 10, 0) == list{20, 10});
  CHECK(window_starts(-3, 20, 10, 5) == list{-5, -15});
  CHECK(window_starts(7, 5, 10, 0).empty());
  // by definition: every n with offset + n * slide <= ts < offset + n * slide + size
  for (i64 size : {1, 5, 10, 25})
    for (i64 step : {1, 3, 10})
      for (i64 offset : {-2, 0, 2})
        for (i64 ts = -40; ts <= 40; ++ts) {
          list want;
          for (i64 n = 100; n >= -100; --n) {
            i64 const start = offset + n * step;
            if (start <= ts && ts < start + size) want.push_back(start);
          }
          CAPTURE(size, step, offset, ts);
          REQUIRE(window_starts(ts, size, step, offset) == want);
        }
}

TEST_CASE("rule 18: the end is the largest watermark; everything fires, in order of end and key", "[oracle]") {
  bounded<rec> clock(time_of, 1000);
  tumble w(10, 0, 50, key_of, value_of);
  clock.out.to(w);
  run(std::vector<rec>{{2, 15, 1}, {1, 15, 1}, {2, 5, 1}, {1, 25, 1}}, clock);
  CHECK(brief(w.out) == results{{2, 0, 10, 1, 1}, {1, 10, 20, 1, 1}, {2, 10, 20, 1, 1}, {1, 20, 30, 1, 1}});
  CHECK(w.contents.empty());
}

TEST_CASE("several inputs: the smallest watermark is next, ties by order; ended ones count no more",
          "[oracle]") {
  bounded<rec> a(time_of, 0), b(time_of, 5);
  valve<rec> both(2);
  tape<rec> seen;
  a.out.to(both.in[0]), b.out.to(both.in[1]), both.out.to(seen);
  source<rec> first({{1, 10, 0}, {1, 30, 0}}, a), second({{2, 12, 0}, {2, 15, 0}, {2, 16, 0}, {2, 50, 0}}, b);
  run({&first, &second});
  // both MIN: a 10 (W 9); b at MIN: 12 (W 6, the smallest: w6); b 6 < 9: 15 (W 9: w9); 9 = 9, the first: 30 (W
  // 29); b 9: 16 (W 10: w10); b 10: 50 (W 44; a 29: w29); a 29: its end, it counts no more: w44; b: its end
  CHECK(seen.seen == steps{"r10", "r12", "w6", "r15", "w9", "r30", "r16", "w10", "r50", "w29", "w44", "end"});
}

TEST_CASE("an input without records holds nothing back", "[oracle]") {
  bounded<rec> a(time_of, 0), b(time_of, 0);
  valve<rec> both(2);
  tape<rec> seen;
  a.out.to(both.in[0]), b.out.to(both.in[1]), both.out.to(seen);
  source<rec> first({{1, 10, 0}, {1, 20, 0}}, a), second({}, b);
  run({&first, &second});
  CHECK(seen.seen == steps{"r10", "w9", "r20", "w19", "end"});
}

TEST_CASE("an assigner behind other operators hears only the end", "[oracle]") {
  bounded<rec> head(time_of, 0), again(time_of, 10);
  map<rec> later([](rec r) {
    r.ts += 100;
    return r;
  });
  tape<rec> seen;
  head.out.to(later), later.out.to(again), again.out.to(seen);
  source<rec> only({{1, 5, 0}, {1, 9, 0}}, head, again);
  run({&only});
  CHECK(seen.seen == steps{"r105", "w94", "r109", "w98", "end"});
}

TEST_CASE("branch and merge: each record and each watermark to every branch in turn", "[oracle]") {
  bounded<rec> clock(time_of, 0);
  filter<rec> big([](rec const& r) { return r.value > 5; });
  tumble a(10, 0, 0, key_of, value_of), b(5, 0, 0, key_of, value_of);
  valve<row> both(2);
  tape<row> seen;
  clock.out.to(big), clock.out.to(b);
  big.out.to(a), a.out.to(both.in[0]), b.out.to(both.in[1]);
  both.out.to(seen);
  run(std::vector<rec>{{1, 1, 9}, {1, 12, 3}}, clock);
  // 12 makes W 11: a fires [0,10) (9), b fires [0,5); then the valve passes 11. The end: b's [10,15); a has
  // none.
  CHECK(seen.seen == steps{"w0", "r9", "r4", "w11", "r14", "end"});
}

TEST_CASE("window to process, and process to session", "[oracle]") {
  tumble w(10, 0, 0, key_of, value_of);
  process<row, rec> p([](row const& r) { return r.key; },
                      [](auto const& c, row const& r) {
                        c.emit({c.key, c.timestamp, r.sum()});
                        c.set_timer(c.timestamp + 5);
                      },
                      [](auto const& c, i64 t) {
                        c.emit({c.key, t, 1000});
                      });
  session s(6, 0, key_of, value_of);
  w.out.to(p), p.out.to(s);
  put(w, 3, 2);
  w.advance(13);  // 9 -> process: emits 2 at 9, timer 14; session [9,15)
  CHECK(s.out.got.empty());
  w.advance(14);  // the timer: 1000 at 14, before the session's own 14 is reached: [9,20)
  CHECK(s.out.got.empty());
  w.advance(19);
  CHECK(brief(s.out) == results{{1, 9, 20, 2, 1002}});
}

TEST_CASE("random streams: the seed decides; every mode does what it says", "[oracle]") {
  CHECK(random_stream(7, 200) == random_stream(7, 200));
  CHECK(random_stream(7, 200) != random_stream(8, 200));
  for (int mode = 0; mode < modes; ++mode) {
    CAPTURE(mode);
    auto const s = random_stream(3, shape_of(mode, 2000, 5));
    REQUIRE(s.size() == 2000);
    bounded<rec> clock(time_of, 20);
    tumble w(20, 0, 0, key_of, value_of);
    clock.out.to(w);
    run(s, clock);
    i64 counted = 0, sum = 0, all = 0;
    for (row const& r : w.out.values()) counted += r.count(), sum += r.sum();
    for (auto const& l : w.late.got) sum += l.value.value;
    for (rec const& r : s) all += r.value;
    CHECK(counted + static_cast<i64>(w.late.got.size()) == 2000);  // nothing lost, nothing twice
    CHECK(sum == all);
    CHECK((mode == 0) == std::is_sorted(s.begin(), s.end(), [](auto& x, auto& y) { return x.ts < y.ts; }));
    CHECK((mode == 0 || mode == 3 || !w.late.got.empty()));
  }
}
