// What a refusal says.
#pragma once

#include <weir/error.hpp>

#include <string>

namespace weir_test {

// The text of the error that f() throws; another kind of exception passes.
template <class Error = weir::error, class F>
std::string error_of(F const& f) {
  try {
    f();
  } catch (Error const& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace weir_test
