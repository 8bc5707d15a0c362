#include <weir/state/hash.hpp>

#include <string>

#include "catch.hpp"

TEST_CASE("xxh64 gives the numbers of the official implementation", "[state][hash]") {
  // The sanity buffer and the expected numbers are those of xxHash's own self test (cli/xsum_sanity_check.c).
  std::string buffer(256, '\0');
  std::uint64_t generator = 2654435761u;
  for (char& c : buffer) {
    c = static_cast<char>(generator >> 56);
    generator *= 11400714785074694797u;
  }
  std::string_view const sanity = buffer;
  std::uint64_t const prime = 2654435761u;
  CHECK(weir::xxh64("") == 0xEF46DB3751D8E999u);
  CHECK(weir::xxh64("", prime) == 0xAC75FDA2929B17EFu);
  CHECK(weir::xxh64(sanity.substr(0, 1)) == 0xE934A84ADB052768u);
  CHECK(weir::xxh64(sanity.substr(0, 1), prime) == 0x5014607643A9B4C3u);
  CHECK(weir::xxh64(sanity.substr(0, 4)) == 0x9136A0DCA57457EEu);
  CHECK(weir::xxh64(sanity.substr(0, 14)) == 0x8282DCC4994E35C8u);
  CHECK(weir::xxh64(sanity.substr(0, 14), prime) == 0xC3BD6BF63DEB6DF0u);
  CHECK(weir::xxh64(sanity.substr(0, 222)) == 0xB641AE8CB691C174u);
  CHECK(weir::xxh64(sanity.substr(0, 222), prime) == 0x20CB8AB7AE10C14Au);
  CHECK(weir::xxh64("a") == 0xD24EC4F1A98C6E5Bu);
  CHECK(weir::xxh64("abc") == 0x44BC2CF5AD770999u);
}

TEST_CASE("xxh64 reads bytes at any address", "[state][hash]") {
  std::string const text = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF";
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::string const moved = std::string(shift, 'x') + text;
    CHECK(weir::xxh64(std::string_view(moved).substr(shift)) == weir::xxh64(text));
  }
}
