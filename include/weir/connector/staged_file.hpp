// staged_file: the one file that a sink writes, whatever the records look like.
#pragma once

#include <weir/checkpoint/commitment.hpp>
#include <weir/connector/file_list.hpp>
#include <weir/connector/os_file.hpp>
#include <weir/connector/staged_segment.hpp>
#include <weir/core/paths.hpp>
#include <weir/core/sink.hpp>
#include <weir/error.hpp>
#include <weir/format/text_buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

struct staged_options {
  char const* noun;  // csv_file, json_lines_file
  file_list path;
  bool overwrite;
  std::string header;   // begins a file that is new
  bool quotes = false;  // a line break between quotes ends no record
};

// Appends whole records. Under exactly_once they go to segments, and the target holds nothing but published segments;
// else they go to the target as they come, at the latest with each batch.
//
// A target that is there when the state is new is refused, unless `overwrite`: then it is emptied, once. What is not staged
// may be in the target before the first commit, so the target is claimed before it is made or emptied.
//
// A template, so that only those who write files pay for it.
template <class = void>
class basic_staged_file {
 public:
  WEIR_COLD basic_staged_file(staged_options options, sink_context const& context)
      : who_(connector_name(options.noun, "sink", context.uid)),
        overwrite_(options.overwrite),
        staged_(context.exactly_once),
        from_savepoint_(context.from_savepoint),
        quotes_(options.quotes),
        header_(std::move(options.header)),
        spool_(who_, spool_folder(context.state_directory, context.uid)) {
    if (options.path.size() != 1)
      throw config_error(who_ + ": " + std::to_string(options.path.size()) +
                         " paths; a sink writes to one file");
    target_ = os_file(who_, absolute_path(options.path[0]));
    // With a state directory it depends on the last commit, which recover tells, what a file that exists means.
    if (spool_.folder().empty()) open_new();
  }

  text_buffer& buffer() { return spool_.buffer(); }
  // To be called behind each record.
  WEIR_INLINE void appended() {
    if (buffer().size() >= staged_block) [[unlikely]]
      spill();
  }
  void flush() {
    if (staged_ || buffer().empty()) return;
    if (!target_.is_open()) open_new();
    target_.write(buffer().view());
    written_ += buffer().size();
    buffer().clear();
  }
  // Without checkpoints: everything is in the file for good.
  void finish() {
    if (staged_) return;
    if (!target_.is_open()) open_new();
    flush();
    if (target_.is_regular()) target_.sync();
  }

  WEIR_COLD void recover(std::optional<std::string_view> commitment, std::uint64_t epoch) {
    if (!commitment) {
      spool_.recover(epoch, "");
      return staged_ ? require_new() : may_claim();
    }
    staged_commitment said = read_commitment<staged_commitment>(*commitment, who_);
    moved_ = from_savepoint_ && is_elsewhere(said);
    claimed_ = !moved_ && said.epoch == 0;
    if (moved_) {
      spool_.recover(epoch, "");
      return staged_ ? require_new() : may_claim();
    }
    if (said.target != target_.path())
      throw restore_error(who_ + ": the path is now " + target_.path() + ", and what is committed went to " +
                          said.target + "; name that file again, or start anew with an empty state directory");
    written_ = said.offset + said.length;
    if (!staged_) return claimed_ ? open_claimed(said.empties) : open_again();
    publish_segment(who_, said, spool_.folder());
    spool_.recover(epoch, said.spool);
  }

  // Whether recover has found that the target is another one than what it was told of, so that it must be claimed.
  bool moved() const { return moved_; }
  // Whether recover was told of a claim and of no commit since.
  bool claimed() const { return claimed_; }
  std::string target() const { return target_.path(); }
  std::optional<std::string> claim() const {
    if (staged_) return std::nullopt;
    return commitment_bytes(staged_commitment{.target = target_.path(), .empties = empties_});
  }

  WEIR_COLD sink_segment close_segment(std::uint64_t epoch) {
    if (!staged_) return close_direct(epoch);
    auto segment = std::make_shared<staged_segment>();
    segment->who = who_;
    segment->bytes = spool_.close(epoch);
    spooled_segment& bytes = segment->bytes.said;
    segment->said = {.target = target_.path(),
                     .offset = written_,
                     .length = bytes.length,
                     .checksum = bytes.checksum,
                     .epoch = epoch,
                     .spool = bytes.spool,
                     .bytes = std::move(bytes.bytes)};
    written_ += segment->said.length;
    return {commitment_bytes(segment->said), [segment] { segment->bytes.make_durable(); },
            [segment] { segment->publish(); },
            commitment_bytes(
                staged_commitment{.target = segment->said.target, .offset = written_, .epoch = epoch})};
  }

