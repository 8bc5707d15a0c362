// What a chain of stateless operators makes of some records.
#pragma once

#include <weir/connector/callable.hpp>
#include <weir/connector/container.hpp>
#include <weir/connector/range.hpp>
#include <weir/op/from.hpp>
#include <weir/op/into.hpp>
#include <weir/runtime/run.hpp>

#include "catch.hpp"

#include <cstddef>
#include <vector>

namespace weir_test {

template <class T>
using untimed_stream = weir::stream<T>;
template <class Op, class In>
inline constexpr bool accepts = weir::accepts<Op, In>;

// The same at every batch size, or the test fails.
template <class Out, class In, class Chain>
std::vector<Out> run_through(std::vector<In> const& records, Chain const& chain) {
  std::vector<Out> first;
  weir::run(weir::from(records) | chain | weir::into(first), weir::batch_size{1});
  for (std::size_t n : {2, 3, 7, 4096}) {
    std::vector<Out> other;
    weir::run(weir::from(records) | chain | weir::into(other), weir::batch_size{n});
    CHECK(other == first);
  }
  return first;
}

}  // namespace weir_test
