// Savepoints: taken while a job runs, and another job goes on from them.
#include "catch.hpp"
#include "error_of.hpp"
#include "files.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/csv_directory.hpp>
#include <weir/weir.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ranges>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using weir_test::content;
using weir_test::error_of;
using weir_test::temp_directory;

struct total_line {
  std::string key;
  std::int64_t total;
};
BOOST_HANA_ADAPT_STRUCT(total_line, key, total);

namespace {

constexpr weir::periodic_checkpoints seldom{.every = 1h};

// Some keys are longer than LMDB takes.
std::string key_of(std::int64_t n) { return std::string(n % 11 == 0 ? 600 : 3, 'k') + std::to_string(n % 50); }

// Sums with a timer that gives them out and begins anew.
struct summing {
  using output = total_line;
  weir::value_state<std::int64_t, "sum"> sum;
  weir::list_state<std::int64_t, "last"> last;
  weir::map_state<std::int64_t, std::int64_t, "by digit"> by_digit;
  auto states() { return std::tie(sum, last, by_digit); }
  template <class Context, class Emit>
  void on_record(std::int64_t n, Context& context, Emit const&) {
    sum.get() += n;
    if (last.size() == 3) last.clear();
    last.add(n);
    by_digit[n % 10] += 1;
    context.set_timer(weir::from_ticks((n / 1'000 + 1) * 1'000));
  }
  template <class Context, class Emit>
  void on_timer(weir::timestamp, Context& context, Emit const& emit) {
    std::int64_t all = *sum;
    for (std::int64_t n : last) all += n;
    for (auto const& [digit, count] : by_digit) all += digit * count;
    emit(total_line{context.key().substr(0, 8), all});
    sum.clear();
  }
};

struct job {
  std::filesystem::path state, out;

