// segment_spool: what a sink keeps of an epoch until it is published: bytes in the commit while they are few, else in a
// file of the state directory that the commit names.
#pragma once

#include <weir/connector/os_file.hpp>
#include <weir/core/paths.hpp>
#include <weir/error.hpp>
#include <weir/format/text_buffer.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/hash.hpp>

#include <sys/random.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

// Segments are written, read and summed in blocks of this size; the last one is shorter.
inline constexpr std::size_t staged_block = std::size_t{256} << 10;
// A segment up to this size travels in the commit itself, without a file of its own.
inline constexpr std::size_t staged_inline = std::size_t{64} << 10;

// A uid as the name of a folder: what is not a plain character becomes %XX.
inline std::string folder_name(std::string_view uid) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string name;
  for (char c : uid) {
    bool const plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    if (plain) {
      name += c;
    } else {
      name += '%';
      name += hex[static_cast<unsigned char>(c) >> 4];
      name += hex[static_cast<unsigned char>(c) & 15];
    }
  }
  if (name.size() <= 200) return name.empty() ? "%" : name;
  return name.substr(0, 180) + "%" + std::to_string(xxh64(uid));
}

// The folder of a sink's segment files; empty where nothing is durable.
inline std::string spool_folder(std::string const& state_directory, std::string_view uid) {
  if (state_directory.empty()) return {};
  return join_path(join_path(absolute_folder(state_directory), "sinks"), folder_name(uid));
}

// A name that no other state has: sixteen random hexadecimal digits.
inline std::string random_identity() {
  constexpr char hex[] = "0123456789abcdef";
  unsigned char random[16];
  if (::getrandom(random, sizeof random, 0) != sizeof random)
    throw connector_error("weir: the system gives no random numbers; look after it and run again");
  std::string name;
  for (int i = 0; i < 16; ++i) name += hex[random[i] & 15];
  return name;
}

// Where the bytes of an epoch are, as it stands in a commitment.
struct spooled_segment {
  std::uint64_t length = 0;
  std::uint64_t checksum = 0;  // XXH64 of each block, seeded with that of the one before
  std::string spool{};         // the name of the segment's own file; none: the bytes are here
  std::string bytes{};
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.length, r.checksum, r.spool, r.bytes);
  }
};

// Bytes on their way into a segment file. Shares nothing with the thread of the records.
struct closing_segment {
  spooled_segment said;
  os_file file;      // not open: the bytes are in `said`
  std::string rest;  // what of them is not written yet
  std::string last;  // the file of the epoch before, not needed once this one is committed

  void make_durable() {
    if (!file.is_open()) return;
    file.write(rest);
    rest = {};
    file.sync();
    file.sync_folder();
    file.close();
  }
  // To be called once the epoch is committed; what is left over is removed at the next start.
  void forget_last() const {
    if (!last.empty()) remove_file(last);
  }
};

// Gathers the bytes of one epoch after another. (A template, so that only those who need it pay for it.)
template <class = void>
class basic_segment_spool {
 public:
  basic_segment_spool(std::string who, std::string folder) : who_(std::move(who)), folder_(std::move(folder)) {}

  text_buffer& buffer() { return buffer_; }
  std::string const& folder() const { return folder_; }
  // To be called behind each record.
  WEIR_INLINE void appended() {
    if (buffer_.size() >= staged_block) [[unlikely]]
      spill();
  }
  // The run goes on behind `epoch`, whose segment file is kept until the next one is committed.
  WEIR_COLD void recover(std::uint64_t epoch, std::string const& kept) {
    next_epoch_ = epoch + 1;
    list_folder(folder_, [&](std::string const& name, bool) {
      if (name.ends_with(".segment") && name != kept) remove_file(join_path(folder_, name));
      return 0;
    });
    last_ = kept.empty() ? "" : join_path(folder_, kept);
  }
  // What has been appended is of this epoch; what follows is of the next one.
  WEIR_COLD closing_segment close(std::uint64_t epoch) {
    next_epoch_ = epoch + 1;
    closing_segment closed;
    closed.last = std::exchange(last_, {});
    closed.said.length = in_file_ + buffer_.size();
    if (!file_.is_open() && buffer_.size() > staged_inline) open_file(epoch);
    // Not more than a block and a record: what was longer has been spilled.
    for (std::string_view rest = buffer_.view(); !rest.empty();
         rest.remove_prefix(std::min(rest.size(), staged_block)))
      checksum_ = xxh64(rest.substr(0, staged_block), checksum_);
    closed.said.checksum = checksum_;
    (file_.is_open() ? closed.rest : closed.said.bytes) = buffer_.view();
    if (file_.is_open()) {
      closed.said.spool = file_name(file_.path());
      last_ = file_.path();
      closed.file = std::exchange(file_, {});
    }
    in_file_ = checksum_ = 0;
    buffer_.clear();
    return closed;
  }

