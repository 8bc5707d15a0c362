// text_file: the bytes of one file (or of standard input) in chunks that grow with the longest record.
#pragma once

#include <weir/connector/os_file.hpp>
#include <weir/core/paths.hpp>
#include <weir/error.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/hash.hpp>

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace weir::detail {

inline constexpr std::size_t text_chunk = std::size_t{256} << 10;

// Where reading goes on, and what tells whether the file is still the one that was read.
struct text_position {
  std::string path;          // absolute
  std::uint64_t size = 0;    // when this was saved
  std::uint64_t head = 0;    // XXH64 of the first 64 KiB, or of all when there were fewer
  std::uint64_t before = 0;  // XXH64 of the 4 KiB before the position
  std::uint64_t offset = 0;
  std::uint64_t line = 0;  // lines before the position
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.path, r.size, r.head, r.before, r.offset, r.line);
  }
};

class text_file {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::size_t head_size = std::size_t{64} << 10;
  static constexpr std::size_t before_size = std::size_t{4} << 10;

  WEIR_COLD text_file(std::string who, std::string const& path, bool follow)
      : file_(std::move(who), path), absolute_(absolute_path(path)), follow_(follow) {
    file_.open(O_RDONLY, "open the file");
    auto const mode = file_.status().st_mode;
    if (S_ISDIR(mode)) file_.refuse("this is a folder; name the files in it");
    regular_ = S_ISREG(mode);
  }
  // An open descriptor that cannot be read twice.
  text_file(std::string who, std::string name, int fd)
      : file_(std::move(who), std::move(name)), follow_(false) {
    file_.adopt(fd);
    regular_ = file_.is_regular();
  }

  std::string const& who() const { return file_.who(); }
  std::string const& path() const { return file_.path(); }

  // The bytes that are here and not taken; `begin` moves when some are taken. They stay where they are until fill.
  char const* begin = nullptr;
  char const* end() const { return room_.get() + filled_; }
  // Nothing will come behind end().
  bool last() const { return last_; }
  // How far begin is in the file.
  std::uint64_t offset() const { return offset_of(begin); }
  std::uint64_t offset_of(char const* place) const {
    return filled_to_ - static_cast<std::uint64_t>(end() - place);
  }

  // More bytes behind those that are here, which may move. false: none have come by the deadline.
  bool fill(time_point deadline) {
    if (last_) return false;
    std::size_t const kept = static_cast<std::size_t>(end() - begin);
    if (!room_ || kept > size_ / 2) {
      std::size_t const size = room_ ? 2 * size_ : text_chunk;
      auto larger = std::make_unique_for_overwrite<char[]>(size);
      if (kept != 0) std::memcpy(larger.get(), begin, kept);
      room_ = std::move(larger);
      size_ = size;
    } else if (kept != 0) {
      std::memmove(room_.get(), begin, kept);
    }
    begin = room_.get();
    filled_ = kept;
    for (;;) {
      if (!regular_ && !wait(deadline)) return false;
      std::size_t const got = file_.read(room_.get() + filled_, size_ - filled_);
      filled_ += got;
      filled_to_ += got;
      if (got != 0) return true;
      if (!follow_) return last_ = true;
      if (regular_ && file_.size() < filled_to_)
        file_.refuse("the file was cut to " + std::to_string(file_.size()) + " bytes after " +
                     std::to_string(filled_to_) +
                     " had been read; a file that is followed may only grow: write to a new file instead");
      auto const now = std::chrono::steady_clock::now();
      if (now >= deadline) return false;
      std::this_thread::sleep_for(
          std::min<std::chrono::nanoseconds>(deadline - now, std::chrono::milliseconds{5}));
    }
  }

  // Goes there, or stays where nothing has been read.
  void seek(std::uint64_t offset) {
    file_.seek(offset);
    filled_to_ = offset;
    filled_ = 0;
    begin = room_.get();
    last_ = false;
  }

  WEIR_COLD text_position position(std::uint64_t offset, std::uint64_t line) {
    if (!regular_)
      file_.refuse("not a regular file, so it cannot be read again; name a file, or run without checkpoints");
    std::uint64_t const size = file_.size();
    if (head_bytes_ < head_size && head_bytes_ != size) {
      head_bytes_ = static_cast<std::size_t>(std::min<std::uint64_t>(head_size, size));
      head_ = checksum(0, head_bytes_);
    }
    std::size_t const before = static_cast<std::size_t>(std::min<std::uint64_t>(before_size, offset));
    return {absolute_, size, head_, checksum(offset - before, before), offset, line};
  }
  // restore_error in words unless this is the file that was read when `saved` was made; it may have grown.
  WEIR_COLD void require_same(text_position const& saved) const {
    std::string const is =
        file_.who() + ": the file " + file_.path() + " is not the one that was read before: ";
    std::string const instead = "; put the old file back, or start anew with an empty state directory";
    if (saved.path != absolute_)
      throw restore_error(file_.who() + ": the path is now " + absolute_ + ", and what was read before is " +
                          saved.path + "; name that file again, or start anew with an empty state directory");
    if (!regular_) throw restore_error(is + "it is not a regular file" + instead);
    std::uint64_t const size = file_.size();
    if (size < saved.size)
      throw restore_error(is + "it has " + std::to_string(size) + " bytes and had " +
                          std::to_string(saved.size) + instead);
    if (checksum(0, std::min<std::uint64_t>(head_size, saved.size)) != saved.head)
      throw restore_error(is + "its first bytes differ" + instead);
    std::uint64_t const before = std::min<std::uint64_t>(before_size, saved.offset);
    if (saved.offset > saved.size || checksum(saved.offset - before, before) != saved.before)
      throw restore_error(is + "the bytes before the saved position (" + std::to_string(saved.offset) +
                          ") differ" + instead);
  }

 private:
  // Until there is something to read; false at the deadline.
  bool wait(time_point deadline) {
    for (;;) {
      auto const now = std::chrono::steady_clock::now();
      auto const left = deadline > now ? std::chrono::ceil<std::chrono::milliseconds>(deadline - now)
                                       : std::chrono::milliseconds{0};
      ::pollfd p{file_.descriptor(), POLLIN, 0};
      int const ready = ::poll(&p, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1000)));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) file_.fail("wait for input", errno);
      if (ready == 0 && left.count() <= 1000) return false;
    }
  }
  std::uint64_t checksum(std::uint64_t offset, std::uint64_t length) const {
    std::string bytes(static_cast<std::size_t>(length), '\0');
    bytes.resize(file_.read_at(bytes.data(), bytes.size(), offset));
    return xxh64(bytes);
  }

  os_file file_;
  std::string absolute_;
  bool follow_;
  bool regular_ = true;
  bool last_ = false;
  std::unique_ptr<char[]> room_;
  std::size_t size_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t filled_to_ = 0;  // where the bytes that are here end in the file
  std::uint64_t head_ = xxh64({});
  std::size_t head_bytes_ = 0;
};

}  // namespace weir::detail
