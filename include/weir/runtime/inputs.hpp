// input_driver: which source the next records come from.
#pragma once

#include <weir/record.hpp>
#include <weir/runtime/pump_input.hpp>
#include <weir/runtime/watermark_reporter.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

// A visitor of stages: f(input) for each source that stands inside of an operator, see core/two_inputs.hpp. GoesFirst: of those
// that are read before the sources outside where both have the same watermark, of those that are read after them, or both.
template <class F, bool... GoesFirst>
struct second_inputs {
  F f;
  template <class Stage>
  void operator()(Stage const&) const {}
  template <class Second, bool First>
    requires((First == GoesFirst) || ...)
  void second_input(Second& second, std::bool_constant<First>) const {
    second.for_each_input(f);
  }
};
template <bool... GoesFirst, class Stages, class F>
void for_each_second_input(Stages& stages, F f) {
  stages.visit(second_inputs<F, GoesFirst...>{f});
}
// f(input) for each source of a run, in the order in which those that are equal are read.
template <bool SourcesInside, class Root, class F>
void for_each_source(Root& root, F f) {
  if constexpr (SourcesInside) for_each_second_input<true>(root, f);
  root.for_each_input(f);
  if constexpr (SourcesInside) for_each_second_input<false>(root, f);
}

// The splits of all sources of a run, and whose turn it is. Here is what does not depend on the pipeline, so that each costs
// the compiler only what does.
struct split_turns {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  struct split {
    timestamp clock;
    bool ended = false;
    bool passed_over = false;
    bool aside = false;                            // for the alignment: without time, or idle
    std::chrono::steady_clock::duration waited{};  // for it, since it was last asked, where somebody wants it
    std::chrono::steady_clock::time_point quiet_since = std::chrono::steady_clock::time_point::max();
  };
  std::vector<split> all;

  void add(timestamp clock) { all.push_back({clock}); }
  bool ended() const {
    return std::all_of(all.begin(), all.end(), [](split const& s) { return s.ended; });
  }
  // false: it had ended before.
  bool end(std::size_t i) { return !std::exchange(all[i].ended, true); }
  void pass_over_none() {
    for (split& s : all) s.passed_over = false;
  }
  std::size_t least() const {
    std::size_t best = none;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (!all[i].ended && !all[i].passed_over && (best == none || all[i].clock < all[best].clock)) best = i;
    return best;
  }
  // That of the least, which is then passed over.
  std::size_t take(std::size_t chosen) {
    if (chosen != none) all[chosen].passed_over = true;
    return chosen;
  }
  // The same, unless it is too far ahead.
  bool within(std::size_t i, timestamp limit) const { return all[i].clock <= limit; }
  std::size_t least(timestamp limit) const {
    std::size_t const i = least();
    return i == none || within(i, limit) ? i : none;
  }
  // How far a split may be, when none may be further than that ahead of the one that is furthest behind.
  timestamp limit(duration max_drift) const {
    timestamp base = max_time;
    for (split const& s : all)
      if (!s.ended && !s.aside) base = earlier(base, s.clock);
    return saturating_add(base, max_drift);
  }
  timestamp clock_of(std::size_t i) const { return i == none ? max_time : all[i].clock; }

  void asked(std::size_t i, bool any) {
    constexpr auto never = std::chrono::steady_clock::time_point::max();
    if (any)
      all[i].quiet_since = never;
    else if (all[i].quiet_since == never)
      all[i].quiet_since = std::chrono::steady_clock::now();
  }
  // For the n splits from `first` on.
  template <class = void>
  std::vector<watermark_report::split> report(std::size_t first, std::size_t n, timestamp limit) const {
    std::vector<watermark_report::split> to(n);
    auto const now = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < n; ++i) {
      split const& s = all[first + i];
      if (s.quiet_since < now) to[i].quiet = std::chrono::floor<duration>(now - s.quiet_since);
      to[i].paused = !s.ended && !within(first + i, limit);
    }
    return to;
  }
  // All that were asked in vain have been waited for.
  void add_wait(std::chrono::steady_clock::duration d) {
    for (split& s : all)
      if (s.passed_over && !s.ended) s.waited += d;
  }
  duration take_wait(std::size_t i) {
    auto const whole = std::chrono::floor<duration>(all[i].waited);
    all[i].waited -= whole;
    return whole;
  }
};

