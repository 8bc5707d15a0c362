#include "catch.hpp"
#include "files.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/csv_directory.hpp>
#include <weir/connector/csv_file.hpp>
#include <weir/connector/json_lines_directory.hpp>
#include <weir/weir.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace csv_file_test {

struct payment {
  std::string user;
  std::int64_t amount = 0;
  weir::timestamp at;
  bool operator==(payment const&) const = default;
};
struct viewed {
  std::string_view user;
  std::int64_t amount = 0;
};

}  // namespace csv_file_test

BOOST_HANA_ADAPT_STRUCT(csv_file_test::payment, user, amount, at);
BOOST_HANA_ADAPT_STRUCT(csv_file_test::viewed, user, amount);

using csv_file_test::payment;
using csv_file_test::viewed;
using weir_test::content;
using weir_test::write;
using clock_type = std::chrono::steady_clock;

namespace {

struct read_result {
  std::vector<payment> records;
  std::vector<weir::malformed_record> malformed;
};

// A reader, and what it is told to put malformed records into.
template <class T = payment>
struct opened {
  std::vector<weir::malformed_record> malformed;
  typename weir::csv_file<T>::reader reader;
  explicit opened(weir::csv_file<T> const& file, bool keep = true)
      : reader(file, weir::source_context{"payments", keep, &malformed}) {}

  void take(read_result& to, std::size_t max, std::size_t at_most) {
    auto const batch = reader.poll(0, max, clock_type::now());
    std::size_t const n = std::min(at_most, batch.size());
    to.records.insert(to.records.end(), batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(n));
    reader.consume(0, n);
    for (auto& m : malformed) to.malformed.push_back(std::move(m));
    malformed.clear();
  }
};

}  // namespace

TEST_CASE("csv_file reads records and says where a malformed one is", "[connector]") {
  weir_test::temp_directory folder;
  auto const path = folder / "p.csv";
  write(path, "amount,other,user,at\r\n5,x,\"a,\"\"b\",2026-01-01T00:00:00Z\r\n\r\n6,,c,2026-01-01\n7,x,d");
  opened<> file({path.string()}, false);
  read_result got;
  file.take(got, 10, 10);
  CHECK(got.records.size() == 2);
  CHECK(got.records[0].user == "a,\"b");
  CHECK_FALSE(file.reader.ended(0));
  CHECK_THROWS_WITH(file.take(got, 10, 10),
                    "weir::csv_file: source \"payments\": " + path.string() +
                        ":5:5: the record has 3 fields instead of 4: \"7,x,d\"; fix the line, or "
                        "use skip_malformed or malformed_to<name>");
  write(path, "user,amount,at\na,1e2,2026-01-01\n");
  CHECK_THROWS_WITH(opened<>({path.string()}, false).take(got, 10, 10),
                    weir_test::contains(
                        ":2:3: field \"amount\": is not a whole number that fits: \"a,1e2,2026-01-01\"; fix"));
  write(path, "user,at\na,2026-01-01\n");
  CHECK_THROWS_WITH(opened<>({path.string()}).take(got, 10, 10),
                    weir_test::contains(":1:1: field \"amount\": the header has no such column"));
  CHECK_THROWS_WITH(opened<>({(folder / "none.csv").string()}),
                    weir_test::contains("none.csv: cannot open the file: No such"));
  CHECK_THROWS_WITH(opened<>({folder.path()}), weir_test::contains("this is a folder"));
  CHECK_THROWS_WITH(opened<>(weir::csv_file<payment>{}), weir_test::contains("no path"));
}

TEST_CASE("csv_file without a header, with another separator and epoch times", "[connector]") {
  weir_test::temp_directory folder;
  auto const path = folder / "p.csv";
  write(path, "a;1;1000\nb;2;2000");
  opened<> file({.path = path, .separator = ';', .header = false, .time = weir::epoch_unit::milliseconds});
  read_result got;
  file.take(got, 10, 10);
  file.take(got, 10, 10);
  CHECK(file.reader.ended(0));
  CHECK(got.records ==
        std::vector<payment>{{"a", 1, weir::from_ticks(1'000'000)}, {"b", 2, weir::from_ticks(2'000'000)}});
}

