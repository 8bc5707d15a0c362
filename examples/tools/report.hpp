// What `weir inspect` says.
#pragma once

#include <weir/checkpoint/commitment.hpp>
#include <weir/checkpoint/fsck.hpp>
#include <weir/checkpoint/inspection.hpp>
#include <weir/connector/staged_segment.hpp>
#include <weir/connector/text_file.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir_tool {

// In quotes, as JSON: names and paths may hold anything.
inline std::string in_quotes(std::string_view text) {
  weir::text_buffer out;
  weir::detail::write_json_string(out, text);
  return std::string(out.view());
}
inline std::string plural(std::uint64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}
inline std::string hex(std::string_view bytes) {
  std::string text;
  for (char c : bytes.substr(0, 32)) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text + (bytes.size() > 32 ? "..." : "");
}

// Bytes are a source's own. Those of the sources that weir brings are told apart by what they look like.
inline std::string position_text(std::string_view bytes) {
  if (bytes.empty()) return "  cannot be read again from a position\n";
  try {
    std::vector<weir::detail::text_position> files;
    weir::decode(bytes, files);
    bool const paths = !files.empty() && std::ranges::all_of(files, [](auto const& f) {
      return f.path.starts_with('/') && f.offset <= f.size;
    });
    std::string text;
    for (auto const& f : files)
      text += fmt::format("  {}: byte {} of {}, behind {}\n", in_quotes(f.path), f.offset, f.size,
                          plural(f.line, "line", "lines"));
    if (paths) return text;
  } catch (weir::format_error const&) {
  }
  if (bytes.size() == 8)
    return fmt::format("  position {}\n", weir::detail::load_little<std::uint64_t>(bytes.data()));
  return fmt::format("  {} of its own: 0x{}\n", plural(bytes.size(), "byte", "bytes"), hex(bytes));
}

inline std::optional<weir::detail::staged_commitment> staged(std::string_view bytes) {
  try {
    auto said = weir::detail::read_commitment<weir::detail::staged_commitment>(bytes, "");
    if (!said.target.starts_with('/')) return std::nullopt;
    return said;
  } catch (weir::restore_error const&) {
    return std::nullopt;
  }
}
inline std::string sink_text(std::string_view bytes) {
  if (bytes.empty()) return "  commits nothing\n";
  auto const said = staged(bytes);
  if (!said) return fmt::format("  {} of its own: 0x{}\n", plural(bytes.size(), "byte", "bytes"), hex(bytes));
  std::string text = fmt::format("  {}: {} committed", in_quotes(said->target),
                                 plural(said->offset + said->length, "byte", "bytes"));
  if (said->length != 0)
    text += fmt::format(", the last {} by epoch {}{}", said->length, said->epoch,
                        said->spool.empty() ? "" : ", in " + said->spool);
  return text + "\n";
}

struct seen {
  weir::state_count count;
  std::set<std::int64_t> windows;
};

inline std::string state_text(weir::state_entry const& s, seen const& n) {
  bool const timers = s.kind == weir::state_kind::timers;
  std::string text =
      timers ? "  timers" : fmt::format("  {}: {} of {}", in_quotes(s.name), to_string(s.kind), s.schema);
  std::string const keys = s.key_schema == "tuple<>" ? "of the operator" : "keyed by " + s.key_schema;
  text += fmt::format(", {}: {}, {}", keys, plural(n.count.entries, "entry", "entries"),
                      plural(n.count.bytes, "byte", "bytes"));
  if (!n.windows.empty()) text += fmt::format(", in {}", plural(n.windows.size(), "window", "windows"));
  return text + "\n";
}

inline std::string report(weir::inspection& in) {
  std::vector<seen> counts(in.states().size());
  in.for_each([&](weir::stored_entry const& e) {
    if (counts.size() <= e.state->id) counts.resize(e.state->id + 1);
    seen& n = counts[e.state->id];
    ++n.count.entries;
    n.count.bytes += e.key.size() + e.map_key.size() + e.value.size();
    if (e.window_end) n.windows.insert(weir::ticks(*e.window_end));
  });
  counts.resize(std::max(counts.size(), in.states().size()));

  std::string text =
      fmt::format("{} {}\n", in.is_savepoint() ? "savepoint" : "state directory", in_quotes(in.path()));
  if (in.is_savepoint())
    text += fmt::format("  {}\n", plural(in.file_bytes(), "byte", "bytes"));
  else
    text += fmt::format("  data.mdb: {}, {} of them in use or free for new entries\n",
                        plural(in.file_bytes(), "byte", "bytes"), in.used_bytes());
  if (!in.committed()) return text + "  no checkpoint has been made\n";
  weir::commit const& c = *in.committed();
  text += fmt::format("  epoch {}, {}, {}, {} key groups\n", c.epoch, c.finished ? "finished" : "not finished",
                      c.exactly_once ? "exactly_once" : "at_least_once", c.key_groups);

  std::vector<std::string> uids;
  for (auto const& o : c.operators) uids.push_back(o.uid);
  for (auto const& s : c.states)
    if (!s.uid.empty() && std::ranges::find(uids, s.uid) == uids.end()) uids.push_back(s.uid);
  for (std::string const& uid : uids) {
    text += fmt::format("operator {}", in_quotes(uid));
    for (auto const& o : c.operators)
      if (o.uid == uid)
        text +=
            fmt::format("{}{}", o.kind.empty() ? "" : ": " + o.kind,
                        o.state.empty() ? "" : ", " + plural(o.state.size(), "byte", "bytes") + " of its own");
    text += "\n";
    for (auto const& s : c.states)
      if (s.uid == uid) text += state_text(s, counts[s.id]);
  }
  for (auto const& s : c.sources)
    text += fmt::format("source {}\n{}", in_quotes(s.uid), position_text(s.position));
  for (auto const& s : c.sinks) text += fmt::format("sink {}\n{}", in_quotes(s.uid), sink_text(s.segment));
  if (!c.totals.empty()) text += "totals since the first start\n";
  for (auto const& t : c.totals) {
    std::size_t const end = std::min(t.name.find('\n'), t.name.size());  // of the uid
    text += fmt::format("  {} {}: {}\n", in_quotes(t.name.substr(0, end)),
                        t.name.substr(std::min(end + 1, t.name.size())), t.count);
  }
  return text;
}

}  // namespace weir_tool
