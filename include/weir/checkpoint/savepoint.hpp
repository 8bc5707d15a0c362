// Savepoints: what a state directory held at one checkpoint, in one portable file that the user owns.
#pragma once

#include <weir/checkpoint/commit.hpp>
#include <weir/checkpoint/savepoint_format.hpp>
#include <weir/error.hpp>
#include <weir/state/lmdb_backend.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

// A policy of run: where the state directory is new, it begins with what this savepoint holds. A directory that began with it
// goes on where it is, so that a program may always be started with the same options.
//
// Operators are matched by uid, states by name; what the savepoint holds and the pipeline does not know is refused in words,
// unless allow_non_restored_state says so. New operators begin empty, new sources at their beginning.
// A sink whose file the savepoint names goes on in that file, at the place of the savepoint; where the path is another one, or
// the file is gone, it begins a new file.
// An empty path: no savepoint.
// Errors: restore_error where the file is no savepoint, is damaged, or the directory has state of its own.
struct from_savepoint {
  std::string path;
};

// A policy of run: what was saved for an operator, a source, a sink or a state that the pipeline has no more is forgotten.
struct allow_non_restored_state_t {};
inline constexpr allow_non_restored_state_t allow_non_restored_state{};

namespace detail {

inline constexpr std::string_view origin_name = "origin";

// Whether the directory holds what a savepoint held and no checkpoint has been made since.
template <class Backend>
WEIR_COLD bool is_from_savepoint(Backend const& backend) {
  auto const origin = backend.get_meta(origin_name);
  auto const now = read_commit(backend);
  return origin && origin->size() == 16 && now && load_little<std::uint64_t>(origin->data() + 8) == now->epoch;
}

// Writes what is committed now, with `commit` in the place of the commit's own record. May run on any thread while records
// and their store go on; the store's file grows meanwhile, since nothing that it holds can be given up.
template <class Environment>
WEIR_COLD void write_savepoint(Environment& environment, std::string_view commit_record,
                               std::string const& path) {
  savepoint_writer out(path);
  read_transaction const now(environment);
  for (database const d : {database::meta, database::state, database::timers}) {
    lmdb_cursor cursor(environment, now.handle(), d);
    for (bool there = cursor.first(); there; there = cursor.next())
      each_item(
          cursor.key(), cursor.value(),
          [&](std::string_view key, std::string_view payload) {
            if (d == database::meta && key == origin_name) return true;
            bool const is_commit = d == database::meta && key == commit_name;
            out.add(d, key, is_commit ? commit_record : payload);
            return true;
          },
          [&] {
            throw store_error(
                "weir::lmdb_store: " + environment.directory() + ": an entry of " +
                database_names[static_cast<std::size_t>(d)] +
                " fails its checksum: the file is damaged, restore an older savepoint to a new directory");
          });
  }
  out.finish();
}

// Fills a new state directory. The file is read to its end before anything is written.
template <class Backend>
WEIR_COLD void restore_savepoint(Backend& backend, std::string const& path) {
  if (!backend.is_new()) {
    auto const known = backend.get_meta(origin_name);
    auto const here = savepoint_id(path);  // none: the file is gone, and is not needed any more
    if (known && (!here || known->substr(0, 8) == *here)) return;
    throw restore_error("weir::from_savepoint: the state directory " + backend.directory() +
                        " has state that did not begin with the savepoint " + path +
                        "; give an empty directory, or run without from_savepoint to go on with what is there");
  }
  savepoint_reader check(path);
  std::optional<std::string> commit_record;
  check.for_each([&](database d, std::string_view key, std::string_view payload) {
    if (d == database::meta && key == commit_name) commit_record = payload;
  });
  if (!commit_record) throw restore_error("weir::savepoint: " + path + ": the savepoint holds no commit");
  std::string origin;
  append_little(origin, check.end_checksum());
  commit begin;
  decode(*commit_record, begin);
  append_little(origin, begin.epoch);
  backend.fill([&](auto const& put) {
    savepoint_reader in(path);
    in.for_each(put);
    put(database::meta, origin_name, origin);
  });
}

}  // namespace detail

}  // namespace weir
