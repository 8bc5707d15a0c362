// What the fuzz targets share: a property that must hold, and values made from the fuzzer's bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace weir_fuzz {

// Ends the program where the property does not hold: libFuzzer then keeps the input.
inline void require(bool holds, char const* property, std::string_view detail = {}) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: not so: %s%s%.*s\n", property, detail.empty() ? "" : ": ",
               static_cast<int>(detail.size()), detail.data());
  std::abort();
}

// Takes the fuzzer's bytes from the front; zeros behind their end.
class bytes {
 public:
  bytes(std::uint8_t const* data, std::size_t size) : rest_(reinterpret_cast<char const*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  std::string_view take(std::size_t n) {
    std::string_view const taken = rest_.substr(0, n);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  template <class T>
  T number() {
    T value{};
    std::string_view const from = take(sizeof(T));
    std::memcpy(&value, from.data(), from.size());
    return value;
  }
  std::uint8_t byte() { return number<std::uint8_t>(); }
  // Everything up to the next one, which is taken too: where inputs are texts.
  std::string_view until(char c) {
    std::string_view const taken = rest_.substr(0, rest_.find(c));
    rest_.remove_prefix(std::min(rest_.size(), taken.size() + 1));
    return taken;
  }

 private:
  std::string_view rest_;
};

}  // namespace weir_fuzz
