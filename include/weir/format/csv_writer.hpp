// csv_writer: structs as CSV.
#pragma once

#include <weir/core/row.hpp>
#include <weir/format/csv_split.hpp>
#include <weir/format/text.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>

namespace weir {

namespace detail {

// Quotes a text where it needs it. One that begins as a byte order mark does would be skipped at the start of a file.
inline void write_csv_text(text_buffer& out, std::string_view text, char separator) {
  bool plain = !text.starts_with("\xef\xbb\xbf");
  for (char c : text) plain &= c != separator && c != '"' && c != '\n' && c != '\r';
  if (plain) return out.append(text);
  char* to = out.reserve(2 * text.size() + 2);
  *to++ = '"';
  for (char c : text) {
    if (c == '"') *to++ = '"';
    *to++ = c;
  }
  *to++ = '"';
  out.advance(to);
}

template <text_value T>
void write_csv_field(text_buffer& out, T const& value, csv_options const& options) {
  if constexpr (is_optional<T>) {
    if (value) write_csv_field(out, *value, options);
  } else if constexpr (owned_or_viewed_text<T>) {
    write_csv_text(out, value, options.separator);
  } else if constexpr (std::same_as<T, char>) {
    write_csv_text(out, {&value, 1}, options.separator);
  } else if constexpr (named_enum<T>) {
    if (auto const name = enum_text(value); !name.empty())
      write_csv_text(out, name, options.separator);
    else
      write_text(out, value);
  } else {
    write_text(out, value, options.time);
  }
}

}  // namespace detail

// Writes a header line and records, with lines ending in \n and quotes only where they are needed.
template <has_schema T>
class csv_writer {
 public:
  // Throws weir::config_error where the separator cannot be one.
  explicit csv_writer(csv_options options = {}) : options_(options) {
    detail::check_csv_separator(options.separator);
    for_each_index<T>([](auto i) {
      constexpr bool the_field_fits_in_one_column = text_value<field_type<T, i()>>;
      static_assert(
          the_field_fits_in_one_column,
          "weir::csv: every field must be a number, text, time, decimal, enumeration, or optional of these");
    });
  }

  // The names of the columns, where the options ask for them.
  void header(text_buffer& out) const {
    if (!options_.header) return;
    for_each_index<T>([&](auto i) {
      if (i() != 0) out.append(options_.separator);
      detail::write_csv_text(out, field_name<T, i()>(), options_.separator);
    });
    out.append('\n');
  }

  void row(text_buffer& out, T const& value) const {
    std::size_t const start = out.size();
    for_each_index<T>([&](auto i) {
      if (i() != 0) out.append(options_.separator);
      detail::write_csv_field(out, weir::get_field<i()>(value), options_);
    });
    if (out.size() == start) out.append("\"\"");  // an empty line would be skipped when it is read
    out.append('\n');
  }

 private:
  csv_options options_;
};

}  // namespace weir
