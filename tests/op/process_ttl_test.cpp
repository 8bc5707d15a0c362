// Handles that fold, and time to live: traces by hand, restarts after each record in memory and in LMDB, bounded cleaning.
#include "catch.hpp"
#include "error_of.hpp"
#include "oracle/naive_streams.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using weir::event_time_ttl;
using weir::ttl;
using weir::testing::at;
using weir_test::error_of;
using weir_test::temp_directory;
using i64 = std::int64_t;

namespace {

struct payment {
  i64 user;
  double amount;
};

// One of the user's own: the records of a key as one text.
struct joined {
  std::string zero() const { return "<"; }
  void add(std::string& acc, payment const& p) const { acc += std::to_string(static_cast<int>(p.amount)); }
  void merge(std::string& acc, std::string const& later) const { acc += later.substr(1); }
  std::string result(std::string const& acc) const { return acc + ">"; }
};
auto const total = weir::sum(&payment::amount);
auto const larger = [](double a, double b) { return std::max(a, b); };

struct folds {
  using output = std::tuple<double, double, double, i64, std::string>;
  weir::reducing_state<double, decltype(larger), "most"> most{larger};
  weir::reducing_state<i64, std::plus<>, "records"> records;
  weir::aggregating_state<payment, std::remove_const_t<decltype(total)>, "total"> total_{total};
  weir::aggregating_state<payment, decltype(weir::min(&payment::amount)), "least"> least{
      weir::min(&payment::amount)};
  weir::aggregating_state<payment, joined, "text"> text;
  auto states() { return std::tie(most, records, total_, least, text); }

  template <class Context, class Emit>
  void on_record(payment const& p, Context&, Emit const& emit) {
    if (p.amount == 0) {
      most.clear(), records.clear(), total_.clear(), least.clear(), text.clear();
      emit(output(0, 0, 0, most || records || total_ || least || text || text.get() || most.get(), ""));
      return;
    }
    most.add(p.amount), records.add(1), total_.add(p), least.add(p), text.add(p);
    emit(output(*most.get(), *total_.get(), *least.get(), *records.get(), *text.get()));
  }
};

template <class Driver>
auto values(Driver& d) {
  auto all = d.take();
  if constexpr (requires { all.front().value; }) {
    std::vector<std::decay_t<decltype(all.front().value)>> only;
    for (auto& o : all) only.push_back(o.value);
    return only;
  } else {
    return all;
  }
}

constexpr auto by_user = [](auto const& r) { return r.user; };

}  // namespace

TEST_CASE("reducing_state and aggregating_state fold what is added, across restarts") {
  auto const chain = weir::key_by(by_user) | weir::process<"folds">(folds{});
  using driver = decltype(weir::testing::test_driver<payment, weir::untimed>(chain));
  auto d = std::make_unique<driver>(chain);
  using row = folds::output;
  std::vector<std::pair<payment, row>> const steps{
      {{1, 5}, {5, 5, 5, 1, "<5>"}},    {{2, 8}, {8, 8, 8, 1, "<8>"}},    {{1, 3}, {5, 8, 3, 2, "<53>"}},
      {{1, 9}, {9, 17, 3, 3, "<539>"}}, {{2, 1}, {8, 9, 1, 2, "<81>"}},   {{1, 0}, {0, 0, 0, 0, ""}},
      {{1, 2}, {2, 2, 2, 1, "<2>"}},    {{2, 9}, {9, 18, 1, 3, "<819>"}},
  };
  for (auto const& [p, want] : steps) {
    d->push(p);
    CHECK(values(*d) == std::vector<row>{want});
    d = std::make_unique<driver>(chain, d->snapshot());
  }
  d->push({1, 0}), d->push({2, 0});
  CHECK(d->snapshot() == driver(chain).snapshot());  // a key with nothing left takes no room
}

namespace {

struct visit {
  i64 user;
  weir::timestamp at;
  i64 page;
};
// How often a page was seen lately, how much of late there is, and a sum that is kept alive by reading it.
template <class Ttl, bool Timers>
struct lately {
  using output = std::string;
  Ttl lives;
  Ttl read_keeps{.after = lives.after, .update = weir::ttl_update::on_read_and_write};
  weir::map_state<i64, i64, "pages", Ttl> pages{lives};
  weir::list_state<i64, "last", Ttl> last{lives};
  weir::reducing_state<i64, std::plus<>, "sum", Ttl> sum{read_keeps};
  weir::value_state<i64, "first", Ttl> first{read_keeps};
  weir::value_state<i64, "all"> all;
  auto states() { return std::tie(pages, last, sum, first, all); }
  explicit lately(Ttl t) : lives(t) {}

