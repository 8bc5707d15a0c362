// from(range): an lvalue range is referred to and must outlive the run; a view or an rvalue is kept in the pipeline.
#pragma once

#include <weir/core/source.hpp>
#include <weir/error.hpp>
#include <weir/state/codec.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>

namespace ranges {
struct view_base;  // range-v3's
}

namespace weir {
namespace detail {

// Those of range-v3 are views as well: std::ranges does not know it of them.
template <class T>
concept view_of_a_range = std::ranges::view<T> || std::derived_from<T, ranges::view_base>;

// Range: what is stored, a pointer to a container or a view or a container of its own.
template <class Range>
struct range_source {
  using held_range = std::remove_pointer_t<Range>;
  using iterated = std::conditional_t<std::is_pointer_v<Range>, held_range const, held_range>;
  using value_type = std::ranges::range_value_t<held_range>;
  static constexpr bool replayable = true;
  static constexpr bool is_const_iterable = std::ranges::forward_range<held_range const>;

  Range range;
  constexpr explicit range_source(Range r) : range(std::move(r)) {}

  class reader {
   public:
    reader(range_source const& source, source_context const& context)
        : uid_(context.uid), range_(source.range), at_(std::ranges::begin(get())) {}

    static constexpr std::size_t splits() { return 1; }
    template <class Deadline>
    auto poll(std::size_t, std::size_t max, Deadline) {
      auto to = at_;
      std::ranges::advance(to, static_cast<std::ptrdiff_t>(max), std::ranges::end(get()));
      return std::ranges::subrange(at_, to);
    }
    void consume(std::size_t, std::size_t n) {
      std::ranges::advance(at_, static_cast<std::ptrdiff_t>(n));
      position_ += n;
    }
    bool ended(std::size_t) { return at_ == std::ranges::end(get()); }
    void save(std::string& out) const { codec<std::uint64_t>::encode(position_, out); }
    void restore(std::string_view bytes) {
      byte_reader from(bytes, &codec<std::uint64_t>::schema);
      codec<std::uint64_t>::decode(from, position_);
      at_ = std::ranges::begin(get());
      if (std::ranges::advance(at_, static_cast<std::ptrdiff_t>(position_), std::ranges::end(get())) != 0)
        throw restore_error("weir::from(range): source \"" + std::string(uid_) + "\": the saved position is " +
                            std::to_string(position_) +
                            " and the range is shorter; give the range that was read before");
    }

   private:
    auto& get() {
      if constexpr (std::is_pointer_v<Range>)
        return *range_;
      else
        return range_;
    }
    std::string_view uid_;
    std::conditional_t<std::is_pointer_v<Range>, held_range const*, Range> range_;
    std::ranges::iterator_t<iterated> at_;
    std::uint64_t position_ = 0;
  };
};

}  // namespace detail

template <class Range>
  requires(std::ranges::forward_range<Range> && !source<std::remove_cvref_t<Range>>)
struct source_adaptor<Range> {
  static constexpr auto make(Range&& r) {
    using plain = std::remove_cvref_t<Range>;
    if constexpr (std::is_lvalue_reference_v<Range> && !detail::view_of_a_range<plain>)
      return detail::range_source<plain const*>(std::addressof(r));
    else
      return detail::range_source<plain>(std::forward<Range>(r));
  }
};

}  // namespace weir
