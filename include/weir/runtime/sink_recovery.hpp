// sink_recovery: how the sinks of a run come to where the last commit was, and which targets become this job's.
#pragma once

#include <weir/checkpoint/commit.hpp>
#include <weir/core/sink.hpp>
#include <weir/runtime/saved_parts.hpp>
#include <weir/state/lmdb_backend.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

// f(stage) for each sink, in the order of the pipeline.
template <class Root, class F>
void for_each_sink(Root& root, F f) {
  root.visit([&](auto& stage) {
    if constexpr (requires { stage.writer; }) f(stage);
  });
}
template <class Sink>
inline constexpr bool publishes_by_epoch = std::remove_reference_t<Sink>::guarantee != delivery::at_once;

// What recovery asks of a sink, whatever its type: a pipeline then costs the compiler one look at its sinks.
struct recovering_sink {
  std::string_view uid;
  void* writer;
  void (*recover)(void* writer, committed_sink const* saved, std::uint64_t epoch);
  std::optional<std::string> (*claim)(void* writer);
  bool (*moved)(void* writer);
  bool (*claimed)(void* writer);
  std::optional<std::string> (*target)(void* writer);

  template <class Stage>
  static recovering_sink of(Stage& stage) {
    using writer_type = std::remove_reference_t<decltype(stage.writer)>;
    return {stage.uid,
            &stage.writer,
            [](void* to, committed_sink const* saved, std::uint64_t epoch) {
              if constexpr (publishes_by_epoch<Stage>) {
                if (saved)
                  static_cast<writer_type*>(to)->recover(std::string_view(saved->segment), epoch);
                else
                  static_cast<writer_type*>(to)->recover(std::nullopt, 0);
              }
            },
            [](void* to) -> std::optional<std::string> {
              if constexpr (requires(writer_type& w) { w.claim(); })
                return static_cast<writer_type*>(to)->claim();
              else
                return std::nullopt;
            },
            [](void* to) {
              if constexpr (requires(writer_type& w) { w.moved(); })
                return static_cast<writer_type*>(to)->moved();
              else
                return false;
            },
            [](void* to) {
              if constexpr (requires(writer_type& w) { w.claimed(); })
                return static_cast<writer_type*>(to)->claimed();
              else
                return false;
            },
            [](void* to) -> std::optional<std::string> {
              if constexpr (requires(writer_type& w) { w.target(); })
                return static_cast<writer_type*>(to)->target();
              else
                return std::nullopt;
            }};
  }
};

// Backend: lmdb_backend. (Only pipelines with checkpoints pay for it.)
template <class Backend>
class sink_recovery {
 public:
  template <class Root>
  sink_recovery(Backend& backend, Root& root, commit& last) : backend_(backend), last_(last) {
    for_each_sink(root, [this](auto& sink) { sinks_.push_back(recovering_sink::of(sink)); });
  }

  // Publishes what the commit names, then claims.
  //
  // A sink that writes before the first commit finds its own target there when it starts again. So it is durable which
  // targets are ours before anything in them is emptied or finished, and that one has been emptied before records go to it.
  // Before that, a sink only prepares what no reader looks at: folders, and hidden files of its own.
  WEIR_COLD void run() {
    for (recovering_sink const& sink : sinks_) recover(sink);
    std::vector<recovering_sink> ours;  // those that claim
    for (recovering_sink const& sink : sinks_)
      if (last_.epoch == 0 || !find_saved(last_.sinks, sink.uid) || sink.moved(sink.writer) ||
          sink.claimed(sink.writer))
        ours.push_back(sink);
    std::vector<committed_sink> const known = last_.sinks;
    if (commit_claims(ours))
      for (recovering_sink const& sink : ours)
        if (find_saved(last_.sinks, sink.uid) && (!find_saved(known, sink.uid) || sink.moved(sink.writer)))
          recover(sink);
    commit_claims(ours);
  }

 private:
  void recover(recovering_sink const& sink) {
    sink.recover(sink.writer, find_saved(last_.sinks, sink.uid), last_.epoch);
  }
  WEIR_COLD bool commit_claims(std::vector<recovering_sink> const& ours) {
    std::vector<committed_sink> const before = last_.sinks;
    std::vector<claimed_target> targets;
    for (recovering_sink const& sink : ours) {
      std::optional<std::string> claim = sink.claim(sink.writer);
      if (!claim) continue;
      targets.push_back({sink.uid, sink.target(sink.writer).value_or(*claim)});
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
  commit& last_;
  std::vector<recovering_sink> sinks_;
};

}  // namespace weir::detail
