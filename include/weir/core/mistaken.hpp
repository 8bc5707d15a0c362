// mistaken: what an expression gives that was reported as a mistake.
#pragma once

#include <cstddef>
#include <type_traits>

namespace weir::detail {

struct mistaken;
template <class... T>
concept one_mistaken = (std::is_same_v<std::remove_cvref_t<T>, mistaken> || ...);

// It goes wherever a value goes, so that one mistake is one error. Nothing here is defined: no program has one.
struct mistaken {
  template <class T>
  operator T() const;
  template <class T>
  mistaken operator=(T&&) const;
  template <class T>
  mistaken operator+=(T&&) const;
  template <class T>
  mistaken operator-=(T&&) const;
  template <class T>
  mistaken operator[](T&&) const;
  mistaken operator-() const;
  mistaken operator*() const;

  bool empty() const;
  std::size_t size() const;
  mistaken const* begin() const;
  mistaken const* end() const;
  char const* data() const;
  char const* c_str() const;
  mistaken time_since_epoch() const;
  mistaken count() const;
  mistaken has_value() const;
  mistaken value() const;

  template <class A, class B>
    requires one_mistaken<A, B>
  friend mistaken operator+(A&&, B&&);
  template <class A, class B>
    requires one_mistaken<A, B>
  friend mistaken operator-(A&&, B&&);
  template <class A, class B>
    requires one_mistaken<A, B>
  friend mistaken operator*(A&&, B&&);
  template <class A, class B>
    requires one_mistaken<A, B>
  friend mistaken operator/(A&&, B&&);
  template <class A, class B>
    requires one_mistaken<A, B>
  friend mistaken operator%(A&&, B&&);
  template <class A, class B>
    requires one_mistaken<A, B>
  friend mistaken operator<<(A&&, B&&);
  template <class A, class B>
    requires one_mistaken<A, B>
  friend bool operator==(A&&, B&&);
  template <class A, class B>
    requires one_mistaken<A, B>
  friend bool operator!=(A&&, B&&);
  template <class A, class B>
    requires one_mistaken<A, B>
  friend bool operator<(A&&, B&&);
  template <class A, class B>
    requires one_mistaken<A, B>
  friend bool operator>(A&&, B&&);
  template <class A, class B>
    requires one_mistaken<A, B>
  friend bool operator<=(A&&, B&&);
  template <class A, class B>
    requires one_mistaken<A, B>
  friend bool operator>=(A&&, B&&);
};

}  // namespace weir::detail
