// Lines of JSON as the fraud job writes them, brought to one form: one flat object a line; members in any
// order; times, amounts and counts by their value. So that two outputs can be compared as sets.
#pragma once

#include "fraud_payments.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fraud_oracle {

using lines = std::multiset<std::string>;

// One form for a line: members by name, "name=value" joined by one space, values as the oracle writes them:
// text in quotes, times as ticks, amounts as cents.
struct line_builder {
  std::map<std::string, std::string> members;
  line_builder& raw(std::string const& name, std::string const& value) {
    if (!members.emplace(name, value).second) bad("a member stands twice", name);
    return *this;
  }
  line_builder& text(std::string const& name, std::string const& value) { return raw(name, '"' + value + '"'); }
  line_builder& number(std::string const& name, i64 value) { return raw(name, std::to_string(value)); }
  line_builder& texts(std::string const& name, std::vector<std::string> const& values) {
    std::string all = "[";
    for (auto const& v : values) all += (all.size() > 1 ? ",\"" : "\"") + v + '"';
    return raw(name, all + "]");
  }
  std::string str() const {
    std::string all;
    for (auto const& [name, value] : members) all += (all.empty() ? "" : " ") + name + "=" + value;
    return all;
  }
};

// Reads one flat JSON object: text, numbers, and arrays of text as values.
class json_line {
 public:
  explicit json_line(std::string_view line) : all_(line), rest_(line) {}

  std::string canonical() {
    line_builder built;
    expect('{');
    if (peek() == '}') bad("an empty object", all_);
    for (;;) {
      std::string const name = text();
      expect(':');
      member(built, name);
      if (peek() != ',') break;
      expect(',');
    }
    expect('}');
    if (peek() != 0) bad("something behind the object", all_);
    return built.str();
  }

 private:
  void member(line_builder& built, std::string const& name) {
    if (peek() == '[') return void(built.texts(name, array()));
    if (peek() == '"') {
      std::string const value = text();
      if (is_number(name)) bad("a number expected, not text, in " + name, all_);
      if (is_time(name)) return void(built.number(name, parse_time(value, true)));
      return void(built.text(name, value));
    }
    std::string number;
    peek();
    while (!rest_.empty() && std::string_view(",}] \t").find(rest_[0]) == std::string_view::npos)
      number += next();
    if (number.size() > 1 && number[0] == '0' && number[1] != '.') bad("not a number in JSON", all_);
    if (!is_number(name)) bad("a number only in count, total and amount, not in " + name, all_);
    built.number(name, name == "count" ? digits(number) : parse_cents(number));
  }
  static bool is_number(std::string const& n) { return n == "count" || n == "total" || n == "amount"; }
  static bool is_time(std::string const& n) {
    return n == "window_start" || n == "window_end" || n == "failed_time" || n == "success_time";
  }
  std::vector<std::string> array() {
    std::vector<std::string> values;
    expect('[');
    if (peek() != ']') values.push_back(text());
    while (peek() == ',') {
      expect(',');
      values.push_back(text());
    }
    expect(']');
    return values;
  }
  std::string text() {
    expect('"');
    std::string value;
    for (char c = next(); c != '"'; c = next()) {
      if (c != '\\') {
        value += c;
        continue;
      }
      c = next();
      if (c == 'u') {  // the job's texts are ASCII
        std::string hex;
        for (int i = 0; i < 4; ++i) hex += next();
        int const code = std::stoi(hex, nullptr, 16);
        if (code > 127) bad("not ASCII", all_);
        c = static_cast<char>(code);
      } else if (std::string_view("\"\\/").find(c) == std::string_view::npos) {
        bad("an escape that no id needs", all_);
      }
      value += c;
    }
    return value;
  }
  char peek() {  // past white space; 0 at the end
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\r')) rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_[0];
  }
  char next() {
    if (rest_.empty()) bad("ends too early", all_);
    char const c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }
  void expect(char c) {
    if (peek() != c) bad(std::string("no '") + c + "' where one is due", all_);
    next();
  }
  std::string_view all_, rest_;
};

// Every line must be whole: the text is empty or ends in a newline, and there are no empty lines.
inline lines parse_json_lines(std::string_view text) {
  lines all;
  if (text.empty()) return all;
  if (text.back() != '\n')
    bad("the last line is not whole", text.substr(text.size() - std::min<std::size_t>(80, text.size())));
  for (std::string const& line : cut(text.substr(0, text.size() - 1), '\n'))
    all.insert(json_line(line).canonical());
  return all;
}
inline lines read_json_lines(std::filesystem::path const& path) { return parse_json_lines(read_text(path)); }

// What is missing and what is too much, a few lines of it; empty when the two are equal.
inline std::string difference(lines const& want, lines const& got, int at_most = 10) {
  std::string report;
  int shown = 0, left = 0;
  std::set<std::string> every(want.begin(), want.end());
  every.insert(got.begin(), got.end());
  for (std::string const& line : every) {
    auto const w = want.count(line), g = got.count(line);
    if (w == g) continue;
    if (++shown > at_most) {
      ++left;
      continue;
    }
    report += "want " + std::to_string(w) + ", got " + std::to_string(g) + ": " + line + "\n";
  }
  if (left) report += "and " + std::to_string(left) + " more\n";
  return report;
}

}  // namespace fraud_oracle
