// window: tumbling, sliding and session windows over the same clicks; late ones are not lost.
#include <weir/weir.hpp>

#include <cstdint>
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
  std::vector<click> const clicks{{"ann", noon}, {"ann", noon + 4s}, {"ann", noon + 13s}, {"ann", noon + 1s}};
  // [windows]
  auto const timed = weir::from(clicks) | weir::assign_timestamps(&click::at, weir::monotonous_timestamps{}) |
                     weir::key_by(&click::user);
  auto const count = weir::aggregate(weir::count());
  auto const number = weir::map([](auto const& w) { return w["count"_c]; });

  std::vector<std::uint64_t> tumbling, sliding, sessions;
  std::vector<click> late;
  weir::run(timed | weir::window(weir::tumbling_windows{.size = 10s}, weir::late_to<"late">) | count |
            weir::side<"late">(weir::into(late)) | number | weir::into(tumbling));
  weir::run(timed | weir::window(weir::sliding_windows{.size = 10s, .slide = 5s}) | count | number |
            weir::into(sliding));
  weir::run(timed | weir::window(weir::session_windows{.gap = 5s}, weir::allowed_lateness{1min}) | count |
            number | weir::into(sessions));
  // [/windows]
  // With lateness the session of noon fires again when the late click comes.
  bool const right = tumbling == std::vector<std::uint64_t>{2, 1} && late.size() == 1 &&
                     sliding == std::vector<std::uint64_t>{2, 2, 1, 1} &&
                     sessions == std::vector<std::uint64_t>{2, 3, 1};
  return right ? 0 : 1;
}
