#pragma once

#include <weir/core/call.hpp>
#include <weir/core/change.hpp>
#include <weir/core/is_view.hpp>
#include <weir/core/pipeline.hpp>
#include <weir/error.hpp>
#include <weir/op/keyed/attach_process.hpp>
#include <weir/state/list_state.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {

// A value and its place, from 1. See top_n.
template <class T>
struct ranked {
  std::int64_t rank{};
  T value{};

  bool operator==(ranked const&) const = default;
};

// So that every sink for structs takes them.
template <class T>
struct schema_of<ranked<T>> {
  static constexpr std::size_t count = 2;
  static constexpr std::string_view names[count] = {"rank", "value"};
  template <std::size_t I>
  static constexpr std::string_view name = names[I];
  template <std::size_t I, class Value>
  WEIR_INLINE static constexpr auto&& get(Value&& value) {
    if constexpr (I == 0)
      return std::forward<Value>(value).rank;
    else
      return std::forward<Value>(value).value;
  }
};

namespace detail {

struct no_identity {
  static constexpr bool given = false;
};
template <class F>
struct identity_by {
  static constexpr bool given = true;
  F f;
};
struct with_rank_tag {};

template <class V, class By, class Identity, bool Ranked>
struct top_n_function {
  using output = change<std::conditional_t<Ranked, ranked<V>, V>>;
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  std::size_t n;
  By by;
  Identity identity;
  list_state<V, "top"> top{};  // the best first; also what is behind n where a record may lose its place

  auto states() { return std::tie(top); }
  template <class Context, class Emit>
  void on_record(V const& v, Context&, Emit const& emit) const {
    std::vector<V>& all = top.get();
    std::size_t const from = place_of_older(all, v);
    std::optional<V> older;
    if (from != nowhere) {
      older = std::move(all[from]);
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(from));
    }
    auto const place =
        std::partition_point(all.begin(), all.end(), [&](V const& other) { return !is_better(v, other); });
    auto const to = static_cast<std::size_t>(place - all.begin());
    if (to >= n && !Identity::given) return;
    all.insert(place, v);
    if constexpr (Ranked)
      show_ranks(all, from, to, older, emit);
    else
      show(all, from, to, older, emit);
    if (!Identity::given && all.size() > n) all.pop_back();
  }

 private:
  // A NaN is behind every number.
  bool is_better(V const& a, V const& b) const {
    auto&& x = std::invoke(by, a);
    auto&& y = std::invoke(by, b);
    if constexpr (std::floating_point<std::remove_cvref_t<decltype(x)>>)
      return x > y || (y != y && x == x);
    else
      return y < x;
  }
  std::size_t place_of_older([[maybe_unused]] std::vector<V> const& all, [[maybe_unused]] V const& v) const {
    if constexpr (Identity::given) {
      auto const at = std::find_if(all.begin(), all.end(), [&](V const& other) {
        return std::invoke(identity.f, other) == std::invoke(identity.f, v);
      });
      if (at != all.end()) return static_cast<std::size_t>(at - all.begin());
    }
    return nowhere;
  }
  // all has the new record at `to`; the older one of the same was at `from`.
  template <class Emit>
  void show(std::vector<V> const& all, std::size_t from, std::size_t to, std::optional<V> const& older,
            Emit const& emit) const {
    bool const was_in = from < n, is_in = to < n;
    if (was_in && is_in) {
      emit(output{change_kind::update_before, *older});
      emit(output{change_kind::update_after, all[to]});
    } else if (was_in) {  // the first of those behind moves up
      emit(output{change_kind::erase, *older});
      emit(output{change_kind::insert, all[n - 1]});
    } else if (is_in) {
      if (all.size() > n) emit(output{change_kind::erase, all[n]});
      emit(output{change_kind::insert, all[to]});
    }
  }
  // Every place between the two has another record now.
  template <class Emit>
  void show_ranks(std::vector<V> const& all, std::size_t from, std::size_t to, std::optional<V> const& older,
                  Emit const& emit) const {
    std::size_t const had = from == nowhere ? all.size() - 1 : all.size();
    std::size_t const end = std::min(n, from == nowhere ? all.size() : std::max(from, to) + 1);
    auto const old_at = [&](std::size_t place) -> V const& {
      if (place == from) return *older;
      return to < from ? all[place + 1] : all[place - 1];
    };
    for (std::size_t place = std::min(from, to); place < end; ++place) {
      auto const rank = static_cast<std::int64_t>(place + 1);
      if (place < had) emit(output{change_kind::update_before, {rank, old_at(place)}});
      emit(output{place < had ? change_kind::update_after : change_kind::insert, {rank, all[place]}});
    }
  }
};

template <class Option>
inline constexpr bool is_identity = false;
template <class F>
inline constexpr bool is_identity<identity_by<F>> = true;
template <class Option>
inline constexpr bool is_top_n_option = is_identity<Option> || std::same_as<Option, with_rank_tag>;

constexpr no_identity find_identity() { return {}; }
template <class First, class... Rest>
constexpr auto find_identity(First first, Rest... rest) {
  if constexpr (is_identity<First>)
    return first;
  else
    return find_identity(std::move(rest)...);
}

template <class By, class Identity, bool Ranked>
struct top_n_operator : operation_base {
  std::int64_t n;
  By by;
  Identity identity;
  constexpr top_n_operator(std::int64_t most, By by_what, Identity id)
      : n(most), by(std::move(by_what)), identity(std::move(id)) {}

