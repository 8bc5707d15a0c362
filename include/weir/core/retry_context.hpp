// retry_context: whether connectors may try again, and what they have tried, until the run's observer hears of it. For any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

class retry_context {
 public:
  struct entry {
    std::string uid;
    std::uint64_t tries;
    std::chrono::nanoseconds delay;
    std::string error;
  };

  // heard: somebody takes the entries.
  explicit retry_context(bool heard = true) : heard_(heard) {}

  // Before any other thread has this: any of them may call the function.
  void ask_before_a_try(std::function<bool()> stopping) { stopping_ = std::move(stopping); }
  // Whether the run is to stop: then nothing waits for another try.
  bool stopping() const { return stopping_ && stopping_(); }

  void add(std::string_view uid, std::uint64_t tries, std::chrono::nanoseconds delay, std::string_view error) {
    if (!heard_) return;
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
  bool heard_;
  std::function<bool()> stopping_;
  std::mutex mutex_;
  std::vector<entry> entries_;
  std::atomic<bool> any_{false};
};

}  // namespace weir
