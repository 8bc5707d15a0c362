// flush_thread: writes checkpoints while records go on.
#pragma once

#include <weir/core/sink.hpp>
#include <weir/state/flush.hpp>
#include <weir/state/lmdb_backend.hpp>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace weir::detail {

// What one checkpoint has to make durable, then visible.
struct flush_job {
  flush_plan plan;
  std::vector<sink_segment> segments;
  garbage old;  // freed here, away from the records
};

// One job at a time: segments durable, commit, segments published.
class flush_thread {
 public:
  explicit flush_thread(lmdb_backend& backend) : backend_(backend), thread_([this] { work(); }) {}
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
  // Only when not busy.
  void start(flush_job&& job) {
    {
      std::lock_guard const lock(mutex_);
      job_.emplace(std::move(job));
    }
    busy_ = true;
    changed_.notify_all();
  }
  // Whether the job has just been done; throws what stopped it.
  bool done() {
    std::unique_lock const lock(mutex_);
    return taken(job_.has_value());
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !job_.has_value(); });
    taken(false);
  }

 private:
  bool taken(bool still_there) {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (still_there) return false;
    busy_ = false;
    return true;
  }
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ending_ || job_.has_value(); });
      if (!job_.has_value()) return;
      lock.unlock();
      std::exception_ptr failure;
      try {
        for (sink_segment const& s : job_->segments) s.make_durable();
        backend_.commit(job_->plan);
        for (sink_segment const& s : job_->segments) s.publish();
      } catch (...) {
        failure = std::current_exception();
      }
      flush_job finished = std::move(*job_);
      lock.lock();
      failure_ = failure;
      job_.reset();
      changed_.notify_all();
      lock.unlock();
      { flush_job const freed = std::move(finished); }
      lock.lock();
    }
  }

  lmdb_backend& backend_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<flush_job> job_;  // from start until it is done
  std::exception_ptr failure_;
  bool ending_ = false;
  bool busy_ = false;   // only the thread of the records looks at it
  std::thread thread_;  // last: it uses the others
};

}  // namespace weir::detail
