// Runs on a state directory that are stopped and started again: nothing is lost, nothing comes twice, nothing changes.
#include "catch.hpp"
#include "error_of.hpp"
#include "oracle/naive_streams.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/weir.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir_test::error_of;
using weir_test::temp_directory;

namespace {

struct item {
  std::string key;
  weir::timestamp at;
  std::int64_t value;
};
using result = std::tuple<std::string, weir::timestamp, weir::timestamp, std::int64_t, double>;

std::vector<item> items(std::uint64_t seed, std::size_t records) {
  std::vector<item> all;
  for (auto const& r : naive::random_stream(seed, static_cast<int>(records)))
    all.push_back({"key" + std::to_string(r.key), weir::from_ticks(r.ts), r.value});
  return all;
}
auto const sums = weir::aggregate(weir::count(), weir::avg(weir::field<&item::value>) | weir::as<"mean">);
auto const as_result = weir::map([](auto const& w) {
  return result(w["key"_c], w["window_start"_c], w["window_end"_c], w["count"_c], w["mean"_c]);
});

// Counts a key's records in order of event time, with what waits in a map and a timer for each.
struct in_order {
  using output = result;
  using side_outputs = weir::side_outputs<weir::side_output<"late", result>>;
  weir::map_state<weir::timestamp, std::vector<std::int64_t>, "waiting"> waiting;
  weir::value_state<std::int64_t, "count"> count;
  weir::list_state<std::int64_t, "last"> last;
  auto states() { return std::tie(waiting, count, last); }

  template <class Context, class Emit>
  void on_record(item const& r, Context& context, Emit const&) {
    if (r.at <= context.watermark()) {
      context.side(weir::to<"late">, result(r.key, r.at, context.watermark(), r.value, 0));
      return;
    }
    waiting[r.at].push_back(r.value);
    context.set_timer(r.at);
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp at, Context& context, Emit const& emit) {
    for (std::int64_t v : *waiting.get(at)) {
      last.add(v);
      if (last.size() > 3) last.get().erase(last.begin());
      emit(result(context.key(), at, at, ++count.get(), static_cast<double>(last.get().front())));
    }
    waiting.remove(at);
  }
};

// One type for each run's look at the records: to compile a pipeline again for each lambda takes long.
using watch_fn = std::function<void(item const&)>;

template <class Build>
void stopped_and_started(Build const& build, std::uint64_t seed) {
  CAPTURE(seed);
  std::vector<item> const data = items(seed, 400);
  std::mt19937_64 random(seed);
  std::vector<result> want, got;
  std::uint64_t late_want = 0;
  {
    auto const r = weir::run(build(data, want, watch_fn([](item const&) {})), weir::memory_store{});
    for (auto const& c : r.counts)
      if (c.what == "late" || c.what == "in") late_want += c.run;
  }
  temp_directory folder;
  std::uint64_t late_got = 0;
  int runs = 0;
  for (weir::outcome status = weir::outcome::stopped; status != weir::outcome::finished; ++runs) {
    REQUIRE(runs < 1000);
    std::stop_source stop;
    std::uint64_t left = 1 + random() % 120;
    auto const r = weir::run(build(data, got, watch_fn([&](item const&) {
                                     if (--left == 0) stop.request_stop();
                                   })),
                             weir::lmdb_store{folder / "state"},
                             weir::periodic_checkpoints{.every = random() % 2 ? 1ns : 1h}, weir::at_least_once,
                             weir::batch_size{1 + random() % 50}, stop.get_token());
    status = r.status;
    late_got = 0;
    for (auto const& c : r.counts)
      if (c.what == "late" || c.what == "in") late_got += c.total;
  }
  CHECK(runs > 1);
  std::ranges::sort(want);
  std::ranges::sort(got);
  CHECK(got == want);
  CHECK(late_got == late_want);
  auto const again =
      weir::run(build(data, got, watch_fn([](item const&) {})), weir::lmdb_store{folder / "state"},
                weir::periodic_checkpoints{}, weir::at_least_once);
  CHECK(again.status == weir::outcome::already_finished);
  CHECK(got == want);
}

auto source(std::vector<item> const& data, watch_fn watch) {
  return weir::from(data, weir::uid<"items">) | weir::inspect(watch) |
         weir::assign_timestamps(weir::field<&item::at>, weir::bounded_out_of_orderness{20us});
}

}  // namespace

TEST_CASE("windows go on where they were stopped") {
  auto const keyed = weir::key_by(weir::field<&item::key>);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    stopped_and_started(
        [&](auto const& data, auto& out, auto watch) {
          return source(data, watch) | keyed | weir::window(weir::tumbling_windows{40us}) | sums |
                 weir::uid<"w"> | as_result | weir::into(out, weir::uid<"out">);
        },
        seed);
    stopped_and_started(
        [&](auto const& data, auto& out, auto watch) {
          return source(data, watch) | keyed |
                 weir::window(weir::sliding_windows{60us, 25us}, weir::allowed_lateness{30us}) | sums |
                 weir::uid<"w"> | as_result | weir::into(out, weir::uid<"out">);
        },
        seed);
    stopped_and_started(
        [&](auto const& data, auto& out, auto watch) {
          return source(data, watch) | keyed |
                 weir::window(weir::session_windows{30us}, weir::allowed_lateness{50us}) | sums |
                 weir::uid<"w"> | as_result | weir::into(out, weir::uid<"out">);
        },
        seed);
  }
}

