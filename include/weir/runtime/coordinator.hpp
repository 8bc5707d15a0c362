// coordinator: makes the checkpoints of a run.
#pragma once

#include <weir/checkpoint/savepoint.hpp>
#include <weir/core/counters.hpp>
#include <weir/core/describe.hpp>
#include <weir/core/paths.hpp>
#include <weir/runtime/flush_thread.hpp>
#include <weir/runtime/job_control.hpp>
#include <weir/runtime/observer.hpp>
#include <weir/runtime/recovery.hpp>
#include <weir/runtime/run_result.hpp>
#include <weir/runtime/running_stages.hpp>
#include <weir/runtime/saved_stages.hpp>
#include <weir/state/frozen_table.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

inline std::string total_name(counters::key const& key) { return key.first + '\n' + key.second; }
inline std::uint64_t count_in(std::vector<committed_total> const& totals, std::string const& name) {
  for (committed_total const& t : totals)
    if (t.name == name) return t.count;
  return 0;
}
// before: the totals when counting began. first: those when the run began, which may have been restarted since.
template <class Counters>
WEIR_COLD void add_counts(Counters const& counted, std::vector<committed_total> const& before,
                          std::vector<committed_total> const& first, run_result& result) {
  for (auto const& [key, value] : counted) {
    std::string const name = total_name(key);
    std::uint64_t const total = count_in(before, name) + value;
    result.counts.push_back({key.first, key.second, total - count_in(first, name), total});
  }
}

// What a run knows beyond its restarts.
struct run_history {
  bool begun = false;
  std::vector<committed_total> first{};  // the totals when it began
  std::uint64_t epoch = 0;               // of the last commit that it knows of
};

// Without checkpoints: sinks go out at the end, and nothing is saved.
template <class Options>
class coordinator {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using stages_type = running_stages;
  coordinator(typename Options::store_type::backend& backend, Options& options, run_history&,
              running_stages& stages, counters& counted, run_result& result)
      : options_(options), stages_(stages), counters_(counted), result_(result) {
    if constexpr (Options::store_type::durable)
      if (read_commit(backend))
        throw restore_error(
            "weir::run: the state in " + backend.directory() +
            " was saved by a run with checkpoints; run with periodic_checkpoints to go on with it, or start "
            "with an empty directory");
  }

  static bool take_savepoint(typename Options::store_type::backend&, Options const&) { return false; }
  bool recover() { return true; }
  void between_batches(time_point) {
    if (!options_.asked.wants_checkpoint()) return;
    std::vector<checkpoint_request> requests = options_.asked.take();
    refuse_all(requests,
               "this run makes no checkpoints; run it with periodic_checkpoints{} and lmdb_store{directory}");
  }
  time_point next_look(time_point now) const { return now + std::chrono::milliseconds{10}; }
  void finish(bool) {
    stages_.finish();
    add_counts(counters_, {}, {}, result_);
  }

 private:
  Options& options_;
  running_stages& stages_;
  counters& counters_;
  run_result& result_;
};

// With checkpoints: between batches the changed state is frozen (a pointer swap for each table), and another thread makes it
// durable together with the positions of the sources and the commitments of the sinks, in one commit.
template <class Options>
  requires(Options::checkpoints_type::makes_checkpoints)
class coordinator<Options> {
 public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;
  using backend_type = typename Options::store_type::backend;
  using stages_type = saved_stages;
  static constexpr bool exactly_once = Options::exactly_once;

  coordinator(backend_type& backend, Options& options, run_history& history, saved_stages& stages,
              counters& counted, run_result& result)
      : backend_(backend),
        options_(options),
        policy_(options.checkpoints),
        history_(history),
        stages_(stages),
        counters_(counted),
        result_(result) {}
  coordinator(coordinator const&) = delete;
  coordinator& operator=(coordinator const&) = delete;
  ~coordinator() {
    count_looks();
    refuse_all(asked_, "the run has failed before the checkpoint was durable");
  }

  // Before there are stages: fills a store that is new from the savepoint that the run was given. Gives whether its state comes from
  // one, then or at a start before.
  WEIR_COLD static bool take_savepoint(backend_type& backend, Options const& options) {
    if (options.savepoint && !options.savepoint->path.empty())
      restore_savepoint(backend, options.savepoint->path);
    return is_from_savepoint(backend);
  }
  // Goes to where the last commit was; false: it says that everything is done.
  WEIR_COLD bool recover() {
    last_ = recovery(backend_, stages_, exactly_once, options_.forgets).run();
    totals_ = last_.totals;
    result_.epoch = history_.epoch = last_.epoch;
    if (!std::exchange(history_.begun, true)) history_.first = totals_;
    if (last_.finished) {
      result_.status = outcome::already_finished;
      add_counts(counters_, totals_, history_.first, result_);
      return false;
    }
    due_ = clock::now() + policy_.every;
    flushing_.emplace(backend_, &options_.retried);
    return true;
  }
  void between_batches(time_point now) {
    table_memory const held = fit_memory();
    if (flushing_->busy() && !look_at_flush(now)) {
      if (held.changed + held.frozen >= options_.store.memory) stall();
      return;
    }
    if (now >= due_ || held.changed >= options_.store.memory / 2 || options_.asked.wants_checkpoint())
      barrier(false);
  }
  time_point next_look(time_point now) const { return std::min(due_, now + std::chrono::milliseconds{10}); }
  // The last commit of the run.
  WEIR_COLD void finish(bool at_end_of_input) {
    if (flushing_->busy()) wait();
    barrier(at_end_of_input);
    wait();
    for (saved_sink const& sink : stages_.saved_sinks)
      if (sink.finish) sink.finish(sink.writer);
    add_counts(counters_, totals_, history_.first, result_);
    measure();
  }

