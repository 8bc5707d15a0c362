#pragma once

#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/core/sink.hpp>
#include <weir/core/uid.hpp>

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// Counts what a sink takes. A sink that does less for a record than counting costs says `uncounted`, and is counted
// under basic_metrics only.
template <class Sink, class Runtime>
inline constexpr bool is_counted =
    requires { requires Runtime::counts_operators; } || !requires { typename Sink::uncounted; };

// The field that is a view, of what a sink holds beyond a batch.
template <class Sink>
struct view_kept_by {
  using type = the_field<"">;
};
template <class Sink>
  requires requires { typename Sink::keeps; }
struct view_kept_by<Sink> {
  using type = view_in<typename Sink::keeps>;
};

template <class Sink, class T, bool Counted>
struct sink_stage : end_stage {
  static constexpr auto guarantee = Sink::guarantee;
  using writer_type = typename Sink::template writer<T>;

  std::string_view uid;
  std::uint64_t* received = nullptr;
  writer_type writer;

  template <class Runtime>
  sink_stage(Sink const& sink, std::string_view name, Runtime& runtime)
      : uid(name), writer(sink, runtime.sink_context(name)) {
    if constexpr (Counted) received = &runtime.counters.get(name, "in");
  }

  struct kernel {
    std::uint64_t count = 0;
    typename writer_type::kernel to;
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
    if constexpr (Counted) *received += k.count;
    writer.commit(k.to);
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
  }
};

template <class Sink, fixed_string Uid>
struct into_operator : operation_base {
  static constexpr bool counted = false;  // the stage does
  Sink sink;
  constexpr explicit into_operator(Sink s) : sink(std::move(s)) {}

  template <class In>
  static constexpr bool takes = sink_of<Sink, typename In::value>;
  static constexpr bool owned = view_kept_by<Sink>::type::owns_its_bytes;
  template <class In>
  static constexpr bool accepts =
      owned && sink_of<Sink, typename In::value> && In::side_outputs::empty && !In::windowed;
  template <class In>
  using output = finished;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_sink_takes_the_record = takes<In>;
    static_assert(the_sink_takes_the_record, "weir::into(sink): the sink cannot take a record of this stream");
    if constexpr (!owned) {
      using field =
          std::conditional_t<the_sink_takes_the_record, typename view_kept_by<Sink>::type, the_field<"">>;
      static_assert(
          field::owns_its_bytes,
          "weir::into(sink): what the sink keeps has a std::string_view, which does not outlive its "
          "batch; map the record to one with std::string first, or specialise weir::outlives_batch for it");
    } else if constexpr (the_sink_takes_the_record) {
      constexpr bool each_window_has_a_function = !In::windowed;
      static_assert(
          each_window_has_a_function,
          "weir::into(sink): a window has no function; put aggregate or reduce behind window(assigner)");
      if constexpr (each_window_has_a_function) {
        constexpr bool each_side_output_is_consumed = In::side_outputs::empty;
        static_assert(each_side_output_is_consumed,
                      "weir::into(sink): a side output is not consumed; put side<name>(chain) or discard<name> "
                      "before it");
      }
    }
  }
  template <class In, class Names>
  using parts =
      part_list<part<full_uid<Names::scope, Uid>, part_kind::sink, Sink::guarantee != delivery::at_once>>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const&) const {
    static constexpr auto name = full_uid<Env::scope, Uid>;
    return sink_stage<Sink, typename In::value, is_counted<Sink, typename Env::runtime_type>>(sink, name.view(),
                                                                                              env.runtime);
  }
  template <class D>
  void describe(D& d) const {
    d.name(Uid.view());
    d.node("into", d.noun(sink));
  }
};

template <class... Options>
inline constexpr bool are_into_options = sizeof...(Options) == 0;
template <fixed_string Name>
inline constexpr bool are_into_options<uid_tag<Name>> = true;

struct into_fn {
  template <class Sink, fixed_string Name = "">
  constexpr auto operator()(Sink&& s, uid_tag<Name> = {}) const {
    if constexpr (sink<std::remove_cvref_t<Sink>>) {
      return into_operator<std::remove_cvref_t<Sink>, Name>(std::forward<Sink>(s));
    } else if constexpr (adaptable_to_sink<Sink>) {
      auto noun = sink_adaptor<Sink>::make(std::forward<Sink>(s));
      return into_operator<decltype(noun), Name>(std::move(noun));
    } else {
      constexpr bool this_is_a_sink = adaptable_to_sink<Sink>;
      static_assert(
          this_is_a_sink,
          "weir::into(sink): neither a sink, nor an lvalue container, nor an ostream, nor a callable");
      return rejected{};
    }
  }
  template <class Sink, class... Options>
    requires(!are_into_options<Options...>)
  constexpr rejected operator()(Sink&&, Options const&...) const {
    constexpr bool these_are_options = are_into_options<Options...>;
    static_assert(
        these_are_options,
        "weir::into(sink, uid): the only option is a uid, written weir::uid<...> with the name inside");
    return {};
  }
};

}  // namespace detail

// An operator that ends a chain: each record goes to sink.
//
// Input      any stream whose side outputs are consumed; sink is a sink noun (json_lines_file, csv_file, fold, ...), an
//            lvalue container (push_back), an std::ostream (a line each) or a callable f(T const&)
// Output     none: nothing can follow
// Time       does not matter
// State      what the sink has promised to make visible; saved with the commit
// Ordering   kept
// Errors     "weir::into(sink): the sink cannot take a record of this stream"
//            "weir::into(sink): a side output is not consumed; put side<name>(chain) or discard<name> before it"
//            "weir::into(sink): what the sink keeps has a std::string_view, which does not outlive its batch; ..."
// Example    examples/docs/into.cpp
// See also   from, side; Flink: DataStream.sinkTo
inline constexpr detail::into_fn into{};

}  // namespace weir
