#include "catch.hpp"
#include "files.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/csv_directory.hpp>
#include <weir/connector/json_lines_directory.hpp>
#include <weir/weir.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir_test::content;
using names = std::map<std::string, std::string>;

namespace directories {

struct order {
  std::string country;
  std::int64_t number;
  weir::timestamp at;
};
struct other {
  double value;
};

}  // namespace directories
BOOST_HANA_ADAPT_STRUCT(directories::order, country, number, at);
BOOST_HANA_ADAPT_STRUCT(directories::other, value);

namespace {

using directories::order;
using directories::other;

names files(std::filesystem::path const& below) {
  names all;
  for (auto const& e : std::filesystem::recursive_directory_iterator(below))
    if (e.is_regular_file()) all[relative(e.path(), below).string()] = content(e.path());
  return all;
}

std::vector<order> const orders{{"DE", 1, weir::timestamp{0s}},
                                {"a/b", 2, weir::timestamp{59min}},
                                {"", 3, weir::timestamp{60min}},
                                {"..", 4, weir::timestamp{49h}},
                                {"DE", 5, weir::timestamp{-1s}}};

}  // namespace

TEST_CASE("csv_directory makes a folder for each bucket, whatever it is called", "[connector]") {
  weir_test::temp_directory folder;
  weir::run(
      weir::from(orders) |
      weir::map([](order const& o) { return weir::make_row("country"_c = o.country, "number"_c = o.number); }) |
      weir::into(weir::csv_directory{folder / "out", weir::bucket_by([](auto const& row) -> std::string const& {
                                       return row["country"_c];
                                     })},
                 weir::uid<"o">));
  CHECK(files(folder / "out") == names{{"DE/part-o-0.csv", "country,number\nDE,1\nDE,5\n"},
                                       {"a%2Fb/part-o-1.csv", "country,number\na/b,2\n"},
                                       {"%/part-o-2.csv", "country,number\n,3\n"},
                                       {"%2E./part-o-3.csv", "country,number\n..,4\n"}});
  auto sink = weir::csv_directory{folder / "plain", weir::one_bucket{}, weir::rolling_policy{.size = 1}};
  sink.header = false;
  sink.separator = ';';
  sink.time = weir::epoch_unit::seconds;
  weir::run(weir::from(orders) | weir::into(sink));
  CHECK(files(folder / "plain").size() == 5);
  CHECK(content(folder / "plain" / "part-1.csv") == "a/b;2;3540\n");
  CHECK_THROWS_WITH(weir::run(weir::from(orders) | weir::into(sink)), weir_test::contains("the file exists"));
  sink.overwrite = true;
  sink.rolling = {};
  weir::run(weir::from(orders) | weir::into(sink));
  CHECK(files(folder / "plain").size() == 1);
}