TEST_CASE("csv_file keeps malformed records until their place is consumed", "[connector]") {
  weir_test::temp_directory folder;
  auto const path = folder / "p.csv";
  write(path, "user,amount,at\nbad0\na,1,2026-01-01\nbad1\nbad2\nb,2,2026-01-01\nbad3\nbad4");
  opened<> file({path.string()});
  REQUIRE(file.reader.poll(0, 10, clock_type::now()).size() == 2);
  CHECK(file.malformed.empty());
  file.reader.consume(0, 0);
  CHECK(file.malformed.empty());
  file.reader.consume(0, 1);
  REQUIRE(file.malformed.size() == 1);
  CHECK(file.malformed[0] ==
        weir::malformed_record{path.string(), 2, 1, "the record has 1 fields instead of 3", "bad0"});
  file.reader.consume(0, 1);
  CHECK(file.malformed.size() == 4);
  CHECK(file.reader.poll(0, 10, clock_type::now()).empty());
  file.reader.consume(0, 0);
  CHECK(file.malformed.size() == 5);
  CHECK(file.malformed[4].line == 8);
  CHECK(file.reader.ended(0));
}

TEST_CASE("a restarted csv_file reads the rest, wherever it was cut", "[connector]") {
  auto const seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  weir_test::temp_directory folder;
  for (int round = 0; round < 30; ++round) {
    auto const path = folder / ("p" + std::to_string(round) + ".csv");
    std::string text = "user,amount,at\n";
    std::size_t const lines = below(3) == 0 ? 3000 : 40;
    for (std::size_t i = 0; i < lines; ++i) {
      switch (below(8)) {
        case 0:
          text += "bad " + std::to_string(i) + "\n";
          break;
        case 1:
          text += "\n";
          break;
        case 2:
          text += "\"two\nlines " + std::to_string(i) + "\"," + std::to_string(i) + ",2026-01-01\r\n";
          break;
        case 3:
          text += std::string(below(600), 'u') + "," + std::to_string(i) + ",2026-01-01\n";
          break;
        default:
          text += "u" + std::to_string(i) + "," + std::to_string(i) + ",2026-01-01T00:00:00.5Z\n";
      }
    }
    if (below(2) == 0) text.pop_back();
    write(path, text);
    read_result whole;
    {
      opened<> file({path.string()});
      while (!file.reader.ended(0)) file.take(whole, 100'000, 100'000);
    }
    read_result parts;
    std::optional<std::string> saved;
    for (bool ended = false; !ended;) {
      opened<> file({path.string()});
      if (saved) file.reader.restore(*saved);
      for (std::size_t i = below(4); i > 0 && !file.reader.ended(0); --i)
        file.take(parts, 1 + below(lines), 1 + below(lines));
      ended = file.reader.ended(0);
      saved.emplace();
      file.reader.save(*saved);
      if (!ended) file.reader.poll(0, 1 + below(50), clock_type::now());  // read ahead, not consumed
    }
    REQUIRE(parts.records == whole.records);
    REQUIRE(parts.malformed == whole.malformed);
  }
}

TEST_CASE("records longer than a chunk, and views into it", "[connector]") {
  weir_test::temp_directory folder;
  auto const path = folder / "p.csv";
  std::string text = "amount,user\n";
  for (int i = 0; i < 40; ++i)
    text += std::to_string(i) + "," +
            std::string(i % 7 == 0 ? 700'000 : 50'000, static_cast<char>('a' + i % 26)) + "\n";
  write(path, text);
  opened<viewed> file({path.string()});
  std::int64_t seen = 0;
  while (!file.reader.ended(0)) {
    auto const batch = file.reader.poll(0, 100, clock_type::now());
    for (viewed const& v : batch) {
      REQUIRE(v.amount == seen);
      REQUIRE(v.user == std::string(seen % 7 == 0 ? 700'000 : 50'000, static_cast<char>('a' + seen % 26)));
      ++seen;
    }
    file.reader.consume(0, batch.size());
  }
  CHECK(seen == 40);
}

