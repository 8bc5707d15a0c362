// text_buffer: the bytes that writers write into.
#pragma once

#include <weir/config.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace weir {

// A growing buffer of characters that hands out raw room: `char* p = b.reserve(32); p = write(p);
// b.advance(p);` Appending through an iterator would test the capacity at every character.
class text_buffer {
 public:
  text_buffer() = default;
  text_buffer(text_buffer&& other) noexcept { swap(other); }
  text_buffer& operator=(text_buffer&& other) noexcept {
    text_buffer taken(std::move(other));
    swap(taken);
    return *this;
  }
  text_buffer(text_buffer const& other) { append(other.view()); }
  text_buffer& operator=(text_buffer const& other) {
    if (this != &other) {
      clear();
      append(other.view());
    }
    return *this;
  }

  // The end of the text, with room for n more characters behind it.
  WEIR_INLINE char* reserve(std::size_t n) {
    if (static_cast<std::size_t>(limit_ - end_) < n) [[unlikely]]
      grow(n);
    return end_;
  }
  // The text now ends here, inside the room that was reserved.
  WEIR_INLINE void advance(char* end) { end_ = end; }
  WEIR_INLINE void append(std::string_view text) {
    char* const room = reserve(text.size());
    if (!text.empty()) std::memcpy(room, text.data(), text.size());
    end_ += text.size();
  }
  WEIR_INLINE void append(char c) {
    *reserve(1) = c;
    ++end_;
  }
  // Takes back what stands behind the first n characters.
  void truncate(std::size_t n) { end_ = bytes_.get() + n; }
  // Empty, with the room kept.
  void clear() { end_ = bytes_.get(); }

  std::string_view view() const { return {bytes_.get(), size()}; }
  std::size_t size() const { return static_cast<std::size_t>(end_ - bytes_.get()); }
  bool empty() const { return size() == 0; }

  void swap(text_buffer& other) noexcept {
    bytes_.swap(other.bytes_);
    std::swap(end_, other.end_);
    std::swap(limit_, other.limit_);
  }

 private:
  WEIR_COLD void grow(std::size_t n) {
    std::size_t const used = size();
    std::size_t const room = std::max({used + n, 2 * used, std::size_t{256}});
    auto bytes = std::make_unique_for_overwrite<char[]>(room);
    if (used != 0) std::memcpy(bytes.get(), bytes_.get(), used);
    bytes_ = std::move(bytes);
    end_ = bytes_.get() + used;
    limit_ = bytes_.get() + room;
  }

  std::unique_ptr<char[]> bytes_;
  char* end_ = nullptr;
  char* limit_ = nullptr;
};

}  // namespace weir
