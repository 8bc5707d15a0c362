// flush_thread: writes checkpoints while records go on.
#pragma once

#include <weir/checkpoint/savepoint.hpp>
#include <weir/core/basic_file.hpp>
#include <weir/core/failure.hpp>
#include <weir/core/retries.hpp>
#include <weir/core/retry_context.hpp>
#include <weir/core/sink.hpp>
#include <weir/core/try_again.hpp>
#include <weir/state/flush.hpp>
#include <weir/state/lmdb_backend.hpp>

#include <sched.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace weir::detail {

// A savepoint that somebody waits for. Its failure is not the run's.
struct savepoint_order {
  std::string path;
  std::exception_ptr failure{};
};

// What a sink has closed.
struct flush_segment : sink_segment {
  std::string_view uid;
  retries again;  // for publishing
};

// What one checkpoint has to make durable, then visible.
struct flush_job {
  flush_plan plan;
  std::vector<flush_segment> segments;
  std::size_t durable = 0;  // how many of them are
  std::vector<savepoint_order> savepoints{};
  std::string savepoint_commit{};  // the record of the commit as it stands in them
  garbage old;                     // freed here, away from the records
};

// Why a job is not done.
struct flush_failure {
  std::exception_ptr error;
  bool may_be_repeated = false;  // nothing of the commit was written, and the store is as it was
};

enum class flush_state : std::uint8_t { idle, working, done, failed };

// One job at a time: segments durable, commit, segments published, savepoints written. Everything but the work is for the thread of the records.
// Backend: lmdb_backend. (Only pipelines with checkpoints pay for it.)
template <class Backend>
class flush_thread {
 public:
  flush_thread(Backend& backend, retry_context* retried)
      : backend_(backend), retried_(retried), thread_([this] { work(); }) {}
  flush_thread(flush_thread const&) = delete;
  flush_thread& operator=(flush_thread const&) = delete;
  ~flush_thread() {
    {
      std::lock_guard const lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  bool busy() const { return busy_; }
  // Whether only savepoints of the job may still be on their way.
  bool published() const { return published_.load(std::memory_order_relaxed); }
  // Only when not busy.
  void start(flush_job&& job) {
    {
      std::lock_guard const lock(mutex_);
      job_.emplace(std::move(job));
      state_ = flush_state::working;
    }
    busy_ = true;
    published_.store(false, std::memory_order_relaxed);
    changed_.notify_all();
  }
  // Where the job is. Once it is done nothing is busy any more.
  flush_state look() {
    std::lock_guard const lock(mutex_);
    return told();
  }
  // The same, once it is done or has failed.
  flush_state wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return state_ != flush_state::working; });
    return told();
  }
  // Of the job that is done.
  std::vector<savepoint_order> const& savepoints() const { return savepoints_; }
  // Waits no longer than that.
  flush_state wait_for(std::chrono::nanoseconds most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, most, [this] { return state_ != flush_state::working; });
    return told();
  }
  // Of the job that has failed.
  flush_failure failure() const {
    std::lock_guard const lock(mutex_);
    return failure_;
  }
  // The job that has failed once more.
  void repeat() {
    {
      std::lock_guard const lock(mutex_);
      state_ = flush_state::working;
    }
    changed_.notify_all();
  }

 private:
  flush_state told() {
    if (state_ != flush_state::done) return state_;
    busy_ = false;
    state_ = flush_state::idle;
    return flush_state::done;
  }
  // What is done already is not done again: after a failed sync the same file may not be synced once more.
  flush_failure run(flush_job& job) {
    bool repeatable = false;
    try {
      for (; job.durable < job.segments.size(); ++job.durable) job.segments[job.durable].make_durable();
      repeatable = true;
      backend_.commit(job.plan);
      repeatable = false;
      for (flush_segment const& s : job.segments) publish(s);
      published_.store(true, std::memory_order_relaxed);
      for (savepoint_order& order : job.savepoints) {
        try {
          write_savepoint(backend_.environment(), job.savepoint_commit, order.path);
        } catch (...) {
          order.failure = std::current_exception();
        }
      }
      return {};
    } catch (...) {
      return {std::current_exception(), repeatable && !backend_.environment().poisoned()};
    }
  }
  void publish(flush_segment const& s) {
    for (retry_budget budget(s.again);;) {
      try {
        return s.publish();
      } catch (failed_sync<connector_error> const&) {
        throw;
      } catch (...) {
        auto const ending = [this] {
          std::lock_guard const lock(mutex_);
          return ending_;
        };
        if (!try_again(budget, retried_, s.uid, local_error(), ending)) throw;
      }
    }
  }
  void work() {
#ifdef SCHED_BATCH
    // Being woken for a job, it does not take the processor from the records' thread where no other is free.
    ::sched_param const priority{};
    ::sched_setscheduler(0, SCHED_BATCH, &priority);
#endif
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ending_ || state_ == flush_state::working; });
      if (state_ != flush_state::working) return;
      lock.unlock();
      flush_failure failure = run(*job_);
      std::optional<flush_job> finished;
      lock.lock();
      if (failure.error) {
        failure_ = std::move(failure);
        state_ = flush_state::failed;
      } else {
        savepoints_ = std::move(job_->savepoints);
        finished = std::exchange(job_, std::nullopt);
        state_ = flush_state::done;
      }
      changed_.notify_all();
      lock.unlock();
      finished.reset();
      lock.lock();
    }
  }

  Backend& backend_;
  retry_context* retried_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<flush_job> job_;  // from start until it is done
  flush_state state_ = flush_state::idle;
  flush_failure failure_;
  std::vector<savepoint_order> savepoints_;
  std::atomic<bool> published_{false};
  bool ending_ = false;
  bool busy_ = false;   // only the thread of the records looks at it
  std::thread thread_;  // last: it uses the others
};

}  // namespace weir::detail
