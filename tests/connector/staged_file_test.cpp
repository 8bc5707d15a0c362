#include "catch.hpp"
#include "files.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/staged_file.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

using weir_test::content;
using weir_test::write;

namespace {

struct fixture {
  weir_test::temp_directory folder;
  weir::counters counters;
  std::filesystem::path target = folder / "out.txt";
  std::filesystem::path state = folder / "state";

  weir::sink_context context(bool exactly_once, bool with_state = true) {
    return {"alerts", exactly_once, with_state ? state : std::filesystem::path(), counters};
  }
  std::unique_ptr<weir::detail::staged_file> open(bool exactly_once, bool with_state = true,
                                                  bool overwrite = false, std::string header = "") {
    return std::make_unique<weir::detail::staged_file>(
        weir::detail::staged_options{"csv_file", target, overwrite, std::move(header)},
        context(exactly_once, with_state));
  }
  std::size_t spools() const {
    std::error_code none;
    std::size_t n = 0;
    for (std::filesystem::directory_iterator at(state / "sinks" / "alerts", none), end; !none && at != end;
         ++at)
      ++n;
    return n;
  }
};

void put(weir::detail::staged_file& file, std::string_view text) {
  file.buffer().append(text);
  file.appended();
}

}  // namespace

TEST_CASE("a staged file without checkpoints is written as records come", "[connector]") {
  fixture f;
  {
    auto file = f.open(false, false, false, "head\n");
    CHECK(content(f.target).empty());
    put(*file, "one\n");
    CHECK(content(f.target).empty());
    file->flush();
    CHECK(content(f.target) == "head\none\n");
    put(*file, std::string(weir::detail::staged_block, 'x') + "\n");
    CHECK(content(f.target).size() == 9 + weir::detail::staged_block + 1);
    put(*file, "two\n");
    file->finish();
    CHECK(content(f.target).ends_with("x\ntwo\n"));
  }
  CHECK_THROWS_WITH(f.open(false, false), "weir::csv_file: sink \"alerts\": " + f.target.string() +
                                              ": the file exists; set .overwrite = true, or name another file");
  f.open(false, false, true)->finish();
  CHECK(content(f.target).empty());
  std::filesystem::remove(f.target);
  f.target = f.folder / "missing" / "out.txt";
  CHECK_THROWS_WITH(f.open(false, false),
                    weir_test::contains("cannot make the file: No such file or directory"));
  f.target = "/dev/full";
  auto full = f.open(false, false);
  put(*full, "one\n");
  CHECK_THROWS_WITH(full->flush(),
                    "weir::csv_file: sink \"alerts\": /dev/full: cannot write: No space left on device; make "
                    "room on that disk and run again");
}

TEST_CASE("with a state directory but no checkpoints the file is opened when it is needed", "[connector]") {
  fixture f;
  auto file = f.open(false, true, false, "head\n");
  put(*file, "one\n");
  file->flush();
  file->finish();
  CHECK(content(f.target) == "head\none\n");
}

TEST_CASE("under exactly_once only published segments are in the file", "[connector]") {
  fixture f;
  std::string const large(weir::detail::staged_inline + 1, 'l');
  std::string const huge(2 * weir::detail::staged_block + 17, 'h');
  auto file = f.open(true, true, false, "head\n");
  file->recover(std::nullopt, 0);
  put(*file, "one\n");
  CHECK_FALSE(exists(f.target));
  auto first = file->close_segment(1);
  put(*file, "two\n");
  first.make_durable();
  CHECK_FALSE(exists(f.target));
  CHECK(f.spools() == 0);
  first.publish();
  CHECK(content(f.target) == "head\none\n");
  put(*file, large);
  auto second = file->close_segment(2);
  put(*file, huge);
  second.make_durable();
  second.publish();
  second.publish();
  CHECK(content(f.target) == "head\none\ntwo\n" + large);
  CHECK(f.spools() == 2);
  auto third = file->close_segment(3);
  third.make_durable();
  third.publish();
  CHECK(content(f.target) == "head\none\ntwo\n" + large + huge);
  CHECK(f.spools() == 1);
  auto fourth = file->close_segment(4);  // no records
  fourth.make_durable();
  fourth.publish();
  CHECK(content(f.target) == "head\none\ntwo\n" + large + huge);
  CHECK(f.spools() == 0);

  SECTION("what was published is gone") {
    std::filesystem::resize_file(f.target, 5);
    CHECK_THROWS_AS(f.open(true)->recover(fourth.commitment, 4), weir::connector_error);
    std::filesystem::remove(f.target);
    CHECK_THROWS_WITH(f.open(true)->recover(fourth.commitment, 4), weir_test::contains("the file is gone"));
  }
  SECTION("the file is ahead of the commit") {
    CHECK_THROWS_WITH(f.open(true)->recover(second.commitment, 2),
                      weir_test::contains("only 65550 were committed (epoch 2)"));
  }
  SECTION("another path") {
    f.target = f.folder / "other.txt";
    CHECK_THROWS_WITH(f.open(true)->recover(fourth.commitment, 4),
                      weir_test::contains("and what is committed went to"));
    CHECK_THROWS_AS(f.open(true)->recover(fourth.commitment, 4), weir::restore_error);
  }
  SECTION("a damaged commitment") {
    auto bytes = fourth.commitment;
    bytes[0] = 9;
    CHECK_THROWS_AS(f.open(true)->recover(bytes, 4), weir::restore_error);
    CHECK_THROWS_AS(f.open(true)->recover(fourth.commitment.substr(3), 4), weir::restore_error);
  }
}

