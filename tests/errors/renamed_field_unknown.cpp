// expect: weir::renamed_fields<T>: `field` names a field that T does not have
#include <weir/weir.hpp>

struct account {
  std::string owner;
};
BOOST_HANA_ADAPT_STRUCT(account, owner);

#ifdef WEIR_BAD
template <>
inline constexpr weir::field_renames weir::renamed_fields<account>{
    weir::renamed_field{.field = "user", .was = "owner"}};
#else
template <>
inline constexpr weir::field_renames weir::renamed_fields<account>{
    weir::renamed_field{.field = "owner", .was = "user"}};
#endif

int main() { return weir::detail::facts_of<account>().parts.empty(); }
