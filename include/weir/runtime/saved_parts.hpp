// The parts of a running pipeline that a commit holds, by name.
#pragma once

#include <weir/checkpoint/archive.hpp>
#include <weir/checkpoint/commit.hpp>
#include <weir/error.hpp>
#include <weir/state/lmdb_backend.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::detail {

template <class S>
concept source_part = requires(S& s) { s.reader; };
template <class S>
concept sink_part = requires(S& s) { s.writer; };
template <class S>
concept operator_part = !source_part<S> && !sink_part<S> && requires(S& s, save_archive& ar) { s.state(ar); };

// Assigners of time and valves have no uid: they are numbered behind the source that comes before them, so that a pipeline
// may be changed elsewhere. To be asked for all stages, in the order of visit.
class part_namer {
 public:
  template <class S>
  std::string name(S const& stage) {
    if constexpr (requires { S::uid.view(); })
      return std::string(S::uid.view());
    else if constexpr (source_part<S>)
      return times_ = valves_ = 0, source_ = stage.uid;
    else if constexpr (requires { stage.uid; })
      return std::string(stage.uid);
    else if constexpr (requires { S::assigns_time; })
      return numbered("time", ++times_);
    else
      return numbered("valve", ++valves_);
  }

 private:
  std::string numbered(char const* what, std::size_t n) const {
    return "(" + std::string(what) + " " + std::to_string(n) + " of \"" + source_ + "\")";
  }

  std::string source_;
  std::size_t times_ = 0, valves_ = 0;
};

template <class Saved>
Saved const* find_saved(std::vector<Saved> const& all, std::string_view uid) {
  for (Saved const& s : all)
    if (s.uid == uid) return &s;
  return nullptr;
}

// What one list of names has and the other has not, as text.
WEIR_COLD inline std::string missing_from(std::vector<std::string> const& have,
                                          std::vector<std::string> const& others) {
  std::string text;
  for (std::string const& name : have)
    if (std::find(others.begin(), others.end(), name) == others.end())
      text += (text.empty() ? "\"" : ", \"") + name + "\"";
  return text;
}

// Refuses to go on with a pipeline that has not all parts that were saved: what is new begins empty, and what seems new may
// be an old part under another name.
WEIR_COLD inline void compare_parts(std::string_view what, std::vector<std::string> const& saved,
                                    std::vector<std::string> const& here, std::string const& directory) {
  std::string const gone = missing_from(saved, here), fresh = missing_from(here, saved);
  if (gone.empty()) return;
  std::string text = "weir::run: the state in " + directory + " was saved by another pipeline: it has the " +
                     std::string(what) + " " + gone + ", which this pipeline has not";
  if (!fresh.empty())
    text += ", and this pipeline has the " + std::string(what) + " " + fresh + ", which it has not";
  throw restore_error(text +
                      "; give the parts their old uids, run with allow_non_restored_state to forget what was "
                      "saved for them, or start with an empty directory");
}

// What the uid names, as far as what it saves depends on it.
template <class S>
std::string kind_of(S const& stage) {
  if constexpr (requires { stage.kind(); })
    return stage.kind();
  else
    return "";
}
WEIR_COLD inline void compare_kinds(committed_operator const& saved, std::string const& here,
                                    std::string const& directory) {
  if (saved.kind != here)
    throw restore_error("weir::run: the state in " + directory + " was saved by another pipeline: \"" +
                        saved.uid + "\" was \"" + saved.kind + "\" and is now \"" + here +
                        "\"; make it what it was, or start with an empty directory");
}

// What the sinks have committed was made for one of the two.
WEIR_COLD inline void compare_guarantees(bool saved, bool here, std::string const& directory) {
  auto const name = [](bool exact) { return std::string(exact ? "exactly_once" : "at_least_once"); };
  if (saved != here)
    throw restore_error("weir::run: the state in " + directory + " was made with " + name(saved) +
                        " and this run asks for " + name(here) + "; run with " + name(saved) +
                        " to go on with it, or start with an empty directory and new outputs");
}
// What a sink claims: two that name the same one would write over each other.
struct claimed_target {
  std::string_view uid;
  std::string target;
};
WEIR_COLD inline void compare_claims(std::vector<claimed_target> const& claims) {
  for (std::size_t i = 0; i < claims.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (claims[i].target == claims[j].target)
        throw config_error("weir::run: the sinks \"" + std::string(claims[j].uid) + "\" and \"" +
                           std::string(claims[i].uid) +
                           "\" write to the same target; give each a target of its own");
}

// Refuses to leave behind a state that nothing declares any more: under a new name it would begin empty, without a word.
template <class Backend>
WEIR_COLD void compare_states(Backend const& backend) {
  std::vector<state_entry> const& states = backend.declarations();
  // Timers are never without a state beside them; what was given up has no uid.
  auto const counts = [](state_entry const& s) { return s.kind != state_kind::timers && !s.uid.empty(); };
  for (state_entry const& first : states) {
    if (!counts(first)) continue;
    std::string const& uid = first.uid;
    std::vector<std::string> saved, here;
    for (state_entry const& s : states) {
      if (!counts(s) || s.uid != uid) continue;
      if (backend.saved(s.id)) saved.push_back(s.name);
      if (backend.declared(s.id)) here.push_back(s.name);
    }
    std::string const lost = missing_from(saved, here);
    if (lost.empty()) continue;
    throw restore_error(
        "weir::run: the state in " + backend.directory() + " was saved by another pipeline: \"" + uid +
        "\" has the states " + missing_from(saved, {}) + ", and the program declares " +
        (here.empty() ? "none" : missing_from(here, {})) + "; what is in " + lost +
        " would be lost: " + (lost == "\"(timers)\"" ? "keep on_timer" : "declare it as before, used or not") +
        ", run with allow_non_restored_state, or start with an empty directory");
  }
}

}  // namespace weir::detail