TEST_CASE("a spooled segment that is damaged is refused unless it has been published already", "[connector]") {
  fixture f;
  auto file = f.open(true);
  file->recover(std::nullopt, 0);
  put(*file, std::string(2 * weir::detail::staged_block, 'a'));
  auto segment = file->close_segment(1);
  segment.make_durable();
  auto const spool = f.state / "sinks" / "alerts" / "1.segment";
  REQUIRE(exists(spool));
  std::fstream(spool, std::ios::in | std::ios::out | std::ios::binary).seekp(300000).put('b');
  CHECK_THROWS_WITH(f.open(true)->recover(segment.commitment, 1),
                    weir_test::contains("the segment of epoch 1 is damaged"));
  CHECK_FALSE(content(f.target).find('b') != std::string::npos);
  write(f.target, std::string(2 * weir::detail::staged_block, 'a'));
  f.open(true)->recover(segment.commitment, 1);
  std::filesystem::remove(spool);
  f.open(true)->recover(segment.commitment, 1);
  std::filesystem::resize_file(f.target, 10);
  CHECK_THROWS_WITH(f.open(true)->recover(segment.commitment, 1),
                    weir_test::contains("is not there (No such file"));
}

TEST_CASE("a new state refuses a file that exists, or empties it at once", "[connector]") {
  fixture f;
  write(f.target, "old");
  CHECK_THROWS_WITH(f.open(true)->recover(std::nullopt, 0), weir_test::contains("the file exists"));
  CHECK(content(f.target) == "old");
  f.open(true, true, true)->recover(std::nullopt, 0);
  CHECK(content(f.target).empty());
  f.target = "/dev/null";
  CHECK_THROWS_WITH(f.open(true)->recover(std::nullopt, 0), weir_test::contains("not a regular file"));
  f.target = f.folder / "missing" / "out.txt";
  CHECK_THROWS_AS(f.open(true)->recover(std::nullopt, 0), weir::connector_error);
}

TEST_CASE("at_least_once goes on behind the last whole line", "[connector]") {
  fixture f;
  std::string commitment;
  {
    auto file = f.open(false, true, false, "head\n");
    file->recover(std::nullopt, 0);
    put(*file, "one\n");
    auto segment = file->close_segment(1);
    CHECK(content(f.target) == "head\none\n");
    segment.make_durable();
    segment.publish();
    commitment = segment.commitment;
    put(*file, "two\nthr");
    file->flush();
  }
  {
    auto file = f.open(false, true, false, "head\n");
    file->recover(commitment, 1);
    put(*file, "two\n");
    file->finish();
  }
  CHECK(content(f.target) == "head\none\ntwo\ntwo\n");
  std::filesystem::resize_file(f.target, 3);
  CHECK_THROWS_AS(f.open(false)->recover(commitment, 1), weir::connector_error);
}

TEST_CASE("wherever a staged file is cut off, the target becomes what was committed", "[connector]") {
  auto const seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  for (int round = 0; round < 20; ++round) {
    fixture f;
    std::string committed;                  // what the target must become
    std::optional<std::string> commitment;  // what the store holds
    std::uint64_t epoch = 0;
    for (int life = 0; life < 4; ++life) {
      auto file = f.open(true, true, false, "head\n");
      file->recover(commitment, epoch);
      REQUIRE(content(f.target) == committed);
      std::string pending = commitment ? "" : "head\n";
      bool alive = true;
      while (alive) {
        for (std::size_t i = below(4); i > 0; --i) {
          std::size_t const sizes[] = {10, 1000, 70'000, 300'000};
          std::string const text(1 + below(sizes[below(4)]), static_cast<char>('a' + below(26)));
          put(*file, text);
          pending += text;
        }
        if (below(6) == 0) break;
        auto segment = file->close_segment(++epoch);
        if (below(8) == 0) --epoch, alive = false;
        if (!alive) break;
        std::string more;  // records go on while the segment is on its way
        if (below(2) == 0) put(*file, more = std::string(below(300'000), 'z'));
        segment.make_durable();
        REQUIRE(content(f.target) == committed);
        if (below(8) == 0) --epoch, alive = false;
        if (!alive) break;
        commitment = segment.commitment;
        std::string const before = committed;
        committed += pending;
        pending = more;
        if (below(6) == 0) {  // half published
          write(f.target,
                before + committed.substr(before.size(), below(committed.size() - before.size() + 1)));
          break;
        }
        if (below(6) == 0) break;
        segment.publish();
        REQUIRE(content(f.target) == committed);
      }
    }
    auto file = f.open(true);
    file->recover(commitment, epoch);
    REQUIRE(content(f.target) == committed);
    REQUIRE(f.spools() <= 1);
  }
}
