#pragma once

#include <weir/connector/text_reader.hpp>
#include <weir/core/source.hpp>
#include <weir/format/csv.hpp>
#include <weir/format/json.hpp>
#include <weir/format/text_fields.hpp>

#include <type_traits>
#include <utility>

namespace weir {

// A source that reads standard input until it ends: from(standard_input<payment>{}) as CSV with a header line,
// standard_input<payment, json_options>{} as JSON lines; how they look in braces, standard_input<payment>{{.separator =
// ';'}}. Records are handed on as they come. What was read cannot be read again, so exactly_once does not take it.
template <class T, class Options = csv_options>
struct standard_input {
  using value_type = T;
  static constexpr bool replayable = false;
  static constexpr bool readable = !std::is_same_v<Options, csv_options> || detail::fields_are_text<T>();
  using parser_type = std::conditional_t<std::is_same_v<Options, csv_options>, csv_parser<T>, json_parser<T>>;

  Options options{};

  class reader : public detail::text_reader<T, parser_type> {
   public:
    reader(standard_input const& noun, source_context const& context) : reader(noun, context, 0) {}
    // Another descriptor instead of 0.
    reader(standard_input const& noun, source_context const& context, int descriptor)
        : detail::text_reader<T, parser_type>(
              detail::text_file(detail::connector_name("standard_input", "source", context.uid),
                                "standard input", descriptor),
              parser_type(noun.options), context) {}
  };
};

}  // namespace weir
