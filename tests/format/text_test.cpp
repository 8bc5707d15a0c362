#include <weir/format/text.hpp>

#include "catch.hpp"

#include <bit>
#include <cmath>
#include <random>
#include <vector>

namespace text_test {
enum class status : unsigned char { approved, declined };
enum class level : int { low = -1, high = 7 };
}  // namespace text_test
template <>
struct weir::enum_names<text_test::status> {
  static constexpr std::string_view values[] = {"approved", "declined"};
};
using text_test::level;
using text_test::status;

static_assert(weir::text_value<int> && weir::text_value<std::optional<std::string>> &&
              weir::text_value<weir::timestamp>);
static_assert(weir::text_value<std::chrono::milliseconds> && weir::text_value<weir::decimal<2>> &&
              weir::text_value<status>);
static_assert(!weir::text_value<std::vector<int>> && !weir::text_value<char const*> &&
              !weir::text_value<void*>);

namespace {
template <class T>
std::string written(T const& value, weir::time_form form = {}) {
  weir::text_buffer out;
  weir::write_text(out, value, form);
  return std::string(out.view());
}
template <class T>
void reads(std::string_view text, T wanted) {
  CAPTURE(text);
  T value{};
  CHECK(weir::parse_text(text, value));
  CHECK((value == wanted));
}
template <class T>
void refuses(std::initializer_list<std::string_view> texts) {
  for (auto text : texts) {
    CAPTURE(text);
    // In memory of exactly that size, so that reading past the end is seen.
    std::vector<char> exact(text.begin(), text.end());
    T value{};
    CHECK_FALSE(weir::parse_text({exact.data(), exact.size()}, value));
  }
}
}  // namespace

TEST_CASE("text: numbers") {
  reads<int>("0", 0);
  reads<int>("-2147483648", -2147483647 - 1);
  reads<std::uint64_t>("18446744073709551615", ~std::uint64_t{0});
  reads<std::int64_t>("-9223372036854775808", std::numeric_limits<std::int64_t>::min());
  reads<std::int8_t>("-128", -128);
  reads<std::uint8_t>("007", 7);
  reads<double>("12.75", 12.75);
  reads<double>("-0.1", -0.1);
  reads<double>("1e3", 1000.0);
  reads<double>("9007199254740993", 9007199254740992.0);
  reads<double>("0.000000000000000000000000000001", 1e-30);
  reads<float>("0.1", 0.1f);
  reads<weir::decimal<2>>("12.5", "12.5");
  reads<weir::decimal<2>>("12.50", "12.5");
  refuses<int>({"", "-", "+1", "1.0", "1e3", " 1", "1 ", "2147483648", "-2147483649", "99999999999999999999",
                "x", "0x1"});
  refuses<unsigned>({"-1", "-0", "4294967296"});
  refuses<std::uint8_t>({"256"});
  refuses<std::uint64_t>({"18446744073709551616", "100000000000000000000000"});
  refuses<double>({"", "-", ".", "-.", "1.2.3", "1e", "1e+", "1,5", "1e999", "+1", "--1", "1 ", "0x10"});
  refuses<weir::decimal<2>>({"", ".", "1.234", "1e3", "1.2.3"});
}

TEST_CASE("text: everything else") {
  reads<bool>("true", true);
  reads<bool>("0", false);
  reads<char>("x", 'x');
  reads<std::string>("", "");
  reads<std::string_view>("abc", "abc");
  reads<std::optional<int>>("", std::nullopt);
  reads<std::optional<int>>("5", 5);
  reads<status>("declined", status::declined);
  reads<level>("-1", level::low);
  reads<std::chrono::milliseconds>("250", std::chrono::milliseconds(250));
  reads<weir::timestamp>("1970-01-01T00:00:01Z", weir::from_ticks(1'000'000));
  refuses<bool>({"", "TRUE", "2", "yes"});
  refuses<char>({"", "ab"});
  refuses<status>({"", "0", "Approved", "approve"});
  refuses<level>({"", "low"});
  refuses<std::optional<int>>({"x"});
  refuses<weir::timestamp>({"", "1", "2026-01-01T00:00:00.", "2026-01-01T0"});
}

TEST_CASE("text: written and read back") {
  CHECK(written(0.1) == "0.1");
  CHECK(written(true) == "true");
  CHECK(written(status::declined) == "declined");
  CHECK(written(static_cast<status>(9)) == "9");
  CHECK(written(level::high) == "7");
  CHECK(written(std::optional<int>()).empty());
  CHECK(written(std::chrono::seconds(90)) == "90");
  CHECK(written(weir::from_ticks(1500), weir::epoch_unit::milliseconds) == "1.5");
  CHECK(written(weir::decimal<2>("1")) == "1.00");
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    auto const bits = random();
    double const any = std::bit_cast<double>(bits);
    double const money = static_cast<double>(static_cast<std::int64_t>(bits) >> (bits % 60)) / 100;
    for (double d : {any, money}) {
      if (!std::isfinite(d)) continue;
      double back = 0;
      auto const text = written(d);
      CAPTURE(text);
      REQUIRE(weir::parse_text(text, back));
      REQUIRE(std::bit_cast<std::uint64_t>(back) == std::bit_cast<std::uint64_t>(d));
    }
    // Any text of digits reads as from_chars reads it.
    std::string digits = std::to_string(bits >> (bits % 64));
    digits.insert(bits % (digits.size() + 1), 1, '.');
    double mine = 0;
    double theirs = 0;
    bool const read = weir::parse_text(digits, mine);
    std::from_chars(digits.data(), digits.data() + digits.size(), theirs);
    CAPTURE(digits);
    REQUIRE(read);
    REQUIRE(mine == theirs);
    auto const number = static_cast<std::int64_t>(bits) >> (bits % 64);
    reads(written(number), number);
  }
}

TEST_CASE("text_buffer: grows, truncates, moves") {
  weir::text_buffer b;
  CHECK(b.view().empty());
  for (int i = 0; i < 1000; ++i) b.append("0123456789");
  CHECK(b.size() == 10'000);
  weir::text_buffer const copy = b;
  weir::text_buffer moved = std::move(b);
  CHECK(moved.view() == copy.view());
  moved.truncate(3);
  moved.append('x');
  CHECK(moved.view() == "012x");
  moved.clear();
  CHECK(moved.empty());
}
