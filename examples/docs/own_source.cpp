// A source of our own that can be read again from a position, so that it may stand under checkpoints.
#include <weir/weir.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <ranges>
#include <string>
#include <vector>

// [source]
struct squares {
  using value_type = std::int64_t;
  static constexpr bool replayable = true;
  std::int64_t count;

  class reader {
   public:
    reader(squares const& source, weir::source_context const&) : count_(source.count) {}
    static constexpr std::size_t splits() { return 1; }
    auto poll(std::size_t, std::size_t max, auto) const {  // not consumed yet: the same records again
      auto const end = std::min(count_, next_ + static_cast<std::int64_t>(max));
      return std::views::iota(next_, end) | std::views::transform([](std::int64_t i) { return i * i; });
    }
    void consume(std::size_t, std::size_t n) { next_ += static_cast<std::int64_t>(n); }
    bool ended(std::size_t) const { return next_ == count_; }

    void save(std::string& out) const { out = std::to_string(next_); }
    void restore(std::string_view saved) { std::from_chars(saved.begin(), saved.end(), next_); }

   private:
    std::int64_t count_, next_ = 0;
  };
};
// [/source]

int main() {
  std::filesystem::remove_all("squares_state");
  std::vector<std::int64_t> out;
  auto const job = [&](std::int64_t n) {
    return weir::from(squares{n}, weir::uid<"squares">) | weir::into(out, weir::uid<"out">);
  };
  std::stop_source stop;
  stop.request_stop();
  weir::lmdb_store const store{"squares_state"};
  weir::run(job(4), store, weir::periodic_checkpoints{}, weir::at_least_once, stop.get_token());
  weir::run(job(4), store, weir::periodic_checkpoints{}, weir::at_least_once);
  return out == std::vector<std::int64_t>{0, 1, 4, 9} ? 0 : 1;
}
