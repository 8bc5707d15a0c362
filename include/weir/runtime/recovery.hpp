// recovery: how the stages of a run come to where the last commit was.
#pragma once

#include <weir/checkpoint/commit.hpp>
#include <weir/core/sink.hpp>
#include <weir/runtime/saved_parts.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

// f(writer) for each sink, in the order of the pipeline.
template <class Root, class F>
void for_each_sink(Root& root, F f) {
  root.visit([&](auto& stage) {
    if constexpr (requires { stage.writer; }) f(stage);
  });
}
template <class Sink>
inline constexpr bool publishes_by_epoch = std::remove_reference_t<Sink>::guarantee != delivery::at_once;

// To be used once, after the stages have been built on the backend.
template <class Root>
class recovery {
 public:
  recovery(lmdb_backend& backend, Root& root, bool exactly_once, bool forgets)
      : backend_(backend), root_(root), exactly_once_(exactly_once), forgets_(forgets) {}

  // Gives the commit that the run goes on from; epoch 0: from the beginning. Publishes what it names. Where it says that the
  // job is finished, the operators are left as they are.
  // Errors: restore_error where it was made by another pipeline, and whatever the sinks find wrong with their targets.
  WEIR_COLD commit run() {
    if (std::optional<commit> found = read_commit(backend_)) {
      last_ = std::move(*found);
      compare_guarantees(last_.exactly_once, exactly_once_, backend_.directory().string());
      compare_with_saved();
      if (backend_.must_evolve()) backend_.evolve();
      if (forgets_) backend_.forget_undeclared();  // after it: what is forgotten goes with the next commit
    }
    last_.exactly_once = exactly_once_;
    for_each_sink(root_, [&](auto& sink) { recover_sink(sink, find_saved(last_.sinks, sink.uid)); });
    claim_targets();
    if (last_.epoch != 0 && !last_.finished) {
      part_namer names;
      root_.visit([&](auto& stage) { restore(stage, names.name(stage)); });
    }
    return std::move(last_);
  }

 private:
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
    std::vector<std::string> ours;  // the sinks that claim
    for_each_sink(root_, [&](auto& sink) {
      if (last_.epoch == 0 || !find_saved(last_.sinks, sink.uid) || has_moved(sink))
        ours.emplace_back(sink.uid);
    });
    std::vector<committed_sink> const known = last_.sinks;
    if (commit_claims(ours))
      for_each_sink(root_, [&](auto& sink) {
        committed_sink const* const claimed = find_saved(last_.sinks, sink.uid);
        if (claimed && (!find_saved(known, sink.uid) || has_moved(sink))) recover_sink(sink, claimed);
      });
    commit_claims(ours);
  }
  template <class Stage>
  static bool has_moved(Stage& stage) {
    if constexpr (requires { stage.writer.moved(); })
      return stage.writer.moved();
    else
      return false;
  }
  WEIR_COLD bool commit_claims(std::vector<std::string> const& ours) {
    commit next = last_;
    std::vector<committed_sink> claims;
    for_each_sink(root_, [&](auto& sink) {
      if constexpr (requires { sink.writer.claim(); })
        if (std::find(ours.begin(), ours.end(), sink.uid) != ours.end())
          if (std::optional<std::string> claim = sink.writer.claim())
            claims.push_back({std::string(sink.uid), std::move(*claim)});
    });
    for (committed_sink const& claim : claims) {
      std::erase_if(next.sinks, [&](committed_sink const& s) { return s.uid == claim.uid; });
      next.sinks.push_back(claim);
    }
    if (next.sinks == last_.sinks) return false;
    compare_claims(claims);
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
      committed_source const* const saved = find_saved(last_.sources, name);
      if constexpr (Stage::replayable)
        if (saved) stage.reader.restore(saved->position);
    } else if constexpr (operator_part<Stage>) {
      committed_operator const* const saved = find_saved(last_.operators, name);
      if (saved == nullptr) return;
      load_archive ar(saved->state);
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
      std::erase_if(sinks, [&](std::string const& s) {
        return std::find(claimed.begin(), claimed.end(), s) == claimed.end();
      });
      if (!forgets_) compare_parts("sink", claimed, sinks, directory);
      return;
    }
    if (!forgets_) {
      compare_parts("source", uids(last_.sources), sources, directory);
      compare_parts("operator", uids(last_.operators), operators, directory);
      compare_parts("sink", uids(last_.sinks), sinks, directory);
    }
    part_namer again;
    root_.visit([&](auto& stage) {
      std::string const name = again.name(stage);
      if constexpr (operator_part<std::remove_reference_t<decltype(stage)>>)
        if (committed_operator const* const saved = find_saved(last_.operators, name))
          compare_kinds(*saved, kind_of(stage), directory);
    });
    if (!forgets_) compare_states(backend_);
  }

  lmdb_backend& backend_;
  Root& root_;
  bool exactly_once_;
  bool forgets_;
  commit last_;
};

}  // namespace weir::detail
