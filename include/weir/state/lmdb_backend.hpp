// lmdb_backend: an open state directory. It knows which states and panes are in it, reads at one committed
// instant, and writes a checkpoint in one transaction.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/state/flush.hpp>
#include <weir/state/map_rows.hpp>
#include <weir/state/state_catalog.hpp>
#include <weir/state/state_evolution.hpp>
#include <weir/state/state_format.hpp>
#include <weir/state/stored_panes.hpp>
#include <weir/state/verify_store.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

struct lmdb_store;

namespace detail {

template <class Key, class Value, class Format>
class layered_table;

// How looks for keys that have not changed were answered.
struct look_counts {
  std::uint64_t memory = 0, hits = 0, misses = 0;  // by memory; by the file, that has the key or has not
};

}  // namespace detail

// Everything but commit() is for the one thread that processes records. (A template so that only those who use it pay for it.)
template <class = void>
class basic_lmdb_backend final : public detail::map_rows {
 public:
  template <class Key, class Value, class Format>
  using table = detail::layered_table<Key, Value, Format>;

  explicit basic_lmdb_backend(lmdb_store const& policy);
  // Error: store_error; restore_error where the state was created with another number of key groups.
  basic_lmdb_backend(std::string const& directory, std::size_t map_size, std::uint16_t key_groups,
                     bool verify = false)
      : environment_(directory, map_size), reader_(environment_) {
    if (key_groups == 0) throw config_error("weir::lmdb_store: key_groups is 0; it must be 1 or more");
    layout_.key_groups = key_groups;
    if (verify) detail::verify_first_pages(reader_);
    load();
    if (verify) detail::verify_entries(reader_, is_new() ? nullptr : &layout_);
  }
  basic_lmdb_backend(basic_lmdb_backend const&) = delete;
  basic_lmdb_backend& operator=(basic_lmdb_backend const&) = delete;

  std::string const& directory() const { return environment_.directory(); }
  std::uint16_t key_groups() const { return layout_.key_groups; }
  detail::lmdb_environment& environment() { return environment_; }
  detail::look_counts& looks() { return looks_; }

  // Nothing has ever been committed here.
  bool is_new() const { return !get_meta("layout"); }
  // Fills a new directory, in one transaction: each(put) calls put(database, whole key, payload) for every entry. Error:
  // as the constructor.
  template <class Each>
  void fill(Each each) {
    {
      detail::write_transaction txn(environment_);
      {
        detail::entry_writer out(environment_, txn);
        each([&](detail::database d, std::string_view whole_key, std::string_view payload) {
          out.put(d, whole_key, payload);
        });
      }
      txn.commit();
    }
    reader_.renew();
    load();
  }

  // The id of a state, given to it now where it is new. Error: restore_error where it was saved as something
  // else.
  WEIR_COLD std::uint32_t declare(std::string_view uid, state_declaration const& d,
                                  std::string_view key_schema) {
    std::uint32_t const id = find_state(uid, d.name);
    if (id == layout_.states.size()) {
      layout_.states.push_back({id, std::string(uid), d.name, d.kind, d.schema, std::string(key_schema)});
      declared_.push_back(true);
      panes_.resize(id + 1);
      layout_changed_ = true;
      return id;
    }
    state_entry const& known = layout_.states[id];
    if (known.kind != d.kind || known.schema != d.schema || known.key_schema != key_schema)
      plan_evolution(known, d, key_schema);
    declared_[id] = true;
    return id;
  }
  // The id under which an operator's timers are stored.
  std::uint32_t declare_timers(std::string_view uid, std::string_view key_schema) {
    return declare(uid, {"", state_kind::timers, ""}, key_schema);
  }
  // Every state that the store knows, by id.
  std::vector<state_entry> const& declarations() const { return layout_.states; }
  // Whether this program has declared the state.
  bool declared(std::uint32_t id) const { return declared_[id]; }
  // Whether the store knew it when it was opened.
  bool saved(std::uint32_t id) const { return id < saved_; }

