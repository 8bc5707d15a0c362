// What is known at compile time of a state handle.
#pragma once

#include <weir/state/ttl.hpp>

#include <concepts>

namespace weir::detail {

template <class H>
concept has_ttl = requires {
  { H::domain } -> std::convertible_to<time_domain>;
};
template <class H, time_domain Domain>
concept expires_in = has_ttl<H> && H::domain == Domain;

// Not for each key but once for the whole operator.
template <class H>
concept kept_by_operator = requires { requires H::of_operator; };

// The same for all keys, and read-only but for the records of a second input.
template <class H>
concept kept_by_broadcast = requires { requires H::of_broadcast; };

template <class H>
concept state_handle =
    requires {
      { H::storable } -> std::convertible_to<bool>;
    } &&
    (
        requires(H& h, typename H::stored& s) { h.bind(s); } ||
        requires(H& h, typename H::stored& s, moment m) { h.bind(s, m); });

}  // namespace weir::detail
