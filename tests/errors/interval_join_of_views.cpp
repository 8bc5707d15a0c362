// expect: weir::interval_join(second, between, f): a record of second has a std::string_view, which does not outlive its batch; map it to one with std::string
#include <weir/weir.hpp>

#include "pairs.hpp"

struct seen {
  std::int64_t user;
#ifdef WEIR_BAD
  std::string_view text;
#else
  std::string text;
#endif
};
BOOST_HANA_ADAPT_STRUCT(seen, user, text);

int main() {
  auto const second = orders_in_time | weir::map([](order const& o) {
                        return seen{o.user, o.text};
                      }) |
                      weir::key_by(&seen::user);
  auto const amount = [](payment const& p, seen const&) { return p.amount; };
  weir::run(keyed | weir::interval_join<"pairs">(second, {.upper = weir::duration{9}}, amount) |
            weir::into(count));
}