  // Whether values have been declared with other schemas than they are stored with.
  bool must_evolve() const { return !evolving_.empty(); }
  // Writes them anew, in one transaction: before any of them is read. Error: store_error where one is damaged; then, and where a
  // migration throws, nothing is changed.
  WEIR_COLD void evolve() {
    {
      detail::write_transaction txn(environment_);
      for (detail::state_evolution const& change : evolving_)
        change.rewrite(environment_, txn,
                       [this](std::string_view key) { damaged(detail::database::state, key); });
      {
        detail::entry_writer out(environment_, txn);
        std::string layout;
        for (detail::state_evolution const& change : evolving_)
          layout_.states[change.id].schema = change.schema;
        encode(layout_, layout);
        out.put(detail::database::meta, "layout", layout);
      }
      txn.commit();
    }
    evolving_.clear();
    reader_.renew();
  }
  // What was saved and is not declared goes away with the next commit.
  WEIR_COLD void forget_undeclared() {
    for (state_entry& s : layout_.states) {
      if (declared_[s.id] || s.uid.empty()) continue;
      panes_[s.id] = {};
      s = {.id = s.id, .uid = "", .name = "", .kind = s.kind, .schema = "", .key_schema = ""};
      forgotten_.push_back(s.id);
      layout_changed_ = true;
    }
  }

  // To the last commit. What get and the like gave before is gone.
  void renew() {
    reader_.renew();
    movable_[0] = movable_[1] = 1 << 15;
  }
  // Whether a table may move so many entries between its layers: all tables together few after each renew(), for records
  // wait meanwhile. Large ones leave something for small ones, which gain most.
  bool may_move(std::size_t entries) {
    std::size_t& left = movable_[entries > 4096];
    if (entries > left) return false;
    left -= entries;
    return true;
  }

  // What is stored under a whole key of `state`, valid until renew(). Error: store_error where it is damaged.
  std::optional<std::string_view> get(std::string_view whole_key) const override {
    return get(detail::database::state, whole_key);
  }
  std::optional<std::string_view> get_meta(std::string_view name) const {
    return get(detail::database::meta, name);
  }
  // f(whole key, payload) for each entry whose whole key begins with the prefix. Those with short keys come in
  // order of their keys. f may read from the backend.
  template <class F>
  void scan(std::string_view prefix, F f) {
    scan_range(detail::database::state, detail::cut_prefix(prefix), detail::cut_prefix(prefix),
               [&](std::string_view whole_key, std::string_view payload) {
                 if (whole_key.starts_with(prefix)) f(whole_key, payload);
                 return true;
               });
  }
  void scan(std::string_view first, std::string_view prefix,
            std::function<bool(std::string_view, std::string_view)> const& f) override {
    scan_range(detail::database::state, detail::cut_prefix(first), detail::cut_prefix(prefix),
               [&](std::string_view whole_key, std::string_view payload) {
                 return !whole_key.starts_with(prefix) || f(whole_key, payload);
               });
  }

  // f(time, key bytes) for an operator's stored timers from the first time to the last, both included, group
  // after group in order of time.
  template <class F>
  void for_each_timer(std::uint32_t operator_id, timestamp first, timestamp last, F f) {
    for (unsigned group = 0; group < key_groups(); ++group) scan_timers(operator_id, group, first, last, f);
  }
  // The earliest stored timer of one group.
  std::optional<timestamp> first_timer(std::uint32_t operator_id, std::uint16_t group) {
    std::optional<timestamp> found;
    scan_timers(operator_id, group, min_time, max_time, [&](timestamp at, std::string_view) {
      found = at;
      return false;
    });
    return found;
  }
  // The earliest stored timer of each group that has one: {group, time}.
  std::vector<std::pair<std::uint16_t, timestamp>> first_timers(std::uint32_t operator_id) {
    std::vector<std::pair<std::uint16_t, timestamp>> found;
    for (unsigned group = 0; group < key_groups(); ++group)
      if (auto const at = first_timer(operator_id, static_cast<std::uint16_t>(group)))
        found.emplace_back(static_cast<std::uint16_t>(group), *at);
    return found;
  }

  // f(time, key bytes) as for_each_timer; gives the time of the earliest one behind them, max_time: there is none.
  template <class F>
  WEIR_COLD timestamp read_timers(std::uint32_t operator_id, timestamp first, timestamp last, F f) {
    timestamp behind = max_time;
    for (unsigned group = 0; group < key_groups(); ++group)
      scan_timers(operator_id, group, first, max_time, [&](timestamp at, std::string_view key_bytes) {
        if (at <= last) return f(at, key_bytes), true;
        behind = earlier(behind, at);
        return false;
      });
    return behind;
  }

