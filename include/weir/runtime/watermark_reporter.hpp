// watermark_reporter: a visitor of stages that writes a watermark_report.
#pragma once

#include <weir/core/valve.hpp>
#include <weir/runtime/watermark_report.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir::detail {

template <class = void>
class watermark_reporter {
 public:
  using split = watermark_report::split;
  watermark_report report;

  // What the driver knows of the splits of a source.
  void knows(void const* input, std::vector<split> splits) { known_.push_back({input, std::move(splits)}); }
  // What a test_driver begins with: with time of its own, or not.
  void begin(std::string name) { open(std::move(name), {}); }
  void begin(std::string name, timestamp watermark, bool idle) {
    open(std::move(name), {});
    watermark_report::input& in = report.inputs.back();
    in.timed = true;
    in.watermark = watermark;
    in.status = watermark == max_time ? input_status::finished
                : idle                ? input_status::idle
                                      : input_status::active;
    in.splits[0] = {in.status, watermark, {}, false, in.status == input_status::active};
  }

  template <class Stage>
  void operator()(Stage& stage) {
    if constexpr (requires { stage.reader; }) {
      std::vector<split> splits;
      for (auto const& [input, known] : known_)
        if (input == &stage) splits = known;
      open(stage.uid.empty() ? "source " + std::to_string(++unnamed_) : quoted(stage.uid), std::move(splits));
    } else if constexpr (requires { stage.times.all; }) {
      assigner(stage);
    } else if constexpr (requires { Stage::second_timed; }) {
      met_.back().push_back(name_);
      if constexpr (!Stage::second_timed) met_.back().pop_back();
      meet(stage.inputs, Stage::first_timed);
    }
  }
  // Around the pipelines of a merge. Chains of one source that meet again have one time, and say nothing.
  void begin_merge() { met_.push_back({}); }
  void end_of_arm() { met_.back().push_back(name_); }
  void end_merge(valve const& v, bool is_told) { meet(v, is_told); }  // where nobody asks for time it is not
  // Before the second pipeline of an operator with two inputs.
  template <class Second, class First>
  void second_input(Second const&, First) {
    met_.push_back({name_});
  }

 private:
  static std::string quoted(std::string_view uid) { return '"' + std::string(uid) + '"'; }
  void open(std::string name, std::vector<split> splits) {
    name_ = name;
    if (splits.empty()) splits.resize(1);
    report.inputs.push_back({std::move(name), false, {}, input_status::active, min_time, std::move(splits)});
  }
  template <class Stage>
  WEIR_COLD void assigner(Stage const& stage) {
    using stage_type = std::remove_cvref_t<Stage>;
    std::optional<duration> timeout;
    if constexpr (stage_type::can_be_idle) timeout = stage.strategy.idle_timeout();
    if (!stage.times.at_head) open("time behind " + name_, {});
    // Another branch of the same source.
    else if (report.inputs.back().timed)
      report.inputs.push_back(report.inputs.back());
    assigned(stage.times, stage.made, stage.out.delivered == max_time, timeout);
  }
  template <class Times>
  WEIR_COLD void assigned(Times const& times, timestamp made, bool ended, std::optional<duration> timeout) {
    watermark_report::input& in = report.inputs.back();
    in.timed = true;
    in.idle_timeout = timeout;
    in.watermark = ended ? max_time : made;
    in.status = ended                 ? input_status::finished
                : times.none_active() ? input_status::idle
                                      : input_status::active;
    in.splits.resize(times.all.size());
    timestamp const least = times.least(made, times.all.size());
    for (std::size_t i = 0; i < times.all.size(); ++i) {
      auto const& from = times.all[i];
      split& to = in.splits[i];
      to.status = ended ? input_status::finished : from.status();
      to.watermark = from.watermark;
      if (!to.quiet && timeout && from.quiet != duration::zero()) to.quiet = from.quiet;
      if (to.status == input_status::finished) to.quiet.reset();
      to.holds_back = to.status == input_status::active && from.watermark >= made && from.watermark == least;
    }
  }
  // Where the last that met_ knows of meet.
  WEIR_COLD void meet(valve const& v, bool timed) {
    std::vector<std::string> const names = std::move(met_.back());
    met_.pop_back();
    name_ = names.front();
    if (!timed || names.size() == 1) return;
    watermark_report::valve to{{}, status_of(v), v.delivered, {}};
    timestamp const least = v.others(v.inputs.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      valve::input const& from = v.inputs[i];
      to.name += (i == 0 ? "" : " and ") + names[i];
      to.inputs.push_back({names[i], from.status, from.mark, v.holds_back(from) && from.mark == least});
    }
    name_ = to.name;
    report.valves.push_back(std::move(to));
  }
  static input_status status_of(valve const& v) {
    return v.all_have_finished() ? input_status::finished
           : v.idle()            ? input_status::idle
                                 : input_status::active;
  }

  struct known_splits {
    void const* input;
    std::vector<split> splits;
  };
  std::vector<known_splits> known_;
  std::vector<std::vector<std::string>> met_;  // names, of those that have not met yet
  std::string name_;                           // of what the stages at hand are behind
  std::size_t unnamed_ = 0;
};

}  // namespace weir::detail
