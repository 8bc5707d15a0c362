// test_driver: a chain without source and sink, with a watermark moved by hand; a snapshot goes on in a new driver.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <cstdint>
#include <string>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

struct payment {
  std::string user;
  std::int64_t amount;
};

int main() {
  // [driver]
  auto const chain = weir::key_by(&payment::user) |
                     weir::window(weir::tumbling_windows{.size = 10s}, weir::late_to<"late">) |
                     weir::aggregate(weir::sum(&payment::amount)) | weir::uid<"spend">;
  auto t = weir::testing::test_driver<payment>(chain);
  t.push({"ann", 3}, at(4s));
  auto const bytes = t.snapshot();

  auto again = weir::testing::test_driver<payment>(chain, bytes);
  again.push({"ann", 4}, at(9s));
  again.watermark(at(15s));
  auto const out = again.take();
  again.push({"ann", 5}, at(9s));
  bool const right = out.size() == 1 && out[0].value["sum"_c] == 7 && out[0].at == at(10s) - weir::tick &&
                     again.take_side<"late">().size() == 1 && again.count("spend", "late") == 1;
  // [/driver]
  return right ? 0 : 1;
}
