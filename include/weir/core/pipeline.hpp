// pipeline: the description of a dataflow, a copyable value; operator| puts operators behind each other.
#pragma once

#include <weir/core/env.hpp>
#include <weir/core/metered.hpp>
#include <weir/core/parts.hpp>
#include <weir/core/stage.hpp>
#include <weir/core/stream.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace weir {

// The base of every operator description. A description has:
//   accepts<In>            can it stand behind a stream with these facts?
//   output<In>             the facts behind it
//   explain<In>()          static_asserts that say why not; reached only when accepts<In> is false
//   attach<In>(env, rest)  its running stage, in front of what rest(env) builds
//   parts<In, Names>       what of it needs a name; none unless it says so
//   describe(d)            its line of the topology text
//   guardable<In>          skip_failed and failed_to may stand behind it: it calls a function of the user for a record, and when
//                          that throws its stage is as if the record had not come. With probe<In>(env) the function is
//                          instead called by f(record) of what that gives, before its stage hears of the record
//   counted                basic_metrics counts its records; not where it only holds others, or counts them itself
//   makes_windows          it is window
//   looks_at_windows       it is a window's function, or only holds others, which are asked themselves
struct operation_base {
  static constexpr bool counted = true;
  static constexpr bool looks_at_windows = false;
  static constexpr bool makes_windows = false;
  template <class In>
  static constexpr bool guardable = false;
  template <class In, class Names>
  using parts = part_list<>;
};

template <class Op>
concept operation = std::derived_from<Op, operation_base>;

template <class Op, class In>
using output_of = typename Op::template output<In>;

namespace detail {

// What would make records without windows of records with them, and never fire one.
template <class Op, class In>
inline constexpr bool loses_windows = false;
template <class Op, class In>
  requires(ends_in_window<In> && !Op::looks_at_windows && Op::template accepts<In>)
inline constexpr bool loses_windows<Op, In> = Op::makes_windows || !ends_in_window<output_of<Op, In>>;

template <class Op, class In>
inline constexpr bool mixes_side_outputs = false;
template <class Op, class In>
  requires(Op::template accepts<In>)
inline constexpr bool mixes_side_outputs<Op, In> = has_clash<typename output_of<Op, In>::side_outputs>;

// Asked apart from Op's own accepts, and behind it: each question between would be a line in the message for a mistake inside
// of a generic function.
template <class Op, class In>
inline constexpr bool keeps_all = !loses_windows<Op, In> && !mixes_side_outputs<Op, In>;

}  // namespace detail

template <class Op, class In>
inline constexpr bool accepts = Op::template accepts<In> && detail::keeps_all<Op, In>;

namespace detail {

// What stands behind the first of two operations. No lambdas here: their names in debug information hold those of what
// they capture several times over, and grow exponentially with the length of the pipeline.
template <class B, class Mid, class Rest>
struct second_of {
  B const& second;
  Rest const& rest;
  std::size_t line;
  template <class Env>
  auto operator()(Env const& env) const {
    return attach_operation<Mid>(second, on_line(env, line), rest);
  }
};

// The operation inside Op that does not accept its input, and that input. Composed operations specialise it: found by
// types alone, the mistake is one step from operator|, and not one line of compiler output for each level between.
template <class Op, class In>
struct culprit {
  using operation = Op;
  using in = In;
};
struct behind_window {
  template <class In>
  static constexpr void explain() {
    constexpr bool each_window_has_a_function = !In::windowed;
    static_assert(
        each_window_has_a_function,
        "weir::operator|: a window has no function; put aggregate, reduce, process_window, co_group or "
        "window_join behind window(assigner)");
  }
};
template <class Op, class In>
  requires loses_windows<Op, In>
struct culprit<Op, In> {
  using operation = behind_window;
  using in = In;
};
struct with_a_clash {
  template <class In>
  static constexpr void explain() {
    constexpr bool side_outputs_of_one_name_are_alike = !In::open;
    static_assert(side_outputs_of_one_name_are_alike,
                  "weir: two side outputs of one name carry records of different types, or with and without "
                  "event time; give one of them another name");
  }
};
template <class Op, class In>
  requires(!loses_windows<Op, In> && mixes_side_outputs<Op, In>)
struct culprit<Op, In> {
  using operation = with_a_clash;
  using in = In;
};
struct behind_sink {
  template <class In>
  static constexpr void explain() {
    constexpr bool the_chain_is_open = In::open;
    static_assert(the_chain_is_open, "weir::operator|: a chain has ended in into(sink); nothing can follow it");
  }
};

// Two operations as one: the nested type that the compiler fuses.
template <class A, class B>
struct chain : operation_base {
  static constexpr bool counted = false;
  static constexpr bool looks_at_windows = true;
  A first;
  B second;
  constexpr chain(A a, B b) : first(std::move(a)), second(std::move(b)) {}

  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (!A::template accepts<In>)
      return false;
    else if constexpr (!keeps_all<A, In>)
      return false;
    else if constexpr (!output_of<A, In>::open)
      return false;
    else if constexpr (!B::template accepts<output_of<A, In>>)
      return false;
    else
      return keeps_all<B, output_of<A, In>>;
  }();
  template <class In>
  using output = output_of<B, output_of<A, In>>;
  template <class In>
  static constexpr void explain() {
    using mistake = culprit<chain, In>;
    mistake::operation::template explain<typename mistake::in>();
  }
  template <class In, class Names>
  using parts =
      concat_parts<typename A::template parts<In, Names>, typename B::template parts<output_of<A, In>, Names>>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    second_of<B, output_of<A, In>, Rest> const behind{second, rest, env.line + lines_of<Env>(first)};
    return attach_operation<In>(first, env, behind);
  }
  template <class D>
  void describe(D& d) const {
    first.describe(d);
    second.describe(d);
  }
};

