// expect: weir::window(assigner): assigner.assign(record, at, emit) cannot be called with a record of this stream
#include <weir/weir.hpp>

#include <cstdint>
#include <vector>

struct payment {
  std::int64_t user;
  std::int64_t amount;
  weir::timestamp at;
};
struct click {
  std::int64_t page;
};

// Larger payments have longer windows.
struct by_amount {
#ifdef WEIR_BAD
  using record = click;
#else
  using record = payment;
#endif
  static constexpr bool merging = false;
  template <class Emit>
  void assign(record const&, weir::timestamp at, Emit const& emit) const {
    emit(weir::time_window{at, at + weir::duration{10}});
  }
  void check() const {}
};

int main() {
  std::vector<payment> const in;
  std::int64_t windows = 0;
  auto count = [&windows](auto const&) { ++windows; };
  weir::run(weir::from(in) | weir::assign_timestamps(&payment::at, weir::monotonous_timestamps{}) |
            weir::key_by(&payment::user) | weir::window(by_amount{}) | weir::aggregate(weir::count()) |
            weir::into(count));
}
