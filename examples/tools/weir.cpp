// The program weir: looks into state directories and savepoints, also while the job runs.
#include "child.hpp"
#include "output.hpp"
#include "report.hpp"

#include <weir/checkpoint/fsck.hpp>
#include <weir/checkpoint/inspection.hpp>
#include <weir/checkpoint/stored_key.hpp>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using weir_tool::exit_code;
using weir_tool::output;

namespace {

constexpr char const* usage = R"(usage: weir inspect PATH
       weir get PATH UID STATE KEY
       weir dump PATH [UID [STATE]]
       weir fsck PATH

PATH is a state directory, which a running job may use, or a savepoint.

  inspect  the commit: epoch, operators and their states with types, counts and bytes, sources and where they are, sinks
  get      what a state holds for one key. KEY is text or a number as it is, or JSON as dump shows it; of windows and maps
           one line for each
  dump     all entries and timers as JSON lines
  fsck     reads everything and names what is damaged

Exit status: 0 all is well, 1 damage was found (get: or nothing is there), 2 wrong usage, or it cannot be read.
)";

std::string names(std::vector<weir::state_entry> const& states, std::string_view uid) {
  std::string text;
  for (auto const& s : states)
    if (!s.uid.empty() && (uid.empty() || s.uid == uid))
      text += (text.empty() ? "" : ", ") + weir_tool::in_quotes(s.uid) + " " +
              (s.name.empty() ? "timers" : weir_tool::in_quotes(s.name));
  return text.empty() ? "none" : text;
}
bool is_named(weir::state_entry const& s, std::string_view name) {
  return s.kind == weir::state_kind::timers ? name == "timers" : s.name == name;
}

// The states of `uid`, or the one that is called `name`; none that fits: throws.
std::vector<std::uint32_t> choose(weir::inspection const& in, std::optional<std::string> const& uid,
                                  std::optional<std::string> const& name) {
  std::vector<std::uint32_t> chosen;
  for (auto const& s : in.states())
    if (!s.uid.empty() && (!uid || s.uid == *uid) && (!name || is_named(s, *name))) chosen.push_back(s.id);
  if (chosen.empty() && uid)
    throw weir::config_error("weir: there is no such state; the states are: " + names(in.states(), ""));
  return chosen;
}

void member(weir::text_buffer& out, std::string_view name) {
  out.append(out.view().ends_with('{') ? "\"" : ",\"");
  out.append(name);
  out.append("\":");
}
void write_fields(weir::text_buffer& out, weir::stored_entry const& e) {
  using weir::detail::state_form;
  if (e.window_end) {
    member(out, "window_end");
    weir::write_json(out, *e.window_end);
  }
  if (e.has_map_key) {
    member(out, "map_key");
    state_form::write_key(out, e.form->map_key, e.map_key);
  }
  if (e.timer) return;
  member(out, "value");
  if (auto const expires = e.form->write_value(out, e.value)) {
    member(out, "expires");
    weir::write_json(out, *expires);
  }
}
void write_entry(weir::text_buffer& out, weir::stored_entry const& e) {
  out.append('{');
  member(out, "uid");
  weir::write_json(out, e.state->uid);
  if (e.timer) {
    member(out, "timer");
    weir::write_json(out, e.due);
  } else {
    member(out, "state");
    weir::write_json(out, e.state->name);
  }
  member(out, "key");
  weir::detail::state_form::write_key(out, e.form->key, e.key);
  write_fields(out, e);
  out.append('}');
}

int inspect(std::filesystem::path const& path) {
  output out;
  {
    weir::inspection in(path);
    out.text.append(weir_tool::report(in));
  }
  out.finish();
  return exit_code::fine;
}

