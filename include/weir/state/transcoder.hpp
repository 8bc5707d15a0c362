// transcoder: makes stored values of an older schema today's, or says why not before a byte is read.
#pragma once

#include <weir/state/evolution.hpp>
#include <weir/state/schema_text.hpp>
#include <weir/state/transcode_step.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

// Makes values of today's type from values that were stored with an older schema. (A template, so that only those who keep
// state in a directory pay for it.)
template <class = void>
class basic_transcoder {
 public:
  // Whether it can be done is settled here. Neither text need be one that weir wrote.
  WEIR_COLD basic_transcoder(std::string_view old_schema, evolution_facts const& now) {
    plan_ = plan(parse_schema(old_schema), now, "");
  }

  // Why it cannot be done: what changed in which field, one after the other; nothing where it can.
  WEIR_COLD std::optional<std::string> problem() const {
    if (problems_.empty()) return std::nullopt;
    std::string all;
    for (std::string const& each : problems_) all += (all.empty() ? "" : "; ") + each;
    return all;
  }
  // The fields that are lost, as "order.lines[].note"; those that only a migration reads are not among them.
  std::vector<std::string> const& dropped() const { return dropped_; }

  // Reads one old value and appends the new one. Only where there is no problem().
  // Error: format_error where the bytes are damaged; what a migration throws.
  void convert(byte_reader& in, std::string& out) const { plan_.run(in, out); }

 private:
  using step = transcode_step;
  using action = transcode_step::action;
  struct mark {
    std::size_t problems;
    std::size_t dropped;
  };
  mark here() const { return {problems_.size(), dropped_.size()}; }
  void back_to(mark m) {
    problems_.resize(m.problems);
    dropped_.resize(m.dropped);
  }
  std::vector<std::string> since(mark m) const {
    return {problems_.begin() + static_cast<std::ptrdiff_t>(m.problems), problems_.end()};
  }
  bool fine_since(mark m) const { return problems_.size() == m.problems; }

  WEIR_COLD step refuse(std::string const& path, std::string const& why) {
    problems_.push_back((path.empty() ? "" : "field \"" + path + "\": ") + why);
    return {};
  }
  WEIR_COLD step became(std::string const& path, schema_node const& old, schema_node const& now) {
    return refuse(path, old.text + " became " + now.text);
  }
  // Of the part at `i`: by its type, or by the text alone.
  WEIR_COLD static evolution_facts part(evolution_facts const& of, schema_node const& type, std::size_t i) {
    return of.parts.empty() ? evolution_facts{.schema = type.args[i].text} : of.parts[i].facts();
  }

  WEIR_COLD step plan(schema_node const& old, evolution_facts const& now, std::string const& path) {
    std::vector<std::string> met;
    return plan(old, now, path, met);
  }
  // `met` has the schemas that migrations have led through: two types may be the past of each other.
  WEIR_COLD step plan(schema_node const& old, evolution_facts const& now, std::string const& path,
                      std::vector<std::string>& met) {
    if (old.text == now.schema) return plan_unchanged(old, now, path);
    if (auto exact = plan_stored_past(old, now)) return std::move(*exact);
    mark const start = here();
    step direct = plan_changed(old, parse_schema(now.schema), now, path);
    if (fine_since(start) || !now.migrates_from) return direct;
    met.push_back(now.schema);
    evolution_facts const from = now.migrates_from();
    if (std::find(met.begin(), met.end(), from.schema) != met.end()) return direct;
    std::vector<std::string> const why = since(start);
    back_to(start);
    step before = plan(old, from, path, met);
    if (fine_since(start))
      return {.does = action::migrate, .parts = {std::move(before)}, .migrate = now.migrate};
    problems_[start.problems].insert(0, "nor can it be migrated: ");
    problems_.insert(problems_.begin() + static_cast<std::ptrdiff_t>(start.problems), why.begin(), why.end());
    dropped_.resize(start.dropped);
    return {};
  }
  // Where exactly such values are in the chain of migrations: all of those from there on.
  WEIR_COLD std::optional<step> plan_stored_past(schema_node const& old, evolution_facts const& now) {
    std::vector<evolution_facts> chain{now};
    auto const met = [&](std::string const& schema) {
      return std::any_of(chain.begin(), chain.end(), [&](auto const& f) { return f.schema == schema; });
    };
    while (chain.back().schema != old.text) {
      if (!chain.back().migrates_from) return std::nullopt;
      evolution_facts from = chain.back().migrates_from();
      if (met(from.schema)) return std::nullopt;
      chain.push_back(std::move(from));
    }
    step made{.does = action::migrate, .migrate = chain[chain.size() - 2].migrate};
    for (std::size_t i = chain.size() - 2; i-- > 0;)
      made = {.does = action::migrate, .parts = {std::move(made)}, .migrate = chain[i].migrate};
    return made;
  }

