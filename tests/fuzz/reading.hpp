// Reads a text with one of weir's parsers as the connectors do: in chunks that grow until a record is whole.
#pragma once

#include "fuzz.hpp"

#include <weir/format/problem.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir_fuzz {

// What became of one record.
struct outcome {
  bool good = false;
  std::string value;        // as `show` has it, or why it is malformed
  std::size_t line = 0;     // lines before what this call consumed
  std::size_t end = 0;      // where it ended
  std::size_t problem = 0;  // the line of the fault
  std::size_t column = 0;
  bool operator==(outcome const&) const = default;
};

struct reading {
  bool header = true;  // was read, or was not asked for
  std::vector<outcome> all;
  std::size_t lines = 0;
  bool operator==(reading const&) const = default;
};

// In chunks of `chunk` bytes; show(value) is what counts of a record. A chunk lies in memory of its own size, so that a parser
// that looks behind its end is seen. What the records of a chunk view must stay as it is until the next one.
template <class T, class Parser, class Show>
reading read_in_chunks(Parser parser, std::string_view text, std::size_t chunk, Show show) {
  reading read;
  bool begun = false;
  std::vector<std::pair<T, std::string>> held;
  auto const problem = [&](std::string_view what, std::size_t end) {
    auto const& p = parser.problem();
    read.all.push_back(
        {false, std::string(what) + p.field + ": " + p.reason, read.lines, end, p.line, p.column});
  };
  std::size_t taken = 0;
  for (std::size_t seen = std::min(chunk, text.size());; seen = std::min(seen + chunk, text.size())) {
    auto const room = std::make_unique_for_overwrite<char[]>(seen - taken);
    std::copy(text.begin() + taken, text.begin() + seen, room.get());
    bool const last = seen == text.size();
    char const *at = room.get(), *const end = at + (seen - taken);
    auto const here = [&] { return seen - static_cast<std::size_t>(end - at); };
    parser.begin_batch();
    held.clear();
    for (;;) {
      char const* const before = at;
      if constexpr (requires { parser.read_header(at, end, last); }) {
        if (!begun) {
          auto const status = parser.read_header(at, end, last);
          if (status == weir::parse_status::incomplete) {
            require(!last && at == before, "an incomplete header consumes nothing and is not the last");
            break;
          }
          read.lines += parser.lines_consumed();
          if (status == weir::parse_status::malformed) {
            problem("header ", here());
            read.header = false;
            return read;
          }
          begun = true;
          continue;
        }
      }
      held.emplace_back();
      auto const status = parser.next(at, end, last, held.back().first);
      if (status == weir::parse_status::incomplete) {
        held.pop_back();
        require(last ? at == end : at == before, "what is incomplete is not consumed, unless it is the end");
        if (last) read.lines += parser.lines_consumed();
        break;
      }
      require(at > before, "a record has bytes");
      if (status == weir::parse_status::malformed) {
        held.pop_back();
        problem("", here());
      } else {
        held.back().second = show(held.back().first);
        read.all.push_back({true, held.back().second, read.lines, here(), 0, 0});
      }
      read.lines += parser.lines_consumed();
    }
    for (auto const& [value, shown] : held)
      require(show(value) == shown, "what a record views stays as it is for the length of a batch");
    taken = here();
    if (last) return read;
  }
}

// In one piece, and again in chunks of several sizes: the same records, the same problems, the same places.
template <class T, class Parser, class Show>
reading read_all(Parser const& parser, std::string_view text, Show show) {
  reading const whole = read_in_chunks<T>(parser, text, text.size() + 1, show);
  std::size_t const least = text.size() / 64 + 1;  // one byte for short texts; the work stays bounded
  for (std::size_t const chunk : {least, std::size_t{7} + least, std::size_t{64} + least}) {
    reading const again = read_in_chunks<T>(parser, text, chunk, show);
    if (again == whole) continue;
    for (std::size_t i = 0; i < std::max(whole.all.size(), again.all.size()); ++i) {
      auto const told = [&](reading const& r) { return i < r.all.size() ? r.all[i].value : "nothing"; };
      if (i >= whole.all.size() || i >= again.all.size() || !(whole.all[i] == again.all[i]))
        require(false, "chunks change nothing", told(whole) + " | " + told(again));
    }
    require(false, "chunks change nothing", "the header or the number of lines");
  }
  return whole;
}

}  // namespace weir_fuzz
