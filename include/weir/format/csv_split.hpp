// Splitting one CSV record into its fields, with the whole grammar of RFC 4180 and a reason where it is broken.
#pragma once

#include <weir/error.hpp>
#include <weir/format/problem.hpp>
#include <weir/format/text.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// How a CSV file looks.
struct csv_options {
  char separator = ',';
  bool header =
      true;  // the first line names the columns; without one they are the fields of the struct, in order
  time_form time{};  // the unit of timestamps written as numbers; ISO 8601 without one
  std::size_t max_record_bytes = std::size_t{16}
                                 << 20;  // a longer one is malformed: a quote is not closed, as a rule
};

namespace detail {

inline void check_csv_separator(char c) {
  bool const word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (word || c == '"' || c == '\n' || c == '\r' || c == '+' || c == '-' || c == '.' || c == ':')
    throw config_error(
        std::string("weir::csv: '") + c +
        "' cannot separate fields: it is part of values, quotes or line ends; use ',' ';' '|' or a tab");
}

struct csv_field {
  char const* begin;  // behind the opening quote, if there is one
  char const* end;
  bool doubled;  // has doubled quotes that are to be undone
};

// Holds the fields of the record that was split last.
class csv_split {
 public:
  std::vector<csv_field> fields;
  char const* fault_at = nullptr;
  std::string fault;
  text_arena arena;

  // Moves p behind the record, unless it is incomplete.
  parse_status next(char const*& p, char const* end, bool last_chunk, csv_options const& options) {
    fields.clear();
    fault_at = nullptr;
    char const* at = p;
    while (at != end && (*at == '\n' || (*at == '\r' && end - at > 1 && at[1] == '\n')))
      at += *at == '\r' ? 2 : 1;
    char const* const start = at;
    bool const complete =
        at != end && !(*at == '\r' && end - at == 1) && split(at, end, last_chunk, options.separator);
    if (!complete && last_chunk) {
      p = end;
      return parse_status::incomplete;
    }
    auto const length = static_cast<std::size_t>((complete ? at : end) - start);
    if (length > options.max_record_bytes) {
      // Where the record would have ended is not known; the next line is the best guess.
      at = std::find(start, end, '\n');
      p = at == end ? end : at + 1;
      fault_at = start;
      fault = "the record is longer than " + std::to_string(options.max_record_bytes) +
              " bytes; is a quote not closed? (csv_options::max_record_bytes)";
      return parse_status::malformed;
    }
    if (!complete) return parse_status::incomplete;
    p = at;
    return fault_at ? parse_status::malformed : parse_status::record;
  }

  // The field's text; undone quotes live in the arena.
  std::string_view text(csv_field const& f) {
    std::string_view const raw{f.begin, f.end};
    if (!f.doubled) return raw;
    char* const room = arena.reserve(raw.size());
    char* to = room;
    for (char const* p = f.begin; p != f.end; ++p) {
      *to++ = *p;
      p += *p == '"';
    }
    return arena.keep(static_cast<std::size_t>(to - room));
  }

 private:
  void note(char const* place, char const* reason) {
    if (fault_at) return;
    fault_at = place;
    fault = reason;
  }

  // Reads the fields of the record at p; false where its end is not there. After a fault it goes on as if a quote were
  // an ordinary character, to find the record's end.
  bool split(char const*& p, char const* end, bool last_chunk, char separator) {
    for (;;) {
      csv_field f{p, p, false};
      if (p != end && *p == '"') {
        f.begin = ++p;
        for (;;) {
          p = std::find(p, end, '"');
          if (p == end) {
            if (!last_chunk) return false;
            f.end = end;
            fields.push_back(f);
            note(f.begin - 1, "the quote is not closed at the end of the input");
            return true;
          }
          if (end - p == 1 && !last_chunk) return false;  // the quote may be the first of two
          if (end - p == 1 || p[1] != '"') break;
          f.doubled = true;
          p += 2;
        }
        f.end = p++;
        if (p != end && *p != separator && *p != '\n' && !(*p == '\r' && (end - p == 1 || p[1] == '\n')))
          note(p, "there is text behind the closing quote");
      }
      char const* const rest = p;
      for (; p != end && *p != separator && *p != '\n'; ++p)
        if (*p == '"') note(p, "there is a quote inside of a field that is not quoted");
      if (p == end && !last_chunk) return false;
      if (rest == f.begin) f.end = (p == end || *p == '\n') && p != rest && p[-1] == '\r' ? p - 1 : p;
      fields.push_back(f);
      if (p == end) return true;
      if (*p++ == '\n') return true;
    }
  }
};

}  // namespace detail

}  // namespace weir
