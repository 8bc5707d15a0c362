// parts: what of a pipeline has to be found again after a restart, and under which name; checked before anything runs.
#pragma once

#include <weir/core/fixed_string.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace weir {

enum class part_kind { source, sink, state };

// How a sink keeps exactly-once; at_once keeps it not: what has gone out cannot be taken back. `staged`: nothing is visible until it is published.
// `idempotent`: written by key, again is the same. `fenced`: the target itself remembers the last epoch.
enum class delivery { at_once, idempotent, fenced, staged };

struct part_info {
  std::string_view uid;
  part_kind kind;
  bool exactly_once;  // a source that can be read again from a position, a sink of a class, any state
  bool storable;      // what it keeps has a form on disk
};

template <fixed_string Uid, part_kind Kind, bool ExactlyOnce, bool Storable = true>
struct part {
  static constexpr auto uid = Uid;
  static constexpr part_info info{uid.view(), Kind, ExactlyOnce, Storable};
};

template <class... Parts>
struct part_list {
  static constexpr std::size_t size = sizeof...(Parts);
  static constexpr std::array<part_info, size> all{Parts::info...};
};

// The names in force where a part stands: scoped<"..."> outside, uid<"..."> inside.
template <fixed_string Scope = "", fixed_string Uid = "">
struct part_names {
  template <fixed_string Name>
  using named = part_names<Scope, Name>;
  template <fixed_string Name>
  using scoped = part_names<Name, Uid>;
  static constexpr auto scope = Scope;
  static constexpr auto uid = Uid;
};

// "rule1/spend", or "spend" outside of any scope, or "" without a name.
template <fixed_string Scope, fixed_string Uid>
inline constexpr auto full_uid = [] {
  if constexpr (Scope.empty() || Uid.empty())
    return Uid;
  else
    return Scope + fixed_string("/") + Uid;
}();

namespace detail {

template <class... Lists>
struct concat_part_lists;
template <>
struct concat_part_lists<> {
  using type = part_list<>;
};
template <class... A>
struct concat_part_lists<part_list<A...>> {
  using type = part_list<A...>;
};
template <class... A, class... B, class... Rest>
struct concat_part_lists<part_list<A...>, part_list<B...>, Rest...>
    : concat_part_lists<part_list<A..., B...>, Rest...> {};

template <class... Lists>
using concat_parts = typename concat_part_lists<Lists...>::type;

template <class List>
constexpr bool uids_are_unique() {
  for (std::size_t i = 0; i < List::size; ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (!List::all[i].uid.empty() && List::all[i].uid == List::all[j].uid) return false;
  return true;
}
template <class List>
constexpr std::size_t count_of(part_kind kind) {
  std::size_t n = 0;
  for (auto const& p : List::all) n += p.kind == kind;
  return n;
}
template <class List>
constexpr bool each_has_a_uid() {
  for (auto const& p : List::all)
    if (p.uid.empty()) return false;
  return true;
}
template <class List, part_kind Kind>
constexpr bool all_exactly_once() {
  for (auto const& p : List::all)
    if (p.kind == Kind && !p.exactly_once) return false;
  return true;
}
template <class List>
constexpr bool all_storable() {
  for (auto const& p : List::all)
    if (!p.storable) return false;
  return true;
}

}  // namespace detail

}  // namespace weir
