// The fraud oracle, checked by small cases computed by hand.
#include "catch.hpp"

#include "fraud_oracle.hpp"

#include <unistd.h>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace fraud_oracle;

std::string const header = "transaction_id,user_id,card_number,country,status,amount,event_time\n";

// Payments on 2026-01-01, one a line, without the date: "t1,u,c,DE,approved,500.01,00:10:00"
std::vector<payment> on_new_year(std::string const& rows) {
  std::string text = header;
  for (std::string const& row : cut(rows, '\n')) {
    if (row.empty()) continue;
    auto const comma = row.rfind(',');
    text += row.substr(0, comma + 1) + "2026-01-01T" + row.substr(comma + 1) + "Z\n";
  }
  return parse_csv(text);
}
lines of(verdict const& v, std::string const& rule) {
  lines some;
  for (auto const& line : v.alerts)
    if (line.find("rule=\"" + rule + "\"") != line.npos) some.insert(line);
  return some;
}
lines late_of(verdict const& v, std::string const& rule) {
  lines some;
  for (auto const& line : v.late)
    if (line.find("rule=\"" + rule + "\"") != line.npos) some.insert(line);
  return some;
}
lines late(std::string const& rule, std::vector<std::string> const& ids) {
  lines some;
  for (auto const& id : ids)
    some.insert(json_line(R"({"rule":")" + rule + R"(","transaction_id":")" + id + "\"}").canonical());
  return some;
}
std::string spend(std::string const& user, std::string const& from, std::string const& to, int count,
                  std::string const& total) {
  return json_line(R"({"rule":"rapid_spend","user_id":")" + user + R"(","window_start":"2026-01-01T)" + from +
                   R"(Z","window_end":"2026-01-01T)" + to + R"(Z","count":)" + std::to_string(count) +
                   R"(,"total":)" + total + "}")
      .canonical();
}
std::string pair_of(std::string const& user, std::string const& card, std::string const& failed,
                    std::string const& success, std::string const& amount) {
  return json_line(R"({"rule":"declined_then_approved","user_id":")" + user + R"(","card_number":")" + card +
                   R"(","failed_time":"2026-01-01T)" + failed + R"(Z","success_time":"2026-01-01T)" + success +
                   R"(Z","amount":)" + amount + "}")
      .canonical();
}

}  // namespace

