// os_file: the files of the connectors.
#pragma once

#include <weir/core/basic_file.hpp>
#include <weir/error.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace weir::detail {

using os_file = basic_file<connector_error>;

// weir::csv_file: sink "alerts", or without the name where there is none.
inline std::string connector_name(std::string_view noun, char const* kind, std::string_view uid) {
  std::string who = "weir::" + std::string(noun);
  if (!uid.empty()) who += std::string(": ") + kind + " \"" + std::string(uid) + "\"";
  return who;
}

// Makes a folder with those above it that are missing, each one durable.
inline void make_folder(std::string const& who, std::filesystem::path const& folder) {
  std::error_code failed;
  if (folder.empty() || std::filesystem::is_directory(folder, failed)) return;
  make_folder(who, folder.parent_path());
  os_file const made(who, folder);
  if (!std::filesystem::create_directory(folder, failed) && failed)
    made.fail("make the folder", failed.value());
  made.sync_folder();
}

}  // namespace weir::detail
