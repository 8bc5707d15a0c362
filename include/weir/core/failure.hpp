// failure: what becomes of a record for which a user's function throws.
#pragma once

#include <weir/config.hpp>
#include <weir/core/fixed_string.hpp>
#include <weir/core/schema.hpp>
#include <weir/error.hpp>
#include <weir/time.hpp>

#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

// A record as it goes to a dead-letter output.
template <class T>
struct failed_record {
  std::string uid;              // of the operator; empty where it has none
  std::string error;            // what the exception says
  std::optional<timestamp> at;  // the record's time, where the stream has event time
  T record;                     // as it came in

  bool operator==(failed_record const&) const = default;
};

// So that every sink for structs takes them.
template <class T>
struct schema_of<failed_record<T>> {
  static constexpr std::size_t count = 4;
  static constexpr std::string_view names[count] = {"uid", "error", "at", "record"};
  template <std::size_t I>
  static constexpr std::string_view name = names[I];
  template <std::size_t I, class Value>
  WEIR_INLINE static constexpr auto&& get(Value&& value) {
    if constexpr (I == 0)
      return std::forward<Value>(value).uid;
    else if constexpr (I == 1)
      return std::forward<Value>(value).error;
    else if constexpr (I == 2)
      return std::forward<Value>(value).at;
    else
      return std::forward<Value>(value).record;
  }
};

// What an operator does with a record for which its function throws, when the run is not to fail.
struct skip_failed_t {};
template <fixed_string Name>
struct failed_to_t {};

namespace detail {

// What the exception being handled says.
WEIR_COLD inline std::string current_error() {
  try {
    throw;
  } catch (std::exception const& e) {
    return e.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

// The same, where it concerns only the record or the connector at hand; what is wrong with the state, the program or the
// machine goes on.
WEIR_COLD inline std::string local_error() {
  try {
    throw;
  } catch (store_error const&) {
    throw;
  } catch (restore_error const&) {
    throw;
  } catch (config_error const&) {
    throw;
  } catch (std::bad_alloc const&) {
    throw;
  } catch (...) {
    return current_error();
  }
}

template <class T>
struct failure_choice {
  static constexpr bool given = false;
};
template <>
struct failure_choice<skip_failed_t> {
  static constexpr bool given = true;
  static constexpr bool to_side = false;
  static constexpr std::string_view text = "skip_failed";
};
template <fixed_string Name>
struct failure_choice<failed_to_t<Name>> {
  static constexpr bool given = true;
  static constexpr bool to_side = true;
  static constexpr auto name = Name;
  static constexpr auto whole_text = fixed_string("failed_to ") + Name;
  static constexpr std::string_view text = whole_text.view();
};
template <class T>
concept failure_policy = failure_choice<T>::given;

}  // namespace detail

}  // namespace weir
