#include <weir/format/csv.hpp>
#include <weir/format/csv_writer.hpp>

#include "catch.hpp"

#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace csv_test {
struct payment {
  std::string user;
  std::string_view country;
  double amount;
  weir::timestamp at;
  std::optional<int> points;
  bool operator==(payment const&) const = default;
};
struct three {
  std::string a;
  std::string_view b;
  std::string c;
};
struct numbers {
  std::int64_t i;
  weir::decimal<2> d;
  double x;
  weir::timestamp t;
  std::optional<std::string> s;
  bool b;
  bool operator==(numbers const&) const = default;
};
struct one {
  std::optional<int> only;
};
}  // namespace csv_test
BOOST_HANA_ADAPT_STRUCT(csv_test::payment, user, country, amount, at, points);
BOOST_HANA_ADAPT_STRUCT(csv_test::three, a, b, c);
BOOST_HANA_ADAPT_STRUCT(csv_test::numbers, i, d, x, t, s, b);
BOOST_HANA_ADAPT_STRUCT(csv_test::one, only);

using csv_test::numbers;
using csv_test::payment;
using csv_test::three;
using weir::parse_status;

namespace {

std::string show(three const& t) { return '[' + t.a + '|' + std::string(t.b) + '|' + t.c + ']'; }
std::string show(weir::format_problem const& p) {
  return '!' + std::to_string(p.line) + ':' + std::to_string(p.column) + ' ' + p.field +
         (p.field.empty() ? "" : " ") + p.reason;
}

// Reads `text` as a source would: the bytes arrive in two pieces cut at `cut`, each time in memory of exactly that size.
template <class T, class Show>
std::string read_all(std::string_view text, std::size_t cut, weir::csv_options options, Show show_one) {
  weir::csv_parser<T> parser(options);
  std::string out;
  std::size_t done = 0;
  std::size_t lines = 0;
  bool header = false;
  for (std::size_t const have : {cut, text.size()}) {
    bool const last = have == text.size();
    auto const bytes = std::make_unique<char[]>(have - done);
    if (have != done) std::memcpy(bytes.get(), text.data() + done, have - done);
    char const* at = bytes.get();
    char const* const end = at + (have - done);
    parser.begin_batch();
    for (;;) {
      T value{};
      char const* const before = at;
      auto const status = header ? parser.next(at, end, last, value) : parser.read_header(at, end, last);
      if (status == parse_status::incomplete) {
        if (!last) CHECK(at == before);
        if (last) CHECK(at == end);
        break;
      }
      if (header && status == parse_status::record) out += show_one(value);
      if (status == parse_status::malformed) out += show(parser.problem());
      lines += parser.lines_consumed();
      if (!header && status == parse_status::malformed) return out;
      header = true;
    }
    done += static_cast<std::size_t>(at - bytes.get());
    if (last) break;
  }
  CHECK(done == text.size());
  return out + " lines " + std::to_string(lines);
}

std::string read_three(std::string_view text, weir::csv_options options = {.header = false}) {
  auto const whole = read_all<three>(text, text.size(), options, [](three const& t) { return show(t); });
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    CAPTURE(cut, text);
    CHECK(read_all<three>(text, cut, options, [](three const& t) { return show(t); }) == whole);
  }
  return whole;
}

// What RFC 4180 says, one character at a time, for records of three fields without a header.
std::string oracle(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t const start = at;
    std::vector<std::string> fields(1);
    bool bad = false;
    bool quoted = false;  // inside of quotes
    bool was_quoted = false;
    bool fresh = true;
    for (; at < text.size(); ++at) {
      char const c = text[at];
      if (quoted) {
        if (c != '"')
          fields.back() += c;
        else if (at + 1 < text.size() && text[at + 1] == '"')
          fields.back() += text[at++];
        else
          quoted = false;
      } else if (c == '"' && fresh) {
        quoted = was_quoted = true;
      } else if (c == ',') {
        fields.emplace_back();
        fresh = true;
        was_quoted = false;
        continue;
      } else if (c == '\n') {
        break;
      } else if (c == '\r' && (at + 1 == text.size() || text[at + 1] == '\n')) {
        continue;
      } else {
        bad = bad || was_quoted || c == '"';
        fields.back() += c;
      }
      fresh = false;
    }
    bad = bad || quoted;
    std::size_t const stop = at;
    if (at < text.size()) ++at;
    std::string_view const line = text.substr(start, stop - start);
    if (line.empty() || line == "\r") continue;
    if (bad || fields.size() != 3)
      out += '!';
    else
      out += '[' + fields[0] + '|' + fields[1] + '|' + fields[2] + ']';
  }
  return out;
}

}  // namespace

