// expect: weir::window(assigner, evictor): the record has a std::string_view, which does not outlive its batch; map it to one with std::string
// shows: "note"
#include <weir/weir.hpp>

#include <string_view>

#include "payments.hpp"

struct note {
  std::string_view note;
  weir::timestamp at;
};
BOOST_HANA_ADAPT_STRUCT(note, note, at);

int main() {
  std::vector<note> const in;
  weir::run(weir::from(in) | weir::assign_timestamps(&note::at, weir::monotonous_timestamps{}) |
            weir::key_by(&note::note) |
            weir::window(weir::tumbling_windows{.size = weir::duration{10}}
#ifdef WEIR_BAD
                         ,
                         weir::count_evictor{.count = 3}
#endif
                         ) |
            weir::aggregate(weir::count()) | weir::into(count));
}
