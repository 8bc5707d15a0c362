// A sink of our own that keeps exactly-once: each epoch becomes a file, whose bytes lie in the commit until it is written.
#include <weir/weir.hpp>

#include <filesystem>
#include <fstream>
#include <ranges>
#include <string>
#include <utility>

// [sink]
struct part_files {
  static constexpr weir::delivery guarantee = weir::delivery::staged;
  template <class T>
  static constexpr bool accepts = std::is_arithmetic_v<T>;
  std::filesystem::path folder;

  template <class T>
  class writer {
   public:
    writer(part_files const& sink, weir::sink_context const&) : folder_(sink.folder) {}
    struct kernel {
      std::string* lines;
      void operator()(T const& value, auto) { *lines += std::to_string(value) + '\n'; }
    };
    kernel open() { return {&lines_}; }
    void commit(kernel const&) {}
    void flush() {}
    void finish() { publish(folder_, 0, lines_); }

    weir::sink_segment close_segment(std::uint64_t epoch) {
      auto const lines = std::exchange(lines_, {});
      return {lines, [] {}, [folder = folder_, epoch, lines] { publish(folder, epoch, lines); }};
    }
    void recover(std::optional<std::string_view> commitment, std::uint64_t epoch) {
      if (commitment) publish(folder_, epoch, *commitment);
    }

   private:
    // Any number of times with the same result. To survive a power failure it would have to sync as well.
    static void publish(std::filesystem::path const& folder, std::uint64_t epoch, std::string_view lines) {
      std::filesystem::create_directories(folder);
      if (!lines.empty()) std::ofstream(folder / ("part-" + std::to_string(epoch))) << lines;
    }
    std::filesystem::path folder_;
    std::string lines_;
  };
};
// [/sink]

int main() {
  for (auto const* used : {"part_state", "parts"}) std::filesystem::remove_all(used);
  weir::run(weir::from(std::views::iota(1, 4), weir::uid<"numbers">) |
                weir::into(part_files{"parts"}, weir::uid<"parts">),
            weir::lmdb_store{"part_state"}, weir::periodic_checkpoints{}, weir::exactly_once);
  std::ifstream file("parts/part-1");
  std::string const text{std::istreambuf_iterator<char>(file), {}};
  return text == "1\n2\n3\n" ? 0 : 1;
}