  template <class Context, class Emit>
  void on_record(visit const& v, Context& context, Emit const& emit) {
    ++pages[v.page];
    last.add(v.page);
    sum.add(v.page);
    if (!first) first.update(v.page);
    if (++all.get() == 20) all.clear();
    show(context.key(), emit);
    if constexpr (Timers) context.set_timer(v.at + 30us);
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context& context, Emit const& emit)
    requires Timers
  {
    show(-context.key(), emit);
  }
  template <class Emit>
  void show(i64 key, Emit const& emit) {
    std::string text = std::to_string(key) + ":";
    for (auto const& [page, n] : pages) text += " " + std::to_string(page) + "*" + std::to_string(n);
    for (i64 page : last) text += " " + std::to_string(page);
    emit(text + " " + std::to_string(sum.get().value_or(-1)) + " " + std::to_string(first.value_or(-1)));
  }
};

template <bool Timers>
void restarted_after_each_record(std::uint64_t seed) {
  CAPTURE(seed);
  std::vector<visit> data;
  for (auto const& r : naive::random_stream(seed, 60))
    data.push_back({r.key, weir::from_ticks(r.ts), r.value % 4});
  auto const job = [&](std::vector<std::string>& out, auto watch) {
    return weir::from(data, weir::uid<"visits">) | weir::inspect(watch) |
           weir::assign_timestamps(&visit::at, weir::bounded_out_of_orderness{20us}) |
           weir::key_by(&visit::user) |
           weir::process<"lately">(lately<event_time_ttl, Timers>({.after = 40us})) |
           weir::into(out, weir::uid<"out">);
  };
  std::vector<std::string> want, got;
  weir::run(job(want, [](auto const&) {}));
  temp_directory folder;
  int runs = 0;
  for (weir::outcome status = weir::outcome::stopped; status != weir::outcome::finished; ++runs) {
    std::stop_source stop;
    status = weir::run(job(got, [&](auto const&) { stop.request_stop(); }), weir::lmdb_store{folder / "state"},
                       weir::periodic_checkpoints{.every = 1ns}, weir::at_least_once, weir::batch_size{1},
                       stop.get_token())
                 .status;
  }
  CHECK(runs >= 60);
  CHECK(want.size() >= 60);
  std::ranges::sort(want), std::ranges::sort(got);
  CHECK(got == want);
}

}  // namespace

TEST_CASE("ttl in event time goes on where it was stopped, after each record") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    restarted_after_each_record<false>(seed);
    restarted_after_each_record<true>(seed);
  }
}

namespace {

template <class Handle>
struct keeps {
  using output = i64;
  Handle kept;
  auto states() { return std::tie(kept); }
  template <class Context, class Emit>
  void on_record(i64 n, Context&, Emit const& emit) {
    emit(kept.get() += n);
  }
};
using plain = weir::value_state<i64, "kept">;
// Without a ttl a key takes no more room than what it keeps.
static_assert(sizeof(weir::detail::process_state<std::index_sequence<0>, false, false, true, plain>) ==
              sizeof(std::optional<i64>));
using living = weir::value_state<i64, "kept", ttl>;
using living_in_event_time = weir::value_state<i64, "kept", event_time_ttl>;

template <class Handle>
std::string run_with(temp_directory const& folder, Handle h) {
  return error_of<weir::restore_error>([&] {
    std::vector<i64> const in{1};
    std::vector<i64> out;
    weir::run(weir::from(in, weir::uid<"in">) |
                  weir::assign_timestamps([](i64 n) { return at(weir::duration{n}); },
                                          weir::monotonous_timestamps{}) |
                  weir::key_by([](i64) { return 0; }) | weir::process<"p">(keeps<Handle>{h}) |
                  weir::into(out, weir::uid<"out">),
              weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{}, weir::at_least_once);
  });
}

}  // namespace

TEST_CASE("ttl: turned on, off or to the other time for a state that was saved, it is refused") {
  temp_directory folder;
  CHECK(run_with(folder, living{ttl{.after = 1h}}) == "no error");
  CHECK(run_with(folder, living{ttl{.after = 2h}}) == "no error");
  std::string const text = run_with(folder, plain{});
  CHECK(text.find("was saved as value of ttl<int64>") != std::string::npos);
  CHECK(text.find("declares it as value of int64") != std::string::npos);
  CHECK(run_with(folder, living_in_event_time{event_time_ttl{.after = 1h}}).find("event_time_ttl<int64>") !=
        std::string::npos);
  temp_directory other;
  CHECK(run_with(other, plain{}) == "no error");
  CHECK(run_with(other, living{ttl{.after = 1h}}).find("declares it as value of ttl<int64>") !=
        std::string::npos);
}

TEST_CASE("ttl: what nobody comes back to is removed a little at a time") {
  auto const chain =
      weir::key_by([](i64 n) { return n; }) | weir::process<"p">(keeps<living>{living{ttl{.after = 10s}}});
  auto d = weir::testing::test_driver<i64, weir::untimed>(chain);
  for (i64 n = 0; n < 1000; ++n) d.push(n);
  auto const nothing = weir::testing::test_driver<i64, weir::untimed>(chain).snapshot();
  std::string const full = d.snapshot();
  d.processing_time(at(9s));
  CHECK(d.snapshot() == full);
  d.processing_time(at(11s));
  std::size_t looks = 1;
  for (std::size_t before = full.size(); d.snapshot() != nothing; ++looks) {
    REQUIRE(d.snapshot().size() < before);
    before = d.snapshot().size();
    d.processing_time(at(11s) + weir::duration{looks});
  }
  CHECK(looks == 4);  // of 256 keys
  // Each record removes two.
  for (i64 n = 0; n < 1000; ++n) d.push(n);
  d.processing_time(at(30s));
  for (int i = 0; i < 372; ++i) d.push(5);
  CHECK(d.snapshot().size() < nothing.size() + 100);  // one key
  d.take();
  d.push(5);
  CHECK(values(d) == std::vector<i64>{373 * 5});
  d.processing_time(at(50s));
  CHECK(d.snapshot() == nothing);
}

