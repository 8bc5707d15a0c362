#include "catch.hpp"
#include "files.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/staged_file.hpp>

#include <string>
#include <thread>

TEST_CASE("segments are made durable and published while records go on", "[connector]") {
  weir_test::temp_directory folder;
  weir::counters counters;
  weir::detail::staged_file file({"csv_file", folder / "out.txt", false, "head\n"},
                                 {"alerts", true, folder / "state", counters});
  file.recover(std::nullopt, 0);
  std::string expected = "head\n";
  std::jthread committing;
  for (std::uint64_t epoch = 1; epoch <= 12; ++epoch) {
    for (int i = 0; i < 40; ++i) {
      std::string const text(epoch % 3 == 0 ? 20 : 1000 * epoch, static_cast<char>('a' + i % 26));
      file.buffer().append(text);
      file.appended();
      expected += text;
    }
    if (committing.joinable()) committing.join();  // one is in flight
    auto segment = file.close_segment(epoch);
    committing = std::jthread([segment = std::move(segment)] {
      segment.make_durable();
      segment.publish();
    });
  }
  committing.join();
  CHECK(weir_test::content(folder / "out.txt") == expected);
}
