// The shim's record of a run, read back.
#pragma once

#include "catch.hpp"
#include "faults/job_scene.hpp"
#include "faults/log.hpp"

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace weir_test {

struct logged_call {
  fault_log::entry is;
  std::string path, data;
};

inline std::vector<logged_call> read_log(std::filesystem::path const& file) {
  std::string const text = content(file);
  std::vector<logged_call> all;
  for (std::size_t at = 0; at != text.size();) {
    logged_call c;
    REQUIRE(text.size() - at >= sizeof c.is);
    std::memcpy(&c.is, text.data() + at, sizeof c.is);
    at += sizeof c.is;
    c.path = text.substr(at, c.is.path_size);
    at += c.is.path_size;
    if (c.is.kind == 'w' || c.is.kind == 'n' || c.is.kind == 'l') {
      c.data = text.substr(at, c.is.length);
      at += c.is.length;
    }
    all.push_back(std::move(c));
  }
  return all;
}

}  // namespace weir_test
