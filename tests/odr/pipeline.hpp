// What both files use, so that what it instantiates is in both of them too.
#pragma once

#include <weir/weir.hpp>

#include <cstdint>
#include <vector>

struct odr_record {
  std::int64_t key;
  std::int64_t value;
  weir::timestamp at;
};

inline std::size_t odr_windows(std::vector<odr_record> const& records) {
  using namespace weir::literals;
  std::vector<std::int64_t> counts;
  auto pipeline = weir::from(records) |
                  weir::assign_timestamps(&odr_record::at, weir::bounded_out_of_orderness{weir::duration{5}}) |
                  weir::key_by(&odr_record::key) |
                  weir::window(weir::tumbling_windows{.size = weir::duration{10}}) |
                  weir::aggregate(weir::sum(&odr_record::value)) |
                  weir::map([](auto const& w) -> std::int64_t { return w["sum"_c]; }) | weir::into(counts);
  weir::run(pipeline);
  return counts.size();
}
