// inspection: what a state directory or a savepoint holds, read without the program that wrote it.
#pragma once

#include <weir/checkpoint/commit.hpp>
#include <weir/checkpoint/savepoint_format.hpp>
#include <weir/checkpoint/state_form.hpp>
#include <weir/core/paths.hpp>
#include <weir/error.hpp>
#include <weir/state/entry_sums.hpp>
#include <weir/state/layout.hpp>
#include <weir/state/lmdb_pages.hpp>
#include <weir/state/read_environment.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

// One entry of a state, or a timer. The views are valid until the function that is given it returns.
struct stored_entry {
  state_entry const* state = nullptr;
  detail::state_form const* form = nullptr;
  bool timer = false;
  std::uint16_t key_group = 0;
  std::optional<timestamp> window_end{};  // of a state in windows
  timestamp due{};                        // of a timer: when it is looked at, at the latest
  std::string_view key{};                 // bytes of key_codec
  bool has_map_key = false;
  std::string_view map_key{};  // bytes of key_codec
  std::string_view value{};    // bytes of the state's codec
};

// Reads a state directory, also while a job uses it, and a savepoint. What is read was committed at one moment, as long as that
// takes no longer than `longest`: then the job gets its pages back, and reading goes on with what is committed by then
// (instants() counts). Writes nothing there but LMDB's table of readers.
//
// For a process that does not run the job itself, and that may die: a damaged file can crash LMDB.
// Errors: store_error where there is nothing to read; detail::damaged_store, restore_error where it is damaged.
class inspection {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit inspection(std::string path, std::chrono::nanoseconds longest = std::chrono::seconds{5})
      : path_(std::move(path)), longest_(longest) {
    if (detail::is_folder(path_)) {
      environment_ = std::make_unique<detail::read_environment>(path_);
      begin();
    } else {
      if (!detail::is_there(path_))
        throw store_error("weir: " + path_ + ": there is no such directory or savepoint");
      // To its end: what stands before a damaged block must not be told either.
      detail::savepoint_reader(path_).for_each(
          [&](detail::database d, std::string_view key, std::string_view payload) {
            if (d == detail::database::meta) keep_meta(key, payload);
          });
      understand();
      instants_ = 1;
    }
  }

  std::string const& path() const { return path_; }
  bool is_savepoint() const { return environment_ == nullptr; }
  // What was committed when reading began, or last went on. Nothing: no checkpoint has been made.
  std::optional<commit> const& committed() const { return commit_; }
  std::uint16_t key_groups() const { return layout_.key_groups; }
  std::vector<state_entry> const& states() const { return layout_.states; }
  detail::state_form const& form(std::uint32_t id) const { return forms_[id]; }
  // From how many commits the entries came that were read so far.
  std::size_t instants() const { return instants_; }
  // Of the file, and how many of them LMDB uses or has in reserve.
  std::uint64_t file_bytes() const {
    auto const size = detail::size_of_file(is_savepoint() ? path_ : detail::join_path(path_, "data.mdb"));
    if (!size) throw store_error("weir: " + path_ + ": cannot ask for the size; it is gone, or not to be read");
    return *size;
  }
  std::uint64_t used_bytes() const { return environment_ ? environment_->used_bytes() : file_bytes(); }

  // What is wrong is told to this, and reading goes on where it can.
  using report = std::function<void(std::string const&)>;

