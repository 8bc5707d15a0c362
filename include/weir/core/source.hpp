// source: the contract between from(source) and the nouns that records come from.
//
// A source is a copyable noun that has
//   using value_type
//   static constexpr bool replayable          can be read again from a saved position
//   class reader                              its running side
//   static constexpr bool readable            optional: false where its format has no form for value_type
// A reader is built as reader(source const&, source_context const&) and has
//   std::size_t splits()                      how many parts are read beside each other, each with time of its own
//   range poll(split, max, deadline)          at most max records that are not consumed yet, from one split; empty when
//                                             nothing has come by the deadline. The same records again until consumed.
//                                             A range of T&& (may be moved from) or T const&, contiguous or not
//   void consume(split, n)                    the first n of them have been processed
//   bool ended(split)                         nothing more will come
// and when replayable
//   void save(std::string&)                   positions after what was consumed, with a fingerprint of what is read
//   void restore(std::string_view)            goes there; restore_error in words where the source is another one
#pragma once

#include <weir/core/counters.hpp>
#include <weir/core/fixed_string.hpp>
#include <weir/core/retry_context.hpp>
#include <weir/core/schema.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

// Input that is not what its format promises, as it goes to a dead-letter output.
struct malformed_record {
  std::string source;      // the file, or what the source calls itself
  std::uint64_t line = 0;  // 1-based; 0 where there are no lines
  std::uint64_t column = 0;
  std::string reason;
  std::string raw;  // the bytes as they were

  bool operator==(malformed_record const&) const = default;
};

}  // namespace weir

// So that every sink for structs takes them.
BOOST_HANA_ADAPT_STRUCT(weir::malformed_record, source, line, column, reason, raw);

namespace weir {

struct source_context {
  std::string_view uid;
  bool keep_malformed =
      false;  // false: throw format_error; true: append to `malformed` as its place is consumed
  std::vector<malformed_record>* malformed = nullptr;
  retry_context* retried = nullptr;  // a source that tries again by itself asks and says so here; may be null
};

// What from(source) does with malformed input when it is not to fail.
struct skip_malformed_t {};
inline constexpr skip_malformed_t skip_malformed{};  // counted
template <fixed_string Name>
struct malformed_to_t {};
template <fixed_string Name>
inline constexpr malformed_to_t<Name> malformed_to{};  // counted, and a side output of this name carries them

template <class S>
concept source = requires {
  typename S::reader;
  typename S::value_type;
  { S::replayable } -> std::convertible_to<bool>;
};

namespace detail {
template <class S>
inline constexpr bool reads_its_records = [] {
  if constexpr (requires { S::readable; })
    return S::readable;
  else
    return true;
}();
}  // namespace detail

// How something that is no source noun can stand in from(x): connectors specialise it (a range, a callable).
template <class X>
struct source_adaptor;

template <class X>
concept adaptable_to_source = requires(X&& x) { source_adaptor<X>::make(std::forward<X>(x)); };

}  // namespace weir
