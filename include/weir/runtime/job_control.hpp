// job_control: what other threads may ask of a run while it goes on.
#pragma once

#include <weir/error.hpp>
#include <weir/runtime/watermark_report.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace weir {

namespace detail {

// What a run says to a request: the thread of the run tells, others wait.
template <class Answer>
class run_answer {
 public:
  void tell(Answer answer) { say(std::move(answer), nullptr, nullptr); }
  void fail(std::exception_ptr error) { say({}, std::move(error), nullptr); }
  // A text that lives for ever: it must be possible to say no without memory.
  void refuse(char const* why) { say({}, nullptr, why); }

  bool wait_until(std::chrono::steady_clock::time_point end) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, end, [this] { return said_; });
  }
  Answer get() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return said_; });
    if (error_) std::rethrow_exception(error_);
    if (refused_ != nullptr) throw error(std::string("weir::job_control: ") + refused_);
    return answer_;
  }

 private:
  void say(Answer answer, std::exception_ptr error, char const* refused) {
    {
      std::scoped_lock const hold(mutex_);
      said_ = true;
      answer_ = std::move(answer);
      error_ = std::move(error);
      refused_ = refused;
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool said_ = false;
  Answer answer_{};
  std::exception_ptr error_;
  char const* refused_ = nullptr;
};
using checkpoint_answer = run_answer<std::uint64_t>;
using report_answer = run_answer<watermark_report>;

// Whether it has come after that time at most.
template <class Answer>
bool wait_for_answer(run_answer<Answer>& answer, std::chrono::nanoseconds time) {
  auto const now = std::chrono::steady_clock::now(), last = std::chrono::steady_clock::time_point::max();
  return answer.wait_until(time < last - now ? now + time : last);
}

// What has been asked of a run and is not done.
struct checkpoint_request {
  std::string savepoint;  // to be written as well, unless empty
  std::shared_ptr<checkpoint_answer> answer;
};

inline void refuse_all(std::vector<checkpoint_request>& requests, char const* why) {
  for (checkpoint_request const& r : requests) r.answer->refuse(why);
  requests.clear();
}

}  // namespace detail

// A checkpoint that has been asked for. May be copied; any thread may wait for it, and nobody has to. (std::future would be
// the same, and its header costs every program that includes weir a tenth of the time to compile it.)
class pending_checkpoint {
 public:
  // Stands for none.
  pending_checkpoint() = default;
  explicit pending_checkpoint(std::shared_ptr<detail::checkpoint_answer> answer) : answer_(std::move(answer)) {}

  bool valid() const { return answer_ != nullptr; }
  bool ready() const { return wait_for({}); }
  // Whether it is ready after that time at most.
  bool wait_for(std::chrono::nanoseconds time) const { return detail::wait_for_answer(answer(), time); }
  // Waits for its epoch. Error: weir::error where the run makes no checkpoints or ends before, and where this stands for
  // none; for a savepoint also what is wrong with its file.
  std::uint64_t get() const { return answer().get(); }

 private:
  detail::checkpoint_answer& answer() const {
    if (!answer_)
      throw error(
          "weir::pending_checkpoint: it stands for no checkpoint; take what job_control::checkpoint() gives");
    return *answer_;
  }

  std::shared_ptr<detail::checkpoint_answer> answer_;
};

// A watermark_report that has been asked for; to be used as a pending_checkpoint.
class pending_report {
 public:
  // Stands for none.
  pending_report() = default;
  explicit pending_report(std::shared_ptr<detail::report_answer> answer) : answer_(std::move(answer)) {}

  bool valid() const { return answer_ != nullptr; }
  bool ready() const { return wait_for({}); }
  bool wait_for(std::chrono::nanoseconds time) const { return detail::wait_for_answer(answer(), time); }
  // Waits for it. Error: weir::error where the run ends before, and where this stands for none.
  watermark_report get() const { return answer().get(); }

 private:
  detail::report_answer& answer() const {
    if (!answer_)
      throw error(
          "weir::pending_report: it stands for no report; take what job_control::explain_watermark() gives");
    return *answer_;
  }

  std::shared_ptr<detail::report_answer> answer_;
};

