// layered_table: a table in memory as a write-back layer over the store.
//
// What a key has is what the newest layer that knows it says:
//   changed   touched since the last barrier; the only layer that records change
//   frozen    between barrier and commit: immutable, read by records, written to the store by another thread
//   clean     what the last commit wrote: a cache
//   store     at the last commit, through the backend's read transaction
// Each layer in memory holds live values and, apart from them, erased ones (which hide what older layers say),
// so that a record that meets a live value in `changed` pays for one look-up in a flat table and nothing else.
#pragma once

#include <weir/state/flat_table.hpp>
#include <weir/state/frozen_table.hpp>
#include <weir/state/key_codec.hpp>
#include <weir/state/lmdb_backend.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

// The interface of memory_table, and freeze and flushed for checkpoints. Every reference and pointer that it
// gives is valid until the next call that may add, erase or freeze. One thread uses it, while another writes
// what it froze.
template <class Key, class Value, class Format>
class layered_table {
  static_assert(storable_key<Key>,
                "weir::key_by: keys of this type cannot be stored; adapt it with "
                "BOOST_HANA_ADAPT_STRUCT or specialise weir::key_codec for it");
  using map = flat_map<Key, Value>;
  using layer = table_layer<Key, Value>;
  static constexpr bool timers = has_timers<Format>();

 public:
  // Error: restore_error where the store has the operator's states as something else.
  WEIR_COLD layered_table(lmdb_backend& backend, std::string_view uid, Format const& format)
      : backend_(&backend), format_(format) {
    std::string const key_schema = key_codec<Key>::schema();
    auto const declarations = format_.declare();
    for (std::size_t i = 0; i < Format::parts; ++i)
      place_.states[i] = backend.declare(uid, declarations[i], key_schema);
    if constexpr (timers) place_.timers = backend.declare_timers(uid, key_schema);
    place_.key_groups = backend.key_groups();
    complete_ = !in_store();
    look_below();
  }

  // The id of the operator's timers in the store, for backend.for_each_timer.
  std::uint32_t timer_id() const
    requires timers
  {
    return place_.timers;
  }

