// Another job of the fault tests: CSV in, two directories of part files out. One is rolled by size alone, so that files go on
// over checkpoints; the other one by size and at each checkpoint.
#pragma once

#include "faults/job.hpp"

#include <weir/connector/csv_directory.hpp>
#include <weir/connector/json_lines_directory.hpp>

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>

namespace faults_job {

inline auto parts_pipeline(paths const& p, auto const& watch) {
  using namespace std::chrono_literals;
  weir::rolling_policy const by_size{.size = 200, .age = 24h, .inactivity = 24h};
  weir::csv_directory buckets{p.windows, weir::bucket_by(weir::field<&total_line::key>), by_size};
  buckets.open_files = 2;
  weir::json_lines_directory<> plain{.path = p.totals, .rolling = by_size};
  plain.rolling.at_checkpoint = true;
  // clang-format off
  return weir::from(weir::csv_file<reading>{p.input}, weir::uid<"readings">)
       | weir::inspect(watch)
       | weir::map([](reading const& r) {
           return total_line{r.key, r.value, false, std::string(static_cast<std::size_t>(r.filler), 'x')};
         })
       | weir::branch(weir::into(buckets, weir::uid<"buckets">), weir::into(plain, weir::uid<"plain">));
  // clang-format on
}

// Stops and starts again after each n records: the same calls and the same checkpoints each time.
inline void run_parts(paths const& p, std::size_t n) {
  using namespace std::chrono_literals;
  for (auto status = weir::outcome::stopped; status == weir::outcome::stopped;) {
    std::stop_source stop;
    std::size_t seen = 0;
    auto const watch = [&](reading const&) {
      if (++seen % n == 0) stop.request_stop();
    };
    status =
        weir::run(parts_pipeline(p, watch), weir::lmdb_store{p.state}, weir::periodic_checkpoints{.every = 1h},
                  weir::exactly_once, weir::batch_size{n}, stop.get_token())
            .status;
  }
}

}  // namespace faults_job
