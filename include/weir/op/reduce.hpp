#pragma once

#include <weir/aggregate/aggregate_function.hpp>
#include <weir/core/call.hpp>
#include <weir/core/functor.hpp>
#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/op/windowed/select_stage.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/key_codec.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// In a window: an aggregate function whose accumulator is a record.
template <class F>
struct reduce_function {
  static constexpr fixed_string name = "value";
  F f;
  constexpr explicit reduce_function(F fn) : f(std::move(fn)) {}

  template <class V>
    requires std::is_invocable_r_v<V, F const&, V, V const&>
  constexpr auto zero() const {
    return std::optional<V>{};
  }
  template <class V>
  WEIR_INLINE constexpr void add(std::optional<V>& acc, V const& v) const {
    if (acc)
      *acc = std::invoke(f, std::move(*acc), v);
    else
      acc = v;
  }
  template <class V>
  constexpr void merge(std::optional<V>& acc, std::optional<V> const& later) const {
    if (later) add(acc, *later);
  }
  template <class V>
  constexpr V result(std::optional<V> const& acc) const {
    return *acc;  // a window that holds no record gives no result
  }
};

// Without windows: what each key has come to, after every record.
template <class V, class KeyFn, class F, fixed_string Uid, class Runtime, bool Guarded, class Next>
struct rolling_stage : forwarding<Next> {
  using key = stored_key_t<std::invoke_result_t<functor<KeyFn> const&, V const&>>;
  using format = typename Runtime::template value_format<V>;
  using table = typename Runtime::template table<key, V, format>;
  static constexpr auto uid = Uid;

  KeyFn key_fn;
  F f;
  table values;

  template <class Env, class Make>
  rolling_stage(Env const& env, F const& fn, Make const& make)
      : forwarding<Next>(make),
        key_fn(env.key),
        f(fn),
        values(env.runtime.backend, uid.view(), format("reduced")) {}
  static std::string kind() { return "reduce"; }

  struct kernel : forwarding_kernel<typename Next::kernel> {
    rolling_stage* self;
    functor<KeyFn> key_of;
    functor<F> f;
    WEIR_INLINE explicit kernel(rolling_stage& s)
        : forwarding_kernel<typename Next::kernel>(s.next.open()), self(&s), key_of(s.key_fn), f(s.f) {}
    template <class T, class Time>
    WEIR_INLINE void operator()(T&& v, Time t) {
      auto [value, first] = self->values.touch_or_make(key_of(v), [&v] { return V(v); });
      if constexpr (Guarded) {
        if (!first) value = f(V(value), std::as_const(v));  // f may throw: what there is stays
      } else {
        if (!first) value = f(std::move(value), std::as_const(v));
      }
      this->next(std::as_const(value), t);
    }
  };
  kernel open() { return kernel(*this); }
  void commit(kernel const& k) { this->next.commit(k.next); }

  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    this->next.visit(v);
  }
  template <class Fn>
  void for_each_table(Fn&& fn) {
    fn(values);
  }
  template <class Ar>
  void state(Ar&) {}
};

template <class F>
struct reduce_operator : operation_base {
  static constexpr bool looks_at_windows = true;
  using functions_type = aggregate_list<reduce_function<F>>;
  F f;
  constexpr explicit reduce_operator(F fn) : f(std::move(fn)) {}
  // For process_window, which puts its own function behind it.
  constexpr functions_type window_functions() const { return functions_type(reduce_function<F>(f)); }
  template <class In>
  static constexpr bool guardable = !In::windowed;

  template <class In>
  static constexpr bool owned = !is_view<typename In::value>();
  template <class In>
  static constexpr bool reduces =
      gives<typename In::value, F const&, typename In::value, typename In::value const&>;
  template <class In>
  static constexpr bool accepts = In::keyed && reduces<In> && owned<In>;

  template <class In>
  struct facts {
    using output = with_value<In, typename In::value>;
    template <class Names>
    using parts =
        part_list<part<full_uid<Names::scope, Names::uid>, part_kind::state, true,
                       has_codec<typename In::value> &&
                           storable_key<stored_key_t<std::invoke_result_t<functor<typename In::key_fn> const&,
                                                                          typename In::value const&>>>>>;
  };
  template <class In>
    requires(In::windowed)
  struct facts<In> {
    using output = typename windowed_output<In, functions_type>::type;
    template <class Names>
    using parts = window_parts<In, functions_type, Names>;
  };
  template <class In>
  using output = typename facts<In>::output;
  template <class In, class Names>
  using parts = typename facts<In>::template parts<Names>;

  template <class In>
  static constexpr void explain() {
    constexpr bool the_stream_has_a_key = In::keyed;
    static_assert(the_stream_has_a_key, "weir::reduce(f): the stream has no key; put key_by(f) before it");
    if constexpr (the_stream_has_a_key) {
      constexpr bool f_makes_one_record_of_two = reduces<In>;
      static_assert(f_makes_one_record_of_two,
                    "weir::reduce(f): f(record, record) gives no record of this stream");
      using field = std::conditional_t<f_makes_one_record_of_two, view_in<typename In::value>, the_field<"">>;
      static_assert(
          field::owns_its_bytes,
          "weir::reduce(f): the record has a std::string_view, which does not outlive its batch; map it to one "
          "with std::string first");
    }
  }
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    if constexpr (In::windowed) {
      return attach_window<In>(functions_type(reduce_function<F>(f)), env, rest);
    } else {
      auto const make_next = [&] { return rest(env.unkeyed()); };
      return rolling_stage<typename In::value, typename In::key_fn, F, full_uid<Env::scope, Env::uid>,
                           typename Env::runtime_type, Env::guarded, decltype(make_next())>(env, f, make_next);
    }
  }
  template <class D>
  void describe(D& d) const {
    d.node("reduce");
  }
  template <class D>
  static void describe_functions(D& d, std::string_view kind) {
    d.node(kind, std::string_view("value"));
  }
};

struct reduce_fn {
  template <class F>
  constexpr auto operator()(F f) const {
    return reduce_operator<F>(std::move(f));
  }
};

}  // namespace detail

// An operator that makes one record of all those of a key, two at a time: f(so far, record).
//
// Input      a stream with a key; with or without windows. f(T, T const&) gives a T and is associative
// Output     behind window: a row for each window of each key: key, window_start, window_end, value; without one: for each
//            record what its key has come to, as a T without key
// Time       behind window: the window's last instant; without one the record's timestamp is kept
// State      a record for each key (and window); saved
// Ordering   behind window: see there; without one kept
// Errors     "weir::reduce(f): the stream has no key; put key_by(f) before it"
//            "weir::reduce(f): f(record, record) gives no record of this stream"
// Example    examples/docs/reduce.cpp
// See also   aggregate, process; Flink: KeyedStream.reduce, WindowedStream.reduce
inline constexpr detail::reduce_fn reduce{};

}  // namespace weir
