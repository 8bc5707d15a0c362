// expect: weir::key_by(f...): the key is of a type that cannot be one; adapt it with BOOST_HANA_ADAPT_STRUCT or specialise std::hash for it
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct card {
  std::string user;
  std::int64_t number = 0;
};
#ifndef WEIR_BAD
BOOST_HANA_ADAPT_STRUCT(card, user, number);
#endif

struct payment {
  card from;
  std::int64_t amount;
};

int main() {
  std::vector<payment> const in;
  std::vector<payment> out;
  weir::run(weir::from(in) | weir::key_by(&payment::from) | weir::reduce([](payment a, payment const& b) {
              a.amount += b.amount;
              return a;
            }) |
            weir::into(out));
}
