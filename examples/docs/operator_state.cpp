// process without key: state of the whole operator. Payments are posted in groups of three.
#include <weir/weir.hpp>

#include <string>
#include <vector>

// [groups]
struct in_groups {
  using output = std::vector<std::string>;
  weir::operator_list_state<std::string, "waiting"> waiting;
  auto states() { return std::tie(waiting); }

  template <class Context, class Emit>
  void on_record(std::string const& payment, Context&, Emit const& emit) {
    waiting.add(payment);
    if (waiting.size() < 3) return;
    emit(waiting.get());
    waiting.clear();
  }
};
// [/groups]

int main() {
  std::vector<std::string> const payments{"a", "b", "c", "d"};
  std::vector<std::vector<std::string>> out;
  // [use]
  weir::run(weir::from(payments) | weir::process<"groups">(in_groups{}) | weir::into(out));
  // [/use]
  return out == std::vector<std::vector<std::string>>{{"a", "b", "c"}} ? 0 : 1;
}