  template <class K, class Make>
  WEIR_INLINE Value& touch(K const& key, Make const& make) {
    return touch<new_keys::seldom>(key, make);
  }
  template <class K, class Make>
  WEIR_INLINE Value& touch_new(K const& key, Make const& make) {
    return touch<new_keys::often>(key, make);
  }
  template <class K, class Make>
  WEIR_INLINE std::pair<Value&, bool> touch_or_make(K const& key, Make const& make) {
    bool absent = false;
    auto const at = find_or_make<new_keys::seldom>(live_, key, [&]() -> Value {
      if (alone_) return absent = true, make();
      return bring_up(key, make, absent);
    });
    return {at->second, absent};
  }
  template <class K>
  WEIR_INLINE Value* find(K const& key) {
    auto const at = live_.find(as_key<Key>(key));
    if (at != live_.end()) return &at->second;
    return alone_ ? nullptr : find_below(as_key<Key>(key));
  }
  template <class K>
  void erase(K const& key) {
    auto const at = live_.find(as_key<Key>(key));
    if (alone_) {
      if (at != live_.end()) live_.erase(at);
      return;
    }
    if (at != live_.end()) {
      // What nothing below knows leaves no trace: a table of short-lived keys stays as small as what lives in it.
      if (!complete_ || known_below(at->first)) erased_.insert_or_assign(at->first, std::move(at->second));
      live_.erase(at);
      return;
    }
    if (erased_.contains(as_key<Key>(key))) return;
    std::optional<Value> value;
    if (look(as_key<Key>(key), value) == found::live) erased_.insert_or_assign(Key(key), std::move(*value));
  }
  // f(Key const&, Value const&) for every entry, in no order that means anything. f may not use this table.
  template <class F>
  void for_each(F f) {
    visit([&](Key const& key, Value const& value) {
      f(key, value);
      return true;
    });
  }
  bool empty() {
    return visit([](Key const&, Value const&) { return false; });
  }
  WEIR_COLD void clear() {
    if constexpr (timers) {  // timers lie apart from the values: each must be erased by its own entry
      std::vector<Key> keys;
      for_each([&](Key const& key, Value const&) { keys.push_back(key); });
      for (Key const& key : keys) erase(key);
    } else {
      for (std::uint32_t const state : place_.states) backend_->drop(state, place_.space);
      live_.clear(), erased_.clear();
      frozen_.reset(), clean_.reset();
      complete_ = true;
      look_below();
    }
  }
  void bind(timestamp window_end)
    requires(!timers)
  {
    place_.space = {true, window_end};
    complete_ = !in_store();
    look_below();
  }
  void drop()
    requires(!timers)
  {
    clear();
  }
  std::size_t held() const { return size_of(live_, erased_) + size_of(frozen_) + size_of(clean_); }
  // How many entries the next freeze will take.
  std::size_t changed() const { return size_of(live_, erased_); }
  // Bytes of memory, about.
  table_memory memory() const {
    return {memory_of(live_, *sizes_) + memory_of(erased_, *sizes_), frozen_ ? frozen_->memory(*sizes_) : 0,
            clean_ ? clean_->memory(*sizes_) : 0};
  }
  // How many entries are in each layer.
  table_memory entries() const { return {size_of(live_, erased_), size_of(frozen_), size_of(clean_)}; }
  // Gives up what is only a cache.
  WEIR_COLD void evict(garbage& old) {
    if (!clean_) return;
    complete_ = false;
    // One piece of memory goes at once; many are freed elsewhere, beside the records.
    if constexpr (!std::is_trivially_destructible_v<typename map::value_type>) old.push_back(std::move(clean_));
    clean_.reset();
    spare_ = map();
    look_below();
  }

  // At the barrier: what has changed becomes immutable and part of the plan. Only when what was frozen before
  // it has been committed and flushed() called.
  WEIR_COLD void freeze(flush_plan& plan) {
    if (live_.empty() && erased_.empty()) return;
    if (frozen_)
      throw error("weir::lmdb_store: a table was frozen again before its last checkpoint was committed");
    auto taken = std::make_shared<layer>(layer{std::move(live_), std::move(erased_)});
    // Not where it was made for many more: what a burst took is given back.
    if (spare_.bucket_count() > 4 * taken->live.size() + 1024) spare_ = map();
    live_ = std::exchange(spare_, map()), erased_ = map();
    live_.reserve(taken->live.size());
    for (std::uint32_t const state : place_.states) backend_->will_hold(state, place_.space);
    plan.parts.push_back(std::make_unique<frozen_table<Key, Value, Format>>(taken, format_, place_, sizes_));
    frozen_ = std::move(taken);
    look_below();
  }
  // After the commit and after backend.renew(). What nobody reads any more goes to `old`, for the flushing
  // thread to free.
  WEIR_COLD void flushed(garbage& old) {
    if (!frozen_) return;
    // Whoever wrote it is done with it: it is this thread's again.
    std::shared_ptr<layer> const older = std::exchange(clean_, std::exchange(frozen_, nullptr));
    if (older) {
      if (!absorb(*older, *clean_)) complete_ = false;
      // Its room is used again, which saves the records the fresh pages of a new table.
      if constexpr (std::is_trivially_destructible_v<typename map::value_type>) {
        spare_ = std::move(older->live);
        spare_.clear();
      }
      old.push_back(older);
    }
    look_below();
  }

 private:
  template <new_keys New, class K, class Make>
  WEIR_INLINE Value& touch(K const& key, Make const& make) {
    return find_or_make<New>(live_, key,
                             [&]() -> Value {
                               if (alone_) return make();
                               bool absent = false;
                               return bring_up(key, make, absent);
                             })
        ->second;
  }
  enum class found { nothing, live, erased };