TEST_CASE("csv: columns in any order, with columns to spare and optional ones missing") {
  auto const read = [](std::string_view text) {
    return read_all<payment>(text, text.size() / 2, {}, [](payment const& p) {
      return '[' + p.user + '|' + std::string(p.country) + '|' +
             std::to_string(static_cast<int>(p.amount * 100)) + '|' + std::to_string(weir::ticks(p.at)) + '|' +
             (p.points ? std::to_string(*p.points) : "none") + ']';
    });
  };
  std::string const wanted = "[ann|DE|1250|1000000|7][bob|FR|-5|0|none] lines 3";
  CHECK(read("user,country,amount,at,points\nann,DE,12.5,1970-01-01T00:00:01Z,7\nbob,FR,-0.05,1970-01-01,\n") ==
        wanted);
  CHECK(read("\xef\xbb\xbfuser,country,amount,at,points\r\nann,DE,12.5,1970-01-01T00:00:01Z,7\r\nbob,FR,-0.05,"
             "1970-01-01,\r\n") == wanted);
  CHECK(read("at,x,points,\"amount\",country,,user\n1970-01-01T00:00:01Z,\"x\"\"y\",7,12.5,DE,,ann\n1970-01-01,"
             ",,-0.05,FR,,bob") == wanted);
  CHECK(read("user,country,amount,at\nann,DE,1,1970-01-01\n") == "[ann|DE|100|0|none] lines 2");
  CHECK(read("\"user\",\"country\",\"amount\",\"at\"\n\"ann\",\"DE\",\"1\",\"1970-01-01\"\n") ==
        "[ann|DE|100|0|none] lines 2");
}

TEST_CASE("csv: headers that do not fit") {
  auto const read = [](std::string_view text) {
    auto const whole = read_all<three>(text, text.size(), {}, [](three const& t) { return show(t); });
    for (std::size_t cut = 0; cut < text.size(); ++cut)
      CHECK(read_all<three>(text, cut, {}, [](three const& t) { return show(t); }) == whole);
    return whole;
  };
  CHECK(read("") == "!0:1 there is no header line");
  CHECK(read("\n\r\n") == "!0:1 there is no header line");
  CHECK(read("a,b\n") == "!0:1 c the header has no such column");
  std::string const if_that = "' in it; if that is what separates the columns, set .separator to it";
  CHECK(read("a;b;c\n") == "!0:1 a the header has no such column, but one with ';" + if_that);
  CHECK(read("a\tb\tc\n1\t2\t3\n") == "!0:1 a the header has no such column, but one with '\\t" + if_that);
  CHECK(read("a|b|c") == "!0:1 a the header has no such column, but one with '|" + if_that);
  CHECK(read("\"a,b\"\n") == "!0:2 a the header has no such column");
  CHECK(read("a;b,c\n") == "!0:1 a the header has no such column");
  CHECK(read("a,b,c,a\n") == "!0:7 a the header names this column twice");
  CHECK(read("a,b,\"c\n") == "!0:5 the quote is not closed at the end of the input");
  CHECK(read("\xef\xbb\xbf"
             "a,b,c") == " lines 1");
  CHECK(read("c,b,a\n1,2,3") == "[3|2|1] lines 2");
}

