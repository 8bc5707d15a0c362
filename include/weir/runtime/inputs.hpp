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

// A visitor of stages: f(input, goes first) for each source that stands inside of an operator, see core/two_inputs.hpp.
template <class F>
struct second_inputs {
  F f;
  template <class Stage>
  void operator()(Stage const&) const {}
  template <class Second, class GoesFirst>
  void second_input(Second& second, GoesFirst first) const {
    second.for_each_input([&](auto& input) { f(input, first); });
  }
};
template <class Stages, class F>
void for_each_second_input(Stages& stages, F f) {
  stages.visit(second_inputs<F>{f});
}
// f(input) for each source of a run, in the order in which those that are equal are read.
template <bool SourcesInside, class Root, class F>
void for_each_source(Root& root, F f) {
  auto const that_go_first = [&](bool wanted) {
    for_each_second_input(root, [&](auto& input, bool first) {
      if (first == wanted) f(input);
    });
  };
  if constexpr (SourcesInside) that_go_first(true);
  root.for_each_input(f);
  if constexpr (SourcesInside) that_go_first(false);
}

// The next record comes from the split with the least watermark, ties in the order of declaration; whole runs of records
// while that stays so. A live source that has nothing to give now is passed over.
template <class Root, bool SourcesInside>
class input_driver {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit input_driver(Root& root) : root_(root) {
    for_each_source<SourcesInside>(root_, [&](auto& input) {
      for (std::size_t i = 0; i < input.reader.splits(); ++i) splits_.push_back({input.clock(i)});
      input.select(0);
    });
  }
  bool ended() const {
    return std::all_of(splits_.begin(), splits_.end(), [](split const& s) { return s.ended; });
  }

  // Ends the input where it is.
  void end() {
    std::size_t first = 0;
    for_each_source<SourcesInside>(root_, [&](auto& input) {
      std::size_t const n = input.reader.splits();
      for (std::size_t i = 0; i < n; ++i)
        if (!std::exchange(splits_[first + i].ended, true)) {
          input.select(i);
          input.end(i);
        }
      first += n;
    });
  }

  // Runs at most `max` records of the split whose turn it is. false: nothing had come by the deadline.
  bool step(std::size_t max, time_point deadline) {
    for (split& s : splits_) s.passed_over = false;
    for (;;) {
      std::size_t const chosen = least();
      if (chosen == none) return false;
      splits_[chosen].passed_over = true;
      std::size_t const rival = least();
      // Only the last that may have something waits for it.
      if (run(chosen, rival, max, rival == none ? deadline : time_point::min())) return true;
    }
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  struct split {
    timestamp clock;
    bool ended = false;
    bool passed_over = false;
  };

  // The only split of the only input: nothing can come before its next record. Where that is not known at compile time
  // there is one loop for both cases, since each is a copy of the whole pipeline.
  template <class Input>
  static constexpr bool alone = !SourcesInside && std::same_as<Input, Root> &&
                                requires { typename std::bool_constant<(Input::reader_type::splits() == 1)>; };

  std::size_t least() const {
    std::size_t best = none;
    for (std::size_t i = 0; i < splits_.size(); ++i)
      if (!splits_[i].ended && !splits_[i].passed_over &&
          (best == none || splits_[i].clock < splits_[best].clock))
        best = i;
    return best;
  }
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
        ran const done = run_batch_until(input.stages, batch, rival == none ? max_time : splits_[rival].clock,
                                         rival < chosen);
        n = done.records;
        splits_[chosen].clock = done.clock;
      }
    }
    bool const dropped = input.consume(index, n);
    if (!input.reader.ended(index)) return any || dropped;
    splits_[chosen].ended = true;
    input.select(index);  // it may have ended without a record, behind one of another split
    input.end(index);
    return true;
  }

  Root& root_;
  std::vector<split> splits_;
};

}  // namespace weir::detail