  static std::size_t size_of(map const& live, map const& erased) { return live.size() + erased.size(); }
  static std::size_t size_of(std::shared_ptr<layer> const& l) { return l ? size_of(l->live, l->erased) : 0; }

  bool in_store() const {
    for (std::uint32_t const s : place_.states)
      if (backend_->holds(s, place_.space)) return true;
    return false;
  }
  void look_below() { alone_ = complete_ && !frozen_ && !clean_; }

  // What the layers below `live_` say of the key. `value` is a copy that is the caller's to change. A key
  // erased since the last freeze is taken out of `erased_`: the caller puts it back somewhere.
  template <class K>
  WEIR_NOINLINE found look(K const& key, std::optional<Value>& value) {
    look_counts& counts = backend_->looks();
    ++counts.memory;
    if (auto const at = erased_.find(key); at != erased_.end()) {
      value.emplace(std::move(at->second));
      erased_.erase(at);
      return found::erased;
    }
    for (layer const* l : {frozen_.get(), clean_.get()}) {
      if (l == nullptr) continue;
      if (auto const at = l->live.find(key); at != l->live.end()) {
        value.emplace(at->second);
        if constexpr (requires(store_in& in) { format_.rebase(*value, in); })
          read_store(key, [&](store_in& in) { format_.rebase(*value, in); });
        else
          format_.rebase(*value);
        return found::live;
      }
      if (l->erased.contains(key)) return found::nothing;
    }
    if (complete_) return found::nothing;
    --counts.memory;
    if (read_store(key, [&](store_in& in) { return format_.load(value.emplace(), in); }))
      return ++counts.hits, found::live;
    ++counts.misses;
    value.reset();
    return found::nothing;
  }
  // f(in) for what the store has of the key.
  template <class K, class F>
  decltype(auto) read_store(K const& key, F f) const {
    std::string key_bytes;
    if constexpr (std::same_as<K, Key> || std::same_as<K, std::string_view>)
      encode_key(key, key_bytes);
    else
      encode_key(Key(key), key_bytes);  // parts of it may be of other types than the Key's, with other bytes
    store_in in(*backend_, place_.states.data(), place_.space, key_group(key_bytes, place_.key_groups),
                key_bytes);
    return f(in);
  }
  // make() is called here and not in look(): what it captures then stays in registers where nothing is missing.
  template <class K, class Make>
  WEIR_INLINE Value bring_up(K const& key, Make const& make, bool& absent) {
    std::optional<Value> value;
    found const what = look(as_key<Key>(key), value);
    if (what == found::live) return std::move(*value);
    absent = true;
    Value fresh = make();
    if constexpr (requires { format_.revive(*value, fresh); })
      if (what == found::erased) format_.revive(*value, fresh);
    return fresh;
  }
  template <class K>
  WEIR_NOINLINE Value* find_below(K const& key) {
    if (erased_.contains(key)) return nullptr;
    std::optional<Value> value;
    if (look(key, value) != found::live) return nullptr;
    return &live_.try_emplace(Key(key), std::move(*value)).first->second;
  }

  // Where everything in the store is in a layer too: whether the store has the key, or will have it.
  bool known_below(Key const& key) const {
    if (frozen_ && frozen_->live.contains(key)) return true;
    return clean_ && clean_->live.contains(key) && !(frozen_ && frozen_->erased.contains(key));
  }
  // What the older layer says and the newer does not goes over to the newer, if that takes no longer than a record may wait.
  WEIR_COLD bool absorb(layer& older, layer& newer) const {
    constexpr std::size_t largest = 1 << 16;  // whose table may have to grow
    std::size_t const have = size_of(older.live, older.erased), come = size_of(newer.live, newer.erased);
    if (have + come > largest || !backend_->may_move(std::min(have, come))) return false;
    if (have < come) {
      for (auto& [key, value] : older.live)
        if (!newer.knows(key)) newer.live.try_emplace(key, std::move(value));
      for (auto& [key, value] : older.erased)
        if (!newer.knows(key)) newer.erased.try_emplace(key, std::move(value));
    } else {
      for (auto& [key, value] : newer.live) {
        older.erased.erase(key);
        older.live.insert_or_assign(key, std::move(value));
      }
      for (auto& [key, value] : newer.erased) {
        older.live.erase(key);
        older.erased.insert_or_assign(key, std::move(value));
      }
      std::swap(older, newer);
    }
    if (complete_) newer.erased.clear();  // there is nothing to hide
    return true;
  }

