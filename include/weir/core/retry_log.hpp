// retry_log: what connectors try again, on whatever thread, until the run's observer hears of it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

class retry_log {
 public:
  struct entry {
    std::string uid;
    std::uint64_t tries;
    std::chrono::nanoseconds delay;
    std::string error;
  };

  void add(std::string_view uid, std::uint64_t tries, std::chrono::nanoseconds delay, std::string_view error) {
    std::lock_guard const lock(mutex_);
    entries_.push_back({std::string(uid), tries, delay, std::string(error)});
    any_.store(true, std::memory_order_relaxed);
  }
  bool any() const { return any_.load(std::memory_order_relaxed); }
  std::vector<entry> take() {
    std::lock_guard const lock(mutex_);
    any_.store(false, std::memory_order_relaxed);
    return std::exchange(entries_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<entry> entries_;
  std::atomic<bool> any_{false};
};

}  // namespace weir
