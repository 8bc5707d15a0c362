#include "catch.hpp"
#include "files.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/part_directory.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

using namespace std::chrono_literals;
using weir_test::content;
using weir_test::write;
using names = std::map<std::string, std::string>;

namespace {

struct fixture {
  weir_test::temp_directory folder;
  weir::counters counters;
  std::filesystem::path target = folder / "out";
  weir::timestamp now{1000s};
  weir::rolling_policy rolling{};
  std::string header{}, uid = "orders";
  std::size_t open_files = 64;
  bool overwrite = false, from_savepoint = false, with_state = true;

  std::unique_ptr<weir::detail::part_directory> open(bool exactly_once = true) {
    weir::sink_context const context{uid, exactly_once, with_state ? folder / "state" : std::filesystem::path(),
                                     counters, from_savepoint};
    return std::make_unique<weir::detail::part_directory>(
        weir::detail::part_options{"csv_directory", target, ".csv", header, rolling, [this] { return now; },
                                   open_files, overwrite},
        context);
  }
  // The files below a folder by their names, finished or in progress.
  names files(bool finished, std::filesystem::path const& below) const {
    names all;
    if (!exists(below)) return all;
    for (auto const& e : std::filesystem::recursive_directory_iterator(below)) {
      bool const hidden = e.path().filename().string().starts_with('.');
      if (e.is_regular_file() && hidden != finished)
        all[relative(e.path(), below).string()] = content(e.path());
    }
    return all;
  }
  names finished() const { return files(true, target); }
  names hidden() const { return files(false, target); }
};

void put(weir::detail::part_directory& parts, std::string const& text, std::string const& bucket = "") {
  auto& part = parts.part_of(bucket);
  part.buffer.append(text);
  parts.appended(part);
}
// A checkpoint; gives what is committed.
std::string commit(weir::detail::part_directory& parts, std::uint64_t epoch) {
  auto segment = parts.close_segment(epoch);
  segment.make_durable();
  segment.publish();
  return segment.commitment;
}

}  // namespace

TEST_CASE("a file is rolled because of its size, between records", "[connector]") {
  fixture f;
  f.rolling.size = 10;
  f.header = "h\n";
  auto parts = f.open();
  parts->recover(std::nullopt);
  for (char const* text : {"aaa\n", "bbb\n", "ccc\n", "ddddddddddddd\n", "e\n"}) put(*parts, text);
  CHECK(f.finished().empty());
  CHECK(f.hidden().size() == 2);
  auto segment = parts->close_segment(1);
  segment.make_durable();
  CHECK(f.finished().empty());  // pending
  CHECK(f.hidden() == names{{".part-orders-0.csv.inprogress", "h\naaa\nbbb\n"},
                            {".part-orders-1.csv.inprogress", "h\nccc\nddddddddddddd\n"},
                            {".part-orders-2.csv.inprogress", "h\ne\n"}});
  segment.publish();
  CHECK(f.finished() ==
        names{{"part-orders-0.csv", "h\naaa\nbbb\n"}, {"part-orders-1.csv", "h\nccc\nddddddddddddd\n"}});
  CHECK(f.hidden() == names{{".part-orders-2.csv.inprogress", "h\ne\n"}});
  parts->roll_all();
  commit(*parts, 2);
  CHECK(f.finished().at("part-orders-2.csv") == "h\ne\n");
  CHECK(f.hidden().empty());
}

