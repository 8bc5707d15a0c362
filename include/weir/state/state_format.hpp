// state_format: how a stage's value per key is spread over named states on disk.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/state/declaration.hpp>
#include <weir/state/evolution.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace weir {

// A state_format says how the Value of a table is stored. It has:
//   static constexpr std::size_t parts                     how many named states a value is spread over
//   std::array<state_declaration, parts> declare() const
//   void save(Value const&, bool alive, Out& out) const    writes all of the value; if not alive, erases it
//   bool load(Value&, In& in) const                        reads it into a fresh Value; false: not there
//   void rebase(Value&) const                              the value is a copy of one that is (being) stored
//                                                        or, where parts of it are read when they are asked for,
//   void rebase(Value&, In& in) const
// and may have
//   static constexpr bool timers = true                    save calls put_timer or erase_timer
//   void revive(Value const& erased, Value& fresh) const   a fresh value replaces one erased since the last
//                                                          freeze: what that knows of stored timers goes over
// Out has
//   put(part, bytes), erase(part)
//   put_map(part, map key, bytes), erase_map(part, map key)
//   replace_map(part)                                      what is stored for the key and not put now goes
//   put_timer(time), erase_timer(time)
//   scratch()                                              an empty buffer to encode in, until its next call
// and the last call for a key counts. In has
//   get(part) -> std::optional<std::string_view>
//   scan(part, f(map key, bytes))
//   place(part)                                            of a store: a map_place, to read entries from later
// save is called on the flushing thread, beside the records: it reads the value and nothing else.

// A value that is one state: its codec's bytes under a name given at run time.
// codec<Value> is needed only where the store is durable.
template <class Value>
struct value_format {
  std::string name;

  explicit value_format(std::string n) : name(std::move(n)) {}

  static constexpr std::size_t parts = 1;
  std::array<state_declaration, 1> declare() const {
    return {{{name, state_kind::value, codec<Value>::schema(), &detail::facts_of<Value>}}};
  }
  template <class Out>
  void save(Value const& value, bool alive, Out& out) const {
    if (!alive) return out.erase(0);
    std::string& bytes = out.scratch();
    codec<Value>::encode(value, bytes);
    out.put(0, bytes);
  }
  template <class In>
  bool load(Value& value, In& in) const {
    auto const bytes = in.get(0);
    if (!bytes) return false;
    decode(*bytes, value);
    return true;
  }
  void rebase(Value&) const {}
};

namespace detail {

template <class Format>
constexpr bool has_timers() {
  if constexpr (requires { Format::timers; }) return Format::timers;
  return false;
}

}  // namespace detail

}  // namespace weir