  // f(stored_entry const&) for each entry of all states and each timer; of `only` where it is given. Without a report the first
  // damage is thrown.
  template <class F>
  void for_each(F f, report const& damaged = {}, std::optional<std::uint32_t> only = {}) {
    for_each_raw(
        [&](detail::database d, std::string_view key, std::string_view payload) {
          stored_entry e;
          std::string const problem = understand(d, key, payload, e);
          if (problem.empty())
            f(static_cast<stored_entry const&>(e));
          else
            tell(damaged, place(d, key) + " " + problem);
        },
        damaged, only);
  }
  // What is stored for one key of a state: f(stored_entry const&) for each window and each key in the map.
  template <class F>
  void for_key(std::uint32_t id, std::string_view key, F f) {
    std::uint16_t const group = key_group(key, key_groups());
    auto const give = [&](detail::database d, std::string_view whole_key, std::string_view payload) {
      stored_entry e;
      std::string const problem = understand(d, whole_key, payload, e);
      if (!problem.empty()) tell({}, place(d, whole_key) + " " + problem);
      if (e.key == key && e.state->id == id) f(static_cast<stored_entry const&>(e));
    };
    if (is_savepoint()) return for_each_raw(give, {}, id);
    std::string at, prefix;
    detail::append_state_prefix(at, id, group, {});
    std::string const plain = at + std::string(key);
    scan(detail::database::state, plain, plain, give, {});
    at.back() = '\1';
    std::string const windows = at;
    // From window to window: a few reads for each.
    while (auto const end = window_at(at, windows)) {
      prefix.clear();
      detail::append_state_prefix(prefix, id, group, {true, *end});
      prefix += key;
      scan(detail::database::state, prefix, prefix, give, {});
      if (*end == max_time) break;
      at.clear();
      detail::append_state_prefix(at, id, group, {true, *end + tick});
    }
  }

  // Who waits for something else in the middle of reading, ends the moment: reading goes on with what is committed then.
  bool overdue() const { return environment_ && std::chrono::steady_clock::now() - began_ > longest_; }
  time_point deadline() const { return began_ + std::chrono::duration_cast<time_point::duration>(longest_); }
  void let_go() { released_ = environment_ != nullptr; }

  // f(database, whole key, payload) for each entry but those of `meta`.
  template <class F>
  void for_each_raw(F f, report const& damaged, std::optional<std::uint32_t> only = {}) {
    std::string prefix;
    if (only) detail::append_big(prefix, *only);
    if (is_savepoint()) {
      detail::savepoint_reader(path_).for_each(
          [&](detail::database d, std::string_view key, std::string_view payload) {
            if (d != detail::database::meta && key.starts_with(prefix)) f(d, key, payload);
          });
      return;
    }
    if (!environment_->reading()) begin();
    std::size_t const instants = instants_;
    detail::entry_sums found;
    for (detail::database d : {detail::database::state, detail::database::timers}) {
      std::size_t const n = scan(d, prefix, prefix, f, damaged, only ? nullptr : &found);
      // Of another commit other entries have been counted.
      if (!only && instants == instants_ && n != environment_->entries(d))
        tell(damaged, "LMDB counts " + std::to_string(environment_->entries(d)) + " entries of " +
                          detail::database_names[static_cast<std::size_t>(d)] + ", and " + std::to_string(n) +
                          " are there");
    }
    if (!only && instants == instants_) compare(found, damaged);
  }

  // Whether LMDB's pages fit together, without LMDB. False: it could not be told, for the job has made a checkpoint meanwhile or
  // the format of the file is another one. A savepoint has none.
  bool check_pages(report const& damaged) {
    if (is_savepoint()) return true;
    begin();
    std::uint64_t const of = transaction_;
    // As long as no other commit was made, nothing is written where this one is.
    auto const still = [&] {
      if (overdue()) begin();
      return transaction_ == of;
    };
    return detail::lmdb_pages(detail::join_path(path_, "data.mdb"), environment_->page_size(), damaged, still)
        .check(of);
  }

