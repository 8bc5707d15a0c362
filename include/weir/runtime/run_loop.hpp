// run_loop: one run of a pipeline, from its last commit on, as often as its restart strategy says.
#pragma once

#include <weir/core/failure.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/runtime/context.hpp>
#include <weir/runtime/coordinator.hpp>
#include <weir/runtime/inputs.hpp>
#include <weir/runtime/policies.hpp>
#include <weir/runtime/run_result.hpp>
#include <weir/runtime/running_stages.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

// What others have asked of the run.
struct run_requests {
  std::stop_token token;
  std::optional<job_control> control;
  std::optional<signal_watch> signals;

  bool stop() const {
    return token.stop_requested() || (signals && signals->signalled()) ||
           (control && control->state().end() == control_state::asked_end::stop);
  }
  bool drain() const { return control && control->state().end() == control_state::asked_end::drain; }
  bool wants_checkpoint() const { return control && control->state().waiting(); }
  std::vector<checkpoint_request> take() const {
    return control ? control->state().take() : std::vector<checkpoint_request>();
  }
  // Waits, a little at a time since a signal wakes nobody; false: the run is to stop.
  WEIR_COLD bool wait(std::chrono::nanoseconds delay) const {
    using clock = std::chrono::steady_clock;
    auto const until = clock::now() + delay;
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    while (!stop() && !drain() && clock::now() < until)
      changed.wait_until(lock, token, std::min(until, clock::now() + std::chrono::milliseconds{10}),
                         [] { return false; });
    return !stop();
  }
};

// All policies of one run.
template <class Store, class Checkpoints, bool ExactlyOnce, bool CountsOperators, bool Controlled,
          class Restarts, class Observer, class Alignment>
struct run_options {
  using store_type = Store;
  using checkpoints_type = Checkpoints;
  using alignment_type = Alignment;
  static constexpr bool exactly_once = ExactlyOnce;
  static constexpr bool counts_operators = CountsOperators;
  static constexpr bool controlled = Controlled;  // by a job_control
  static constexpr bool restarts_at_all = !std::is_same_v<Restarts, no_restart>;

  Store store;
  Checkpoints checkpoints;
  batch_size batches;
  Restarts restarts;
  Observer observer;
  Alignment alignment;
  run_requests asked;
  std::optional<from_savepoint> savepoint;
  bool forgets = false;  // allow_non_restored_state

  static constexpr bool hears_retries = hears<Observer, connector_retrying>;
  retry_context retried{hears_retries};  // by sources and sinks

  void tell_retries() {
    if constexpr (hears_retries)
      if (retried.any())
        for (retry_context::entry const& e : retried.take())
          observer(connector_retrying{e.uid, e.tries, e.delay, e.error});
  }
  void check() const {
    if (batches.records == 0) throw config_error("weir::batch_size: zero records; give a positive number");
    if constexpr (requires { checkpoints.check(); }) checkpoints.check();
    if constexpr (requires { restarts.check(); }) restarts.check();
    if constexpr (Alignment::aligns) alignment.check();
  }
  std::string state_directory() const {
    if constexpr (requires { store.directory; })
      return store.directory;
    else
      return {};
  }
};

// What run makes of policies that fit together.
template <class... Policies>
using options_of = run_options<
    chosen<store_kind, memory_store, Policies...>, chosen<checkpoint_kind, no_checkpoints, Policies...>,
    chosen<checkpoint_kind, no_checkpoints, Policies...>::makes_checkpoints &&
        std::is_same_v<chosen<guarantee_kind, exactly_once_t, Policies...>, exactly_once_t>,
    chosen<metrics_kind, no_metrics, Policies...>::counts_operators, (control_kind<Policies>::value || ...),
    chosen<restart_kind, no_restart, Policies...>, chosen<observer_kind, no_observer, Policies...>,
    chosen<alignment_kind, no_alignment, Policies...>>;

// How much a batch should take at most: stop tokens, checkpoints and clocks are looked at between batches.
inline constexpr std::chrono::milliseconds batch_time{2};

