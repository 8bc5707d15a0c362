// expect: weir::process_window(f): the stream has no windows; put window(assigner) before it
#include <weir/weir.hpp>

#include "payments.hpp"

int main() {
  auto const all = [](auto const& w, std::vector<payment> const&, auto const& emit) { emit(w.key); };
  weir::run(keyed
#ifndef WEIR_BAD
            | tumbling
#endif
            | weir::process_window<"all", std::int64_t>(all) | weir::into(count));
}
