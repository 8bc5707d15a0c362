// connect: records of two types, with the state and the timers of a key that both share.
#include "error_of.hpp"
#include "op/two_streams.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using weir::testing::at;
using namespace weir_test;

namespace {

// An order that no payment follows within 10 s is told; a payment without order too.
struct matcher {
  using output = std::string;
  using side_outputs = weir::side_outputs<weir::side_output<"twice", std::int64_t>>;
  weir::value_state<std::int64_t, "open"> open;
  weir::value_state<weir::timestamp, "until"> until;
  auto states() { return std::tie(open, until); }

  template <class Context, class Emit>
  void on_first(left_record const& order, Context& context, Emit const& emit) {
    if (open) {
      context.delete_timer(*until);
      context.side(weir::to<"twice">, *open);
    } else {
      emit("opened " + std::to_string(order.id));
    }
    open.update(order.id);
    until.update(order.at + 10s);
    context.set_timer(order.at + 10s);
  }
  template <class Context, class Emit>
  void on_second(right_record const& payment, Context& context, Emit const& emit) {
    if (!open) return emit(std::to_string(context.key()) + ": stray " + std::to_string(payment.id));
    emit(std::to_string(*open) + " by " + std::to_string(payment.id));
    context.delete_timer(*until);
    open.clear(), until.clear();
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context& context, Emit const& emit) {
    emit(std::to_string(context.key()) + ": unpaid " + std::to_string(*open));
    open.clear(), until.clear();
  }
};
auto const matched = [](auto const& right) {
  return weir::connect<"match">(right, matcher{}) | weir::discard<"twice">;
};

struct naive {
  struct order {
    std::int64_t id;
    weir::timestamp until;
  };
  std::map<std::int64_t, order> open;
  timed_texts out;

  void left(left_record const& l, weir::timestamp) {
    if (!open.contains(l.key)) out.push_back({"opened " + std::to_string(l.id), l.at});
    open[l.key] = {l.id, l.at + 10s};
  }
  void right(right_record const& r, weir::timestamp) {
    auto const at = open.find(std::stoll(r.key));
    if (at == open.end()) return out.push_back({r.key + ": stray " + std::to_string(r.id), r.at});
    out.push_back({std::to_string(at->second.id) + " by " + std::to_string(r.id), r.at});
    open.erase(at);
  }
  void advance(weir::timestamp, weir::timestamp now) {
    for (;;) {
      std::pair<weir::timestamp, std::int64_t> first{weir::max_time, 0};
      for (auto const& [key, o] : open) first = std::min(first, {o.until, key});
      if (first.first > now || open.empty()) return;
      out.push_back(
          {std::to_string(first.second) + ": unpaid " + std::to_string(open[first.second].id), first.first});
      open.erase(first.second);
    }
  }
};

}  // namespace

TEST_CASE("connect: a trace of two inputs and the watermark of both") {
  auto t = weir::testing::test_driver<left_record>(weir::key_by(left_key) |
                                                   weir::connect<"match">(keyed(no_records), matcher{}));
  t.push({1, 7, at(10s)}, at(10s));
  CHECK(t.take() == timed_texts{{"opened 7", at(10s)}});
  t.push_to<"right">(right_record{"2", 1, at(11s)});
  CHECK(t.take() == timed_texts{{"2: stray 1", at(11s)}});
  t.push_to<"right">(right_record{"1", 2, at(12s)});
  CHECK(t.take() == timed_texts{{"7 by 2", at(12s)}});
  t.push({1, 8, at(13s)}, at(13s));
  t.push({1, 9, at(14s)}, at(14s));
  CHECK(t.take() == timed_texts{{"opened 8", at(13s)}});
  auto const twice = t.take_side<"twice">();
  REQUIRE(twice.size() == 1);
  CHECK(twice[0].value == 8);
  CHECK(twice[0].at == at(14s));
  t.watermark(at(100s));
  CHECK(t.take().empty());                            // the second input is at 10 s
  t.push_to<"right">(right_record{"2", 3, at(26s)});  // makes its watermark 24 s - 1 us
  CHECK(t.take() == timed_texts{{"2: stray 3", at(26s)}});
  t.push_to<"right">(right_record{"2", 4, at(26s) + weir::tick});
  CHECK(t.take() == timed_texts{{"2: stray 4", at(26s) + weir::tick}, {"1: unpaid 9", at(24s)}});
  t.push({3, 10, at(101s)}, at(101s));
  t.finish_input<"right">();
  CHECK(t.take() == timed_texts{{"opened 10", at(101s)}});
  t.finish();
  CHECK(t.take() == timed_texts{{"3: unpaid 10", at(111s)}});
}

TEST_CASE("connect: random streams, at every batch size, as one record after the other") {
  CHECK(check_streams(300, matched, [](two_streams const& s) {
          naive n;
          replay(s, n);
          return n.out;
        }) > 3000);
}

TEST_CASE("connect: a driver restored before every step") { check_restored_drivers(40, matched); }

TEST_CASE("connect: stopped after every few records, as one run") { check_stopped_runs(matched); }

namespace {

struct both {
  using output = std::string;
  weir::operator_value_state<int, "seen"> seen;
  auto states() { return std::tie(seen); }
  template <class Context, class Emit>
  void on_first(int i, Context&, Emit const& emit) {
    emit("number " + std::to_string(i) + " " + std::to_string(++seen.get()));
  }
  template <class Context, class Emit>
  void on_second(std::string const& s, Context&, Emit const& emit) {
    emit("text " + s + " " + std::to_string(++seen.get()));
  }
};

}  // namespace

TEST_CASE("connect: without key and time the first is read first, and the state is one") {
  std::vector<int> const numbers{3, 1};
  std::vector<std::string> const texts{"a", "b"};
  for (std::size_t n : {1, 2, 3, 7, 4096}) {
    std::vector<std::string> out;
    weir::run(weir::from(numbers) | weir::connect<"both">(weir::from(texts), both{}) | weir::into(out),
              weir::batch_size{n});
    CHECK(out == std::vector<std::string>{"number 3 1", "number 1 2", "text a 3", "text b 4"});
  }
  CHECK(weir::describe(weir::from(numbers) | weir::connect<"both">(weir::from(texts), both{})) ==
        "from(range_source)\n"
        "connect(both) \"both\"\n"
        "  - from(range_source)\n");
}