  WEIR_COLD step plan_unchanged(schema_node const& old, evolution_facts const& now, std::string const& path) {
    if (old.known) return {.old = old};
    if (now.skip) return {.does = action::copy_opaque, .call = now.skip};
    if (!old.opaque()) return plan_changed(old, old, now, path);
    return refuse(path, old.text + " has a codec of its own, so what follows it cannot be found");
  }

  step plan_changed(schema_node const& old, schema_node const& now, evolution_facts const& facts,
                    std::string const& path);
  step plan_number(schema_node const& old, schema_node const& now, schema_node const& whole_old,
                   schema_node const& whole_now, std::string const& path);
  step plan_struct(schema_node const& old, schema_node const& now, evolution_facts const& facts,
                   std::string const& path);
  step plan_key(schema_node const& old, schema_node const& now, evolution_facts const& facts,
                std::string const& path, char const* of);

  step plan_;
  std::vector<std::string> problems_;
  std::vector<std::string> dropped_;
};

using transcoder = basic_transcoder<>;

template <class T>
WEIR_COLD transcode_step basic_transcoder<T>::plan_number(schema_node const& old, schema_node const& now,
                                                          schema_node const& whole_old,
                                                          schema_node const& whole_now,
                                                          std::string const& path) {
  auto const from = number_of(old.name);
  auto const to = number_of(now.name);
  if (!from || !to || whole_old.parameter != whole_now.parameter) return became(path, whole_old, whole_now);
  if (old.name == now.name) return {.old = old};
  bool const wider = to->bytes > from->bytes;
  if (from->kind == 'f' && to->kind == 'f' && wider) return {.does = action::floating};
  bool const to_integer = to->kind == from->kind || (from->kind == 'u' && to->kind == 's');
  if (wider && to_integer) return {.does = action::integer, .old = old, .width = to->bytes};
  return became(path, whole_old, whole_now);
}

// Of a set or a map. They are found and ordered by their bytes.
template <class T>
WEIR_COLD transcode_step basic_transcoder<T>::plan_key(schema_node const& old, schema_node const& now,
                                                       evolution_facts const& facts, std::string const& path,
                                                       char const* of) {
  std::string const& before = old.args[0].text;
  std::string const& after = now.args[0].text;
  if (before == after) return plan(old.args[0], part(facts, now, 0), path);
  return refuse(path, before + " became " + after + ", and " + of + " must stay as they are");
}