  // Which panes of a state the store has (or will have with the next commit): the ends of their windows, in
  // order.
  std::vector<timestamp> const& panes(std::uint32_t state) const { return panes_[state].ends(); }
  bool holds(std::uint32_t state, detail::state_namespace space) const { return panes_[state].holds(space); }
  // A frozen layer of it is on its way to the store.
  void will_hold(std::uint32_t state, detail::state_namespace space) { panes_[state].add(space); }
  // Everything in it goes away with the next commit, before what is written by that commit.
  void drop(std::uint32_t state, detail::state_namespace space) {
    if (panes_[state].remove(space)) drops_.push_back({state, space});
  }

  // At the barrier: what the backend itself has to write. Call it once for each plan.
  WEIR_COLD void freeze(detail::flush_plan& plan) {
    plan.drops.insert(plan.drops.end(), drops_.begin(), drops_.end());
    drops_.clear();
    plan.forgotten = std::exchange(forgotten_, {});
    if (!layout_changed_) return;
    encode(layout_, plan.meta.emplace_back("layout", "").second);
    layout_changed_ = false;
  }
  // Writes the plan in one transaction and syncs it. May run on another thread while records are processed;
  // afterwards renew() and the tables' flushed() follow on the thread of the records. Error: store_error; then
  // nothing is changed and the same plan may be committed again, unless the store must be reopened.
  void commit(detail::flush_plan const& plan) {
    environment_.forget_dead_readers();
    detail::flush_writer writer;
    plan.write(writer, layout_.key_groups);
    writer.apply(environment_);
  }

 private:
  WEIR_COLD void plan_evolution(state_entry const& known, state_declaration const& d,
                                std::string_view key_schema) {
    for (detail::state_evolution const& e : evolving_)
      if (e.id == known.id && e.schema == d.schema) return;
    if (known.kind != d.kind || known.key_schema != key_schema || d.facts == nullptr)
      refuse(known, d, key_schema, "");
    detail::stored_form const old = detail::form_of(known.kind, known.schema),
                              now = detail::form_of(d.kind, d.schema);
    if (old.frame != now.frame || old.repeated != now.repeated) refuse(known, d, key_schema, "");
    detail::transcoder change(old.unit, d.facts());
    if (auto const problem = change.problem()) refuse(known, d, key_schema, *problem);
    evolving_.push_back({known.id, std::move(change), old.repeated, d.schema});
  }
  // What the directory says of itself.
  WEIR_COLD void load() {
    std::optional<std::string_view> const stored = get_meta("layout");
    if (!stored) return;
    check_version(*stored);
    std::uint16_t const asked = layout_.key_groups;
    decode(*stored, layout_);
    layout_changed_ = false;
    if (layout_.key_groups != asked)
      throw restore_error("weir::lmdb_store: the state in " + directory() + " was created with " +
                          std::to_string(layout_.key_groups) + " key groups and the program asks for " +
                          std::to_string(asked) + "; the number cannot change: set lmdb_store::key_groups to " +
                          std::to_string(layout_.key_groups));
    panes_.resize(layout_.states.size());
    detail::lmdb_cursor cursor(environment_, reader_.handle(), detail::database::state);
    for (std::size_t i = 0; i < layout_.states.size(); ++i) {
      state_entry const& s = layout_.states[i];
      if (s.id != i) throw store_error("weir::lmdb_store: " + directory() + ": its list of states is damaged");
      if (s.uid.empty() || s.kind == state_kind::timers) continue;
      panes_[i].find(cursor, s.id);
    }
    declared_.resize(layout_.states.size(), false);
    saved_ = layout_.states.size();
  }
  // The number of states where there is no such one.
  std::uint32_t find_state(std::string_view uid, std::string_view name) const {
    std::uint32_t id = 0;
    while (id < layout_.states.size() && (layout_.states[id].uid != uid || layout_.states[id].name != name))
      ++id;
    return id;
  }

