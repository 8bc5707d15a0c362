// co_group and window_join: windows of two streams.
#include "error_of.hpp"
#include "op/two_streams.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using weir::testing::at;
using namespace weir_test;

namespace {

template <class All>
std::string ids_of(All const& all) {
  std::vector<std::int64_t> ids;
  for (auto const& v : all) ids.push_back(v.id);
  std::sort(ids.begin(), ids.end());
  std::string text;
  for (std::int64_t id : ids) text += std::to_string(id) + " ";
  return text;
}
auto const both_sides = [](weir::keyed_window<std::int64_t> const& w, std::vector<left_record> const& left,
                           std::vector<right_record> const& right, auto const& emit) {
  emit(std::to_string(w.key) + " [" + std::to_string(weir::ticks(w.window.start) / 1000000) + ", " +
       std::to_string(weir::ticks(w.window.end) / 1000000) + "): " + ids_of(left) + "| " + ids_of(right));
};
auto const side_by_side = [](auto const& l, auto const& r) {
  auto const text = [](auto const& side) {
    if constexpr (std::is_pointer_v<std::remove_cvref_t<decltype(side)>>)
      return side == nullptr ? std::string("-") : std::to_string(side->id);
    else
      return std::to_string(side.id);
  };
  return text(l) + "+" + text(r);
};
template <class Assigner, class... Options>
auto grouped_by(Assigner assigner, Options... options) {
  return [=](auto const& right) {
    return weir::window(assigner, options...) | weir::co_group<"group", std::string>(right, both_sides);
  };
}
// The same windows in the general store.
template <class Assigner>
struct irregular {
  static constexpr bool merging = Assigner::merging;
  Assigner inner;
  template <class V, class Emit>
  void assign(V const& v, weir::timestamp at, Emit const& emit) const {
    inner.assign(v, at, emit);
  }
  void check() const { inner.check(); }
};

// From the words: a record goes into each of its windows that is not gone; sessions merge first.
template <class Assigner>
struct naive {
  Assigner assigner;
  weir::duration lateness{};
  timed_texts out;
  struct held {
    std::vector<left_record> left;
    std::vector<right_record> right;
  };
  using name = std::tuple<std::int64_t, weir::timestamp, weir::timestamp>;  // key, start, end
  std::map<name, held> windows;

  void left(left_record const& l, weir::timestamp watermark) {
    add(l.key, l, watermark, [&](held& h) { h.left.push_back(l); });
  }
  void right(right_record const& r, weir::timestamp watermark) {
    add(std::stoll(r.key), r, watermark, [&](held& h) { h.right.push_back(r); });
  }
  void advance(weir::timestamp before, weir::timestamp now) {
    for (auto w = windows.begin(); w != windows.end();) {
      weir::timestamp const last = std::get<2>(w->first) - weir::tick;
      if (last > before && last <= now) fire(w->first);
      w = weir::saturating_add(last, lateness) <= now ? windows.erase(w) : std::next(w);
    }
  }

 private:
  void fire(name const& n) {
    held const& h = windows[n];
    auto const [key, start, end] = n;
    both_sides({key, {start, end}}, h.left, h.right, [&, end = end](std::string s) {
      out.push_back({s, end - weir::tick});
    });
  }
  template <class V, class Add>
  void add(std::int64_t key, V const& v, weir::timestamp watermark, Add const& add_to) {
    assigner.assign(v, v.at, [&](weir::time_window w) {
      held merged;
      if constexpr (Assigner::merging)
        for (auto o = windows.begin(); o != windows.end();) {
          auto const [other, start, end] = o->first;
          if (other != key || start > w.end || end < w.start) {
            ++o;
            continue;
          }
          w = {std::min(w.start, start), std::max(w.end, end)};
          merged.left.insert(merged.left.end(), o->second.left.begin(), o->second.left.end());
          merged.right.insert(merged.right.end(), o->second.right.begin(), o->second.right.end());
          o = windows.erase(o);
        }
      if (weir::saturating_add(w.last(), lateness) <= watermark) return;
      name const n{key, w.start, w.end};
      if constexpr (Assigner::merging) windows[n] = std::move(merged);
      add_to(windows[n]);
      if (w.last() <= watermark) fire(n);
    });
  }
};

template <class Assigner, class Run, class... Options>
std::size_t check_group(std::uint64_t seeds, Assigner oracle, Run run, weir::duration lateness,
                        Options... options) {
  return check_streams(
      seeds, grouped_by(run, options...),
      [&](two_streams const& s) {
        naive<Assigner> n{oracle, lateness, {}, {}};
        replay(s, n);
        return n.out;
      },
      in_any_order_of_keys{});
}

weir::tumbling_windows const tumbling{.size = 10s};
weir::sliding_windows const sliding{.size = 9s, .slide = 3s};
weir::session_windows const sessions{.gap = 4s};

}  // namespace

