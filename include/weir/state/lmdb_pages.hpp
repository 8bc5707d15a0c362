// lmdb_pages: whether the pages of a data file fit together. LMDB has no checksums, and believes what it reads: a wrong number in
// its list of free pages lets the next commit write over what is in use.
#pragma once

#include <weir/core/basic_file.hpp>
#include <weir/error.hpp>
#include <weir/state/bytes.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

// Of format 1 (LMDB 0.9) on a machine of 64 bits with the low byte first; in any other nothing is checked.
//
//   page      number (u64) | pad (u16) | flags (u16: 1 branch, 2 leaf, 4 overflow, 8 first page) | lower, upper (u16 each), or the
//             number of pages (u32) of an overflow | offsets of nodes (u16 each) up to lower | free | nodes from upper on
//   node      low, high, flags, key size (u16 each) | key | data
//             of a branch low, high and flags are the number of the page below; of a leaf low and high are the size of the data,
//             flags 1: the data is the number of an overflow page, flags 2: the record of a tree
//   tree      pad (u32) | flags, depth (u16 each) | branches, leaves, overflow pages, entries, root (u64 each)
//   first     (0 and 1, behind the header) magic, version (u32 each) | address, map size | tree of free pages, tree of names |
//             last page, transaction (u64 each)
// A free list is stored under the transaction that gave the pages up: how many, then their numbers, the highest first.
class lmdb_pages {
 public:
  using report = std::function<void(std::string const&)>;
  using file_type = basic_file<store_error>;

  // still(): whether the pages of the transaction are certainly as they were.
  lmdb_pages(std::string const& file, std::size_t page_size, report damaged, std::function<bool()> still)
      : file_("weir", file), page_size_(page_size), damaged_(std::move(damaged)), still_(std::move(still)) {
    file_.open(O_RDONLY, "open the file");
  }

  // Everything that the commit of `transaction` uses. False: that could not be told.
  bool check(std::uint64_t transaction) {
    if (sizeof(void*) != 8 || std::endian::native != std::endian::little) return false;
    std::string first;
    for (std::uint64_t i = 0; i < 2 && first.empty(); ++i) {
      std::string page = read(i, 1);
      if (page.size() == page_size_ && u64(page, 144) == transaction) first = std::move(page);
    }
    if (first.empty() || u32(first, 20) != 1 || u32(first, 40) != page_size_) return false;
    last_ = u64(first, 136);
    // The last pages may have been given up before they were written.
    if (last_ > file_.size() / page_size_ + (1 << 18))
      return tell("the first page counts too many pages"), true;
    used_.assign(static_cast<std::size_t>(last_) + 1, false);
    check_age();
    std::vector<std::pair<std::string, std::string>> free, names;
    whole_ = true;
    walk_tree("the list of free pages", tree_at(first, 40), 8, &free);
    walk_tree("the list of databases", tree_at(first, 88), 0, &names);
    if (names.size() != 3) tell("there are " + std::to_string(names.size()) + " databases and not 3");
    for (auto const& [name, record] : names)
      if (record.size() == 48) walk_tree(name, tree_at(record, 0), 0, nullptr);
    for (auto const& [key, list] : free) check_free(list);
    return whole_;
  }

 private:
  struct tree {
    std::uint16_t flags = 0, depth = 0;
    std::uint64_t branches = 0, leaves = 0, overflows = 0, entries = 0, root = 0;
  };
  using bound = std::optional<std::string>;

  static std::uint16_t u16(std::string_view b, std::size_t at) {
    return load_little<std::uint16_t>(b.data() + at);
  }
  static std::uint32_t u32(std::string_view b, std::size_t at) {
    return load_little<std::uint32_t>(b.data() + at);
  }
  static std::uint64_t u64(std::string_view b, std::size_t at) {
    return load_little<std::uint64_t>(b.data() + at);
  }
  static tree tree_at(std::string_view b, std::size_t at) {
    return {u16(b, at + 4),  u16(b, at + 6),  u64(b, at + 8), u64(b, at + 16),
            u64(b, at + 24), u64(b, at + 32), u64(b, at + 40)};
  }
  static std::string numbered(std::uint64_t page) { return "page " + std::to_string(page); }
  void tell(std::string const& what) { damaged_("data.mdb: " + what); }