 private:
  void wait() {
    while (wait_for_flush() == flush_state::failed) {
      failed(clock::now());
      while (repeat_at_ && clock::now() < *repeat_at_) {
        std::this_thread::sleep_until(std::min(*repeat_at_, clock::now() + std::chrono::milliseconds{10}));
        if (options_.asked.stop()) std::rethrow_exception(flushing_->failure().error);
      }
    }
    committed();
  }
  // Who wants to hear of what is tried again hears of it meanwhile.
  flush_state wait_for_flush() {
    if constexpr (Options::hears_retries) {
      for (;;) {
        flush_state const state = flushing_->wait_for(std::chrono::milliseconds{20});
        options_.tell_retries();
        if (state != flush_state::working) return state;
      }
    } else {
      return flushing_->wait();
    }
  }
  // What the tables hold, once what is only a cache has been given up where it is too much.
  table_memory fit_memory() {
    table_memory all;
    for (running_table const& table : stages_.tables()) {
      table_memory const one = table.memory();
      all.changed += one.changed, all.frozen += one.frozen, all.clean += one.clean;
    }
    std::uint64_t const bytes = all.changed + all.frozen + all.clean;
    result_.store.peak_bytes = std::max(result_.store.peak_bytes, bytes);
    if (all.clean != 0 && bytes > options_.store.memory) [[unlikely]] {
      for (running_table const& table : stages_.tables()) table.evict(old_);
      all.clean = 0;
      ++result_.store.evictions;
    }
    return all;
  }
  // Records change more than can be written: they wait until it has been.
  WEIR_COLD void stall() {
    time_point const begin = clock::now();
    while (flushing_->busy()) {
      if (wait_for_flush() == flush_state::done) {
        committed();
        break;
      }
      failed(clock::now());
      if (repeat_at_ && (options_.asked.drain() || !options_.asked.wait(*repeat_at_ - clock::now()))) break;
    }
    result_.store.stalls = ++result_.stalls;
    result_.store.stalled = result_.stalled += clock::now() - begin;
  }
  // Of the store, as it is now.
  WEIR_COLD void measure() {
    store_metrics& m = result_.store;
    m.changed = m.frozen = m.clean = {};
    for (running_table const& table : stages_.tables()) {
      table_memory const entries = table.entries(), bytes = table.memory();
      m.changed.entries += entries.changed, m.changed.bytes += bytes.changed;
      m.frozen.entries += entries.frozen, m.frozen.bytes += bytes.frozen;
      m.clean.entries += entries.clean, m.clean.bytes += bytes.clean;
    }
    m.file_bytes = size_of_file(join_path(backend_.directory(), "data.mdb")).value_or(0);
    count_looks();
  }
  WEIR_COLD void count_looks() {
    look_counts const looks = std::exchange(backend_.looks(), {});
    result_.store.memory_answers += looks.memory;
    result_.store.file_hits += looks.hits;
    result_.store.file_misses += looks.misses;
  }
  // Whether nothing is being written any more.
  bool look_at_flush(time_point now) {
    switch (flushing_->look()) {
      case flush_state::done:
        committed();
        return true;
      case flush_state::failed:
        failed(now);
        return false;
      default:
        break;
    }
    if (now >= late_at_ && !flushing_->published()) late();
    return false;
  }
  // The store has what was frozen: reads go there, and memory holds it as a cache.
  WEIR_COLD void committed() {
    backend_.renew();
    for (running_table const& table : stages_.tables()) table.flushed(old_);
    time_point const now = clock::now();
    due_ = std::max(due_, now + policy_.min_pause);
    ++result_.checkpoints;
    result_.epoch = history_.epoch = last_.epoch;
    failures_ = 0;
    repeat_at_.reset();
    answer();
    if constexpr (hears<std::remove_reference_t<decltype(options_.observer)>, checkpoint_completed>) measure();
    options_.observer(checkpoint_completed{last_.epoch, result_.pauses.back(), now - began_, result_.store});
  }
  WEIR_COLD void answer() {
    std::size_t i = 0;
    for (checkpoint_request& r : asked_) {
      std::exception_ptr const failure = r.savepoint.empty() ? nullptr : flushing_->savepoints()[i++].failure;
      if (failure)
        r.answer->fail(failure);
      else
        r.answer->tell(last_.epoch);
    }
    asked_.clear();
  }
  // Again and again, while records go on and what they change gathers in memory.
  WEIR_COLD void failed(time_point now) {
    if (repeat_at_) {
      if (now < *repeat_at_) return;
      repeat_at_.reset();
      late_at_ = now + policy_.timeout;
      return flushing_->repeat();
    }
    flush_failure const failure = flushing_->failure();
    if (!failure.may_be_repeated || failures_ >= policy_.tolerable_failures || options_.asked.stop())
      std::rethrow_exception(failure.error);
    repeat_at_ = now + policy_.every;
    try {
      std::rethrow_exception(failure.error);
    } catch (std::exception const& e) {
      tolerate(e.what());
    }
  }
  WEIR_COLD void late() {
    late_at_ = time_point::max();
    store_error const e("weir::run: " + backend_.directory() + ": checkpoint " + std::to_string(last_.epoch) +
                        " was not durable after periodic_checkpoints::timeout (" +
                        plain_duration(std::chrono::duration_cast<duration>(policy_.timeout)) +
                        "); look at the disk, or give it more time");
    if (failures_ >= policy_.tolerable_failures) throw e;
    tolerate(e.what());
  }
  void tolerate(char const* error) {
    ++result_.failed_checkpoints;
    options_.observer(checkpoint_failed{last_.epoch, ++failures_, error});
  }

