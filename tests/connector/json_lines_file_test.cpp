#include "catch.hpp"
#include "files.hpp"
#include "state/temp_directory.hpp"

#include <weir/weir.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace json_file_test {

struct payment {
  std::string user;
  std::int64_t amount = 0;
  std::optional<weir::timestamp> at;
  bool operator==(payment const&) const = default;
};

}  // namespace json_file_test

BOOST_HANA_ADAPT_STRUCT(json_file_test::payment, user, amount, at);

using json_file_test::payment;
using weir_test::content;
using weir_test::write;
using clock_type = std::chrono::steady_clock;
using namespace weir::literals;

namespace {

struct opened {
  std::vector<weir::malformed_record> malformed;
  weir::json_lines_file<payment>::reader reader;
  explicit opened(weir::json_lines_file<payment> const& file, bool keep = true)
      : reader(file, weir::source_context{"payments", keep, &malformed}) {}
};

}  // namespace

TEST_CASE("json_lines_file says where a malformed line is", "[connector]") {
  weir_test::temp_directory folder;
  auto const path = folder / "p.jsonl";
  write(path, "\n{\"user\":\"a\",\"amount\":1}\n\n{\"user\":\"b\",\"amount\":\"x\"}\n");
  opened file({path}, false);
  CHECK(file.reader.poll(0, 10, clock_type::now()).size() == 1);
  file.reader.consume(0, 1);
  CHECK_THROWS_WITH(file.reader.poll(0, 10, clock_type::now()),
                    "weir::json_lines_file: source \"payments\": " + path.string() +
                        ":4:22: field \"amount\": is not a whole number that fits: "
                        "\"{\"user\":\"b\",\"amount\":\"x\"}\"; fix "
                        "the line, or use skip_malformed or malformed_to<name>");
}

TEST_CASE("a restarted json_lines_file reads the rest, wherever it was cut", "[connector]") {
  auto const seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  weir_test::temp_directory folder;
  for (int round = 0; round < 20; ++round) {
    auto const path = folder / ("p" + std::to_string(round) + ".jsonl");
    std::string text;
    std::size_t const lines = below(3) == 0 ? 2000 : 40;
    std::vector<payment> written;
    std::vector<std::uint64_t> bad;
    std::uint64_t line = 0;
    for (std::size_t i = 0; i < lines; ++i, ++line) {
      auto const amount = static_cast<std::int64_t>(i);
      switch (below(6)) {
        case 0:
          text += "{bad\n";
          bad.push_back(line + 1);
          break;
        case 1:
          text += " \n";
          break;
        case 2:
          written.push_back({std::string(below(900), 'u') + "\"", amount, {}});
          text += "{\"amount\" : " + std::to_string(i) + ", \"more\":[1,{}], \"user\":\"" +
                  std::string(written.back().user.size() - 1, 'u') + "\\\"\"}\r\n";
          break;
        default:
          written.push_back({"u", amount, weir::timestamp()});
          text += "{\"user\":\"u\",\"amount\":" + std::to_string(i) + ",\"at\":\"1970-01-01T00:00:00Z\"}\n";
      }
    }
    if (below(2) == 0) text.pop_back();
    write(path, text);
    std::vector<payment> read;
    std::vector<std::uint64_t> lines_read;
    std::optional<std::string> saved;
    for (bool ended = false; !ended;) {
      opened file({path});
      if (saved) file.reader.restore(*saved);
      for (std::size_t i = below(4); i > 0 && !file.reader.ended(0); --i) {
        auto const batch = file.reader.poll(0, 1 + below(lines), clock_type::now());
        std::size_t const n = below(batch.size() + 1);
        read.insert(read.end(), batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(n));
        file.reader.consume(0, n);
      }
      ended = file.reader.ended(0);
      for (auto const& m : file.malformed) lines_read.push_back(m.line);
      file.reader.save(saved.emplace());
    }
    REQUIRE(read == written);
    REQUIRE(lines_read == bad);
  }
}

TEST_CASE("json_lines_file in a pipeline, both ways", "[connector]") {
  weir_test::temp_directory folder;
  auto const in = folder / "in.jsonl";
  auto const out = folder / "out.jsonl";
  write(in, "{\"amount\":3,\"user\":\"0\\u0041\"}\n");
  weir::run(weir::from(weir::json_lines_file<payment>{.path = in}, weir::uid<"in">, weir::skip_malformed) |
            weir::map([](payment const& p) { return weir::make_row("key"_c = p.user, "total"_c = p.amount); }) |
            weir::into(weir::json_lines_file{out}));
  CHECK(content(out) == "{\"key\":\"0A\",\"total\":3}\n");
  std::vector<payment> const payments{{"b", 4, weir::from_ticks(1)}};
  CHECK_THROWS_AS(weir::run(weir::from(payments) | weir::into(weir::json_lines_file{out.string()})),
                  weir::connector_error);
  weir::run(weir::from(payments) | weir::into(weir::json_lines_file<>{.path = out, .overwrite = true}));
  CHECK(content(out) == "{\"user\":\"b\",\"amount\":4,\"at\":\"1970-01-01T00:00:00.000001Z\"}\n");
  weir::run(weir::from(payments) |
            weir::into(weir::json_lines_file<payment>{
                .path = out, .time = weir::epoch_unit::microseconds, .overwrite = true}));
  CHECK(content(out) == "{\"user\":\"b\",\"amount\":4,\"at\":1}\n");
}
