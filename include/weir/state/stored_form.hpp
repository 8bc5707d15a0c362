// stored_form: in what pieces the values of a state lie in the store, as far as its schema says it.
#pragma once

#include <weir/state/codec.hpp>
#include <weir/state/declaration.hpp>
#include <weir/time.hpp>

#include <string>
#include <string_view>

namespace weir::detail {

struct stored_form {
  std::string frame;      // what of the schema cannot change: the keys of a map, the kind of a ttl
  std::string unit;       // the schema of one piece
  bool repeated = false;  // pieces to the end of the bytes
};

WEIR_COLD inline stored_form form_of(state_kind kind, std::string_view schema) {
  stored_form form{.frame = "", .unit = "", .repeated = kind == state_kind::sequence};
  auto const peel = [&](std::string_view prefix) {
    if (!schema.starts_with(prefix) || !schema.ends_with(">")) return false;
    form.frame += prefix;
    form.unit = "tuple<" + codec<timestamp>::schema() + "," +
                std::string(schema.substr(prefix.size(), schema.size() - prefix.size() - 1)) + ">";
    return true;
  };
  if (std::size_t const to = schema.find(" to "); kind == state_kind::mapping && to != schema.npos) {
    form.frame = schema.substr(0, to + 4);
    schema.remove_prefix(to + 4);
  }
  if (!peel("ttl<") && !peel("event_time_ttl<")) form.unit = schema;
  if (kind == state_kind::list) form.unit = "list<" + form.unit + ">";
  return form;
}

}  // namespace weir::detail
