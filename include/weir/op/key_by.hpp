#pragma once

#include <weir/core/call.hpp>
#include <weir/core/is_view.hpp>
#include <weir/core/key.hpp>
#include <weir/core/mistaken.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/state/key_hash.hpp>

#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// No stage: the type of the key function goes into the facts and its value into the build environment; the keyed stage
// behind it calls the function itself.
template <class F>
struct key_by_operator : operation_base {
  F f;
  constexpr explicit key_by_operator(F fn) : f(std::move(fn)) {}

  template <class In>
  static constexpr bool gives_a_key = callable_with<F const&, typename In::value const&>;
  template <class In>
  using key = stored_key_t<std::invoke_result_t<F const&, typename In::value const&>>;
  template <class In>
  static constexpr bool accepts = [] {
    if constexpr (gives_a_key<In>)
      return !one_mistaken<key<In>> && !is_view<key<In>>() && is_hashable<key<In>>();
    else
      return false;
  }();
  template <class In>
  using output = with_key<In, F>;
  template <class In>
  static constexpr void explain() {
    constexpr bool f_gives_a_key = gives_a_key<In>;
    static_assert(f_gives_a_key, "weir::key_by(f...): f cannot be called with a record of this stream");
    if constexpr (!f_gives_a_key) {
    } else if constexpr (!one_mistaken<key<In>>) {
      static_assert(
          view_in<key<In>>::owns_its_bytes,
          "weir::key_by(f...): the key has a std::string_view inside, which does not outlive its batch; give "
          "std::string, or a std::string_view by itself, of which a copy is kept");
      constexpr bool the_key_has_a_hash = is_hashable<key<In>>();
      static_assert(the_key_has_a_hash || is_view<key<In>>(),
                    "weir::key_by(f...): the key is of a type that cannot be one; adapt it with "
                    "BOOST_HANA_ADAPT_STRUCT or specialise std::hash for it");
    }
  }
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    return rest(env.keyed(f));
  }
  template <class D>
  void describe(D& d) const {
    d.node("key_by");
  }
};

struct key_by_fn {
  template <class F>
  constexpr auto operator()(F f) const {
    return key_by_operator<F>(std::move(f));
  }
  template <class F, class... More>
    requires(sizeof...(More) > 0)
  constexpr auto operator()(F f, More... more) const {
    return (*this)(composite_key<F, More...>(std::move(f), std::move(more)...));
  }
};

}  // namespace detail

// An operator that gives each record a key, so that what follows keeps state for each key by itself.
//
// Input      any stream; f is a member pointer, field<&T::x> (faster: known at compile time) or any f(T const&); several
//            functions make a std::tuple of their keys
// Output     the same records, keyed; map and flat_map end that
// Time       the record's timestamp is kept
// State      none; a key has an order-preserving byte form (state/key_codec.hpp) where state is durable
// Ordering   kept for each key
// Errors     "weir::key_by(f...): f cannot be called with a record of this stream"
//            "weir::key_by(f...): the key has a std::string_view inside, which does not outlive its batch"
//            "weir::key_by(f...): the key is of a type that cannot be one; adapt it with BOOST_HANA_ADAPT_STRUCT or ..."
// Example    examples/docs/key_by.cpp
// See also   window, process, reduce; Flink: DataStream.keyBy
inline constexpr detail::key_by_fn key_by{};

}  // namespace weir
