// expect: weir::window(assigner): the stream has no key; put key_by(f) before it
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
  std::int64_t windows = 0;
  auto count = [&windows](auto const&) { ++windows; };
  auto timed =
      weir::from(in) | weir::assign_timestamps(&payment::at, weir::bounded_out_of_orderness{weir::duration{5}});
#ifdef WEIR_BAD
  auto keyed = timed;
#else
  auto keyed = timed | weir::key_by(&payment::user);
#endif
  weir::run(keyed | weir::window(weir::tumbling_windows{.size = weir::duration{10}}) |
            weir::aggregate(weir::count()) | weir::into(count));
}
