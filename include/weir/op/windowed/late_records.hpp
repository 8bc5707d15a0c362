#pragma once

#include <weir/record.hpp>

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

namespace weir::detail {

// Where a window stage leaves the records that no window of theirs takes: counted, and on to the side output where the
// window names one.
template <class Spec, class Next>
class late_records {
 public:
  template <class Env>
  late_records(Env const& env, std::string_view uid, Next& next)
      : count_(env.runtime.counters.get(uid, "late")), late_(env.window.late) {
    if constexpr (Spec::has_late) outlet_ = next.template outlet<Spec::late_name>();
  }

  template <class T, class Time>
  void push(T const& v, Time t) {
    ++count_;
    if constexpr (Spec::has_late) outlet_->push(std::invoke(late_.map, v), t);
  }

 private:
  std::uint64_t& count_;
  decltype(Spec::late) late_;
  decltype(std::declval<Next&>().template outlet<Spec::late_name>()) outlet_{};
};

}  // namespace weir::detail
