// A stored value of one type, read as another one.
#pragma once

#include "catch.hpp"

#include <weir/state/codec.hpp>
#include <weir/state/evolution.hpp>
#include <weir/state/transcoder.hpp>

#include <string>

namespace weir_test {

template <class Now>
weir::detail::transcoder from_text(std::string const& old) {
  return weir::detail::transcoder(old, weir::detail::facts_of<Now>());
}
// Why Old cannot become Now.
template <class Old, class Now>
std::string why_not() {
  return from_text<Now>(weir::codec<Old>::schema()).problem().value_or("nothing");
}

template <class Now, class Old>
Now evolved(Old const& old) {
  weir::detail::transcoder const change = from_text<Now>(weir::codec<Old>::schema());
  REQUIRE(change.problem().value_or("") == "");
  std::string bytes;
  weir::encode(old, bytes);
  std::string const two = bytes + bytes;  // the first ends where it ends
  weir::byte_reader in(two);
  std::string out;
  change.convert(in, out);
  CHECK(in.remaining() == bytes.size());
  Now now{};
  weir::decode(out, now);
  return now;
}

}  // namespace weir_test