TEST_CASE("fraud oracle: amounts and times", "[oracle]") {
  CHECK(parse_cents("500.01") == 50001);
  CHECK(parse_cents("500") == 50000);
  CHECK(parse_cents("0.5") == 50);
  CHECK(parse_cents("-12.34") == -1234);
  CHECK(parse_cents("1.500") == 150);
  CHECK_THROWS(parse_cents("1.505"));
  CHECK_THROWS(parse_cents("1e3"));
  CHECK_THROWS(parse_cents(""));
  CHECK(cents_text(50001) == "500.01");
  CHECK(cents_text(-5) == "-0.05");

  CHECK(parse_time("1970-01-01T00:00:01Z") == second);
  CHECK(parse_time("1969-12-31T23:59:59.5Z") == -second / 2);
  CHECK(parse_time("2026-01-01T00:10:00Z") == 1'767'226'200 * second);
  CHECK(parse_time("2026-01-01T00:10:00.000001Z") == 1'767'226'200 * second + 1);
  CHECK(parse_time("2026-01-01T00:10:00.000Z") == 1'767'226'200 * second);
  CHECK_THROWS(parse_time("2026-01-01T00:10:00.000Z", true));
  CHECK_THROWS(parse_time("2026-02-30T00:10:00Z"));
  CHECK_THROWS(parse_time("2026-01-01 00:10:00Z"));
  CHECK_THROWS(parse_time("2026-01-01T00:10:00"));
  CHECK_THROWS(parse_time("2026-01-01T00:10:00.Z"));
  for (i64 t : {i64{0}, i64{-1}, 1'767'226'200 * second, 1'767'226'200 * second + 120'000})
    CHECK(parse_time(time_text(t), true) == t);
  CHECK(time_text(1'767'226'200 * second + 120'000) == "2026-01-01T00:10:00.12Z");
}

TEST_CASE("fraud oracle: CSV with the header in any order, CRLF and other columns", "[oracle]") {
  auto const all = parse_csv(
      "note,amount,event_time,status,user_id,transaction_id,country,card_number\r\n"
      "x,500.01,2026-01-01T00:00:00.25Z,approved,007,0001,DE,0400\r\n");
  REQUIRE(all.size() == 1);
  CHECK(all[0] == payment{"0001", "007", "0400", "DE", "approved", 50001, 1'767'225'600 * second + 250'000});
  CHECK_THROWS(parse_csv(header + "1,2,3\n"));
  CHECK(parse_csv(header).empty());
}

TEST_CASE("fraud oracle: lines are compared by what they mean", "[oracle]") {
  auto const a = parse_json_lines(
      "{\"rule\":\"rapid_spend\",\"user_id\":\"007\",\"window_start\":\"2026-01-01T00:10:00Z\",\"count\":3,"
      "\"total\":"
      "1500.5}\n{\"b\":[\"x\",\"y\"]}\n");
  auto const b = parse_json_lines(
      "{ \"b\" : [\"x\", \"y\"] }\n{\"total\":1500.50,\"window_start\":\"2026-01-01T00:10:00Z\",\"count\":3,"
      "\"user_id\":\"\\u00307\\u0037\"  ,\"rule\":\"rapid_spend\"}\n");
  CHECK(a.size() == 2);
  CHECK(*a.begin() == "b=[\"x\",\"y\"]");
  CHECK(*a.rbegin() ==
        "count=3 rule=\"rapid_spend\" total=150050 user_id=\"007\" window_start=1767226200000000");
  CHECK_FALSE(difference(a, b).empty());  // "077"
  CHECK(parse_json_lines("{\"user_id\":\"\\u00300\\u0037\"}\n") == parse_json_lines("{\"user_id\":\"007\"}\n"));
  CHECK(difference(a, a).empty());
  CHECK(parse_json_lines("").empty());
  CHECK(parse_json_lines("{\"total\":1.50}\n") == parse_json_lines("{\"total\":1.5}\n"));
  CHECK(parse_json_lines("{\"b\":[\"y\",\"x\"]}\n") !=
        parse_json_lines("{\"b\":[\"x\",\"y\"]}\n"));  // sorted by us
  CHECK(parse_json_lines("{\"a\":\"1\"}\n{\"a\":\"1\"}\n") != parse_json_lines("{\"a\":\"1\"}\n"));
  for (char const* wrong :
       {"{\"a\":\"1\"}", "{\"a\":\"1\"}\n\n", "{\"a\":\"1\"\n", "{\"a\":\"1\",\"a\":\"1\"}\n",
        "{\"a\":\"1\"}}\n", "{\"user_id\":7}\n", "{\"total\":\"7\"}\n", "{\"total\":7.005}\n",
        "{\"total\":07}\n", "{\"count\":3.0}\n", "{}\n", "{\"window_end\":\"2026-01-01T00:00:00.000000Z\"}\n",
        "[]\n", "\n"}) {
    CAPTURE(wrong);
    CHECK_THROWS(parse_json_lines(wrong));
  }
}

TEST_CASE("fraud oracle: rapid_spend", "[oracle]") {
  auto const v =
      judge({on_new_year("1,007,c,DE,approved,500.01,00:10:00\n"
                         "2,007,c,DE,approved,600.10,00:15:00\n"
                         "3,007,c,DE,approved,500.00,00:15:00\n"         // not above 500
                         "4,007,c,DE,declined,900.00,00:15:00\n"         // not approved
                         "5,008,c,DE,approved,900.00,00:15:00\n"         // another user
                         "6,007,c,DE,approved,700.02,00:19:59.999999\n"  // the window's last instant
                         "7,007,c,DE,approved,800.00,00:20:00\n"         // the next window
                         "8,007,c,DE,approved,800.00,00:20:01\n"
                         "9,007,c,DE,approved,800.00,00:29:00\n"
                         "a,007,c,DE,approved,800.00,00:29:00\n")});
  CHECK(of(v, "rapid_spend") == lines{spend("007", "00:10:00", "00:20:00", 3, "1800.13"),
                                      spend("007", "00:20:00", "00:30:00", 4, "3200")});
  CHECK(v.late.empty());
}

TEST_CASE("fraud oracle: rapid_spend, late ones", "[oracle]") {
  std::string const first =
      "1,u,c,DE,approved,600.00,00:10:00\n"
      "2,u,c,DE,approved,600.00,00:11:00\n";
  std::string const third = "4,u,c,DE,approved,600.00,00:19:00\n5,u,c,DE,declined,600.00,00:19:00\n";
  SECTION("in time: W = 00:20:04.999999 - 5 s - 1 tick is one tick before the window's last") {
    auto const v = judge({on_new_year(first + "3,x,c,DE,approved,1.00,00:20:04.999999\n" + third)});
    CHECK(of(v, "rapid_spend") == lines{spend("u", "00:10:00", "00:20:00", 3, "1800")});
    CHECK(late_of(v, "rapid_spend").empty());
    CHECK(late_of(v, "declined_then_approved") == late("declined_then_approved", {"4", "5"}));
  }
  SECTION("late: W = 00:20:05 - 5 s - 1 tick = end - 1; a declined one is filtered before it is judged") {
    auto const v = judge({on_new_year(first + "3,x,c,DE,approved,1.00,00:20:05\n" + third)});
    CHECK(of(v, "rapid_spend").empty());
    CHECK(late_of(v, "rapid_spend") == late("rapid_spend", {"4"}));
    CHECK(late_of(v, "many_countries").empty());
  }
  SECTION("a payment is not judged by its own watermark") {
    auto const v =
        judge({on_new_year(first + "4,u,c,DE,approved,600.00,00:19:00\n6,x,c,DE,approved,1.00,00:59:00\n")});
    CHECK(of(v, "rapid_spend").size() == 1);
  }
}

TEST_CASE("fraud oracle: many_countries", "[oracle]") {
  auto const v =
      judge({on_new_year("1,u,c,FR,declined,1.00,02:00:00\n"  // windows 01:05 .. 02:00
                         "2,u,c,DE,approved,1.00,02:52:00\n"  // windows 01:55 .. 02:50; both: 01:55 and 02:00
                         "3,w,c,DE,approved,1.00,02:52:00\n"
                         "4,w,c,DE,approved,1.00,02:53:00\n")});  // one country
  auto const line = [](std::string const& from, std::string const& to) {
    return json_line(R"({"rule":"many_countries","user_id":"u","window_start":"2026-01-01T)" + from +
                     R"(Z","window_end":"2026-01-01T)" + to + R"(Z","countries":["DE","FR"]})")
        .canonical();
  };
  CHECK(of(v, "many_countries") == lines{line("01:55:00", "02:55:00"), line("02:00:00", "03:00:00")});
  CHECK(of(v, "many_countries").size() == v.alerts.size());

  // exactly an hour apart: no window holds both
  auto const w = judge({on_new_year("1,u,c,FR,declined,1.00,02:00:00\n2,u,c,DE,approved,1.00,03:00:00\n")});
  CHECK(w.alerts.empty());
}

TEST_CASE("fraud oracle: many_countries, late for some windows and for all", "[oracle]") {
  auto const v = judge({on_new_year(
      "1,u,c,FR,approved,1.00,02:00:00\n"
      "2,x,c,FR,approved,1.00,02:55:05\n"      // W = 02:54:59.999999: the window 01:55 has ended, 02:00 has not
      "3,u,c,DE,approved,1.00,02:01:00\n"      // counts in 02:00 only
      "4,u,c,GB,approved,1.00,01:59:59\n"      // its last window is 01:55: late
      "5,u,c,JP,approved,1.00,02:52:00\n")});  // in 01:55 (ended), 02:00 (with FR, DE), 02:05 .. (alone)
  auto const line = json_line(R"({"rule":"many_countries","user_id":"u","window_start":"2026-01-01T02:00:00Z",)"
                              R"("window_end":"2026-01-01T03:00:00Z","countries":["DE","FR","JP"]})")
                        .canonical();
  CHECK(v.alerts == lines{line});
  CHECK(late_of(v, "many_countries") == late("many_countries", {"4"}));
  CHECK(late_of(v, "declined_then_approved") == late("declined_then_approved", {"3", "4", "5"}));
  CHECK(late_of(v, "rapid_spend").empty());  // filtered before
}

TEST_CASE("fraud oracle: declined_then_approved", "[oracle]") {
  auto const v =
      judge({on_new_year("1,u,1,DE,declined,9.00,01:00:00\n"
                         "2,u,1,DE,declined,9.00,01:10:00\n"
                         "3,u,2,DE,approved,2000.00,01:11:00\n"  // another card
                         "4,v,1,DE,approved,2000.00,01:12:00\n"  // another user
                         "5,u,1,DE,approved,1000.01,01:15:00\n"  // yes: the last declined one is 2
                         "6,u,1,DE,approved,5000.00,01:16:00\n"  // not directly behind a declined one
                         "7,u,1,DE,declined,9.00,02:00:00\n"
                         "8,u,1,DE,approved,1000.00,02:00:01\n"  // not above 1000, and it ends the run
                         "9,u,1,DE,approved,3000.00,02:00:02\n"
                         "a,u,1,DE,declined,9.00,03:00:00\n"
                         "b,u,1,DE,approved,3000.00,03:30:00\n"  // exactly 30 minutes: no
                         "c,u,1,DE,declined,9.00,04:00:00\n"
                         "d,u,1,DE,approved,3000.00,04:29:59.999999\n")});  // yes
  CHECK(of(v, "declined_then_approved") == lines{pair_of("u", "1", "01:10:00", "01:15:00", "1000.01"),
                                                 pair_of("u", "1", "04:00:00", "04:29:59.999999", "3000")});
  CHECK(v.late.empty());
}

TEST_CASE("fraud oracle: declined_then_approved goes by event time, equal times by arrival", "[oracle]") {
  SECTION("out of order by less than 5 s") {
    auto const v =
        judge({on_new_year("1,u,1,DE,approved,2000.00,01:00:04\n"
                           "2,u,1,DE,declined,9.00,01:00:00\n")});
    CHECK(v.alerts == lines{pair_of("u", "1", "01:00:00", "01:00:04", "2000")});
  }
  SECTION("equal times") {
    auto const v =
        judge({on_new_year("1,u,1,DE,declined,9.00,01:00:00\n"
                           "2,u,1,DE,approved,2000.00,01:00:00\n"
                           "3,v,1,DE,approved,2000.00,01:00:00\n"
                           "4,v,1,DE,declined,9.00,01:00:00\n")});
    CHECK(v.alerts == lines{pair_of("u", "1", "01:00:00", "01:00:00", "2000")});
  }
  SECTION("at the watermark: late; a tick ahead of it: in time") {
    auto const v =
        judge({on_new_year("1,u,1,DE,approved,2000.00,01:00:05\n"      // W = 00:59:59.999999
                           "2,u,1,DE,declined,9.00,00:59:59.999999\n"  // late
                           "3,u,1,DE,declined,9.00,01:00:00\n"
                           "4,u,1,DE,approved,2000.00,01:00:03\n")});
    CHECK(v.alerts == lines{pair_of("u", "1", "01:00:00", "01:00:03", "2000")});
    CHECK(v.late == late("declined_then_approved", {"2"}));
  }
  SECTION("a late one breaks no run") {
    auto const v =
        judge({on_new_year("1,u,1,DE,declined,9.00,01:00:00\n"
                           "2,x,1,DE,declined,9.00,01:00:50\n"
                           "3,u,1,DE,approved,9.00,01:00:30\n"  // would stand between: late
                           "4,u,1,DE,approved,2000.00,01:00:55\n")});
    CHECK(v.alerts == lines{pair_of("u", "1", "01:00:00", "01:00:55", "2000")});
  }
}

TEST_CASE("fraud oracle: several files", "[oracle]") {
  // a: 01:00:00 (W of a 00:59:54.999999), then b's first (b still at the beginning), 01:20:00: W of both = a's;
  // a is smaller: 01:00:10, then a's W = 01:00:04.999999, a again: 01:30:00. Now b is smaller: 01:05:00 is
  // judged by b's W = 01:14:54.999999. b has ended; what is left of a is judged by a's W = 01:29:54.999999.
  auto const a = on_new_year(
      "a1,u,1,DE,declined,9.00,01:00:00\n"
      "a2,u,1,DE,approved,2000.00,01:00:10\n"
      "a3,u,1,DE,declined,9.00,01:30:00\n"
      "a4,u,1,DE,declined,9.00,01:29:54.999999\n"
      "a5,u,1,DE,declined,9.00,01:29:55\n");
  auto const b = on_new_year(
      "b1,v,1,DE,declined,9.00,01:20:00\n"
      "b2,v,1,DE,declined,9.00,01:05:00\n");
  std::vector<std::string> order;
  for (auto const& r : arrivals({a, b})) order.push_back(r.p.transaction_id);
  CHECK(order == std::vector<std::string>{"a1", "b1", "a2", "a3", "b2", "a4", "a5"});
  auto const v = judge({a, b});
  CHECK(v.alerts == lines{pair_of("u", "1", "01:00:00", "01:00:10", "2000")});
  CHECK(v.late == late("declined_then_approved", {"b2", "a4"}));
  // the same payments as one file: other watermarks
  CHECK(judge({a}).late == late("declined_then_approved", {"a4"}));
  CHECK(judge({{}, a, {}}).late == judge({a}).late);
  CHECK(judge({}).alerts.empty());
}

TEST_CASE("fraud oracle: random files have some of everything", "[oracle]") {
  auto const folder =
      std::filesystem::temp_directory_path() / ("weir_fraud_oracle_" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  lines alerts, late_ones;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    shape s;
    s.first_id = std::to_string(seed) + "-";
    auto const written = write_random_csv(folder / "p.csv", seed, s);
    REQUIRE(read_csv(folder / "p.csv") == written);
    auto const v = judge_files({folder / "p.csv"});
    alerts.insert(v.alerts.begin(), v.alerts.end());
    late_ones.insert(v.late.begin(), v.late.end());
    CHECK(random_payments(seed, s) == written);
    // a payment whose every window is late is at or behind the watermark too
    CHECK(late_of(v, "declined_then_approved").size() >= late_of(v, "many_countries").size());
  }
  std::filesystem::remove_all(folder);
  verdict const all{alerts, late_ones};
  for (char const* rule : {"rapid_spend", "many_countries", "declined_then_approved"}) {
    INFO(rule << ": " << of(all, rule).size() << " alerts, " << late_of(all, rule).size() << " late of 6000");
    CHECK(of(all, rule).size() > 40);
    CHECK(late_of(all, rule).size() > 40);
  }
}
