// fsck: whether all that a state directory or a savepoint holds is what was written, as far as that can be told.
#pragma once

#include <weir/checkpoint/inspection.hpp>
#include <weir/core/paths.hpp>
#include <weir/error.hpp>
#include <weir/format/text_buffer.hpp>
#include <weir/state/key_group.hpp>
#include <weir/state/layout.hpp>
#include <weir/state/lmdb_first_pages.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// Of the entries that were read, by the id of the state.
struct state_count {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  // of keys and values
};

struct fsck_result {
  std::vector<std::string> damage;  // the first ones, each with its place
  std::uint64_t more_damage = 0;    // not listed
  std::uint64_t entries = 0;        // that were read and sound
  // False: the job has made checkpoints meanwhile, so that pages or counts could not be compared.
  bool complete = true;
  std::vector<state_count> counts;  // by id

  bool sound() const { return damage.empty(); }
};

namespace detail {

inline std::string entry_damage(stored_entry const& e, std::uint16_t key_groups, text_buffer& room) {
  if (e.key_group >= key_groups) return "is in a key group that does not exist";
  bool const whole =
      e.timer || !e.form->map || e.form->key.known;  // else the key in the map stands behind the key
  if (whole && key_group(e.key, key_groups) != e.key_group) return "is in another key group than its key";
  try {
    room.clear();
    state_form::write_key(room, e.form->key, e.key);
    if (e.has_map_key) state_form::write_key(room, e.form->map_key, e.map_key);
    if (!e.timer) e.form->write_value(room, e.value);
  } catch (format_error const& wrong) {
    return std::string("cannot be read as what it is (") + wrong.what() + ")";
  }
  return e.timer && !e.value.empty() ? "has a value" : "";
}

}  // namespace detail

// Reads all of it and checks that every checksum is right, every key and value can be read as its state says, every key is in the
// group of its hash, every state and timer belongs to an operator of the commit, and each state has the entries that were counted and
// summed when they were written: LMDB has no checksums, and what a damaged page of it hides is found only so. Not where the job
// has made checkpoints meanwhile. Before that: whether LMDB's pages fit together; where they do not, nothing else is read.
//
// In a process that may die, as for inspection. Errors: store_error where it cannot be opened.
inline fsck_result fsck(std::string const& path) {
  constexpr std::size_t listed = 100;
  fsck_result result;
  auto const damaged = [&](std::string const& what) {
    if (result.damage.size() < listed)
      result.damage.push_back(what);
    else
      ++result.more_damage;
  };
  bool const directory = detail::is_folder(path);
  if (std::string const file = detail::join_path(path, "data.mdb");
      directory && detail::is_there(file) && !detail::unborn_database(file))
    if (auto const said = detail::damaged_meta_pages(file); !said.empty()) damaged(path + ": " + said);
  try {
    inspection in(path);
    result.complete = in.check_pages(damaged);
    // LMDB would believe what is there, and may crash.
    if (!result.sound()) return result;
    result.counts.resize(in.states().size());
    text_buffer room;
    in.for_each(
        [&](stored_entry const& e) {
          std::string const said = detail::entry_damage(e, in.key_groups(), room);
          if (!said.empty())
            return damaged((e.timer ? "a timer of \"" : "an entry of \"") + e.state->full_name() +
                           "\", key group " + std::to_string(e.key_group) + ", " + said);
          ++result.entries;
          if (result.counts.size() <= e.state->id) result.counts.resize(e.state->id + 1);
          ++result.counts[e.state->id].entries;
          result.counts[e.state->id].bytes += e.key.size() + e.map_key.size() + e.value.size();
        },
        damaged);
    result.complete = result.complete && in.instants() == 1;
    if (!in.committed()) {
      if (result.entries != 0) damaged("there are entries and no commit");
      return result;
    }
    auto const& operators = in.committed()->operators;
    for (state_entry const& s : in.states())
      if (s.id < result.counts.size() && result.counts[s.id].entries != 0 &&
          std::ranges::none_of(operators, [&](committed_operator const& o) { return o.uid == s.uid; }))
        damaged("\"" + s.full_name() + "\" belongs to no operator of the commit");
  } catch (detail::damaged_store const& e) {
    damaged(e.what());
  } catch (format_error const& e) {
    damaged(e.what());
  } catch (restore_error const& e) {
    if (directory) throw;  // of another version
    damaged(e.what());
  } catch (store_error const& e) {
    if (result.sound()) throw;
    damaged(e.what());
  }
  return result;
}

}  // namespace weir