// A visitor of stages: tells assigners of time that stand where inputs have met how long the run has waited, and asks
// them how long it may.
struct idleness_above {
  duration waited{};
  duration until = duration::max();
  template <class Stage>
  void operator()(Stage& stage) {
    if constexpr (requires { stage.look_for_idle_above(); }) {
      stage.waited_above(waited);
      if (waited == duration::zero()) stage.look_for_idle_above();
      until = std::min(until, stage.until_idle_above());
    }
  }
};

// The next record comes from the split with the least watermark, ties in the order of declaration; whole runs of records
// while that stays so. A live source that has nothing to give now is passed over.
template <class Root, bool SourcesInside, class Alignment>
class input_driver {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  input_driver(Root& root, Alignment const& alignment) : root_(root), alignment_(alignment) {
    for_each_source<SourcesInside>(root_, [&](auto& input) {
      using input_type = std::remove_reference_t<decltype(input)>;
      for (std::size_t i = 0; i < input.reader.splits(); ++i) {
        timestamp clock = input.clock(i);  // selects it, so that what was restored is looked at anew
        if constexpr (has_clock<input_type>) clock = input.stages.clock_of(i);
        splits_.add(clock);
      }
      input.select(0);
    });
  }
  bool ended() const { return splits_.ended(); }

  // Ends the input where it is.
  void end() {
    std::size_t first = 0;
    for_each_source<SourcesInside>(root_, [&](auto& input) {
      std::size_t const n = input.reader.splits();
      for (std::size_t i = 0; i < n; ++i)
        if (splits_.end(first + i)) {
          input.select(i);
          input.end(i);
        }
      first += n;
    });
  }

  WEIR_COLD watermark_report report() {
    watermark_reporter<> to;
    std::size_t first = 0;
    for_each_source<SourcesInside>(root_, [&](auto& input) {
      std::size_t const n = input.reader.splits();
      to.knows(&input, splits_.report(first, n, limit_));
      first += n;
    });
    root_.visit(to);
    return std::move(to.report);
  }

  // Runs at most `max` records of the split whose turn it is. false: nothing had come by the deadline.
  bool step(std::size_t max, time_point deadline) {
    splits_.pass_over_none();
    if constexpr (Alignment::aligns) look_at_drift();
    bool moved = false;
    // What a poll reads and parses is work, and no waiting: where that counts, only one who has just been asked in vain waits.
    bool may_wait = !may_idle<Root>;
    std::size_t chosen = splits_.take(least());
    while (chosen != none) {
      std::size_t const rival = least();
      // Only the last that may have something waits for it.
      bool const waits = rival == none && may_wait;
      moved = run(chosen, rival, max, waits ? until_idle(deadline) : time_point::min());
      if (moved || waits) break;
      if (rival == none)
        may_wait = true;
      else
        chosen = splits_.take(rival);
    }
    if constexpr (may_idle<Root>) root_.visit(idleness_above{});
    return moved;
  }

 private:
  static constexpr std::size_t none = split_turns::none;

  // The only split of the only input: nothing can come before its next record. Where that is not known at compile time
  // there is one loop for both cases, since each is a copy of the whole pipeline.
  template <class Input>
  static constexpr bool alone = !SourcesInside && std::same_as<Input, Root> &&
                                requires { typename std::bool_constant<(Input::reader_type::splits() == 1)>; };

