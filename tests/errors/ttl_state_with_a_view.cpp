// expect: weir::process(f): a state handle keeps a std::string_view, which does not outlive its batch; keep a std::string
// shows: "pages.second"
#include <weir/weir.hpp>

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;

#ifdef WEIR_BAD
using text = std::string_view;
#else
using text = std::string;
#endif

struct titles {
  using output = int;
  weir::map_state<int, std::pair<int, text>, "pages", weir::ttl> pages{weir::ttl{.after = 10min}};
  auto states() { return std::tie(pages); }
  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) {
    pages.put(value, std::pair<int, text>(value, "page"));
    emit(static_cast<int>(pages.size()));
  }
};

int main() {
  std::vector<int> const in;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::key_by([](int n) { return n; }) | weir::process<"titles">(titles{}) |
            weir::into(out));
}
