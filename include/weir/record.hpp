// What travels beside a value through the kernels of a pipeline.
#pragma once

#include <weir/time.hpp>

namespace weir {

// Beside a record of a stream without event time: nothing.
struct untimed {};

// Beside a record of a stream with event time: its timestamp, and the watermark that the records BEFORE it made, by
// which it is judged. Passed by value; a stage that does not look at it pays nothing for it.
struct event {
  timestamp at;
  timestamp watermark;
};

// One step of the watermark. `before` is what stages further down still hold while the results of this step are
// emitted: they hear of `now` only afterwards.
struct progress {
  timestamp before;
  timestamp now;
};

}  // namespace weir