TEST_CASE("a file that changed is refused on restart", "[connector]") {
  weir_test::temp_directory folder;
  auto const path = folder / "p.csv";
  std::string text = "user,amount,at\n";
  for (int i = 0; i < 10'000; ++i) text += "user,1,2026-01-01\n";
  write(path, text);
  std::string saved;
  {
    opened<> file({path.string()});
    for (int i = 0; i < 2; ++i) file.reader.consume(0, file.reader.poll(0, 4096, clock_type::now()).size());
    file.reader.save(saved);
  }
  auto const is = "weir::csv_file: source \"payments\": the file " + path.string() +
                  " is not the one that was read before: ";
  auto restore = [&] { opened<>({path.string()}).reader.restore(saved); };
  CHECK_NOTHROW(restore());
  write(path, text + "user,1,2026-01-01\n");
  CHECK_NOTHROW(restore());
  write(path, text.substr(0, text.size() - 1));
  CHECK_THROWS_WITH(restore(), weir_test::contains(is + "it has 180014 bytes and had 180015"));
  auto changed = text;
  changed[100] = '7';
  write(path, changed);
  CHECK_THROWS_WITH(restore(), weir_test::contains(is + "its first bytes differ"));
  changed = text;
  changed[15 + 8192 * 18 - 10] = '7';
  write(path, changed);
  CHECK_THROWS_WITH(restore(), weir_test::contains(is + "the bytes before the saved position (147471) differ"));
  changed = text;
  changed[15 + 8192 * 18 + 10] = '7';
  write(path, changed);
  CHECK_NOTHROW(restore());
  std::filesystem::rename(path, folder / "q.csv");
  CHECK_THROWS_WITH(opened<>({(folder / "q.csv").string()}).reader.restore(saved),
                    weir_test::contains("the path is now"));
  CHECK_THROWS_WITH(opened<>({{(folder / "q.csv"), (folder / "q.csv")}}).reader.restore(saved),
                    weir_test::contains("there were 1 files, and now there are 2"));
}

TEST_CASE("a followed file gives what comes, and never ends", "[connector]") {
  using namespace std::chrono_literals;
  weir_test::temp_directory folder;
  auto const path = folder / "p.csv";
  write(path, "us");
  opened<> file({.path = path, .follow = true});
  auto const soon = [] { return clock_type::now() + 3ms; };
  CHECK(file.reader.poll(0, 10, soon()).empty());
  std::ofstream more(path, std::ios::app | std::ios::binary);
  more << "er,amount,at\na,1,2026-01-01\nb,2" << std::flush;
  CHECK(file.reader.poll(0, 10, soon()).size() == 1);
  file.reader.consume(0, 1);
  CHECK(file.reader.poll(0, 10, clock_type::time_point::min()).empty());
  more << ",2026-01-01\n" << std::flush;
  auto const batch = file.reader.poll(0, 10, soon());
  REQUIRE(batch.size() == 1);
  CHECK(batch[0].user == "b");
  file.reader.consume(0, 1);
  CHECK_FALSE(file.reader.ended(0));
  std::filesystem::resize_file(path, 5);
  CHECK_THROWS_WITH(file.reader.poll(0, 10, soon()),
                    weir_test::contains("the file was cut to 5 bytes after 45 had been read"));
}

TEST_CASE("csv_file in a pipeline, both ways", "[connector]") {
  weir_test::temp_directory folder;
  write(folder / "a.csv", "user,amount,at\na,1,2026-01-01\nbad\n");
  write(folder / "b.csv", "amount,user,at\n2,b,2026-01-01\n");
  std::vector<weir::malformed_record> bad;
  auto const out = folder / "out.csv";
  auto const result =
      weir::run(weir::from(weir::csv_file<payment>{{folder / "a.csv", folder / "b.csv"}}, weir::uid<"in">,
                           weir::malformed_to<"bad">) |
                weir::side<"bad">(weir::into(bad)) | weir::into(weir::csv_file{out}, weir::uid<"out">));
  CHECK(content(out) == "user,amount,at\na,1,2026-01-01T00:00:00Z\nb,2,2026-01-01T00:00:00Z\n");
  REQUIRE(bad.size() == 1);
  CHECK(bad[0].raw == "bad");
  CHECK(result.count("in", "malformed") == 1);
  std::vector<payment> again;
  weir::run(weir::from(weir::csv_file<payment>{out}) | weir::into(again));
  CHECK(again.size() == 2);
  weir::run(weir::from(again) |
            weir::into(weir::csv_file<>{.path = out, .separator = ';', .header = false, .overwrite = true}));
  CHECK(content(out) == "a;1;2026-01-01T00:00:00Z\nb;2;2026-01-01T00:00:00Z\n");
}

TEST_CASE("folders and savepoints are named in every way", "[connector]") {
  std::string const text = "folder";
  std::filesystem::path const path = text;
  CHECK(weir::lmdb_store{"folder"}.directory == text);
  CHECK(weir::lmdb_store{text}.directory == text);
  CHECK(weir::lmdb_store{path}.directory == text);
  CHECK(weir::lmdb_store{.directory = path / "x"}.directory == "folder/x");
  CHECK(weir::from_savepoint{"folder"}.path == text);
  CHECK(weir::from_savepoint{text}.path == text);
  CHECK(weir::from_savepoint{path}.path == text);
  CHECK(weir::csv_directory{"folder"}.path == text);
  CHECK(weir::csv_directory{text}.path == text);
  CHECK(weir::csv_directory{path}.path == text);
  CHECK(weir::csv_directory{path, weir::bucket_by(&payment::user)}.path == text);
  CHECK(weir::csv_directory<>{.path = path}.path == text);
  CHECK(weir::json_lines_directory{"folder"}.path == text);
  CHECK(weir::json_lines_directory{path}.path == text);
  weir::job_control const control;
  control.savepoint("folder");
  control.savepoint(text);
  control.savepoint(path);
}

TEST_CASE("files are named in every way", "[connector]") {
  std::vector<std::string> const names{"a.csv", "b.csv"};
  CHECK(weir::csv_file<payment>{"a.csv"}.path.size() == 1);
  CHECK(weir::csv_file<payment>{names[0]}.path.size() == 1);
  CHECK(weir::csv_file<payment>{std::filesystem::path("a.csv")}.path.size() == 1);
  CHECK(weir::csv_file<payment>{{"a.csv", "b.csv"}}.path.size() == 2);
  CHECK(weir::csv_file<payment>{.path = {"a.csv", "b.csv", "c.csv"}}.path.size() == 3);
  CHECK(weir::csv_file<payment>{names}.path[1] == "b.csv");
  std::filesystem::path const path = "a.csv";
  std::vector<std::filesystem::path> const paths{path, "b.csv"};
  CHECK(weir::csv_file<payment>{path}.path[0] == "a.csv");
  CHECK(weir::csv_file<payment>{.path = path}.path[0] == "a.csv");
  CHECK(weir::csv_file<payment>{{path, path}}.path.size() == 2);
  CHECK(weir::csv_file<payment>{paths}.path[1] == "b.csv");
  CHECK(weir::csv_file{path}.path[0] == "a.csv");
  CHECK(weir::csv_file{std::string_view("a.csv")}.path[0] == "a.csv");
  CHECK(weir::csv_file{std::vector<std::string_view>{"a.csv", "b.csv"}}.path[1] == "b.csv");
  CHECK(weir::csv_file{"a.csv"}.path[0] == "a.csv");
  CHECK_THROWS_WITH(weir::run(weir::from(names) | weir::map([](std::string const& s) {
                                return payment{s, 1, {}};
                              }) |
                              weir::into(weir::csv_file<>{.path = {"a.csv", "b.csv"}}, weir::uid<"out">)),
                    "weir::csv_file: sink \"out\": 2 paths; a sink writes to one file");
}