// Until the input has ended or somebody wants the run to.
template <class Inputs, class Saves, class Options>
WEIR_HOT void run_batches(Inputs& inputs, running_stages const& stages, Saves& saves, Options& options) {
  using clock = std::chrono::steady_clock;
  std::size_t const most = options.batches.records;
  std::size_t max = std::min<std::size_t>(most, stages.waits ? 16 : 4096);
  clock::time_point now = clock::now();
  while (!inputs.ended() && !options.asked.stop()) {
    if (options.asked.drain()) {
      inputs.end();
      break;
    }
    saves.between_batches(now);
    if constexpr (Options::controlled)
      if (options.asked.control->state().wants_report()) [[unlikely]]
        options.asked.control->state().tell(inputs.report());
    options.tell_retries();
    stages.tell_time();
    bool const moved = inputs.step(max, stages.until_next_timer(saves.next_look(now)));
    stages.flush();
    clock::time_point const after = clock::now();
    if (moved && after - now > batch_time)
      max = std::max<std::size_t>(max / 2, 1);
    else
      max = std::min(max * 2, most);
    now = after;
  }
}

// From the last commit to the end of the input, a request to stop, or a failure. `p` is the pipeline, whose type nothing above
// knows.
template <class Pipeline, class Options>
void run_once(void const* p, Options& options, run_history& history, run_result& result) {
  using clock = std::chrono::steady_clock;
  using store = typename Options::store_type;
  clock::time_point const begin = clock::now();
  weir::counters counters;
  typename store::backend backend(options.store);
  using saves_type = coordinator<Options>;
  bool const from_savepoint = saves_type::take_savepoint(backend, options);
  using context = run_context<store, Options::counts_operators>;
  context ctx{backend,        counters,        Options::exactly_once, options.state_directory(),
              from_savepoint, &options.retried};
  auto root = attach_pipeline(*static_cast<Pipeline const*>(p), build_env<context>{ctx}, nothing_behind{});

  typename saves_type::stages_type stages;
  root.visit(stages);
  saves_type saves(backend, options, history, stages, counters, result);
  if (!saves.recover()) return;
  using parts = typename Pipeline::template parts<part_names<>>;
  constexpr bool sources_inside = count_of<parts>(part_kind::source) != decltype(root)::inputs;
  input_driver<decltype(root), sources_inside, typename Options::alignment_type> inputs(root,
                                                                                        options.alignment);
  result.recovery_time = clock::now() - begin;
  options.observer(run_started{history.epoch, result.recovery_time});
  run_batches(inputs, stages, saves, options);
  result.status = inputs.ended() ? outcome::finished : outcome::stopped;
  saves.finish(result.status == outcome::finished);
}

template <class Options>
using run_once_fn = void(void const* p, Options& options, run_history& history, run_result& result);

template <class Options>
void run_with_restarts(run_once_fn<Options>* once, void const* p, Options& options, run_result& result) {
  using clock = std::chrono::steady_clock;
  run_history history;
  if constexpr (!Options::restarts_at_all) {
    once(p, options, history, result);
  } else {
    auto decide = options.restarts.start();
    std::uint64_t count = 0, in_place = 0, place = 0;
    for (;;) {
      clock::time_point const began = clock::now();
      std::string error;
      try {
        return once(p, options, history, result);
      } catch (config_error const&) {
        throw;
      } catch (restore_error const&) {
        throw;  // it would be refused again
      } catch (...) {
        clock::time_point const now = clock::now();
        in_place = std::exchange(place, history.epoch) == history.epoch ? in_place + 1 : 1;
        std::optional<std::chrono::nanoseconds> const delay =
            decide(run_failure{now, now - began, ++count, in_place});
        if (!delay || options.asked.stop()) throw;
        error = current_error();
        options.tell_retries();
        options.observer(run_restarting{count, history.epoch, *delay, error});
        ++result.restarts;
        if (!options.asked.wait(*delay)) throw;
      }
    }
  }
}

template <class Options>
run_result run_to_the_end(run_once_fn<Options>* once, void const* p, Options& options) {
  auto const begin = std::chrono::steady_clock::now();
  run_result result;
  // Whoever waits for a checkpoint of this run hears that there will be none.
  struct answer_all {
    run_requests const& asked;
    ~answer_all() {
      if (asked.control) asked.control->state().refuse();
    }
  } const answers{options.asked};
  try {
    options.check();
    options.retried.ask_before_a_try([&asked = options.asked] { return asked.stop(); });
    run_with_restarts(once, p, options, result);
  } catch (config_error const& e) {
    options.tell_retries();
    options.observer(run_refused{e.what()});
    throw;
  } catch (restore_error const& e) {
    options.tell_retries();
    options.observer(run_refused{e.what()});
    throw;
  } catch (...) {
    options.tell_retries();
    throw;
  }
  options.tell_retries();
  result.wall_time = std::chrono::steady_clock::now() - begin;
  return result;
}

}  // namespace weir::detail
