// text_reader: the running side of the sources that read records out of text files.
#pragma once

#include <weir/connector/file_list.hpp>
#include <weir/connector/text_file.hpp>
#include <weir/core/source.hpp>
#include <weir/error.hpp>
#include <weir/format/problem.hpp>
#include <weir/state/codec.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

// One file. Records are read a batch at a time into values that are used again and again; views in them point into the
// chunk or the parser, so that neither moves before the whole batch is consumed.
template <class T, class Parser>
class text_split {
 public:
  using time_point = text_file::time_point;

  text_split(text_file file, Parser parser, source_context const& context)
      : file_(std::move(file)), parser_(std::move(parser)), context_(context) {}

  std::span<T const> poll(std::size_t max, time_point deadline) {
    if (consumed_ == size_) parse(max, deadline);
    return {values_.data() + consumed_, std::min(max, size_ - consumed_)};
  }
  void consume(std::size_t n) {
    consumed_ += n;
    bool const all = consumed_ == size_;
    if (all && cut_) {
      // the position stays before the line
    } else if (all) {
      offset_ = parsed_offset_;
      line_ = parsed_line_;
    } else if (n != 0) {
      offset_ = ends_[consumed_ - 1].offset;
      line_ = ends_[consumed_ - 1].line;
    }
    if (!bad_.empty()) give_malformed(all);
  }
  bool ended() const { return ended_ && consumed_ == size_ && bad_.empty(); }

  text_position save() { return file_.position(offset_, line_); }
  WEIR_COLD void restore(text_position const& saved) {
    file_.require_same(saved);
    if (saved.offset == 0) return;
    while (!begun_)
      if (!begin() && !file_.fill(time_point::max()))
        throw restore_error(file_.who() + ": the file " + file_.path() + " has no header any more");
    file_.seek(saved.offset);
    offset_ = parsed_offset_ = saved.offset;
    line_ = parsed_line_ = saved.line;
  }

 private:
  // Records end here; what is malformed between two of them belongs to the second one.
  struct place {
    std::uint64_t offset;
    std::uint64_t line;
  };
  struct bad_record {
    std::size_t index;  // of the record that it stands before
    malformed_record what;
  };
  static constexpr std::size_t bad_limit = 4096;
  static constexpr std::size_t bad_bytes_limit = std::size_t{4} << 20;

  // At least one record, unless none comes by the deadline or the malformed ones before it become too many to hold.
  void parse(std::size_t max, time_point deadline) {
    size_ = consumed_ = 0;
    bad_bytes_ = 0;
    parser_.begin_batch();
    while (!ended_) {
      bool const at_the_end = file_.last();
      if ((begun_ || begin()) && (!cut_ || skip_line())) parse_chunk(max);
      if (file_.last() && file_.begin == file_.end()) ended_ = true;
      if (!cut_ && (size_ != 0 || bad_.size() >= bad_limit || bad_bytes_ >= bad_bytes_limit)) break;
      if (at_the_end)
        ended_ = true;
      else if (!file_.fill(deadline))
        break;
    }
  }
  void parse_chunk(std::size_t max) {
    while (size_ < max) {
      if (size_ == values_.size()) grow(max);
      char const* const start = file_.begin;
      auto const status = parser_.next(file_.begin, file_.end(), file_.last(), values_[size_]);
      if (status == parse_status::record) [[likely]] {
        parsed_line_ += parser_.lines_consumed();
        ends_[size_++] = {file_.offset(), parsed_line_};
        continue;
      }
      if (status == parse_status::malformed) [[unlikely]] {
        cut_ = file_.begin == file_.end() && !file_.last() && file_.begin[-1] != '\n';
        if (cut_ && size_ != 0) return put_back(start);
        if (!keep_malformed(start)) return;
      }
      if (status == parse_status::incomplete) {
        if (file_.last()) parsed_line_ += parser_.lines_consumed();
        break;
      }
      if (bad_.size() >= bad_limit || bad_bytes_ >= bad_bytes_limit) break;
    }
    parsed_offset_ = file_.offset();
  }
  // A line that is too long was given up before its end was here. What comes of it is passed over before anything else is given
  // out, so that no position is in the middle of it; only where its end does not come by a deadline is it read again behind
  // a restart.
  WEIR_COLD bool skip_line() {
    file_.begin = std::find(file_.begin, file_.end(), '\n');
    cut_ = file_.begin == file_.end() && !file_.last();
    if (file_.begin != file_.end()) ++file_.begin;
    return !cut_;
  }
  // The records before it go first.
  WEIR_COLD void put_back(char const* start) {
    cut_ = false;
    file_.begin = start;
    parsed_offset_ = file_.offset();
  }
  WEIR_COLD void grow(std::size_t max) {
    std::size_t const size = std::min(max, std::max<std::size_t>(2 * values_.size(), 64));
    values_.resize(size);
    ends_.resize(size);
  }

