// stream: what is known about a stream at compile time, all of it in its type.
#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/record.hpp>

#include <concepts>
#include <type_traits>

namespace weir {

// Stands where a fact is absent: no key, no window.
struct none {};

// A named side output that nobody has consumed yet: its name and the stream that it carries.
template <fixed_string Name, class Stream>
struct outlet {
  static constexpr auto name = Name;
  using stream = Stream;
};

template <class... Outlets>
struct outlets {
  static constexpr bool empty = sizeof...(Outlets) == 0;
};

// What a source gives or an operator makes: element type, whether records carry event time, the function that gives
// the key, the window that waits for its function, and the side outputs that wait for a consumer.
template <class T, bool Timed = false, class KeyFn = none, class Window = none, class Outlets = outlets<>>
struct stream {
  using value = T;
  using key_fn = KeyFn;
  using window = Window;
  using side_outputs = Outlets;
  static constexpr bool timed = Timed;
  static constexpr bool keyed = !std::same_as<KeyFn, none>;
  static constexpr bool windowed = !std::same_as<Window, none>;
  static constexpr bool open = true;
};

// Behind a sink: no records come out here.
struct finished {
  using side_outputs = outlets<>;
  static constexpr bool open = false;
};

// Behind a sink that leaves some records to side outputs: they are all that is left.
struct no_record {};
template <class Outlets>
struct sunk : stream<no_record, false, none, none, Outlets> {};

// A new element type; the key function no longer applies to it.
template <class In, class U>
using with_value = stream<U, In::timed, none, none, typename In::side_outputs>;

template <class In>
using with_time = stream<typename In::value, true, typename In::key_fn, none, typename In::side_outputs>;

template <class In, class KeyFn>
using with_key = stream<typename In::value, In::timed, KeyFn, none, typename In::side_outputs>;

template <class In, class Window>
using with_window =
    stream<typename In::value, In::timed, typename In::key_fn, Window, typename In::side_outputs>;

namespace detail {

template <class Out>
inline constexpr bool is_sunk = false;
template <class Outlets>
inline constexpr bool is_sunk<sunk<Outlets>> = true;
template <class Out>
inline constexpr bool carries_records = Out::open && !is_sunk<Out>;
template <class Out>
inline constexpr bool ends_in_window = false;
template <class Out>
  requires(Out::windowed)
inline constexpr bool ends_in_window<Out> = true;

template <class In, class Outlets>
struct replace_side_outputs {
  using type = stream<typename In::value, In::timed, typename In::key_fn, typename In::window, Outlets>;
};
template <class Left, class Outlets>
struct replace_side_outputs<sunk<Left>, Outlets> {
  using type = sunk<Outlets>;
};
template <class Left>
struct replace_side_outputs<sunk<Left>, outlets<>> {
  using type = finished;
};

}  // namespace detail

template <class In, class Outlets>
using with_side_outputs = typename detail::replace_side_outputs<In, Outlets>::type;

namespace detail {

template <class... Lists>
struct concat_outlets;
template <>
struct concat_outlets<> {
  using type = outlets<>;
};
template <class... A>
struct concat_outlets<outlets<A...>> {
  using type = outlets<A...>;
};
// Each name once: two branches may feed one side output. Where they give it records of different types, or with and
// without event time, a clash stands in the list.
struct clash {
  static constexpr fixed_string name{""};
  using stream = none;
};
template <class Known, class Outlet>
inline constexpr bool goes_with = Known::name != Outlet::name || std::same_as<Known, Outlet>;
template <class... A, class First, class... B, class... Rest>
struct concat_outlets<outlets<A...>, outlets<First, B...>, Rest...>
    : concat_outlets<std::conditional_t<!(goes_with<A, First> && ...), outlets<A..., clash>,
                                        std::conditional_t<((A::name == First::name) || ...), outlets<A...>,
                                                           outlets<A..., First>>>,
                     outlets<B...>, Rest...> {};
template <class... A, class... Rest>
struct concat_outlets<outlets<A...>, outlets<>, Rest...> : concat_outlets<outlets<A...>, Rest...> {};

template <class Outlets>
inline constexpr bool has_clash = false;
template <class... A>
inline constexpr bool has_clash<outlets<A...>> = (std::same_as<A, clash> || ...);

template <fixed_string Name, class Outlets>
struct find_outlet {
  using type = none;
};
template <fixed_string Name, class First, class... Rest>
struct find_outlet<Name, outlets<First, Rest...>> : find_outlet<Name, outlets<Rest...>> {};
template <fixed_string Name, class Stream, class... Rest>
struct find_outlet<Name, outlets<outlet<Name, Stream>, Rest...>> {
  using type = Stream;
};

template <fixed_string Name, class Kept, class Outlets>
struct remove_outlet;
template <fixed_string Name, class... Kept>
struct remove_outlet<Name, outlets<Kept...>, outlets<>> {
  using type = outlets<Kept...>;
};
template <fixed_string Name, class... Kept, class First, class... Rest>
struct remove_outlet<Name, outlets<Kept...>, outlets<First, Rest...>>
    : remove_outlet<Name, std::conditional_t<First::name == Name, outlets<Kept...>, outlets<Kept..., First>>,
                    outlets<Rest...>> {};

}  // namespace detail

// The stream of the side output called Name, or none.
template <class In, fixed_string Name>
using side_output_of = typename detail::find_outlet<Name, typename In::side_outputs>::type;

template <class In, class... Outlets>
using add_side_outputs =
    with_side_outputs<In,
                      typename detail::concat_outlets<typename In::side_outputs, outlets<Outlets...>>::type>;

template <class In, fixed_string Name>
using remove_side_output =
    with_side_outputs<In, typename detail::remove_outlet<Name, outlets<>, typename In::side_outputs>::type>;

}  // namespace weir
