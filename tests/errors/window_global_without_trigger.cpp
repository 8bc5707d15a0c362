// expect: weir::window(global_windows{}): a window without end fires only when a trigger says so; give one, such as end_of_stream_trigger{} or count_trigger{100}
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  weir::run(keyed |
            weir::window(weir::global_windows{}
#ifndef WEIR_BAD
                         ,
                         weir::end_of_stream_trigger{}
#endif
                         ) |
            weir::aggregate(weir::count()) | weir::into(count));
}