  std::string read(std::uint64_t page, std::size_t count) const {
    std::string bytes(count * page_size_, '\0');
    bytes.resize(file_.read_at(bytes.data(), bytes.size(), page * page_size_));
    return bytes;
  }
  // False: it has a place already, or is none.
  bool take(std::uint64_t page, std::string const& who) {
    if (page < 2 || page > last_)
      return tell(who + " names " + numbered(page) + ", which does not exist"), false;
    if (used_[static_cast<std::size_t>(page)])
      return tell(who + " names " + numbered(page) + ", which is used elsewhere"), false;
    used_[static_cast<std::size_t>(page)] = true;
    return true;
  }

  // A transaction leaves a list of the pages that it gave up under its own number: so the first pages cannot be of other ages than
  // they say, and the newest commit is not taken for the one before.
  void check_age() {
    std::string said;
    // A job may be writing one at this moment.
    for (int attempt = 0; attempt < 100; ++attempt) {
      std::string older = read(0, 1), newer = read(1, 1);
      if (older.size() != page_size_ || newer.size() != page_size_) return;
      if (u64(older, 144) > u64(newer, 144)) std::swap(older, newer);
      std::uint64_t const before = last_free(tree_at(older, 40)), now = last_free(tree_at(newer, 40));
      if (before <= u64(older, 144) && now <= u64(newer, 144) && before <= now) return;
      said = "the first pages say transactions " + std::to_string(u64(older, 144)) + " and " +
             std::to_string(u64(newer, 144)) + ", and others wrote them";
    }
    tell(said);
  }
  // The highest number in a list of free pages; 0 where there is none, or it cannot be read.
  std::uint64_t last_free(tree const& of) const {
    std::uint64_t number = of.root;
    for (unsigned level = of.depth; level > 0 && level <= 32 && number < file_.size() / page_size_; --level) {
      std::string const page = read(number, 1);
      std::size_t const lower = page.size() == page_size_ ? u16(page, 12) : 0;
      std::size_t const at = lower >= 18 && lower <= page_size_ ? u16(page, lower - 2) : page_size_;
      if (at + 16 > page_size_) return 0;
      if (level == 1) return u16(page, at + 6) == 8 ? u64(page, at + 8) : 0;
      number = u32(page, at) | std::uint64_t{u16(page, at + 4)} << 32;
    }
    return 0;
  }

