// The parts of a running pipeline that a commit holds, by name.
#pragma once

#include <weir/checkpoint/archive.hpp>
#include <weir/checkpoint/commit.hpp>
#include <weir/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

template <class S>
concept source_part = requires(S& s) { s.reader; };
template <class S>
concept sink_part = requires(S& s) { s.writer; };
template <class S>
concept operator_part = !source_part<S> && !sink_part<S> && requires(S& s, save_archive& ar) { s.state(ar); };

// Assigners of time and valves have no uid: they are numbered in the order of the pipeline.
class part_namer {
 public:
  template <class S>
  std::string name(S const& stage) {
    if constexpr (requires { S::uid.view(); })
      return std::string(S::uid.view());
    else if constexpr (requires { stage.uid; })
      return std::string(stage.uid);
    else if constexpr (requires { S::assigns_time; })
      return "(time " + std::to_string(++times_) + ")";
    else
      return "(valve " + std::to_string(++valves_) + ")";
  }

 private:
  std::size_t times_ = 0, valves_ = 0;
};

template <class Saved>
Saved const* find_saved(std::vector<Saved> const& all, std::string_view uid) {
  for (Saved const& s : all)
    if (s.uid == uid) return &s;
  return nullptr;
}

// What one list of names has and the other has not, as text.
inline std::string missing_from(std::vector<std::string> const& have, std::vector<std::string> const& others) {
  std::string text;
  for (std::string const& name : have)
    if (std::ranges::find(others, name) == others.end()) text += (text.empty() ? "\"" : ", \"") + name + "\"";
  return text;
}

// Refuses to go on with a pipeline whose parts are not those that were saved.
inline void compare_parts(std::string_view what, std::vector<std::string> const& saved,
                          std::vector<std::string> const& here, std::string const& directory) {
  std::string const gone = missing_from(saved, here), fresh = missing_from(here, saved);
  if (gone.empty() && fresh.empty()) return;
  std::string text = "weir::run: the state in " + directory + " was saved by another pipeline: ";
  if (!gone.empty()) text += "it has the " + std::string(what) + " " + gone + ", which this pipeline has not";
  if (!gone.empty() && !fresh.empty()) text += ", and ";
  if (!fresh.empty()) text += "this pipeline has the " + std::string(what) + " " + fresh + ", which it has not";
  throw restore_error(text + "; give the parts their old uids, or start with an empty directory");
}

// What the uid names, as far as what it saves depends on it.
template <class S>
std::string kind_of(S const& stage) {
  if constexpr (requires { stage.kind(); })
    return stage.kind();
  else
    return "";
}
inline void compare_kinds(committed_operator const& saved, std::string const& here,
                          std::string const& directory) {
  if (saved.kind != here)
    throw restore_error("weir::run: the state in " + directory + " was saved by another pipeline: \"" +
                        saved.uid + "\" was \"" + saved.kind + "\" and is now \"" + here +
                        "\"; make it what it was, or start with an empty directory");
}

}  // namespace weir::detail
