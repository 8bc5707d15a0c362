// expect: weir::into(sink): what the sink keeps has a std::string_view, which does not outlive its batch; map the record to one with std::string first
// shows: "address.street"
#include <weir/weir.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

template <class Text>
struct place {
  std::int64_t number = 0;
  Text street;
};
template <class Text>
struct person {
  std::string name;
  std::vector<place<Text>> address;
};
using viewed = person<std::string_view>;
using owned = person<std::string>;
BOOST_HANA_ADAPT_STRUCT(place<std::string_view>, number, street);
BOOST_HANA_ADAPT_STRUCT(place<std::string>, number, street);
BOOST_HANA_ADAPT_STRUCT(viewed, name, address);
BOOST_HANA_ADAPT_STRUCT(owned, name, address);

int main() {
  std::vector<viewed> const in;
#ifdef WEIR_BAD
  std::vector<viewed> out;
#else
  std::vector<owned> out;
#endif
  using result = decltype(out)::value_type;
  weir::run(weir::from(in) | weir::map([](viewed const& v) { return result{v.name, {}}; }) | weir::into(out));
}
