// coordinator: makes the checkpoints of a run.
#pragma once

#include <weir/checkpoint/policies.hpp>
#include <weir/core/counters.hpp>
#include <weir/core/parts.hpp>
#include <weir/runtime/flush_thread.hpp>
#include <weir/runtime/run_result.hpp>
#include <weir/runtime/saved_parts.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

template <class Store>
std::filesystem::path state_directory_of(Store const& store) {
  if constexpr (requires { store.directory; })
    return store.directory;
  else
    return {};
}

// f(writer) for each sink, in the order of the pipeline.
template <class Root, class F>
void for_each_sink(Root& root, F f) {
  root.visit([&](auto& stage) {
    if constexpr (requires { stage.writer; }) f(stage);
  });
}
template <class Root>
void flush_sinks(Root& root) {
  for_each_sink(root, [](auto& sink) { sink.writer.flush(); });
}

inline void add_counts(counters const& counted, commit const& before, run_result& result) {
  auto const total_name = [](counters::key const& key) { return key.first + '\n' + key.second; };
  for (auto const& [key, value] : counted) {
    std::uint64_t base = 0;
    for (committed_total const& t : before.totals)
      if (t.name == total_name(key)) base = t.count;
    result.counts.push_back({key.first, key.second, value, base + value});
  }
}

// Without checkpoints: sinks go out at the end, and nothing is saved.
template <class Store, class Checkpoints, class Root>
class coordinator {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  coordinator(typename Store::backend& backend, Checkpoints const&, bool, Root& root, counters& counted,
              run_result& result)
      : root_(root), counters_(counted), result_(result) {
    if constexpr (Store::durable)
      if (read_commit(backend))
        throw restore_error(
            "weir::run: the state in " + backend.directory().string() +
            " was saved by a run with checkpoints; run with periodic_checkpoints to go on with it, or start "
            "with an empty directory");
  }

  bool recover() { return true; }
  void between_batches(time_point) {}
  time_point next_look(time_point now) const { return now + std::chrono::milliseconds{10}; }
  void finish(bool) {
    for_each_sink(root_, [](auto& sink) { sink.writer.finish(); });
    add_counts(counters_, commit{}, result_);
  }

 private:
  Root& root_;
  counters& counters_;
  run_result& result_;
};

// With checkpoints: between batches the changed state is frozen (a pointer swap for each table), and another thread makes it
// durable together with the positions of the sources and the commitments of the sinks, in one commit.
template <class Store, class Checkpoints, class Root>
  requires(Checkpoints::makes_checkpoints)
class coordinator<Store, Checkpoints, Root> {
 public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;

  coordinator(lmdb_backend& backend, Checkpoints const& policy, bool exactly_once, Root& root,
              counters& counted, run_result& result)
      : backend_(backend),
        policy_(policy),
        exactly_once_(exactly_once),
        root_(root),
        counters_(counted),
        result_(result) {
    policy_.check();
  }

  // Goes to where the last commit was; false: it says that everything is done.
  WEIR_COLD bool recover() {
    std::optional<commit> found = read_commit(backend_);
    if (found) {
      last_ = std::move(*found);
      compare_guarantees(last_.exactly_once, exactly_once_, backend_.directory().string());
      compare_with_saved();
    }
    last_.exactly_once = exactly_once_;
    for_each_sink(root_, [&](auto& sink) { recover_sink(sink, find_saved(last_.sinks, sink.uid)); });
    if (last_.epoch == 0) claim_targets();
    result_.epoch = last_.epoch;
    if (last_.finished) {
      result_.status = outcome::already_finished;
      add_counts(counters_, last_, result_);
      return false;
    }
    if (last_.epoch != 0) {
      part_namer names;
      root_.visit([&](auto& stage) { restore(stage, names.name(stage)); });
    }
    due_ = clock::now() + policy_.every;
    flushing_.emplace(backend_);
    return true;
  }
  void between_batches(time_point now) {
    if (flushing_->busy()) {
      if (!flushing_->done()) return;
      committed();
    }
    if (now >= due_) barrier(false);
  }
  time_point next_look(time_point now) const { return std::min(due_, now + std::chrono::milliseconds{10}); }
  // The last commit of the run.
  WEIR_COLD void finish(bool at_end_of_input) {
    if (flushing_->busy()) wait();
    barrier(at_end_of_input);
    wait();
    for_each_sink(root_, [](auto& sink) {
      if constexpr (!publishes_by_epoch<decltype(sink)>) sink.writer.finish();
    });
    add_counts(counters_, base_, result_);
  }

 private:
  template <class Sink>
  static constexpr bool publishes_by_epoch = std::remove_reference_t<Sink>::guarantee != delivery::at_once;

  void wait() {
    flushing_->wait();
    committed();
  }
  // The store has what was frozen: reads go there, and memory holds it as a cache.
  WEIR_COLD void committed() {
    backend_.renew();
    root_.visit([&](auto& stage) {
      if constexpr (requires { stage.for_each_table([](auto&) {}); })
        stage.for_each_table([&](auto& table) { table.flushed(old_); });
    });
    ++result_.checkpoints;
    result_.epoch = last_.epoch;
  }

