// expect: weir::migration<T>: it needs `using from = ...`, a type that can be stored
#include <weir/weir.hpp>

struct account_v1 {
  std::string name;
};
struct account {
  std::string owner;
};
BOOST_HANA_ADAPT_STRUCT(account_v1, name);
BOOST_HANA_ADAPT_STRUCT(account, owner);

template <>
struct weir::migration<account> {
  using from = account_v1;
#ifdef WEIR_BAD
  static account migrate(std::string const& name) { return {name}; }
#else
  static account migrate(account_v1 const& old) { return {old.name}; }
#endif
};

int main() { return weir::detail::facts_of<account>().parts.empty(); }
