// What handles keep, as bytes, with and without a ttl.
#include <weir/aggregate/avg.hpp>
#include <weir/aggregate/count.hpp>
#include <weir/op/keyed/aggregating_state.hpp>
#include <weir/state/dumped_table.hpp>
#include <weir/state/handles.hpp>

#include "catch.hpp"
#include "error_of.hpp"
#include "state/hex.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>

using namespace std::chrono_literals;
using weir::event_time_ttl;
using weir::ttl;
using i64 = std::int64_t;
using weir_test::error_of;
using weir_test::hex;

namespace {

using value = weir::value_state<i64, "n">;
static_assert(std::is_same_v<value::stored, std::optional<i64>> && sizeof(value) == sizeof(void*));
static_assert(std::is_same_v<weir::list_state<i64, "n">::stored, std::vector<i64>>);
static_assert(std::is_same_v<weir::map_state<i64, i64, "n">::stored, std::map<i64, i64, std::less<>>>);
using sum = weir::reducing_state<i64, std::plus<>, "n">;
static_assert(std::is_same_v<sum::stored, std::optional<i64>> && sum::storable);

// The part as it is stored, and the same of what is read back from it.
template <class Handle>
std::string saved(typename Handle::stored const& s, weir::timestamp now = weir::min_time) {
  auto const write = [&](typename Handle::stored const& from) {
    weir::detail::stored_parts parts;
    weir::detail::parts_out out(parts);
    if constexpr (requires { Handle::save(from, 0, out, now); })
      Handle::save(from, 0, out, now);
    else
      Handle::save(from, 0, out);
    return parts;
  };
  auto const parts = write(s);
  weir::detail::parts_in in(parts);
  typename Handle::stored again;
  Handle::load(again, 0, in);
  CHECK(write(again) == parts);
  std::string text;
  for (auto const& [part, bytes] : parts.first) text += hex(bytes);
  for (auto const& [part, entries] : parts.second)
    for (auto const& [k, v] : entries) text += hex(k) + "=" + hex(v) + " ";
  return text;
}
weir::detail::moment constexpr at_1000{weir::from_ticks(1000), weir::from_ticks(1000)};
template <class Handle, class Fill>
std::string filled(Handle h, Fill const& fill, weir::timestamp now = weir::min_time) {
  typename Handle::stored s;
  if constexpr (requires { h.bind(s); })
    h.bind(s);
  else
    h.bind(s, at_1000);
  fill(h);
  return saved<Handle>(s, now);
}

}  // namespace

TEST_CASE("state handles: the bytes without a ttl", "[state][golden]") {
  CHECK(value::schema() == "int64");
  CHECK(filled(value{}, [](auto& h) { h.update(7); }) == "0700000000000000");
  CHECK(filled(value{}, [](auto&) {}).empty());
  CHECK(filled(weir::list_state<i64, "n">{}, [](auto& h) { h.add(1), h.add(2); }) ==
        "02"
        "0100000000000000"
        "0200000000000000");
  CHECK(weir::map_state<std::string, bool, "n">::schema() == "string to bool");
  CHECK(filled(weir::map_state<std::string, bool, "n">{}, [](auto& h) { h["a"] = true; }).ends_with("=01 "));
  CHECK(sum::schema() == "int64");
  CHECK(filled(sum{}, [](auto& h) { h.add(3), h.add(4); }) == "0700000000000000");
  auto const mean = weir::avg([](i64 n) { return n; });
  weir::aggregating_state<i64, std::remove_const_t<decltype(mean)>, "n"> const average{mean};
  CHECK(average.schema() == "struct{sum:int64,count:int64}");
  CHECK(filled(average, [](auto& h) { h.add(3), h.add(4); }) ==
        "0700000000000000"
        "0200000000000000");
}

