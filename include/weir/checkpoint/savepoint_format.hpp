// The bytes of a savepoint: portable, versioned, checksummed. Fixed: every savepoint is read by these rules for ever.
//
//   file    magic | block ... | end block
//   magic   "weir savepoint\r\n" (16 bytes): text mode in a transfer shows at once
//   block   kind (u32) | size (u32) | checksum (u64) | payload of that size
//   head    kind 1: version (u32)
//   entries kind 2 + database (2 state, 3 timers, 4 meta): for each entry key size (u32) | payload size (u32) | key | payload,
//           in ascending order of the stored keys; an entry larger than a block has one to itself
//   end     kind 5: for each database how many entries there are (u64), then the same of all bytes before this block (u64)
// Numbers are little-endian. The checksum is XXH64 of the payload, seeded with XXH64 of kind, size and the place of the block in
// the file, so that a block in the wrong place is noticed. What keys and payloads are is said in state/layout.hpp, state/codec.hpp
// and state/key_codec.hpp, and "layout" and "commit" in the database meta say what states there are.
#pragma once

#include <weir/core/basic_file.hpp>
#include <weir/core/paths.hpp>
#include <weir/error.hpp>
#include <weir/state/bytes.hpp>
#include <weir/state/lmdb.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

inline constexpr std::string_view savepoint_magic = "weir savepoint\r\n";
inline constexpr std::uint32_t savepoint_version = 1;
inline constexpr std::size_t savepoint_block = std::size_t{1} << 18;
inline constexpr std::size_t savepoint_block_header = 16;

enum class savepoint_part : std::uint32_t { head = 1, state = 2, timers = 3, meta = 4, end = 5 };
constexpr savepoint_part part_of(database d) {
  return static_cast<savepoint_part>(2 + static_cast<std::uint32_t>(d));
}

inline std::uint64_t savepoint_checksum(std::string_view kind_and_size, std::uint64_t at,
                                        std::string_view payload) {
  std::string seed(kind_and_size);
  append_little(seed, at);
  return xxh64(payload, xxh64(seed));
}

using savepoint_file = basic_file<store_error>;

// Writes a savepoint into a file that is not there yet. It appears under its name when it is whole and durable.
class savepoint_writer {
 public:
  // Error: store_error where the path exists already or cannot be written.
  WEIR_COLD explicit savepoint_writer(std::string const& path)
      : path_(absolute_path(path)), file_("weir::savepoint", path_ + ".unfinished") {
    if (is_there(path_))
      savepoint_file("weir::savepoint", path_).refuse("the file exists; give the savepoint another name");
    file_.open(O_WRONLY | O_CREAT | O_TRUNC, "make the file");
    file_.write(savepoint_magic);
    at_ = savepoint_magic.size();
    append_little(block_, savepoint_version);
    write_block(savepoint_part::head);
  }
  savepoint_writer(savepoint_writer const&) = delete;
  savepoint_writer& operator=(savepoint_writer const&) = delete;
  // One that is not finished leaves nothing behind.
  ~savepoint_writer() {
    if (!file_.is_open()) return;
    file_.close();
    remove_file(file_.path());
  }

  WEIR_COLD void add(database d, std::string_view key, std::string_view payload) {
    if (!block_.empty() && (d != of_ || block_.size() + key.size() + payload.size() > savepoint_block))
      write_block(part_of(of_));
    of_ = d;
    ++counts_[static_cast<std::size_t>(d)];
    append_little(block_, static_cast<std::uint32_t>(key.size()));
    append_little(block_, static_cast<std::uint32_t>(payload.size()));
    block_.append(key).append(payload);
  }
  WEIR_COLD void finish() {
    if (!block_.empty()) write_block(part_of(of_));
    for (std::uint64_t n : counts_) append_little(block_, n);
    append_little(block_, at_);
    write_block(savepoint_part::end);
    file_.sync();
    if (std::rename(file_.path().c_str(), path_.c_str()) != 0)
      file_.fail("give the finished file its name", errno);
    file_.sync_folder();
    file_.close();
  }

 private:
  WEIR_COLD void write_block(savepoint_part kind) {
    std::string header;
    append_little(header, static_cast<std::uint32_t>(kind));
    append_little(header, static_cast<std::uint32_t>(block_.size()));
    append_little(header, savepoint_checksum(header, at_, block_));
    file_.write(header);
    file_.write(block_);
    at_ += header.size() + block_.size();
    block_.clear();
  }

  std::string path_;
  savepoint_file file_;
  std::uint64_t at_ = 0;
  database of_ = database::state;
  std::string block_;
  std::array<std::uint64_t, database_count> counts_{};
};

