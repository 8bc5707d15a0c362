#include "catch.hpp"

#include <weir/core/functor.hpp>

#include <array>
#include <string>
#include <type_traits>

TEST_CASE("where a closure lives does not depend on what was asked of it before") {
  // With g++ 12 this question makes std::is_trivially_copyable false for the same closure.
  auto const asked = [number = 3](int x) { return x + number; };
  STATIC_REQUIRE(!std::is_copy_assignable_v<decltype(asked)>);
  STATIC_REQUIRE(weir::lives_in_kernel<std::remove_const_t<decltype(asked)>>);
  auto const not_asked = [number = 3](int x) { return x + number; };
  STATIC_REQUIRE(weir::lives_in_kernel<std::remove_const_t<decltype(not_asked)>>);
  CHECK(weir::functor(asked)(1) == 4);
}

TEST_CASE("a functor can be assigned, whatever it holds") {
  int calls = 0;
  auto const small = [&calls](int x) { return ++calls, x * 2; };
  weir::functor a(small), b(small);
  a = b;
  a = *&a;
  CHECK(a(4) == 8);
  CHECK(calls == 1);

  // A large or owning one is pointed to: nothing is copied when a kernel is opened.
  auto const large = [numbers = std::array<long, 8>{1, 2, 3, 4, 5, 6, 7, 8}](std::size_t i) {
    return numbers[i];
  };
  auto const owning = [text = std::string("text")](std::size_t i) { return text[i]; };
  STATIC_REQUIRE(!weir::lives_in_kernel<std::remove_const_t<decltype(large)>>);
  STATIC_REQUIRE(!weir::lives_in_kernel<std::remove_const_t<decltype(owning)>>);
  weir::functor c(large);
  weir::functor d(owning);
  CHECK(&c.get() == &large);
  CHECK(c(7) == 8);
  CHECK(d(3) == 't');
}
