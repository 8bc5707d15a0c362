// json_parser: values out of JSON lines.
#pragma once

#include <weir/core/schema.hpp>
#include <weir/format/json_reader.hpp>
#include <weir/format/json_writer.hpp>
#include <weir/format/problem.hpp>
#include <weir/format/text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

// How JSON lines look.
struct json_options {
  time_form time{};  // the unit of timestamps that are numbers; ISO 8601 strings without one
  std::size_t max_record_bytes = std::size_t{16} << 20;  // a longer line is malformed
};

namespace detail {

template <class T>
concept json_list = json_array<T> && requires(T list, typename T::value_type value) {
  list.clear();
  requires requires { list.push_back(std::move(value)); } || requires { list.insert(std::move(value)); };
};
template <class T>
inline constexpr bool json_text_map = false;
template <json_map T>
inline constexpr bool json_text_map<T> =
    plain_integer<typename T::key_type> || std::same_as<typename T::key_type, std::string>;

template <has_schema T>
char const* read_json_object(json_reader& r, char const* p, T& out, time_form form, int depth);

// Text in a string that means a value.
template <text_value T>
char const* read_json_text(json_reader& r, char const* p, T& value, time_form form) {
  std::string_view text;
  char const* const stop = r.read_string(p, text);
  if (!stop) return nullptr;
  return weir::parse_text(text, value, form) ? stop : r.fail(p, text_fault<T>());
}

template <scanned_number T>
WEIR_INLINE char const* read_json_number(json_reader& r, char const* p, T& value) {
  // Whole numbers need no second look: what may follow them is looked at by the caller.
  if constexpr (plain_integer<T>) {
    char const* const digits = p + (*p == '-');
    if (is_digit(*digits) && (*digits != '0' || !is_digit(digits[1])))
      if (char const* const stop = scan_number(p, r.end, value); stop && *stop != '.' && (*stop | 0x20) != 'e')
        return stop;
  } else {
    if constexpr (is_decimal<T>)
      if (*p == '"') return read_json_text(r, p, value, {});
    char const* const stop = r.number_end(p);
    if (!stop || scan_number(p, stop, value) == stop) return stop;
  }
  return r.fail(p, text_fault<T>());
}

template <class T>
WEIR_INLINE char const* read_json(json_reader& r, char const* p, T& value, time_form form, int depth) {
  if constexpr (is_optional<T>) {
    if (*p == 'n') {
      value.reset();
      return r.read_word(p, "null", "is not a JSON value");
    }
    if (!value) value.emplace();
    return read_json(r, p, *value, form, depth);
  } else if constexpr (scanned_number<T>) {
    return read_json_number(r, p, value);
  } else if constexpr (std::same_as<T, bool>) {
    value = *p == 't';
    return r.read_word(p, value ? "true" : "false", text_fault<bool>());
  } else if constexpr (owned_or_viewed_text<T>) {
    std::string_view text;
    char const* const stop = r.read_string(p, text);
    if (stop) value = text;
    return stop;
  } else if constexpr (std::same_as<T, timestamp>) {
    if (!form) return read_json_text(r, p, value, form);
    char const* const stop = r.number_end(p);
    return !stop || parse_epoch({p, stop}, *form, value) ? stop : r.fail(p, text_fault<timestamp>());
  } else if constexpr (is_duration<T>) {
    typename T::rep count{};
    char const* const stop = read_json_number(r, p, count);
    value = T(count);
    return stop;
  } else if constexpr (named_enum<T> || std::same_as<T, char>) {
    return read_json_text(r, p, value, form);
  } else if constexpr (std::is_enum_v<T>) {
    std::underlying_type_t<T> number{};
    char const* const stop = read_json(r, p, number, form, depth);
    value = static_cast<T>(number);
    return stop;
  } else if constexpr (has_schema<T>) {
    return read_json_object(r, p, value, form, depth);
  } else if constexpr (json_text_map<T>) {
    if (*p != '{') return r.fail(p, "is not an object");
    if (depth >= r.max_depth) return r.fail(p, "is nested too deeply");
    value.clear();
    p = r.skip_space(p + 1);
    while (*p != '}') {
      std::string_view name;
      char const* const start = p;
      typename T::key_type key{};
      p = r.read_name(p, name);
      if (!p) return nullptr;
      if (!weir::parse_text(name, key))
        return r.fail(start, "the member's name is not a whole number that fits");
      auto const [place, added] = value.try_emplace(std::move(key));
      if (!added) return r.fail(start, "the member occurs twice");
      p = read_json(r, p, place->second, form, depth + 1);
      if (p) p = r.next_member(p, '}');
      if (!p) return nullptr;
    }
    return p + 1;
  } else if constexpr (json_list<T>) {
    if (*p != '[') return r.fail(p, "is not an array");
    if (depth >= r.max_depth) return r.fail(p, "is nested too deeply");
    value.clear();
    p = r.skip_space(p + 1);
    while (*p != ']') {
      typename T::value_type element{};
      p = read_json(r, p, element, form, depth + 1);
      if (p) p = r.next_member(p, ']');
      if (!p) return nullptr;
      if constexpr (requires { value.push_back(std::move(element)); })
        value.push_back(std::move(element));
      else
        value.insert(std::move(element));
    }
    return p + 1;
  } else {
    constexpr bool the_type_can_be_read_from_json = has_schema<T>;
    static_assert(the_type_can_be_read_from_json,
                  "weir::json: this type cannot be read from JSON; adapt it with BOOST_HANA_ADAPT_STRUCT");
    return nullptr;
  }
}

// Members that came, by a bit for each field.
template <has_schema T>
char const* check_missing(json_reader& r, char const* object, char const* p, std::uint64_t seen, T& out) {
  constexpr std::size_t fields = field_count<T>;
  constexpr std::uint64_t all = fields == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << fields) - 1;
  if (seen == all) [[likely]]
    return p;
  for_each_index<T>([&](auto i) {
    if (!p || (seen >> i() & 1) != 0) return;
    if constexpr (is_optional<field_type<T, i()>>) {
      weir::get_field<i()>(out).reset();
    } else {
      r.fail(object, "is missing");
      p = r.inside(field_name<T, i()>());
    }
  });
  return p;
}