  std::optional<std::string_view> get(detail::database d, std::string_view whole_key) const {
    std::string room;
    std::string_view const key = detail::stored_key(whole_key, room);
    std::optional<std::string_view> const value = reader_.get(d, key);
    if (!value) return std::nullopt;
    std::optional<std::string_view> found;
    detail::each_item(
        key, *value,
        [&](std::string_view k, std::string_view payload) {
          if (k == whole_key) found = payload;
          return true;
        },
        [&] { damaged(d, key); });
    return found;
  }
  // f(whole key, payload) from the first stored key >= first, while stored keys begin with `prefix` and f says
  // true.
  template <class F>
  void scan_range(detail::database d, std::string_view first, std::string_view prefix, F f) {
    detail::lmdb_cursor cursor(environment_, reader_.handle(), d);
    bool more = true;
    for (bool there = cursor.seek(first); there && more && cursor.key().starts_with(prefix);
         there = cursor.next())
      detail::each_item(
          cursor.key(), cursor.value(),
          [&](std::string_view whole_key, std::string_view payload) { return more = f(whole_key, payload); },
          [&] { damaged(d, cursor.key()); });
  }
  template <class F>
  void scan_timers(std::uint32_t operator_id, unsigned group, timestamp first, timestamp last, F&& f) {
    std::string prefix, start;
    detail::append_group_prefix(prefix, operator_id, static_cast<std::uint16_t>(group));
    detail::append_timer_prefix(start, operator_id, static_cast<std::uint16_t>(group), first);
    scan_range(detail::database::timers, start, prefix, [&](std::string_view whole_key, std::string_view) {
      timestamp const at = detail::load_time(whole_key.data() + prefix.size());
      if (at > last) return false;
      std::string_view const key_bytes = whole_key.substr(detail::timer_prefix_size);
      if constexpr (std::is_same_v<decltype(f(at, key_bytes)), bool>)
        return f(at, key_bytes);
      else
        f(at, key_bytes);
      return true;
    });
  }
  void check_version(std::string_view record) const {
    std::uint32_t const version = byte_reader(record).little<std::uint32_t>();
    if (version == detail::layout_version) return;
    throw restore_error("weir::lmdb_store: the state in " + directory() + " has version " +
                        std::to_string(version) + " of the layout and this program knows version " +
                        std::to_string(detail::layout_version) +
                        "; use the weir that wrote it, or a savepoint");
  }
  [[noreturn]] WEIR_COLD void damaged(detail::database d, std::string_view key) const {
    std::string place = "an entry of " + std::string(detail::database_names[static_cast<std::size_t>(d)]);
    if (d != detail::database::meta && key.size() >= 6) {
      auto const id = detail::load_big<std::uint32_t>(key.data());
      if (id < layout_.states.size()) place += " of \"" + layout_.states[id].full_name() + "\"";
      place += ", key group " + std::to_string(detail::load_big<std::uint16_t>(key.data() + 4));
    }
    place += ", key 0x";
    for (char c : key) {
      place += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
      place += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
    throw store_error("weir::lmdb_store: " + directory() + ": " + place +
                      " fails its checksum: the file is damaged, restore a savepoint to a new directory");
  }
  [[noreturn]] WEIR_COLD void refuse(state_entry const& known, state_declaration const& d,
                                     std::string_view key_schema, std::string const& why) const {
    auto const text = [](state_kind kind, std::string const& schema, std::string_view keys) {
      return std::string(to_string(kind)) + (schema.empty() ? "" : " of " + schema) + " keyed by " +
             std::string(keys);
    };
    throw restore_error("weir::lmdb_store: the state \"" + known.full_name() + "\" in " + directory() +
                        " was saved as " + text(known.kind, known.schema, known.key_schema) +
                        " and the program declares it as " + text(d.kind, d.schema, key_schema) +
                        (why.empty() ? ""
                                     : "; it cannot become that: " + why +
                                           ". Say old names with weir::renamed_fields, what else has changed "
                                           "with weir::migration") +
                        "; give the new state another name, or start with an empty directory");
  }

  detail::lmdb_environment environment_;
  detail::read_transaction reader_;
  detail::layout_record layout_;
  std::size_t movable_[2] = {};
  detail::look_counts looks_;
  bool layout_changed_ = true;
  std::vector<bool> declared_;
  std::size_t saved_ = 0;                    // the states with lower ids were there before
  std::vector<detail::stored_panes> panes_;  // of each state
  std::vector<detail::flush_plan::dropped> drops_;
  std::vector<std::uint32_t> forgotten_;
  std::vector<detail::state_evolution> evolving_;
};

using lmdb_backend = basic_lmdb_backend<>;

}  // namespace weir
