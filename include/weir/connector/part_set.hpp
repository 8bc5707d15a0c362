// part_set: the files of a directory sink that records go to, from the first record of each to where it is rolled.
#pragma once

#include <weir/connector/part_files.hpp>
#include <weir/connector/rolling_policy.hpp>
#include <weir/connector/staged_file.hpp>
#include <weir/core/paths.hpp>
#include <weir/core/sink.hpp>
#include <weir/error.hpp>
#include <weir/format/text_buffer.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weir::detail {

struct part_options {
  char const* noun;  // csv_directory, json_lines_directory
  std::string directory;
  std::string extension;
  std::string header;  // begins each file
  rolling_policy rolling;
  processing_clock clock;
  std::size_t open_files;
  bool overwrite;
};

// A file that records are appended to.
struct open_part {
  std::string bucket;
  std::uint64_t number = 0;
  std::uint64_t written = 0;  // bytes in the file
  std::size_t room = 0;       // bytes in the buffer at which something is to be done
  timestamp created{}, touched{};
  text_buffer buffer{};
  std::shared_ptr<os_file> file{};
  bool made = false;       // there is a file
  bool dirty = false;      // and what is in it is not durable yet
  bool live = false;       // has a buffer or a descriptor
  std::uint64_t used = 0;  // when it was looked up last
};

class part_set {
 public:
  part_set(part_options options, sink_context const& context)
      : options_(std::move(options)), staged_(context.exactly_once) {
    std::string const who = connector_name(options_.noun, "sink", context.uid);
    if (options_.directory.empty()) throw config_error(who + ": no path; name the directory to write to");
    if (options_.open_files == 0) throw config_error(who + ": open_files is 0; give a positive number");
    options_.rolling.check(who);
    if (!options_.clock)
      options_.clock = [] { return std::chrono::floor<duration>(std::chrono::system_clock::now()); };
    place_ = {who, absolute_folder(options_.directory),
              context.uid.empty() ? "part-" : "part-" + folder_name(context.uid) + "-", options_.extension,
              staged_};
    now_ = options_.clock();
  }

  timestamp now() const { return now_; }
  // The file that a bucket's records go to. Good until the next call of anything else.
  open_part& part_of(std::string const& bucket) {
    auto const [at, is_new] = parts_.try_emplace(bucket);
    open_part& part = at->second;
    if (is_new) {
      part.bucket = bucket;
      part.number = next_++;
      part.created = part.touched = now_;
      part.buffer.append(options_.header);
      due_ = earlier(due_, due_at(part));
    }
    part.used = ++uses_;
    if (!std::exchange(part.live, true) && ++live_ > options_.open_files) put_one_away();
    set_room(part);
    return part;
  }
  // To be called behind each record; false: the part may be gone.
  WEIR_INLINE bool appended(open_part& part) {
    part.touched = now_;
    if (part.buffer.size() < part.room) [[likely]]
      return true;
    return full(part);
  }
  // A batch has ended: false if parts may be gone.
  bool flush() {
    now_ = options_.clock();
    if (now_ < due_) return true;
    due_ = max_time;
    for (auto at = parts_.begin(); at != parts_.end();) {
      timestamp const due = due_at(at->second);
      if (due <= now_) {
        roll((at++)->second);
      } else {
        due_ = earlier(due_, due);
        ++at;
      }
    }
    return false;
  }
  // No more records will come: every file is done with.
  void roll_all() {
    while (!parts_.empty()) roll(parts_.begin()->second);
  }

