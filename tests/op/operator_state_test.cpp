// process on a stream without key, and what it keeps for the whole operator.
#include "catch.hpp"
#include "error_of.hpp"
#include "files.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/checkpoint/fsck.hpp>
#include <weir/checkpoint/inspection.hpp>
#include <weir/format/text_buffer.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include "op/run_through.hpp"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using weir::testing::at;
using weir_test::temp_directory;

struct line {
  std::string text;
};
BOOST_HANA_ADAPT_STRUCT(line, text);

namespace {

// Gives two records together, the first of them again with its number.
struct in_pairs {
  using output = std::string;
  using side_outputs = weir::side_outputs<weir::side_output<"odd", int>>;
  weir::operator_list_state<int, "waiting"> waiting;
  weir::operator_value_state<std::int64_t, "pairs"> pairs;
  auto states() { return std::tie(waiting, pairs); }

  template <class Context, class Emit>
  void on_record(int i, Context& context, Emit const& emit) {
    if (i % 2 != 0) context.side(weir::to<"odd">, i);
    waiting.add(i);
    if (waiting.size() < 2) return;
    std::string text = std::to_string(++pairs.get()) + ":";
    for (int w : waiting) text += " " + std::to_string(w);
    emit(text);
    waiting.clear();
  }
};
template <class T>
struct keeps_nothing {
  using output = T;
  template <class Context, class Emit>
  void on_record(T const& value, Context&, Emit const& emit) {
    emit(value);
  }
};

std::vector<std::string> const four{"1: 1 2", "2: 3 4"};

}  // namespace

TEST_CASE("process without key: one state for all records, at every batch size") {
  CHECK(weir_test::run_through<std::string>(std::vector{1, 2, 3, 4, 5},
                                            weir::process<"pairs">(in_pairs{}) | weir::discard<"odd">) == four);
  CHECK(weir_test::run_through<int>(std::vector{1, 2}, weir::process(keeps_nothing<int>{})) ==
        std::vector{1, 2});
}

TEST_CASE("process without key: restored after every record, with time and side output") {
  auto const chain = weir::process<"pairs">(in_pairs{});
  std::string saved = weir::testing::test_driver<int>(chain).snapshot();
  std::vector<weir::timed_value<std::string>> out;
  std::vector<weir::timed_value<int>> odd;
  for (int i : {1, 2, 3, 4, 5}) {
    auto t = weir::testing::test_driver<int>(chain, saved);
    t.push(i, at(i * 1s));
    t.watermark(at(i * 1s));
    for (auto const& o : t.take()) out.push_back(o);
    for (auto const& o : t.take_side<"odd">()) odd.push_back(o);
    saved = t.snapshot();
  }
  CHECK(out == std::vector<weir::timed_value<std::string>>{{four[0], at(2s)}, {four[1], at(4s)}});
  CHECK(odd == std::vector<weir::timed_value<int>>{{1, at(1s)}, {3, at(3s)}, {5, at(5s)}});
}

