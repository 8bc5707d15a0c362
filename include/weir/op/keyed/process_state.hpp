// process_state: what is kept for one key of a process function, and how it is stored.
#pragma once

#include <weir/op/keyed/handle_facts.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/declaration.hpp>
#include <weir/state/key_timer.hpp>
#include <weir/state/ttl.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

// What a handle keeps for a key: in front of a durable store perhaps only what was asked for.
template <class Handle, bool Durable>
struct kept {
  using type = typename Handle::stored;
};
template <class Handle>
  requires requires { typename Handle::layered; }
struct kept<Handle, true> {
  using type = typename Handle::layered;
};
template <class Handle, bool Durable>
using kept_t = typename kept<Handle, Durable>::type;

template <std::size_t I, class Handle, bool Durable>
struct handle_leaf {
  kept_t<Handle, Durable> value{};
};

// The timers of a key are a set, in order; the earliest of them is the one that is filed.
template <bool Durable>
struct key_timers : key_timer<Durable> {
  std::vector<timestamp> timers;
};
struct no_timers {};
// Those in processing time. Where they stand in the queue is known in memory only.
struct processing_timers {
  std::vector<timestamp> at;
  key_timer<true> entry;
};
struct no_processing_timers {};

// Where the key stands in the queue of those that expire in this domain; max_time: nowhere, or that was not read.
template <time_domain Domain>
struct queued_key {
  timestamp queued = max_time;
};
template <time_domain Domain>
struct unqueued_key {};

// What a call means to handles with a ttl.
struct moments {
  moment event, processing;
};

// Which index of a key's times the store holds: that of its timers, else that of what expires where this is of one domain.
template <bool Timers, bool ProcessingTimers, class... Handles>
struct process_index {
  static constexpr bool event = (expires_in<Handles, time_domain::event> || ...);
  static constexpr bool processing = (expires_in<Handles, time_domain::processing> || ...);
  static constexpr bool of_expiry = !Timers && !ProcessingTimers && event != processing;
  static constexpr time_domain domain = event ? time_domain::event : time_domain::processing;
};

