// The record that the shim makes of the calls of a program: an entry, its path, and for writes and renames what `length` says.
#pragma once

#include <cstdint>

namespace fault_log {

// kind: w write (offset, length, the bytes; durable where the descriptor syncs by itself), t truncate (length), s sync of
// a file or folder, S a sync that failed, c create, m mkdir, u unlink, n rename and l link (the other path).
// Paths are relative to the root; "." is the root itself.
struct entry {
  char kind;
  bool durable;
  std::uint32_t path_size;
  std::uint64_t offset, length;
};

}  // namespace fault_log
