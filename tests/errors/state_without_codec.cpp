// expect: weir::run(pipeline, policies...): a key or a state is of a type without codec; adapt it with BOOST_HANA_ADAPT_STRUCT or specialise weir::codec
#include <weir/weir.hpp>

#include <tuple>
#include <vector>

struct limits {
  int low = 0, high = 0;
};
#ifndef WEIR_BAD
BOOST_HANA_ADAPT_STRUCT(limits, low, high);
#endif

struct extremes {
  using output = int;
  weir::value_state<limits, "seen"> seen;
  auto states() { return std::tie(seen); }
  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) {
    if (value > seen.get().high) emit(seen->high = value);
  }
};

int main() {
  std::vector<int> const values{1, 5, 3};
  weir::run(weir::from(values, weir::uid<"values">) | weir::key_by([](int v) { return v % 2; }) |
                weir::process<"extremes">(extremes{}) | weir::into([](int) {}, weir::uid<"out">),
            weir::lmdb_store{"state"}, weir::periodic_checkpoints{}, weir::at_least_once);
}
