// csv_parser: structs out of CSV as RFC 4180 has it.
#pragma once

#include <weir/core/schema.hpp>
#include <weir/error.hpp>
#include <weir/format/csv_split.hpp>
#include <weir/format/problem.hpp>
#include <weir/format/scan.hpp>
#include <weir/format/text.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

namespace detail {

// Walks over the special characters of a record that has a line feed ahead.
class csv_cursor {
 public:
  WEIR_INLINE csv_cursor(char const* p, char const* end, char separator)
      : block_(p), end_(end), separator_(separator), bits_(csv_specials(p, end, separator)) {}

  // The next special character; only while the line feed is ahead.
  WEIR_INLINE char const* next() {
    while (bits_ == 0) {
      block_ += 64;
      bits_ = csv_specials(block_, end_, separator_);
    }
    char const* const at = block_ + std::countr_zero(bits_);
    bits_ &= bits_ - 1;
    return at;
  }

 private:
  char const* block_;
  char const* end_;
  char separator_;
  std::uint64_t bits_;
};

// Reads [begin, stop) as one value; bytes up to `end` can be read.
template <text_value T>
WEIR_INLINE bool read_csv_field(char const* begin, char const* stop, char const* end, time_form form,
                                T& value) {
  if constexpr (is_optional<T>) {
    if (begin == stop) return value.reset(), true;
    if (!value) value.emplace();
    return read_csv_field(begin, stop, end, form, *value);
  } else {
    if constexpr (scanned_number<T>) {
      return begin != stop && scan_number(begin, end, value) == stop;
    } else if constexpr (std::same_as<T, timestamp>) {
      if (!form) return scan_timestamp(begin, end, value) == stop;
    }
    return weir::parse_text({begin, stop}, value, form);
  }
}

// Where the whole header line was read as one column: what it seems to be separated by.
inline std::string other_separator(std::vector<std::string_view> const& names, char separator) {
  std::size_t const at = names.size() == 1 ? names.front().find_first_of(",;\t|") : std::string_view::npos;
  if (at == std::string_view::npos || names.front()[at] == separator) return {};
  std::string const found = names.front()[at] == '\t' ? "\\t" : std::string(1, names.front()[at]);
  return ", but one with '" + found + "' in it; if that is what separates the columns, set .separator to it";
}

}  // namespace detail

// Reads records of T. First read_header (also for files without a header line), then next, again and again:
//
//   while (p.next(at, end, last_chunk, value) == parse_status::record) use(value);
//
// Columns are found by their names in the header, in any order. Columns that T has no field for are ignored; a field
// without a column is an error unless it is a std::optional, which then stays empty. Lines end in \n or \r\n; blank ones
// are skipped; quoted fields may hold separators, line ends and doubled quotes. Fields of type std::string_view point
// into the bytes, or into the parser where quotes had to be undone: they are good until begin_batch.
template <has_schema T>
class csv_parser {
  static constexpr std::size_t fields = field_count<T>;
  static_assert(fields > 0, "weir::csv: the struct has no fields");

