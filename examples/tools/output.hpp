// Standard output that a slow reader may hold up, but not what is being read.
#pragma once

#include <weir/checkpoint/inspection.hpp>
#include <weir/format/text_buffer.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace weir_tool {

// Nobody reads the output any more.
struct output_closed : std::runtime_error {
  output_closed() : std::runtime_error("weir: nobody reads the output any more") {}
};

class output {
 public:
  weir::text_buffer text;

  // After each line. Where the output is not taken until the moment of `in` is over, `in` goes on with another one.
  void line(weir::inspection& in) {
    text.append('\n');
    if (text.size() < 65536) return;
    if (!drain(in.deadline())) in.let_go();
  }
  // Once nothing is being read any more.
  void finish() { drain(std::chrono::steady_clock::time_point::max()); }

 private:
  // False: not all of it by then.
  bool drain(std::chrono::steady_clock::time_point deadline) {
    std::string_view rest = text.view();
    bool in_time = true;
    while (!rest.empty()) {
      if (!(in_time = writable(deadline))) break;
      ::ssize_t const n =
          ::write(1, rest.data(), std::min<std::size_t>(rest.size(), 4096));  // PIPE_BUF: does not wait
      if (n > 0) {
        rest.remove_prefix(static_cast<std::size_t>(n));
      } else if (errno == EPIPE) {
        throw output_closed();
      } else if (errno != EINTR && errno != EAGAIN) {
        throw std::runtime_error(std::string("weir: cannot write the output: ") + std::strerror(errno));
      }
    }
    std::string const kept(rest);
    text.clear();
    text.append(kept);
    return in_time;
  }
  static bool writable(std::chrono::steady_clock::time_point deadline) {
    for (;;) {
      auto const now = std::chrono::steady_clock::now();
      auto const left = deadline > now ? std::min<std::chrono::steady_clock::duration>(deadline - now,
                                                                                       std::chrono::seconds{1})
                                       : std::chrono::steady_clock::duration{};
      ::pollfd out{1, POLLOUT, 0};
      int const ready =
          ::poll(&out, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
      if (ready > 0) return true;  // or an error that write tells
      if (ready < 0 && errno != EINTR) return true;
      if (now >= deadline) return false;
    }
  }
};

}  // namespace weir_tool
