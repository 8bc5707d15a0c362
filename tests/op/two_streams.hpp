// Two random streams, out of order, for operators with two inputs: in what order their records meet and where the watermark
// stands, as the words of the guide have it; and the ways in which all must come out the same.
#pragma once

#include "catch.hpp"
#include "op/text_tape.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace weir_test {

using namespace std::chrono_literals;

struct left_record {
  std::int64_t key;
  std::int64_t id;
  weir::timestamp at;
};
struct right_record {
  std::string key;  // the same numbers, in text: the key functions differ
  std::int64_t id;
  weir::timestamp at;
};

}  // namespace weir_test
BOOST_HANA_ADAPT_STRUCT(weir_test::left_record, key, id, at);
BOOST_HANA_ADAPT_STRUCT(weir_test::right_record, key, id, at);

namespace weir_test {

inline constexpr auto left_bound = 5s, right_bound = 2s;
inline auto const left_key = [](left_record const& l) { return l.key; };
inline auto const right_key = [](right_record const& r) -> std::int64_t { return std::stoll(r.key); };

struct two_streams {
  std::vector<left_record> left;
  std::vector<right_record> right;
};
inline two_streams random_streams(std::uint64_t seed, std::uint64_t most = 60) {
  std::mt19937_64 bits(seed);
  auto const below = [&](std::uint64_t n) { return static_cast<std::int64_t>(bits() % n); };
  two_streams s;
  std::int64_t now = 0, id = 0;
  for (std::int64_t n = below(most); n > 0; --n) {  // some are later than the bound
    now += below(4) * below(3);
    s.left.push_back({below(4), id++, weir::timestamp{(now + 6 - below(10)) * 1s}});
  }
  now = id = 0;
  for (std::int64_t n = below(most); n > 0; --n) {
    now += below(5) * below(3);
    s.right.push_back({std::to_string(below(4)), id++, weir::timestamp{(now + 3 - below(6)) * 1s}});
  }
  return s;
}
// The source points to them.
inline std::vector<right_record> const no_records;
auto source_of(std::vector<right_record>&&) = delete;
auto keyed(std::vector<right_record>&&) = delete;
inline auto source_of(std::vector<right_record> const& all) {
  return weir::from(all, weir::uid<"right">) |
         weir::assign_timestamps(&right_record::at, weir::bounded_out_of_orderness{right_bound});
}
inline auto keyed(std::vector<right_record> const& all) { return source_of(all) | weir::key_by(right_key); }

// Calls oracle.left(record, watermark), oracle.right(record, watermark) and oracle.advance(before, now) in their order: the
// next record comes from the input whose watermark is behind, ties from the first.
template <class Oracle>
void replay(two_streams const& all, Oracle& oracle) {
  weir::timestamp marks[2]{weir::min_time, weir::min_time};
  std::size_t l = 0, r = 0;
  bool ended[2]{};
  weir::timestamp watermark = weir::min_time;
  while (!ended[0] || !ended[1]) {
    bool const first = !ended[0] && (ended[1] || marks[0] <= marks[1]);
    weir::timestamp mark = weir::min_time;
    if (first && l < all.left.size()) {
      oracle.left(all.left[l], watermark);
      mark = all.left[l++].at - left_bound - weir::tick;
    } else if (!first && r < all.right.size()) {
      oracle.right(all.right[r], watermark);
      mark = all.right[r++].at - right_bound - weir::tick;
    }
    std::size_t const i = first ? 0 : 1;
    ended[i] = first ? l == all.left.size() : r == all.right.size();
    marks[i] = ended[i] ? weir::max_time : std::max(marks[i], mark);
    weir::timestamp const now = std::min(marks[0], marks[1]);
    if (now > watermark) oracle.advance(watermark, now);
    watermark = std::max(watermark, now);
  }
}

// op(second) is the operator, whose results are texts.
template <class Make, class Watch = weir::detail::identity_operation>
auto job_of(two_streams const& s, Make const& op, timed_texts& out, Watch const& watch = {}) {
  return weir::from(s.left, weir::uid<"left">) |
         weir::assign_timestamps(&left_record::at, weir::bounded_out_of_orderness{left_bound}) | watch |
         weir::key_by(left_key) | op(keyed(s.right)) | weir::into(text_tape(out), weir::uid<"out">);
}
template <class Make>
timed_texts run_of(two_streams const& s, Make const& op, std::size_t batch = 4096) {
  timed_texts out;
  weir::run(job_of(s, op, out), weir::batch_size{batch});
  return out;
}

// In which order results may come.
struct as_they_come {
  timed_texts operator()(timed_texts all) const { return all; }
};
struct in_any_order_of_keys {
  timed_texts operator()(timed_texts all) const {
    std::sort(all.begin(), all.end(), [](timed_text const& a, timed_text const& b) {
      return a.at != b.at ? a.at < b.at : a.value < b.value;
    });
    return all;
  }
};

// As the oracle says, at every batch size. Gives how many results there were.
template <class Order = as_they_come, class Make, class Naive>
std::size_t check_streams(std::uint64_t seeds, Make const& op, Naive const& naive, Order order = {}) {
  std::size_t seen = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    two_streams const s = random_streams(seed);
    timed_texts const want = order(naive(s));
    for (std::size_t n : {1, 2, 3, 7, 4096}) {
      CAPTURE(n);
      REQUIRE(order(run_of(s, op, n)) == want);
    }
    seen += want.size();
  }
  return seen;
}

