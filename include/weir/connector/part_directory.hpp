// part_directory: the files of a directory sink over restarts and commits, whatever the records look like.
#pragma once

#include <weir/checkpoint/commitment.hpp>
#include <weir/connector/part_files.hpp>
#include <weir/connector/part_set.hpp>
#include <weir/connector/staged_file.hpp>
#include <weir/core/paths.hpp>
#include <weir/core/sink.hpp>
#include <weir/error.hpp>
#include <weir/format/text_buffer.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

// Begins and goes on: what is on disk and what the last commit says become the files that records go to.
class part_directory : public part_set {
 public:
  part_directory(part_options options, sink_context const& context)
      : part_set(std::move(options), context), from_savepoint_(context.from_savepoint) {
    // With a state directory it depends on the last commit, which recover tells, what files that are there mean.
    if (context.state_directory.empty()) begin_new();
  }

  open_part& part_of(std::string const& bucket) {
    if (!begun_) begin_new();
    return part_set::part_of(bucket);
  }
  // Without checkpoints.
  void finish() {
    if (staged_) return;
    if (!begun_) begin_new();
    roll_all();
    take_segment().make_durable();
  }

  void recover(std::optional<std::string_view> commitment) {
    if (!commitment) return staged_ ? begin_new() : may_claim();
    part_commitment const said = read_commitment<part_commitment>(*commitment, place_.who);
    if (said.extension != place_.extension)
      throw restore_error(place_.who + ": the files of the last commit are *" + said.extension + ", and now *" +
                          place_.extension + " is to be written; give this sink another uid");
    moved_ = !is_here(said.directory);
    claimed_ = !moved_ && said.epoch == 0;
    if (moved_ && !from_savepoint_)
      throw restore_error(place_.who + ": the directory is now " + place_.directory +
                          ", and what is committed went to " + said.directory +
                          "; name that one again, or start anew with an empty state directory");
    next_ = said.next;
    if (claimed_) return begin_claimed(said);
    if (!moved_) return begin_again(said);
    refuse_nested(said.directory);
    if (staged_) {
      begin_new();
      copy_open(said);
    } else {
      may_claim();
      bring(said);
    }
  }

  // Whether recover has found that the directory is another one than what it was told of, so that it must be claimed.
  bool moved() const { return moved_; }
  // Whether recover was told of a claim and of no commit since.
  bool claimed() const { return claimed_; }
  std::string target() const { return join_path(place_.directory, "*" + place_.extension); }
  std::optional<std::string> claim() const {
    if (staged_) return std::nullopt;
    return commitment_bytes(part_commitment{.directory = place_.directory,
                                            .extension = place_.extension,
                                            .next = next_,
                                            .open = brought_,
                                            .empties = empties_});
  }
  sink_segment close_segment(std::uint64_t epoch) {
    if (!begun_) begin_new();
    if (options_.rolling.at_checkpoint) roll_all();
    part_commitment said{
        .directory = place_.directory, .extension = place_.extension, .epoch = epoch, .next = next_};
    said.open = write_all();
    auto const segment = std::make_shared<part_segment>(take_segment());
    std::string published = commitment_bytes(said);
    said.pending = segment->pending;
    return {commitment_bytes(said), [segment] { segment->make_durable(); }, [segment] { segment->publish(); },
            std::move(published)};
  }

