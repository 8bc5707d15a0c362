// One random stream, out of order, for operators that keep something for a key; and the ways in which all must come out the
// same.
#pragma once

#include "op/two_streams.hpp"

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace weir_test {

template <class Op, class Text, class Watch = weir::detail::identity_operation>
auto job_of_one(std::vector<left_record> const& all, Op const& op, Text text, timed_texts& out,
                Watch const& watch = {}) {
  return weir::from(all, weir::uid<"left">) |
         weir::assign_timestamps(&left_record::at, weir::bounded_out_of_orderness{left_bound}) | watch |
         weir::key_by(left_key) | op | weir::into(text_tape(out, text), weir::uid<"out">);
}

// As naive(records) says, at every batch size, from a driver restored before every record, and, where that is asked for, stopped
// and started again. Gives how many results there were.
template <bool Stopped = true, class Op, class Text, class Naive>
std::size_t check_one_stream(std::uint64_t seeds, Op const& op, Text text, Naive const& naive) {
  std::size_t seen = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    std::vector<left_record> const all = random_streams(seed).left;
    timed_texts const want = naive(all);
    for (std::size_t n : {1, 2, 3, 7, 4096}) {
      CAPTURE(n);
      timed_texts out;
      weir::run(job_of_one(all, op, text, out), weir::batch_size{n});
      REQUIRE(out == want);
    }
    seen += want.size();
    if (seed % 4 == 0) {
      auto const chain = weir::assign_timestamps(&left_record::at, weir::bounded_out_of_orderness{left_bound}) |
                         weir::key_by(left_key) | op;
      using driver = decltype(weir::testing::test_driver<left_record, weir::untimed>(chain, std::string()));
      timed_texts out;
      auto const take = [&](driver& t) {
        for (auto const& o : t.take()) out.push_back({text(o.value), o.at});
      };
      std::string saved = weir::testing::test_driver<left_record, weir::untimed>(chain).snapshot();
      for (left_record const& r : all) {
        driver t(chain, saved);
        t.push(r);
        take(t);
        saved = t.snapshot();
      }
      driver t(chain, saved);
      t.finish();
      take(t);
      REQUIRE(out == want);
    }
    if constexpr (Stopped) {
      if (seed % 16 != 0) continue;
      temp_directory const folder;
      timed_texts out;
      for (bool done = false; !done;) {
        std::stop_source stop;
        int left = 3;
        auto const watched = [&](auto const&) {
          if (--left == 0) stop.request_stop();
        };
        done = weir::run(job_of_one(all, op, text, out, weir::inspect(watched)),
                         weir::lmdb_store{folder / "state"}, weir::periodic_checkpoints{}, weir::at_least_once,
                         weir::batch_size{1}, stop.get_token())
                   .status == weir::outcome::finished;
      }
      REQUIRE(out == want);
    }
  }
  return seen;
}

}  // namespace weir_test
