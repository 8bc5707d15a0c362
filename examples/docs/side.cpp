// side: a chain for a named side output; discard drops one, and counts it.
#include <weir/weir.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;

struct click {
  std::string user;
  weir::timestamp at;
};

int main() {
  weir::timestamp const noon{12h};
  std::vector<click> const clicks{{"ann", noon}, {"ann", noon + 1min}, {"bob", noon + 1s}};
  // [side]
  auto const counted = weir::from(clicks) | weir::assign_timestamps(&click::at, weir::monotonous_timestamps{}) |
                       weir::key_by(&click::user) |
                       weir::window(weir::tumbling_windows{.size = 10s}, weir::late_to<"late">) |
                       weir::aggregate(weir::count());
  auto const user = weir::map([](auto const& w) { return w["key"_c]; });
  std::vector<std::string> late, in_time;
  weir::run(counted | weir::side<"late">(weir::map(&click::user) | weir::into(late)) | user |
            weir::into(in_time));
  auto const result = weir::run(counted | weir::discard<"late"> | user | weir::into([](std::string const&) {}));
  // [/side]
  return late == std::vector<std::string>{"bob"} && in_time == std::vector<std::string>{"ann", "ann"} &&
                 result.count("late", "discarded") == 1
             ? 0
             : 1;
}