// Members in any order, from `p` on, which stands on a name or on the closing brace.
template <has_schema T>
WEIR_NOINLINE char const* read_json_members(json_reader& r, char const* object, char const* p, T& out,
                                            time_form form, int depth, std::uint64_t seen) {
  while (*p != '}') {
    std::string_view name;
    char const* const start = p;
    p = r.read_name(p, name);
    if (!p) return nullptr;
    std::size_t const index = field_index<T>(name);
    if (index == field_count<T>) {
      p = r.skip_value(p, depth + 1);
    } else if ((seen >> index & 1) != 0) {
      r.fail(start, "the member occurs twice");
      return r.inside(name);
    } else {
      seen |= std::uint64_t{1} << index;
      for_each_index<T>([&](auto i) {
        if (i() != index) return;
        p = read_json(r, p, weir::get_field<i()>(out), form, depth + 1);
        if (!p) r.inside(field_name<T, i()>());
      });
    }
    if (p) p = r.next_member(p, '}');
    if (!p) return nullptr;
  }
  return check_missing(r, object, p + 1, seen, out);
}

// First as if the members stood in the order of the fields, by comparing with each name's bytes; from the first one that
// does not, in any order.
template <has_schema T>
char const* read_json_object(json_reader& r, char const* p, T& out, time_form form, int depth) {
  static_assert(field_count<T> <= 64, "weir::json: a struct may have at most 64 fields");
  if (*p != '{') return r.fail(p, "is not an object");
  if (depth >= r.max_depth) return r.fail(p, "is nested too deeply");
  char const* const object = p;
  p = r.skip_space(p + 1);
  std::uint64_t seen = 0;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (void)([&] {
      constexpr std::string_view key = json_key<T, I>.view().substr(1);
      if (r.end - p < static_cast<std::ptrdiff_t>(key.size()) || std::string_view(p, key.size()) != key)
        return false;
      char const* stop = read_json(r, r.skip_space(p + key.size()), weir::get_field<I>(out), form, depth + 1);
      if (!stop) [[unlikely]] {
        p = r.inside(field_name<T, I>());
        return false;
      }
      seen |= std::uint64_t{1} << I;
      p = r.next_member(stop, '}');
      return p != nullptr && *p != '}';
    }() && ...);
  }(std::make_index_sequence<field_count<T>>{});
  if (!p) [[unlikely]]
    return nullptr;
  constexpr std::uint64_t all =
      field_count<T> == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << field_count<T>)-1;
  if (*p == '}' && seen == all) [[likely]]
    return p + 1;
  return read_json_members(r, object, p, out, form, depth, seen);
}

}  // namespace detail

