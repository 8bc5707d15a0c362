// expect: weir::broadcast_state<K, V, name>: K has no operator<, and the map is in the order of its keys; give it one
#include <weir/weir.hpp>

#include <compare>
#include <string>
#include <tuple>
#include <vector>

struct rule_id {
  int group;
  int number;
#ifndef WEIR_BAD
  auto operator<=>(rule_id const&) const = default;
#endif
};
BOOST_HANA_ADAPT_STRUCT(rule_id, group, number);

struct limits {
  using output = int;
  weir::broadcast_state<rule_id, int, "rules"> rules;
  auto states() { return std::tie(rules); }

  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) const {
    if (rules.contains(rule_id{1, value})) emit(value);
  }
  template <class Context, class Emit>
  void on_broadcast(std::string const& name, Context&, Emit const&) {
    rules.put(rule_id{1, static_cast<int>(name.size())}, 1);
    rules.remove(rule_id{2, 0});
  }
};

int main() {
  std::vector<int> const in;
  std::vector<std::string> const names;
  std::vector<int> out;
  weir::run(weir::from(in) | weir::broadcast<"limits">(weir::from(names), limits{}) | weir::into(out));
}
