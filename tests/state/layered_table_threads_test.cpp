// Records go on while another thread writes what was frozen: nothing that both see may change. Run under
// ThreadSanitizer.
#include <weir/state/lmdb_store.hpp>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "catch.hpp"
#include "state/temp_directory.hpp"

namespace {

// A coordinator in small: one plan at a time, written by a thread of its own.
class flusher {
 public:
  explicit flusher(weir::lmdb_backend& backend) : backend_(backend), thread_([this] { run(); }) {}
  ~flusher() {
    {
      std::scoped_lock const hold(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  void start(weir::detail::flush_plan&& plan, weir::detail::garbage&& old) {
    {
      std::scoped_lock const hold(mutex_);
      plan_.emplace(std::move(plan)), old_ = std::move(old), done_ = false;
    }
    changed_.notify_all();
  }
  bool done() {
    std::scoped_lock const hold(mutex_);
    return done_;
  }
  void wait() {
    std::unique_lock hold(mutex_);
    changed_.wait(hold, [&] { return done_; });
  }

 private:
  void run() {
    std::unique_lock hold(mutex_);
    for (;;) {
      changed_.wait(hold, [&] { return stop_ || plan_; });
      if (!plan_) return;
      auto plan = std::move(*plan_);
      auto old = std::move(old_);
      plan_.reset();
      hold.unlock();
      old.clear();
      backend_.commit(plan);
      plan = {};
      hold.lock();
      done_ = true;
      changed_.notify_all();
    }
  }

  weir::lmdb_backend& backend_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<weir::detail::flush_plan> plan_;
  weir::detail::garbage old_;
  bool done_ = true, stop_ = false;
  std::thread thread_;
};

TEST_CASE("layered_table: records go on while another thread flushes", "[state][layered_table][threads]") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  weir_test::temp_directory const dir;
  using table_type = weir::lmdb_backend::table<std::string, std::string, weir::value_format<std::string>>;
  std::map<std::string, std::string> expected;
  int overlapped = 0;
  {
    weir::lmdb_backend backend(
        weir::lmdb_store{dir.path(), std::size_t{1} << 30});  // ThreadSanitizer takes most of the address space
    table_type table(backend, "op", weir::value_format<std::string>("v"));
    table_type pane(backend, "panes", weir::value_format<std::string>("v"));
    std::int64_t window = 0;
    pane.bind(weir::from_ticks(window));
    flusher thread(backend);
    weir::detail::garbage old;
    bool in_flight = false;
    auto const finish = [&] {
      backend.renew();
      table.flushed(old), pane.flushed(old);
      in_flight = false;
    };
    for (int step = 0; step < 20'000; ++step) {
      std::string const key = std::to_string(random() % 2000);
      if (random() % 8 == 0) {
        table.erase(key);
        expected.erase(key);
      } else {
        table.touch(key, [] { return std::string(); }) += 'x';
        expected[key] += 'x';
      }
      pane.touch(key, [] { return std::string("a text that is too long for the object itself"); }) += 'y';
      if (in_flight) {
        ++overlapped;
        if (thread.done()) finish();
      }
      if (step % 700 == 699) {
        pane.drop();
        pane.bind(weir::from_ticks(++window));
      }
      if (step % 500 == 499 && !in_flight) {
        weir::detail::flush_plan plan;
        backend.freeze(plan);
        table.freeze(plan), pane.freeze(plan);
        thread.start(std::move(plan), std::exchange(old, {}));
        in_flight = true;
      }
    }
    if (in_flight) {
      thread.wait();
      finish();
    }
    weir::detail::flush_plan plan;
    backend.freeze(plan);
    table.freeze(plan), pane.freeze(plan);
    thread.start(std::move(plan), {});
    thread.wait();
  }
  weir::lmdb_backend backend(
      weir::lmdb_store{dir.path(), std::size_t{1} << 30});  // ThreadSanitizer takes most of the address space
  table_type table(backend, "op", weir::value_format<std::string>("v"));
  std::map<std::string, std::string> seen;
  table.for_each([&](std::string const& k, std::string const& v) { seen.emplace(k, v); });
  CHECK(seen == expected);
  CHECK(backend.panes(1).size() == 1);
  CHECK(overlapped > 0);
}

}  // namespace