TEST_CASE("a file is rolled when it is old or nothing comes for it, or at each checkpoint", "[connector]") {
  fixture f;
  f.rolling.age = 60s;
  f.rolling.inactivity = 10s;
  auto parts = f.open();
  parts->recover(std::nullopt);
  put(*parts, "a\n", "busy");
  put(*parts, "b\n", "quiet");
  std::string said;
  for (int i = 0; i < 6; ++i) {
    f.now += 9s;
    parts->flush();
    put(*parts, "a\n", "busy");
    said = commit(*parts, static_cast<std::uint64_t>(i + 1));
  }
  CHECK(f.finished() == names{{"quiet/part-orders-1.csv", "b\n"}});
  SECTION("in the same run") {
    f.now += 5s;
    parts->flush();
    commit(*parts, 7);
    CHECK(f.finished().size() == 1);
    f.now += 1s;
    parts->flush();
  }
  SECTION("in another one, which began later") {
    f.now += 6s;
    parts = f.open();
    parts->recover(said);
    parts->flush();
  }
  put(*parts, "c\n", "busy");
  commit(*parts, 8);
  CHECK(f.finished().at("busy/part-orders-0.csv") == "a\na\na\na\na\na\na\n");
  CHECK(f.hidden() == names{{"busy/.part-orders-2.csv.inprogress", "c\n"}});
  f.rolling.at_checkpoint = true;
  said = commit(*parts, 9);
  CHECK(f.hidden().size() == 1);
  parts = f.open();
  parts->recover(said);
  put(*parts, "d\n", "busy");
  put(*parts, "e\n", "busy");
  commit(*parts, 10);
  CHECK(f.finished().at("busy/part-orders-2.csv") == "c\nd\ne\n");
  CHECK(f.hidden().empty());
}

TEST_CASE("few files are open however many buckets there are", "[connector]") {
  fixture f;
  f.open_files = 3;
  f.header = "h\n";
  for (bool const exactly_once : {true, false}) {
    f.target = f.folder / (exactly_once ? "one" : "two");
    auto parts = f.open(exactly_once);
    parts->recover(std::nullopt);
    if (!exactly_once) parts->recover(parts->claim());
    names want;
    auto const descriptors = [] {
      return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
    };
    auto const before = descriptors();
    for (int i = 0; i < 200; ++i) {
      int const bucket = (i * i + i / 7) % 20;
      put(*parts, std::to_string(i) + "\n", std::to_string(bucket));
      want[std::to_string(bucket)] += std::to_string(i) + "\n";
      REQUIRE(descriptors() <= before + 7);
      if (i % 50 == 49) commit(*parts, static_cast<std::uint64_t>(i));
    }
    parts->roll_all();
    REQUIRE(descriptors() <= before + 7);
    commit(*parts, 200);
    names got;
    for (auto const& [name, text] : f.finished()) got[name.substr(0, name.find('/'))] += text.substr(2);
    CHECK(got == want);
    CHECK(f.finished().size() == want.size());
  }
}

