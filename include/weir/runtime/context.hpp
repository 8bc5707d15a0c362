// run_context: what a run gives to its stages.
#pragma once

#include <weir/core/counters.hpp>
#include <weir/core/sink.hpp>
#include <weir/state/memory_store.hpp>
#include <weir/state/state_format.hpp>

#include <string>
#include <string_view>
#include <type_traits>

namespace weir::detail {

// Where no store is durable, a value needs no form on disk.
struct no_format {
  explicit no_format(std::string_view) {}
};

template <class V>
struct format_of {
  using type = no_format;
};
template <has_codec V>
struct format_of<V> {
  using type = value_format<V>;
};

template <class Store, bool CountsOperators = false>
struct run_context {
  using backend_type = typename Store::backend;
  static constexpr bool counts_operators = CountsOperators;
  static constexpr bool durable = Store::durable;
  template <class Key, class Value, class Format>
  using table = typename backend_type::template table<Key, Value, Format>;
  // A table of what can be derived from others, and is never saved.
  template <class Key, class Value>
  using flat_table = memory_table<Key, Value>;
  template <class V>
  using value_format = typename format_of<V>::type;

  backend_type& backend;
  weir::counters& counters;
  bool exactly_once = false;
  std::string state_directory;
  bool from_savepoint = false;
  retry_context* retried = nullptr;

  weir::sink_context sink_context(std::string_view uid) {
    return {uid, exactly_once, state_directory, counters, from_savepoint, retried};
  }
};

}  // namespace weir::detail
