// os_file: the files of the connectors.
#pragma once

#include <weir/core/basic_file.hpp>
#include <weir/core/paths.hpp>
#include <weir/error.hpp>

#include <string>
#include <string_view>

namespace weir::detail {

using os_file = basic_file<connector_error>;

// weir::csv_file: sink "alerts", or without the name where there is none.
inline std::string connector_name(std::string_view noun, char const* kind, std::string_view uid) {
  std::string who = "weir::" + std::string(noun);
  if (!uid.empty()) who += std::string(": ") + kind + " \"" + std::string(uid) + "\"";
  return who;
}

// Makes a folder with those above it that are missing, each one durable.
inline void make_folder(std::string const& who, std::string const& folder) {
  if (folder.empty() || is_folder(folder)) return;
  make_folder(who, parent_path(folder));
  os_file const made(who, folder);
  if (int const number = make_one_folder(folder)) made.fail("make the folder", number);
  made.sync_folder();
}

}  // namespace weir::detail
