// Catch2 as it is installed, 3.x or 2.13: tests include this file, never Catch2's own.
#pragma once

#include <weir/time.hpp>

#include <fmt/format.h>

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <string>

// How a failed assertion shows times: in ticks, and the two extreme ones by name.
template <>
struct Catch::StringMaker<weir::timestamp> {
  static std::string convert(weir::timestamp t) {
    if (t == weir::min_time) return "min_time";
    if (t == weir::max_time) return "max_time";
    return fmt::format("@{}us", weir::ticks(t));
  }
};
template <>
struct Catch::StringMaker<weir::duration> {
  static std::string convert(weir::duration d) { return fmt::format("{}us", weir::ticks(d)); }
};

namespace weir_test {

// A matcher for CHECK_THAT and CHECK_THROWS_WITH: a text that holds `part`. Its name differs between Catch2's
// versions.
inline auto contains(std::string const& part) {
#if __has_include(<catch2/catch_all.hpp>)
  return Catch::Matchers::ContainsSubstring(part);
#else
  return Catch::Matchers::Contains(part);
#endif
}

}  // namespace weir_test
