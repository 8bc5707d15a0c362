// shared: a stage with several inputs, and the ports that lead into it.
#pragma once

#include <weir/core/stage.hpp>
#include <weir/core/valve.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::detail {

// Its kernel lives here, in memory, while any input has it open. Its watermark is that of a valve. The inputs point to it:
// stages never move.
template <class Next>
struct shared {
  Next next;
  std::optional<typename Next::kernel> hot;
  std::size_t open_count = 0;
  valve inputs;
  bool told_idle = false;
  void (*tell_idle)(shared&) = nullptr;  // what is never idle has none of this in its program

  template <class Make>
  explicit shared(Make const& make) : next(make()) {}
  shared(shared const&) = delete;

  void open() {
    if (open_count++ == 0) hot.emplace(next.open());
  }
  void close() {
    if (--open_count == 0) {
      next.commit(*hot);
      hot.reset();
    }
  }
  template <class V, class Time>
  WEIR_INLINE void push(V&& v, Time t) {
    (*hot)(std::forward<V>(v), t);
  }

  std::size_t add_input() {
    inputs.inputs.emplace_back();
    return inputs.inputs.size() - 1;
  }
  void advance(std::size_t input, progress p) {
    inputs.reach(input, p.now);
    rise(earlier(p.before, inputs.others(input)));
    if (tell_idle != nullptr) tell_idle(*this);
  }
  void set_idle(std::size_t input, bool idle) {
    tell_idle = [](shared& s) { s.tell(); };
    if (!inputs.set_idle(input, idle)) return;
    if (!idle) tell();
    rise(min_time);
    tell();
  }
  void rise(timestamp before) {
    if (auto const step = inputs.rise(before)) outside([&] { next.advance(*step); });
  }
  void tell() {
    if (inputs.idle() == told_idle) return;
    told_idle = !told_idle;
    outside([&] { next.set_idle(told_idle); });
  }
  // While the kernel is not open.
  template <class F>
  void outside(F const& f) {
    if (hot) next.commit(*hot), hot.reset();
    f();
    if (open_count) hot.emplace(next.open());
  }
  template <class Ar>
  void state(Ar& ar) {
    inputs.state(ar, std::vector<timestamp>(inputs.inputs.size()));
  }
  std::string kind() const { return "chains that meet: " + std::to_string(inputs.inputs.size()); }
};

// The end of a branch. All branches have one clock, so a record carries the right watermark already, and the branch
// operator asks the tail for its deadline itself, once.
template <class Tail>
struct branch_port : chain_end {
  static constexpr bool acts = decltype(Tail::next)::acts;
  static constexpr bool dynamic = decltype(Tail::next)::dynamic;
  Tail* tail;
  std::size_t input;
  explicit branch_port(Tail* t) : tail(t), input(t->add_input()) {}
  branch_port(branch_port const&) = delete;

  struct kernel {
    Tail* tail;
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      tail->push(std::forward<V>(v), t);
    }
    WEIR_INLINE timestamp deadline() const { return max_time; }
    WEIR_INLINE timestamp clock() const { return min_time; }
  };
  kernel open() {
    tail->open();
    return {tail};
  }
  void commit(kernel const&) { tail->close(); }
  void advance(progress p) { tail->advance(input, p); }
  void set_idle(bool idle) { tail->set_idle(input, idle); }
  template <fixed_string Name>
  auto* outlet() {
    return tail->next.template outlet<Name>();
  }
};

// The end of a merged pipeline. Each has a clock of its own, and while one runs the others stand still: a record is
// judged by the least of them. An input that is ahead of the others cannot reach a deadline. One that comes back late, after it
// was idle, is behind what has been delivered, and by that its records are judged.
template <class Tail>
struct merge_port : branch_port<Tail> {
  using branch_port<Tail>::branch_port;
  // Also where the watermark is only read: while another runs it must know what this one has made.
  static constexpr bool acts = branch_port<Tail>::acts || branch_port<Tail>::dynamic;
  static constexpr bool dynamic = acts;

  struct kernel {
    Tail* tail;
    timestamp delivered, others;
    template <class V>
    WEIR_INLINE void operator()(V&& v, event t) {
      tail->push(std::forward<V>(v), event{t.at, later(delivered, earlier(t.watermark, others))});
    }
    template <class V>
    WEIR_INLINE void operator()(V&& v, untimed t) {
      tail->push(std::forward<V>(v), t);
    }
    WEIR_INLINE timestamp deadline() const {
      timestamp const due = tail->hot->deadline();
      return others < due ? max_time : due;
    }
    WEIR_INLINE timestamp clock() const { return min_time; }
  };
  kernel open() {
    this->tail->open();
    return {this->tail, this->tail->inputs.delivered, this->tail->inputs.others(this->input)};
  }
  void commit(kernel const&) { this->tail->close(); }
};

// The `rest` of a chain that ends in a port.
template <class Port, class Tail>
struct make_port {
  Tail* tail;
  template <class Env>
  Port operator()(Env const&) const {
    return Port(tail);
  }
};

}  // namespace weir::detail
