// testing: a chain of operators run by hand, record by record, with a clock that the test moves.
#pragma once

#include <weir/checkpoint/archive.hpp>
#include <weir/core/is_view.hpp>
#include <weir/core/parts.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/core/pump.hpp>
#include <weir/error.hpp>
#include <weir/runtime/collected.hpp>
#include <weir/runtime/context.hpp>
#include <weir/runtime/driver_parts.hpp>
#include <weir/runtime/inputs.hpp>
#include <weir/runtime/running_stages.hpp>
#include <weir/state/dumped_table.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {
namespace testing {

// 10 s after 1970: at(10s).
constexpr timestamp at(duration since_1970) { return timestamp{since_1970}; }

// What test_driver gives; it cannot be moved or copied.
template <class In, class Chain>
class driver {
 public:
  using value_type = typename In::value;
  using output_stream = output_of<Chain, In>;
  static constexpr bool timed = In::timed;

  explicit driver(Chain const& chain) : parts_(chain), head_(make{&parts_}) {
    head_.splits(1);
    head_.visit(stages_);
  }
  driver(Chain const& chain, std::string_view snapshot) : driver(chain) { restore(snapshot); }
  driver(driver const&) = delete;
  driver& operator=(driver const&) = delete;

  // One record with its event time. Error: weir::error after finish().
  void push(value_type value, timestamp at)
    requires timed
  {
    check_not_finished();
    wake();
    auto k = head_.next.open();
    head_.push(k, std::move(value), event{at, watermark_}, watermark_);
    head_.next.commit(k);
    stages_.flush();
  }
  // One record, to a chain that starts without event time.
  void push(value_type value)
    requires(!timed)
  {
    check_not_finished();
    check_any_split();
    auto k = head_.next.open();
    k(std::move(value), untimed{});
    head_.next.commit(k);
    stages_.flush();
  }
  // Of a chain that assigns time itself: its source has n parts that are read beside each other, each with time of its own,
  // as several files are. To be called before the first record and behind a snapshot; without it there is one.
  void splits(std::size_t n)
    requires(!timed)
  {
    head_.splits(n);
    ended_.assign(n, false);
    selected_ = 0;
  }
  // One record of that split. push gives one of the split that was last named here, at first 0, or where that has come to
  // its end of the first that has not. Error: weir::error when this split has, or for push all.
  void push_to_split(std::size_t split, value_type value)
    requires(!timed)
  {
    check_split(split);
    head_.select(selected_ = split);
    push(std::move(value));
  }
  // That split has come to its end; all of them have with finish().
  void finish_split(std::size_t split)
    requires(!timed)
  {
    check_split(split);
    head_.finish(split);
    ended_[split] = true;
    if (ended_[selected_])
      selected_ = static_cast<std::size_t>(std::find(ended_.begin(), ended_.end(), false) - ended_.begin());
    if (selected_ != ended_.size()) head_.select(selected_);
    stages_.flush();
  }
  // What the chain begins with is idle, as behind a with_idleness, until the next record or watermark of push and watermark.
  void idle()
    requires timed
  {
    if (std::exchange(idle_, true)) return;
    head_.set_idle(true);
    stages_.flush();
  }
  // One record of the source of this uid, which stands inside of an operator of the chain (the rules of broadcast), as if it
  // had read it; its own pipeline follows. Error: weir::error where there is none.
  template <fixed_string Uid, class T>
  void push_to(T value) {
    check_not_finished();
    bool found = false;
    detail::for_each_second_input<true, false>(head_, [&]<class Input>(Input& input) {
      if constexpr (std::convertible_to<T, typename Input::value_type>)
        if (input.uid == Uid.view()) {
          input.give(typename Input::value_type(std::move(value)));
          found = true;
        }
    });
    if (!found)
      throw error("weir::testing::test_driver: the chain has no source \"" + std::string(Uid.view()) +
                  "\" inside, or its records are of another type");
    stages_.flush();
  }
  // The same source has come to its end.
  template <fixed_string Uid>
  void finish_input() {
    stages_.end_inner(Uid.view());
    stages_.flush();
  }
  // The watermark rises to t, and all that this causes happens; where it is there or above already, nothing.
  void watermark(timestamp t)
    requires timed
  {
    if (t <= watermark_) return;
    wake();
    head_.deliver({watermark_, t});
    watermark_ = t;
    stages_.flush();
  }
  // Processing time, which begins at 1970, goes on to t, and all that this causes happens: timers fire, and for
  // with_idleness it is time of waiting. A snapshot does not hold it.
  void processing_time(timestamp t) {
    if (t <= parts_.context.processing_time) return;
    duration const waited = t - std::exchange(parts_.context.processing_time, t);
    stages_.tell_time();
    if constexpr (detail::may_idle<head>) wait(waited);
    stages_.flush();
  }
  // The end of the input: the watermark rises to its maximum, and sinks let go of what they hold.
  void finish() {
    if constexpr (timed)
      watermark(max_time);
    else if (watermark_ != max_time)
      head_.next.advance({min_time, watermark_ = max_time});
    stages_.end_inner({});
    stages_.finish();
  }