int get(std::filesystem::path const& path, std::string const& uid, std::string const& name,
        std::string const& text) {
  output out;
  std::size_t found = 0;
  {
    weir::inspection in(path);
    std::uint32_t const id = choose(in, uid, name).front();
    weir::state_entry const state = in.states()[id];
    if (state.kind == weir::state_kind::timers) throw weir::config_error("weir: timers are looked up by dump");
    std::string const key = weir::detail::stored_key::bytes(in.form(id).key, text);
    in.for_key(id, key, [&](weir::stored_entry const& e) {
      ++found;
      bool const plain = !e.window_end && !e.has_map_key && (!e.form->ttl || e.form->counted);
      if (plain) {
        e.form->write_value(out.text, e.value);
      } else {
        out.text.append('{');
        write_fields(out.text, e);
        out.text.append('}');
      }
      out.line(in);
    });
  }
  out.finish();
  if (found == 0) std::fprintf(stderr, "weir: nothing is stored for this key\n");
  return found == 0 ? exit_code::damaged : exit_code::fine;
}

int dump(std::filesystem::path const& path, std::optional<std::string> const& uid,
         std::optional<std::string> const& name) {
  output out;
  std::size_t instants = 0;
  {
    weir::inspection in(path);
    auto const write = [&](weir::stored_entry const& e) {
      std::size_t const begin = out.text.size();
      try {
        write_entry(out.text, e);
      } catch (weir::format_error const& wrong) {
        out.text.truncate(begin);
        throw weir::detail::damaged_store("weir: " + path.string() + ": an entry of \"" + e.state->full_name() +
                                          "\" cannot be read as what it is (" + wrong.what() + ")");
      }
      out.line(in);
    };
    if (!uid) {
      in.for_each(write);
    } else {
      for (std::uint32_t const id : choose(in, uid, name)) in.for_each(write, {}, id);
    }
    instants = in.instants();
  }
  out.finish();
  if (instants > 1)
    std::fprintf(
        stderr,
        "weir: the job has gone on meanwhile: what was read comes from %zu commits; dump a savepoint to see "
        "one moment\n",
        instants);
  return exit_code::fine;
}

int fsck(std::filesystem::path const& path) {
  weir::fsck_result const result = weir::fsck(path);
  for (std::string const& what : result.damage) std::printf("damaged: %s\n", what.c_str());
  if (result.more_damage != 0)
    std::printf("damaged: %llu more\n", static_cast<unsigned long long>(result.more_damage));
  std::printf("%s: %llu entries read, %s\n", path.c_str(), static_cast<unsigned long long>(result.entries),
              result.sound() ? "all is well" : "damage was found: restore a savepoint to a new directory");
  if (result.sound() && !result.complete)
    std::printf(
        "the job has made checkpoints meanwhile: pages and counts were not compared, a savepoint has them "
        "all\n");
  return result.sound() ? exit_code::fine : exit_code::damaged;
}

int run(std::vector<std::string> const& words) {
  std::size_t const n = words.size();
  auto const is = [&](std::string_view command, std::size_t least, std::size_t most) {
    return n > 1 && words[0] == command && n - 1 >= least && n - 1 <= most;
  };
  auto const word = [&](std::size_t i) { return i < n ? std::optional(words[i]) : std::nullopt; };
  auto const guarded = [&](auto f) {
    return weir_tool::guarded(words[1], [&] {
      try {
        return f();
      } catch (weir_tool::output_closed const&) {
        return static_cast<int>(exit_code::fine);
      }
    });
  };
  if (is("inspect", 1, 1)) return guarded([&] { return inspect(words[1]); });
  if (is("get", 4, 4)) return guarded([&] { return get(words[1], words[2], words[3], words[4]); });
  if (is("dump", 1, 3)) return guarded([&] { return dump(words[1], word(2), word(3)); });
  if (is("fsck", 1, 1)) return guarded([&] { return fsck(words[1]); });
  bool const asked = n == 1 && (words[0] == "help" || words[0] == "--help" || words[0] == "-h");
  std::fputs(usage, asked ? stdout : stderr);
  return asked ? exit_code::fine : exit_code::cannot;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return run({argv + 1, argv + argc});
}