TEST_CASE("state handles: the bytes with a ttl begin with the end", "[state][golden]") {
  ttl const one_ms{.after = 1ms};  // 1000 + 1000 us = 0x7d0
  std::string const end = "d007000000000000";
  using with_ttl = weir::value_state<i64, "n", ttl>;
  CHECK(with_ttl::schema() == "ttl<int64>");
  CHECK(filled(with_ttl{one_ms}, [](auto& h) { h.update(7); }) == end + "0700000000000000");
  CHECK(filled(with_ttl{one_ms}, [](auto& h) { h.update(7), h.clear(); }).empty());
  using with_event_time_ttl = weir::value_state<i64, "n", event_time_ttl>;
  CHECK(with_event_time_ttl::schema() == "event_time_ttl<int64>");
  CHECK(filled(with_event_time_ttl{event_time_ttl{.after = 1ms}}, [](auto& h) { h.get() = 7; }) ==
        end + "0700000000000000");
  using list = weir::list_state<bool, "n", ttl>;
  CHECK(list::schema() == "ttl<bool>");
  CHECK(filled(list{one_ms}, [](auto& h) { h.add(true), h.add(false); }) == "02" + end + "01" + end + "00");
  using map = weir::map_state<std::string, bool, "n", ttl>;
  CHECK(map::schema() == "string to ttl<bool>");
  CHECK(filled(map{one_ms}, [](auto& h) { h.put("a", true); }).ends_with("=" + end + "01 "));
  using total = weir::reducing_state<i64, std::plus<>, "n", ttl>;
  CHECK(filled(total{one_ms}, [](auto& h) { h.add(3), h.add(4); }) == end + "0700000000000000");
  using count = weir::aggregating_state<i64, decltype(weir::count()), "n", ttl>;
  CHECK(count::schema() == "ttl<int64>");
  CHECK(filled(count{one_ms}, [](auto& h) { h.add(3), h.add(4); }) == end + "0200000000000000");
}

TEST_CASE("ttl: what has expired is left out of a checkpoint", "[state]") {
  ttl const one_ms{.after = 1ms};
  auto const until = [](i64 t) { return weir::from_ticks(t); };
  auto const put = [](auto& h) { h.put("a", true); };
  auto const add = [](auto& h) { h.add(true); };
  CHECK_FALSE(filled(weir::map_state<std::string, bool, "n", ttl>{one_ms}, put, until(1999)).empty());
  CHECK(filled(weir::map_state<std::string, bool, "n", ttl>{one_ms}, put, until(2000)).empty());
  CHECK_FALSE(filled(weir::list_state<bool, "n", ttl>{one_ms}, add, until(1999)).empty());
  CHECK(filled(weir::list_state<bool, "n", ttl>{one_ms}, add, until(2000)).empty());
  CHECK_FALSE(filled(weir::reducing_state<bool, std::plus<>, "n", ttl>{one_ms}, add, until(1999)).empty());
  CHECK(filled(weir::reducing_state<bool, std::plus<>, "n", ttl>{one_ms}, add, until(2000)).empty());
}

TEST_CASE("ttl: a length that nothing outlives is refused; one for ever is for ever", "[state]") {
  using handle = weir::value_state<i64, "n", ttl>;
  CHECK(error_of<weir::config_error>([] { (void)handle{ttl{}}; }) ==
        "weir::ttl: `after` is 0 us; give a positive duration");
  handle h{ttl{.after = weir::duration::max()}};
  handle::stored s;
  h.bind(s, at_1000);
  h.update(1);
  CHECK(handle::due(s) == weir::max_time - weir::tick);
  h.bind(s, {weir::max_time - 2 * weir::tick, weir::max_time - 2 * weir::tick});
  CHECK(h.has_value());
}

TEST_CASE("ttl: damaged bytes are refused", "[state]") {
  using handle = weir::value_state<i64, "n", ttl>;
  for (std::size_t n : {1u, 8u, 15u, 17u}) {
    weir::detail::stored_parts parts;
    parts.first[0] = std::string(n, '\1');
    weir::detail::parts_in in(parts);
    handle::stored s;
    CHECK_THROWS_AS(handle::load(s, 0, in), weir::format_error);
  }
}
