// Payments as CSV and as JSON lines, read and written, in MB/s and against memchr that only splits the same bytes at
// their line feeds.
#include "bench.hpp"

#include <weir/format/csv.hpp>
#include <weir/format/csv_writer.hpp>
#include <weir/format/json.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace formats {

template <class Text>
struct payment {
  Text transaction_id;
  Text user_id;
  Text card_number;
  Text country;
  Text status;
  weir::decimal<2> amount;
  weir::timestamp event_time;
};
using viewing = payment<std::string_view>;
using owning = payment<std::string>;

// The same members in another order than that of the lines.
struct shuffled {
  std::string_view country;
  weir::timestamp event_time;
  std::string_view user_id;
  weir::decimal<2> amount;
  std::string_view transaction_id;
  std::string_view status;
  std::string_view card_number;
};

}  // namespace formats
BOOST_HANA_ADAPT_STRUCT(formats::viewing, transaction_id, user_id, card_number, country, status, amount,
                        event_time);
BOOST_HANA_ADAPT_STRUCT(formats::owning, transaction_id, user_id, card_number, country, status, amount,
                        event_time);
BOOST_HANA_ADAPT_STRUCT(formats::shuffled, country, event_time, user_id, amount, transaction_id, status,
                        card_number);

namespace {

using formats::owning;
using formats::shuffled;
using formats::viewing;

std::vector<owning> make(std::size_t n) {
  std::mt19937_64 random(1);
  auto const digits = [&](std::string text, std::size_t count) {
    for (; count > 0; --count) text += static_cast<char>('0' + random() % 10);
    return text;
  };
  constexpr std::string_view countries[] = {"DE", "FR", "US", "GB", "JP"};
  std::vector<owning> made(n);
  std::int64_t time = 1'767'225'600'000'000;
  for (owning& p : made) {
    p = {digits("t", 8),
         digits("u", 1 + random() % 5),
         digits("", 16),
         std::string(countries[random() % std::size(countries)]),
         random() % 10 == 0 ? "declined" : "approved",
         weir::decimal<2>::from_units(static_cast<std::int64_t>(random() % 200'000)),
         weir::from_ticks(time + static_cast<std::int64_t>(random() % 5'000'000))};
    time += 1000;
  }
  return made;
}

std::uint64_t split(std::string_view text) {
  std::uint64_t lines = 0;
  char const* p = text.data();
  char const* const end = p + text.size();
  while (p != end) {
    p = static_cast<char const*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p))) + 1;
    bench::forget();
    ++lines;
  }
  return lines;
}

// Lines that were read; another number where one is malformed.
template <class Parser, class T>
std::uint64_t read(Parser parser, std::string_view text, T value, std::uint64_t lines = 0) {
  char const* at = text.data();
  char const* const end = at + text.size();
  if constexpr (requires { parser.read_header(at, end, true); })
    lines += parser.read_header(at, end, true) == weir::parse_status::record;
  while (parser.next(at, end, true, value) == weir::parse_status::record) {
    asm volatile("" : : "r"(&value) : "memory");
    ++lines;
  }
  return lines;
}

template <class Writer>
std::uint64_t write(Writer const& writer, std::vector<owning> const& values, weir::text_buffer& out) {
  out.clear();
  for (owning const& value : values) writer.row(out, value);
  bench::forget();
  return values.size();
}

}  // namespace

int main(int count, char** arguments) {
  bench::program program(count, arguments);
  auto const payments = make(program.size(1'000'000, 1'000));
  weir::text_buffer csv;
  weir::text_buffer json;
  weir::csv_writer<owning> const csv_writer;
  weir::json_writer<owning> const json_writer;
  csv_writer.header(csv);
  for (owning const& p : payments) {
    csv_writer.row(csv, p);
    json_writer.row(json, p);
  }

  bench::suite in_csv(program, "formats/csv", csv.size());
  in_csv.in("MB/s");
  in_csv.hand("memchr", [&] { return split(csv.view()); });
  in_csv.add("", [&] { return read(weir::csv_parser<viewing>(), csv.view(), viewing{}); });
  in_csv.add("strings", [&] { return read(weir::csv_parser<owning>(), csv.view(), owning{}); });
  in_csv.run();

  bench::suite in_json(program, "formats/json", json.size());
  in_json.in("MB/s");
  in_json.hand("memchr", [&] { return split(json.view()); });
  in_json.add("", [&] { return read(weir::json_parser<viewing>(), json.view(), viewing{}); });
  in_json.add("strings", [&] { return read(weir::json_parser<owning>(), json.view(), owning{}); });
  in_json.add("other_order", [&] { return read(weir::json_parser<shuffled>(), json.view(), shuffled{}); });
  in_json.run();

  bench::suite out_json(program, "formats/json_out", json.size());
  weir::text_buffer out;
  out_json.in("MB/s");
  out_json.hand("memchr", [&] { return split(json.view()); });
  out_json.add("", [&] { return write(json_writer, payments, out); });
  out_json.run();

  bench::suite out_csv(program, "formats/csv_out", csv.size());
  out_csv.in("MB/s");
  out_csv.hand("memchr", [&] { return split(csv.view().substr(csv.view().find('\n') + 1)); });
  out_csv.add("", [&] { return write(csv_writer, payments, out); });
  out_csv.run();
  return program.status();
}
