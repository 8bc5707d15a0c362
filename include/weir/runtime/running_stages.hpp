// running_stages: the stages of a run without their types.
//
// What a run does with its stages between batches is then compiled once, however many pipelines there are, and each of them
// costs the compiler one look at its stages.
#pragma once

#include <weir/time.hpp>

#include <algorithm>
#include <chrono>
#include <vector>

namespace weir::detail {

// A sink, or an operator that acts by processing time. A null function is one that it has not.
struct running_stage {
  void* stage;
  void (*flush)(void* stage);
  void (*finish)(void* stage);
  void (*look_at_clock)(void* stage);  // what is due happens
  timestamp (*clock_deadline)(void const* stage);
};
template <class Stage>
struct calls_of_running {
  static void flush(void* at) { static_cast<Stage*>(at)->writer.flush(); }
  static void finish(void* at) { static_cast<Stage*>(at)->writer.finish(); }
  static void look_at_clock(void* at) { static_cast<Stage*>(at)->look_at_clock(); }
  static timestamp clock_deadline(void const* at) { return static_cast<Stage const*>(at)->clock_deadline(); }
};

// A visitor of stages: keeps what it is shown.
struct running_stages {
  std::vector<running_stage> running;
  bool waits = false;  // one of them may wait for something in the middle of a batch

  template <class Stage>
  void operator()(Stage& stage) {
    using calls = calls_of_running<Stage>;
    if constexpr (requires { Stage::waits; }) waits = true;
    if constexpr (requires { stage.writer; })
      running.push_back({&stage, calls::flush, calls::finish, nullptr, nullptr});
    else if constexpr (requires { stage.clock_deadline(); })
      running.push_back({&stage, nullptr, nullptr, calls::look_at_clock, calls::clock_deadline});
    else if constexpr (requires { stage.look_at_clock(); })
      running.push_back({&stage, nullptr, nullptr, calls::look_at_clock, nullptr});
  }

  void flush() const {
    for (running_stage const& s : running)
      if (s.flush) s.flush(s.stage);
  }
  void finish() const {
    for (running_stage const& s : running)
      if (s.finish) s.finish(s.stage);
  }
  // Timers of processing time that are due fire.
  void tell_time() const {
    for (running_stage const& s : running)
      if (s.look_at_clock) s.look_at_clock(s.stage);
  }
  // `limit`, or when the first timer is due where that comes before it: no poll waits longer.
  std::chrono::steady_clock::time_point until_next_timer(std::chrono::steady_clock::time_point limit) const {
    timestamp due = max_time;
    for (running_stage const& s : running)
      if (s.clock_deadline) due = earlier(due, s.clock_deadline(s.stage));
    if (due == max_time) return limit;
    auto const wait = std::clamp(due - std::chrono::floor<duration>(std::chrono::system_clock::now()),
                                 duration::zero(), duration{std::chrono::hours{1}});
    return std::min(limit, std::chrono::steady_clock::now() + wait);
  }
};

}  // namespace weir::detail
