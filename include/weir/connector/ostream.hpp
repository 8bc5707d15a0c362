// into(std::cout): a line for each record; text and numbers as they are, everything else as JSON.
#pragma once

#include <weir/connector/os_file.hpp>
#include <weir/core/sink.hpp>
#include <weir/error.hpp>
#include <weir/format/json_writer.hpp>
#include <weir/format/text.hpp>
#include <weir/format/text_buffer.hpp>

#include <concepts>
#include <memory>
#include <ostream>
#include <string>
#include <type_traits>

namespace weir {
namespace detail {

// The lines of a batch go out together, and the stream is flushed behind them.
struct ostream_sink {
  static constexpr delivery guarantee = delivery::at_once;
  template <class T>
  static constexpr bool accepts =
      has_schema<T> || text_value<T> || json_map<T> || json_array<T> || json_tuple<T>;
  std::ostream* to;

  template <class T>
  class writer {
   public:
    writer(ostream_sink const& sink, sink_context const& context)
        : to_(sink.to), who_(connector_name("into(ostream)", "sink", context.uid)) {}
    struct kernel {
      text_buffer* lines;
      template <class Time>
      WEIR_INLINE void operator()(T const& value, Time) {
        if constexpr (text_value<T>)
          write_text(*lines, value);
        else
          write_json(*lines, value);
        lines->append('\n');
      }
    };
    kernel open() { return {&lines_}; }
    void commit(kernel const&) {}
    void flush() {
      if (lines_.empty()) return;
      to_->write(lines_.view().data(), static_cast<std::streamsize>(lines_.size()));
      to_->flush();
      lines_.clear();
      if (!*to_)
        throw connector_error(who_ + ": the stream cannot be written; look at where it leads and run again");
    }
    void finish() { flush(); }

   private:
    std::ostream* to_;
    std::string who_;
    text_buffer lines_;
  };
};

}  // namespace detail

// An lvalue stream, which must outlive the run.
template <class Stream>
  requires std::derived_from<Stream, std::ostream>
struct sink_adaptor<Stream&> {
  static constexpr auto make(Stream& stream) { return detail::ostream_sink{std::addressof(stream)}; }
};

}  // namespace weir