template <class Indices, bool Timers, bool ProcessingTimers, bool Durable, class... Handles>
struct process_state;
template <std::size_t... I, bool Timers, bool ProcessingTimers, bool Durable, class... Handles>
struct process_state<std::index_sequence<I...>, Timers, ProcessingTimers, Durable, Handles...>
    : handle_leaf<I, Handles, Durable>...,
      std::conditional_t<
          Timers, key_timers<Durable>,
          std::conditional_t<Durable && process_index<Timers, ProcessingTimers, Handles...>::of_expiry,
                             key_timer<true>, no_timers>>,
      std::conditional_t<process_index<Timers, ProcessingTimers, Handles...>::event,
                         queued_key<time_domain::event>, unqueued_key<time_domain::event>>,
      std::conditional_t<process_index<Timers, ProcessingTimers, Handles...>::processing,
                         queued_key<time_domain::processing>, unqueued_key<time_domain::processing>>,
      std::conditional_t<ProcessingTimers, processing_timers, no_processing_timers> {
  using index = process_index<Timers, ProcessingTimers, Handles...>;
  template <std::size_t J, class H>
  using leaf = handle_leaf<J, H, Durable>;
  template <class H>
  using kept = kept_t<H, Durable>;
  static constexpr bool reads_when_asked = (!std::is_same_v<kept<Handles>, typename Handles::stored> || ...);

  template <class... H>
  WEIR_INLINE void bind(H&... handles) {
    (handles.bind(value_of<I, Handles>()), ...);
  }
  template <class... H>
  WEIR_INLINE void bind_at(moments const& m, H&... handles) {
    (bind_one(m, handles, value_of<I, Handles>()), ...);
  }
  // After a call: what it met expired goes.
  template <class... H>
  void settle(H&... handles) {
    (settle_one(handles, value_of<I, Handles>()), ...);
  }
  // What the handles hold becomes that of another.
  void take(process_state&& other) {
    ((value_of<I, Handles>() = std::move(other.template value_of<I, Handles>())), ...);
  }
  // All that handles would read when it is asked for; it is saved whole then.
  void bring_all() { (bring_all_of(value_of<I, Handles>()), ...); }
  // All that has expired goes, where the handle lets it.
  template <time_domain Domain, class... H>
  void purge(timestamp now, H&... handles) {
    (purge_one<Domain>(now, handles, value_of<I, Handles>()), ...);
  }
  WEIR_INLINE bool is_empty() const {
    bool empty = (Handles::is_empty(value_of<I, Handles>()) && ...);
    if constexpr (Timers) empty = empty && this->timers.empty();
    if constexpr (ProcessingTimers) empty = empty && this->at.empty();
    return empty;
  }
  timestamp due() const { return this->timers.empty() ? max_time : this->timers.front(); }
  timestamp processing_due() const { return this->at.empty() ? max_time : this->at.front(); }
  // When something expires, or before.
  template <time_domain Domain>
  timestamp expiry() const {
    timestamp first = max_time;
    ((first = earlier(first, expiry_of<Domain, Handles>(value_of<I, Handles>()))), ...);
    return first;
  }
  // The first end of all that is stored, whatever the index says: what a value that is read back would say.
  template <time_domain Domain>
  timestamp first_end() const {
    timestamp first = max_time;
    ((first = earlier(first, first_end_of<Domain, Handles>(value_of<I, Handles>()))), ...);
    return first;
  }
  // The same of what is removed in the background.
  template <time_domain Domain, class... H>
  timestamp expiry(H const&... handles) const {
    timestamp first = max_time;
    ((first = earlier(first, expiry_of_one<Domain>(handles, value_of<I, Handles>()))), ...);
    return first;
  }
  // Whether nothing of it has to be stored: what has expired in processing time is not.
  bool expired(timestamp now) const {
    bool nothing = (expired_one<Handles>(value_of<I, Handles>(), now) && ...);
    if constexpr (Timers) nothing = nothing && this->timers.empty();
    if constexpr (ProcessingTimers) nothing = nothing && this->at.empty();
    return nothing;
  }
  template <time_domain Domain>
  timestamp& queued() {
    return static_cast<queued_key<Domain>&>(*this).queued;
  }

 private:
  template <std::size_t J, class H>
  WEIR_INLINE kept<H>& value_of() {
    return static_cast<leaf<J, H>&>(*this).value;
  }
  template <std::size_t J, class H>
  WEIR_INLINE kept<H> const& value_of() const {
    return static_cast<leaf<J, H> const&>(*this).value;
  }
  template <class H>
  WEIR_INLINE static void bind_one(moments const& m, H& handle, kept<H>& s) {
    if constexpr (expires_in<H, time_domain::event>)
      handle.bind(s, m.event);
    else if constexpr (expires_in<H, time_domain::processing>)
      handle.bind(s, m.processing);
    else
      handle.bind(s);
  }
  template <class H>
  static void settle_one(H& handle, kept<H>& s) {
    if constexpr (has_ttl<H>) handle.settle(s);
  }
  template <class Kept>
  static void bring_all_of(Kept& s) {
    if constexpr (requires { s.bring_all(); }) s.bring_all();
  }
  template <time_domain Domain, class H>
  static void purge_one(timestamp now, H& handle, kept<H>& s) {
    if constexpr (expires_in<H, Domain>)
      if (handle.background_cleanup()) H::purge(s, now);
  }
  template <time_domain Domain, class H>
  static timestamp expiry_of(kept<H> const& s) {
    if constexpr (expires_in<H, Domain>)
      return H::due(s);
    else
      return max_time;
  }
  template <time_domain Domain, class H>
  static timestamp first_end_of(kept<H> const& s) {
    if constexpr (!expires_in<H, Domain>)
      return max_time;
    else if constexpr (requires { H::first_end(s); })
      return H::first_end(s);
    else
      return H::due(s);
  }
  template <time_domain Domain, class H>
  static timestamp expiry_of_one(H const& handle, kept<H> const& s) {
    if constexpr (expires_in<H, Domain>)
      if (handle.background_cleanup()) return H::due(s);
    return max_time;
  }
  template <class H>
  static bool expired_one(kept<H> const& s, timestamp now) {
    if constexpr (expires_in<H, time_domain::processing>)
      return H::expired(s, now);
    else if constexpr (requires { s.surely_empty(); })  // the store is for the records' thread
      return s.surely_empty();
    else
      return H::is_empty(s);
  }
};

// Processing time, as the records have it and the thread that writes a checkpoint reads it.
using shared_time = std::atomic<std::int64_t>;

// A state for each handle; each list of timers is one more.
template <class State, bool Timers, bool ProcessingTimers, class... Handles>
struct process_format {
  using index = process_index<Timers, ProcessingTimers, Handles...>;
  static constexpr std::size_t parts = sizeof...(Handles) + Timers + ProcessingTimers;
  static constexpr std::size_t timer_part = sizeof...(Handles), processing_part = timer_part + Timers;
  static constexpr bool timers = Timers || index::of_expiry;