  // What has come out since the last take(), in its order: values with the time that they carry (.value, .at), or only
  // the values where the chain gives no event time.
  auto take() {
    constexpr bool the_chain_is_open = output_stream::open;
    static_assert(the_chain_is_open, "weir::testing::test_driver: take() of a chain that ends in into(sink)");
    if constexpr (the_chain_is_open) {
      static_assert(
          view_beyond_push<output_stream>::owns_its_bytes,
          "weir::testing::test_driver: take() of a value with a std::string_view into a record that is "
          "gone; map it to one with std::string first, or specialise weir::outlives_batch for it");
      return parts_.output.main.take();
    }
  }
  // The same of a side output that the chain does not consume.
  template <fixed_string Name>
  auto take_side() {
    using side = side_output_of<output_stream, Name>;
    constexpr bool there_is_a_side_output_of_this_name = !std::same_as<side, none>;
    static_assert(there_is_a_side_output_of_this_name,
                  "weir::testing::test_driver: the chain has no unconsumed side output of this name");
    if constexpr (there_is_a_side_output_of_this_name) {
      static_assert(
          view_beyond_push<side>::owns_its_bytes,
          "weir::testing::test_driver: take_side() of a value with a std::string_view into a record that "
          "is gone; map it to one with std::string first, or specialise weir::outlives_batch for it");
      return static_cast<detail::collected_side<Name, side>&>(parts_.output.sides).take();
    }
  }

  // Which input holds time back and why; text(report) says it in words.
  watermark_report explain_watermark() {
    detail::watermark_reporter<> to;
    if constexpr (timed)
      to.begin("what is pushed", watermark_, idle_);
    else
      to.begin("what is pushed");
    head_.visit(to);
    return std::move(to.report);
  }
  // What this driver has counted: {uid, "late"} and so on, as in run_result.
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts() const {
    return {parts_.counted.begin(), parts_.counted.end()};
  }
  std::uint64_t count(std::string_view uid, std::string_view what) const {
    for (auto const& [name, value] : parts_.counted)
      if (name.first == uid && name.second == what) return value;
    return 0;
  }

  // State, timers and watermarks as bytes, for a new driver of the same chain; not what has come out and was not
  // taken, nor counts, nor sinks. Equal states give equal bytes.
  std::string snapshot() {
    using parts = typename Chain::template parts<In, part_names<>>;
    constexpr bool each_state_has_a_codec = detail::all_storable<parts>();
    static_assert(
        each_state_has_a_codec,
        "weir::testing::test_driver: snapshot() of a key or a state of a type without codec; adapt it with "
        "BOOST_HANA_ADAPT_STRUCT or specialise weir::codec");
    std::string bytes;
    if constexpr (each_state_has_a_codec) {
      detail::driver_snapshot all{detail::driver_snapshot_form, watermark_, {}};
      head_.visit([&](auto& stage) {
        if constexpr (detail::driver_saves<std::remove_reference_t<decltype(stage)>>)
          std::get<2>(all).push_back(save(stage));
      });
      codec<detail::driver_snapshot>::encode(all, bytes);
    }
    return bytes;
  }

 private:
  using parts_type = detail::driver_parts<In, Chain>;
  using make = detail::make_stages<In, Chain>;
  using stages = std::invoke_result_t<make const&>;
  using head = std::conditional_t<timed, pump<stages>, forwarding<stages>>;

  // Where records own what they show, a view of one ends with push(); where they are views themselves, it shows what the
  // test holds.
  template <class Stream>
  using view_beyond_push = std::conditional_t<detail::is_view<value_type>(), detail::the_field<"">,
                                              detail::view_in<typename Stream::value>>;