  WEIR_COLD void barrier(bool finished) {
    time_point const begin = clock::now();
    due_ = begin + policy_.every;
    flush_job job;
    commit next;
    next.epoch = last_.epoch + 1;
    next.finished = finished;
    next.exactly_once = exactly_once_;
    part_namer names;
    root_.visit([&](auto& stage) { save(stage, names.name(stage), next, job); });
    for (auto const& [key, value] : counters_) {
      std::string const name = key.first + '\n' + key.second;
      std::uint64_t base = 0;
      for (committed_total const& t : base_.totals)
        if (t.name == name) base = t.count;
      next.totals.push_back({name, base + value});
    }
    backend_.freeze(job.plan);
    write_commit(job.plan, next);
    job.old = std::move(old_);
    old_.clear();
    last_ = std::move(next);
    flushing_->start(std::move(job));
    result_.pauses.push_back(clock::now() - begin);
  }
  template <class Stage>
  WEIR_COLD void save(Stage& stage, std::string const& name, commit& next, flush_job& job) {
    if constexpr (source_part<Stage>) {
      committed_source& saved = next.sources.emplace_back();
      saved.uid = name;
      if constexpr (Stage::replayable) stage.reader.save(saved.position);
    } else if constexpr (sink_part<Stage>) {
      stage.writer.flush();
      committed_sink& saved = next.sinks.emplace_back();
      saved.uid = name;
      if constexpr (publishes_by_epoch<Stage>) {
        job.segments.push_back(stage.writer.close_segment(next.epoch));
        saved.segment = job.segments.back().commitment;
      }
    } else if constexpr (operator_part<Stage>) {
      save_archive ar;
      stage.state(ar);
      next.operators.push_back({name, kind_of(stage), std::move(ar.bytes)});
      if constexpr (requires { stage.for_each_table([](auto&) {}); })
        stage.for_each_table([&](auto& table) { table.freeze(job.plan); });
    }
  }

  template <class Stage>
  WEIR_COLD void recover_sink(Stage& stage, committed_sink const* saved) {
    if constexpr (publishes_by_epoch<Stage>) {
      if (saved)
        stage.writer.recover(std::string_view(saved->segment), last_.epoch);
      else
        stage.writer.recover(std::nullopt, 0);
    }
  }
  // A sink that writes before the first commit finds its own target there when it starts again. So it is durable which
  // targets are ours before any of them is touched, and that one has been emptied before anything goes to it.
  WEIR_COLD void claim_targets() {
    std::vector<committed_sink> const known = last_.sinks;
    if (commit_claims())
      for_each_sink(root_, [&](auto& sink) {
        committed_sink const* const claimed = find_saved(last_.sinks, sink.uid);
        if (claimed && !find_saved(known, sink.uid)) recover_sink(sink, claimed);
      });
    commit_claims();
  }
  WEIR_COLD bool commit_claims() {
    commit next;
    next.exactly_once = exactly_once_;
    for_each_sink(root_, [&](auto& sink) {
      if constexpr (requires { sink.writer.claim(); })
        if (std::optional<std::string> claim = sink.writer.claim())
          next.sinks.push_back({std::string(sink.uid), std::move(*claim)});
    });
    if (next.sinks == last_.sinks) return false;
    compare_claims(next.sinks);
    flush_plan plan;
    write_commit(plan, next);
    backend_.commit(plan);
    backend_.renew();
    last_ = std::move(next);
    return true;
  }
  template <class Stage>
  WEIR_COLD void restore(Stage& stage, std::string const& name) {
    if constexpr (source_part<Stage>) {
      if constexpr (Stage::replayable) stage.reader.restore(find_saved(last_.sources, name)->position);
    } else if constexpr (operator_part<Stage>) {
      load_archive ar(find_saved(last_.operators, name)->state);
      stage.state(ar);
      ar.finish();
      if constexpr (requires { stage.restored(); }) stage.restored();
    }
  }
  WEIR_COLD void compare_with_saved() {
    std::vector<std::string> sources, sinks, operators;
    part_namer names;
    root_.visit([&](auto& stage) {
      using stage_type = std::remove_reference_t<decltype(stage)>;
      std::string name = names.name(stage);
      if constexpr (source_part<stage_type>)
        sources.push_back(std::move(name));
      else if constexpr (sink_part<stage_type>)
        sinks.push_back(std::move(name));
      else if constexpr (operator_part<stage_type>)
        operators.push_back(std::move(name));
    });
    std::string const directory = backend_.directory().string();
    auto const uids = [](auto const& saved) {
      std::vector<std::string> all;
      for (auto const& s : saved) all.push_back(s.uid);
      return all;
    };
    if (last_.epoch == 0) {  // it knows only what sinks have claimed
      std::vector<std::string> const claimed = uids(last_.sinks);
      std::erase_if(sinks,
                    [&](std::string const& s) { return std::ranges::find(claimed, s) == claimed.end(); });
      return compare_parts("sink", claimed, sinks, directory);
    }
    compare_parts("source", uids(last_.sources), sources, directory);
    compare_parts("operator", uids(last_.operators), operators, directory);
    compare_parts("sink", uids(last_.sinks), sinks, directory);
    part_namer again;
    root_.visit([&](auto& stage) {
      std::string const name = again.name(stage);
      if constexpr (operator_part<std::remove_reference_t<decltype(stage)>>)
        compare_kinds(*find_saved(last_.operators, name), kind_of(stage), directory);
    });
    compare_states(backend_);
    base_ = last_;
  }

  lmdb_backend& backend_;
  Checkpoints policy_;
  bool exactly_once_;
  Root& root_;
  counters& counters_;
  run_result& result_;
  commit base_;  // what this run began with
  commit last_;  // the last one made, committed or on its way
  garbage old_;
  time_point due_{};
  std::optional<flush_thread> flushing_;
};

}  // namespace weir::detail
