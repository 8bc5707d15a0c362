// expect: weir::broadcast(rules, f): f has no broadcast_state<K, V, name> to keep the rules in
#include <weir/weir.hpp>

#include "limits.hpp"

struct forgetful : limits {
#ifdef WEIR_BAD
  weir::operator_list_state<std::string, "rules"> list;
  auto states() { return std::tie(list); }
#endif
};

int main() { weir::run(numbers | weir::broadcast<"limits">(names, forgetful{}) | weir::into(count)); }
