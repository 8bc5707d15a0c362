// file_list: one path or several, however they are given.
#pragma once

#include <concepts>
#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

// The files of a connector: "a.csv", a std::string, a path, {"a.csv", "b.csv"} or a range of any of these.
class file_list {
 public:
  file_list() = default;
  file_list(char const* path) : paths_{path} {}
  file_list(std::string path) : paths_{std::filesystem::path(std::move(path))} {}
  file_list(std::string_view path) : paths_{std::filesystem::path(path)} {}
  file_list(std::filesystem::path path) : paths_{std::move(path)} {}
  file_list(std::initializer_list<std::filesystem::path> paths) : paths_(paths) {}
  template <std::ranges::input_range Range>
    requires(!std::convertible_to<Range, std::filesystem::path> &&
             !std::same_as<std::remove_cvref_t<Range>, file_list> &&
             std::convertible_to<std::ranges::range_reference_t<Range>, std::filesystem::path>)
  file_list(Range&& paths) {
    for (auto&& path : paths) paths_.emplace_back(path);
  }

  std::size_t size() const { return paths_.size(); }
  std::filesystem::path const& operator[](std::size_t i) const { return paths_[i]; }
  auto begin() const { return paths_.begin(); }
  auto end() const { return paths_.end(); }

 private:
  std::vector<std::filesystem::path> paths_;
};

}  // namespace weir
