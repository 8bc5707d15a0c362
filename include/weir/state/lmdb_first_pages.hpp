// lmdb_first_pages: whether both first pages of a data file are sound. LMDB alternates between them and says nothing where the newer
// one is unreadable: it opens the commit before.
#pragma once

#include <weir/core/basic_file.hpp>
#include <weir/error.hpp>
#include <weir/state/bytes.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::detail {

// They are of two transactions that follow each other. Empty where all is well. Error: store_error where the file cannot be read.
WEIR_COLD inline std::string damaged_meta_pages(std::string const& file) {
  constexpr std::size_t number_at = 0, flags_at = 10, magic_at = 16, last_page_at = 136, transaction_at = 144,
                        size = 152;
  std::size_t const page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (sizeof(void*) != 8) return "";
  basic_file<store_error> in("weir", file);
  in.open(O_RDONLY, "open the file");
  std::string said;
  // A job may be writing one at this moment.
  for (int attempt = 0; attempt < 1000; ++attempt) {
    said.clear();
    std::string bytes(2 * page, '\0');
    if (in.read_at(bytes.data(), bytes.size(), 0) != bytes.size()) return "the first two pages are cut off";
    std::uint64_t const pages = in.size() / page;
    std::uint64_t transactions[2]{};
    for (std::size_t i = 0; i < 2; ++i) {
      std::string_view const one = std::string_view(bytes).substr(i * page, size);
      transactions[i] = load_little<std::uint64_t>(one.data() + transaction_at);
      bool const sound = load_little<std::uint64_t>(one.data() + number_at) == i &&
                         load_little<std::uint16_t>(one.data() + flags_at) == 8 &&
                         load_little<std::uint32_t>(one.data() + magic_at) == 0xBEEFC0DE &&
                         // The last pages may have been given up before they were written.
                         load_little<std::uint64_t>(one.data() + last_page_at) <= pages + (1 << 18) &&
                         (transactions[i] == 0 || transactions[i] % 2 == i);
      if (!sound) said = "first page " + std::to_string(i) + " is damaged";
    }
    std::uint64_t const apart =
        std::max(transactions[0], transactions[1]) - std::min(transactions[0], transactions[1]);
    if (said.empty() && apart != 1 && transactions[0] + transactions[1] != 0)
      said = "the first pages are of transactions " + std::to_string(transactions[0]) + " and " +
             std::to_string(transactions[1]) + ", which do not follow each other";
    if (said.empty()) break;
  }
  return said;
}

}  // namespace weir::detail