 private:
  // The job has moved to another place since the savepoint.
  bool is_elsewhere(staged_commitment const& said) const {
    return said.target != target_.path() || (said.epoch != 0 && !is_there(target_.path()));
  }
  void begin_new() {
    text_buffer all;  // records may be waiting already
    all.append(header_);
    all.append(buffer().view());
    buffer() = std::move(all);
    written_ = 0;
  }
  // Nothing has been committed: the target may not be there yet.
  WEIR_COLD void require_new() {
    int const missing = target_.try_open(O_WRONLY);
    if (missing != 0 && missing != ENOENT) target_.fail("open the file", missing);
    if (missing == 0) {
      if (!target_.is_regular())
        target_.refuse(
            "not a regular file, so what has gone out cannot be taken back; name a file, or use at_least_once");
      if (!overwrite_) refuse_existing();
      target_.truncate(0);
      target_.sync();
      target_.close();
    } else if (!is_folder(parent_path(target_.path()))) {
      target_.fail("make the file", ENOENT);
    }
    begin_new();
  }
  WEIR_COLD void open_new() {
    int number = target_.try_open(O_WRONLY | O_CREAT | O_EXCL);
    if (number == EEXIST) {
      target_.open(O_WRONLY, "open the file");
      if (target_.is_regular()) {
        if (!overwrite_) refuse_existing();
        target_.truncate(0);
      }
    } else if (number != 0) {
      target_.fail("make the file", number);
    }
    begin_new();
  }
  // The same for at_least_once, which touches nothing before the claim is durable.
  WEIR_COLD void may_claim() {
    file_kind const kind = kind_of_file(target_.path());
    if (kind == file_kind::folder) target_.fail("open the file", EISDIR);
    if (kind == file_kind::regular) {
      target_.open(O_WRONLY, "open the file");
      if (!overwrite_) refuse_existing();
      empties_ = target_.size() != 0;
      target_.close();
    } else if (kind == file_kind::missing) {
      if (!is_folder(parent_path(target_.path()))) target_.fail("make the file", ENOENT);
      missing_ = true;
    }
  }
  // The target is ours, and what has gone to it since is from records that come again.
  WEIR_COLD void open_claimed(bool empties) {
    int const made = target_.try_open(O_RDWR | O_CREAT | O_EXCL);
    if (made == EEXIST) {
      if (missing_) target_.refuse("the file has just been made by something else; remove it, and run again");
      target_.open(O_RDWR, "open the file");
    } else if (made != 0) {
      target_.fail("make the file", made);
    }
    if (target_.is_regular()) {
      if (empties) target_.truncate(0);
      empties_ = false;
      target_.sync();
      target_.sync_folder();
      cut_to_lines();
      if (written_ >= header_.size()) return;
      target_.truncate(0);
      target_.seek(0);
    }
    begin_new();
  }
  // at_least_once goes on behind what is there; a line that was being written when the process died is taken back.
  WEIR_COLD void open_again() {
    target_.open(O_RDWR | O_CREAT, "open the file");
    if (!target_.is_regular()) return;
    if (std::uint64_t const size = target_.size(); size < written_)
      target_.refuse("the file has " + std::to_string(size) + " bytes, and " + std::to_string(written_) +
                     " were written; put them back, or start anew with an empty state directory");
    cut_to_lines();
  }
  // To the end of the last whole record.
  WEIR_COLD void cut_to_lines() {
    std::string block(staged_block, '\0');
    bool quoted = false;
    for (std::uint64_t at = written_;;) {
      std::size_t const n = target_.read_at(block.data(), block.size(), at);
      if (n == 0) break;
      for (std::size_t i = 0; i < n; ++i) {
        quoted ^= quotes_ && block[i] == '"';
        if (block[i] == '\n' && !quoted) written_ = at + i + 1;
      }
      at += n;
    }
    target_.truncate(written_);
    target_.seek(written_);
  }
  [[noreturn]] void refuse_existing() {
    target_.close();
    target_.refuse("the file exists; set .overwrite = true, or name another file");
  }

  WEIR_COLD void spill() { staged_ ? spool_.appended() : flush(); }
  WEIR_COLD sink_segment close_direct(std::uint64_t epoch) {
    if (!target_.is_open()) open_new();
    flush();
    auto const file = std::make_shared<os_file>(who_, target_.path());
    file->adopt(::dup(target_.descriptor()));
    if (!file->is_open()) target_.fail("open the file again", errno);
    auto const make_durable = [file] {
      if (file->is_regular()) file->sync();
    };
    return {commitment_bytes(staged_commitment{.target = target_.path(), .offset = written_, .epoch = epoch}),
            make_durable, [] {}};
  }

  std::string who_;
  bool overwrite_;
  bool staged_;
  bool from_savepoint_;
  bool quotes_;
  std::string header_;
  os_file target_;
  bool moved_ = false;         // there is no target of this job yet, although something has been committed
  bool claimed_ = false;       // it is claimed, and nothing committed for it
  bool missing_ = false;       // it was not there when this run began
  bool empties_ = false;       // it was, and is to be emptied first
  std::uint64_t written_ = 0;  // bytes that belong to the target up to the open segment
  segment_spool spool_;        // the open segment
};

using staged_file = basic_staged_file<>;

// The running side of a sink whose records become lines of text in one file. Rows: row(text_buffer&, record).
template <class T, class Rows>
class staged_writer : public record_writer<staged_writer<T, Rows>, T> {
 public:
  staged_writer(Rows rows, staged_options options, sink_context const& context)
      : rows_(std::move(rows)), file_(std::move(options), context) {}

  void flush() { file_.flush(); }
  void finish() { file_.finish(); }
  void recover(std::optional<std::string_view> commitment, std::uint64_t epoch) {
    file_.recover(commitment, epoch);
  }
  bool moved() const { return file_.moved(); }
  bool claimed() const { return file_.claimed(); }
  std::string target() const { return file_.target(); }
  std::optional<std::string> claim() const { return file_.claim(); }
  sink_segment close_segment(std::uint64_t epoch) { return file_.close_segment(epoch); }

 private:
  friend record_writer<staged_writer<T, Rows>, T>;

  void put(T const& value) {
    rows_.row(file_.buffer(), value);
    file_.appended();
  }

  Rows rows_;
  staged_file file_;
};

}  // namespace weir::detail
