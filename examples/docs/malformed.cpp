// malformed_to: lines that are not what they should be go to a side output, with their place and the reason.
#include <weir/weir.hpp>

#include <fstream>
#include <string>
#include <vector>

struct reading {
  std::string sensor;
  double celsius;
};
BOOST_HANA_ADAPT_STRUCT(reading, sensor, celsius);

int main() {
  std::ofstream("readings.csv") << "sensor,celsius\na,20.5\nb,hot\nc,19\n";
  weir::csv_file<reading> const file{"readings.csv"};

  // [malformed]
  std::vector<reading> good;
  std::vector<weir::malformed_record> bad;
  auto const result = weir::run(weir::from(file, weir::uid<"readings">, weir::malformed_to<"bad">) |
                                weir::side<"bad">(weir::into(bad)) | weir::into(good));
  bool const routed = good.size() == 2 && bad.size() == 1 && bad[0].line == 3 && bad[0].raw == "b,hot" &&
                      result.count("readings", "malformed") == 1;
  // [/malformed]

  auto const skipped = weir::run(
      weir::from(file, weir::uid<"readings">, weir::skip_malformed) |
      weir::into(weir::json_lines_file<>{.path = "readings.jsonl", .overwrite = true}, weir::uid<"out">));
  bool failed = false;
  try {
    weir::run(weir::from(file) | weir::into(good));
  } catch (weir::format_error const& e) {
    failed = std::string(e.what()).find("readings.csv:3:3:") != std::string::npos;
  }
  return routed && skipped.count("out", "in") == 2 && failed ? 0 : 1;
}