 protected:
  // Every byte goes to its file, which the next segment makes durable. Gives what there is to go on with.
  std::vector<saved_part> write_all() {
    std::vector<saved_part> all;
    for (auto& [bucket, part] : parts_) {
      spill(part);
      if (std::exchange(part.dirty, false)) unsynced_.push_back({part.file, bucket, part.number});
      all.push_back(saved(part));
    }
    return all;
  }
  static saved_part saved(open_part const& part) {
    return {part.bucket, part.number, part.written, ticks(part.created), ticks(part.touched)};
  }
  part_segment take_segment() {
    return {place_, std::exchange(unsynced_, {}), std::exchange(named_, {}), std::exchange(pending_, {})};
  }
  timestamp due_at(open_part const& part) const {
    return earlier(saturating_add(part.created, options_.rolling.age),
                   saturating_add(part.touched, options_.rolling.inactivity));
  }
  void set_room(open_part& part) const {
    std::uint64_t const left = options_.rolling.size > part.written ? options_.rolling.size - part.written : 1;
    part.room = static_cast<std::size_t>(std::min<std::uint64_t>(left, staged_block));
  }

  WEIR_COLD bool full(open_part& part) {
    if (part.written + part.buffer.size() >= options_.rolling.size) {
      roll(part);
      return false;
    }
    spill(part);
    set_room(part);
    return true;
  }
  void spill(open_part& part) {
    if (part.buffer.empty()) return;
    if (!part.file) {
      auto file = std::make_shared<os_file>(place_.who, place_.in_progress(part.bucket, part.number));
      if (!part.made) make_bucket(part.bucket);
      file->open(part.made ? O_WRONLY : O_WRONLY | O_CREAT | O_TRUNC,
                 part.made ? "open the file again" : "make the file");
      part.made = true;
      part.file = std::move(file);
    }
    part.file->write_at(part.buffer.view(), part.written);
    part.written += part.buffer.size();
    part.dirty = true;
    part.buffer.clear();
  }
  void make_bucket(std::string const& bucket) {
    make_folder(place_.who, place_.folder(bucket));
    named_.insert(bucket);
  }
  // Too many are open: the one that was not asked for for the longest time waits on disk.
  WEIR_COLD void put_one_away() {
    open_part* oldest = nullptr;
    for (auto& [bucket, part] : parts_)
      if (part.live && (!oldest || part.used < oldest->used)) oldest = &part;
    spill(*oldest);
    oldest->file.reset();
    oldest->buffer = {};
    oldest->live = false;
    --live_;
  }
  void roll(open_part& part) {
    spill(part);
    if (part.dirty) unsynced_.push_back({part.file, part.bucket, part.number});
    if (staged_) {
      pending_.push_back(saved(part));
    } else {
      rename_part(part);
      named_.insert(part.bucket);
    }
    live_ -= part.live;
    parts_.erase(parts_.find(part.bucket));
    // No more descriptors than may be open, at the price of a wait.
    if (unsynced_.size() <= options_.open_files) return;
    unsynced_.front().make_durable(place_);
    unsynced_.erase(unsynced_.begin());
  }
  void rename_part(open_part const& part) {
    os_file const from(place_.who, place_.in_progress(part.bucket, part.number));
    if (std::rename(from.path().c_str(), place_.finished(part.bucket, part.number).c_str()) != 0)
      from.fail("give the finished file its name", errno);
  }

  open_part& known(saved_part const& said) {
    open_part& part = parts_[said.bucket];
    part.bucket = said.bucket;
    part.number = said.number;
    part.written = said.length;
    part.created = from_ticks(said.created);
    part.touched = from_ticks(said.touched);
    part.made = true;
    due_ = earlier(due_, due_at(part));
    return part;
  }

  part_options options_;
  part_place place_;
  bool staged_;
  timestamp now_{};
  timestamp due_ = max_time;  // not later than the first part that has to be rolled because of the time
  std::uint64_t next_ = 0;
  std::map<std::string, open_part> parts_;  // by bucket, in an order that is the same each time
  std::size_t live_ = 0;
  std::uint64_t uses_ = 0;
  std::vector<written_part> unsynced_;
  std::set<std::string> named_;  // buckets with names that are new
  std::vector<saved_part> pending_;
};

}  // namespace weir::detail