namespace detail {

class control_state {
 public:
  enum class asked_end : std::uint8_t { none, stop, drain };

  ~control_state() { refuse(); }
  pending_checkpoint ask(std::string savepoint) {
    auto answer = std::make_shared<checkpoint_answer>();
    std::scoped_lock const hold(mutex_);
    requests_.push_back({std::move(savepoint), answer});
    if (over_)
      refuse_left();
    else
      waiting_.store(true, std::memory_order_release);
    return pending_checkpoint(std::move(answer));
  }
  pending_report ask_report() {
    auto answer = std::make_shared<report_answer>();
    std::scoped_lock const hold(mutex_);
    reports_.push_back(answer);
    if (over_)
      refuse_left();
    else
      wants_report_.store(true, std::memory_order_release);
    return pending_report(std::move(answer));
  }
  void end(asked_end how) {
    asked_end none = asked_end::none;
    end_.compare_exchange_strong(none, how);
  }
  asked_end end() const { return end_.load(std::memory_order_acquire); }

  bool waiting() const { return waiting_.load(std::memory_order_acquire); }
  std::vector<checkpoint_request> take() {
    std::scoped_lock const hold(mutex_);
    waiting_.store(false, std::memory_order_release);
    return std::exchange(requests_, {});
  }
  bool wants_report() const { return wants_report_.load(std::memory_order_acquire); }
  void tell(watermark_report const& report) {
    for (auto const& r : take_reports()) try {
        r->tell(report);
      } catch (...) {
        r->fail(std::current_exception());
      }
  }
  // The run is over: nobody will answer.
  void refuse() {
    std::scoped_lock const hold(mutex_);
    over_ = true;
    waiting_.store(false, std::memory_order_release);
    refuse_left();
  }

 private:
  std::vector<std::shared_ptr<report_answer>> take_reports() {
    std::scoped_lock const hold(mutex_);
    wants_report_.store(false, std::memory_order_release);
    return std::exchange(reports_, {});
  }
  void refuse_left() {
    refuse_all(requests_, "the run has ended before it could make the checkpoint");
    for (auto const& r : reports_) r->refuse("the run has ended before it could say what holds time back");
    reports_.clear();
  }

  std::mutex mutex_;
  std::vector<checkpoint_request> requests_;
  std::vector<std::shared_ptr<report_answer>> reports_;
  bool over_ = false;
  std::atomic<bool> waiting_{false}, wants_report_{false};
  std::atomic<asked_end> end_{asked_end::none};
};

}  // namespace detail

// A policy of run, of which the caller keeps a copy. All copies speak of the same run; a job_control is for one run. Its
// functions may be called from any thread, also before the run begins. The run looks at them between batches.
class job_control {
 public:
  // Makes a checkpoint now, or right after the one that is on its way. It is ready once it is durable and its results
  // are visible.
  pending_checkpoint checkpoint() const { return state_->ask({}); }
  // The same, and what it holds is written to a new file at `path`, from which another state directory may begin. The run
  // goes on meanwhile, and is not touched by what goes wrong with the file.
  pending_checkpoint savepoint(std::string path) const {
    if (path.empty()) throw config_error("weir::job_control: a savepoint without a path; name a new file");
    return state_->ask(std::move(path));
  }
  // Which input holds time back and why, at the end of the batch at hand; text(report) says it in words. To be waited for
  // in another thread than that of the run.
  pending_report explain_watermark() const { return state_->ask_report(); }
  // Finishes the batch, makes a checkpoint, publishes and returns `stopped`; no watermark is invented, so that a later run
  // goes on. Where a sink cannot publish, nothing is tried again: the run ends with its error, and a later one publishes.
  void stop() const { state_->end(detail::control_state::asked_end::stop); }
  // Ends the input here: the watermark goes to the end of time, everything fires, and the run is finished for good.
  void drain() const { state_->end(detail::control_state::asked_end::drain); }

  detail::control_state& state() const { return *state_; }

 private:
  std::shared_ptr<detail::control_state> state_ = std::make_shared<detail::control_state>();
};

// The same, waited for.
inline watermark_report explain_watermark(job_control const& job) { return job.explain_watermark().get(); }

}  // namespace weir
