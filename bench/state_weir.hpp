// The computation of bench/state.cpp as a pipeline: read, change and write the value of each event's key.
#pragma once

#include "state_events.hpp"

#include <weir/weir.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <ranges>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace bench {

struct state_event {
  state_key key;
  std::int64_t amount;
};

struct change_value {
  using output = std::int64_t;
  weir::value_state<state_value, "value"> value;
  auto states() { return std::tie(value); }
  template <class Context, class Emit>
  void on_record(state_event const& e, Context&, Emit const& emit) {
    emit(change(value.get(), e.amount));
  }
};

inline auto changes(std::uint64_t* checksum) {
  return weir::key_by([](state_event const& e) { return e.key; }) | weir::process<"changes">(change_value{}) |
         weir::into(weir::fold(checksum, [](std::uint64_t a,
                                            std::int64_t b) { return a + static_cast<std::uint64_t>(b); }),
                    weir::uid<"sum">);
}

// A state directory, on which runs go on one after another. Between what two of them read lie records that nobody wants:
// a run stops there and does not end.
class lmdb_job {
 public:
  explicit lmdb_job(std::filesystem::path folder, std::size_t memory = std::size_t{1} << 30)
      : store_{.directory = std::move(folder)} {
    store_.memory = memory;
  }
  void set_memory(std::size_t bytes) { store_.memory = bytes; }
  std::string const& folder() const { return store_.directory; }

  // Reads n events; the i-th changes the key index(i). A checkpoint after each `every` of them, or each `interval`.
  // passed(i) is called for each, and says whether to go on; what is left then is never read.
  template <class Index, class Passed>
  std::uint64_t run(std::uint64_t n, std::uint64_t every, std::chrono::nanoseconds interval, Index index,
                    Passed passed) {
    std::uint64_t const begin = next_, end = begin + n, gap = 1 << 16;
    next_ = end + gap;
    weir::job_control const control;
    std::uint64_t checksum = 0;
    auto const pipeline = weir::from(std::views::iota(std::uint64_t{0}, end + gap), weir::uid<"events">) |
                          weir::filter([=](std::uint64_t i) {
                            if (i >= end) control.stop();
                            return begin <= i && i < end;
                          }) |
                          weir::inspect([=](std::uint64_t i) {
                            if ((i - begin + 1) % every == 0 && i + 1 < end) control.checkpoint();
                          }) |
                          weir::map([=](std::uint64_t i) {
                            if (!passed(i - begin)) control.stop();
                            return state_event{key_of(index(i - begin)), amount_of(i - begin)};
                          }) |
                          changes(&checksum);
    last = weir::run(pipeline, store_, weir::periodic_checkpoints{.every = interval}, weir::at_least_once,
                     control);
    if (last.status != weir::outcome::stopped)
      throw std::runtime_error("bench: the run did not end where it should");
    return checksum;
  }
  std::uint64_t run(key_indices const& events, std::uint64_t every) {
    return run(
        events.size(), every, std::chrono::hours{1}, [&](std::uint64_t i) { return events[i]; },
        [](std::uint64_t) { return true; });
  }
  // Every key with what one event makes of it.
  void fill(std::uint64_t keys) {
    run(
        keys, keys, std::chrono::hours{1}, [](std::uint64_t i) { return i; },
        [](std::uint64_t) { return true; });
  }

  weir::run_result last;

 private:
  weir::lmdb_store store_;
  std::uint64_t next_ = 0;
};

}  // namespace bench
