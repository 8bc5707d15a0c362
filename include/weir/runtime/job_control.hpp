// job_control: what other threads may ask of a run while it goes on.
#pragma once

#include <weir/error.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace weir {

namespace detail {

// What has been asked of a run and is not done.
struct checkpoint_request {
  std::filesystem::path savepoint{};  // to be written as well, unless empty
  std::promise<std::uint64_t> epoch{};
};

inline void refuse_all(std::vector<checkpoint_request>& requests, std::exception_ptr const& why) {
  for (checkpoint_request& r : requests) r.epoch.set_exception(why);
  requests.clear();
}

class control_state {
 public:
  enum class asked_end : std::uint8_t { none, stop, drain };

  ~control_state() { refuse(); }
  std::future<std::uint64_t> ask(checkpoint_request r) {
    std::future<std::uint64_t> answer = r.epoch.get_future();
    std::scoped_lock const hold(mutex_);
    requests_.push_back(std::move(r));
    if (over_)
      refuse_left();
    else
      waiting_.store(true, std::memory_order_release);
    return answer;
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
  // The run is over: nobody will answer.
  void refuse() {
    std::scoped_lock const hold(mutex_);
    over_ = true;
    waiting_.store(false, std::memory_order_release);
    refuse_left();
  }

 private:
  void refuse_left() {
    refuse_all(requests_, std::make_exception_ptr(error(
                              "weir::job_control: the run has ended before it could make the checkpoint")));
  }

  std::mutex mutex_;
  std::vector<checkpoint_request> requests_;
  bool over_ = false;
  std::atomic<bool> waiting_{false};
  std::atomic<asked_end> end_{asked_end::none};
};

}  // namespace detail

// A policy of run, of which the caller keeps a copy. All copies speak of the same run; a job_control is for one run. Its
// functions may be called from any thread, also before the run begins. The run looks at them between batches.
class job_control {
 public:
  // Makes a checkpoint now, or right after the one that is on its way. The future holds its epoch once it is durable and
  // its results are visible; weir::error where the run makes no checkpoints or ends before.
  std::future<std::uint64_t> checkpoint() const { return state_->ask({}); }
  // The same, and what it holds is written to a new file at `path`, from which another state directory may begin. The run
  // goes on meanwhile. The future's error may also be that of the file; the run is not touched by it.
  std::future<std::uint64_t> savepoint(std::filesystem::path path) const {
    if (path.empty()) throw config_error("weir::job_control: a savepoint without a path; name a new file");
    return state_->ask({std::move(path), {}});
  }
  // Finishes the batch, makes a checkpoint, publishes and returns `stopped`; no watermark is invented, so that a later run
  // goes on.
  void stop() const { state_->end(detail::control_state::asked_end::stop); }
  // Ends the input here: the watermark goes to the end of time, everything fires, and the run is finished for good.
  void drain() const { state_->end(detail::control_state::asked_end::drain); }

  detail::control_state& state() const { return *state_; }

 private:
  std::shared_ptr<detail::control_state> state_ = std::make_shared<detail::control_state>();
};

}  // namespace weir
