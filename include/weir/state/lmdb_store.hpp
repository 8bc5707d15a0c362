// lmdb_store: state that survives, in a directory.
#pragma once

#include <weir/state/layered_table.hpp>
#include <weir/state/lmdb_backend.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace weir {

// The policy that keeps state in memory and, at each checkpoint, in an LMDB environment in a directory of its
// own, from which the next run goes on. One process at a time uses a directory.
//
// directory    made if it is missing
// map_size     bytes; the most that the data file may grow to. A high cap costs only address space: set a
//              smaller one only where address space is limited.
// key_groups   into how many groups keys are divided; fixed when the state is created
// memory       bytes, about, that the state may take in memory. What has changed since the last checkpoint comes to a
//              checkpoint of its own when it is half of this; while it cannot be written as fast as it changes, records
//              wait (run_result::stalls). What has not changed is kept only as far as there is room: state may be far
//              larger. Timers are not counted: some 32 bytes and the key for each
// verify       read all that is there before the first record, also when the run starts again after a failure, and compare it
//              with what was written: the checksum of every entry, and how many entries each state and each operator's
//              timers have and what their checksums add up to. It costs one reading of the whole directory (its speed is
//              the disk's). Without it an entry's checksum is looked at when the entry is read, and an entry that damage
//              has hidden is taken for one that never was. A page that damage has made nonsense of can still make LMDB
//              crash: `weir fsck` looks at those too. Error: store_error, with the place
struct lmdb_store {
  using backend = lmdb_backend;
  static constexpr bool durable = true;

  std::string directory;
  std::size_t map_size = std::size_t{1} << 40;
  std::uint16_t key_groups = default_key_groups;
  std::size_t memory = std::size_t{1} << 30;
  bool verify = false;
};

template <class T>
basic_lmdb_backend<T>::basic_lmdb_backend(lmdb_store const& policy)
    : basic_lmdb_backend(policy.directory, policy.map_size, policy.key_groups, policy.verify) {
  if (policy.memory == 0) throw config_error("weir::lmdb_store: memory is 0; give a number of bytes");
}

}  // namespace weir
