// watermark_report: which input holds time back, and why.
#pragma once

#include <weir/config.hpp>
#include <weir/core/describe.hpp>
#include <weir/core/valve.hpp>
#include <weir/format/time_text.hpp>
#include <weir/time.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace weir {

// What is known of event time at one instant of a run or of a test_driver. text(report) says it in words.
struct watermark_report {
  struct split {
    input_status status = input_status::active;
    timestamp watermark = min_time;
    std::optional<duration> quiet{};  // how long nothing has come; none where the last look found records
    bool paused = false;              // by watermark_alignment: it is too far ahead
    bool holds_back = false;          // no other one that counts is further behind
  };
  // A source, or an assign_timestamps where inputs have met.
  struct input {
    std::string name;  // the uid in quotes
    bool timed = false;
    std::optional<duration> idle_timeout{};  // of its with_idleness
    input_status status = input_status::active;
    timestamp watermark = min_time;  // what it has sent on
    std::vector<split> splits{};
  };
  struct valve_input {
    std::string name;
    input_status status = input_status::active;
    timestamp watermark = min_time;
    bool holds_back = false;
  };
  // Where inputs meet: merge, or an operator with two inputs.
  struct valve {
    std::string name;
    input_status status = input_status::active;
    timestamp watermark = min_time;
    std::vector<valve_input> inputs{};
  };
  std::vector<input> inputs{};
  std::vector<valve> valves{};
};

namespace detail {

template <class = void>
std::string time_in_words(timestamp t) {
  if (t == min_time) return "no time yet";
  if (t == max_time) return "the end of time";
  std::string text(max_timestamp_text, '\0');
  text.resize(static_cast<std::size_t>(write_timestamp(text.data(), t) - text.data()));
  return text;
}
// Not finer than is looked at.
template <class = void>
std::string wait_in_words(duration d) {
  duration const unit = d < duration{1'000}        ? duration{1}
                        : d < duration{10'000'000} ? duration{1'000}
                                                   : duration{1'000'000};
  return plain_duration(d - d % unit);
}
inline char const* status_in_words(input_status s) {
  return s == input_status::active ? "active" : s == input_status::idle ? "idle" : "finished";
}

// The text of a report, line by line. A template, so that only who asks for it pays for it.
template <class Report>
class report_text {
 public:
  explicit report_text(Report const& r) : report_(r) {}

  WEIR_COLD std::string write() {
    summary();
    for (watermark_report::input const& i : report_.inputs) write(i);
    for (watermark_report::valve const& v : report_.valves) write(v);
    return std::move(text_);
  }

 private:
  using input = watermark_report::input;
  using split = watermark_report::split;

  void line(std::string const& s) { text_ += s + '\n'; }
  static std::string name_of(input const& i, std::size_t number) {
    if (i.splits.size() < 2) return i.name;
    return i.name + ", split " + std::to_string(number + 1) + " of " + std::to_string(i.splits.size()) + ",";
  }
  // Those that hold back all the others; how all of them are where there is none.
  void summary() {
    timestamp least = max_time;
    std::size_t timed = 0, idle = 0, finished = 0;
    for (input const& i : report_.inputs)
      for (split const& s : i.splits) {
        if (!i.timed) continue;
        ++timed;
        idle += s.status == input_status::idle, finished += s.status == input_status::finished;
        if (s.holds_back) least = earlier(least, s.watermark);
      }
    if (timed == 0) return line("no input has event time");
    if (finished == timed) return line("all inputs have ended");
    if (idle + finished == timed)
      return line("all inputs are idle or have ended: time stands until a record comes");
    for (input const& i : report_.inputs)
      for (std::size_t n = 0; n < i.splits.size() && i.timed; ++n)
        if (i.splits[n].holds_back && i.splits[n].watermark == least)
          line(name_of(i, n) + " holds time back at " + time_in_words(least) + ": " + reason(i, i.splits[n]));
  }
  static std::string reason(input const& i, split const& s) {
    if (!s.quiet) return "its records are what is read now";
    std::string text = "nothing came for " + wait_in_words(*s.quiet);
    if (i.idle_timeout)
      return text + "; it will be idle when it has been waited for longer than " +
             plain_duration(*i.idle_timeout);
    return text + "; with_idleness would let time go on without it";
  }
  void write(input const& i) {
    if (!i.timed) return line(i.name + ": without event time");
    line(i.name + ": " + status_in_words(i.status) + ", " + time_in_words(i.watermark));
    for (std::size_t n = 0; n < i.splits.size(); ++n) {
      split const& s = i.splits[n];
      line("  split " + std::to_string(n + 1) + ": " + status_in_words(s.status) + ", " +
           time_in_words(s.watermark) + (s.quiet ? ", nothing came for " + wait_in_words(*s.quiet) : "") +
           (s.paused ? ", waits for the others: too far ahead" : "") +
           (s.holds_back && i.splits.size() > 1 ? ", holds time back" : ""));
    }
  }
  void write(watermark_report::valve const& v) {
    line(v.name + ": " + status_in_words(v.status) + ", " + time_in_words(v.watermark));
    for (watermark_report::valve_input const& i : v.inputs)
      line("  " + i.name + ": " + status_in_words(i.status) + ", " + time_in_words(i.watermark) +
           (i.holds_back ? ", holds time back" : ""));
  }

  Report const& report_;
  std::string text_;
};

}  // namespace detail

// The report in words: first what holds time back and why, then each input with its splits, then each place where inputs
// meet.
template <class = void>
std::string text(watermark_report const& report) {
  return detail::report_text(report).write();
}

}  // namespace weir
