// byte_reader, and how numbers and lengths stand in stored bytes.
#pragma once

#include <weir/error.hpp>
#include <weir/state/hash.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weir {

// Reads stored bytes from front to back and never past their end. The bytes must outlive the reader.
//
// Errors: format_error "weir::codec<schema>: ..." where bytes are missing or make no sense.
class byte_reader {
 public:
  // `schema` names what is read in error texts: &codec<T>::schema.
  explicit byte_reader(std::string_view bytes, std::string (*schema)() = nullptr)
      : rest_(bytes), schema_(schema) {}

  std::size_t remaining() const { return rest_.size(); }

  // The next n bytes.
  std::string_view take(std::size_t n) {
    if (n > rest_.size()) missing(n);
    std::string_view const taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }
  unsigned char byte() { return static_cast<unsigned char>(take(1).front()); }
  // A fixed-width little-endian number.
  template <class Unsigned>
  Unsigned little() {
    return detail::load_little<Unsigned>(take(sizeof(Unsigned)).data());
  }
  // A length or a count as written by append_size: seven bits a byte, lowest first.
  std::uint64_t size() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      std::uint64_t const b = byte();
      if (shift == 63 && b > 1) break;
      value |= (b & 0x7F) << shift;
      if (b < 0x80) return value;
    }
    fail("a length is larger than 64 bits");
  }
  // How many elements follow. Each takes a byte at least, so a count that promises more than is there is
  // refused before anything is allocated for it.
  std::size_t count() {
    std::uint64_t const n = size();
    if (n > rest_.size()) fail("a count of " + std::to_string(n) + " elements in " + bytes_left());
    return static_cast<std::size_t>(n);
  }
  // To be called when everything has been read.
  void finish() const {
    if (!rest_.empty()) fail("bytes left over behind the value: " + bytes_left());
  }
  [[noreturn]] WEIR_COLD void fail(std::string const& why) const {
    throw format_error("weir::codec<" + (schema_ ? schema_() : std::string("value")) + ">: " + why +
                       "; the bytes are damaged or were written for another type");
  }

 private:
  std::string bytes_left() const {
    return std::to_string(rest_.size()) + (rest_.size() == 1 ? " byte" : " bytes");
  }
  [[noreturn]] WEIR_COLD void missing(std::uint64_t n) const {
    fail("needs " + std::to_string(n) + " more bytes and has " + bytes_left());
  }

  std::string_view rest_;
  std::string (*schema_)();
};

namespace detail {

// An unsigned number as fixed-width little-endian bytes.
template <class Unsigned>
inline void append_little(std::string& out, Unsigned x) {
  char bytes[sizeof x];
  for (std::size_t i = 0; i < sizeof x; ++i)
    bytes[i] = static_cast<char>(static_cast<std::uint64_t>(x) >> (8 * i));
  out.append(bytes, sizeof x);
}

// The same with the highest byte first: the order of the bytes is then the order of the numbers.
template <class Unsigned>
inline void append_big(std::string& out, Unsigned x) {
  char bytes[sizeof x];
  for (std::size_t i = 0; i < sizeof x; ++i)
    bytes[i] = static_cast<char>(static_cast<std::uint64_t>(x) >> (8 * (sizeof x - 1 - i)));
  out.append(bytes, sizeof x);
}

template <class Unsigned>
inline Unsigned load_big(char const* p) {
  std::uint64_t x = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) x = x << 8 | static_cast<unsigned char>(p[i]);
  return static_cast<Unsigned>(x);
}

inline void append_size(std::string& out, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) out.push_back(static_cast<char>(n | 0x80));
  out.push_back(static_cast<char>(n));
}

}  // namespace detail

}  // namespace weir
