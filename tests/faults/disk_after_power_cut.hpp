// What may be on a disk after the power has gone, by the record of a program's calls (log.hpp).
//
// Durable is what a sync has covered: the bytes of a file by a sync of the file, names by a sync of their folder. Of the rest
// any part may be there, in sectors of 512 bytes. After a sync that failed, what it should have covered is in the cache and
// never comes to the disk unless it is written again, however often the file is synced later.
#pragma once

#include "faults/read_log.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace weir_test {

enum class unsynced { lost, kept, some };

class disk_after_power_cut {
 public:
  disk_after_power_cut() { cached_["."] = durable_["."] = std::make_shared<node>(node{.folder = true}); }

  void apply(logged_call const& c) {
    switch (c.is.kind) {
      case 'w':
        return write(c);
      case 't':
        return at(c.path).waiting.push_back({.cuts = true, .offset = c.is.length});
      case 's':
        return sync(c.path);
      case 'S':
        return lose(c.path);
      case 'c':
        return rename({{c.path, std::make_shared<node>()}});
      case 'm':
        return rename({{c.path, std::make_shared<node>(node{.folder = true})}});
      case 'u':
        return rename({{c.path, nullptr}});
      case 'n':
        return rename({{c.path, nullptr}, {c.data, cached_[c.path]}});
      case 'l':
        return rename({{c.data, cached_[c.path]}});
    }
    FAIL("an unknown kind of call");
  }

  using image = std::map<std::string, std::pair<bool, std::string>>;  // a folder, or a file with its bytes

  image after(unsynced rest, std::mt19937_64& random) const {
    auto const keep = [&] { return rest == unsynced::kept || (rest == unsynced::some && random() % 2 == 0); };
    names all_names = durable_;
    for (change const& c : changes_)
      if (keep()) put(all_names, c);
    image all;
    for (auto const& [path, file] : all_names) {
      if (!file || !there(all_names, path)) continue;
      all[path] = {file->folder, file->bytes};
      std::string& bytes = all[path].second;
      for (patch const& p : file->waiting) {
        if (p.cuts) {
          if (keep()) bytes.resize(p.offset);
          continue;
        }
        // A file may have become longer without the bytes that made it so.
        if (rest == unsynced::some && random() % 4 == 0) grow(bytes, p.offset + p.data.size());
        for (std::size_t from = 0, n; from < p.data.size(); from += n) {
          n = std::min<std::size_t>(512 - (p.offset + from) % 512, p.data.size() - from);
          if (!keep()) continue;
          grow(bytes, p.offset + from + n);
          bytes.replace(p.offset + from, n, p.data, from, n);
        }
      }
    }
    return all;
  }

  static void build(image const& files, std::filesystem::path const& root) {
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
    for (auto const& [path, file] : files) {  // a folder comes before what is in it
      if (file.first)
        std::filesystem::create_directories(root / path);
      else
        std::ofstream(root / path, std::ios::binary) << file.second;
    }
  }

 private:
  struct patch {
    bool cuts = false;
    std::uint64_t offset = 0;
    std::string data{};
  };
  struct node {
    bool folder = false;
    std::string bytes{};
    std::vector<patch> waiting{};
  };
  using node_ptr = std::shared_ptr<node>;
  using names = std::map<std::string, node_ptr>;
  using change = std::vector<std::pair<std::string, node_ptr>>;  // at once; no node: the name goes

  static std::string folder_of(std::string const& path) {
    auto const slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
  }
  static bool there(names const& all, std::string const& path) {
    auto const found = all.find(path);
    if (found == all.end() || !found->second) return false;
    return path == "." || there(all, folder_of(path));
  }
  static void put(names& all, change const& c) {
    for (auto const& [path, file] : c) all[path] = file;
  }
  static void grow(std::string& bytes, std::size_t size) {
    if (bytes.size() < size) bytes.resize(size);
  }
  static void settle(node& file, patch const& p) {
    if (p.cuts) return file.bytes.resize(p.offset);
    grow(file.bytes, p.offset + p.data.size());
    file.bytes.replace(p.offset, p.data.size(), p.data);
  }

  node& at(std::string const& path) {
    node_ptr const file = cached_[path];
    if (!file) FAIL("a call to a file that was never made: " + path);
    return *file;
  }
  void write(logged_call const& c) {
    patch const p{.offset = c.is.offset, .data = c.data};
    // A write that syncs itself: LMDB's meta page. What waits for another sync goes on waiting.
    if (c.is.durable)
      settle(at(c.path), p);
    else
      at(c.path).waiting.push_back(p);
  }
  void sync(std::string const& path) {
    node& file = at(path);
    for (patch const& p : file.waiting) settle(file, p);
    file.waiting.clear();
    if (!file.folder) return;
    std::erase_if(changes_, [&](change const& c) {
      if (std::ranges::none_of(c, [&](auto const& one) { return folder_of(one.first) == path; })) return false;
      put(durable_, c);
      return true;
    });
  }
  void lose(std::string const& path) {
    // The length comes to the disk with the journal, and the bytes are zeros or what was there.
    for (patch const& p : at(path).waiting)
      if (p.cuts)
        at(path).bytes.resize(p.offset);
      else
        grow(at(path).bytes, p.offset + p.data.size());
    at(path).waiting.clear();
  }
  void rename(change const& c) {
    put(cached_, c);
    changes_.push_back(c);
  }

  names cached_, durable_;
  std::vector<change> changes_;
};

}  // namespace weir_test