  bool run(std::size_t chosen, std::size_t rival, std::size_t max, time_point deadline) {
    std::size_t first = 0;
    bool moved = false;
    for_each_source<SourcesInside>(root_, [&](auto& input) {
      std::size_t const n = input.reader.splits();
      if (chosen >= first && chosen - first < n)
        moved = run_input(input, chosen - first, chosen, rival, max, deadline);
      first += n;
    });
    return moved;
  }
  template <class Input>
  bool run_input(Input& input, std::size_t index, std::size_t chosen, std::size_t rival, std::size_t max,
                 time_point deadline) {
    [[maybe_unused]] wait_watch const watch{};
    auto&& batch = input.reader.poll(index, max, deadline);
    if constexpr (may_idle<Root>) waited(watch.begin, deadline);
    if constexpr (may_idle<Input>) input.stages.waited(index, splits_.take_wait(chosen));
    bool const any = std::ranges::begin(batch) != std::ranges::end(batch);
    splits_.asked(chosen, any);
    std::size_t n = 0;
    if (any) {
      input.select(index);
      if constexpr (alone<Input>) {
        n = static_cast<std::size_t>(std::ranges::distance(batch));
        run_batch(input.stages, batch);
      } else {
        ran const done = run_until(input, batch, chosen, rival);
        n = done.records;
        splits_.all[chosen].clock = done.clock;
      }
    }
    bool const dropped = input.consume(index, n);
    if (!input.reader.ended(index)) {
      if constexpr (may_idle<Input>)
        if (input.stages.look_for_idle(index)) return true;  // the watermark may have risen
      return any || dropped;
    }
    splits_.end(chosen);
    input.select(index);  // it may have ended without a record, behind one of another split
    input.end(index);
    return true;
  }

  std::size_t least() const {
    if constexpr (Alignment::aligns)
      return splits_.least(limit_);
    else
      return splits_.least();
  }
  template <class Input, class Batch>
  ran run_until(Input& input, Batch&& batch, std::size_t chosen, std::size_t rival) {
    timestamp const other = splits_.clock_of(rival);
    if constexpr (Alignment::aligns)
      if (limit_ < other) return run_batch_until(input.stages, batch, limit_, false);
    return run_batch_until(input.stages, batch, other, rival < chosen);
  }
  // Who holds the others back, and how far they may go.
  void look_at_drift() {
    std::size_t first = 0;
    for_each_source<SourcesInside>(root_, [&](auto& input) {
      using input_type = std::remove_reference_t<decltype(input)>;
      std::size_t const n = input.reader.splits();
      for (std::size_t i = 0; i < n; ++i) {
        split_turns::split& s = splits_.all[first + i];
        if constexpr (!has_clock<input_type>)
          s.aside = true;
        else if constexpr (may_idle<input_type>)
          s.aside = input.stages.is_idle(i);
        if constexpr (has_clock<input_type>)
          s.clock = input.stages.clock_of(i);  // what waits before the assigner comes there later
      }
      first += n;
    });
    limit_ = splits_.limit(alignment_.max_drift);
  }

  struct no_watch {};
  struct begun_watch {
    time_point begin = std::chrono::steady_clock::now();
  };
  using wait_watch = std::conditional_t<may_idle<Root>, begun_watch, no_watch>;

  // Behind a poll that could wait. What it does beyond its deadline is work.
  void waited(time_point begin, time_point deadline) {
    if (deadline == time_point::min()) return;
    auto const time = std::min(std::chrono::steady_clock::now(), deadline) - begin;
    if (time <= time_point::duration::zero()) return;
    splits_.add_wait(time);
    if (auto const whole = std::chrono::ceil<duration>(time); whole != duration::zero())
      root_.visit(idleness_above{whole});
  }
  // `limit`, or when the first split will have been quiet for too long where that comes before it.
  time_point until_idle(time_point limit) {
    if constexpr (may_idle<Root>) {
      idleness_above least;
      std::size_t first = 0;
      for_each_source<SourcesInside>(root_, [&](auto& input) {
        using input_type = std::remove_reference_t<decltype(input)>;
        std::size_t const n = input.reader.splits();
        if constexpr (may_idle<input_type>)
          for (std::size_t i = 0; i < n; ++i)
            if (split_turns::split const& s = splits_.all[first + i];
                !s.ended && splits_.within(first + i, limit_))
              if (duration const left = input.stages.until_idle(i); left != duration::max())
                least.until = std::min(least.until, left - std::chrono::floor<duration>(s.waited));
        first += n;
      });
      root_.visit(least);
      if (least.until == duration::max()) return limit;
      // A tick more: it is idle when it has been quiet for longer than that.
      auto const wait = std::clamp(least.until, duration::zero(), duration{std::chrono::hours{1}}) + 2 * tick;
      return std::min(limit, std::chrono::steady_clock::now() + wait);
    } else {
      return limit;
    }
  }

  Root& root_;
  split_turns splits_;
  Alignment const& alignment_;
  timestamp limit_ = max_time;  // of the clock of a split that may be read
};

}  // namespace weir::detail