 private:
  // A directory may have several names.
  bool is_here(std::string const& directory) const {
    return directory == place_.directory || same_file(directory, place_.directory);
  }
  // Beginning here would remove what is in progress there and has to come along.
  void refuse_nested(std::string const& then) const {
    std::string const here = canonical_path(place_.directory), there = canonical_path(then);
    if (!here.empty() && !there.empty() && (lies_in(here, there) || lies_in(there, here)))
      throw restore_error(place_.who + ": the directory is now " + place_.directory +
                          ", and that of the savepoint is " + then +
                          ": one lies in the other; name a directory beside it");
  }
  std::vector<std::string> others(bool finished) const {
    std::vector<std::string> paths;
    for (found_part& f : place_.found())
      if (f.finished == finished) paths.push_back(std::move(f.path));
    return paths;
  }
  [[noreturn]] void refuse_existing(std::string const& path) const {
    os_file(place_.who, path)
        .refuse(
            "the file exists, and the state is new; set .overwrite = true to remove what this sink wrote, or "
            "name another directory");
  }
  // Nothing has been committed. What is in progress is from a run that died.
  void begin_new() {
    begun_ = true;
    auto const finished = others(true);
    if (!finished.empty() && !options_.overwrite) refuse_existing(finished[0]);
    remove_parts(place_, finished);
    remove_parts(place_, others(false));
    make_folder(place_.who, place_.directory);
  }
  // The same for at_least_once, which leaves finished files alone before the claim is durable.
  void may_claim() {
    auto const finished = others(true);
    empties_ = !finished.empty();
    if (empties_ && !options_.overwrite) refuse_existing(finished[0]);
  }
  void begin_claimed(part_commitment const& said) {
    if (said.empties) remove_parts(place_, others(true));
    empties_ = false;
    brought_ = said.open;
    begin_again(said);
  }
  void begin_again(part_commitment const& said) {
    begun_ = true;
    for (saved_part const& part : said.pending) check_pending(part);
    publish_parts(place_, said.pending, true);
    std::set<std::string> known;
    std::set<std::uint64_t> numbers;
    for (saved_part const& part : said.open) {
      known.insert(place_.in_progress(part.bucket, part.number));
      numbers.insert(part.number);
    }
    std::vector<std::string> left;
    for (found_part const& f : place_.found()) {
      if (!f.finished) {
        if (!known.contains(f.path)) left.push_back(f.path);
      } else if (!staged_ || said.epoch == 0) {
        next_ = std::max(next_, f.number + 1);
      } else if (f.number >= said.next || numbers.contains(f.number)) {
        os_file(place_.who, f.path)
            .refuse("the file was not finished at the last commit (epoch " + std::to_string(said.epoch) +
                    "): the state is older than the directory; name another directory, or remove the files "
                    "that came later");
      }
    }
    remove_parts(place_, left);
    make_folder(place_.who, place_.directory);
    for (saved_part const& part : said.open) open_again(part, from_savepoint_ && said.epoch != 0);
  }
  void check_pending(saved_part const& part) const {
    os_file file(place_.who, place_.in_progress(part.bucket, part.number));
    if (int const missing = file.try_open(O_RDONLY)) {
      if (missing != ENOENT && missing != ENOTDIR) file.fail("open the file", missing);
    } else if (file.size() != part.length) {
      file.refuse("the file has " + std::to_string(file.size()) + " bytes, and " + std::to_string(part.length) +
                  " are committed; put it back, or restore the job from a savepoint");
    }
  }
  // What came after the commit comes again: it is cut off. At at_least_once a file that is not in progress has been finished
  // since, and taken away where that is not there either; but what a savepoint tells of may never have been here.
  void open_again(saved_part const& said, bool from_elsewhere) {
    os_file file(place_.who, place_.in_progress(said.bucket, said.number));
    if (int const missing = file.try_open(O_RDWR)) {
      if (missing == ENOENT && !staged_ &&
          (!from_elsewhere || is_there(place_.finished(said.bucket, said.number))))
        return;
      file.fail(
          ("open the file again, of which " + std::to_string(said.length) + " bytes are committed").c_str(),
          missing);
    }
    if (std::uint64_t const size = file.size(); size < said.length)
      file.refuse("the file has " + std::to_string(size) + " bytes, and " + std::to_string(said.length) +
                  " are committed; put it back, or restore the job from a savepoint");
    file.truncate(said.length);
    known(said);
  }
  // From a savepoint, into another directory, at at_least_once: what was in progress then comes along, and is durable before
  // the claim that tells of it.
  void bring(part_commitment const& said) {
    remove_parts(place_, others(false));
    copy_open(said);
    brought_ = write_all();
    take_segment().make_durable();
  }
  void copy_open(part_commitment const& said) {
    for (saved_part const& part : said.open) copy(part, said.directory);
  }
  // The beginning of a file, from wherever the job of then has it by now.
  void copy(saved_part const& said, std::string const& directory) {
    part_place then = place_;
    then.directory = directory;
    os_file from;
    for (int tries = 0; !from.is_open(); ++tries) {
      from = os_file(place_.who, tries % 2 == 0 ? then.in_progress(said.bucket, said.number)
                                                : then.finished(said.bucket, said.number));
      int const missing = from.try_open(O_RDONLY);
      if (missing != 0 && (tries == 2 || missing != ENOENT))
        from.fail(("copy the " + std::to_string(said.length) + " bytes that the savepoint needs").c_str(),
                  missing);
    }
    make_bucket(said.bucket);
    auto to = std::make_shared<os_file>(place_.who, place_.in_progress(said.bucket, said.number));
    to->open(O_WRONLY | O_CREAT | O_TRUNC, "make the file");
    auto const block = std::make_unique_for_overwrite<char[]>(staged_block);
    for (std::uint64_t at = 0; at != said.length;) {
      std::size_t const n = from.read_at(
          block.get(), static_cast<std::size_t>(std::min<std::uint64_t>(said.length - at, staged_block)), at);
      if (n == 0)
        from.refuse("the file has " + std::to_string(at) + " bytes, and the savepoint says " +
                    std::to_string(said.length) + "; put it back as it was");
      to->write_at({block.get(), n}, at);
      at += n;
    }
    known(said).dirty = true;
  }

  bool from_savepoint_;
  bool begun_ = false;
  bool moved_ = false;    // there is no directory of this job yet, although something has been committed
  bool claimed_ = false;  // this directory is claimed, and nothing committed for it
  bool empties_ = false;  // the sink's files that are there go first
  std::vector<saved_part> brought_;  // what the claim has besides: copies that nothing has been appended to
};

}  // namespace weir::detail
