// A program outside of weir, as its first user would write it. Built in the ways of tests/consumer/*.
#include <weir/time.hpp>

#include <fmt/chrono.h>
#include <lmdb.h>

int main() {
  using namespace std::chrono_literals;
  auto const start = weir::floor_to(weir::timestamp{25min}, 10min);
  fmt::print("{:%H:%M} {}\n", start, mdb_version(nullptr, nullptr, nullptr));
  return start == weir::timestamp{20min} ? 0 : 1;
}
