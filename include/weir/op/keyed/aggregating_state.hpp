#pragma once

#include <weir/aggregate/aggregate_function.hpp>
#include <weir/core/fixed_string.hpp>
#include <weir/state/single_state.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// int where A does not suit In: the handle has said so, and one mistake is one error.
template <class A, class In>
struct kept_accumulator {
  using type = int;
  using result = int;
};
template <class A, class In>
  requires aggregate_function<A, In>
struct kept_accumulator<A, In> {
  using type = accumulator_t<A, In>;
  using result = aggregate_result_t<A, In>;
};

}  // namespace detail

// For each key the accumulator of an aggregate function: count, sum, ... or your own. A function that is not made by A{} is
// given to the handle: total{sum(&payment::amount)}, with a ttl total{ttl{...}, sum(&payment::amount)}. With a ttl add writes
// and all else but clear reads. See also: aggregate_function; Flink, AggregatingState
template <class In, class A, fixed_string Name, detail::ttl_option Ttl = no_ttl>
class aggregating_state
    : public detail::single_state<typename detail::kept_accumulator<A, In>::type, Name, Ttl> {
  using accumulator = typename detail::kept_accumulator<A, In>::type;
  using base = detail::single_state<accumulator, Name, Ttl>;
  static constexpr bool a_is_an_aggregate_function_for_in = aggregate_function<A, In>;
  static_assert(
      a_is_an_aggregate_function_for_in,
      "weir::aggregating_state<In, A, name>: A is no aggregate function for In; it needs zero, add, merge "
      "and result");

 public:
  using result_type = typename detail::kept_accumulator<A, In>::result;
  static constexpr auto name = Name;
  static constexpr bool storable = has_codec<accumulator>;

  aggregating_state() = default;
  explicit aggregating_state(A a)
    requires(!detail::ttl_policy<Ttl>)
      : function_(std::move(a)) {}
  explicit aggregating_state(Ttl const& t, A a = A{})
    requires detail::ttl_policy<Ttl>
      : base(t), function_(std::move(a)) {}

  void add(In const& value) const {
    std::optional<accumulator>& acc = this->change();
    if (!acc) acc.emplace(detail::zero_of<In>(function_));
    function_.add(*acc, value);
  }
  // What the function gives of all that was added, or nothing where nothing was.
  std::optional<result_type> get() const {
    auto const* const acc = this->look();
    return acc ? std::optional<result_type>(function_.result(*acc)) : std::nullopt;
  }
  bool has_value() const { return this->look() != nullptr; }
  explicit operator bool() const { return has_value(); }
  void clear() const { this->wipe(); }

 private:
  A function_{};
};

}  // namespace weir
