// Page views of each user in windows of ten seconds of event time.
#include <weir/weir.hpp>

#include <cstdio>

using namespace std::chrono_literals;
using namespace weir::literals;

struct view {
  std::string user;
  weir::timestamp at;
};

int main() {
  weir::timestamp const noon{12h};
  std::vector<view> const views{
      {"ann", noon + 1s}, {"bob", noon + 4s}, {"ann", noon + 3s}, {"ann", noon + 12s}};

  // clang-format off
  auto const pipeline = weir::from(views)
                      | weir::assign_timestamps(&view::at, weir::bounded_out_of_orderness{5s})
                      | weir::key_by(&view::user)
                      | weir::window(weir::tumbling_windows{.size = 10s})
                      | weir::aggregate(weir::count())
                      | weir::into([](auto const& w) {
                          std::printf("%s viewed %d pages\n", w["key"_c].c_str(), static_cast<int>(w["count"_c]));
                        });
  // clang-format on
  weir::run(pipeline);
}
