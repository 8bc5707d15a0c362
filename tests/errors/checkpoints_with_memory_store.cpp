// expect: weir::run(pipeline, policies...): checkpoints with memory_store, which nothing survives;
#include <weir/weir.hpp>

#include <cstdint>
#include <vector>

struct payment {
  std::int64_t user;
  std::int64_t amount;
  weir::timestamp at;
};

int main() {
  std::vector<payment> const in;
  std::int64_t records = 0;
  auto const count = weir::fold(&records, [](std::int64_t n, auto const&) { return n + 1; });
  auto const pipeline = weir::from(in, weir::uid<"in">) | weir::into(count, weir::uid<"out">);
#ifdef WEIR_BAD
  weir::run(pipeline, weir::memory_store{}, weir::periodic_checkpoints{});
#else
  weir::run(pipeline, weir::memory_store{}, weir::no_checkpoints{});
#endif
}
