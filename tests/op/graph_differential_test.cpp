// Branches, merges and cascades against the oracle.
#include "op/differential.hpp"

#include <memory>
#include <span>

using namespace differential;

namespace {

auto in_time(i64 bound) {
  return weir::assign_timestamps(at_time, weir::bounded_out_of_orderness{weir::duration{bound}});
}
weir::duration us(i64 n) { return weir::duration{n}; }
template <class T>
void append(std::vector<T>& all, std::vector<T> const& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

TEST_CASE("three windows of one source, merged, and sessions of what they give") {
  for_each_seed(30, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 150);
    i64 const bound = pick_bound(g), lateness = pick<i64>(g, {0, 60}), gap = pick<i64>(g, {5, 30});
    CAPTURE(bound, lateness, gap);

    naive::bounded<rec> head(time_of, bound);
    naive::filter<rec> some([](rec const& r) { return r.value > 2; });
    naive::tumbling<rec> a(40, 0, 0, key_of, value_of);
    naive::sliding<rec> b(60, 20, 0, lateness, key_of, value_of);
    naive::sessions<rec> c(gap, 0, key_of, value_of);
    naive::valve<naive::row> all(3);
    naive::map<naive::row, rec> again(as_rec);
    naive::sessions<rec> last(25, 0, key_of, value_of);
    head.out.to(some), head.out.to(b), head.out.to(c);
    some.out.to(a);
    a.out.to(all.in[0]), b.out.to(all.in[1]), c.out.to(all.in[2]);
    all.out.to(again).out.to(last);
    naive::run(data, head);
    output want = expected(last);
    for (auto const* w : {static_cast<naive::windows<rec>*>(&a), static_cast<naive::windows<rec>*>(&b),
                          static_cast<naive::windows<rec>*>(&c)})
      append(want.late, w->late.got);

    require_equal(want, [&](weir::batch_size batch) {
      output o;
      auto const p = weir::from(data) | in_time(bound) | weir::key_by(&rec::key) |
                     weir::branch(weir::filter([](rec const& r) { return r.value > 2; }) |
                                      weir::window(weir::tumbling_windows{us(40)}, weir::late_to<"late">) |
                                      invertible_functions() | late_to(o) | to_rec(),
                                  weir::window(weir::sliding_windows{us(60), us(20)},
                                               weir::allowed_lateness{us(lateness)}, weir::late_to<"late">) |
                                      invertible_functions() | late_to(o) | to_rec(),
                                  weir::window(weir::session_windows{us(gap)}, weir::late_to<"late">) |
                                      invertible_functions() | late_to(o) | to_rec()) |
                     weir::key_by(&rec::key) |
                     weir::window(weir::session_windows{us(25)}, weir::late_to<"late">) | every_function() |
                     late_to(o) | to_result() | weir::into(tape<result>(o.results));
      weir::run(p, batch);
      return o;
    });
  });
}

TEST_CASE("windows in a cascade, and what comes late to the second") {
  for_each_seed(30, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 150);
    i64 const bound = pick_bound(g), lateness = pick<i64>(g, {0, 60, 130});
    CAPTURE(bound, lateness);

    naive::bounded<rec> head(time_of, bound);
    naive::tumbling<rec> first(20, 3, lateness, key_of, value_of);
    naive::map<naive::row, rec> again(as_rec);
    naive::sessions<rec> second(
        30, 0, [](rec const& r) { return r.key % 2; }, value_of);
    naive::map<naive::row, rec> and_again(as_rec);
    naive::sliding<rec> third(100, 50, 0, 0, key_of, value_of);
    head.out.to(first).out.to(again).out.to(second).out.to(and_again).out.to(third);
    naive::run(data, head);
    output want = expected(third);
    append(want.late, first.late.got), append(want.late, second.late.got);

    require_equal(want, [&](weir::batch_size batch) {
      output o;
      auto const p = weir::from(data) | in_time(bound) | weir::key_by(&rec::key) |
                     weir::window(weir::tumbling_windows{us(20), us(3)}, weir::allowed_lateness{us(lateness)},
                                  weir::late_to<"late">) |
                     invertible_functions() | late_to(o) | to_rec() |
                     weir::key_by([](rec const& r) { return r.key % 2; }) |
                     weir::window(weir::session_windows{us(30)}, weir::late_to<"late">) |
                     invertible_functions() | late_to(o) | to_rec() | weir::key_by(&rec::key) |
                     weir::window(weir::sliding_windows{us(100), us(50)}, weir::late_to<"late">) |
                     every_function() | late_to(o) | to_result() | weir::into(tape<result>(o.results));
      weir::run(p, batch);
      return o;
    });
  });
}

