// Archives: a stage's one function state(ar) both saves and loads its small state. What is in tables saves itself.
#pragma once

#include <weir/state/codec.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weir::detail {

template <class T, class Ar>
concept has_state = requires(T& x, Ar& ar) { x.state(ar); };

class save_archive {
 public:
  std::string bytes;
  static constexpr bool loading() { return false; }
  // Whether a part at the end, which is left out where it would say nothing, is there.
  static bool more(bool is_there) { return is_there; }

  template <class T>
  void operator()(T& x) {
    if constexpr (has_state<T, save_archive>)
      x.state(*this);
    else
      codec<T>::encode(x, bytes);
  }
  template <class T>
    requires has_state<T, save_archive>
  void operator()(std::vector<T>& all) {
    std::uint64_t const n = all.size();
    codec<std::uint64_t>::encode(n, bytes);
    for (T& x : all) x.state(*this);
  }
};

class load_archive {
 public:
  explicit load_archive(std::string_view bytes) : from_(bytes) {}
  static constexpr bool loading() { return true; }
  bool more(bool) const { return from_.remaining() != 0; }

  template <class T>
  void operator()(T& x) {
    if constexpr (has_state<T, load_archive>)
      x.state(*this);
    else
      codec<T>::decode(from_, x);
  }
  template <class T>
    requires has_state<T, load_archive>
  void operator()(std::vector<T>& all) {
    std::uint64_t n = 0;
    codec<std::uint64_t>::decode(from_, n);
    if (n > from_.remaining()) from_.fail("a count of " + std::to_string(n) + " elements is too large");
    all.resize(static_cast<std::size_t>(n));
    for (T& x : all) x.state(*this);
  }
  void finish() const { from_.finish(); }

 private:
  byte_reader from_;
};

}  // namespace weir::detail
