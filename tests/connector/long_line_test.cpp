// A line longer than its reader allows is given up before its end is here: what comes of it later is no record.
#include "catch.hpp"
#include "files.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/text_file.hpp>
#include <weir/connector/text_reader.hpp>
#include <weir/format/csv.hpp>
#include <weir/format/json.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace long_line_test {
struct word {
  std::string_view text;
};
}  // namespace long_line_test
BOOST_HANA_ADAPT_STRUCT(long_line_test::word, text);

using long_line_test::word;
using weir::detail::text_chunk;

namespace {

constexpr std::size_t limit = 1000;

// The records of each batch, then the lines of what was malformed among them. With `restart` a new reader goes on behind each one.
template <class Parser>
std::string read(std::filesystem::path const& path, Parser const& parser, bool restart) {
  std::vector<weir::malformed_record> malformed;
  using reader_type = weir::detail::text_reader<word, Parser>;
  auto const open = [&] {
    return std::make_unique<reader_type>(weir::detail::text_file("test", path, false), parser,
                                         weir::source_context{"in", true, &malformed});
  };
  auto reader = open();
  std::string all;
  while (!reader->ended(0)) {
    auto const batch = reader->poll(0, 100, std::chrono::steady_clock::now());
    for (word const& w : batch) all += std::string(w.text) + ' ';
    reader->consume(0, batch.size());
    for (auto const& m : malformed) all += '+' + std::to_string(m.line) + ' ';
    malformed.clear();
    if (!restart || reader->ended(0)) continue;
    std::string saved;
    reader->save(saved);
    reader = open();
    reader->restore(saved);
  }
  return all;
}

template <class Parser>
void check(std::string const& begin, std::string const& before, std::string const& after,
           std::string const& end, Parser const& parser) {
  weir_test::temp_directory const d;
  auto const path = d.path() / "lines";
  // In the first chunk, and over several; what is left behind the cut would be a record.
  for (std::size_t const chunks : {1, 2, 5}) {
    std::size_t const length = chunks * text_chunk - begin.size() - before.size();
    std::string const long_line = std::string(length, 'x') + after;
    weir_test::write(path, begin + before + long_line + "\n" + end);
    CAPTURE(chunks);
    CHECK(read(path, parser, false) == "a b +3 ");
    CHECK(read(path, parser, true) == "a b +3 ");
    weir_test::write(path, begin + before + long_line);  // and nothing behind it
    CHECK(read(path, parser, false) == "a +3 ");
  }
}

}  // namespace

TEST_CASE("the end of a line that was too long is no record") {
  check("text\n", "a\n", "end", "b\n", weir::csv_parser<word>({.max_record_bytes = limit}));
  check("\n", "{\"text\":\"a\"}\n", "{\"text\":\"end\"}", "{\"text\":\"b\"}\n",
        weir::json_parser<word>({.max_record_bytes = limit}));
}
