// clock_trigger: results by the clock. Batches of rows for a database: full ones, and small ones before they are old.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
using weir::testing::at;

struct line {
  std::string table;
  std::string text;
};

int main() {
  // [use]
  auto const full_or_old = weir::purging(weir::timeout_trigger(weir::count_trigger{.count = 3}, 10s));
  auto const batches = weir::key_by(&line::table) | weir::window(weir::global_windows{}, full_or_old) |
                       weir::process_window<"batches", std::string>(
                           [](auto const& w, std::vector<line> const& lines, auto const& emit) {
                             std::string all = w.key + ":";
                             for (line const& l : lines) all += " " + l.text;
                             emit(all);
                           });

  auto t = weir::testing::test_driver<line>(batches);
  for (std::string text : {"a", "b", "c", "d"}) t.push({"words", text}, at(0s));
  t.processing_time(at(10s));
  std::vector<std::string> out;
  for (auto const& batch : t.take()) out.push_back(batch.value);
  // out is {"words: a b c", "words: d"}
  // [/use]
  return out == std::vector<std::string>{"words: a b c", "words: d"} ? 0 : 1;
}
