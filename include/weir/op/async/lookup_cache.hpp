// lookup_cache: what was found for the keys that were asked for last.
#pragma once

#include <weir/error.hpp>
#include <weir/state/flat_table.hpp>
#include <weir/time.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <utility>

namespace weir {

// What lookup_join remembers.
struct lookup_cache {
  std::size_t entries = 10'000;            // the one that was asked for longest ago goes first; 0: no cache
  duration ttl = std::chrono::minutes{1};  // from when it was found; then it is looked up again
  bool misses = true;                      // that there is nothing for a key is remembered too

  void check() const {
    if (ttl < duration::zero()) throw config_error("weir::lookup_join: the ttl of the cache is negative");
  }
};

namespace detail {

// Used by all threads of a lookup_join. (The lock is held for a search; a lookup takes a thousand times longer.)
template <class Key, class Row>
class found_rows {
 public:
  using clock = std::chrono::steady_clock;

  explicit found_rows(lookup_cache const& c) : options_(c) {}

  // Nothing: nobody knows. An empty row: there is none for this key.
  std::optional<std::optional<Row>> find(Key const& key) {
    std::lock_guard const lock(mutex_);
    auto const at = places_.find(key);
    if (at == places_.end()) return std::nullopt;
    if (at->second->until <= clock::now()) {
      entries_.erase(at->second);
      places_.erase(at);
      return std::nullopt;
    }
    entries_.splice(entries_.begin(), entries_, at->second);
    return at->second->row;
  }
  void put(Key const& key, std::optional<Row> const& row) {
    if (options_.entries == 0 || (!row && !options_.misses)) return;
    std::lock_guard const lock(mutex_);
    auto const [at, is_new] = places_.try_emplace(key);
    if (!is_new) entries_.erase(at->second);  // another thread has found it meanwhile
    entries_.push_front({key, row, until(clock::now())});
    at->second = entries_.begin();
    if (entries_.size() <= options_.entries) return;
    places_.erase(entries_.back().key);
    entries_.pop_back();
  }

 private:
  clock::time_point until(clock::time_point now) const {
    return options_.ttl < clock::time_point::max() - now ? now + options_.ttl : clock::time_point::max();
  }
  struct entry {
    Key key;
    std::optional<Row> row;
    clock::time_point until;
  };

  lookup_cache options_;
  std::mutex mutex_;
  std::list<entry> entries_;  // the last that was asked for first
  flat_map<Key, typename std::list<entry>::iterator> places_;
};

}  // namespace detail
}  // namespace weir
