// A sink that keeps texts of its records and their times. Every job is compiled with all that stands behind its operator: this is
// less than a process function that asks for the time.
#pragma once

#include <weir/core/sink.hpp>
#include <weir/record.hpp>
#include <weir/runtime/collected.hpp>

#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace weir_test {

using timed_text = weir::timed_value<std::string>;
using timed_texts = std::vector<timed_text>;

template <class Text = std::identity>
struct text_tape {
  static constexpr weir::delivery guarantee = weir::delivery::at_once;
  template <class V>
  static constexpr bool accepts = std::is_invocable_r_v<std::string, Text const&, V const&>;

  timed_texts* to;
  Text text;
  explicit text_tape(timed_texts& all, Text t = {}) : to(&all), text(t) {}

  template <class V>
  struct writer {
    text_tape tape;
    writer(text_tape const& t, weir::sink_context const&) : tape(t) {}
    struct kernel {
      text_tape const* tape;
      void operator()(V const& v, weir::event t) const { tape->to->push_back({tape->text(v), t.at}); }
    };
    kernel open() { return {&tape}; }
    void commit(kernel const&) {}
    void flush() {}
    void finish() {}
  };
};

}  // namespace weir_test
