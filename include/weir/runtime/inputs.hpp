// input_driver: which source the next records come from.
#pragma once

#include <weir/record.hpp>
#include <weir/runtime/pump_input.hpp>

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
  std::size_t take_least() {
    std::size_t const chosen = least();
    if (chosen != none) all[chosen].passed_over = true;
    return chosen;
  }
  timestamp clock_of(std::size_t i) const { return i == none ? max_time : all[i].clock; }
};

// The next record comes from the split with the least watermark, ties in the order of declaration; whole runs of records
// while that stays so. A live source that has nothing to give now is passed over.
template <class Root, bool SourcesInside>
class input_driver {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit input_driver(Root& root) : root_(root) {
    for_each_source<SourcesInside>(root_, [&](auto& input) {
      for (std::size_t i = 0; i < input.reader.splits(); ++i) splits_.add(input.clock(i));
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

  // Runs at most `max` records of the split whose turn it is. false: nothing had come by the deadline.
  bool step(std::size_t max, time_point deadline) {
    splits_.pass_over_none();
    for (;;) {
      std::size_t const chosen = splits_.take_least();
      if (chosen == none) return false;
      std::size_t const rival = splits_.least();
      // Only the last that may have something waits for it.
      if (run(chosen, rival, max, rival == none ? deadline : time_point::min())) return true;
    }
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
    auto&& batch = input.reader.poll(index, max, deadline);
    bool const any = std::ranges::begin(batch) != std::ranges::end(batch);
    std::size_t n = 0;
    if (any) {
      input.select(index);
      if constexpr (alone<Input>) {
        n = static_cast<std::size_t>(std::ranges::distance(batch));
        run_batch(input.stages, batch);
      } else {
        ran const done = run_batch_until(input.stages, batch, splits_.clock_of(rival), rival < chosen);
        n = done.records;
        splits_.all[chosen].clock = done.clock;
      }
    }
    bool const dropped = input.consume(index, n);
    if (!input.reader.ended(index)) return any || dropped;
    splits_.end(chosen);
    input.select(index);  // it may have ended without a record, behind one of another split
    input.end(index);
    return true;
  }

  Root& root_;
  split_turns splits_;
};

}  // namespace weir::detail
