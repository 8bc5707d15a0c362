// expect: weir::renamed_fields<T>: two fields had the same name
#include <weir/weir.hpp>

struct account {
  std::string owner;
  std::string payer;
};
BOOST_HANA_ADAPT_STRUCT(account, owner, payer);

template <>
inline constexpr weir::field_renames weir::renamed_fields<account>{
#ifdef WEIR_BAD
    weir::renamed_field{.field = "payer", .was = "user"},
#else
    weir::renamed_field{.field = "payer", .was = "customer"},
#endif
    weir::renamed_field{.field = "owner", .was = "user"}};

int main() { return weir::detail::facts_of<account>().parts.empty(); }