  void check_not_finished() const {
    if (watermark_ == max_time)
      throw error("weir::testing::test_driver: a record is pushed behind the end of the input");
  }
  void check_split(std::size_t split) const {
    if (split >= ended_.size())
      throw error("weir::testing::test_driver: there is no split " + std::to_string(split) +
                  "; call splits(n) first");
    if (ended_[split])
      throw error("weir::testing::test_driver: split " + std::to_string(split) +
                  " has come to its end with finish_split");
  }
  void check_any_split() const {
    if (selected_ >= ended_.size())
      throw error(
          "weir::testing::test_driver: a record is pushed behind the end of all splits; name fewer of them in "
          "finish_split");
  }
  void wake() {
    if constexpr (timed)
      if (std::exchange(idle_, false)) head_.set_idle(false);
  }
  // Nothing has come for that time.
  void wait(duration d) {
    auto const all = [d](auto& part, std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) part.waited(i, d);
      for (std::size_t i = 0; i < n; ++i) part.look_for_idle(i);
    };
    all(head_, ended_.size());
    detail::for_each_second_input<true, false>(head_,
                                               [&](auto& input) { all(input.stages, input.ended.size()); });
    head_.visit(detail::idleness_above{d});
    head_.visit(detail::idleness_above{});
  }
  template <class Stage>
  static detail::driver_stage save(Stage& stage) {
    detail::save_archive ar;
    stage.state(ar);
    std::vector<std::string> tables;
    if constexpr (requires { stage.for_each_table([](auto&) {}); }) {
      stage.for_each_table([&](auto& table) { tables.push_back(table.dump()); });
      while (!tables.empty() && tables.back().empty()) tables.pop_back();  // those that wait to be used again
    }
    return {detail::name_of_stage(stage), std::move(ar.bytes), std::move(tables)};
  }
  void restore(std::string_view bytes) {
    detail::driver_snapshot saved;
    decode(bytes, saved);
    auto const& [form, watermark, all] = saved;
    if (form != detail::driver_snapshot_form)
      throw restore_error(
          "weir::testing::test_driver: these bytes are no snapshot of a test_driver of this version");
    watermark_ = watermark;
    if constexpr (timed) head_.delivered = watermark;
    std::size_t n = 0;
    head_.visit([&](auto& stage) {
      if constexpr (detail::driver_saves<std::remove_reference_t<decltype(stage)>>) {
        if (n == all.size() || std::get<0>(all[n]) != detail::name_of_stage(stage)) refuse();
        load(stage, all[n++]);
      }
    });
    if (n != all.size()) refuse();
  }
  [[noreturn]] static void refuse() {
    throw restore_error("weir::testing::test_driver: the snapshot was made of another chain");
  }
  template <class Stage>
  static void load(Stage& stage, detail::driver_stage const& saved) {
    detail::load_archive ar(std::get<1>(saved));
    stage.state(ar);
    ar.finish();
    if constexpr (requires { stage.for_each_table([](auto&) {}); }) {
      auto const& tables = std::get<2>(saved);
      std::size_t n = 0;
      stage.for_each_table([&](auto& table) {
        if (n < tables.size()) table.fill(tables[n++]);
      });
      if (n != tables.size()) refuse();
    }
    if constexpr (requires { stage.restored(); }) stage.restored();
  }

  parts_type parts_;
  timestamp watermark_ = min_time;
  std::vector<bool> ended_ = {false};  // splits
  std::size_t selected_ = 0;           // that push gives a record of
  bool idle_ = false;
  head head_;
  detail::driver_stages stages_;
};

// A driver of a chain of operators, without source, thread, file or sleep: test_driver<payment>(chain). Its records are
// of type T and carry the event time that push(value, at) gives them, under the watermark that watermark(t) gives;
// test_driver<payment, untimed>(chain) is for a chain that starts without event time, as one does that begins with
// assign_timestamps. The results are there when push, watermark or finish returns, and are those of a run that gets the same
// records and watermarks. Processing time goes on with processing_time(t) only. Side outputs that the chain does not consume are kept for take_side<"name">(). The chain may end
// in into(sink). A source that stands inside of an operator is not read: push_to<"uid">(record) gives its records.
//
// test_driver<payment>(chain, bytes) goes on where snapshot() was taken. Errors: restore_error when that was from another
// chain, format_error when it was from no driver.
//
// Example: examples/docs/test_driver.cpp
template <class T, class Time = event, operation Chain, std::convertible_to<std::string_view>... Snapshot>
auto test_driver(Chain const& chain, Snapshot const&... snapshot) {
  static_assert(sizeof...(Snapshot) <= 1, "weir::testing::test_driver: (chain) or (chain, bytes)");
  static_assert(std::same_as<Time, event> || std::same_as<Time, untimed>,
                "weir::testing::test_driver<T, Time>: Time is event or untimed");
  using in = stream<T, std::same_as<Time, event>>;
  if constexpr (!accepts<Chain, in>) {
    using mistake = detail::culprit<Chain, in>;
    mistake::operation::template explain<typename mistake::in>();
    return detail::rejected_driver{};
  } else if constexpr (requires { requires output_of<Chain, in>::windowed; }) {
    constexpr bool each_window_has_a_function = !output_of<Chain, in>::windowed;
    static_assert(each_window_has_a_function,
                  "weir::testing::test_driver: a window has no function; put aggregate or reduce behind "
                  "window(assigner)");
    return detail::rejected_driver{};
  } else {
    return driver<in, Chain>(chain, std::string_view(snapshot)...);
  }
}

}  // namespace testing
}  // namespace weir
