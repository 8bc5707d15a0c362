// expect: weir::from(source): the source cannot read records of its type; adapt the struct with BOOST_HANA_ADAPT_STRUCT
#include <weir/weir.hpp>

#include <string>
#include <vector>

struct reading {
  std::string sensor;
  weir::timestamp at;
};
#ifndef WEIR_BAD
BOOST_HANA_ADAPT_STRUCT(reading, sensor, at);
#endif

int main() {
  std::vector<reading> out;
  weir::run(weir::from(weir::csv_file<reading>{"readings.csv"}) |
            weir::assign_timestamps(&reading::at, weir::monotonous_timestamps{}) | weir::into(out));
}
