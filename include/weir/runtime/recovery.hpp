// recovery: how the stages of a run come to where the last commit was.
#pragma once

#include <weir/checkpoint/commit.hpp>
#include <weir/runtime/saved_parts.hpp>
#include <weir/runtime/saved_stages.hpp>
#include <weir/runtime/sink_recovery.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::detail {

// To be used once, after the stages have been built on the backend.
// Backend: lmdb_backend. (Only pipelines with checkpoints pay for it.)
template <class Backend>
class recovery {
 public:
  recovery(Backend& backend, saved_stages const& stages, bool exactly_once, bool forgets)
      : backend_(backend), stages_(stages), exactly_once_(exactly_once), forgets_(forgets) {}

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
    sink_recovery(backend_, stages_.saved_sinks, last_).run();
    if (last_.epoch != 0 && !last_.finished) {
      for (saved_stage const& source : stages_.sources)
        if (committed_source const* const saved = find_saved(last_.sources, source.uid))
          if (source.restore) source.restore(source.stage, saved->position);
      for (saved_stage const& op : stages_.operators)
        if (committed_operator const* const saved = find_saved(last_.operators, op.uid))
          op.restore(op.stage, saved->state);
    }
    return std::move(last_);
  }

 private:
  WEIR_COLD void compare_with_saved() const {
    std::string const directory = backend_.directory();
    std::vector<std::string> sinks = names_of(stages_.saved_sinks);
    if (last_.epoch == 0) {  // it knows only what sinks have claimed
      std::erase_if(sinks, [&](std::string const& s) { return !find_saved(last_.sinks, s); });
      if (!forgets_) compare_parts("sink", names_of(last_.sinks), sinks, directory);
      return;
    }
    if (!forgets_) {
      compare_parts("source", names_of(last_.sources), names_of(stages_.sources), directory);
      compare_parts("operator", names_of(last_.operators), names_of(stages_.operators), directory);
      compare_parts("sink", names_of(last_.sinks), sinks, directory);
    }
    for (saved_stage const& op : stages_.operators)
      if (committed_operator const* const saved = find_saved(last_.operators, op.uid))
        compare_kinds(*saved, op.kind, directory);
    if (!forgets_) compare_states(backend_);
  }
  template <class Part>
  static std::vector<std::string> names_of(std::vector<Part> const& parts) {
    std::vector<std::string> all;
    for (Part const& p : parts) all.emplace_back(p.uid);
    return all;
  }

  Backend& backend_;
  saved_stages const& stages_;
  bool exactly_once_;
  bool forgets_;
  commit last_;
};

}  // namespace weir::detail
