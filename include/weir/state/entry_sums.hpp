// entry_sums: how many entries each state and each operator's timers have in the store, and the sum of their checksums. LMDB has
// no checksums of its own: what it loses or makes up shows here.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/state/layout.hpp>
#include <weir/state/lmdb.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace weir::detail {

inline constexpr std::string_view sums_name = "sums";  // in meta

struct entry_sum {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;  // of the checksums, modulo 2^64
  bool operator==(entry_sum const&) const = default;
};

class entry_sums {
 public:
  using all_sums = std::map<std::pair<database, std::uint32_t>, entry_sum>;

  // What is stored under a key is there from now on, or is gone.
  void add(database d, std::string_view stored_key, std::string_view value) { change(d, stored_key, value, 1); }
  void remove(database d, std::string_view stored_key, std::string_view value) {
    change(d, stored_key, value, static_cast<std::uint64_t>(-1));
  }
  // Those that have entries.
  all_sums const& all() const { return sums_; }
  std::string bytes() const {
    std::vector<std::tuple<std::uint8_t, std::uint32_t, std::uint64_t, std::uint64_t>> list;
    for (auto const& [of, s] : sums_)
      list.emplace_back(static_cast<std::uint8_t>(of.first), of.second, s.count, s.sum);
    std::string out;
    encode(list, out);
    return out;
  }
  // Error: format_error.
  static entry_sums from_bytes(std::string_view bytes) {
    std::vector<std::tuple<std::uint8_t, std::uint32_t, std::uint64_t, std::uint64_t>> list;
    decode(bytes, list);
    entry_sums sums;
    for (auto const& [d, id, count, sum] : list) sums.sums_[{static_cast<database>(d), id}] = {count, sum};
    return sums;
  }

 private:
  void change(database d, std::string_view stored_key, std::string_view value, std::uint64_t sign) {
    if (d == database::meta || stored_key.size() < 4) return;
    auto const at = sums_.try_emplace({d, load_big<std::uint32_t>(stored_key.data())}).first;
    entry_sum& s = at->second;
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
    if (s == entry_sum{}) sums_.erase(at);
  }

  all_sums sums_;
};

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
