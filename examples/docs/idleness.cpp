// with_idleness, watermark_alignment and explain_watermark: inputs that are quiet, or too far ahead.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace weir::literals;
using weir::testing::at;

struct reading {
  std::string sensor;
  weir::timestamp at;
};

int main() {
  // [idleness]
  auto const counts =
      weir::assign_timestamps(&reading::at, weir::with_idleness{weir::bounded_out_of_orderness{5s}, 30s}) |
      weir::key_by(&reading::sensor) | weir::window(weir::tumbling_windows{.size = 10s}) |
      weir::aggregate(weir::count()) |
      weir::map([](auto const& w) { return w["key"_c] + " " + std::to_string(w["count"_c]); });
  // [/idleness]

  // [by-hand]
  auto t = weir::testing::test_driver<reading, weir::untimed>(counts);
  t.splits(2);
  t.push_to_split(0, {"north", at(13s)});
  t.push_to_split(1, {"south", at(70s)});
  t.processing_time(at(20s));
  t.push_to_split(1, {"south", at(71s)});
  bool const held = t.take().empty();  // split 0 may still have something to say
  std::string const why = text(t.explain_watermark());
  t.processing_time(at(31s));  // it has been waited for for 31 s: now it is idle, and split 1 is not
  bool const fired = t.take().size() == 1;
  // [/by-hand]
  bool const explained = why.find(
                             "what is pushed, split 1 of 2, holds time back at 1970-01-01T00:00:07.999999Z: "
                             "nothing came for 20s; it "
                             "will be idle when it has been waited for longer than 30s\n") == 0;

  std::vector<reading> const north{{"north", at(3s)}, {"north", at(4s)}}, south{{"south", at(60s)}};
  std::vector<std::string> out;
  auto const timed = weir::assign_timestamps(&reading::at, weir::bounded_out_of_orderness{5s});
  // [run]
  // Other threads may use a copy: text(weir::explain_watermark(control)) waits for the answer.
  weir::job_control const control;
  weir::pending_report asked;
  weir::run(weir::merge(weir::from(north, weir::uid<"north">) | timed,
                        weir::from(south, weir::uid<"south">) | timed) |
                weir::map([&](reading const& r) {
                  if (!asked.valid()) asked = control.explain_watermark();
                  return r.sensor;
                }) |
                weir::into(out),
            control, weir::watermark_alignment{.max_drift = 1min}, weir::batch_size{1});
  weir::watermark_report const report = asked.get();
  // [/run]
  return held && fired && explained && out.size() == 3 && report.inputs.size() == 2 &&
                 report.inputs[0].name == "\"north\""
             ? 0
             : 1;
}
