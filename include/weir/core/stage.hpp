// stage: the running side of an operator.
//
// A stage is built in place from the back of the pipeline and never moves, so that kernels may point to it. Stages have:
//   static constexpr bool acts      something from here on acts when the watermark moves
//   static constexpr bool dynamic   ... and its deadline can fall inside a batch, or it reads event::watermark
//   kernel open()                   the hot state and the next kernel, by value, for the length of a batch
//   void commit(kernel const&)      the hot state back into the stage, then next.commit
//   void advance(progress)          does what the watermark causes, then next.advance
//   void visit(v)                   v(*this) if it keeps state, then next.visit
//   void splits(n), select(i), finish(i)   which part of the source the coming batch is from; for the assigner of time
//   static constexpr bool idles     an assigner from here on can find that nothing comes
//   void waited(i, d)               for such an assigner: the run has waited for that part for so long
//   bool look_for_idle(i)           nothing has come of it; whether it is idle from now on
//   duration until_idle(i)          how long the run may wait for it until it is idle
//   bool is_idle(i)                 whether it is
//   static constexpr bool clocked   the clock of the kernel is that of an assigner of time
//   timestamp clock_of(i)           the watermark that it has made of that part, whatever is being read; min_time without one
//   void set_idle(bool)             nobody needs to wait for this stream any more, or again; for valves
//   auto outlet<Name>()             points to the consumer of a named side output further down
// and a kernel has:
//   operator()(value, untimed or event)
//   timestamp deadline() const      the earliest watermark that makes it or anything below it act or judge a record
//                                   differently: never later than the truth
//   timestamp clock() const         the watermark made so far by the assigner of time below it; min_time without one
#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/core/stream.hpp>
#include <weir/record.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace weir {
namespace detail {

// Whether an assigner of time in these stages can find that nothing comes.
template <class Stage>
inline constexpr bool may_idle = requires { requires Stage::idles; };
// Whether the clock of its kernel is that of an assigner of time.
template <class Stage>
inline constexpr bool has_clock = requires { requires Stage::clocked; };

}  // namespace detail

// A kernel that changes nothing about time derives from this one.
template <class NextKernel>
struct forwarding_kernel {
  NextKernel next;

  WEIR_INLINE explicit forwarding_kernel(NextKernel n) : next(std::move(n)) {}
  WEIR_INLINE timestamp deadline() const { return next.deadline(); }
  WEIR_INLINE timestamp clock() const { return next.clock(); }
};

// A stage overrides only what it changes; all have their own open, commit and kernel.
template <class Next>
struct forwarding {
  static constexpr bool acts = Next::acts;
  static constexpr bool dynamic = Next::dynamic;
  static constexpr bool idles = detail::may_idle<Next>;
  static constexpr bool clocked = detail::has_clock<Next>;

  Next next;

  template <class Make>
  explicit forwarding(Make const& make) : next(make()) {}
  forwarding(forwarding const&) = delete;
  forwarding& operator=(forwarding const&) = delete;

  void advance(progress p) { next.advance(p); }
  template <class Visitor>
  void visit(Visitor&& v) {
    next.visit(v);
  }
  void splits(std::size_t n) { next.splits(n); }
  void select(std::size_t split) { next.select(split); }
  void finish(std::size_t split) { next.finish(split); }
  void waited(std::size_t split, duration d) { next.waited(split, d); }
  bool look_for_idle(std::size_t split) { return next.look_for_idle(split); }
  duration until_idle(std::size_t split) const { return next.until_idle(split); }
  bool is_idle(std::size_t split) const { return next.is_idle(split); }
  timestamp clock_of(std::size_t split) const { return next.clock_of(split); }
  void set_idle(bool idle) { next.set_idle(idle); }
  template <fixed_string Name>
  auto outlet() {
    return next.template outlet<Name>();
  }
};

// Where nothing behind has to hear of the splits of a source.
struct behind_splits {
  void splits(std::size_t) {}
  void select(std::size_t) {}
  void finish(std::size_t) {}
  void waited(std::size_t, duration) {}
  bool look_for_idle(std::size_t) { return false; }
  duration until_idle(std::size_t) const { return duration::max(); }
  bool is_idle(std::size_t) const { return false; }
  timestamp clock_of(std::size_t) const { return min_time; }
};

// Where nothing is behind.
struct chain_end : behind_splits {
  template <class Visitor>
  void visit(Visitor&&) {}
  void set_idle(bool) {}
};

// The end of every chain: behind a sink, or where a side output has no consumer.
struct end_stage : chain_end {
  static constexpr bool acts = false;
  static constexpr bool dynamic = false;

  end_stage() = default;
  end_stage(end_stage const&) = delete;
  end_stage& operator=(end_stage const&) = delete;

  struct kernel {
    WEIR_INLINE timestamp deadline() const { return max_time; }
    WEIR_INLINE timestamp clock() const { return min_time; }
  };
  kernel open() { return {}; }
  void commit(kernel const&) {}
  void advance(progress) {}
  template <fixed_string>
  none* outlet() {
    return nullptr;
  }
};

// The `rest` of a chain behind which nothing comes.
struct nothing_behind {
  template <class Env>
  end_stage operator()(Env const&) const {
    return {};
  }
};

}  // namespace weir