TEST_CASE("late records with windows of their own") {
  for_each_seed(25, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 150);
    i64 const bound = pick<i64>(g, {0, 20});
    CAPTURE(bound);

    naive::bounded<rec> head(time_of, bound);
    naive::tumbling<rec> on_time(10, 0, 0, key_of, value_of);
    naive::sessions<rec> late(40, 100, key_of, value_of);
    head.out.to(on_time);
    on_time.late.to(late);
    naive::run(data, head);
    output want = expected(on_time);
    want.late.clear();
    append(want.results, expected(late).results), append(want.late, late.late.got);

    require_equal(want, [&](weir::batch_size batch) {
      output o;
      auto const late_windows =
          weir::key_by(&rec::key) |
          weir::window(weir::session_windows{us(40)}, weir::allowed_lateness{us(100)}, weir::late_to<"late">) |
          every_function() | late_to(o) | to_result() | weir::into(tape<result>(o.results));
      auto const p = weir::from(data) | in_time(bound) | weir::key_by(&rec::key) |
                     weir::window(weir::tumbling_windows{us(10)}, weir::late_to<"too late">) |
                     every_function() | weir::side<"too late">(late_windows) | to_result() |
                     weir::into(tape<result>(o.results));
      weir::run(p, batch);
      return o;
    });
  });
}

TEST_CASE("sources of different disorder, merged by the least watermark") {
  for_each_seed(40, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const one = naive::random_stream(seed, static_cast<int>(naive::below(g, 100)));
    auto const two = naive::random_stream(seed + 1'000'000, static_cast<int>(naive::below(g, 100)));
    auto const three = naive::random_stream(seed + 2'000'000, static_cast<int>(naive::below(g, 100)));
    i64 const gap = pick<i64>(g, {5, 30, 200}), lateness = pick<i64>(g, {0, 40});
    CAPTURE(gap, lateness);

    naive::bounded<rec> a(time_of, 0), b(time_of, 20), c(time_of, 100);
    naive::tumbling<rec> summed(15, 0, lateness, key_of, value_of);  // of the third, before it is merged
    naive::map<naive::row, rec> again(as_rec);
    naive::valve<rec> all(3);
    naive::sessions<rec> sessions(gap, 0, key_of, value_of);
    naive::tumbling<rec> windows(50, 0, lateness, key_of, value_of);
    a.out.to(all.in[0]), b.out.to(all.in[1]), c.out.to(summed).out.to(again).out.to(all.in[2]);
    all.out.to(sessions), all.out.to(windows);
    naive::source<rec> from_a(one, a), from_b(two, b), from_c(three, c);
    naive::run({&from_a, &from_b, &from_c});
    output want = expected(sessions);
    append(want.results, expected(windows).results);
    append(want.late, windows.late.got), append(want.late, summed.late.got);

    require_equal(want, [&](weir::batch_size batch) {
      output o;
      auto const p = weir::merge(weir::from(one) | in_time(0), weir::from(two) | in_time(20),
                                 weir::from(three) | in_time(100) | weir::key_by(&rec::key) |
                                     weir::window(weir::tumbling_windows{us(15)},
                                                  weir::allowed_lateness{us(lateness)}, weir::late_to<"late">) |
                                     invertible_functions() | late_to(o) | to_rec()) |
                     weir::key_by(&rec::key) |
                     weir::branch(weir::window(weir::session_windows{us(gap)}, weir::late_to<"late">) |
                                      every_function() | late_to(o) | to_result(),
                                  weir::window(weir::tumbling_windows{us(50)},
                                               weir::allowed_lateness{us(lateness)}, weir::late_to<"late">) |
                                      every_function() | late_to(o) | to_result()) |
                     weir::into(tape<result>(o.results));
      weir::run(p, batch);
      return o;
    });
  });
}

