#pragma once

#include <weir/window/time_window.hpp>

namespace weir {

// Which window of which key a function is called for.
template <class Key>
struct keyed_window {
  Key const& key;
  time_window window;
};

}  // namespace weir
