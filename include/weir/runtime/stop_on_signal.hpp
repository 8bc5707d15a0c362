// stop_on_signal: SIGTERM and SIGINT stop a run as a stop token does.
#pragma once

#include <weir/error.hpp>

#include <csignal>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <mutex>
#include <string>
#include <system_error>

namespace weir {

// A policy of run: while it goes on, SIGTERM and SIGINT mean: finish the batch, make a checkpoint, publish, and return
// `stopped`, as job_control::stop does. A second signal does what it did before. The program must have no other use for
// these signals meanwhile.
struct stop_on_signal {};

namespace detail {

// Handlers are the process's: one set for all runs that go on at the same time.
class signal_watch {
 public:
  signal_watch() {
    std::scoped_lock const hold(mutex_);
    if (users_++ == 0) install();
    seen_ = count_.load();
  }
  signal_watch(signal_watch const&) = delete;
  signal_watch& operator=(signal_watch const&) = delete;
  ~signal_watch() {
    std::scoped_lock const hold(mutex_);
    if (--users_ > 0) return;
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
  }
  // Whether a signal has come since this was made.
  bool signalled() const { return count_.load(std::memory_order_relaxed) != seen_; }

 private:
  static constexpr std::array<int, 2> signals{SIGTERM, SIGINT};
  static_assert(std::atomic<unsigned>::is_always_lock_free);
  inline static std::mutex mutex_;
  inline static int users_ = 0;
  inline static std::array<struct sigaction, 2> before_{};
  inline static std::atomic<unsigned> count_{0};

  // The first signal is taken; then the handler from before stands again.
  static void handle(int which) {
    int const kept = errno;
    for (std::size_t i = 0; i < signals.size(); ++i)
      if (signals[i] == which) ::sigaction(which, &before_[i], nullptr);
    count_.fetch_add(1, std::memory_order_relaxed);
    errno = kept;
  }
  static void install() {
    struct sigaction action {};
    action.sa_handler = &handle;
    ::sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < signals.size(); ++i)
      if (::sigaction(signals[i], &action, &before_[i]) != 0)
        throw config_error("weir::stop_on_signal: cannot install a handler: " +
                           std::generic_category().message(errno));
  }

  unsigned seen_ = 0;
};

}  // namespace detail

}  // namespace weir
