// expect: weir::broadcast_state<K, V, name>: K has no operator<, and the map is in the order of its keys; give it one
#include <weir/weir.hpp>

#include "limits.hpp"

#include <compare>

struct rule_id {
  int group;
  int number;
#ifndef WEIR_BAD
  auto operator<=>(rule_id const&) const = default;
#endif
};
BOOST_HANA_ADAPT_STRUCT(rule_id, group, number);

struct numbered_limits : limits {
  weir::broadcast_state<rule_id, int, "rules"> by_number;
  auto states() { return std::tie(by_number); }

  template <class Context, class Emit>
  void on_record(int value, Context&, Emit const& emit) const {
    if (by_number.contains(rule_id{1, value})) emit(value);
  }
  template <class Context, class Emit>
  void on_broadcast(std::string const& name, Context&, Emit const&) {
    by_number.put(rule_id{1, static_cast<int>(name.size())}, 1);
    by_number.remove(rule_id{2, 0});
  }
};

int main() { weir::run(numbers | weir::broadcast<"limits">(names, numbered_limits{}) | weir::into(count)); }
