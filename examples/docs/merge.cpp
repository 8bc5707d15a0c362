// merge: the next record comes from the pipeline whose watermark is behind, so that the order is always the same.
#include <weir/weir.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;

struct event {
  std::string text;
  weir::timestamp at;
};

int main() {
  weir::timestamp const noon{12h};
  std::vector<event> const left{{"l1", noon + 1s}, {"l5", noon + 5s}};
  std::vector<event> const right{{"r2", noon + 2s}, {"r3", noon + 3s}, {"r9", noon + 9s}};
  // [merge]
  auto const time = weir::assign_timestamps(&event::at, weir::monotonous_timestamps{});
  std::vector<std::string> out;
  weir::run(weir::merge(weir::from(left) | time, weir::from(right) | time) | weir::map(&event::text) |
            weir::into(out));
  // [/merge]
  // Each had one record before its watermark was known.
  return out == std::vector<std::string>{"l1", "r2", "l5", "r3", "r9"} ? 0 : 1;
}
