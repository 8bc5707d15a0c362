#include <weir/weir.hpp>

int two();

int two() { return 2; }
