// sink_recovery: how the sinks of a run come to where the last commit was, and which targets become this job's.
#pragma once

#include <weir/checkpoint/commit.hpp>
#include <weir/runtime/saved_parts.hpp>
#include <weir/runtime/saved_stages.hpp>
#include <weir/state/flush.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::detail {

// Backend: lmdb_backend. (Only pipelines with checkpoints pay for it.)
template <class Backend>
class sink_recovery {
 public:
  sink_recovery(Backend& backend, std::vector<saved_sink> const& sinks, commit& last)
      : backend_(backend), sinks_(sinks), last_(last) {}

  // Publishes what the commit names, then claims.
  //
  // A sink that writes before the first commit finds its own target there when it starts again. So it is durable which
  // targets are ours before anything in them is emptied or finished, and that one has been emptied before records go to it.
  // Before that, a sink only prepares what no reader looks at: folders, and hidden files of its own.
  WEIR_COLD void run() {
    for (saved_sink const& sink : sinks_) recover(sink);
    std::vector<saved_sink> ours;  // those that claim
    for (saved_sink const& sink : sinks_)
      if (sink.claim &&
          (last_.epoch == 0 || !find_saved(last_.sinks, sink.uid) || moved(sink) || claimed(sink)))
        ours.push_back(sink);
    std::vector<committed_sink> const known = last_.sinks;
    if (commit_claims(ours))
      for (saved_sink const& sink : ours)
        if (find_saved(last_.sinks, sink.uid) && (!find_saved(known, sink.uid) || moved(sink))) recover(sink);
    commit_claims(ours);
  }

 private:
  static bool moved(saved_sink const& sink) { return sink.moved && sink.moved(sink.writer); }
  static bool claimed(saved_sink const& sink) { return sink.claimed && sink.claimed(sink.writer); }
  void recover(saved_sink const& sink) {
    if (!sink.recover) return;
    if (committed_sink const* const saved = find_saved(last_.sinks, sink.uid))
      sink.recover(sink.writer, saved->segment, last_.epoch);
    else
      sink.recover(sink.writer, std::nullopt, 0);
  }
  WEIR_COLD bool commit_claims(std::vector<saved_sink> const& ours) {
    std::vector<committed_sink> const before = last_.sinks;
    std::vector<claimed_target> targets;
    for (saved_sink const& sink : ours) {
      std::optional<std::string> claim = sink.claim(sink.writer);
      if (!claim) continue;
      targets.push_back({sink.uid, sink.target ? sink.target(sink.writer) : *claim});
      std::erase_if(last_.sinks, [&](committed_sink const& s) { return s.uid == sink.uid; });
      last_.sinks.push_back({std::string(sink.uid), std::move(*claim)});
    }
    if (last_.sinks == before) return false;
    compare_claims(targets);
    flush_plan plan;
    write_commit(plan, last_);
    backend_.commit(plan);
    backend_.renew();
    return true;
  }

  Backend& backend_;
  std::vector<saved_sink> const& sinks_;
  commit& last_;
};

}  // namespace weir::detail