 private:
  void open_file(std::uint64_t epoch) {
    if (!std::exchange(has_folder_, true)) {
      make_folder(who_, folder_);
      // Whoever made it may have died before that was durable.
      os_file(who_, folder_).sync_folder();
      os_file(who_, parent_path(folder_)).sync_folder();
    }
    file_ = os_file(who_, join_path(folder_, std::to_string(epoch) + ".segment"));
    file_.open(O_WRONLY | O_CREAT | O_TRUNC, "make the file");
  }
  WEIR_COLD void spill() {
    if (!file_.is_open()) open_file(next_epoch_);
    std::string_view rest = buffer_.view();
    for (; rest.size() >= staged_block; rest.remove_prefix(staged_block)) {
      file_.write(rest.substr(0, staged_block));
      checksum_ = xxh64(rest.substr(0, staged_block), checksum_);
      in_file_ += staged_block;
    }
    text_buffer left;
    left.append(rest);
    buffer_ = std::move(left);
  }

  std::string who_;
  std::string folder_;
  bool has_folder_ = false;  // and it is durable that there is one
  text_buffer buffer_;       // the end of the open segment
  os_file file_;             // what came before that; open once there is something
  std::uint64_t in_file_ = 0;
  std::uint64_t checksum_ = 0;  // of what is in the file, at last of all
  std::uint64_t next_epoch_ = 1;
  std::string last_;  // of the segment that was closed last
};

using segment_spool = basic_segment_spool<>;

// f(piece) for all bytes of a committed segment, in order, once their checksum has been found right.
// Errors: restore_error where the segment is gone or damaged.
template <class F>
void read_segment(std::string const& who, spooled_segment const& said, std::string const& folder,
                  std::uint64_t epoch, F const& f) {
  auto const damaged = [&](std::string const& what) {
    return restore_error(who + ": the segment of epoch " + std::to_string(epoch) + " is " + what +
                         ", and it has not been published; restore the state directory from a savepoint");
  };
  if (said.spool.empty()) {
    std::uint64_t const sum = said.length == 0 ? 0 : xxh64(said.bytes);
    if (said.bytes.size() != said.length || sum != said.checksum) throw damaged("damaged in the commit");
    if (said.length != 0) f(std::string_view(said.bytes));
    return;
  }
  os_file file(who, join_path(folder, said.spool));
  if (int const gone = file.try_open(O_RDONLY))
    throw damaged("not in " + file.path() + " (" + std::strerror(gone) + ")");
  auto const room = std::make_unique_for_overwrite<char[]>(staged_block);
  auto const pieces = [&](auto const& take) {
    for (std::uint64_t at = 0; at < said.length;) {
      auto const most = static_cast<std::size_t>(std::min<std::uint64_t>(said.length - at, staged_block));
      std::size_t const n = file.read_at(room.get(), most, at);
      if (n != most) throw damaged("cut in " + file.path());
      take(std::string_view(room.get(), n));
      at += n;
    }
  };
  std::uint64_t sum = 0;
  pieces([&](std::string_view piece) { sum = xxh64(piece, sum); });
  if (sum != said.checksum || file.size() != said.length) throw damaged("damaged in " + file.path());
  pieces(f);
}

}  // namespace weir::detail
