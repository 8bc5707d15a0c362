// answers: what asynchronous calls have given, on the way from the threads that finish them to the loop of the run.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace weir {
namespace detail {

// One of them is set.
template <class T>
struct answer {
  std::uint64_t call;
  std::optional<T> value;
  std::exception_ptr error;
};

// Outlives the run for those who still hold an async_result of it.
template <class T>
class answers {
 public:
  void put(answer<T> a) {
    {
      std::lock_guard const lock(mutex_);
      arrived_.push_back(std::move(a));
    }
    changed_.notify_one();
  }
  std::vector<answer<T>> take() {
    std::lock_guard const lock(mutex_);
    return std::exchange(arrived_, {});
  }
  // Until there is one, or `until`.
  void wait(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, until, [&] { return !arrived_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<answer<T>> arrived_;
};

// One try of a call. The first answer counts. One that all have forgotten has failed.
template <class T>
class pending_call {
 public:
  pending_call(std::shared_ptr<answers<T>> to, std::uint64_t call) : to_(std::move(to)), call_(call) {}
  pending_call(pending_call const&) = delete;
  pending_call& operator=(pending_call const&) = delete;
  ~pending_call() {
    if (answered_.load()) return;
    answer_once({call_, std::nullopt,
                 std::make_exception_ptr(
                     std::runtime_error("weir::async_map: an async_result was destroyed without an answer"))});
  }
  void answer_once(answer<T> a) {
    if (!answered_.exchange(true)) to_->put(std::move(a));
  }
  std::uint64_t call() const { return call_; }

  // For calls that wait for a thread. false: nobody waits for the answer any more.
  bool begin() {
    begun_.store(true);
    return !answered_.load();
  }
  bool begun() const { return begun_.load(); }
  void abandon() { answered_.store(true); }

 private:
  std::shared_ptr<answers<T>> to_;
  std::uint64_t call_;
  std::atomic<bool> answered_{false}, begun_{false};
};

}  // namespace detail

// What a function of async_map answers to, from any thread. Copies are the same call; its first answer counts.
template <class T>
class async_result {
 public:
  explicit async_result(std::shared_ptr<detail::pending_call<T>> call) : call_(std::move(call)) {}

  void operator()(T value) const { call_->answer_once({call_->call(), std::move(value), nullptr}); }
  // The call has failed: it is tried again, or the run fails with this error.
  void fail(std::exception_ptr error) const {
    call_->answer_once({call_->call(), std::nullopt, std::move(error)});
  }

 private:
  std::shared_ptr<detail::pending_call<T>> call_;
};

}  // namespace weir
