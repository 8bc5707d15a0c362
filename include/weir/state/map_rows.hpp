// map_rows: how a map that is at hand in part reads its other entries from a store.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace weir::detail {

// The rows of a store at its last commit. What it gives is valid until the store goes on to the next one.
class map_rows {
 public:
  virtual std::optional<std::string_view> get(std::string_view whole_key) const = 0;
  // f(whole key, payload), until it returns false, for the rows that begin with the prefix: from `first` on, and perhaps some
  // before it. Those with short keys come in order of their bytes.
  virtual void scan(std::string_view first, std::string_view prefix,
                    std::function<bool(std::string_view, std::string_view)> const& f) = 0;

  std::uint64_t entries_read = 0;  // of maps

 protected:
  ~map_rows() = default;
};

// Where the rows of one key's map lie: each is this prefix and the bytes of the entry's key.
struct map_place {
  map_rows* rows = nullptr;
  std::string prefix{};
};

}  // namespace weir::detail
