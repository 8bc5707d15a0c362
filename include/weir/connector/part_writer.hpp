// part_writer: the running side of a sink whose records become lines of text in the files of a directory.
#pragma once

#include <weir/connector/bucket.hpp>
#include <weir/connector/part_directory.hpp>
#include <weir/core/sink.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

// Rows: row(text_buffer&, record).
template <class T, class Rows, class Bucket>
class part_writer : public record_writer<part_writer<T, Rows, Bucket>, T> {
 public:
  // name: of the noun; header: begins each file.
  template <class Noun>
  part_writer(char const* name, Noun const& noun, Rows rows, std::string extension, std::string header,
              sink_context const& context)
      : rows_(std::move(rows)),
        namer_(noun.bucket),
        parts_({.noun = name,
                .directory = noun.path,
                .extension = std::move(extension),
                .header = std::move(header),
                .rolling = noun.rolling,
                .clock = noun.clock,
                .open_files = noun.open_files,
                .overwrite = noun.overwrite},
               context) {}

  void flush() {
    if (!parts_.flush()) part_ = nullptr;
  }
  void finish() {
    part_ = nullptr;
    parts_.finish();
  }
  // The input has ended: what comes next is the last segment, and no file stays in progress.
  void end_of_input() {
    part_ = nullptr;
    parts_.roll_all();
  }
  void recover(std::optional<std::string_view> commitment, std::uint64_t) {
    part_ = nullptr;
    parts_.recover(commitment);
  }
  bool moved() const { return parts_.moved(); }
  bool claimed() const { return parts_.claimed(); }
  std::string target() const { return parts_.target(); }
  std::optional<std::string> claim() const { return parts_.claim(); }
  sink_segment close_segment(std::uint64_t epoch) {
    part_ = nullptr;
    return parts_.close_segment(epoch);
  }

 private:
  friend record_writer<part_writer<T, Rows, Bucket>, T>;

  WEIR_INLINE void put(T const& value) {
    std::string_view const raw = namer_.raw(value, parts_.now());
    if (part_ == nullptr || raw != raw_) [[unlikely]]
      look_up(raw);
    rows_.row(part_->buffer, value);
    if (!parts_.appended(*part_)) [[unlikely]]
      part_ = nullptr;
  }
  WEIR_COLD void look_up(std::string_view raw) {
    raw_ = raw;
    part_ = &parts_.part_of(namer_.folder(raw));
  }

  Rows rows_;
  bucket_namer<Bucket> namer_;
  part_directory parts_;
  open_part* part_ = nullptr;  // that the last record went to
  std::string raw_;            // and its bucket
};

}  // namespace weir::detail
