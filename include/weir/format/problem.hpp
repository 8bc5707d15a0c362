// What readers of formats have in common: how a record ended, what was wrong, and where unescaped text lives.
#pragma once

#include <weir/config.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

// What a parser's next() did.
enum class parse_status : std::uint8_t {
  record,  // one record was read and consumed
  incomplete,  // the record's end is not in these bytes; nothing was consumed. In the last chunk: only blank lines are left
  malformed  // a record was consumed that is none; problem() says why
};

// Why and where a record is malformed.
struct format_problem {
  std::size_t line = 0;    // lines between the first byte of the call and the fault
  std::size_t column = 1;  // in bytes from the start of that line, the first being 1
  std::string field;       // the field's name; empty where it concerns the whole record
  std::string reason;
};

namespace detail {

// Text that had to be unescaped stays here, where views can point to it, until the next batch.
class text_arena {
 public:
  text_arena() = default;
  text_arena(text_arena&&) = default;
  text_arena& operator=(text_arena&&) = default;
  // A copied parser starts with none: views belong to the parser that made them.
  text_arena(text_arena const&) {}
  text_arena& operator=(text_arena const& other) {
    if (this != &other) *this = text_arena();
    return *this;
  }

  char* reserve(std::size_t n) {
    if (blocks_.empty() || blocks_.back().size - used_ < n) {
      std::size_t const size = std::max(n, std::size_t{4096});
      blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
      used_ = 0;
    }
    return blocks_.back().bytes.get() + used_;
  }
  // Keeps n characters of what was reserved last.
  std::string_view keep(std::size_t n) {
    std::string_view const text{blocks_.back().bytes.get() + used_, n};
    used_ += n;
    return text;
  }
  void clear() {
    if (blocks_.size() > 1) blocks_.erase(blocks_.begin() + 1, blocks_.end());
    used_ = 0;
  }

 private:
  struct block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  std::vector<block> blocks_;
  std::size_t used_ = 0;
};

// Turns a place in the bytes of a call into line and column.
inline void locate(format_problem& problem, char const* start, char const* place) {
  problem.line = static_cast<std::size_t>(std::count(start, place, '\n'));
  char const* line = place;
  while (line != start && line[-1] != '\n') --line;
  problem.column = static_cast<std::size_t>(place - line) + 1;
}

// Lines in the bytes [start, stop); a last one without its end counts too.
inline std::size_t count_lines(char const* start, char const* stop) {
  return static_cast<std::size_t>(std::count(start, stop, '\n')) + (start != stop && stop[-1] != '\n');
}

// Knows the last line feed of a chunk: with one ahead, scanners stop at it by themselves.
class last_line_feed {
 public:
  // Is there a line feed in [p, end)? The byte itself is looked at each time, so new bytes in the same memory do no harm.
  WEIR_INLINE bool ahead(char const* p, char const* end) {
    if (end == end_ && at_ >= p && at_ < end && *at_ == '\n') [[likely]]
      return true;
    return find(p, end);
  }

 private:
  WEIR_COLD bool find(char const* p, char const* end) {
    end_ = end;
    for (at_ = end; at_ != p;)
      if (*--at_ == '\n') return true;
    end_ = nullptr;
    return false;
  }

  char const* at_ = nullptr;
  char const* end_ = nullptr;
};

}  // namespace detail

}  // namespace weir