template <class A, class B, class In>
  requires(!weir::accepts<A, In>)
struct culprit<chain<A, B>, In> : culprit<A, In> {};
template <class A, class B, class In>
  requires(weir::accepts<A, In>)
struct culprit<chain<A, B>, In> : std::conditional_t<output_of<A, In>::open, culprit<B, output_of<A, In>>,
                                                     culprit<behind_sink, output_of<A, In>>> {};

struct identity_operation : operation_base {
  static constexpr bool counted = false;
  template <class In>
  static constexpr bool accepts = true;
  template <class In>
  using output = In;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    return rest(env);
  }
  template <class D>
  void describe(D&) const {}
};

}  // namespace detail

template <operation A, operation B>
constexpr auto operator|(A a, B b) {
  return detail::chain<A, B>(std::move(a), std::move(b));
}

// A source (or several, merged) and the operations behind it.
template <class Source, class Op>
struct pipeline {
  Source source;
  Op operations;
  using in = typename Source::stream;
  using out = output_of<Op, in>;
  template <class Names>
  using parts =
      detail::concat_parts<typename Source::template parts<Names>, typename Op::template parts<in, Names>>;
  constexpr pipeline(Source s, Op o) : source(std::move(s)), operations(std::move(o)) {}
};

namespace detail {

template <class In, class Op, class Env, class Rest>
struct behind_source {
  Op const& operations;
  Env const& env;
  Rest const& rest;
  std::size_t line;
  auto operator()() const { return attach_operation<In>(operations, on_line(env, line), rest); }
};

// The running side of a pipeline, in front of what rest(env) builds.
template <class Source, class Op, class Env, class Rest>
auto attach_pipeline(pipeline<Source, Op> const& p, Env const& env, Rest const& rest) {
  using behind = behind_source<typename pipeline<Source, Op>::in, Op, Env, Rest>;
  return p.source.attach(env, behind{p.operations, env, rest, env.line + lines_of<Env>(p.source)});
}

}  // namespace detail

// What operator| gives after a mistake. It swallows the rest of the pipe, so that one mistake is one error. Nothing
// converts to it: what never was a pipeline would be swallowed in silence.
struct rejected {};
template <class A, class B>
  requires(std::same_as<A, rejected> || std::same_as<B, rejected>)
constexpr rejected operator|(A const&, B const&) {
  return {};
}

namespace detail {
template <class T>
inline constexpr bool is_pipeline = false;
template <class Source, class Op>
inline constexpr bool is_pipeline<pipeline<Source, Op>> = true;
template <class T>
inline constexpr bool can_begin_a_pipe = is_pipeline<T> || operation<T> || std::same_as<T, rejected>;
}  // namespace detail

template <class X, operation B>
  requires(!detail::can_begin_a_pipe<X>)
constexpr rejected operator|(X const&, B const&) {
  constexpr bool this_is_a_pipeline = detail::can_begin_a_pipe<X>;
  static_assert(
      this_is_a_pipeline,
      "weir::operator|: neither a pipeline nor an operator stands before it; begin with from(source)");
  return {};
}

template <class Source, class A, operation B>
constexpr auto operator|(pipeline<Source, A> p, B b) {
  using facts = typename pipeline<Source, A>::out;
  if constexpr (!facts::open) {
    constexpr bool the_pipeline_is_open = facts::open;
    static_assert(the_pipeline_is_open,
                  "weir::operator|: the pipeline has ended in into(sink); nothing can follow it");
    return rejected{};
  } else if constexpr (B::template accepts<facts> && detail::keeps_all<B, facts>) {
    return pipeline<Source, detail::chain<A, B>>(std::move(p.source),
                                                 detail::chain<A, B>(std::move(p.operations), std::move(b)));
  } else {
    using mistake = detail::culprit<B, facts>;
    mistake::operation::template explain<typename mistake::in>();
    return rejected{};
  }
}

}  // namespace weir