TEST_CASE("co_group: a trace of windows with one side, the other and both") {
  auto t = weir::testing::test_driver<left_record>(
      weir::key_by(left_key) | weir::window(tumbling) |
      weir::co_group<"group", std::string>(keyed(no_records), both_sides, weir::late_left_to<"left">,
                                           weir::late_right_to<"right">));
  t.push({1, 1, at(1s)}, at(1s));
  t.push({1, 2, at(2s)}, at(2s));
  t.push({2, 3, at(12s)}, at(12s));
  t.push_to<"right">(right_record{"1", 4, at(9s)});
  t.push_to<"right">(right_record{"3", 5, at(11s)});
  t.watermark(at(100s));
  CHECK(t.take().empty());                            // second is at 9 s
  t.push_to<"right">(right_record{"3", 6, at(13s)});  // and now at 11 s
  CHECK(t.take() == timed_texts{{"1 [0, 10): 1 2 | 4 ", at(10s) - weir::tick}});
  t.push({1, 7, at(9s)}, at(9s));
  t.push_to<"right">(right_record{"1", 8, at(9s)});
  auto const late_left = t.take_side<"left">();
  auto const late_right = t.take_side<"right">();
  REQUIRE(late_left.size() == 1);
  REQUIRE(late_right.size() == 1);
  CHECK(late_left[0].value.id == 7);
  CHECK(late_right[0].value.id == 8);
  CHECK(t.count("group", "late") == 2);
  t.finish();
  CHECK(in_any_order_of_keys{}(t.take()) ==
        timed_texts{{"2 [10, 20): 3 | ", at(20s) - weir::tick}, {"3 [10, 20): | 5 6 ", at(20s) - weir::tick}});
}

TEST_CASE("co_group: random streams in every layout of windows") {
  CHECK(check_group(60, tumbling, tumbling, 0s) > 500);
  CHECK(check_group(40, tumbling, irregular<weir::tumbling_windows>{tumbling}, 0s) > 500);
  CHECK(check_group(60, sliding, sliding, 8s, weir::allowed_lateness{8s}) > 500);
  CHECK(check_group(60, sessions, sessions, 8s, weir::allowed_lateness{8s}) > 500);
}

TEST_CASE("co_group: restored before every step, and stopped after every few records") {
  check_restored_drivers(20, grouped_by(tumbling), in_any_order_of_keys{});
  check_stopped_runs(grouped_by(tumbling), in_any_order_of_keys{});
  check_restored_drivers(20, grouped_by(sessions, weir::allowed_lateness{8s}), in_any_order_of_keys{});
  check_stopped_runs(grouped_by(sessions, weir::allowed_lateness{8s}), in_any_order_of_keys{});
}

