// driver_parts: what a test_driver is made of, see testing.hpp.
#pragma once

#include <weir/checkpoint/archive.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/runtime/collected.hpp>
#include <weir/runtime/context.hpp>
#include <weir/runtime/running_stages.hpp>
#include <weir/runtime/watermark_report.hpp>
#include <weir/state/dumped_table.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace weir {
namespace detail {

// State in memory that a driver can write out.
struct driver_backend {
  template <class Key, class Value, class Format>
  using table = dumped_table<Key, Value, Format>;
};
struct driver_store {
  using backend = driver_backend;
  static constexpr bool durable = false;
};

// A stage whose state a driver saves: name, small state, tables.
using driver_stage = std::tuple<std::string, std::string, std::vector<std::string>>;
using driver_snapshot = std::tuple<std::string, timestamp, std::vector<driver_stage>>;
struct driver_context : run_context<driver_store> {
  timestamp processing_time{};
};
inline constexpr char driver_snapshot_form[] = "weir test_driver 1";

template <class S>
concept driver_saves = !requires(S& s) { s.writer; } && requires(S& s, save_archive& ar) { s.state(ar); };

template <class S>
std::string name_of_stage(S const& stage) {
  if constexpr (requires { S::uid.view(); })
    return std::string(S::uid.view());
  else if constexpr (requires { stage.uid; })
    return std::string(stage.uid);
  else
    return {};
}

// The stages of a driver without their types, as those of a run; and the sources that stand inside of operators.
struct driver_stages : running_stages {
  struct inner_input {
    std::string_view uid;
    void* input;
    void (*end_all)(void* input);
  };
  std::vector<inner_input> inner;

  template <class Second, class GoesFirst>
  void second_input(Second& second, GoesFirst) {
    second.for_each_input([this]<class Input>(Input& input) {
      inner.push_back({input.uid, &input, [](void* at) { static_cast<Input*>(at)->end_all(); }});
    });
  }
  // Of those of this name, or all.
  void end_inner(std::string_view uid) const {
    for (inner_input const& i : inner)
      if (uid.empty() || i.uid == uid) i.end_all(i.input);
  }
};

// What the stages of a driver use, at one place for as long as it lives.
template <class In, class Chain>
struct driver_parts {
  Chain chain;
  counters counted;
  driver_backend backend;
  driver_context context{{backend, counted, false, {}}};
  collected<output_of<Chain, In>> output;

  explicit driver_parts(Chain const& c) : chain(c) {}
  driver_parts(driver_parts const&) = delete;
};

template <class Out>
struct collected_behind {
  collected<Out>* to;
  template <class Env>
  auto operator()(Env const&) const {
    return collector_stage<Out>(*to);
  }
};
template <>
struct collected_behind<finished> : nothing_behind {
  explicit collected_behind(collected<finished>*) {}
};
template <class In, class Chain>
struct make_stages {
  driver_parts<In, Chain>* parts;
  auto operator()() const {
    build_env<driver_context> const env{parts->context};
    collected_behind<output_of<Chain, In>> const behind{&parts->output};
    return attach_operation<In>(parts->chain, env, behind);
  }
};

// What test_driver gives after a mistake, so that one mistake is one error.
struct rejected_driver {
  template <class... Arguments>
  void push(Arguments const&...) {}
  template <class T>
  void push_to_split(std::size_t, T const&) {}
  void splits(std::size_t) {}
  void finish_split(std::size_t) {}
  void idle() {}
  template <fixed_string, class T>
  void push_to(T const&) {}
  template <fixed_string>
  void finish_input() {}
  template <class T>
  void watermark(T const&) {}
  template <class T>
  void processing_time(T const&) {}
  void finish() {}
  rejected take() { return {}; }
  template <fixed_string>
  rejected take_side() {
    return {};
  }
  watermark_report explain_watermark() { return {}; }
  std::string snapshot() { return {}; }
};

}  // namespace detail
}  // namespace weir
