// coordinator: makes the checkpoints of a run.
#pragma once

#include <weir/checkpoint/policies.hpp>
#include <weir/core/counters.hpp>
#include <weir/runtime/run_result.hpp>

#include <chrono>
#include <filesystem>
#include <string>

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

inline void add_counts(counters const& counted, run_result& result) {
  for (auto const& [key, value] : counted) result.counts.push_back({key.first, key.second, value, value});
}

// Without checkpoints: sinks go out at the end.
template <class Store, class Checkpoints, class Root>
class coordinator {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  coordinator(typename Store::backend&, Checkpoints const&, Root& root, counters& counted, run_result& result)
      : root_(root), counters_(counted), result_(result) {}

  bool recover() { return true; }
  void between_batches(time_point) {}
  time_point next_look(time_point now) const { return now + std::chrono::milliseconds{10}; }
  void finish() {
    for_each_sink(root_, [](auto& sink) { sink.writer.finish(); });
    add_counts(counters_, result_);
  }

 private:
  Root& root_;
  counters& counters_;
  run_result& result_;
};

}  // namespace weir::detail