// A driver that is thrown away and restored before each step, beside one that goes on.
template <class Order = as_they_come, class Make>
void check_restored_drivers(std::uint64_t seeds, Make const& op, Order in_order = {}) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    two_streams const s = random_streams(seed);
    auto const chain = weir::key_by(left_key) | op(keyed(no_records));
    auto const play = [&](bool restored) {
      std::mt19937_64 order(seed);
      timed_texts out;
      std::string saved = weir::testing::test_driver<left_record>(chain).snapshot();
      auto t = std::make_unique<decltype(weir::testing::test_driver<left_record>(chain, saved))>(chain, saved);
      std::size_t l = 0, r = 0;
      while (l < s.left.size() || r < s.right.size()) {
        if (restored) t = std::make_unique<typename decltype(t)::element_type>(chain, saved);
        if (r == s.right.size() || (l < s.left.size() && order() % 2 == 0)) {
          t->push(s.left[l], s.left[l].at);
          t->watermark(s.left[l++].at - left_bound);
        } else {
          t->template push_to<"right">(s.right[r++]);
        }
        for (timed_text const& a : t->take()) out.push_back(a);
        if (restored) saved = t->snapshot();
      }
      t->finish();
      for (timed_text const& a : t->take()) out.push_back(a);
      return out;
    };
    REQUIRE(in_order(play(true)) == in_order(play(false)));
  }
}

// Stopped after every few records and started again on the same directory, as one run.
template <class Order = as_they_come, class Make>
void check_stopped_runs(Make const& op, Order order = {}) {
  for (std::uint64_t seed : {3u, 4u, 7u}) {
    CAPTURE(seed);
    temp_directory const folder;
    two_streams const s = random_streams(seed);
    timed_texts const want = order(run_of(s, op));
    timed_texts out;
    std::uint64_t stops = 0;
    for (bool done = false; !done; ++stops) {
      std::stop_source stop;
      int left = 3;
      auto const watched = [&](auto const&) {
        if (--left == 0) stop.request_stop();
      };
      weir::run_result const r =
          weir::run(job_of(s, op, out, weir::inspect(watched)), weir::lmdb_store{folder / "state"},
                    weir::periodic_checkpoints{}, weir::at_least_once, weir::batch_size{1}, stop.get_token());
      done = r.status == weir::outcome::finished;
    }
    CHECK(stops > 2);
    CHECK(order(out) == want);
  }
}

}  // namespace weir_test
template <>
struct Catch::StringMaker<weir_test::timed_text> {
  static std::string convert(weir_test::timed_text const& a) {
    return a.value + " at " + StringMaker<weir::timestamp>::convert(a.at);
  }
};
