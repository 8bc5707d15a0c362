// state_catalog: which states a state directory or a savepoint holds.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/state/declaration.hpp>
#include <weir/state/key_group.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace weir {

// A state as the store knows it. The id stands in front of its keys.
struct state_entry {
  std::uint32_t id = 0;
  std::string uid;   // of the operator; empty: it was given up, and nothing is stored under the id
  std::string name;  // of the state; empty for the operator's timers
  state_kind kind = state_kind::value;
  std::string schema;
  std::string key_schema;
  bool operator==(state_entry const&) const = default;

  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.id, r.uid, r.name, r.kind, r.schema, r.key_schema);
  }
  std::string full_name() const { return name.empty() ? uid : uid + "/" + name; }
};

namespace detail {

inline constexpr std::uint32_t layout_version = 1;

// The record in `meta` by which everything else is read.
struct layout_record {
  std::uint32_t version = layout_version;
  std::uint16_t key_groups = default_key_groups;
  std::vector<state_entry> states;
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.version, r.key_groups, r.states);
  }
};

}  // namespace detail

}  // namespace weir