TEST_CASE("wherever a directory sink is cut off, finished files become what they would have been",
          "[connector]") {
  auto const seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  constexpr std::uint64_t records = 60;
  // Records and checkpoints are the same each time: a checkpoint is behind every fifth record.
  auto const record = [](std::uint64_t i) {
    return std::to_string(i) + std::string(i % 13 == 0 ? 300'000 : i % 9, 'x') + "\n";
  };
  auto const bucket = [](std::uint64_t i) {
    return i % 7 == 0 ? std::string("seventh") : std::to_string(i % 2);
  };
  auto const play = [&](fixture& f, bool with_kills) {
    std::optional<std::string> committed;
    std::uint64_t at = 0, epoch = 0;  // of the commit
    for (bool done = false; !done;) {
      auto parts = f.open();
      names before = f.finished();
      parts->recover(committed);
      if (with_kills && below(10) == 0) continue;
      bool alive = true;
      for (std::uint64_t i = at; alive && i <= records; ++i) {
        if (i == records) parts->roll_all();
        if (i != records) put(*parts, record(i), bucket(i));
        if (i % 5 != 4 && i != records) {
          alive = !with_kills || below(30) != 0;
          continue;
        }
        names const visible = f.finished();
        auto segment = parts->close_segment(epoch + 1);
        if (with_kills && below(15) == 0) break;
        if (with_kills && below(3) == 0) {  // records go on meanwhile
          for (std::uint64_t j = i + 1; j < std::min(i + 4, records); ++j) put(*parts, record(j), bucket(j));
          alive = false;
        }
        segment.make_durable();
        REQUIRE(f.finished() == visible);
        if (with_kills && below(15) == 0) break;
        committed = segment.commitment;
        at = i + 1;
        ++epoch;
        done = i == records;
        if (with_kills && below(15) == 0) {
          done = false;
          break;
        }
        segment.publish();
        if (with_kills && below(15) == 0) {
          done = false;
          break;
        }
      }
      if (at == records + 1) done = true;
    }
    f.open()->recover(committed);
  };
  fixture calm;
  calm.rolling = {.size = 40};
  calm.header = "head\n";
  play(calm, false);
  REQUIRE(calm.finished().size() > 10);
  REQUIRE(calm.hidden().empty());
  // Each round is some thousand syncs of a disk that may be busy.
  int const rounds = std::getenv("WEIR_SOAK") ? 100 : 5;
  for (int round = 0; round < rounds; ++round) {
    fixture f;
    f.rolling = calm.rolling;
    f.header = calm.header;
    f.open_files = 1 + below(4);
    play(f, true);
    REQUIRE(f.hidden().empty());
    REQUIRE((f.finished() == calm.finished()));
  }
}

TEST_CASE("finished files may be taken away, and what is not finished may not", "[connector]") {
  fixture f;
  f.rolling.size = 4;
  auto parts = f.open();
  parts->recover(std::nullopt);
  put(*parts, "one\n", "a");
  put(*parts, "two\n", "b");
  put(*parts, "3\n", "b");
  auto segment = parts->close_segment(1);
  segment.make_durable();
  SECTION("after it has been published") {
    segment.publish();
    remove_all(f.target / "a");
    f.open()->recover(segment.commitment);
    CHECK(f.finished() == names{{"b/part-orders-1.csv", "two\n"}});
    std::filesystem::remove(f.target / "b" / ".part-orders-2.csv.inprogress");
    CHECK_THROWS_WITH(
        f.open()->recover(segment.commitment),
        weir_test::contains("b/.part-orders-2.csv.inprogress: cannot open the file again, of which 2 "
                            "bytes are committed: No such file or directory"));
  }
  SECTION("what came after the commit is cut off") {
    segment.publish();
    put(*parts, "4\n", "c");
    put(*parts, "5", "b");
    parts->close_segment(2);
    CHECK(f.hidden().at("b/.part-orders-2.csv.inprogress") == "3\n5");
    f.open()->recover(segment.commitment);
    CHECK(f.hidden() == names{{"b/.part-orders-2.csv.inprogress", "3\n"}});
  }
  SECTION("a pending file is cut") {
    std::filesystem::resize_file(f.target / "a" / ".part-orders-0.csv.inprogress", 2);
    CHECK_THROWS_WITH(f.open()->recover(segment.commitment),
                      weir_test::contains("the file has 2 bytes, and 4 are committed"));
  }
  SECTION("a file in progress is cut") {
    segment.publish();
    std::filesystem::resize_file(f.target / "b" / ".part-orders-2.csv.inprogress", 1);
    CHECK_THROWS_WITH(f.open()->recover(segment.commitment),
                      weir_test::contains("the file has 1 bytes, and 2 are committed"));
  }
  SECTION("a pending file is gone before it is published") {
    std::filesystem::remove(f.target / "a" / ".part-orders-0.csv.inprogress");
    CHECK_THROWS_WITH(segment.publish(), weir_test::contains("cannot give the finished file its name"));
  }
}

TEST_CASE("a new state refuses the sink's own files, or removes them, and leaves others alone", "[connector]") {
  fixture f;
  for (bool const exactly_once : {true, false}) {
    f.overwrite = false;
    create_directories(f.target / "b");
    write(f.target / "part-other-0.csv", "other");
    write(f.target / "part-orders-x.csv", "x");
    write(f.target / "b" / "part-orders-7.csv", "old");
    write(f.target / "b" / ".part-orders-8.csv.inprogress", "left");
    CHECK_THROWS_WITH(
        f.open(exactly_once)->recover(std::nullopt),
        "weir::csv_directory: sink \"orders\": " + (f.target / "b" / "part-orders-7.csv").string() +
            ": the file exists, and the state is new; set .overwrite = true to remove what this sink "
            "wrote, or name another directory");
    CHECK(f.finished().size() == 3);
    CHECK(f.hidden().size() == 1);
    f.overwrite = true;
    auto parts = f.open(exactly_once);
    parts->recover(std::nullopt);
    if (!exactly_once) {
      CHECK(f.finished().size() == 3);  // nothing is touched before the claim is durable
      auto const claim = parts->claim();
      parts->recover(claim);
      CHECK(parts->claim() != claim);
    }
    CHECK(f.finished() == names{{"part-other-0.csv", "other"}, {"part-orders-x.csv", "x"}});
    CHECK(f.hidden().empty());
    put(*parts, "new\n");
    parts->roll_all();
    commit(*parts, 1);
    CHECK(f.finished().at("part-orders-0.csv") == "new\n");
    remove_all(f.target);
  }
  f.with_state = false;
  f.overwrite = false;
  write(f.folder / "file", "");
  f.target = f.folder / "file";
  CHECK_THROWS_WITH(f.open(false), weir_test::contains("file: cannot list the folder: Not a directory"));
}

TEST_CASE("at_least_once and runs without checkpoints finish files as they roll", "[connector]") {
  fixture f;
  f.rolling.size = 4;
  auto parts = f.open(false);
  parts->recover(std::nullopt);
  std::string said = *parts->claim();
  parts->recover(said);
  put(*parts, "one\n");
  CHECK(f.finished() == names{{"part-orders-0.csv", "one\n"}});
  put(*parts, "2\n");
  if (GENERATE(true, false)) said = commit(*parts, 1);
  put(*parts, "3\n");
  put(*parts, "four\n");
  put(*parts, "5\n");
  if (GENERATE(true, false)) parts->close_segment(2).make_durable();
  parts = f.open(false);
  parts->recover(said);
  CHECK(f.hidden().empty());
  CHECK(f.finished().size() == 3);
  put(*parts, "back\n");
  CHECK(f.finished().at("part-orders-3.csv") == "back\n");
  f.with_state = false;
  f.target = f.folder / "other";
  parts = f.open(false);
  put(*parts, "a\n", "x");
  put(*parts, "b\n", "y");
  parts->finish();
  CHECK(f.finished() == names{{"x/part-orders-0.csv", "a\n"}, {"y/part-orders-1.csv", "b\n"}});
}

TEST_CASE("a savepoint goes on in another directory with what was in progress", "[connector]") {
  fixture f;
  f.rolling.size = 8;
  auto parts = f.open();
  parts->recover(std::nullopt);
  put(*parts, "one two\n", "a");
  put(*parts, "one\n", "b");
  auto segment = parts->close_segment(1);
  segment.make_durable();
  segment.publish();
  auto const old = f.target;
  bool const finished_since = GENERATE(true, false);
  put(*parts, finished_since ? "two two\n" : "two\n", "b");
  if (finished_since) commit(*parts, 2);

  f.target = f.folder / "moved" / "out";
  CHECK_THROWS_AS(f.open()->recover(segment.published), weir::restore_error);
  f.from_savepoint = true;
  f.open()->recover(segment.published);
  CHECK(f.hidden() == names{{"b/.part-orders-1.csv.inprogress", "one\n"}});
  auto again = f.open();  // killed before the first commit
  again->recover(segment.published);
  put(*again, "3 3\n", "b");
  put(*again, "four\n", "b");
  auto const said = commit(*again, 2);
  CHECK(f.finished() == names{{"b/part-orders-1.csv", "one\n3 3\n"}});
  CHECK(f.hidden() == names{{"b/.part-orders-2.csv.inprogress", "four\n"}});
  f.from_savepoint = false;
  f.open()->recover(said);

  f.from_savepoint = true;
  if (finished_since) {
    f.target = old;
    CHECK_THROWS_WITH(
        f.open()->recover(segment.published),
        weir_test::contains("part-orders-1.csv: the file was not finished at the last commit (epoch "
                            "1): the state is older than the directory; name another directory"));
  }
  f.target = f.folder / "third";
  remove_all(old);
  CHECK_THROWS_WITH(f.open()->recover(segment.published),
                    weir_test::contains("cannot copy the 4 bytes that the savepoint needs: No such file"));
}

TEST_CASE("a savepoint goes on at least once in another directory, which is claimed first", "[connector]") {
  fixture f;
  f.rolling.size = 8;
  auto parts = f.open(false);
  parts->recover(std::nullopt);
  parts->recover(*parts->claim());
  put(*parts, "one two\n", "a");
  put(*parts, "one\n", "b");
  auto const saved = commit(*parts, 1);

  f.target = f.folder / "moved" / "out";
  f.from_savepoint = true;
  names const before{{"part-orders-7.csv", "of another job\n"}};
  bool const empties = GENERATE(true, false);
  if (empties) {
    create_directories(f.target);
    write(f.target / "part-orders-7.csv", "of another job\n");
    CHECK_THROWS_WITH(f.open(false)->recover(saved), weir_test::contains("part-orders-7.csv: the file exists"));
    f.overwrite = true;
  }
  for (int deaths = 0; deaths < 2; ++deaths) {  // before the claim is durable
    parts = f.open(false);
    parts->recover(saved);
    CHECK(parts->moved());
    CHECK(f.hidden() == names{{"b/.part-orders-1.csv.inprogress", "one\n"}});
    CHECK(f.finished() == (empties ? before : names{}));
  }
  std::string said = *parts->claim();
  if (GENERATE(true, false)) {  // before what it emptied is durable
    parts = f.open(false);
    parts->recover(said);
    parts = f.open(false);
  }
  parts->recover(said);
  CHECK(f.finished().empty());
  REQUIRE(parts->claimed());
  said = *parts->claim();
  f.overwrite = false;
  put(*parts, "back\n", "c");
  if (GENERATE(true, false)) put(*parts, "3 3\n", "b");
  put(*parts, "four and more\n", "d");
  names const finished = f.finished();
  CHECK(finished.at("d/part-orders-3.csv") == "four and more\n");
  std::size_t const rolled = finished.contains("b/part-orders-1.csv");
  for (int deaths = 0; deaths < 2; ++deaths) {  // before the first commit
    parts = f.open(false);
    parts->recover(said);
    CHECK_FALSE(parts->moved());
    REQUIRE(parts->claimed());
    said = *parts->claim();
    CHECK(f.finished() == finished);
    CHECK(f.hidden().size() == 1 - rolled);
  }
  put(*parts, "2 2\n", "b");
  said = commit(*parts, 2);
  CHECK(f.hidden() == (rolled ? names{{"b/.part-orders-4.csv.inprogress", "2 2\n"}} : names{}));
  CHECK(f.finished().at("b/part-orders-1.csv") == (rolled ? "one\n3 3\n" : "one\n2 2\n"));
  f.from_savepoint = false;
  f.open(false)->recover(said);
}

TEST_CASE("a savepoint goes on in the same directory under another name, and not around or in the one of then",
          "[connector]") {
  bool const exactly_once = GENERATE(true, false);
  fixture f;
  auto parts = f.open(exactly_once);
  parts->recover(std::nullopt);
  if (!exactly_once) parts->recover(*parts->claim());
  put(*parts, "one\n", "b");
  auto const saved = commit(*parts, 1);
  names const hidden = f.hidden();
  REQUIRE(hidden == names{{"b/.part-orders-0.csv.inprogress", "one\n"}});

  f.from_savepoint = true;
  f.overwrite = true;
  create_directory_symlink(f.target, f.folder / "link");
  for (auto const& other : {f.folder / "link" / "b", std::filesystem::path(f.folder / "out" / ".."),
                            f.folder / "out" / "b" / "c"}) {
    f.target = other;
    CHECK_THROWS_WITH(f.open(exactly_once)->recover(saved),
                      weir_test::contains("one lies in the other; name a directory beside it"));
    CHECK(f.files(false, f.folder / "out") == hidden);
  }
  f.overwrite = false;
  f.target = f.folder / "link";
  parts = f.open(exactly_once);
  parts->recover(saved);
  CHECK_FALSE(parts->moved());
  CHECK(f.hidden() == hidden);
  put(*parts, "two\n", "b");
  parts->roll_all();
  commit(*parts, 2);
  CHECK(f.finished() == names{{"b/part-orders-0.csv", "one\ntwo\n"}});
}

TEST_CASE("at least once, a file that was finished since the commit may be taken away", "[connector]") {
  fixture f;
  auto parts = f.open(false);
  parts->recover(std::nullopt);
  parts->recover(*parts->claim());
  put(*parts, "one\n");
  auto const said = commit(*parts, 1);
  put(*parts, "two\n");
  parts->roll_all();
  std::filesystem::remove(f.target / "part-orders-0.csv");
  // Where a savepoint comes to, it may never have been.
  f.from_savepoint = true;
  CHECK_THROWS_WITH(f.open(false)->recover(said), weir_test::contains("of which 4 bytes are committed"));
  f.from_savepoint = false;
  parts = f.open(false);
  parts->recover(said);
  put(*parts, "two\n");
  parts->roll_all();
  commit(*parts, 2);
  CHECK(f.finished() == names{{"part-orders-1.csv", "two\n"}});
}

TEST_CASE("at least once, a file may be taken away before the checkpoint that would make it durable",
          "[connector]") {
  fixture f;
  f.rolling = {.age = 24h, .inactivity = 10s};
  f.open_files = 1;
  auto parts = f.open(false);
  parts->recover(std::nullopt);
  parts->recover(*parts->claim());
  put(*parts, "a\n", "a");  // is closed when b is opened
  for (int i = 0; i < 2; ++i) {
    put(*parts, "b\n", "b");
    f.now += 6s;
    parts->flush();
  }
  REQUIRE(std::filesystem::remove(f.target / "a" / "part-orders-0.csv"));
  auto const said = commit(*parts, 1);
  f.open(false)->recover(said);
  CHECK(f.hidden() == names{{"b/.part-orders-1.csv.inprogress", "b\nb\n"}});
}

TEST_CASE("commitments of others, damaged ones, and options that cannot be", "[connector]") {
  fixture f;
  auto parts = f.open();
  parts->recover(std::nullopt);
  std::string said = commit(*parts, 1);
  CHECK_THROWS_AS(f.open()->recover(said.substr(2)), weir::restore_error);
  CHECK_THROWS_AS(f.open()->recover(said.substr(0, said.size() - 1)), weir::restore_error);
  f.rolling.size = 0;
  CHECK_THROWS_WITH(f.open(),
                    "weir::csv_directory: sink \"orders\": rolling.size is not positive; give a positive one, "
                    "or leave it out");
  f.rolling = {.age = 0s};
  CHECK_THROWS_AS(f.open(), weir::config_error);
  f.rolling = {.inactivity = -1s};
  CHECK_THROWS_AS(f.open(), weir::config_error);
  f.rolling = {};
  f.open_files = 0;
  CHECK_THROWS_AS(f.open(), weir::config_error);
  f.open_files = 1;
  f.target = "";
  CHECK_THROWS_AS(f.open(), weir::config_error);
}

TEST_CASE("uids that are no names of files are escaped", "[connector]") {
  fixture f;
  names const want{{"../up", "part-%2E%2E%2Fup-0.csv"}, {"a-1", "part-a-1-0.csv"}, {"a", "part-a-0.csv"}};
  for (auto const& [uid, name] : want) {  // in one directory
    f.uid = uid;
    auto parts = f.open();
    parts->recover(std::nullopt);
    put(*parts, uid);
    parts->roll_all();
    commit(*parts, 1);
    CHECK(f.finished().at(name) == uid);
  }
  CHECK(f.finished().size() == 3);
}

TEST_CASE("disk errors of a directory sink are said in words", "[connector]") {
  fixture f;
  auto parts = f.open();
  parts->recover(std::nullopt);
  write(f.target / "b", "");  // in the way
  put(*parts, "one\n", "b");
  CHECK_THROWS_WITH(parts->close_segment(1), weir_test::contains("out/b: cannot make the file") ||
                                                 weir_test::contains("out/b: cannot make the folder") ||
                                                 weir_test::contains("cannot make the file: Not a directory"));
  std::filesystem::remove(f.target / "b");
  parts = f.open();
  parts->recover(std::nullopt);
  create_directories(f.target / "b");
  create_symlink("/dev/full", f.target / "b" / ".part-orders-0.csv.inprogress");
  put(*parts, "one\n", "b");
  CHECK_THROWS_WITH(
      parts->close_segment(1),
      "weir::csv_directory: sink \"orders\": " + (f.target / "b" / ".part-orders-0.csv.inprogress").string() +
          ": cannot write: No space left on device; make room on that disk and run again");
}
