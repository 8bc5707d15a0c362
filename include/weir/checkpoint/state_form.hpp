// state_form: how to read the entries of a state from what the store says of it.
#pragma once

#include <weir/checkpoint/stored_json.hpp>
#include <weir/error.hpp>
#include <weir/format/text_buffer.hpp>
#include <weir/state/bytes.hpp>
#include <weir/state/declaration.hpp>
#include <weir/state/schema_text.hpp>
#include <weir/state/state_catalog.hpp>
#include <weir/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::detail {

// Of a map "keys to values"; with a ttl "ttl<values>" or "event_time_ttl<values>".
struct state_form {
  schema_node key, map_key, unit;
  bool map = false;
  bool ttl = false;       // each unit stands behind the end of its life
  bool counted = false;   // a count, then so many units
  bool repeated = false;  // units to the end of the bytes

  explicit state_form(state_entry const& s)
      : key(parse_schema(s.key_schema)),
        map_key(parse_schema({})),
        unit(parse_schema({})),
        map(s.kind == state_kind::mapping),
        counted(s.kind == state_kind::list),
        repeated(to_string(s.kind) == "sequence") {
    std::string_view schema = s.schema;
    if (map) {
      std::size_t const to = schema.find(" to ");
      map_key = parse_schema(schema.substr(0, to));
      schema.remove_prefix(to == schema.npos ? schema.size() : to + 4);
    }
    for (std::string_view prefix : {"ttl<", "event_time_ttl<"}) {
      if (!schema.starts_with(prefix) || !schema.ends_with('>')) continue;
      ttl = true;
      schema = schema.substr(prefix.size(), schema.size() - prefix.size() - 1);
      break;
    }
    unit = parse_schema(schema);
  }

  // How many of the bytes are the key; behind them stands the key in the map. nullopt: only the program can tell.
  // Error: format_error where they are no key.
  std::optional<std::size_t> key_size(std::string_view bytes) const {
    if (!map) return bytes.size();
    if (!key.known) return std::nullopt;
    byte_reader in(bytes);
    text_buffer ignored;
    stored_json<key_bytes>(ignored, in).write(key);
    return bytes.size() - in.remaining();
  }
  // What cannot be read is shown as bytes. Error: format_error where the bytes are no key of that type.
  static void write_key(text_buffer& out, schema_node const& type, std::string_view bytes) {
    if (!type.known) return write_hex(out, bytes);
    byte_reader in(bytes);
    stored_json<key_bytes>(out, in).write(type);
    in.finish();
  }
  // The same of a value. The end of its life where it has one of its own: elements of a list stand with theirs as
  // {"value":..,"expires":..}.
  std::optional<timestamp> write_value(text_buffer& out, std::string_view bytes) const {
    if (!unit.known) {
      write_hex(out, bytes);
      return std::nullopt;
    }
    byte_reader in(bytes);
    std::optional<timestamp> expires;
    if (counted || repeated) {
      write_all(out, in);
    } else {
      if (ttl) expires = read_time(in);
      stored_json<value_bytes>(out, in).write(unit);
    }
    in.finish();
    return expires;
  }

 private:
  static timestamp read_time(byte_reader& in) {
    return from_ticks(static_cast<std::int64_t>(in.little<std::uint64_t>()));
  }
  void write_all(text_buffer& out, byte_reader& in) const {
    std::size_t n = counted ? in.count() : 0;
    out.append('[');
    for (bool first = true; counted ? n-- > 0 : in.remaining() > 0; first = false) {
      if (!first) out.append(',');
      timestamp const expires = ttl ? read_time(in) : timestamp{};
      if (ttl) out.append("{\"value\":");
      stored_json<value_bytes>(out, in).write(unit);
      if (!ttl) continue;
      out.append(",\"expires\":");
      write_json(out, expires);
      out.append('}');
    }
    out.append(']');
  }
};

}  // namespace weir::detail
