// valve: the watermark behind several inputs, and which of them hold it back.
#pragma once

#include <weir/record.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace weir {

// What the watermark behind a split or an input has to do with it.
enum class input_status : std::uint8_t {
  active,   // it holds time back, unless it is behind the time that others have made while it was idle
  idle,     // nothing has come for so long that nobody waits for it
  finished  // nothing more will come
};

namespace detail {

// The watermark is the least of those inputs that are active and not behind it already: one that was idle comes back late, and
// counts again when it has caught up. When none is active, those that have finished wait for nobody: all that was made counts,
// so it is the largest. That an input has finished says nothing about those that are idle: only when all have is it the
// end of time. (Flink: StatusWatermarkValve, with FLINK-40475 and FLINK-38477 mended.)
struct valve {
  struct input {
    timestamp mark = min_time;  // the last that it made; not its end
    input_status status = input_status::active;
  };
  timestamp delivered = min_time;
  timestamp finished_at = min_time;  // the furthest that inputs that have finished had come
  std::vector<input> inputs;

  bool holds_back(input const& i) const { return i.status == input_status::active && i.mark >= delivered; }
  // The least watermark of those that hold the watermark back beside this one.
  timestamp others(std::size_t than) const {
    timestamp least = max_time;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      if (i != than && holds_back(inputs[i])) least = earlier(least, inputs[i].mark);
    return least;
  }
  bool all_have_finished() const {
    for (input const& i : inputs)
      if (i.status != input_status::finished) return false;
    return true;
  }
  // What it is to whom it leads: all that is left waits for nobody.
  bool idle() const {
    bool any = false;
    for (input const& i : inputs) {
      if (i.status == input_status::active) return false;
      any = any || i.status == input_status::idle;
    }
    return any;
  }
  // What the inputs make together.
  timestamp now() const {
    if (all_have_finished()) return max_time;
    if (!idle()) {
      timestamp const least = others(inputs.size());
      return least == max_time ? delivered : least;
    }
    timestamp top = later(delivered, finished_at);
    for (input const& i : inputs) top = later(top, i.mark);
    return top;
  }
  void reach(std::size_t i, timestamp mark) {
    if (mark != max_time) {
      inputs[i].mark = later(inputs[i].mark, mark);
    } else {
      inputs[i].status = input_status::finished;
      finished_at = later(finished_at, inputs[i].mark);
    }
  }
  // false: it was so, or has finished.
  bool set_idle(std::size_t i, bool idle) {
    input_status const now = idle ? input_status::idle : input_status::active;
    if (inputs[i].status == input_status::finished || inputs[i].status == now) return false;
    inputs[i].status = now;
    return true;
  }
  // The step that is now due, which was `before` behind the input that has caused it.
  std::optional<progress> rise(timestamp before) {
    timestamp const then = now();
    if (then <= delivered) return std::nullopt;
    progress const step{later(delivered, before), then};
    delivered = then;
    return step;
  }
  // One that has finished is saved as one that is at the end of time. Nobody is idle after a restart.
  template <class Ar, class Marks>
  void state(Ar& ar, Marks marks) {
    for (std::size_t i = 0; i < marks.size() && !ar.loading(); ++i)
      marks[i] = inputs[i].status == input_status::finished ? max_time : inputs[i].mark;
    ar(delivered), ar(marks);
    if (ar.more(finished_at != min_time)) ar(finished_at);
    if (ar.loading()) {
      inputs.resize(marks.size());
      for (std::size_t i = 0; i < marks.size(); ++i) reach(i, marks[i]);
    }
  }
};

}  // namespace detail
}  // namespace weir