  void walk_tree(std::string const& name, tree const& said, std::uint16_t flags,
                 std::vector<std::pair<std::string, std::string>>* entries) {
    found_ = {};
    integer_keys_ = flags == 8;
    kept_ = entries;
    last_key_.reset();
    if (said.flags != flags) return tell("\"" + name + "\" has damaged flags");
    if (said.root != ~std::uint64_t{0}) {
      if (said.depth == 0 || said.depth > 32) return tell("\"" + name + "\" has a damaged depth");
      walk(name, said.root, said.depth, {}, {});
    }
    if (!whole_) return;
    if (found_.branches != said.branches || found_.leaves != said.leaves ||
        found_.overflows != said.overflows || found_.entries != said.entries)
      tell("\"" + name + "\" has " + std::to_string(found_.entries) + " entries in " +
           std::to_string(found_.branches + found_.leaves + found_.overflows) + " pages, and not " +
           std::to_string(said.entries) + " in " +
           std::to_string(said.branches + said.leaves + said.overflows));
  }
  // Of free pages keys are numbers.
  bool less(std::string_view a, std::string_view b) const {
    if (integer_keys_ && a.size() == 8 && b.size() == 8) return u64(a, 0) < u64(b, 0);
    return a < b;
  }
  // All keys are at or behind `low`, and before `high`.
  void walk(std::string const& name, std::uint64_t number, unsigned levels, bound const& low,
            bound const& high) {
    if (!whole_ || (++walked_ % 256 == 0 && !(whole_ = still_()))) return;
    if (!take(number, "\"" + name + "\"")) return;
    std::string const page = read(number, 1);
    if (page.size() != page_size_) return tell(numbered(number) + " is cut off");
    std::size_t const lower = u16(page, 12), upper = u16(page, 14);
    bool const leaf = levels == 1;
    if (u64(page, 0) != number || u16(page, 10) != (leaf ? 2 : 1) || lower < 18 || lower % 2 != 0 ||
        lower > upper || upper > page_size_)
      return tell(numbered(number) + " of \"" + name + "\" has a damaged header");
    ++(leaf ? found_.leaves : found_.branches);
    std::size_t const n = (lower - 16) / 2;
    std::size_t filled = 0;
    std::vector<std::pair<std::string, std::uint64_t>> below;
    for (std::size_t i = 0; i < n; ++i) {
      std::size_t const at = u16(page, 16 + 2 * i);
      if (at < upper || at + 8 > page_size_) return tell(numbered(number) + " has a damaged offset");
      std::size_t const key_size = u16(page, at + 6);
      std::uint64_t const size = u32(page, at);
      bool const big = leaf && (u16(page, at + 4) & 1) != 0;
      std::size_t const inside = !leaf ? 0 : big ? 8 : static_cast<std::size_t>(size);
      if (key_size > page_size_ - at - 8 || inside > page_size_ - at - 8 - key_size ||
          (leaf && u16(page, at + 4) > 2))
        return tell(numbered(number) + " has a damaged node");
      filled += (8 + key_size + inside + 1) / 2 * 2;
      std::string_view const key = std::string_view(page).substr(at + 8, key_size);
      if (leaf) {
        check_order(name, number, key, low, high);
        ++found_.entries;
        std::string const data =
            big ? overflow(name, u64(page, at + 8 + key_size), size) : page.substr(at + 8 + key_size, inside);
        if (kept_ != nullptr) kept_->emplace_back(key, data);
      } else {
        below.emplace_back(key, size | std::uint64_t{u16(page, at + 4)} << 32);
      }
    }
    if (filled != page_size_ - upper)
      return tell(numbered(number) + " has nodes of other sizes than it has room");
    for (std::size_t i = 0; i < below.size(); ++i) {
      bound const from = i == 0 ? low : bound(below[i].first);
      bound const to = i + 1 < below.size() ? bound(below[i + 1].first) : high;
      walk(name, below[i].second, levels - 1, from, to);
    }
  }
  void check_order(std::string const& name, std::uint64_t number, std::string_view key, bound const& low,
                   bound const& high) {
    bool const sound =
        (!last_key_ || less(*last_key_, key)) && (!low || !less(key, *low)) && (!high || less(key, *high));
    if (!sound) tell(numbered(number) + " of \"" + name + "\" has a key that is not in its place");
    last_key_ = key;
  }
  // The data there, where it is kept.
  std::string overflow(std::string const& name, std::uint64_t number, std::uint64_t size) {
    std::uint64_t const pages = (16 + size + page_size_ - 1) / page_size_;
    std::string const first = number <= last_ ? read(number, 1) : "";
    if (first.size() < 16 || u64(first, 0) != number || u16(first, 10) != 4 || u32(first, 12) != pages) {
      tell(numbered(number) + " of \"" + name + "\" is not the overflow of " + std::to_string(size) + " bytes");
      return "";
    }
    found_.overflows += pages;
    for (std::uint64_t i = 0; i < pages; ++i)
      if (!take(number + i, "\"" + name + "\"")) return "";
    return kept_ == nullptr
               ? ""
               : read(number, static_cast<std::size_t>(pages)).substr(16, static_cast<std::size_t>(size));
  }
  void check_free(std::string_view list) {
    if (list.size() < 8 || list.size() % 8 != 0 || u64(list, 0) > list.size() / 8 - 1)
      return tell("a list of free pages has a damaged size");
    for (std::size_t i = 1; i <= u64(list, 0); ++i) take(u64(list, 8 * i), "a list of free pages");
  }

  file_type file_;
  std::size_t page_size_;
  report damaged_;
  std::function<bool()> still_;
  std::uint64_t last_ = 0;
  std::vector<bool> used_;
  bool whole_ = true;
  std::size_t walked_ = 0;
  tree found_;
  bool integer_keys_ = false;
  bound last_key_;
  std::vector<std::pair<std::string, std::string>>* kept_ = nullptr;
};

}  // namespace weir::detail
