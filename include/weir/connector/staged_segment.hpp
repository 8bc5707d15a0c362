// staged_segment: what the records of one epoch become in a single file, and how it is published.
#pragma once

#include <weir/connector/os_file.hpp>
#include <weir/connector/segment_spool.hpp>
#include <weir/core/paths.hpp>
#include <weir/error.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/hash.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

// What the commit holds: enough to publish the segment again.
struct staged_commitment {
  std::string target;        // absolute path of the file
  std::uint64_t offset = 0;  // where the segment begins in it
  std::uint64_t length = 0;
  std::uint64_t checksum = 0;  // XXH64 of each block, seeded with that of the one before
  std::uint64_t epoch = 0;
  std::string spool{};  // the name of the segment's own file; none: the bytes are here
  std::string bytes{};
  // A claim (epoch 0) on a file that was there: what is in it goes, before anything is written.
  bool empties = false;
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.target, r.offset, r.length, r.checksum, r.epoch, r.spool, r.bytes, r.empties);
  }
};

// The checksum of `length` bytes of a file from `offset` on, and whether they are all there.
template <class = void>
std::pair<bool, std::uint64_t> staged_checksum(os_file const& file, std::uint64_t offset,
                                               std::uint64_t length) {
  auto const room = std::make_unique_for_overwrite<char[]>(staged_block);
  std::uint64_t sum = 0;
  while (length != 0) {
    std::size_t const n = static_cast<std::size_t>(std::min<std::uint64_t>(length, staged_block));
    if (file.read_at(room.get(), n, offset) != n) return {false, 0};
    sum = xxh64({room.get(), n}, sum);
    offset += n;
    length -= n;
  }
  return {true, sum};
}

// Makes the target hold exactly what was committed: the segment at its offset and nothing behind it. Any number of times
// with the same result. A target that is shorter than the offset has lost what was published, and one that is longer
// than the segment's end is ahead of the commit; neither is repaired.
template <class = void>
WEIR_COLD void publish_segment(std::string const& who, staged_commitment const& said,
                               std::string const& spools) {
  os_file target(who, said.target);
  int const missing = target.try_open(O_RDWR);
  if (missing == ENOENT) {
    if (said.offset != 0)
      target.refuse("the file is gone, and " + std::to_string(said.offset) +
                    " bytes of it were published; put it back, or start anew with an empty state directory");
    target.open(O_RDWR | O_CREAT, "make the file");
  } else if (missing != 0) {
    target.fail("open the file", missing);
  }
  std::uint64_t const size = target.size();
  std::uint64_t const end = said.offset + said.length;
  if (size < said.offset)
    target.refuse("the file has " + std::to_string(size) + " bytes, and " + std::to_string(said.offset) +
                  " were published; put them back, or start anew with an empty state directory");
  if (size > end)
    target.refuse(
        "the file has " + std::to_string(size) + " bytes, and only " + std::to_string(end) +
        " were committed (epoch " + std::to_string(said.epoch) +
        "): something else writes to it, or the state is older than the file; name another file, or cut this "
        "one to the committed size");
  // Whoever made the file may have died before it was durable that it is there.
  if (said.offset == 0) target.sync_folder();
  // What is there already may be in the system's cache only: after a sync that failed, another one says that all is well. So
  // it is written again, wherever the bytes still are.
  bool const there =
      size == end && staged_checksum(target, said.offset, said.length) == std::pair{true, said.checksum};
  if (said.spool.empty()) {
    bool const damaged = xxh64(said.bytes) != said.checksum && said.length != 0;
    if (damaged && there) return target.sync();
    if (damaged)
      throw restore_error(who + ": the segment of epoch " + std::to_string(said.epoch) +
                          " in the commit is damaged; restore the state directory from a savepoint");
    if (!there) target.truncate(said.offset);
    target.write_at(said.bytes, said.offset);
    return target.sync();
  }
  os_file spool(who, join_path(spools, said.spool));
  int const gone = spool.try_open(O_RDONLY);
  bool const damaged = gone != 0 || spool.size() != said.length ||
                       staged_checksum(spool, 0, said.length) != std::pair{true, said.checksum};
  if (damaged && there) return target.sync();
  if (damaged)
    throw restore_error(
        who + ": " + spool.path() + ": the segment of epoch " + std::to_string(said.epoch) + " is " +
        (gone != 0 ? std::string("not there (") + std::strerror(gone) + ")" : std::string("damaged")) +
        ", and the commit needs it for " + said.target + "; restore the state directory from a savepoint");
  if (!there) target.truncate(said.offset);
  auto const room = std::make_unique_for_overwrite<char[]>(staged_block);
  for (std::uint64_t at = 0; at != said.length;) {
    std::size_t const n = spool.read_at(room.get(), staged_block, at);
    if (n == 0) spool.fail("read", EIO);
    target.write_at({room.get(), n}, said.offset + at);
    at += n;
  }
  target.sync();
}

// An epoch of a single file, and what is done with it on the thread that commits.
struct staged_segment {
  std::string who;
  staged_commitment said;
  closing_segment bytes;

  template <class = void>
  void publish() {
    // An epoch without records: what came before is in the target already.
    if (said.length != 0 || said.offset == 0) publish_segment(who, said, parent_path(bytes.file.path()));
    bytes.forget_last();  // else recover does it
  }
};

}  // namespace weir::detail
