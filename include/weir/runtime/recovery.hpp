// recovery: how the stages of a run come to where the last commit was.
#pragma once

#include <weir/checkpoint/commit.hpp>
#include <weir/runtime/saved_parts.hpp>
#include <weir/runtime/sink_recovery.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

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
      compare_guarantees(last_.exactly_once, exactly_once_, backend_.directory());
      compare_with_saved();
      if (backend_.must_evolve()) backend_.evolve();
      if (forgets_) backend_.forget_undeclared();  // after it: what is forgotten goes with the next commit
    }
    last_.exactly_once = exactly_once_;
    sink_recovery(backend_, root_, last_).run();
    if (last_.epoch != 0 && !last_.finished) {
      part_namer names;
      root_.visit([&](auto& stage) { restore(stage, names.name(stage)); });
    }
    return std::move(last_);
  }

 private:
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
    std::vector<std::string> sources, sinks, operators, kinds;
    part_namer names;
    root_.visit([&](auto& stage) {
      using stage_type = std::remove_reference_t<decltype(stage)>;
      std::string name = names.name(stage);
      if constexpr (source_part<stage_type>)
        sources.push_back(std::move(name));
      else if constexpr (sink_part<stage_type>)
        sinks.push_back(std::move(name));
      else if constexpr (operator_part<stage_type>)
        operators.push_back(std::move(name)), kinds.push_back(kind_of(stage));
    });
    std::string const directory = backend_.directory();
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
    for (std::size_t i = 0; i < operators.size(); ++i)
      if (committed_operator const* const saved = find_saved(last_.operators, operators[i]))
        compare_kinds(*saved, kinds[i], directory);
    if (!forgets_) compare_states(backend_);
  }

  lmdb_backend& backend_;
  Root& root_;
  bool exactly_once_;
  bool forgets_;
  commit last_;
};

}  // namespace weir::detail
