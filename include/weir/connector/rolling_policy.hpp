#pragma once

#include <weir/error.hpp>
#include <weir/time.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace weir {

// When a file of a directory sink is done with and the next one begins. The first of these decides:
//   size            it has that many bytes or more; a record is never cut
//   age             so long ago its first record came. Processing time, looked at between batches; duration::max(): never
//   inactivity      so long ago its last record came. The same
//   at_checkpoint   a checkpoint is made
struct rolling_policy {
  std::uint64_t size = std::uint64_t{128} << 20;  // bytes
  duration age = std::chrono::seconds{60};
  duration inactivity = std::chrono::seconds{60};
  bool at_checkpoint = false;

  // Throws weir::config_error.
  void check(std::string_view who) const {
    if (size == 0) refuse(who, "size");
    if (age <= duration::zero()) refuse(who, "age");
    if (inactivity <= duration::zero()) refuse(who, "inactivity");
  }

 private:
  [[noreturn]] static void refuse(std::string_view who, char const* what) {
    throw config_error(std::string(who) + ": rolling." + what +
                       " is not positive; give a positive one, or leave it out");
  }
};

// Processing time as directory sinks see it: the system's clock, unless a test has another one.
using processing_clock = std::function<timestamp()>;

}  // namespace weir