TEST_CASE("the next record comes from the source with the least watermark, ties by order of declaration") {
  for_each_seed(30, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const one = naive::random_stream(seed, 80), two = naive::random_stream(seed + 1'000'000, 60);
    i64 const bound = pick_bound(g);
    naive::bounded<rec> a(time_of, bound), b(time_of, 20);
    naive::valve<rec> all(2);
    a.out.to(all.in[0]), b.out.to(all.in[1]);
    naive::source<rec> from_a(one, a), from_b(two, b);
    naive::run({&from_a, &from_b});
    for (std::size_t n : {1, 2, 3, 7, 4096}) {
      CAPTURE(bound, n);
      output o;
      weir::run(weir::merge(weir::from(one) | in_time(bound), weir::from(two) | in_time(20)) |
                    weir::into(tape<rec>(o.late)),
                weir::batch_size{n});
      REQUIRE(difference(o.late, all.out.got) == "");
    }
  });
}

TEST_CASE("windows in a cascade behind a merge") {
  for_each_seed(25, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const one = naive::random_stream(seed, 100), two = naive::random_stream(seed + 1'000'000, 80);
    i64 const gap = pick<i64>(g, {1, 10, 30});
    CAPTURE(gap);
    naive::bounded<rec> a(time_of, 0), b(time_of, 20);
    naive::valve<rec> all(2);
    naive::tumbling<rec> first(20, 0, 0, key_of, value_of);
    naive::map<naive::row, rec> again(as_rec);
    naive::sessions<rec> second(gap, 0, key_of, value_of);
    a.out.to(all.in[0]), b.out.to(all.in[1]);
    all.out.to(first).out.to(again).out.to(second);
    naive::source<rec> from_a(one, a), from_b(two, b);
    naive::run({&from_a, &from_b});
    output want = expected(second);
    append(want.late, first.late.got);

    require_equal(want, [&](weir::batch_size batch) {
      output o;
      auto const p = weir::merge(weir::from(one) | in_time(0), weir::from(two) | in_time(20)) |
                     weir::key_by(&rec::key) |
                     weir::window(weir::tumbling_windows{us(20)}, weir::late_to<"late">) |
                     invertible_functions() | late_to(o) | to_rec() | weir::key_by(&rec::key) |
                     weir::window(weir::session_windows{us(gap)}, weir::late_to<"late">) | every_function() |
                     late_to(o) | to_result() | weir::into(tape<result>(o.results));
      weir::run(p, batch);
      return o;
    });
  });
}

namespace {

// A source of several splits, each with time of its own.
struct splits_source {
  using value_type = rec;
  static constexpr bool replayable = false;
  std::vector<std::vector<rec>> const* data;

  struct reader {
    std::vector<std::vector<rec>> const& data;
    std::vector<std::size_t> at;
    reader(splits_source const& s, weir::source_context const&) : data(*s.data), at(data.size()) {}
    std::size_t splits() const { return data.size(); }
    auto poll(std::size_t split, std::size_t max, auto) {
      return std::span(data[split]).subspan(at[split], std::min(max, data[split].size() - at[split]));
    }
    void consume(std::size_t split, std::size_t n) { at[split] += n; }
    bool ended(std::size_t split) const { return at[split] == data[split].size(); }
  };
};

}  // namespace

TEST_CASE("the splits of one source have one watermark each, of which the least counts") {
  for_each_seed(40, [](std::uint64_t seed) {
    naive::rng g(seed);
    i64 const bound = pick_bound(g);
    std::vector<std::vector<rec>> data(static_cast<std::size_t>(1 + naive::below(g, 4)));
    for (std::size_t i = 0; i < data.size(); ++i)
      data[i] = naive::random_stream(seed + i * 1'000'000, static_cast<int>(naive::below(g, 80)));
    CAPTURE(bound, data.size());

    naive::valve<rec> all(data.size());
    std::vector<std::unique_ptr<naive::bounded<rec>>> heads;
    std::vector<std::unique_ptr<naive::source<rec>>> sources;
    std::vector<naive::any_source*> order;
    for (std::size_t i = 0; i < data.size(); ++i) {
      heads.push_back(std::make_unique<naive::bounded<rec>>(time_of, bound));
      heads.back()->out.to(all.in[i]);
      sources.push_back(std::make_unique<naive::source<rec>>(data[i], *heads.back()));
      order.push_back(sources.back().get());
    }
    naive::sessions<rec> w(20, 0, key_of, value_of);
    all.out.to(w);
    naive::run(order);

    require_equal(expected(w), [&](weir::batch_size batch) {
      output o;
      auto const p = weir::from(splits_source{&data}) | in_time(bound) | weir::key_by(&rec::key) |
                     weir::window(weir::session_windows{us(20)}, weir::late_to<"late">) | every_function() |
                     late_to(o) | to_result() | weir::into(tape<result>(o.results));
      weir::run(p, batch);
      return o;
    });
  });
}
