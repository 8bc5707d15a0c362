// Keyed state and timers against the oracle: one logic, run by both.
#include "op/differential.hpp"

#include <numeric>
#include <tuple>

using namespace differential;

namespace {

// Of each kind a state; timers ahead, behind the watermark, set again by timers, deleted; reads the watermark.
struct step {
  static void on_record(auto const& api, rec const& r) {
    i64 const n = ++api.count();
    api.list().push_back(r.value);
    ++api.map()[r.value % 3];
    if (r.value % 4 == 0) api.set_timer(api.time() + 30 + r.value);
    if (r.value % 5 == 1) api.set_timer(api.time() - 40);
    if (r.value % 7 == 2) api.delete_timer(api.time() + 33);
    if (r.value % 3 == 2) api.emit({r.key, api.time(), n * 1000 + api.watermark() % 1000});
    if (n > 30) api.clear();
  }
  static void on_timer(auto const& api, i64 key, i64 t) {
    i64& n = api.count();
    i64 const sum = std::accumulate(api.list().begin(), api.list().end(), i64{0});
    api.emit({key, t, sum * 100 + n + static_cast<i64>(api.map().size())});
    api.list().clear();
    if (n % 3 == 0) api.set_timer(t + 11);
    if (n % 4 == 1) api.set_timer(t - 5);  // fires in the same advance
    if (++n > 40) api.clear();
  }
};

template <class Context, class Emit>
struct weir_api {
  weir::value_state<i64, "count"> const& value;
  weir::list_state<i64, "list"> const& held;
  weir::map_state<i64, i64, "map"> const& kinds;
  Context& context;
  Emit const& out;
  i64& count() const { return value.get(); }
  auto& list() const { return held.get(); }
  auto& map() const { return kinds.entries(); }
  i64 time() const { return weir::ticks(context.time()); }
  i64 watermark() const { return weir::ticks(context.watermark()); }
  void set_timer(i64 t) const { context.set_timer(weir::from_ticks(t)); }
  void delete_timer(i64 t) const { context.delete_timer(weir::from_ticks(t)); }
  void emit(rec const& r) const { out(r); }
  void clear() const { value.clear(), held.clear(), kinds.clear(); }
};
struct logic {
  using output = rec;
  weir::value_state<i64, "count"> count;
  weir::list_state<i64, "list"> list;
  weir::map_state<i64, i64, "map"> map;
  auto states() { return std::tie(count, list, map); }
  template <class Context, class Emit>
  void on_record(rec const& r, Context& context, Emit const& emit) {
    step::on_record(weir_api<Context, Emit>{count, list, map, context, emit}, r);
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp t, Context& context, Emit const& emit) {
    step::on_timer(weir_api<Context, Emit>{count, list, map, context, emit}, context.key(), weir::ticks(t));
  }
};

using oracle = naive::process<rec, rec>;
struct naive_api {
  oracle::context const& context;
  i64& count() const {
    auto& v = context.state().value;
    return v ? *v : v.emplace(0);
  }
  auto& list() const { return context.state().list; }
  auto& map() const { return context.state().map; }
  i64 time() const { return context.timestamp; }
  i64 watermark() const { return context.watermark; }
  void set_timer(i64 t) const { context.set_timer(t); }
  void delete_timer(i64 t) const { context.delete_timer(t); }
  void emit(rec const& r) const { context.emit(r); }
  void clear() const { context.state() = {}; }
};

}  // namespace

TEST_CASE("process, and sessions of what it gives, as the oracle has them") {
  for_each_seed(60, [](std::uint64_t seed) {
    naive::rng g(seed);
    auto const data = naive::random_stream(seed, 150);
    i64 const bound = pick_bound(g);
    CAPTURE(bound);

    naive::bounded<rec> head(time_of, bound);
    oracle p(
        key_of, [](auto const& c, rec const& r) { step::on_record(naive_api{c}, r); },
        [](auto const& c, i64 t) { step::on_timer(naive_api{c}, c.key, t); });
    naive::sessions<rec> s(25, 0, key_of, value_of);
    head.out.to(p).out.to(s);
    naive::run(data, head);
    output want = expected(s);
    want.late.insert(want.late.end(), p.out.got.begin(), p.out.got.end());

    require_equal(want, [&](weir::batch_size batch) {
      output o;
      auto const pipeline =
          weir::from(data) |
          weir::assign_timestamps(at_time, weir::bounded_out_of_orderness{weir::duration{bound}}) |
          weir::key_by(&rec::key) | weir::process<"p">(logic{}) |
          weir::branch(weir::into(tape<rec>(o.late)),
                       weir::key_by(&rec::key) |
                           weir::window(weir::session_windows{weir::duration{25}}, weir::late_to<"late">) |
                           every_function() | late_to(o) | to_result() | weir::into(tape<result>(o.results)));
      weir::run(pipeline, batch);
      return o;
    });
  });
}
