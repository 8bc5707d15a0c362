#include "op/differential.hpp"

using namespace differential;

TEST_CASE("session windows give what the oracle gives") {
  for_each_seed(120, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 120);
    i64 const bound = pick_bound(g);
    i64 const gap = pick<i64>(g, {1, 5, 20, 64, 1000});
    with_lateness(g, [&](i64 l, auto... option) {
      CAPTURE(bound, l, sizeof...(option), gap);
      naive::bounded<rec> head(time_of, bound);
      naive::sessions<rec> w(gap, l, key_of, value_of);
      head.out.to(w);
      naive::run(data, head);
      require_equal(expected(w), [&](weir::batch_size batch) {
        output o;
        auto const p =
            weir::from(data) |
            weir::assign_timestamps(at_time, weir::bounded_out_of_orderness{weir::duration{bound}}) |
            weir::key_by(&rec::key) |
            weir::window(weir::session_windows{weir::duration{gap}}, weir::late_to<"late">, option...) |
            every_function() | weir::uid<"w"> | late_to(o) | to_result() | weir::into(tape<result>(o.results));
        auto const r = weir::run(p, batch);
        CHECK(r.count("w", "late") == o.late.size());
        return o;
      });
    });
  });
}
