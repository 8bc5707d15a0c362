// unborn_database: whether a data file of LMDB was cut off while it was being made.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weir::detail {

// True where nothing can ever have been committed to the file: it holds no more than two first meta pages (transaction 0) and
// the page of database names, of which a kill or a power cut has kept only a part. LMDB does not open such a file, and
// nothing is lost by making it again. A file that holds a checkpoint is longer, and its first meta page is of a later
// transaction.
inline bool unborn_database(std::string const& file) {
  constexpr std::size_t sector = 512, magic_at = 16, transaction_at = 144;  // in a meta page, 64 bits
  constexpr std::uint32_t magic = 0xBEEFC0DE;
  if (sizeof(void*) != 8) return false;
  std::size_t const page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  int const fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  std::string bytes(3 * page + 1, '\0');
  ::ssize_t const got = ::pread(fd, bytes.data(), bytes.size(), 0);
  ::close(fd);
  if (got < 0 || static_cast<std::size_t>(got) == bytes.size()) return false;
  if (static_cast<std::size_t>(got) < magic_at + sizeof magic) return true;
  for (std::size_t at = 0; at != 2 * page; at += sector) {
    std::string_view const part = std::string_view(bytes).substr(at, sector);
    if (std::count(part.begin(), part.end(), '\0') == static_cast<std::ptrdiff_t>(sector)) continue;
    std::uint32_t found = 0;
    std::memcpy(&found, part.data() + magic_at, sizeof found);
    std::uint64_t transaction = 0;
    std::memcpy(&transaction, part.data() + transaction_at, sizeof transaction);
    if (at % page != 0 || found != magic || transaction != 0) return false;
  }
  return true;
}

}  // namespace weir::detail
