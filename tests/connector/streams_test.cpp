#include "catch.hpp"

#include <weir/weir.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <unistd.h>

#include <chrono>
#include <sstream>
#include <string>
#include <vector>

namespace streams_test {
struct word {
  std::string text;
  int n = 0;
};
}  // namespace streams_test
BOOST_HANA_ADAPT_STRUCT(streams_test::word, text, n);

using clock_type = std::chrono::steady_clock;
using namespace std::chrono_literals;
using streams_test::word;

TEST_CASE("an ostream takes a line for each record", "[connector]") {
  std::ostringstream out;
  std::vector<word> const words{{"a\"", 1}, {"b", 2}};
  weir::run(weir::from(words) | weir::into(out));
  CHECK(out.str() == "{\"text\":\"a\\\"\",\"n\":1}\n{\"text\":\"b\",\"n\":2}\n");
  out.str("");
  weir::run(weir::from(words) | weir::map([](word const& w) { return w.text; }) | weir::into(out));
  CHECK(out.str() == "a\"\nb\n");
  out.str("");
  weir::run(weir::from(words) | weir::map([](word const& w) { return w.n / 4.0; }) | weir::into(out));
  CHECK(out.str() == "0.25\n0.5\n");
  out.setstate(std::ios::badbit);
  CHECK_THROWS_WITH(weir::run(weir::from(words) | weir::into(out, weir::uid<"screen">)),
                    "weir::into(ostream): sink \"screen\": the stream cannot be written; look at where it "
                    "leads and run again");
}

TEST_CASE("standard input gives what has come, by the deadline", "[connector]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto const say = [&](std::string const& text) {
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<::ssize_t>(text.size()));
  };
  auto const read = [&](auto noun, std::string const& header, std::string const& line,
                        std::string const& rest) {
    typename decltype(noun)::reader reader(noun, weir::source_context{"typed"}, ends[0]);
    CHECK(reader.poll(0, 10, clock_type::now() + 2ms).empty());
    say(header);
    CHECK(reader.poll(0, 10, clock_type::time_point::min()).empty());
    say(line + rest.substr(0, 3));
    auto batch = reader.poll(0, 10, clock_type::now() + 1s);
    REQUIRE(batch.size() == 1);
    CHECK(batch[0].text == "a");
    reader.consume(0, 1);
    CHECK_FALSE(reader.ended(0));
    say(rest.substr(3));
    ::close(ends[1]);
    while (reader.poll(0, 10, clock_type::now() + 1s).empty()) REQUIRE_FALSE(reader.ended(0));
    CHECK(reader.poll(0, 10, clock_type::now() + 1s)[0].n == 22);
    reader.consume(0, 1);
    CHECK(reader.poll(0, 10, clock_type::now() + 1s).empty());
    CHECK(reader.ended(0));
  };
  SECTION("as CSV") { read(weir::standard_input<word>{{.separator = ';'}}, "n;text\n", "1;a\n", "22;b"); }
  SECTION("as JSON lines") {
    read(weir::standard_input<word, weir::json_options>{}, "\n", "{\"text\":\"a\",\"n\":1}\n",
         "{\"n\":22,\"text\":\"b\"}");
  }
  STATIC_REQUIRE_FALSE(weir::standard_input<word>::replayable);
}