TEST_CASE("csv: quotes, line ends and blank lines") {
  CHECK(read_three("1,2,3\n4,5,6") == "[1|2|3][4|5|6] lines 2");
  CHECK(read_three("1,2,3\r\n\r\n\n4,5,6\r\n") == "[1|2|3][4|5|6] lines 4");
  CHECK(read_three("\"1\",\"2,2\",\"3\"\"3\"\n") == "[1|2,2|3\"3] lines 1");
  CHECK(read_three("\"a\nb\",\"c\r\nd\",\n,,\n") == "[a\nb|c\r\nd|][||] lines 4");
  CHECK(read_three("\"\",\"\"\"\",\"\"\"\"\"\"\r\n") == "[|\"|\"\"] lines 1");
  CHECK(read_three("a\rb,c\r,d\r\r\n") == "[a\rb|c\r|d\r] lines 1");
  CHECK(read_three("1,2,3\r") == "[1|2|3] lines 1");
  CHECK(read_three("") == " lines 0");
  CHECK(read_three("\n\n") == " lines 0");
  CHECK(read_three("1;2,;3\n", {.separator = ';', .header = false}) == "[1|2,|3] lines 1");
  CHECK(read_three(std::string("1\0,2,3\n", 7)) == std::string("[1\0|2|3] lines 1", 16));
}

TEST_CASE("csv: what is malformed is named and skipped to its end") {
  CHECK(read_three("1,2\n4,5,6\n") == "!0:3 the record has 2 fields instead of 3[4|5|6] lines 2");
  CHECK(read_three("1,2,3,4\n4,5,6\n") == "!0:7 the record has 4 fields instead of 3[4|5|6] lines 2");
  CHECK(read_three("1,2\"x,3\n4,5,6\n") ==
        "!0:4 there is a quote inside of a field that is not quoted[4|5|6] lines 2");
  CHECK(read_three("1,\"2\"x,3\n4,5,6\n") == "!0:6 there is text behind the closing quote[4|5|6] lines 2");
  CHECK(read_three("\n1,\"a\nb\"x,3\n4,5,6\n") == "!2:3 there is text behind the closing quote[4|5|6] lines 4");
  CHECK(read_three("1,2,\"3\n4,5,6\n") == "!0:5 the quote is not closed at the end of the input lines 2");
  auto const fields = [](std::string_view text) {
    return read_all<numbers>(text, 0, {.header = false}, [](numbers const&) { return std::string("ok"); });
  };
  CHECK(fields("1,2.00,3,1970-01-01,,true\n") == "ok lines 1");
  CHECK(fields("x,2.00,3,1970-01-01,,true\n") == "!0:1 i is not a whole number that fits lines 1");
  CHECK(fields("1,2.001,3,1970-01-01,,true\n") == "!0:3 d is not a decimal number that fits exactly lines 1");
  CHECK(fields("1,2.00,,1970-01-01,,true\n") == "!0:8 x is not a number that fits lines 1");
  CHECK(fields("1,2.00,3,1970-01-32,,true\n") == "!0:10 t is not a time of the stated form lines 1");
  CHECK(fields("1,2.00,3,1970-01-01,,yes\n") == "!0:22 b is neither true nor false lines 1");
}

TEST_CASE("csv: a record that is too long") {
  std::string const text = "1,2,3\n\"" + std::string(100, 'x') + "\n4,5,6\n";
  auto const read = read_all<three>(text, text.size(), {.header = false, .max_record_bytes = 50},
                                    [](three const& t) { return show(t); });
  CHECK(read.find("[1|2|3]!0:1 the record is longer than 50 bytes") == 0);
  CHECK(read.find("[4|5|6] lines 3") != read.npos);
}

TEST_CASE("csv: views point into the input where nothing had to be undone") {
  std::string const text = "x,\"plain\",y\nx,\"dou\"\"bled\",y\n";
  weir::csv_parser<three> parser({.header = false});
  char const* at = text.data();
  char const* const end = at + text.size();
  three a{};
  three b{};
  REQUIRE(parser.read_header(at, end, true) == parse_status::record);
  REQUIRE(parser.next(at, end, true, a) == parse_status::record);
  REQUIRE(parser.next(at, end, true, b) == parse_status::record);
  CHECK(a.b.data() == text.data() + 3);
  CHECK(b.b == "dou\"bled");
}