  WEIR_COLD void barrier(bool finished) {
    began_ = clock::now();
    due_ = began_ + policy_.every;
    late_at_ = began_ + policy_.timeout;
    asked_ = options_.asked.take();
    flush_job job;
    commit next;
    next.epoch = last_.epoch + 1;
    next.finished = finished;
    next.exactly_once = exactly_once;
    save(next, job);
    for (auto const& [key, value] : counters_) {
      std::string const name = total_name(key);
      next.totals.push_back({name, count_in(totals_, name) + value});
    }
    backend_.freeze(job.plan);
    write_commit(job.plan, next);
    order_savepoints(next, job);
    job.old = std::move(old_);
    old_.clear();
    last_ = std::move(next);
    flushing_->start(std::move(job));
    result_.pauses.push_back(clock::now() - began_);
  }
  // In a savepoint every segment has been published.
  WEIR_COLD void order_savepoints(commit& next, flush_job& job) {
    for (checkpoint_request const& r : asked_)
      if (!r.savepoint.empty()) job.savepoints.push_back({r.savepoint});
    if (job.savepoints.empty()) return;
    std::vector<committed_sink> committed = next.sinks;
    for (flush_segment const& closed : job.segments)
      for (committed_sink& sink : next.sinks)
        if (sink.uid == closed.uid && !closed.published.empty()) sink.segment = closed.published;
    encode(next, job.savepoint_commit);
    next.sinks = std::move(committed);
  }
  WEIR_COLD void save(commit& next, flush_job& job) {
    for (saved_stage const& source : stages_.sources) {
      committed_source& saved = next.sources.emplace_back(committed_source{source.uid, {}});
      if (source.save) source.save(source.stage, saved.position);
    }
    for (saved_stage const& op : stages_.operators)
      op.save(op.stage, next.operators.emplace_back(committed_operator{op.uid, op.kind, {}}).state);
    for (running_table const& table : stages_.tables()) table.freeze(job.plan);
    stages_.flush();
    for (saved_sink const& sink : stages_.saved_sinks) {
      if (next.finished && sink.end_of_input) sink.end_of_input(sink.writer);
      committed_sink& saved = next.sinks.emplace_back(committed_sink{std::string(sink.uid), {}});
      if (!sink.close_segment) continue;
      job.segments.push_back({sink.close_segment(sink.writer, next.epoch), sink.uid, sink.again});
      saved.segment = job.segments.back().commitment;
    }
  }

  backend_type& backend_;
  Options& options_;
  typename Options::checkpoints_type const& policy_;
  run_history& history_;
  saved_stages& stages_;
  counters& counters_;
  run_result& result_;
  std::vector<committed_total> totals_;  // what this run began with
  commit last_;                          // the last one made, committed or on its way
  garbage old_;
  std::vector<checkpoint_request> asked_;  // those that the checkpoint on its way is for
  time_point began_{};                     // the last barrier
  time_point due_{}, late_at_{};           // the next barrier; when the one on its way has taken too long
  std::uint64_t failures_ = 0;             // in a row, of the checkpoint on its way
  std::optional<time_point> repeat_at_;
  std::optional<flush_thread<backend_type>> flushing_;
};

}  // namespace weir::detail