// Reads values of T, as a rule structs with a schema, one JSON text a line:
//
//   while (p.next(at, end, last_chunk, value) == parse_status::record) use(value);
//
// Members are found by name in any order; those that T has no field for are checked and skipped; a missing one is an
// error unless the field is a std::optional, which then is empty, as it is for null. A member that occurs twice is an
// error. The grammar, escapes and UTF-8 are checked everywhere; a number must fit its field exactly, save floating
// point, which is rounded once; decimals may also stand in strings. Nested structs, lists and maps with text or whole
// keys are read too, at most 64 levels deep. Views point into the bytes, or into the parser where escapes had to be
// undone or the last line has no end: they are good until begin_batch.
template <class T>
class json_parser {
 public:
  explicit json_parser(json_options options = {}) : options_(options) {}

  // Reads one record, behind blank lines if there are some. Consumes nothing when `incomplete`; a malformed line is
  // consumed to its end.
  parse_status next(char const*& at, char const* end, bool last_chunk, T& out) {
    char const* p = at;
    lines_ = 0;
    while (p != end && (*p == '\n' || *p == ' ' || *p == '\t' || *p == '\r')) lines_ += *p++ == '\n';
    if (p == end) {
      if (last_chunk) at = end;
      return parse_status::incomplete;
    }
    if (!line_feed_.ahead(p, end)) [[unlikely]]
      return last_line(at, p, end, last_chunk, out);
    char const* const stop = read_line(p, end, out);
    if (stop) [[likely]] {
      ++lines_;
      at = stop;
      return parse_status::record;
    }
    return malformed(at, p,
                     static_cast<char const*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p))) + 1, p);
  }

  // Lines that the last call consumed, blank ones before the record among them.
  std::size_t lines_consumed() const { return lines_; }
  // About the last call that gave `malformed`.
  format_problem const& problem() const { return problem_; }
  // What earlier records view may go now.
  void begin_batch() { reader_.arena.clear(); }
  json_options const& options() const { return options_; }

 private:
  // Behind the line, or nullptr.
  WEIR_INLINE char const* read_line(char const* p, char const* end, T& out) {
    reader_.end = end;
    char const* stop = detail::read_json(reader_, p, out, options_.time, 0);
    if (!stop) return nullptr;
    stop = detail::json_reader::skip_space(stop);
    if (*stop != '\n') return reader_.fail(stop, "there is something behind the value");
    if (static_cast<std::size_t>(stop - p) > options_.max_record_bytes) return too_long(p);
    return stop + 1;
  }
  char const* too_long(char const* p) {
    return reader_.fail(p, "the line is longer than " + std::to_string(options_.max_record_bytes) +
                               " bytes (json_options::max_record_bytes)");
  }

  // No line feed follows. In the last chunk the line is read from a copy that has one.
  WEIR_COLD parse_status last_line(char const*& at, char const* p, char const* end, bool last_chunk, T& out) {
    auto const length = static_cast<std::size_t>(end - p);
    if (length > options_.max_record_bytes) {
      too_long(p);
      return malformed(at, p, end, p);
    }
    if (!last_chunk) return lines_ = 0, parse_status::incomplete;
    char* const copy = reader_.arena.reserve(length + 1);
    std::memcpy(copy, p, length);
    copy[length] = '\n';
    reader_.arena.keep(length + 1);
    if (!read_line(copy, copy + length + 1, out)) return malformed(at, p, end, copy);
    ++lines_;
    at = end;
    return parse_status::record;
  }

  // `seen` is where the parser saw the line that starts at `line`.
  WEIR_COLD parse_status malformed(char const*& at, char const* line, char const* stop, char const* seen) {
    detail::locate(problem_, at, line + (reader_.fault_at - seen));
    problem_.field = reader_.field;
    problem_.reason = reader_.fault;
    ++lines_;
    at = stop;
    return parse_status::malformed;
  }

  json_options options_;
  detail::last_line_feed line_feed_;
  std::size_t lines_ = 0;
  detail::json_reader reader_;
  format_problem problem_;
};

}  // namespace weir
