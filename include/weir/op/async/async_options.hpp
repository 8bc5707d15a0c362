#pragma once

#include <weir/error.hpp>
#include <weir/time.hpp>

#include <chrono>
#include <cstddef>

namespace weir {

// How async_map calls its function.
struct async_options {
  std::size_t capacity = 100;  // calls that are under way at once; a further record waits
  std::size_t threads = 4;     // which call f(record); none are started for f(record, result)
  // From the first try of a call, which begins when a thread takes it, to the answer of the last; zero: no limit.
  duration timeout = duration::zero();
  std::size_t tries = 1;                            // for a call that fails
  duration pause = std::chrono::milliseconds{100};  // before the second; before each further one twice as long
  bool unordered = false;                           // results in the order in which they come

  void check() const {
    if (capacity == 0) throw config_error("weir::async_map: capacity is zero; give a positive number");
    if (threads == 0) throw config_error("weir::async_map: threads is zero; give a positive number");
    if (tries == 0) throw config_error("weir::async_map: tries is zero; 1 is the first and only one");
    if (timeout < duration::zero() || pause < duration::zero())
      throw config_error("weir::async_map: timeout or pause is negative");
  }
};

}  // namespace weir
