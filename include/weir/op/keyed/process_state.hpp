// process_state: what is kept for one key of a process function, and how it is stored.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/state/declaration.hpp>
#include <weir/state/key_timer.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace weir::detail {

template <std::size_t I, class Handle>
struct handle_leaf {
  typename Handle::stored value{};
};

// The timers of a key are a set, in order; the earliest of them is the one that is filed.
template <bool Durable>
struct key_timers : key_timer<Durable> {
  std::vector<timestamp> timers;
};
struct no_timers {};

template <class Indices, bool Timers, bool Durable, class... Handles>
struct process_state;
template <std::size_t... I, bool Timers, bool Durable, class... Handles>
struct process_state<std::index_sequence<I...>, Timers, Durable, Handles...>
    : handle_leaf<I, Handles>..., std::conditional_t<Timers, key_timers<Durable>, no_timers> {
  template <class... H>
  WEIR_INLINE void bind(H&... handles) {
    (handles.bind(static_cast<handle_leaf<I, Handles>&>(*this).value), ...);
  }
  WEIR_INLINE bool is_empty() const {
    bool empty = (Handles::is_empty(static_cast<handle_leaf<I, Handles> const&>(*this).value) && ...);
    if constexpr (Timers) empty = empty && this->timers.empty();
    return empty;
  }
  timestamp due() const { return this->timers.empty() ? max_time : this->timers.front(); }
};

// A state for each handle; the list of timers is one more.
template <class State, bool Timers, class... Handles>
struct process_format {
  static constexpr std::size_t parts = sizeof...(Handles) + Timers;
  static constexpr bool timers = Timers;

  std::array<state_declaration, parts> declare() const {
    std::array<state_declaration, parts> all{
        state_declaration{std::string(Handles::name.view()), Handles::kind, Handles::schema()}...};
    if constexpr (Timers) all.back() = {"(timers)", state_kind::list, codec<timestamp>::schema()};
    return all;
  }
  template <class Out>
  void save(State const& s, bool alive, Out& out) const {
    static State const nothing{};
    save_handles(alive ? s : nothing, out, std::index_sequence_for<Handles...>{});
    if constexpr (Timers) {
      timestamp const due = alive ? s.due() : max_time;
      s.save_timer(due, out);
      if (due == max_time) return out.erase(parts - 1);
      std::string& bytes = out.scratch();
      codec<std::vector<timestamp>>::encode(s.timers, bytes);
      out.put(parts - 1, bytes);
    }
  }
  template <class In>
  bool load(State& s, In& in) const {
    bool there = load_handles(s, in, std::index_sequence_for<Handles...>{});
    if constexpr (Timers) {
      if (auto const bytes = in.get(parts - 1)) {
        decode(*bytes, s.timers);
        there = true;
      }
      s.loaded(s.due());
    }
    return there;
  }
  void rebase(State& s) const {
    if constexpr (Timers) s.saved(s.due());
  }
  void revive(State const& erased, State& fresh) const {
    if constexpr (Timers) fresh.revived(erased);
  }

 private:
  template <class Out, std::size_t... I>
  static void save_handles(State const& s, Out& out, std::index_sequence<I...>) {
    (Handles::save(static_cast<handle_leaf<I, Handles> const&>(s).value, I, out), ...);
  }
  template <class In, std::size_t... I>
  static bool load_handles(State& s, In& in, std::index_sequence<I...>) {
    return (static_cast<unsigned>(Handles::load(static_cast<handle_leaf<I, Handles>&>(s).value, I, in)) | ... |
            0u) != 0;
  }
};

}  // namespace weir::detail
