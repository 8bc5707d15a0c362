// Bytes as two hexadecimal digits each.
#pragma once

#include <string>
#include <string_view>

namespace weir_test {

inline std::string hex(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

}  // namespace weir_test