  shared_time const* clock = nullptr;  // where what has expired is left out

  std::array<state_declaration, parts> declare() const {
    std::array<state_declaration, parts> all{state_declaration{std::string(Handles::name.view()), Handles::kind,
                                                               Handles::schema(), &Handles::facts}...};
    if constexpr (Timers) all[timer_part] = {"(timers)", state_kind::list, codec<timestamp>::schema()};
    if constexpr (ProcessingTimers)
      all[processing_part] = {"(processing timers)", state_kind::list, codec<timestamp>::schema()};
    return all;
  }
  template <class Out>
  void save(State const& s, bool alive, Out& out) const {
    static State const nothing{};
    // A value goes as a whole or not at all: what of it has expired is part of its timer.
    if constexpr (index::processing)
      alive =
          alive && !s.expired(clock == nullptr ? min_time : from_ticks(clock->load(std::memory_order_relaxed)));
    save_handles(alive ? s : nothing, out, std::index_sequence_for<Handles...>{});
    if constexpr (timers) save_timer(s, alive ? first_time(s) : max_time, out);
    if constexpr (Timers) save_list(s.timers, alive, timer_part, out);
    if constexpr (ProcessingTimers) save_list(s.at, alive, processing_part, out);
  }
  template <class In>
  bool load(State& s, In& in) const {
    bool there = load_handles(s, in, std::index_sequence_for<Handles...>{});
    if constexpr (Timers) there = load_list(s.timers, timer_part, in) || there;
    if constexpr (ProcessingTimers) {
      there = load_list(s.at, processing_part, in) || there;
      s.entry.loaded(s.processing_due());
    }
    if constexpr (timers && requires { s.loaded(max_time); }) s.loaded(first_time(s));
    return there;
  }
  void rebase(State& s) const {
    if constexpr (timers && requires { s.saved(max_time); }) s.saved(first_time(s));
  }
  template <class In>
    requires State::reads_when_asked
  void rebase(State& s, In& in) const {
    rebase(s);
    rebase_handles(s, in, std::index_sequence_for<Handles...>{});
  }
  void revive(State const& erased, State& fresh) const {
    if constexpr (timers && requires { fresh.revived(erased); }) fresh.revived(erased);
  }

 private:
  template <class Out>
  static void save_list(std::vector<timestamp> const& times, bool alive, std::size_t part, Out& out) {
    if (!alive || times.empty()) return out.erase(part);
    std::string& bytes = out.scratch();
    codec<std::vector<timestamp>>::encode(times, bytes);
    out.put(part, bytes);
  }
  template <class In>
  static bool load_list(std::vector<timestamp>& times, std::size_t part, In& in) {
    auto const bytes = in.get(part);
    if (bytes) decode(*bytes, times);
    return bytes.has_value();
  }
  // Of the index that the store holds.
  static timestamp first_time(State const& s) {
    if constexpr (Timers)
      return s.due();
    else
      return s.template first_end<index::domain>();
  }
  template <class Out>
  static void save_timer(State const& s, timestamp due, Out& out) {
    if constexpr (requires { s.save_timer(due, out); }) s.save_timer(due, out);
  }
  template <class H, class Out>
  static void save_handle(typename State::template kept<H> const& s, std::size_t part, Out& out) {
    if constexpr (has_ttl<H>)
      H::save(s, part, out, min_time);
    else
      H::save(s, part, out);
  }
  template <class Out, std::size_t... I>
  static void save_handles(State const& s, Out& out, std::index_sequence<I...>) {
    (save_handle<Handles>(static_cast<typename State::template leaf<I, Handles> const&>(s).value, I, out), ...);
  }
  template <class In, std::size_t... I>
  static bool load_handles(State& s, In& in, std::index_sequence<I...>) {
    return (static_cast<unsigned>(
                Handles::load(static_cast<typename State::template leaf<I, Handles>&>(s).value, I, in)) |
            ... | 0u) != 0;
  }
  template <class In, std::size_t... I>
  static void rebase_handles(State& s, In& in, std::index_sequence<I...>) {
    (rebase_handle(static_cast<typename State::template leaf<I, Handles>&>(s).value, I, in), ...);
  }
  template <class Kept, class In>
  static void rebase_handle(Kept& s, std::size_t part, In& in) {
    if constexpr (requires { s.rebase(part, in); }) s.rebase(part, in);
  }
};

}  // namespace weir::detail
