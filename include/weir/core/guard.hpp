// guard: the running side of skip_failed and failed_to.
#pragma once

#include <weir/core/failure.hpp>
#include <weir/core/stage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir::detail {

// A side output behind a guarded operator, for the operator: what is thrown there is not its own.
template <class Outlet>
struct guarded_outlet {
  Outlet* to;
  bool* not_ours;
  guarded_outlet* operator->() { return this; }
  template <class V, class Time>
  void push(V&& v, Time t) {
    try {
      to->push(std::forward<V>(v), t);
    } catch (...) {
      *not_ours = true;
      throw;
    }
  }
};
template <class Outlet>
Outlet* unguarded(Outlet* to) {
  return to;
}
template <class Outlet>
Outlet* unguarded(guarded_outlet<Outlet> outlet) {
  return outlet.to;
}

// Behind a guarded operator. All the way from here on exceptions are marked, because an operator calls what is behind it from
// within the user's function.
template <class Next>
struct guard_exit : forwarding<Next> {
  bool& not_ours;
  template <class Make>
  guard_exit(bool& flag, Make const& make) : forwarding<Next>(make), not_ours(flag) {}

  struct kernel : forwarding_kernel<typename Next::kernel> {
    bool* not_ours;
    WEIR_INLINE explicit kernel(guard_exit& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()), not_ours(&s.not_ours) {}
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      try {
        this->next(std::forward<V>(v), t);
      } catch (...) {
        *not_ours = true;
        throw;
      }
    }
  };
  kernel open() {
    return marked([this] { return kernel(*this); });
  }
  void commit(kernel const& k) {
    marked([&] { this->next.commit(k.next); });
  }
  void advance(progress p) {
    marked([&] { this->next.advance(p); });
  }
  void set_idle(bool idle) {
    marked([&] { this->next.set_idle(idle); });
  }
  template <fixed_string Name>
  auto outlet() {
    auto* const to = this->next.template outlet<Name>();
    return guarded_outlet<std::remove_pointer_t<decltype(to)>>{to, &not_ours};
  }

 private:
  template <class F>
  auto marked(F const& f) -> decltype(f()) {
    try {
      return f();
    } catch (...) {
      not_ours = true;
      throw;
    }
  }
};

// Counts the records that fail and gives them away. Timed: those of the side output carry their time.
template <class In, class Policy, bool Timed>
class failure_handler {
 public:
  template <class Runtime>
  failure_handler(Runtime& runtime, std::string_view uid)
      : uid_(uid), count_(runtime.counters.get(uid, "failed")) {}

  template <class Outlet, class T, class Time>
  WEIR_COLD void take(Outlet const& outlet, std::string why, T const& v, Time t) {
    ++count_;
    if constexpr (failure_choice<Policy>::to_side) {
      std::optional<timestamp> at;
      if constexpr (In::timed) at = t.at;
      failed_record<typename In::value> letter{std::string(uid_), std::move(why), at, v};
      if constexpr (Timed && In::timed)
        outlet->push(std::move(letter), t);
      else
        outlet->push(std::move(letter), untimed{});
    }
  }

 private:
  std::string_view uid_;
  std::uint64_t& count_;
};
template <class Policy, class Stage>
auto find_letters(Stage& stage) {
  if constexpr (failure_choice<Policy>::to_side)
    return unguarded(stage.template outlet<failure_choice<Policy>::name>());
  else
    return nullptr;
}

// A record that is kept is not given away.
template <class Policy, class V>
WEIR_INLINE constexpr decltype(auto) kept_for(std::remove_reference_t<V>& v) {
  if constexpr (failure_choice<Policy>::to_side)
    return std::as_const(v);
  else
    return std::forward<V>(v);
}

struct failure_mark {
  bool not_ours = false;  // the exception comes from behind the operator
};

// In front of an operator: catches what its function throws. The mark is there before what stands behind, which refers to it.
template <class In, class Policy, bool Timed, class Next>
struct guard_stage : failure_mark, forwarding<Next> {
  failure_handler<In, Policy, Timed> failures;
  decltype(find_letters<Policy>(std::declval<Next&>())) letters;

  template <class Runtime, class Make>
  guard_stage(Runtime& runtime, std::string_view uid, Make const& make)
      : forwarding<Next>([&] { return make(this->not_ours); }),
        failures(runtime, uid),
        letters(find_letters<Policy>(this->next)) {}

  template <class T, class Time>
  WEIR_COLD void failed(T const& v, Time t) {
    if (std::exchange(this->not_ours, false)) throw;
    failures.take(letters, local_error(), v, t);
  }
  struct kernel : forwarding_kernel<typename Next::kernel> {
    guard_stage* self;
    WEIR_INLINE explicit kernel(guard_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()), self(&s) {}
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      try {
        this->next(kept_for<Policy, V>(v), t);
      } catch (...) {
        self->failed(v, t);
      }
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }
  template <fixed_string Name>
  auto* outlet() {
    return unguarded(this->next.template outlet<Name>());
  }
};

// In front of an operator that must not be stopped halfway: tries its function on the record first.
template <class In, class Policy, class Probe, class Next>
struct probe_stage : forwarding<Next> {
  Probe probe;
  failure_handler<In, Policy, true> failures;
  decltype(find_letters<Policy>(std::declval<Next&>())) letters;

  template <class Runtime, class Make>
  probe_stage(Runtime& runtime, std::string_view uid, Probe const& p, Make const& make)
      : forwarding<Next>(make), probe(p), failures(runtime, uid), letters(find_letters<Policy>(this->next)) {}

  template <class T, class Time>
  WEIR_COLD void failed(T const& v, Time t) {
    failures.take(letters, local_error(), v, t);
  }
  struct kernel : forwarding_kernel<typename Next::kernel> {
    probe_stage* self;
    WEIR_INLINE explicit kernel(probe_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()), self(&s) {}
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      try {
        self->probe(std::as_const(v));
      } catch (...) {
        return self->failed(v, t);
      }
      this->next(std::forward<V>(v), t);
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }
};

}  // namespace weir::detail