TEST_CASE("csv: separators that cannot be one") {
  for (char c : {'"', '\n', '\r', 'e', '5', '.', '-', '+', ':'}) {
    CHECK_THROWS_AS(weir::csv_parser<three>({.separator = c}), weir::config_error);
    CHECK_THROWS_AS(weir::csv_writer<three>({.separator = c}), weir::config_error);
  }
}

TEST_CASE("csv: random hostile bytes read as the grammar says, wherever they are cut") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  constexpr std::string_view alphabet = "ab,,,,\"\"\n\n\r1";
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t n = random() % 40; n > 0; --n) {
      text += alphabet[random() % alphabet.size()];
      if (random() % 8 == 0) text += "x,\"y\",zzzzzzzzzzzzzzzzzzzzzzzzzz\n";
    }
    auto const tidy = [](std::string_view all) {
      std::string kept;
      for (std::size_t i = 0; i < all.size(); ++i) {
        kept += all[i];
        if (all[i] == '!')
          while (i + 1 < all.size() && all[i + 1] != '[' && all[i + 1] != '!') ++i;
      }
      return kept.substr(0, kept.rfind(" lines "));
    };
    CAPTURE(text);
    auto const whole =
        read_all<three>(text, text.size(), {.header = false}, [](three const& t) { return show(t); });
    auto const wanted = oracle(text);
    REQUIRE(tidy(whole.substr(0, whole.rfind(" lines "))) == wanted);
    std::size_t const cut = random() % (text.size() + 1);
    REQUIRE(read_all<three>(text, cut, {.header = false}, [](three const& t) { return show(t); }) == whole);
  }
}

TEST_CASE("csv: what is written is read back") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  constexpr std::string_view alphabet = "ab,\"\n\r ;";
  for (auto unit : {weir::time_form{}, weir::time_form{weir::epoch_unit::milliseconds}})
    for (char separator : {',', ';', '\t'}) {
      weir::csv_options const options{.separator = separator, .time = unit};
      std::vector<numbers> values;
      weir::csv_writer<numbers> const writer(options);
      weir::text_buffer out;
      writer.header(out);
      for (int i = 0; i < 300; ++i) {
        std::string s;
        for (std::size_t n = random() % 8; n > 0; --n) s += alphabet[random() % alphabet.size()];
        values.push_back({static_cast<std::int64_t>(random()),
                          weir::decimal<2>::from_units(static_cast<std::int64_t>(random())),
                          static_cast<double>(random()) / 1e5,
                          weir::from_ticks(static_cast<std::int64_t>(random() >> 10)),
                          s.empty() ? std::optional<std::string>() : s, random() % 2 == 0});
        writer.row(out, values.back());
      }
      weir::csv_parser<numbers> parser(options);
      auto const text = out.view();
      char const* at = text.data();
      char const* const end = at + text.size();
      REQUIRE(parser.read_header(at, end, true) == parse_status::record);
      for (auto const& value : values) {
        numbers read{};
        auto const status = parser.next(at, end, true, read);
        INFO(parser.problem().field << ' ' << parser.problem().reason);
        REQUIRE(status == parse_status::record);
        REQUIRE((read == value));
      }
      CHECK(at == end);
    }
  weir::text_buffer out;
  weir::csv_writer<csv_test::one>({.header = false}).row(out, {});
  CHECK(out.view() == "\"\"\n");
  // Where there is no header, the first text may look like a byte order mark; a reader skips only one that is not quoted.
  std::string const mark = "\xef\xbb\xbf";
  out.clear();
  weir::csv_writer<three>({.header = false}).row(out, {mark + "a", "b", "c"});
  CHECK(out.view() == '"' + mark + "a\",b,c\n");
}
