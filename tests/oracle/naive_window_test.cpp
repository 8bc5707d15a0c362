// The oracle's windows, checked by traces computed by hand: rules 7 to 12 of semantics.md, section 0.
#include "catch.hpp"

#include "naive_traces.hpp"

using namespace naive_traces;

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
