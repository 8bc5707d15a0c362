// The first of two files that include all of weir and are linked: what is defined in a header is inline.
#include <weir/weir.hpp>

int two();

int main() { return two() == 2 ? 0 : 1; }