TEST_CASE("process without key: stopped after every record, the outputs are those of one run") {
  temp_directory const folder;
  auto const state = folder / "state", target = folder / "out.csv", save = folder / "save";
  std::vector<int> const numbers{1, 2, 3, 4, 5, 6, 7, 8};
  auto const go = [&](std::filesystem::path const& directory, int last, auto... policies) {
    std::stop_source stop;
    return weir::run(weir::from(numbers, weir::uid<"numbers">) | weir::inspect([&](int i) {
                       if (i == last) stop.request_stop();
                     }) | weir::process<"pairs">(in_pairs{}) |
                         weir::discard<"odd"> | weir::process<"nothing">(keeps_nothing<std::string>{}) |
                         weir::map([](std::string const& s) { return line{s}; }) |
                         weir::into(weir::csv_file<>{.path = target}, weir::uid<"out">),
                     weir::lmdb_store{directory}, weir::periodic_checkpoints{.every = 1h}, weir::batch_size{1},
                     stop.get_token(), policies...);
  };
  for (int i = 1; i < 8; ++i) CHECK(go(state, i).status == weir::outcome::stopped);

  weir::inspection in(state);
  std::vector<std::string> stored;
  in.for_each([&](weir::stored_entry const& e) {
    weir::text_buffer text;
    weir::detail::state_form::write_key(text, e.form->key, e.key);
    text.append(' ');
    e.form->write_value(text, e.value);
    stored.push_back(e.state->name + " " + e.state->key_schema + " " + std::string(text.view()));
  });
  std::ranges::sort(stored);
  CHECK(stored == std::vector<std::string>{"pairs tuple<> [] 3", "waiting tuple<> [] [7]"});
  CHECK(weir::fsck(state).sound());

  CHECK(go(state, 0).status == weir::outcome::finished);
  CHECK(weir_test::content(target) == "text\n1: 1 2\n2: 3 4\n3: 5 6\n4: 7 8\n");
}
namespace before {
struct seen {
  std::int32_t number;
};
}  // namespace before
BOOST_HANA_ADAPT_STRUCT(before::seen, number);
struct seen {
  std::string note = "none";
  std::int64_t number;
};
BOOST_HANA_ADAPT_STRUCT(seen, note, number);

namespace {

template <class Seen>
struct lists {
  using output = std::string;
  weir::operator_list_state<Seen, "seen"> all;
  auto states() { return std::tie(all); }
  template <class Context, class Emit>
  void on_record(int i, Context&, Emit const& emit) {
    Seen now{};
    now.number = i;
    all.add(now);
    std::string text;
    for (Seen const& s : all) {
      text += std::to_string(s.number);
      if constexpr (requires { s.note; }) text += s.note;
    }
    emit(text);
  }
};
struct other_name {
  using output = std::string;
  weir::operator_list_state<std::string, "texts"> all;
  auto states() { return std::tie(all); }
  template <class Context, class Emit>
  void on_record(int, Context&, Emit const&) {}
};
struct other_lists {
  using output = std::string;
  weir::operator_list_state<std::string, "seen"> all;
  auto states() { return std::tie(all); }
  template <class Context, class Emit>
  void on_record(int, Context&, Emit const&) {}
};
template <class F>
std::vector<std::string> run_until(int last, std::filesystem::path const& state, F f, auto... policies) {
  std::vector<int> const numbers{1, 2, 3, 4};
  std::stop_source stop;
  weir::job_control const control;
  std::vector<std::string> out;
  weir::run(weir::from(numbers, weir::uid<"numbers">) | weir::inspect([&](int i) {
              if (i != last) return;
              control.savepoint(state.string() + ".save");
              stop.request_stop();
            }) | weir::process<"lists">(f) |
                weir::into(out, weir::uid<"out">),
            weir::lmdb_store{state}, weir::periodic_checkpoints{}, weir::at_least_once, weir::batch_size{1},
            stop.get_token(), control, policies...);
  return out;
}

}  // namespace

TEST_CASE("operator state: its schema evolves, in the directory and from a savepoint") {
  temp_directory const folder;
  CHECK(run_until(2, folder / "state", lists<before::seen>{}) == std::vector<std::string>{"1", "12"});
  std::vector<std::string> const all{"1none2none3none"};
  CHECK(run_until(3, folder / "other", lists<seen>{}, weir::from_savepoint{folder / "state.save"}) == all);
  CHECK(run_until(3, folder / "state", lists<seen>{}) == all);
}

TEST_CASE("operator state: what was saved as another is refused in words") {
  temp_directory const folder;
  run_until(2, folder / "state", lists<seen>{});
  auto const refused = [&](auto f) {
    return weir_test::error_of<weir::restore_error>([&] { run_until(3, folder / "state", f); });
  };
  CHECK_THAT(refused(lists<before::seen>{}), Contains("int64 became int32"));
  CHECK_THAT(refused(other_lists{}),
             Contains("was saved as list of ") && Contains("declares it as list of string"));
  CHECK_THAT(refused(other_name{}), Contains("\"lists\" has the states \"seen\""));
}
