// sink_stage: the running side of into(sink).
#pragma once

#include <weir/core/guard.hpp>
#include <weir/core/retries.hpp>
#include <weir/core/sink.hpp>
#include <weir/core/stage.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

// Counts what a sink takes. A sink that does less for a record than counting costs says `uncounted`, and is counted
// under basic_metrics only.
template <class Sink, class Runtime>
inline constexpr bool is_counted =
    requires { requires Runtime::counts_operators; } || !requires { typename Sink::uncounted; };

template <class Sink, class T, bool Counted>
struct sink_body {
  static constexpr auto guarantee = Sink::guarantee;
  using writer_type = typename Sink::template writer<T>;

  std::string_view uid;
  std::uint64_t* received = nullptr;
  retries again;  // for publishing
  writer_type writer;

  template <class Runtime>
  sink_body(Sink const& sink, std::string_view name, retries const& r, Runtime& runtime)
      : uid(name), again(r), writer(sink, runtime.sink_context(name)) {
    if constexpr (Counted) received = &runtime.counters.get(name, "in");
  }
};

template <class Sink, class T, bool Counted>
struct sink_stage : end_stage, sink_body<Sink, T, Counted> {
  using sink_body<Sink, T, Counted>::sink_body;

  struct kernel {
    std::uint64_t count = 0;
    typename sink_stage::writer_type::kernel to;
    WEIR_INLINE explicit kernel(sink_stage& s) : to(s.writer.open()) {}
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      if constexpr (Counted) ++count;
      to(std::forward<V>(v), t);
    }
    WEIR_INLINE timestamp deadline() const { return max_time; }
    WEIR_INLINE timestamp clock() const { return min_time; }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) {
    if constexpr (Counted) *this->received += k.count;
    this->writer.commit(k.to);
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
  }
};

// A sink with skip_failed or failed_to. Next: who takes the records that it refuses.
template <class Sink, class In, bool Counted, class Policy, class Next>
struct refusing_sink_stage : forwarding<Next>, sink_body<Sink, typename In::value, Counted> {
  failure_handler<In, Policy, true> failures;
  decltype(find_letters<Policy>(std::declval<Next&>())) letters;

  template <class Runtime, class Make>
  refusing_sink_stage(Sink const& sink, std::string_view name, retries const& r, Runtime& runtime,
                      Make const& make)
      : forwarding<Next>(make),
        sink_body<Sink, typename In::value, Counted>(sink, name, r, runtime),
        failures(runtime, name),
        letters(find_letters<Policy>(this->next)) {}

  template <class T, class Time>
  WEIR_COLD void refused(T const& v, Time t) {
    if constexpr (std::same_as<typename Sink::refuses, std::exception>) {
      failures.take(letters, local_error(), v, t);
    } else {
      std::string why;
      try {
        throw;
      } catch (typename Sink::refuses const& e) {
        why = e.what();
      }
      failures.take(letters, std::move(why), v, t);
    }
  }
  struct kernel : forwarding_kernel<typename Next::kernel> {
    refusing_sink_stage* self;
    std::uint64_t count = 0;
    typename refusing_sink_stage::writer_type::kernel to;
    WEIR_INLINE explicit kernel(refusing_sink_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()), self(&s), to(s.writer.open()) {}
    template <class V, class Time>
    WEIR_INLINE void operator()(V&& v, Time t) {
      try {
        to(kept_for<Policy, V>(v), t);
      } catch (...) {
        return self->refused(v, t);
      }
      if constexpr (Counted) ++count;
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) {
    if constexpr (Counted) *this->received += k.count;
    this->writer.commit(k.to);
    this->next.commit(k.next);
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    this->next.visit(v);
  }
};

}  // namespace weir::detail