// Reads a savepoint from front to back, and refuses it at the first byte that is not as it was written.
class savepoint_reader {
 public:
  // Error: restore_error where it is no savepoint, or one of a newer version.
  WEIR_COLD explicit savepoint_reader(std::string const& path) : file_("weir::savepoint", path) {
    file_.open(O_RDONLY, "open the file");
    size_ = file_.size();
    char magic[savepoint_magic.size()];
    if (file_.read_at(magic, sizeof magic, 0) != sizeof magic ||
        std::string_view(magic, sizeof magic) != savepoint_magic)
      refuse("this is no savepoint of weir");
    at_ = sizeof magic;
    next_block();
    if (kind_ != savepoint_part::head || block_.size() < 4) damaged("has no head");
    if (auto const version = load_little<std::uint32_t>(block_.data()); version != savepoint_version)
      refuse("the savepoint has version " + std::to_string(version) + " and this program knows version " +
             std::to_string(savepoint_version) + "; use a newer weir");
  }

  // f(database, key, payload) for each entry; true when the whole file has been read and is sound.
  template <class F>
  void for_each(F f) {
    std::array<std::uint64_t, database_count> counts{};
    for (;;) {
      std::uint64_t const begin = at_;
      next_block();
      if (kind_ == savepoint_part::end) return check_end(counts, begin);
      auto const which = static_cast<std::uint32_t>(kind_) - 2;
      if (which >= database_count) damaged("is of no kind that is known");
      std::string_view rest = block_;
      while (!rest.empty()) {
        if (rest.size() < 8) damaged("ends within an entry");
        std::uint64_t const key = load_little<std::uint32_t>(rest.data());
        std::uint64_t const payload = load_little<std::uint32_t>(rest.data() + 4);
        rest.remove_prefix(8);
        if (key + payload > rest.size()) damaged("ends within an entry");
        f(static_cast<database>(which), rest.substr(0, key), rest.substr(key, payload));
        rest.remove_prefix(key + payload);
        ++counts[which];
      }
    }
  }
  // The checksum of the end block, which depends on how much of what there is.
  std::uint64_t end_checksum() const { return checksum_; }

 private:
  WEIR_COLD void next_block() {
    block_at_ = at_;
    char header[savepoint_block_header];
    if (file_.read_at(header, sizeof header, at_) != sizeof header) damaged("is cut off");
    kind_ = static_cast<savepoint_part>(load_little<std::uint32_t>(header));
    std::uint64_t const size = load_little<std::uint32_t>(header + 4);
    checksum_ = load_little<std::uint64_t>(header + 8);
    if (size > size_ - at_ - sizeof header) damaged("is cut off");
    block_.resize(size);
    if (file_.read_at(block_.data(), size, at_ + sizeof header) != size) damaged("is cut off");
    if (savepoint_checksum({header, 8}, at_, block_) != checksum_) damaged("fails its checksum");
    at_ += sizeof header + size;
  }
  WEIR_COLD void check_end(std::array<std::uint64_t, database_count> const& counts, std::uint64_t begin) {
    if (block_.size() != 8 * (database_count + 1)) damaged("is no end");
    for (std::size_t i = 0; i < database_count; ++i)
      if (load_little<std::uint64_t>(block_.data() + 8 * i) != counts[i])
        damaged("counts other entries than there are");
    if (load_little<std::uint64_t>(block_.data() + 8 * database_count) != begin)
      damaged("is not where it was written");
    if (at_ != size_) {
      block_at_ = at_;
      damaged("comes behind the end");
    }
  }
  [[noreturn]] WEIR_COLD void damaged(char const* what) const {
    refuse("the savepoint is damaged: the block at byte " + std::to_string(block_at_) + " " + what +
           "; take it from another copy");
  }
  [[noreturn]] WEIR_COLD void refuse(std::string const& text) const {
    throw restore_error(file_.who() + ": " + file_.path() + ": " + text);
  }

  savepoint_file file_;
  std::uint64_t size_ = 0, at_ = 0, block_at_ = 0, checksum_ = 0;
  savepoint_part kind_{};
  std::string block_;
};

// The checksum of the end block, which depends on how much of what there is, as eight bytes; nothing where there is no such
// file.
WEIR_COLD inline std::optional<std::string> savepoint_id(std::string const& path) {
  constexpr std::size_t end = savepoint_block_header + 8 * (database_count + 1);
  savepoint_file file("weir::savepoint", path);
  if (file.try_open(O_RDONLY) != 0 || file.size() < end) return std::nullopt;
  std::string id(8, '\0');
  file.read_at(id.data(), id.size(), file.size() - end + 8);
  return id;
}

}  // namespace weir::detail
