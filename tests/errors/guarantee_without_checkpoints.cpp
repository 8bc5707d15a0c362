// expect: weir::run(pipeline, policies...): exactly_once and at_least_once promise nothing without checkpoints; add periodic_checkpoints{} and lmdb_store{directory}
#include <weir/weir.hpp>

#include <vector>

int main() {
  std::vector<int> const numbers{1, 2, 3};
  auto const pipeline = weir::from(numbers, weir::uid<"numbers">) |
                        weir::into(weir::json_lines_file{"numbers.jsonl"}, weir::uid<"out">);
#ifdef WEIR_BAD
  weir::run(pipeline, weir::lmdb_store{"state"}, weir::exactly_once);
#else
  weir::run(pipeline, weir::lmdb_store{"state"}, weir::periodic_checkpoints{}, weir::exactly_once);
#endif
}