  // Whether a layer newer than `from` (than the store: nullptr) says something of the key.
  bool hidden(Key const& key, layer const* from) const {
    if (live_.contains(key) || erased_.contains(key)) return true;
    for (layer const* l : {frozen_.get(), clean_.get()}) {
      if (l == nullptr) continue;
      if (l == from) return false;
      if (l->knows(key)) return true;
    }
    return false;
  }
  // Every entry, until f returns false; whether it never did.
  template <class F>
  bool visit(F f) {
    for (auto const& [key, value] : live_)
      if (!f(key, value)) return false;
    for (layer const* l : {frozen_.get(), clean_.get()}) {
      if (l == nullptr) continue;
      bool const alone = live_.empty() && erased_.empty() && (l == frozen_.get() || !frozen_);
      for (auto const& [key, value] : l->live)
        if ((alone || !hidden(key, l)) && !f(key, value)) return false;
    }
    return complete_ || visit_store(f);
  }
  template <class F>
  WEIR_COLD bool visit_store(F& f) {
    bool more = true;
    std::vector<std::string> seen;
    std::string prefix;
    for (unsigned g = 0; more && g < place_.key_groups; ++g) {
      auto const group = static_cast<std::uint16_t>(g);
      seen.clear();
      for (std::size_t part = 0; part < Format::parts; ++part) {
        prefix.clear();
        append_state_prefix(prefix, place_.states[part], group, place_.space);
        backend_->scan(prefix, [&](std::string_view whole_key, std::string_view payload) {
          if (!more) return;
          whole_key.remove_prefix(prefix.size());
          Key key{};
          byte_reader in(whole_key, &key_codec<Key>::schema);
          key_codec<Key>::decode(in, key);
          if (hidden(key, nullptr)) return;
          if (Format::parts == 1 && in.remaining() == 0) {
            more = visit_stored(key, group, whole_key, payload, f);
          } else {
            whole_key.remove_suffix(in.remaining());
            if (seen.empty() || seen.back() != whole_key) seen.emplace_back(whole_key);
          }
        });
      }
      std::sort(seen.begin(), seen.end());
      seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
      for (std::size_t i = 0; more && i < seen.size(); ++i)
        more = visit_stored(decode_key<Key>(seen[i]), group, seen[i], std::nullopt, f);
    }
    return more;
  }
  template <class F>
  WEIR_COLD bool visit_stored(Key const& key, std::uint16_t group, std::string_view key_bytes,
                              std::optional<std::string_view> payload, F& f) {
    store_in in(*backend_, place_.states.data(), place_.space, group, key_bytes);
    if (payload) in.preset(*payload);
    Value value{};
    return !format_.load(value, in) || f(key, std::as_const(value));
  }

  map live_;              // changed
  bool alone_ = true;     // nothing below live_ can know a key
  bool complete_ = true;  // the store knows nothing that no layer knows
  map erased_;            // changed: erased, and perhaps known below
  map spare_;             // empty: room for the next live_
  std::shared_ptr<layer> frozen_, clean_;
  std::shared_ptr<entry_sizes> sizes_ = std::make_shared<entry_sizes>();
  lmdb_backend* backend_;
  Format format_;
  table_place<Format::parts> place_;
};

}  // namespace weir::detail
