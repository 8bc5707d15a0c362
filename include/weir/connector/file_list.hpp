// file_list: one path or several, however they are given.
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {

// The files of a connector: "a.csv", a std::string, a path, {"a.csv", "b.csv"} or a range of any of these.
class file_list {
 public:
  file_list() = default;
  file_list(char const* path) : paths_{path} {}
  file_list(std::string path) : paths_{std::move(path)} {}
  file_list(std::string_view path) : paths_{std::string(path)} {}
  // A std::filesystem::path, whose header this one does without.
  template <class Path>
    requires(!std::same_as<std::remove_cvref_t<Path>, file_list> && std::convertible_to<Path, std::string>)
  file_list(Path&& path) : paths_{std::string(std::forward<Path>(path))} {}
  file_list(std::initializer_list<std::string> paths) : paths_(paths) {}
  template <std::ranges::input_range Range>
    requires(!std::convertible_to<Range, std::string> && !std::same_as<std::remove_cvref_t<Range>, file_list> &&
             std::constructible_from<std::string, std::ranges::range_reference_t<Range>>)
  file_list(Range&& paths) {
    for (auto&& path : paths) paths_.emplace_back(path);
  }

  std::size_t size() const { return paths_.size(); }
  std::string const& operator[](std::size_t i) const { return paths_[i]; }
  auto begin() const { return paths_.begin(); }
  auto end() const { return paths_.end(); }

 private:
  std::vector<std::string> paths_;
};

}  // namespace weir
