// The small job of the fault tests: CSV in, windows and a process function with timers, two staged files out.
#pragma once

#include <weir/weir.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <thread>
#include <tuple>

namespace faults_job {

// `filler` makes long output lines, so that some segments go to files of their own.
struct reading {
  std::string key;
  weir::timestamp at;
  std::int64_t value;
  std::int64_t filler;
};
struct window_line {
  std::string key;
  weir::timestamp start;
  std::int64_t count, total;
};
struct total_line {
  std::string key;
  std::int64_t total;
  bool silent;
  std::string filler;
};

}  // namespace faults_job

BOOST_HANA_ADAPT_STRUCT(faults_job::reading, key, at, value, filler);
BOOST_HANA_ADAPT_STRUCT(faults_job::window_line, key, start, count, total);
BOOST_HANA_ADAPT_STRUCT(faults_job::total_line, key, total, silent, filler);

namespace faults_job {

// The running total of each key, and its last one again when the key is silent for 10 s.
struct running_total {
  using output = total_line;
  weir::value_state<std::int64_t, "total"> total;
  weir::map_state<std::int64_t, std::int64_t, "values"> values;
  weir::value_state<weir::timestamp, "last"> last;
  auto states() { return std::tie(total, values, last); }

  template <class Context, class Emit>
  void on_record(reading const& r, Context& context, Emit const& emit) {
    using namespace std::chrono_literals;
    if (last) context.delete_timer(*last + 10s);
    last.update(r.at);
    context.set_timer(r.at + 10s);
    values[r.value % 7] += 1;
    total.get() += r.value;
    emit(total_line{context.key(), total.get(), false, std::string(static_cast<std::size_t>(r.filler), 'x')});
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context& context, Emit const& emit) {
    emit(total_line{context.key(), total.get() + (values.get(0) ? *values.get(0) : 0), true, ""});
    values.remove(0);
  }
};

struct paths {
  std::filesystem::path input, state, windows, totals;
};

// Lets records come only while no more than two of their batches are ahead of the checkpoints that are complete, so that
// there are checkpoints all the way and records beside each of them. `passed` is told of each batch.
struct gate {
  std::size_t given = 0, completed = 0;
  std::function<void(std::size_t)> passed{};
  bool closed() const { return given > completed + 2; }
  void pass() {
    ++given;
    if (passed) passed(given);
  }
};

// The input, behind a gate where there is one.
struct gated_readings {
  using value_type = reading;
  static constexpr bool replayable = true;
  weir::csv_file<reading> file;
  gate* before = nullptr;

  class reader : public weir::csv_file<reading>::reader {
    using base = weir::csv_file<reading>::reader;

   public:
    reader(gated_readings const& noun, weir::source_context const& context)
        : base(noun.file, context), before_(noun.before) {}
    template <class Deadline>
    std::span<reading const> poll(std::size_t split, std::size_t max, Deadline deadline) {
      if (!before_ || !before_->closed()) return base::poll(split, max, deadline);
      std::this_thread::yield();
      return {};
    }
    void consume(std::size_t split, std::size_t n) {
      base::consume(split, n);
      if (before_ && n != 0) before_->pass();
    }

   private:
    gate* before_;
  };
};

inline auto pipeline(paths const& p, auto const& watch, gate* before = nullptr) {
  using namespace std::chrono_literals;
  using namespace weir::literals;
  // clang-format off
  return weir::from(gated_readings{{p.input}, before}, weir::uid<"readings">)
       | weir::inspect(watch)
       | weir::assign_timestamps(weir::field<&reading::at>, weir::bounded_out_of_orderness{2s})
       | weir::key_by(weir::field<&reading::key>)
       | weir::branch(
             weir::window(weir::tumbling_windows{.size = 5s})
           | weir::aggregate(weir::count(), weir::sum(weir::field<&reading::value>) | weir::as<"total">) | weir::uid<"window">
           | weir::map([](auto const& w) { return window_line{w["key"_c], w["window_start"_c], w["count"_c], w["total"_c]}; })
           | weir::into(weir::csv_file<>{.path = p.windows}, weir::uid<"windows">),
             weir::process<"running">(running_total{})
           | weir::into(weir::json_lines_file<>{.path = p.totals}, weir::uid<"totals">));
  // clang-format on
}

}  // namespace faults_job
