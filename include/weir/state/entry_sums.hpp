// entry_sums: how many entries each state and each operator's timers have in the store, and the sum of their checksums. LMDB has
// no checksums of its own: what it loses or makes up shows here.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/state/layout.hpp>
#include <weir/state/lmdb.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::detail {

inline constexpr std::string_view sums_name = "sums";  // in meta

// Of one state's entries, or of one operator's timers.
struct entry_sum {
  database where{};
  std::uint32_t id = 0;
  std::uint64_t count = 0;
  std::uint64_t sum = 0;  // of the checksums, modulo 2^64
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.where, r.id, r.count, r.sum);
  }
  bool operator==(entry_sum const&) const = default;
  bool is_before(database d, std::uint32_t of) const { return where != d ? where < d : id < of; }
};

class entry_sums {
 public:
  // What is stored under a key is there from now on, or is gone.
  void add(database d, std::string_view stored_key, std::string_view value) { change(d, stored_key, value, 1); }
  void remove(database d, std::string_view stored_key, std::string_view value) {
    change(d, stored_key, value, static_cast<std::uint64_t>(-1));
  }
  // Those that have entries, in order.
  std::vector<entry_sum> const& all() const { return sums_; }
  entry_sum of(database d, std::uint32_t id) const {
    std::size_t const at = place(d, id);
    return is_at(at, d, id) ? sums_[at] : entry_sum{d, id};
  }
  std::string bytes() const {
    std::string out;
    encode(sums_, out);
    return out;
  }
  // Error: format_error.
  static entry_sums from_bytes(std::string_view bytes) {
    entry_sums sums;
    decode(bytes, sums.sums_);
    return sums;
  }

 private:
  void change(database d, std::string_view stored_key, std::string_view value, std::uint64_t sign) {
    if (d == database::meta || stored_key.size() < 4) return;
    auto const id = load_big<std::uint32_t>(stored_key.data());
    std::size_t const at = place(d, id);
    if (!is_at(at, d, id)) sums_.insert(sums_.begin() + static_cast<std::ptrdiff_t>(at), entry_sum{d, id});
    entry_sum& s = sums_[at];
    if (!is_cut(stored_key)) {
      s.count += sign;
      if (value.size() >= checksum_size) s.sum += sign * load_little<std::uint64_t>(value.data());
    } else {
      while (value.size() >= bucket_header_size) {
        std::size_t const size = bucket_header_size + load_little<std::uint32_t>(value.data()) +
                                 std::size_t{load_little<std::uint32_t>(value.data() + 4)};
        s.count += sign;
        s.sum += sign * load_little<std::uint64_t>(value.data() + 8);
        if (size > value.size()) break;
        value.remove_prefix(size);
      }
    }
    if (s.count == 0 && s.sum == 0) sums_.erase(sums_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  // Changes come in order of their keys: it is the last one nearly always.
  std::size_t place(database d, std::uint32_t id) const {
    std::size_t at = sums_.size();
    while (at != 0 && !sums_[at - 1].is_before(d, id)) --at;
    return at;
  }

  bool is_at(std::size_t at, database d, std::uint32_t id) const {
    return at != sums_.size() && sums_[at].where == d && sums_[at].id == id;
  }

  std::vector<entry_sum> sums_;  // by where and id
};

// f(when it was written, as it is there) for each state and each operator's timers that has other entries than were counted.
template <class F>
void for_each_difference(entry_sums const& written, entry_sums const& found, F f) {
  for (entry_sum const& was : written.all())
    if (entry_sum const is = found.of(was.where, was.id); was != is) f(was, is);
  for (entry_sum const& is : found.all())
    if (entry_sum const was = written.of(is.where, is.id); was.count == 0 && was.sum == 0) f(was, is);
}
inline std::string difference_text(std::string const& state, entry_sum const& was, entry_sum const& is) {
  return state + " had " + std::to_string(was.count) +
         (was.where == database::timers ? " timers" : " entries") + " when it was written, and " +
         std::to_string(is.count) + " are there" + (was.count == is.count ? " with other checksums" : "");
}

// Keeps the record in step with what a write transaction changes. A store that was made without the record stays without it.
class kept_sums {
 public:
  explicit kept_sums(lmdb_cursor& meta) : meta_(meta) {
    if (meta.find(sums_name)) {
      each_item(
          sums_name, meta.value(),
          [&](std::string_view, std::string_view payload) {
            now_ = entry_sums::from_bytes(payload);
            return true;
          },
          [] {});
    } else if (!meta.find("layout")) {
      now_.emplace();
    }
  }
  void add(database d, std::string_view stored_key, std::string_view value) {
    if (now_) now_->add(d, stored_key, value);
  }
  void remove(database d, std::string_view stored_key, std::string_view value) {
    if (now_) now_->remove(d, stored_key, value);
  }
  // To be called before the transaction is committed.
  void save() {
    if (!now_) return;
    std::string value;
    append_value(value, sums_name, now_->bytes());
    meta_.put(sums_name, value);
  }

 private:
  lmdb_cursor& meta_;
  std::optional<entry_sums> now_;
};

}  // namespace weir::detail