template <class T>
WEIR_COLD transcode_step basic_transcoder<T>::plan_changed(schema_node const& old, schema_node const& now,
                                                           evolution_facts const& facts,
                                                           std::string const& path) {
  if (old.opaque() || now.opaque()) return became(path, old, now);
  if (number_of(old.name) && number_of(now.name)) return plan_number(old, now, old, now, path);
  if (old.name != now.name) {
    if (now.name != "optional") return became(path, old, now);
    mark const start = here();
    step inner = plan(old, part(facts, now, 0), path);
    if (fine_since(start)) return {.does = action::present, .parts = {std::move(inner)}};
    back_to(start);
    return became(path, old, now);
  }
  std::string const& name = old.name;
  if (name == "struct") return plan_struct(old, now, facts, path);
  if (name == "set") {
    step element = plan_key(old, now, facts, path + "[]", "the elements of a set");
    return {.does = action::elements, .parts = {std::move(element)}};
  }
  if (name == "map") {
    step key = plan_key(old, now, facts, path + "[key]", "the keys of a map");
    step value = plan(old.args[1], part(facts, now, 1), path + "[]");
    return {.does = action::elements, .parts = {std::move(key), std::move(value)}};
  }
  if (name == "optional" || name == "list") {
    step each = plan(old.args[0], part(facts, now, 0), name == "list" ? path + "[]" : path);
    return {.does = name == "list" ? action::elements : action::optional, .parts = {std::move(each)}};
  }
  if (name == "array") {
    if (old.count != now.count) return became(path, old, now);
    step each = plan(old.args[0], part(facts, now, 0), path + "[]");
    if (old.count == 0) return {.old = old};  // a zero byte
    return {.does = action::repeat, .parts = {std::move(each)}, .width = old.count};
  }
  if (name == "tuple") {
    if (old.args.size() != now.args.size()) return became(path, old, now);
    step all{.does = action::sequence};
    for (std::size_t i = 0; i < old.args.size(); ++i)
      all.parts.push_back(plan(old.args[i], part(facts, now, i), path + "[" + std::to_string(i) + "]"));
    return all;
  }
  if (old.args.size() == 1)
    return plan_number(old.args[0], now.args[0], old, now, path);  // an enum, a time, ...
  return became(path, old, now);
}

template <class T>
WEIR_COLD transcode_step basic_transcoder<T>::plan_struct(schema_node const& old, schema_node const& now,
                                                          evolution_facts const& facts,
                                                          std::string const& path) {
  if (facts.row && old.fields != now.fields)
    return refuse(path, old.text + " became " + now.text + ", and the columns of a row must stay as they are");
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  auto const in_old = [&](std::string const& name) {
    auto const at = std::find(old.fields.begin(), old.fields.end(), name);
    return at == old.fields.end() ? none : static_cast<std::size_t>(at - old.fields.begin());
  };
  // Old names come first: what was renamed may have left its name to a new field.
  std::vector<std::size_t> source(now.fields.size(), none);
  std::vector<std::size_t> target(old.fields.size(), none);
  auto const take = [&](std::size_t field, std::size_t from) {
    if (from != none && target[from] == none) source[field] = from, target[from] = field;
  };
  for (std::size_t i = 0; i < facts.parts.size(); ++i)
    if (in_old(now.fields[i]) == none)
      for (std::string const& name : facts.parts[i].old_names)
        if (source[i] == none) take(i, in_old(name));
  for (std::size_t i = 0; i < now.fields.size(); ++i)
    if (source[i] == none) take(i, in_old(now.fields[i]));
  auto const kept = [](std::size_t i) { return i != none; };
  if (!old.fields.empty() && std::none_of(source.begin(), source.end(), kept))
    return refuse(path, "no field of " + old.text + " is in " + now.text);

  std::string const prefix = path.empty() ? "" : path + ".";
  step all{.does = action::reorder};
  for (std::size_t i = 0; i < old.fields.size(); ++i) {
    std::string const field = prefix + old.fields[i];
    if (target[i] != none) {
      all.parts.push_back(plan(old.args[i], part(facts, now, target[i]), prefix + now.fields[target[i]]));
      continue;
    }
    if (!old.args[i].known)
      refuse(field, "was removed, and " + old.args[i].text +
                        " has a codec of its own, so what follows it cannot be found");
    dropped_.push_back(field);
    all.parts.push_back({.does = action::drop, .old = old.args[i]});
  }
  if (old.fields.empty()) all.parts.push_back({.does = action::drop, .old = old});
  std::size_t const read = all.parts.size();
  for (std::size_t i = 0; i < now.fields.size(); ++i) {
    all.order.push_back(source[i] == none ? all.parts.size() : source[i]);
    if (source[i] != none) continue;
    auto const value = facts.parts.empty() ? nullptr : facts.parts[i].default_bytes;
    if (value)
      all.parts.push_back({.does = action::fill, .bytes = value()});
    else
      refuse(prefix + now.fields[i],
             "was added, and its struct has no default constructor that gives it a value");
  }
  if (problems_.empty()) all.in_sequence(read);
  return all;
}

}  // namespace weir::detail