  // "the entry of "sum"/"value", key group 3, key 0x0000...": where damage is.
  std::string place(detail::database d, std::string_view key) const {
    std::string text = d == detail::database::timers ? "the timer" : "the entry";
    if (key.size() >= 6) {
      auto const id = detail::load_big<std::uint32_t>(key.data());
      if (id < states().size()) text += " of \"" + states()[id].full_name() + "\"";
      text += ", key group " + std::to_string(detail::load_big<std::uint16_t>(key.data() + 4));
    }
    text += ", key 0x";
    for (char c : key.substr(0, 64)) {
      text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
      text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
    return text + (key.size() > 64 ? "..." : "");
  }

 private:
  void tell(report const& damaged, std::string const& what) const {
    if (!damaged)
      throw detail::damaged_store(
          "weir: " + path_ + ": " + what +
          "; the file is damaged: weir fsck says where, restore a savepoint to a new directory");
    damaged(what);
  }

  // With what was counted and summed when it was written.
  void compare(detail::entry_sums const& found, report const& damaged) const {
    if (!meta_sums_) return;
    auto const written = detail::entry_sums::from_bytes(*meta_sums_);
    detail::for_each_difference(written, found, [&](detail::entry_sum const& was, detail::entry_sum const& is) {
      tell(damaged,
           detail::difference_text(was.id < states().size() ? "\"" + states()[was.id].full_name() + "\""
                                                            : "state " + std::to_string(was.id),
                                   was, is));
    });
  }

  // ---- One moment of the directory
  void begin() {
    environment_->begin();
    began_ = std::chrono::steady_clock::now();
    released_ = false;
    if (environment_->transaction() != std::exchange(transaction_, environment_->transaction())) ++instants_;
    meta_layout_.reset(), meta_commit_.reset(), meta_sums_.reset();
    detail::read_environment::cursor at(*environment_, detail::database::meta);
    std::size_t n = 0;
    for (bool there = at.seek({}); there; there = at.next(), ++n)
      detail::each_item(
          at.key(), at.value(),
          [&](std::string_view key, std::string_view payload) {
            keep_meta(key, payload);
            return true;
          },
          [&] { tell({}, "the record \"" + std::string(at.key()) + "\" fails its checksum"); });
    if (n != environment_->entries(detail::database::meta)) tell({}, "records are missing");
    understand();
  }
  void keep_meta(std::string_view key, std::string_view payload) {
    if (key == "layout") meta_layout_ = payload;
    if (key == detail::commit_name) meta_commit_ = payload;
    if (key == detail::sums_name) meta_sums_ = payload;
  }
  void understand() {
    if (!meta_layout_ && !meta_commit_) {
      commit_.reset();
      return;
    }
    if (!meta_layout_ || !meta_commit_)
      tell({}, std::string("the record \"") + (meta_layout_ ? "commit" : "layout") + "\" is missing");
    try {
      auto const version = byte_reader(*meta_layout_).little<std::uint32_t>();
      if (version != detail::layout_version)
        throw restore_error("weir: " + path_ + ": the state has version " + std::to_string(version) +
                            " of the layout and this program knows version " +
                            std::to_string(detail::layout_version) + "; use the weir that wrote it");
      layout_ = {};
      decode(*meta_layout_, layout_);
      decode(*meta_commit_, commit_.emplace());
    } catch (format_error const& e) {
      tell({}, std::string("its records cannot be read (") + e.what() + ")");
    }
    commit_->key_groups = layout_.key_groups;
    commit_->states = layout_.states;
    forms_.clear();
    for (std::size_t i = 0; i < states().size(); ++i) {
      if (states()[i].id != i) tell({}, "the list of states has other numbers than places");
      forms_.emplace_back(states()[i]);
    }
    if (layout_.key_groups == 0) tell({}, "the number of key groups is 0");
  }

  // How many stored keys there were. All that begin with `prefix` (a whole key's), from `first` on.
  template <class F>
  std::size_t scan(detail::database d, std::string_view first, std::string_view prefix, F& f,
                   report const& damaged, detail::entry_sums* found = nullptr) {
    progress at{.last = std::string(detail::cut_prefix(first))};
    do {
      if (!environment_->reading()) begin();
    } while (scan_moment(d, prefix, f, damaged, at, found));
    return at.count;
  }
  struct progress {
    std::string last;
    std::size_t count = 0;
  };
  // True where it is not at the end and the moment is over.
  template <class F>
  bool scan_moment(detail::database d, std::string_view prefix, F& f, report const& damaged, progress& at,
                   detail::entry_sums* found) {
    std::string_view const cut = detail::cut_prefix(prefix);
    detail::read_environment::cursor cursor(*environment_, d);
    bool there = cursor.seek(at.last);
    if (there && at.count != 0 && cursor.key() == at.last) there = cursor.next();
    for (; there && cursor.key().starts_with(cut); there = cursor.next()) {
      std::string_view const key = cursor.key();
      // A page that stands in two places of a tree: it may have no end.
      if (at.count != 0 && key <= at.last) {
        tell(damaged, place(d, key) + " is not in its place");
        return false;
      }
      at.last = key;
      ++at.count;
      if (found != nullptr) found->add(d, key, cursor.value());
      detail::each_item(
          key, cursor.value(),
          [&](std::string_view whole_key, std::string_view payload) {
            std::string room;
            if (detail::stored_key(whole_key, room) != key)
              tell(damaged, place(d, key) + " holds another key");
            else if (whole_key.starts_with(prefix))
              f(d, whole_key, payload);
            return true;
          },
          [&] { tell(damaged, place(d, key) + " fails its checksum"); });
      if (released_ || (at.count % 64 == 0 && overdue())) {
        released_ = true;
        break;
      }
    }
    if (!released_) return false;
    cursor.close();
    environment_->end();
    released_ = false;
    return there;
  }
  // The end of the first window at or behind `at`, which has these bytes before it.
  std::optional<timestamp> window_at(std::string_view at, std::string_view windows) {
    if (!environment_->reading()) begin();
    detail::read_environment::cursor cursor(*environment_, detail::database::state);
    if (!cursor.seek(at) || !cursor.key().starts_with(windows) || cursor.key().size() < 15) return std::nullopt;
    return detail::load_time(cursor.key().data() + 7);
  }

  // Empty, or what is wrong with the key.
  std::string understand(detail::database d, std::string_view key, std::string_view payload,
                         stored_entry& e) const {
    e.timer = d == detail::database::timers;
    if (key.size() < (e.timer ? detail::timer_prefix_size : 7)) return "is too short";
    auto const id = detail::load_big<std::uint32_t>(key.data());
    if (id >= states().size() || states()[id].uid.empty()) return "belongs to no state that is known";
    e.state = &states()[id];
    e.form = &forms_[id];
    if ((e.state->kind == state_kind::timers) != e.timer)
      return std::string("belongs to a state of kind ") + std::string(to_string(e.state->kind));
    e.key_group = detail::load_big<std::uint16_t>(key.data() + 4);
    e.value = payload;
    if (e.timer) {
      e.due = detail::load_time(key.data() + 6);
      e.key = key.substr(detail::timer_prefix_size);
    } else {
      bool const windowed = key[6] == '\1';
      if ((key[6] != '\0' && !windowed) || key.size() < (windowed ? 15 : 7)) return "has a damaged key";
      if (windowed) e.window_end = detail::load_time(key.data() + 7);
      e.key = key.substr(windowed ? 15 : 7);
    }
    try {
      if (auto const n = e.timer ? e.key.size() : e.form->key_size(e.key)) {
        e.has_map_key = !e.timer && e.form->map;
        e.map_key = e.key.substr(*n);
        e.key = e.key.substr(0, *n);
      }
    } catch (format_error const& wrong) {
      return std::string("has a damaged key (") + wrong.what() + ")";
    }
    return "";
  }

  std::string path_;
  std::chrono::nanoseconds longest_;
  std::unique_ptr<detail::read_environment> environment_;
  time_point began_{};
  bool released_ = false;
  std::uint64_t transaction_ = ~std::uint64_t{0};
  std::size_t instants_ = 0;
  std::optional<std::string> meta_layout_, meta_commit_, meta_sums_;
  detail::layout_record layout_;
  std::optional<commit> commit_;
  std::vector<detail::state_form> forms_;
};

}  // namespace weir
