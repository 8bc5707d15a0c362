// transcode_step: one step of turning stored values of an older schema into today's; transcoder plans them.
#pragma once

#include <weir/state/bytes.hpp>
#include <weir/state/schema_text.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

// What is done with a part of a stored value: one step for each part of the old schema, in its order.
struct transcode_step {
  enum class action {
    copy,         // as it is; `old` says how far it goes
    copy_opaque,  // as it is; its codec says how far it goes
    drop,         // `old` says how far it goes
    fill,         // reads nothing, writes `bytes`
    integer,      // from `old` to `width` bytes
    floating,     // float32 to float64
    present,      // a value becomes an optional one
    optional,     // of parts[0]
    elements,     // a count, then each of `parts` for every entry: a list, a map
    repeat,       // parts[0], `width` times: an array
    sequence,     // all of `parts`, one after the other: a struct, a tuple
    reorder,      // the same, and then written in `order`
    migrate,      // parts[0], if there is one, to what `migrate` reads
  };
  action does = action::copy;
  schema_node old{};
  std::vector<transcode_step> parts{};
  std::vector<std::size_t> order{};  // indices of parts
  std::string bytes{};
  std::size_t width = 0;
  void (*call)(byte_reader&) = nullptr;
  void (*migrate)(byte_reader&, std::string&) = nullptr;

  // Reads one old value, appends the new one. format_error where the bytes are damaged.
  template <class = void>
  void run(byte_reader& in, std::string& out) const;
  // Of a reorder whose first `read` parts read while the others fill: makes it a sequence where the fields that
  // are kept have kept their order, so that nothing is copied twice.
  template <class = void>
  void in_sequence(std::size_t read);

 private:
  template <class = void>
  void widen(byte_reader& in, std::string& out) const;
  template <class = void>
  void run_reordered(byte_reader& in, std::string& out) const;
};

template <class>
WEIR_COLD void transcode_step::run(byte_reader& in, std::string& out) const {
  switch (does) {
    case action::copy:
    case action::copy_opaque: {
      byte_reader ahead = in;
      if (does == action::copy)
        skip(old, ahead);
      else
        call(ahead);
      out.append(in.take(in.remaining() - ahead.remaining()));
      return;
    }
    case action::drop:
      skip(old, in);
      return;
    case action::fill:
      out.append(bytes);
      return;
    case action::integer:
      return widen(in, out);
    case action::floating:
      return append_little(out, std::bit_cast<std::uint64_t>(
                                    static_cast<double>(std::bit_cast<float>(in.little<std::uint32_t>()))));
    case action::present:
      out.push_back('\1');
      return parts[0].run(in, out);
    case action::optional: {
      unsigned char const flag = in.byte();
      if (flag > 1) in.fail("a bool that is neither 0 nor 1");
      out.push_back(static_cast<char>(flag));
      if (flag == 1) parts[0].run(in, out);
      return;
    }
    case action::elements: {
      std::size_t const n = in.count();
      append_size(out, n);
      for (std::size_t i = 0; i < n; ++i)
        for (transcode_step const& part : parts) part.run(in, out);
      return;
    }
    case action::repeat:
      for (std::size_t i = 0; i < width; ++i) parts[0].run(in, out);
      return;
    case action::sequence:
      for (transcode_step const& part : parts) part.run(in, out);
      return;
    case action::reorder:
      return run_reordered(in, out);
    case action::migrate: {
      if (parts.empty()) return migrate(in, out);
      std::string from;
      parts[0].run(in, from);
      byte_reader reader(from);
      migrate(reader, out);
      return reader.finish();
    }
  }
}

// Whatever is unsigned fills up with zeros, whatever is signed with its sign.
template <class>
WEIR_COLD void transcode_step::widen(byte_reader& in, std::string& out) const {
  std::string_view const number = in.take(old.count);
  bool const negative = number_of(old.name)->kind == 's' && (number.back() & 0x80) != 0;
  out.append(number);
  out.append(width - number.size(), negative ? '\xFF' : '\0');
}

template <class>
WEIR_COLD void transcode_step::run_reordered(byte_reader& in, std::string& out) const {
  std::string all;
  std::vector<std::size_t> ends;
  ends.reserve(parts.size());
  for (transcode_step const& part : parts) {
    part.run(in, all);
    ends.push_back(all.size());
  }
  for (std::size_t const i : order) {
    std::size_t const start = i == 0 ? 0 : ends[i - 1];
    out.append(all, start, ends[i] - start);
  }
}

template <class>
WEIR_COLD void transcode_step::in_sequence(std::size_t read) {
  std::size_t next = 0;
  for (std::size_t const i : order)
    if (i < read) {
      if (i < next) return;
      next = i + 1;
    }
  std::vector<transcode_step> all;
  next = 0;
  for (std::size_t const i : order) {
    for (; i < read && next < i; ++next) all.push_back(std::move(parts[next]));
    all.push_back(std::move(parts[i]));
    if (i < read) ++next;
  }
  for (; next < read; ++next) all.push_back(std::move(parts[next]));
  does = action::sequence;
  parts = std::move(all);
  order.clear();
}

}  // namespace weir::detail