 public:
  // Throws weir::config_error where the separator cannot be one.
  explicit csv_parser(csv_options options = {}) : options_(options) {
    detail::check_csv_separator(options.separator);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      constexpr bool every_field_fits_in_one_column = (text_value<field_type<T, I>> && ...);
      static_assert(
          every_field_fits_in_one_column,
          "weir::csv: every field must be a number, text, time, decimal, enumeration, or optional of these");
      columns_ = {static_cast<std::uint16_t>(I)...};
      plan_ = {&read_one<I>...};
    }(std::make_index_sequence<fields>{});
  }

  // Skips a byte order mark and reads the header line, where the options say that there is one. `record` when that is
  // done; `malformed` when the header does not fit T.
  parse_status read_header(char const*& at, char const* end, bool last_chunk) {
    char const* const start = at;
    constexpr std::string_view mark = "\xef\xbb\xbf";
    std::string_view const bytes{at, end};
    if (bytes.size() < mark.size() && !last_chunk && mark.starts_with(bytes)) return parse_status::incomplete;
    char const* p = at + (bytes.starts_with(mark) ? mark.size() : 0);
    lines_ = 0;
    if (!options_.header) return at = p, parse_status::record;
    auto const status = split_.next(p, end, last_chunk, options_);
    if (status == parse_status::incomplete && !last_chunk) return status;
    if (status == parse_status::incomplete)
      return at = p = end, fail(start, start, {}, "there is no header line");
    at = p;
    lines_ = detail::count_lines(start, p);
    if (status == parse_status::malformed) return fail(start, split_.fault_at, {}, split_.fault);
    return map_columns(start);
  }

  // Reads one record. Consumes nothing when `incomplete`; a malformed record is consumed to its end.
  WEIR_INLINE parse_status next(char const*& at, char const* end, bool last_chunk, T& out) {
    if (at != end && line_feed_.ahead(at, end) && *at != '\n' && *at != '\r') [[likely]] {
      char const* const stop = scan(at, end, out);
      if (stop && static_cast<std::size_t>(stop - at) <= options_.max_record_bytes) [[likely]] {
        at = stop;
        lines_ = 1;
        return parse_status::record;
      }
    }
    return next_slowly(at, end, last_chunk, out);
  }

  // Lines that the last call consumed: blank ones before the record and those inside of it count.
  std::size_t lines_consumed() const { return lines_; }
  // About the last call that gave `malformed`.
  format_problem const& problem() const { return problem_; }
  // What earlier records view may go now.
  void begin_batch() { split_.arena.clear(); }
  csv_options const& options() const { return options_; }

 private:
  static constexpr std::uint16_t ignored = 0xffff;

  using reader = bool (*)(char const*, char const*, char const*, time_form, T&);
  template <std::size_t I>
  static bool read_one(char const* begin, char const* stop, char const* end, time_form form, T& out) {
    return detail::read_csv_field(begin, stop, end, form, weir::get_field<I>(out));
  }
  static constexpr auto readers = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<reader, fields>{&read_one<I>...};
  }(std::make_index_sequence<fields>{});

  static bool read_none(char const*, char const*, char const*, time_form, T&) { return true; }

  // Reads the record at p, which has a line feed ahead; gives its end, or nullptr where the slow way must look: either
  // the record is malformed or it has one of the rarer forms. One call per column through a table is as fast as code
  // unrolled for one order of the columns, and faster on clang.
  WEIR_INLINE char const* scan(char const* p, char const* end, T& out) const {
    char const separator = options_.separator;
    time_form const form = options_.time;
    detail::csv_cursor cursor(p, end, separator);
    reader const* read = plan_.data();
    for (reader const* const last = read + plan_.size() - 1;; ++read) {
      char const* begin = p;
      char const* stop = cursor.next();
      p = stop;
      if (*stop != separator) {
        if (*stop == '"') {
          if (stop != begin++) return nullptr;
          do stop = cursor.next();
          while (*stop == separator);
          if (*stop != '"') return nullptr;
          p = cursor.next();
          if (*p == '"' || (p != stop + 1 && !(p == stop + 2 && stop[1] == '\r' && *p == '\n'))) return nullptr;
        } else if (stop != begin && stop[-1] == '\r') {
          --stop;
        }
      }
      if ((*p++ == '\n') != (read == last) || !(*read)(begin, stop, end, form, out)) return nullptr;
      if (read == last) break;
    }
    if (some_missing_) clear_missing(out);
    return p;
  }

  // The whole grammar, and the reason where something is wrong.
  WEIR_NOINLINE parse_status next_slowly(char const*& at, char const* end, bool last_chunk, T& out) {
    char const* const start = at;
    char const* p = at;
    auto const status = split_.next(p, end, last_chunk, options_);
    lines_ = 0;
    if (status == parse_status::incomplete && !last_chunk) return status;
    at = p;
    lines_ = detail::count_lines(start, p);
    if (status == parse_status::incomplete) return status;
    if (status == parse_status::malformed) return fail(start, split_.fault_at, {}, split_.fault);
    if (split_.fields.size() != columns_.size())
      return fail(start, split_.fields[std::min(columns_.size(), split_.fields.size() - 1)].begin, {},
                  "the record has " + std::to_string(split_.fields.size()) + " fields instead of " +
                      std::to_string(columns_.size()));
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i] != ignored && !read_field(start, split_.fields[i], columns_[i], out))
        return parse_status::malformed;
    if (some_missing_) clear_missing(out);
    return parse_status::record;
  }

  bool read_field(char const* start, detail::csv_field const& from, std::size_t index, T& out) {
    bool read = true;
    for_each_index<T>([&](auto i) {
      if (i() != index) return;
      read = weir::parse_text(split_.text(from), weir::get_field<i()>(out), options_.time);
      if (!read) fail(start, from.begin, field_name<T, i()>(), std::string(text_fault<field_type<T, i()>>()));
    });
    return read;
  }

  WEIR_COLD parse_status map_columns(char const* start) {
    std::vector<std::string_view> names;
    columns_.clear();
    plan_.clear();
    for (auto const& f : split_.fields) {
      auto const name = split_.text(f);
      if (!name.empty() && std::find(names.begin(), names.end(), name) != names.end())
        return fail(start, f.begin, name, "the header names this column twice");
      names.push_back(name);
      std::size_t const index = field_index<T>(name);
      columns_.push_back(index == fields ? ignored : static_cast<std::uint16_t>(index));
      plan_.push_back(index == fields ? &read_none : readers[index]);
    }
    std::string_view missing;
    some_missing_ = false;
    for_each_index<T>([&](auto i) {
      missing_[i()] = std::find(columns_.begin(), columns_.end(), i()) == columns_.end();
      some_missing_ = some_missing_ || missing_[i()];
      if (missing_[i()] && !detail::is_optional<field_type<T, i()>> && missing.empty())
        missing = field_name<T, i()>();
    });
    if (!missing.empty())
      return fail(start, split_.fields.front().begin, missing,
                  "the header has no such column" + detail::other_separator(names, options_.separator));
    return parse_status::record;
  }

  void clear_missing(T& out) const {
    for_each_index<T>([&](auto i) {
      if constexpr (detail::is_optional<field_type<T, i()>>)
        if (missing_[i()]) weir::get_field<i()>(out).reset();
    });
  }

  WEIR_COLD parse_status fail(char const* start, char const* place, std::string_view name, std::string reason) {
    detail::locate(problem_, start, place);
    problem_.field = name;
    problem_.reason = std::move(reason);
    return parse_status::malformed;
  }

  csv_options options_;
  detail::last_line_feed line_feed_;
  bool some_missing_ = false;
  std::size_t lines_ = 0;
  std::vector<std::uint16_t> columns_;  // the field that each column is for
  std::vector<reader> plan_;            // what reads it
  std::array<bool, fields + 1> missing_{};
  detail::csv_split split_;
  format_problem problem_;
};

}  // namespace weir