namespace {

// A run over LMDB by hand, with checkpoints between any two records and a clock that the test moves.
struct hand_context : weir::detail::run_context<weir::lmdb_store> {
  weir::timestamp processing_time{};
};
template <class Chain>
struct hand_parts {
  using in = weir::stream<i64, false>;
  using out = weir::output_of<Chain, in>;
  Chain chain;
  weir::lmdb_backend backend;
  weir::counters counters;
  hand_context context;
  weir::detail::collected<out> output;
  hand_parts(Chain const& c, std::filesystem::path const& folder, weir::timestamp now)
      : chain(c), backend(weir::lmdb_store{folder}), context{{backend, counters, false, {}}, now} {}
};
template <class Chain>
struct make_stages_by_hand {
  using parts = hand_parts<Chain>;
  parts* all;
  auto operator()() const {
    weir::build_env<hand_context> const env{all->context};
    weir::detail::collected_behind<typename parts::out> const behind{&all->output};
    return weir::detail::attach_operation<typename parts::in>(all->chain, env, behind);
  }
};
template <class Chain>
class by_hand {
  using make = make_stages_by_hand<Chain>;

 public:
  by_hand(Chain const& chain, std::filesystem::path const& folder, weir::timestamp now)
      : parts_(chain, folder, now), stages_(make{&parts_}) {
    each([](auto& stage) { stage.restored(); });
  }
  std::vector<i64> push(i64 n) {
    auto k = stages_.next.open();
    k(n, weir::untimed{});
    stages_.next.commit(k);
    return parts_.output.main.take();
  }
  void processing_time(weir::timestamp t) {
    parts_.context.processing_time = t;
    each([](auto& stage) { stage.look_at_clock(); });
  }
  void checkpoint() {
    weir::detail::flush_plan plan;
    weir::detail::garbage old;
    each([&](auto& stage) { stage.for_each_table([&](auto& table) { table.freeze(plan); }); });
    parts_.backend.freeze(plan);
    parts_.backend.commit(plan);
    parts_.backend.renew();
    each([&](auto& stage) { stage.for_each_table([&](auto& table) { table.flushed(old); }); });
  }
  std::size_t stored() {
    std::size_t n = 0;
    for (auto const& s : parts_.backend.declarations()) {
      std::string prefix;
      weir::detail::append_big(prefix, s.id);
      parts_.backend.scan(prefix, [&](std::string_view, std::string_view) { ++n; });
      if (s.kind == weir::state_kind::timers)
        parts_.backend.for_each_timer(s.id, weir::min_time, weir::max_time,
                                      [&](weir::timestamp, std::string_view) { ++n; });
    }
    return n;
  }

 private:
  template <class F>
  void each(F f) {
    stages_.visit([&](auto& stage) { f(stage); });
  }
  hand_parts<Chain> parts_;
  weir::forwarding<std::invoke_result_t<make const&>> stages_;
};

}  // namespace

TEST_CASE(
    "ttl in processing time in LMDB: as in memory, wherever checkpoints and restarts cut it; nothing is left "
    "over") {
  auto const chain =
      weir::key_by([](i64 n) { return n % 50; }) | weir::process<"p">(keeps<living>{living{ttl{.after = 10s}}});
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    naive::rng g(seed);
    temp_directory folder;
    auto want = weir::testing::test_driver<i64, weir::untimed>(chain);
    weir::timestamp now = at(1s);
    want.processing_time(now);
    using run = by_hand<std::remove_const_t<decltype(chain)>>;
    auto got = std::make_unique<run>(chain, folder / "state", now);
    for (int step = 0; step < 300; ++step) {
      switch (naive::below(g, 12)) {
        case 0: {
          got->checkpoint();
          break;
        }
        case 1: {
          now += weir::duration{naive::below(g, 3'000'000)};
          want.processing_time(now), got->processing_time(now);
          break;
        }
        case 2: {
          got->checkpoint();
          got.reset();
          got = std::make_unique<run>(chain, folder / "state", now);
          break;
        }
        default: {
          i64 const n = naive::below(g, 200);
          want.push(n);
          REQUIRE(got->push(n) == values(want));
        }
      }
    }
    got->checkpoint();
    CHECK(got->stored() > 0);
    if (seed % 2 == 0) got.reset(), got = std::make_unique<run>(chain, folder / "state", now);
    got->processing_time(now + 11s);  // nobody comes back
    got->checkpoint();
    CHECK(got->stored() == 0);
  }
}
