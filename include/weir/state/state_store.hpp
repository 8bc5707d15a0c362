// state_store: the concept of a policy that says where state is kept.
#pragma once

#include <weir/state/state_format.hpp>
#include <weir/time.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>

namespace weir {

namespace detail {

template <class Table>
concept state_table = requires(Table& table, std::int64_t key, std::int64_t (*make)(), timestamp at) {
  { table.touch(key, make) } -> std::same_as<std::int64_t&>;
  { table.touch_new(key, make) } -> std::same_as<std::int64_t&>;
  { table.touch_or_make(key, make) } -> std::same_as<std::pair<std::int64_t&, bool>>;
  { table.find(key) } -> std::same_as<std::int64_t*>;
  table.erase(key);
  table.for_each([](std::int64_t const&, std::int64_t const&) {});
  { table.empty() } -> std::same_as<bool>;
  table.clear();
  table.bind(at);
  table.drop();
};

template <class Backend>
using table_of_numbers =
    typename Backend::template table<std::int64_t, std::int64_t, value_format<std::int64_t>>;

}  // namespace detail

// A store has `backend`, the running object that is opened from the policy and never moves, `durable` (whether
// what is in it survives the run, so that there can be checkpoints), and in the backend `table<Key, Value,
// Format>`, made from (backend&, uid, format).
template <class Store>
concept state_store =
    requires {
      { Store::durable } -> std::convertible_to<bool>;
      typename Store::backend;
      typename detail::table_of_numbers<typename Store::backend>;
    } && std::constructible_from<typename Store::backend, Store const&> &&
    !std::movable<typename Store::backend> &&
    std::constructible_from<detail::table_of_numbers<typename Store::backend>, typename Store::backend&,
                            std::string_view, value_format<std::int64_t> const&> &&
    detail::state_table<detail::table_of_numbers<typename Store::backend>>;

}  // namespace weir