  template <class In>
  static constexpr bool ordered = [] {
    if constexpr (callable_with<By const&, typename In::value const&>)
      return std::totally_ordered<
          std::remove_cvref_t<std::invoke_result_t<By const&, typename In::value const&>>>;
    else
      return false;
  }();
  template <class In>
  static constexpr bool identified = [] {
    if constexpr (!Identity::given)
      return true;
    else if constexpr (callable_with<decltype(Identity::f) const&, typename In::value const&>)
      return std::equality_comparable<
          std::remove_cvref_t<std::invoke_result_t<decltype(Identity::f) const&, typename In::value const&>>>;
    else
      return false;
  }();
  template <class In>
  static constexpr bool accepts = In::keyed && !In::windowed && std::copyable<typename In::value> &&
                                  ordered<In> && identified<In> && view_in<typename In::value>::owns_its_bytes;
  template <class In>
  using function = top_n_function<typename In::value, By, Identity, Ranked>;
  template <class In>
  using output = process_output<function<In>, In>;
  template <class In>
  static constexpr void explain() {
    constexpr bool the_stream_has_a_key = In::keyed;
    static_assert(
        the_stream_has_a_key,
        "weir::top_n(n, by): the stream has no key; put key_by(f) before it, f giving what the records "
        "are ranked in");
    constexpr bool the_stream_has_no_windows = !In::windowed;
    static_assert(the_stream_has_no_windows || !the_stream_has_a_key,
                  "weir::top_n(n, by): the stream has windows; rank the rows that aggregate gives, by their "
                  "window_end");
    constexpr bool the_record_can_be_copied = std::copyable<typename In::value>;
    static_assert(the_record_can_be_copied || !the_stream_has_a_key || !the_stream_has_no_windows,
                  "weir::top_n(n, by): the record cannot be copied and assigned, and so not be kept; keep what "
                  "can only be moved in a std::shared_ptr");
    if constexpr (the_stream_has_a_key && the_stream_has_no_windows && the_record_can_be_copied) {
      constexpr bool by_gives_what_can_be_ordered = ordered<In>;
      static_assert(
          by_gives_what_can_be_ordered,
          "weir::top_n(n, by): by(record) cannot be called with a record of this stream, or gives what "
          "has no order");
      constexpr bool unique_gives_what_can_be_compared = identified<In>;
      static_assert(unique_gives_what_can_be_compared || !by_gives_what_can_be_ordered,
                    "weir::top_n(n, by, unique(f)): f cannot be called with a record of this stream, or gives "
                    "what cannot be compared");
      if constexpr (by_gives_what_can_be_ordered && unique_gives_what_can_be_compared)
        static_assert(
            view_in<typename In::value>::owns_its_bytes,
            "weir::top_n(n, by): the record has a std::string_view, which does not outlive its batch; "
            "map it to one with std::string first");
    }
  }
  template <class In, class Names>
  using parts = process_parts<function<In>, In, Names>;
  template <class In, class Env, class Rest>
  auto attach(Env const& env, Rest const& rest) const {
    if (n <= 0) throw config_error("weir::top_n(n, by): n is not positive; give a number such as 10");
    return attach_process<In>(function<In>{static_cast<std::size_t>(n), by, identity}, env, rest);
  }
  template <class D>
  void describe(D& d) const {
    d.node("top_n", std::to_string(n));
  }
};

template <class By, class... Options>
constexpr auto make_top_n(std::int64_t n, By by, Options... options) {
  constexpr bool these_are_options = (is_top_n_option<Options> && ...) &&
                                     (0 + ... + is_identity<Options>) <= 1 &&
                                     (0 + ... + std::same_as<Options, with_rank_tag>) <= 1;
  static_assert(these_are_options,
                "weir::top_n(n, by, options...): an option is none of unique(f), with_rank, or is there twice");
  if constexpr (these_are_options) {
    auto identity = find_identity(options...);
    return top_n_operator<By, decltype(identity), (std::same_as<Options, with_rank_tag> || ...)>(
        n, std::move(by), std::move(identity));
  } else {
    return rejected{};
  }
}

}  // namespace detail

// Options of top_n. unique(f): records of which f gives the same are one, and a newer one takes the place of the older.
// with_rank: what comes out says at which place.
template <class F>
constexpr auto unique(F f) {
  return detail::identity_by<F>{std::move(f)};
}
inline constexpr detail::with_rank_tag with_rank{};

// An operator that keeps the n records of each key with the largest by(record), and says how they change.
//
// Input      a stream with a key; by is a member pointer or any f(T const&) that gives what has an order; options: unique(f),
//            with_rank
// Output     change<T>, without key: an erase of the record that leaves and an insert of the one that enters; with unique an
//            update_before and update_after where one that stays is replaced. With with_rank change<ranked<T>>: of each place
//            that has another record now
// Time       the time of the record that made the change
// State      for each key its n best records, for ever; with unique all of them, since those behind may move up. Saved
// Ordering   equal ones in the order in which they came
// Errors     "weir::top_n(n, by): the stream has no key; put key_by(f) before it, f giving what the records are ranked in"
//            "weir::top_n(n, by): by(record) cannot be called with a record of this stream, or gives what has no order"
//            config_error at the start of the run, when n <= 0
// Example    examples/docs/top_n.cpp
// See also   upsert, rolling; Flink: SQL Top-N, ROW_NUMBER() <= n
template <class By, class... Options>
constexpr auto top_n(std::int64_t n, By by, Options... options) {
  return detail::make_top_n(n, std::move(by), std::move(options)...);
}
template <fixed_string Uid, class By, class... Options>
constexpr auto top_n(std::int64_t n, By by, Options... options) {
  return detail::make_top_n(n, std::move(by), std::move(options)...) | uid<Uid>;
}

}  // namespace weir
