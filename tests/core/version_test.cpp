#include <weir/version.hpp>

#include "catch.hpp"

#include <string>

TEST_CASE("the version's text and its numbers say the same", "[version]") {
  CHECK(std::string{WEIR_VERSION} == std::to_string(WEIR_VERSION_MAJOR) + "." +
                                         std::to_string(WEIR_VERSION_MINOR) + "." +
                                         std::to_string(WEIR_VERSION_PATCH));
}