TEST_CASE("buckets by time are in UTC", "[connector]") {
  weir_test::temp_directory folder;
  auto const in = weir::from(orders);
  weir::run(in | weir::into(weir::json_lines_directory{folder / "event", weir::bucket_by_time_of{&order::at}},
                            weir::uid<"o">));
  names got;  // the numbers in each file
  for (auto const& [name, text] : files(folder / "event"))
    for (std::size_t at = 0; (at = text.find("\"number\":", at)) != text.npos;) got[name] += text[at += 9];
  CHECK(got == names{{"1970-01-01--00/part-o-0.jsonl", "12"},
                     {"1970-01-01--01/part-o-1.jsonl", "3"},
                     {"1970-01-03--01/part-o-2.jsonl", "4"},
                     {"1969-12-31--23/part-o-3.jsonl", "5"}});
  weir::timestamp now{24h * 365};
  auto sink = weir::json_lines_directory{folder / "now", weir::bucket_by_time{"%Y/%m-%d/100%% %H:%M:%S/.."}};
  sink.clock = [&] { return now; };
  auto const number = weir::map([](order const& o) { return weir::make_row("n"_c = o.number); });
  weir::run(in | number | weir::into(sink));
  CHECK(files(folder / "now") == names{{"1971/01-01/100%25 00:00:00/%2E./part-0.jsonl",
                                        "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n{\"n\":5}\n"}});
  for (char const* format : {"", "%", "%y", "%Y-%Q"})
    CHECK_THROWS_WITH(
        weir::run(in | weir::into(weir::csv_directory{folder / "bad", weir::bucket_by_time{format}})),
        weir_test::contains("weir::bucket_by_time: the format is"));
  CHECK(weir::detail::bucket_time("%Y").text(weir::timestamp{-24h * 365 * 1900}) == "0071");
  CHECK(weir::detail::bucket_time("%Y%m%d").text(weir::timestamp{1'767'225'599s}) == "20251231");
}

TEST_CASE("names of buckets are different, plain and not too long", "[connector]") {
  using weir::detail::bucket_folder;
  CHECK(bucket_folder("Åland = 1") == "Åland = 1");
  CHECK(bucket_folder(".") == "%2E");
  CHECK(bucket_folder("%2E") == "%252E");
  CHECK(bucket_folder(std::string("a\0b\n", 4)) == "a%00b%0A");
  CHECK(bucket_folder("c:\\x") == "c:%5Cx");
  std::string const long_one(300, 'a');
  CHECK(bucket_folder(long_one).size() <= 201);
  CHECK(bucket_folder(long_one) != bucket_folder(long_one + "a"));
  CHECK(weir::detail::bucket_folders("a//b") == "a/%/b");
}

TEST_CASE("json_lines_directory takes what json_lines_file takes", "[connector]") {
  weir_test::temp_directory folder;
  using either = std::variant<order, other>;
  std::vector<either> const records{other{1.5}, order{"DE", 1, weir::timestamp{0s}}, other{2}};
  weir::run(weir::from(records) |
            weir::into(weir::json_lines_directory{folder / "out",
                                                  weir::bucket_by([](either const& e) { return e.index(); })},
                       weir::uid<"o">));
  auto const got = files(folder / "out");
  CHECK(got.size() == 2);
  CHECK(got.at("0/part-o-1.jsonl").find("\"country\":\"DE\"") != std::string::npos);
  CHECK(got.at("1/part-o-0.jsonl").find("1.5") != std::string::npos);
  STATIC_REQUIRE(weir::csv_directory<>::accepts<order>);
  STATIC_REQUIRE_FALSE(weir::csv_directory<>::accepts<either>);
  STATIC_REQUIRE_FALSE(weir::csv_directory<weir::bucket_by<int order::*>>::accepts<other>);
  STATIC_REQUIRE_FALSE(weir::csv_directory<weir::bucket_by<std::vector<int> other::*>>::accepts<other>);
}

TEST_CASE("stopped after every record, files hold what one run writes", "[connector]") {
  weir_test::temp_directory folder;
  std::vector<order> many;
  for (std::int64_t i = 0; i < 40; ++i) many.push_back({i % 3 == 0 ? "DE" : "FR", i, weir::timestamp{1s * i}});
  auto const job = [&](std::filesystem::path const& out, bool at_checkpoint, std::stop_source* stop) {
    weir::csv_directory sink{out, weir::bucket_by(&order::country),
                             weir::rolling_policy{.size = 150, .age = 24h, .inactivity = 24h}};
    sink.rolling.at_checkpoint = at_checkpoint;
    return weir::from(many, weir::uid<"orders">) | weir::inspect([stop](order const&) {
             if (stop) stop->request_stop();
           }) |
           weir::into(sink, weir::uid<"o">);
  };
  weir::run(job(folder / "whole", false, nullptr));
  names const want = files(folder / "whole");
  REQUIRE(want.size() > 5);
  for (bool const at_checkpoint : {false, true}) {
    std::string const name = at_checkpoint ? "rolled" : "goes on";
    int runs = 0;
    for (auto status = weir::outcome::stopped; status == weir::outcome::stopped; ++runs) {
      std::stop_source stop;
      status = weir::run(job(folder / name, at_checkpoint, &stop), weir::lmdb_store{folder / (name + " state")},
                         weir::periodic_checkpoints{.every = 1h}, weir::exactly_once, weir::batch_size{1},
                         stop.get_token())
                   .status;
    }
    CHECK(runs >= 40);
    if (at_checkpoint)
      CHECK(files(folder / name).size() == 40);
    else
      CHECK(files(folder / name) == want);
  }
}