namespace {

// Each pair of a window of the oracle, and what has no partner there.
template <class... Options>
void check_join(bool left_outer, bool right_outer, Options... options) {
  auto const op = [&](auto const& right) {
    return weir::window(tumbling) | weir::window_join<"join">(right, side_by_side, options...);
  };
  std::size_t const seen = check_streams(
      40, op,
      [&](two_streams const& s) {
        timed_texts out;
        std::map<std::pair<weir::timestamp, std::int64_t>,
                 std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>>
            windows;
        struct all {
          decltype(windows)& to;
          static weir::timestamp end_of(weir::timestamp at) {
            weir::timestamp end{};
            tumbling.assign(0, at, [&](weir::time_window w) { end = w.end; });
            return end;
          }
          void left(left_record const& l, weir::timestamp watermark) {
            if (end_of(l.at) - weir::tick > watermark) to[{end_of(l.at), l.key}].first.push_back(l.id);
          }
          void right(right_record const& r, weir::timestamp watermark) {
            if (end_of(r.at) - weir::tick > watermark)
              to[{end_of(r.at), std::stoll(r.key)}].second.push_back(r.id);
          }
          void advance(weir::timestamp, weir::timestamp) {}
        } oracle{windows};
        replay(s, oracle);
        for (auto const& [name, sides] : windows) {
          auto const give = [&, at = name.first - weir::tick](std::string text) { out.push_back({text, at}); };
          for (std::int64_t l : sides.first)
            for (std::int64_t r : sides.second) give(std::to_string(l) + "+" + std::to_string(r));
          if (left_outer && sides.second.empty())
            for (std::int64_t l : sides.first) give(std::to_string(l) + "+-");
          if (right_outer && sides.first.empty())
            for (std::int64_t r : sides.second) give("-+" + std::to_string(r));
        }
        return out;
      },
      in_any_order_of_keys{});
  CHECK(seen > 300);
}

}  // namespace

TEST_CASE("window_join: random streams, as every pair of a window") {
  check_join(false, false);
  check_join(true, false, weir::left_outer);
  check_join(false, true, weir::right_outer);
  check_join(true, true, weir::full_outer);
}

TEST_CASE("window_join: a trigger that looks at records sees those of both sides") {
  auto const job = weir::key_by(left_key) | weir::window(tumbling, weir::purging(weir::count_trigger{3})) |
                   weir::window_join<"join">(keyed(no_records), side_by_side, weir::left_outer);
  auto t = weir::testing::test_driver<left_record>(job);
  t.push({1, 1, at(1s)}, at(1s));
  t.push_to<"right">(right_record{"1", 4, at(9s)});
  CHECK(t.take().empty());
  t.push({1, 2, at(2s)}, at(2s));
  CHECK(t.take() == timed_texts{{"1+4", at(10s) - weir::tick}, {"2+4", at(10s) - weir::tick}});
  CHECK(weir::describe(weir::from(std::vector<left_record>{}) |
                       weir::assign_timestamps(&left_record::at, weir::monotonous_timestamps{}) | job) ==
        "from(range_source)\n"
        "assign_timestamps(monotonous_timestamps)\n"
        "key_by\n"
        "window(tumbling_windows 10s, purging count_trigger 3)\n"
        "window_join \"join\"\n"
        "  - from(range_source) \"right\"\n"
        "    assign_timestamps(bounded_out_of_orderness 2s)\n"
        "    key_by\n");
}

TEST_CASE("window_join: one side gives its key as a view, the other as a string") {
  auto const run_with = [](auto const& left, auto const& right) {
    std::vector<right_record> const all{{"a key that is longer than a string itself", 1, at(1s)},
                                        {"another", 2, at(2s)}};
    auto const in_time =
        weir::from(all) | weir::assign_timestamps(&right_record::at, weir::monotonous_timestamps{});
    std::vector<std::string> out;
    weir::run(in_time | left | weir::window(weir::session_windows{.gap = 5s}) |
              weir::window_join(
                  in_time | right,
                  [](right_record const& l, right_record const& r) { return l.key + std::to_string(r.id); }) |
              weir::into(out));
    std::sort(out.begin(), out.end());
    return out;
  };
  auto const is_odd = [](right_record const& r) { return r.id % 2; };
  auto const view_of = [](right_record const& r) { return std::string_view(r.key); };
  auto const copy_of = [](right_record const& r) { return r.key + "!"; };
  std::vector<std::string> const pairs{"a key that is longer than a string itself1", "another2"};
  CHECK(run_with(weir::key_by(view_of), weir::key_by(&right_record::key)) == pairs);
  CHECK(run_with(weir::key_by(&right_record::key), weir::key_by(view_of)) == pairs);
  CHECK(run_with(weir::key_by(&right_record::key), weir::key_by(copy_of)).empty());
  CHECK(run_with(weir::key_by(is_odd, view_of), weir::key_by(is_odd, &right_record::key)) == pairs);
}
