// The running side of functions of windows that ask for a context or keep state: for each key, and for each window.
#pragma once

#include <weir/core/emitted.hpp>
#include <weir/core/row.hpp>
#include <weir/core/stage.hpp>
#include <weir/op/keyed/process_clock.hpp>
#include <weir/op/keyed/process_facts.hpp>
#include <weir/op/windowed/window_function.hpp>
#include <weir/state/key_codec.hpp>

#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weir::detail {

// What f keeps for each key, in a table of its own beside the windows.
template <class F, class Key, class Runtime>
class window_key_states {
  using handles = key_handles_of<F>;
  using state_type = typename handles::template state<false, false, Runtime::durable>;
  using format =
      std::conditional_t<handles::storable && storable_key<Key>,
                         typename handles::template format<false, false, Runtime::durable>, no_process_format>;

 public:
  window_key_states(Runtime& runtime, std::string_view uid) : table_(runtime.backend, uid, format{}) {}

  template <class Call>
  void with(F& f, Key const& id, Call const& call) {
    state_type& s = table_.touch(id, [] { return state_type(); });
    std::apply([&](auto&... h) { s.bind(h...); }, key_states_of(f));
    call();
    if (s.is_empty()) table_.erase(id);
  }
  template <class Visit>
  void for_each_table(Visit&& visit) {
    visit(table_);
  }

 private:
  typename Runtime::template table<Key, state_type, format> table_;
};
struct no_window_key_states {
  template <class Runtime>
  no_window_key_states(Runtime&, std::string_view) {}
  template <class F, class Key, class Call>
  void with(F&, Key const&, Call const& call) {
    call();
  }
  template <class Visit>
  void for_each_table(Visit&&) {}
};

// How f is called: with the elements or with a row, with a context or without, also at the end of a window. Timed: what is
// behind has event time.
template <bool Elements, bool Context, bool Clears, bool Timed>
struct window_call_form {
  static constexpr bool elements = Elements, context = Context, clears = Clears, timed = Timed;
};

// It stands right behind a window stage. See behind_window.hpp for what that tells it.
template <class F, class Output, class Key, class Form, fixed_string Uid, class Runtime, class Next>
struct context_stage : forwarding<Next> {
  using window_own = window_own_of<F>;
  static constexpr bool keeps_for_windows = !std::is_same_v<window_own, no_window_own>;
  static constexpr bool clears = Form::clears;
  static constexpr bool one_by_one = keeps_for_windows || clears;
  static constexpr bool keeps_for_keys = window_handles<key_states_t<F>>::any;

  F f;
  std::conditional_t<keeps_for_keys, window_key_states<F, Key, Runtime>, no_window_key_states> states;
  Runtime const* runtime;
  timestamp heard = min_time;  // the watermark that the window stage is about to act on
  window_own* own = nullptr;   // of the window that comes next

  template <class Make>
  context_stage(F const& fn, Runtime& r, Make const& make)
      : forwarding<Next>(make), f(fn), states(r, Uid.view()), runtime(&r) {}

  struct context {
    context_stage* self;
    Key const* id;
    event t;

    Key const& key() const { return *id; }
    timestamp watermark() const { return later(t.watermark, self->heard); }
    timestamp processing_time() const { return processing_time_of(*self->runtime); }
    template <fixed_string Name, class T>
    void side(to_tag<Name> name, T&& value) const {
      self->push_aside(name, std::forward<T>(value), t);
    }
  };
  template <fixed_string Name, class T>
  void push_aside(to_tag<Name>, T&& value, event t) {
    if constexpr (!declares_side_output<F, Name>) {  // refused already
    } else if constexpr (Form::timed) {
      this->next.template outlet<Name>()->push(std::forward<T>(value), t);
    } else {
      this->next.template outlet<Name>()->push(std::forward<T>(value), untimed{});
    }
  }
  // call(window, context)
  template <class Call>
  void run(Key const& id, time_window bounds, event t, Call const& call) {
    states.with(f, id, [&] {
      if constexpr (keeps_for_windows) window_handles_of<F>::bind(*own, window_states_of(f));
      context c{this, &id, t};
      call(keyed_window<Key>{id, bounds}, c);
    });
  }

  struct kernel : forwarding_kernel<typename Next::kernel> {
    context_stage* self;
    explicit kernel(context_stage& s) : forwarding_kernel<typename Next::kernel>(s.next.open()), self(&s) {}
    template <class Row>
    void operator()(Row&& row, event t) {
      time_window const bounds{column_name<"window_start">{}(row), column_name<"window_end">{}(row)};
      auto const emit = [&](auto&& o) { this->next(emitted<Output>(std::forward<decltype(o)>(o)), t); };
      self->run(key_in(row), bounds, t, [&](keyed_window<Key> const& w, context& c) {
        if constexpr (Form::elements)
          call(w, *column_name<"elements">{}(row), c, emit);
        else
          call(w, std::as_const(row), c, emit);
      });
    }

   private:
    // Rows of windows of a whole stream have none.
    template <class Row>
    static Key const& key_in(Row const& row) {
      if constexpr (has_field<Row, "key">) {
        return column_name<"key">{}(row);
      } else {
        static constexpr Key nothing{};
        return nothing;
      }
    }
    template <class Held, class Emit>
    void call(keyed_window<Key> const& w, Held const& held, context& c, Emit const& emit) {
      if constexpr (Form::context)
        self->f(w, held, c, emit);
      else
        self->f(w, held, emit);
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }

  void hear(timestamp watermark) { heard = later(heard, watermark); }
  // The window is gone.
  void clear(Key const& id, time_window bounds, event t) {
    if constexpr (clears) run(id, bounds, t, [&](keyed_window<Key> const& w, context& c) { f.clear(w, c); });
  }
  template <class Visit>
  void for_each_key_table(Visit&& visit) {
    states.for_each_table(visit);
  }
};

}  // namespace weir::detail
