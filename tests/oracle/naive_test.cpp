// The oracle is checked by traces computed by hand, one or more for each rule of semantics.md, section 0, that it
// stands for. Here: time, timers, the graph (rules 1, 3, 4, 5, 6, 18); windows have their own file.
#include "catch.hpp"

#include "naive_traces.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace naive_traces;

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