TEST_CASE("process functions and cascades go on where they were stopped") {
  for (std::uint64_t seed = 11; seed <= 16; ++seed)
    stopped_and_started(
        [&](auto const& data, auto& out, auto watch) {
          auto const keyed = weir::key_by(weir::field<&item::key>);
          return source(data, watch) |
                 weir::branch(keyed | weir::process<"in order">(in_order{}) |
                                  weir::side<"late">(weir::into(out, weir::uid<"late">)),
                              keyed | weir::window(weir::session_windows{25us}) | sums | weir::uid<"s"> |
                                  as_result | weir::key_by([](result const& r) { return std::get<3>(r); }) |
                                  weir::window(weir::tumbling_windows{100us}) |
                                  weir::aggregate(weir::count(), weir::sum([](result const& r) {
                                                                   return std::get<4>(r);
                                                                 }) | weir::as<"mean">) |
                                  weir::uid<"t"> | weir::map([](auto const& w) {
                                    return result(std::to_string(w["key"_c]), w["window_start"_c],
                                                  w["window_end"_c], w["count"_c], 0.0);
                                  })) |
                 weir::into(out, weir::uid<"out">);
        },
        seed);
}

TEST_CASE("merged sources go on where they were stopped") {
  for (std::uint64_t seed = 21; seed <= 26; ++seed) {
    std::vector<item> const second = items(seed + 1000, 300);
    stopped_and_started(
        [&](auto const& data, auto& out, auto watch) {
          return weir::merge(
                     source(data, watch),
                     weir::from(second, weir::uid<"second">) |
                         weir::assign_timestamps(weir::field<&item::at>, weir::bounded_out_of_orderness{5us})) |
                 weir::key_by(weir::field<&item::key>) | weir::window(weir::session_windows{15us}) | sums |
                 weir::uid<"w"> | as_result | weir::into(out, weir::uid<"out">);
        },
        seed);
  }
}

TEST_CASE("a state that does not fit is refused in words") {
  temp_directory folder;
  std::vector<item> const data = items(1, 50);
  std::vector<result> out;
  weir::lmdb_store const store{folder / "state"};
  auto const build_with = [&](auto window_uid, auto source_uid, auto functions, auto windows) {
    return weir::from(data, source_uid) |
           weir::assign_timestamps(weir::field<&item::at>, weir::bounded_out_of_orderness{20us}) |
           weir::key_by(weir::field<&item::key>) | weir::window(windows) | functions | window_uid |
           weir::into([](auto const&) {}, weir::uid<"out">);
  };
  auto const build = [&](auto window_uid, auto source_uid, auto functions) {
    return build_with(window_uid, source_uid, functions, weir::tumbling_windows{1h});
  };
  auto const with_window = [&](auto windows) {
    return build_with(weir::uid<"w">, weir::uid<"in">, weir::aggregate(weir::count()), windows);
  };
  auto const run = [&](auto const& p, auto... policies) {
    return weir::run(p, store, weir::at_least_once, policies...);
  };
  auto const functions = weir::aggregate(weir::count());
  std::stop_source stop;
  stop.request_stop();
  run(build(weir::uid<"w">, weir::uid<"in">, functions), weir::periodic_checkpoints{}, stop.get_token());

  std::string said =
      error_of([&] { run(build(weir::uid<"v">, weir::uid<"in">, functions), weir::periodic_checkpoints{}); });
  CHECK(said.find("\"w\"") != std::string::npos);
  CHECK(said.find("\"v\"") != std::string::npos);
  said = error_of(
      [&] { run(build(weir::uid<"w">, weir::uid<"other">, functions), weir::periodic_checkpoints{}); });
  CHECK(said.find("\"other\"") != std::string::npos);
  said = error_of([&] { weir::run(build(weir::uid<"w">, weir::uid<"in">, functions), store); });
  CHECK(said.find("checkpoints") != std::string::npos);
  said = error_of([&] {
    run(build(weir::uid<"w">, weir::uid<"in">, weir::aggregate(weir::max(weir::field<&item::value>))),
        weir::periodic_checkpoints{});
  });
  CAPTURE(said);
  CHECK(said.find("int64") != std::string::npos);
  said =
      error_of([&] { run(with_window(weir::tumbling_windows{.size = 30min}), weir::periodic_checkpoints{}); });
  CAPTURE(said);
  CHECK(said.find("tumbling windows of 1h") != std::string::npos);
  CHECK(said.find("tumbling windows of 30min") != std::string::npos);
  said = error_of([&] { run(with_window(weir::session_windows{1h}), weir::periodic_checkpoints{}); });
  CHECK(said.find("session windows") != std::string::npos);
  weir::detail::lmdb_environment const held(folder / "state", std::size_t{1} << 30);
  said =
      error_of([&] { run(build(weir::uid<"w">, weir::uid<"in">, functions), weir::periodic_checkpoints{}); });
  CHECK(said.find(std::to_string(::getpid())) != std::string::npos);
}
