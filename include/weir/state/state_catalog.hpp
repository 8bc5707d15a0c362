// state_catalog: which states a state directory or a savepoint holds.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/state/declaration.hpp>
#include <weir/state/key_group.hpp>

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
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

  std::string full_name() const { return name.empty() ? uid : uid + "/" + name; }
};

template <>
struct codec<state_entry> {
  using fields = std::tuple<std::uint32_t, std::string, std::string, state_kind, std::string, std::string>;
  static void encode(state_entry const& s, std::string& out) {
    codec<fields>::encode({s.id, s.uid, s.name, s.kind, s.schema, s.key_schema}, out);
  }
  static void decode(byte_reader& in, state_entry& s) {
    fields f;
    codec<fields>::decode(in, f);
    std::tie(s.id, s.uid, s.name, s.kind, s.schema, s.key_schema) = std::move(f);
  }
  static std::string schema() { return "state_entry"; }
};

namespace detail {

inline constexpr std::uint32_t layout_version = 1;

// The record in `meta` by which everything else is read.
struct layout_record {
  std::uint32_t version = layout_version;
  std::uint16_t key_groups = default_key_groups;
  std::vector<state_entry> states;
};

}  // namespace detail

template <>
struct codec<detail::layout_record> {
  static void encode(detail::layout_record const& r, std::string& out) {
    codec<std::uint32_t>::encode(r.version, out);
    codec<std::uint16_t>::encode(r.key_groups, out);
    codec<std::vector<state_entry>>::encode(r.states, out);
  }
  static void decode(byte_reader& in, detail::layout_record& r) {
    codec<std::uint32_t>::decode(in, r.version);
    codec<std::uint16_t>::decode(in, r.key_groups);
    codec<std::vector<state_entry>>::decode(in, r.states);
  }
  static std::string schema() { return "layout_record"; }
};

}  // namespace weir