  // One type for all of them: to compile it again for each lambda takes long.
  auto pipeline(std::function<void(std::int64_t)> at) const {
    return weir::from(std::views::iota(std::int64_t{0}, std::int64_t{20'000}), weir::uid<"numbers">) |
           weir::inspect(at) |
           weir::assign_timestamps([](std::int64_t n) { return weir::from_ticks(n); },
                                   weir::bounded_out_of_orderness{weir::duration{100}}) |
           weir::key_by(key_of) | weir::process<"sums">(summing{}) |
           weir::into(weir::csv_file{out}, weir::uid<"out">);
  }
  weir::run_result run(std::function<void(std::int64_t)> at, auto... policies) const {
    return weir::run(pipeline(std::move(at)), weir::lmdb_store{state}, seldom, weir::batch_size{100},
                     policies...);
  }
};
auto const nothing = [](std::int64_t) {};

// A job that took a savepoint at record 7,777 and went on to the end.
struct with_savepoint {
  temp_directory directory;
  job first{directory.path() / "state", directory.path() / "out.csv"};
  std::filesystem::path path = directory.path() / "save.weir";
  std::uint64_t epoch = 0;
  with_savepoint() {
    weir::job_control const control;
    weir::pending_checkpoint saved;
    auto const result = first.run(
        [&](std::int64_t n) {
          if (n == 7'777) saved = control.savepoint(path);
        },
        control);
    REQUIRE(result.status == weir::outcome::finished);
    epoch = saved.get();
  }
  job second() const { return {directory.path() / "state2", directory.path() / "out2.csv"}; }
};

}  // namespace

TEST_CASE("a savepoint is the job at one record: another job goes on from there and gives the rest") {
  with_savepoint const s;
  CHECK(s.epoch == 1);
  CHECK_FALSE(std::filesystem::exists(s.directory.path() / "save.weir.unfinished"));
  job const second = s.second();
  std::int64_t began = -1;
  auto const result = second.run(
      [&](std::int64_t n) {
        if (began < 0) began = n;
      },
      weir::from_savepoint{s.path});
  CHECK(began > 7'777);  // at the end of the batch
  CHECK(began <= 7'777 + 100);
  CHECK(result.count("numbers", "out") == static_cast<std::uint64_t>(20'000 - began));
  CHECK(result.total("numbers", "out") == 20'000);
  std::string const all = content(s.first.out), rest = content(second.out);
  std::string const lines = rest.substr(rest.find('\n') + 1);
  CHECK(lines.size() > 1'000);
  CHECK(lines.size() < all.size() * 3 / 4);
  CHECK(all.ends_with(lines));
}

TEST_CASE("from_savepoint: the same options again go on where the directory is; other state is refused") {
  with_savepoint const s;
  job const second = s.second();
  {
    weir::job_control const control;
    second.run(
        [&](std::int64_t n) {
          if (n == 12'000) control.stop();
        },
        weir::from_savepoint{s.path}, control);
  }
  std::int64_t began = -1;
  second.run(
      [&](std::int64_t n) {
        if (began < 0) began = n;
      },
      weir::from_savepoint{s.path});
  CHECK(began > 12'000);
  CHECK(began <= 12'000 + 100);
  CHECK(content(s.first.out).ends_with(content(second.out).substr(content(second.out).find('\n') + 1)));
  CHECK_THROWS_WITH(s.first.run(nothing, weir::from_savepoint{s.path}),
                    Catch::Matchers::Contains("has state that did not begin with the savepoint"));
}

TEST_CASE("from_savepoint: a sink goes on in the file that the savepoint names, at its place") {
  with_savepoint const s;
  std::string const whole = content(s.first.out);
  job const again{s.directory.path() / "state2", s.first.out};
  // The first job went on: what it wrote would be written twice.
  CHECK_THROWS_WITH(again.run(nothing, weir::from_savepoint{s.path}),
                    Catch::Matchers::Contains("the state is older than the file"));
  std::string const rest = [&] {
    job const other{s.directory.path() / "state3", s.directory.path() / "out3.csv"};
    other.run(nothing, weir::from_savepoint{s.path});
    return content(other.out);
  }();
  std::filesystem::resize_file(s.first.out, whole.size() - (rest.size() - rest.find('\n') - 1));
  std::filesystem::remove_all(again.state);
  again.run(nothing, weir::from_savepoint{s.path});
  CHECK(content(s.first.out) == whole);
}

TEST_CASE("a savepoint that cannot be written is its caller's error and not the run's") {
  temp_directory const d;
  std::ofstream(d.path() / "there") << "mine";
  weir::job_control const control;
  weir::pending_checkpoint there, nowhere, good;
  job const j{d.path() / "state", d.path() / "out.csv"};
  auto const result = j.run(
      [&](std::int64_t n) {
        if (n != 5'000) return;
        there = control.savepoint(d.path() / "there");
        nowhere = control.savepoint(d.path() / "no folder" / "save");
        good = control.savepoint(d.path() / "good");
      },
      control);
  CHECK(result.status == weir::outcome::finished);
  CHECK(error_of([&] { there.get(); }).find("the file exists") != std::string::npos);
  CHECK(error_of([&] { nowhere.get(); }).find("no folder") != std::string::npos);
  CHECK(good.get() == 1);
  CHECK(content(d.path() / "there") == "mine");
  CHECK_THROWS_AS(control.savepoint(""), weir::config_error);
}

TEST_CASE("a savepoint of which any byte is another, or that is cut off anywhere, is refused") {
  temp_directory const d;
  std::filesystem::path const path = d.path() / "small";
  {
    auto const tiny = weir::from(std::views::iota(0, 40), weir::uid<"n">) |
                      weir::key_by([](int n) { return n % 3; }) | weir::reduce(std::plus<>{}) |
                      weir::uid<"sum"> | weir::into([](int) {}, weir::uid<"out">);
    weir::job_control const control;
    auto saved = control.savepoint(path);
    weir::run(tiny, weir::lmdb_store{d.path() / "state"}, seldom, weir::at_least_once, control);
    saved.get();
  }
  std::string const whole = content(path);
  auto const read = [&](std::string const& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    weir::detail::savepoint_reader in(path);
    in.for_each([](weir::detail::database, std::string_view, std::string_view) {});
  };
  REQUIRE_NOTHROW(read(whole));
  std::uint64_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int const bit : {0, 7}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ 1 << bit);
      try {
        read(damaged);
        FAIL_CHECK("byte " << i);
      } catch (weir::restore_error const& e) {
        refused += std::string_view(e.what()).find(path.string()) != std::string_view::npos;
      }
    }
    CHECK_THROWS_AS(read(whole.substr(0, i)), weir::restore_error);
  }
  CHECK(refused == 2 * whole.size());
  CHECK_THROWS_AS(read(whole + "x"), weir::restore_error);
  CHECK_THROWS_WITH(read("something else, of a length that is enough"),
                    Catch::Matchers::Contains("this is no savepoint of weir"));
}

namespace {

// The same source and sink, with one operator or two.
template <bool First, bool Second>
struct changing {
  static auto pipeline(std::filesystem::path const& d, int to, weir::job_control control) {
    auto const count = [](auto uid) {
      return weir::key_by([](int n) { return n % 3; }) | weir::reduce(std::plus<>{}) | uid;
    };
    auto const source =
        weir::from(std::views::iota(0, 100), weir::uid<"n">) | weir::inspect([to, control](int n) {
          if (n == to) control.stop();
        });
    auto const end = weir::map([](int n) {
                       return total_line{"", n};
                     }) |
                     weir::into(weir::csv_file{d / "out.csv"}, weir::uid<"out">);
    if constexpr (First && Second)
      return source | count(weir::uid<"first">) | count(weir::uid<"second">) | end;
    else if constexpr (First)
      return source | count(weir::uid<"first">) | end;
    else
      return source | count(weir::uid<"second">) | end;
  }
  static weir::run_result run(std::filesystem::path const& d, int to, auto... policies) {
    weir::job_control const control;
    return weir::run(pipeline(d, to, control), weir::lmdb_store{d / "state"}, seldom, control,
                     weir::batch_size{1}, policies...);
  }
};

}  // namespace

TEST_CASE("a changed pipeline: new operators begin empty, lost ones are refused unless they may be forgotten") {
  temp_directory const d;
  changing<true, false>::run(d.path(), 30);
  CHECK(changing<true, true>::run(d.path(), 60).status == weir::outcome::stopped);  // "second" is new
  CHECK_THROWS_WITH((changing<false, true>::run(d.path(), 90)),
                    Catch::Matchers::Contains("it has the operator \"first\", which this pipeline has not") &&
                        Catch::Matchers::Contains("allow_non_restored_state"));
  CHECK((changing<false, true>::run(d.path(), 90, weir::allow_non_restored_state).status ==
         weir::outcome::stopped));
  // What was forgotten is gone: the operator is new again.
  changing<true, true>::run(d.path(), 1000);
  std::istringstream lines(content(d.path() / "out.csv"));
  std::vector<std::int64_t> got;
  std::string line;
  for (std::getline(lines, line); std::getline(lines, line);) got.push_back(std::stoll(line.substr(1)));
  std::vector<std::int64_t> expected;
  std::int64_t first[3] = {}, second[3] = {};
  for (int n = 0; n < 100; ++n) {
    bool const has_first = n <= 60 || n > 90, has_second = n > 30;
    if (n == 91) first[0] = first[1] = first[2] = 0;
    std::int64_t v = n;
    if (has_first) v = first[v % 3] += v;
    if (has_second) v = second[v % 3] += v;
    expected.push_back(v);
  }
  CHECK(got == expected);
}

TEST_CASE("a changed pipeline: a new source begins at its beginning and does not turn time back") {
  temp_directory const d;
  std::vector<std::pair<weir::timestamp, std::uint64_t>> fired;
  auto const timed = [](auto uid, auto at) {
    return weir::from(std::views::iota(0, 10'000), uid) | weir::inspect(at) |
           weir::assign_timestamps([](int n) { return weir::from_ticks(n); }, weir::monotonous_timestamps{});
  };
  auto const rest = weir::key_by([](int) { return 0; }) |
                    weir::window(weir::tumbling_windows{.size = weir::duration{100}}) |
                    weir::aggregate(weir::count()) | weir::uid<"counts"> |
                    weir::into(
                        [&](auto const& w) {
                          using namespace weir::literals;
                          fired.emplace_back(w["window_start"_c], w["count"_c]);
                        },
                        weir::uid<"out">);
  weir::lmdb_store const store{d.path()};
  weir::job_control const control;
  auto const first = weir::run(timed(weir::uid<"old">,
                                     [&](int n) {
                                       if (n == 5'050) control.stop();
                                     }) |
                                   rest,
                               store, seldom, weir::at_least_once, control, weir::batch_size{1});
  REQUIRE(first.status == weir::outcome::stopped);
  CHECK(fired.size() == 50);
  auto const second =
      weir::run(weir::merge(timed(weir::uid<"old">, [](int) {}), timed(weir::uid<"new">, [](int) {})) | rest,
                store, seldom, weir::at_least_once);
  CHECK(second.count("counts", "late") == 5'000);  // of windows that have fired
  REQUIRE(fired.size() == 100);
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < fired.size(); ++i) {
    CHECK(fired[i].first == weir::from_ticks(static_cast<std::int64_t>(i) * 100));
    CHECK(fired[i].second == (i < 50 ? 100 : 200));
    all += fired[i].second;
  }
  CHECK(all == 15'000);
}

TEST_CASE("a changed pipeline: a new sink begins a new file, and both go on") {
  temp_directory const d;
  auto const run = [&](auto guarantee, bool both, int to) {
    weir::job_control const control;
    auto const source = weir::from(std::views::iota(0, 100), weir::uid<"n">) |
                        weir::inspect([to, control](int n) {
                          if (n == to) control.stop();
                        }) |
                        weir::map([](int n) {
                          return total_line{"", n};
                        });
    auto const a = weir::into(weir::csv_file{d.path() / "a.csv"}, weir::uid<"a">);
    auto const b = weir::into(weir::csv_file{d.path() / "b.csv"}, weir::uid<"b">);
    weir::lmdb_store const store{d.path() / "state"};
    if (both)
      weir::run(source | weir::branch(a, b), store, seldom, control, weir::batch_size{1}, guarantee);
    else
      weir::run(source | weir::branch(a), store, seldom, control, weir::batch_size{1}, guarantee);
  };
  auto const lines = [&](char const* name) {
    std::istringstream in(content(d.path() / name));
    std::vector<int> got;
    std::string line;
    for (std::getline(in, line); std::getline(in, line);) got.push_back(std::stoi(line.substr(1)));
    return got;
  };
  auto const numbers = [](int from) {
    auto const all = std::views::iota(from, 100);
    return std::vector<int>(all.begin(), all.end());
  };
  auto const check = [&](auto guarantee) {
    run(guarantee, false, 30);
    run(guarantee, true, 60);
    run(guarantee, true, 1'000);
    CHECK(lines("a.csv") == numbers(0));
    CHECK(lines("b.csv") == numbers(31));
  };
  SECTION("exactly once") { check(weir::exactly_once); }
  SECTION("at least once") { check(weir::at_least_once); }
}

namespace {

// What stands in a file of lines `,n`, or in all files of a directory.
std::set<int> numbers_in(std::filesystem::path const& path) {
  std::set<int> got;
  auto const read = [&](std::filesystem::path const& file) {
    std::istringstream lines(content(file));
    std::string line;
    for (std::getline(lines, line); std::getline(lines, line);) got.insert(std::stoi(line.substr(1)));
  };
  if (!is_directory(path))
    read(path);
  else
    for (auto const& e : std::filesystem::directory_iterator(path)) read(e.path());
  return got;
}

// sink(path) makes the sink.
template <class Sink>
void check_a_crash_behind_a_savepoint(Sink const& sink) {
  temp_directory const d;
  auto const run = [&](char const* name, std::function<void(int)> at, auto... policies) {
    auto const numbers = weir::from(std::views::iota(0, 100), weir::uid<"n">) | weir::inspect(at) |
                         weir::map([](int n) {
                           return total_line{"", n};
                         }) |
                         weir::into(sink(d.path() / (std::string(name) + " out")), weir::uid<"out">);
    weir::run(numbers, weir::lmdb_store{d.path() / name}, seldom, weir::at_least_once, weir::batch_size{1},
              policies...);
  };
  weir::job_control const control;
  auto const path = d.path() / "save";
  run(
      "first",
      [&](int n) {
        if (n == 29) control.savepoint(path);
        if (n == 59) control.stop();
      },
      control);
  weir::from_savepoint const from{path};
  auto const dies_at = [](int last) {
    return [last](int n) {
      if (n == last) throw std::runtime_error("dies");
    };
  };
  CHECK_THROWS_WITH(run("second", dies_at(50), from), "dies");
  CHECK(numbers_in(d.path() / "second out").size() > 15);  // no checkpoint has been made there yet
  CHECK_THROWS_WITH(run("second", dies_at(70), from), "dies");
  run(
      "second", [](int) {}, from);
  std::set<int> const got = numbers_in(d.path() / "second out");
  auto const expected = std::views::iota(*got.begin(), 100);
  CHECK(*got.begin() <= 30);
  CHECK(got == std::set<int>(expected.begin(), expected.end()));
}

}  // namespace

TEST_CASE("from_savepoint: a sink that writes at least once finds its own new file after a crash") {
  check_a_crash_behind_a_savepoint([](auto const& path) { return weir::csv_file{path}; });
}
TEST_CASE("from_savepoint: and so does one that writes a directory") {
  check_a_crash_behind_a_savepoint([](auto const& path) {
    return weir::csv_directory(path, weir::one_bucket{}, weir::rolling_policy{.size = 16});
  });
}

namespace {

// To a file and to a directory, beside each other.
struct two_targets {
  temp_directory folder;
  std::filesystem::path save = folder / "save";
  bool overwrite = false;

  auto one(std::filesystem::path const& path, std::uint64_t size) const {
    weir::csv_directory sink(path, weir::one_bucket{}, weir::rolling_policy{.size = size});
    sink.overwrite = overwrite;
    return sink;
  }
  void run(char const* name, std::function<void(int)> at, auto const& first, auto const& second,
           auto... policies) const {
    weir::run(weir::from(std::views::iota(0, 100), weir::uid<"n">) | weir::inspect(at) | weir::map([](int n) {
                return total_line{"", n};
              }) | weir::branch(weir::into(first, weir::uid<"one">), weir::into(second, weir::uid<"two">)),
              weir::lmdb_store{folder / name}, seldom, weir::at_least_once, weir::batch_size{1}, policies...);
  }
  // Makes a savepoint behind the thirtieth number.
  void begin(auto const& first, auto const& second) const {
    weir::job_control const control;
    run(
        "state",
        [&](int n) {
          if (n == 29) control.savepoint(save), control.stop();
        },
        first, second, control);
  }
};
std::function<void(int)> dies_at(int last) {
  return [last](int n) {
    if (n == last) throw std::runtime_error("dies");
  };
}

}  // namespace

TEST_CASE("from_savepoint: what a sink has overwritten once, it does not remove again after a crash between") {
  two_targets t;
  auto const file = [&](char const* name) {
    return weir::csv_file<>{.path = t.folder / name, .overwrite = t.overwrite};
  };
  t.begin(file("out.csv"), t.one(t.folder / "out", 16));
  t.overwrite = true;
  std::ofstream(t.folder / "out2.csv") << "mine\n";
  auto const in_the_way = t.folder / "out2" / "part-two-7.csv";  // fails when it is removed
  create_directories(in_the_way / "more");
  auto const again = [&](int last) {
    t.run("state2", dies_at(last), file("out2.csv"), t.one(t.folder / "out2", 16),
          weir::from_savepoint{t.save});
  };
  CHECK_THROWS_WITH(again(50), weir_test::contains("part-two-7.csv: cannot remove the file"));
  remove_all(in_the_way);
  CHECK_THROWS_WITH(again(50), "dies");
  auto const before = numbers_in(t.folder / "out2"), in_file = numbers_in(t.folder / "out2.csv");
  CHECK(before.size() > 15);
  CHECK(in_file.size() > 15);
  CHECK_THROWS_WITH(again(31), "dies");
  std::set<int> finished;  // what was in progress is not the question
  for (auto const& e : std::filesystem::directory_iterator(t.folder / "out2"))
    if (e.path().filename().string().starts_with("part-")) finished.merge(numbers_in(e.path()));
  CHECK(finished.size() > 12);
  CHECK(numbers_in(t.folder / "out2.csv") == in_file);
}

TEST_CASE("from_savepoint: two sinks that come to one directory are refused, however far each had come") {
  two_targets t;
  t.begin(t.one(t.folder / "a", 16), t.one(t.folder / "b", 64));
  CHECK_THROWS_WITH(t.run("state2", dies_at(50), t.one(t.folder / "c", 16), t.one(t.folder / "c", 64),
                          weir::from_savepoint{t.save}),
                    weir_test::contains("\"one\" and \"two\" write to the same target"));
}
