// counters: what a run counts, by name of the part and of what is counted.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

// The address of a counter is stable: stages keep it and add to it once a batch, or where things are rare.
class counters {
 public:
  using key =
      std::pair<std::string, std::string>;  // uid of the part, what is counted: "in", "late", "malformed", ...

  template <class = void>
  std::uint64_t& get(std::string_view uid, std::string_view what) {
    return values_[key{std::string(uid), std::string(what)}];
  }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

 private:
  std::map<key, std::uint64_t> values_;
};

}  // namespace weir
