#include <weir/core/describe.hpp>
#include <weir/weir.hpp>

#include "catch.hpp"

#include <cstdint>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

struct payment {
  std::int64_t user;
  std::int64_t amount;
  weir::timestamp at;
};
struct watch {
  using output = std::int64_t;
  auto states() { return std::tie(); }
  template <class Context, class Emit>
  void on_record(payment const& p, Context&, Emit&& emit) {
    emit(p.amount);
  }
};
std::vector<payment> const payments;
auto const timed = weir::from(payments, weir::uid<"payments">) |
                   weir::assign_timestamps(&payment::at, weir::bounded_out_of_orderness{5s});
constexpr auto large = [](payment const& p) { return p.amount > 500; };
constexpr auto total = weir::aggregate(weir::count(), weir::sum(&payment::amount) | weir::as<"total">);

}  // namespace

TEST_CASE("describe gives a line for each operator") {
  std::vector<std::int64_t> out;
  std::vector<payment> late;
  auto const p = timed | weir::filter(large) | weir::key_by(&payment::user) |
                 weir::window(weir::tumbling_windows{.size = 10min}, weir::allowed_lateness{1500ms},
                              weir::late_to<"late">) |
                 total | weir::uid<"spend"> | weir::side<"late">(weir::into(late, weir::uid<"late out">)) |
                 weir::map([](auto const& w) { return w[weir::column_name<"count">{}]; }) |
                 weir::inspect([](std::int64_t) {}) |
                 weir::flat_map([](std::int64_t i) { return std::vector{i}; }) | weir::into(out);
  CHECK(weir::describe(p) ==
        "from(range_source) \"payments\"\n"
        "assign_timestamps(bounded_out_of_orderness 5s)\n"
        "filter\n"
        "key_by\n"
        "window(tumbling_windows 10min, allowed_lateness 1500ms, late_to late)\n"
        "aggregate(count, total) \"spend\"\n"
        "side(late)\n"
        "  into(container_sink) \"late out\"\n"
        "map\n"
        "inspect\n"
        "flat_map\n"
        "into(container_sink)\n");
}

TEST_CASE("describe goes further in for branches, merges and scopes") {
  std::int64_t sum = 0;
  std::vector<std::int64_t> out;
  auto const amount = weir::map(&payment::amount);
  auto const keyed = weir::key_by(&payment::user);
  auto const sessions = weir::window(weir::session_windows{.gap = 90s}) |
                        weir::aggregate(weir::max(&payment::amount) | weir::as<"top">) | weir::uid<"top"> |
                        weir::map([](auto const& w) { return w[weir::column_name<"top">{}]; });
  auto const hourly =
      weir::window(weir::sliding_windows{.size = 1h, .slide = 5min, .offset = 1us}, weir::late_to<"late">) |
      total | weir::uid<"spend"> | weir::discard<"late"> |
      weir::map([](auto const& w) { return w[weir::column_name<"total">{}]; });
  auto const rules = weir::branch(
      keyed | sessions,                                                                     //
      weir::scoped<"second">(weir::filter(large) | weir::scoped<"inner">(keyed | hourly)),  //
      weir::branch(keyed | weir::process<"watch">(watch{}) | weir::into(weir::fold{&sum}, weir::uid<"sum">),
                   keyed | weir::reduce([](payment a, payment const&) { return a; }) | amount));
  auto const p = weir::merge(timed, timed | weir::filter(large)) | rules | weir::into(out);
  std::string const text =
      "branch\n"
      "  - key_by\n"
      "    window(session_windows 90s)\n"
      "    aggregate(top) \"top\"\n"
      "    map\n"
      "  - scoped(second)\n"
      "      filter\n"
      "      scoped(inner)\n"
      "        key_by\n"
      "        window(sliding_windows 1h every 5min from 1us, late_to late)\n"
      "        aggregate(count, total) \"second/inner/spend\"\n"
      "        discard(late)\n"
      "        map\n"
      "  - branch\n"
      "      - key_by\n"
      "        process(watch) \"watch\"\n"
      "        into(fold) \"sum\"\n"
      "      - key_by\n"
      "        reduce\n"
      "        map\n";
  CHECK(weir::describe(p) ==
        "merge\n"
        "  - from(range_source) \"payments\"\n"
        "    assign_timestamps(bounded_out_of_orderness 5s)\n"
        "  - from(range_source) \"payments\"\n"
        "    assign_timestamps(bounded_out_of_orderness 5s)\n"
        "    filter\n" +
            text + "into(container_sink)\n");
  CHECK(weir::describe(rules) == text);
}
