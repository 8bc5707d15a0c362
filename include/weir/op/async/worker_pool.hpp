// worker_pool: threads for calls that block.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace weir::detail {

// A template, since few programs have one. What has not begun when it is destroyed is dropped; what has is waited for.
template <class = void>
class worker_pool {
 public:
  explicit worker_pool(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i)
      threads_.emplace_back([this](std::stop_token const& stop) { work(stop); });
  }
  worker_pool(worker_pool const&) = delete;
  worker_pool& operator=(worker_pool const&) = delete;
  ~worker_pool() {
    for (std::jthread& t : threads_) t.request_stop();
  }

  void run(std::function<void()> job) {
    {
      std::lock_guard const lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
  }

 private:
  void work(std::stop_token const& stop) {
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [&] { return !jobs_.empty(); }) || stop.stop_requested()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::jthread> threads_;  // last: they end before what they use
};

}  // namespace weir::detail
