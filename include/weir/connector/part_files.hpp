// part_files: the files of one directory sink on disk, by name, and what a commit knows of them.
//   <directory>/<bucket>/.part-<uid>-<number>.csv.inprogress   is written, or waits for the commit that publishes it
//   <directory>/<bucket>/part-<uid>-<number>.csv               is finished
#pragma once

#include <weir/connector/os_file.hpp>
#include <weir/core/paths.hpp>
#include <weir/error.hpp>
#include <weir/state/codec.hpp>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace weir::detail {

struct saved_part {
  std::string bucket;  // its folder in the directory; empty: the directory itself
  std::uint64_t number = 0;
  std::uint64_t length = 0;  // bytes
  std::int64_t created = 0;  // ticks of processing time: its first record, its last one
  std::int64_t touched = 0;
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.bucket, r.number, r.length, r.created, r.touched);
  }
};
struct part_commitment {
  std::string directory;  // absolute
  std::string extension;
  std::uint64_t epoch = 0;  // 0: a claim on the directory
  std::uint64_t next = 0;   // the number of the next part
  std::vector<saved_part> pending{};
  std::vector<saved_part> open{};
  bool empties = false;  // a claim: the sink's files that are there go, before anything is written
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.directory, r.extension, r.epoch, r.next, r.pending, r.open, r.empties);
  }
};

struct found_part {
  std::string path;
  std::uint64_t number;
  bool finished;
};

// Where the parts of one sink are. The number of a part is used once in all buckets.
struct part_place {
  std::string who;
  std::string directory;
  std::string prefix;     // part-<uid>-
  std::string extension;  // .csv
  bool staged = false;    // parts are finished by commits only

  std::string folder(std::string_view bucket) const {
    return bucket.empty() ? directory : join_path(directory, bucket);
  }
  std::string finished(std::string_view bucket, std::uint64_t number) const {
    return join_path(folder(bucket), prefix + std::to_string(number) + extension);
  }
  std::string in_progress(std::string_view bucket, std::uint64_t number) const {
    return join_path(folder(bucket), "." + prefix + std::to_string(number) + extension + ".inprogress");
  }

  // The sink's own files that are there. What anybody else has put there is not looked at.
  std::vector<found_part> found() const {
    std::vector<found_part> all;
    if (int const number = find_in(directory, all); number != 0 && (number != ENOENT || is_there(directory)))
      os_file(who, directory).fail("list the folder", number);
    return all;
  }

 private:
  // With what lies in folders below; 0, or the error number.
  int find_in(std::string const& place, std::vector<found_part>& all) const {
    return list_folder(place, [&](std::string const& name, bool is_folder) {
      bool const done = !name.starts_with('.');
      if (auto const number = number_in(done ? name : std::string_view(name).substr(1),
                                        done ? extension : extension + ".inprogress"))
        all.push_back({join_path(place, name), *number, done});
      return is_folder ? find_in(join_path(place, name), all) : 0;
    });
  }
  std::optional<std::uint64_t> number_in(std::string_view name, std::string_view end) const {
    if (!name.starts_with(prefix) || !name.ends_with(end) || name.size() <= prefix.size() + end.size())
      return std::nullopt;
    name.remove_prefix(prefix.size());
    name.remove_suffix(end.size());
    std::uint64_t number = 0;
    auto const [stop, bad] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (bad != std::errc() || stop != name.data() + name.size()) return std::nullopt;
    return number;
  }
};

inline void remove_parts(part_place const& place, std::vector<std::string> const& paths) {
  std::set<std::string> folders;
  for (std::string const& path : paths) {
    if (int const number = remove_file(path)) os_file(place.who, path).fail("remove the file", number);
    folders.insert(parent_path(path));
  }
  for (std::string const& folder : folders) os_file(place.who, join_path(folder, "any")).sync_folder();
}

// Gives pending files their names for good. `again`: this may have been done already, and somebody may have taken the
// finished files away since.
inline void publish_parts(part_place const& place, std::vector<saved_part> const& pending, bool again) {
  std::set<std::string> folders;
  for (saved_part const& part : pending) {
    os_file const from(place.who, place.in_progress(part.bucket, part.number));
    std::string const to = place.finished(part.bucket, part.number);
    if (std::rename(from.path().c_str(), to.c_str()) != 0) {
      if (errno != ENOENT || !again) from.fail("give the finished file its name", errno);
      if (!is_folder(parent_path(to))) continue;
    }
    folders.insert(parent_path(to));
  }
  for (std::string const& folder : folders) os_file(place.who, join_path(folder, "any")).sync_folder();
}

// A part with bytes that are not durable yet.
struct written_part {
  std::shared_ptr<os_file> file;  // none: it has been closed since
  std::string bucket;
  std::uint64_t number;

  void make_durable(part_place const& place) {
    if (!file) {
      file = std::make_shared<os_file>(place.who, place.in_progress(bucket, number));
      int missing = file->try_open(O_RDONLY);
      if (missing == ENOENT && !place.staged) {  // it has been finished meanwhile
        *file = os_file(place.who, place.finished(bucket, number));
        missing = file->try_open(O_RDONLY);
        if (missing == ENOENT) return;  // and taken away
      }
      if (missing != 0) file->fail("open the file", missing);
    }
    file->sync();
    file.reset();
  }
};

// What has to be durable before a commit, and is published after it. Shares with the thread of the records only
// descriptors.
struct part_segment {
  part_place place;
  std::vector<written_part> files{};
  std::set<std::string> buckets{};  // with names that are new
  std::vector<saved_part> pending{};
  bool tried = false;

  void make_durable() {
    for (written_part& w : files) w.make_durable(place);
    // Whoever made a folder may have died before that was durable: those above are synced too.
    std::set<std::string> folders;
    for (std::string const& bucket : buckets)
      for (std::string at = place.folder(bucket);; at = parent_path(at)) {
        folders.insert(at);
        if (at == place.directory) {
          folders.insert(parent_path(at));
          break;
        }
      }
    for (std::string const& folder : folders) os_file(place.who, join_path(folder, "any")).sync_folder();
  }
  // Again where it has failed halfway.
  void publish() { publish_parts(place, pending, std::exchange(tried, true)); }
};

}  // namespace weir::detail