  // Reads the header where there is one; false: not all of it is here.
  bool begin() {
    if constexpr (requires { parser_.read_header(file_.begin, file_.end(), true); }) {
      char const* const start = file_.begin;
      auto const status = parser_.read_header(file_.begin, file_.end(), file_.last());
      if (status == parse_status::incomplete) return false;
      if (status == parse_status::malformed)
        throw format_error(words(raw(start)) + "; fix the header, or the struct that names the columns");
      parsed_line_ = parser_.lines_consumed();
      parsed_offset_ = file_.offset();
    }
    return begun_ = true;
  }

  // The bytes of the record that was just consumed, without blank lines before it and its own end.
  std::string_view raw(char const* start) const {
    std::string_view bytes(start, static_cast<std::size_t>(file_.begin - start));
    while (!bytes.empty() && (bytes.front() == '\n' || bytes.front() == '\r')) bytes.remove_prefix(1);
    while (!bytes.empty() && (bytes.back() == '\n' || bytes.back() == '\r')) bytes.remove_suffix(1);
    return bytes;
  }
  // field "amount": is not a number that fits: "abc"
  std::string reason() const {
    auto const& p = parser_.problem();
    return p.field.empty() ? p.reason : "field \"" + p.field + "\": " + p.reason;
  }
  WEIR_COLD std::string words(std::string_view bytes) const {
    auto const& p = parser_.problem();
    constexpr std::size_t shown = 120;
    return file_.who() + ": " + file_.path() + ":" + std::to_string(parsed_line_ + p.line + 1) + ":" +
           std::to_string(p.column) + ": " + reason() + ": \"" + std::string(bytes.substr(0, shown)) +
           (bytes.size() > shown ? "...\"" : "\"");
  }
  // false: the records before it go first, then the run fails.
  WEIR_COLD bool keep_malformed(char const* start) {
    auto const bytes = raw(start);
    auto const& p = parser_.problem();
    if (!context_.keep_malformed) {
      if (size_ == 0)
        throw format_error(words(bytes) + "; fix the line, or use skip_malformed or malformed_to<name>");
      put_back(start);
      return false;
    }
    bad_.push_back({size_, {file_.path(), parsed_line_ + p.line + 1, p.column, reason(), std::string(bytes)}});
    bad_bytes_ += bytes.size();
    parsed_line_ += parser_.lines_consumed();
    return true;
  }
  WEIR_COLD void give_malformed(bool all) {
    auto const last =
        std::find_if(bad_.begin(), bad_.end(), [&](auto& b) { return !all && b.index >= consumed_; });
    for (auto at = bad_.begin(); at != last; ++at) context_.malformed->push_back(std::move(at->what));
    bad_.erase(bad_.begin(), last);
  }

  text_file file_;
  Parser parser_;
  source_context context_;
  std::vector<T> values_;
  std::vector<place> ends_;
  std::vector<bad_record> bad_;
  std::size_t size_ = 0;      // records in the batch
  std::size_t consumed_ = 0;  // of them
  std::size_t bad_bytes_ = 0;
  std::uint64_t offset_ = 0;  // behind what was consumed
  std::uint64_t line_ = 0;
  std::uint64_t parsed_offset_ = 0;  // behind what was parsed
  std::uint64_t parsed_line_ = 0;
  bool begun_ = false;
  bool cut_ = false;  // what comes next is the rest of a line that was too long
  bool ended_ = false;
};

// All files of a source, read beside each other.
template <class T, class Parser>
class text_reader {
 public:
  WEIR_COLD text_reader(char const* noun, file_list const& files, bool follow, Parser const& parser,
                        source_context const& context)
      : who_(connector_name(noun, "source", context.uid)) {
    if (files.size() == 0) throw config_error(who_ + ": no path; name a file");
    for (auto const& path : files) splits_.emplace_back(text_file(who_, path, follow), parser, context);
  }
  WEIR_COLD text_reader(text_file file, Parser parser, source_context const& context) : who_(file.who()) {
    splits_.emplace_back(std::move(file), std::move(parser), context);
  }
  std::size_t splits() const { return splits_.size(); }
  std::span<T const> poll(std::size_t split, std::size_t max, text_file::time_point deadline) {
    return splits_[split].poll(max, deadline);
  }
  void consume(std::size_t split, std::size_t n) { splits_[split].consume(n); }
  bool ended(std::size_t split) const { return splits_[split].ended(); }

  WEIR_COLD void save(std::string& out) {
    std::vector<text_position> all;
    for (auto& s : splits_) all.push_back(s.save());
    encode(all, out);
  }
  WEIR_COLD void restore(std::string_view bytes) {
    std::vector<text_position> all;
    decode(bytes, all);
    if (all.size() != splits_.size())
      throw restore_error(who_ + ": there were " + std::to_string(all.size()) + " files, and now there are " +
                          std::to_string(splits_.size()) +
                          "; name the files that were read before, in the same order");
    for (std::size_t i = 0; i < all.size(); ++i) splits_[i].restore(all[i]);
  }

 private:
  std::string who_;
  std::vector<text_split<T, Parser>> splits_;
};

}  // namespace weir::detail
