// Runs a command in a process of its own: a damaged page can crash LMDB.
#pragma once

#include <weir/state/read_environment.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>

namespace weir_tool {

enum exit_code { fine = 0, damaged = 1, cannot = 2 };

inline volatile std::sig_atomic_t child_to_end = 0;
inline void end_child(int) {
  if (child_to_end != 0) ::kill(static_cast<::pid_t>(child_to_end), SIGTERM);
}

// The exit status that f returns, or minus the number of the signal that ended it.
template <class F>
int in_child(F f) {
  std::fflush(nullptr);
  ::pid_t const child = ::fork();
  if (child == 0) {
    for (int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
    ::rlimit const none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    int code = cannot;
    try {
      code = f();
    } catch (weir::detail::damaged_store const& e) {
      std::fprintf(stderr, "%s\n", e.what());
      code = damaged;
    } catch (std::exception const& e) {
      std::fprintf(stderr, "%s\n", e.what());
    }
    std::fflush(nullptr);
    ::_exit(code);
  }
  if (child < 0) {
    std::fprintf(stderr, "weir: cannot start a process: %s\n", std::strerror(errno));
    return cannot;
  }
  // A terminal sends SIGINT to both; this one stays to tidy up.
  child_to_end = child;
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, end_child);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  child_to_end = 0;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

// f reads `path`. Whoever dies while reading stays in LMDB's table of readers and keeps pages from the job: it is taken out.
template <class F>
int guarded(std::filesystem::path const& path, F f) {
  int const code = in_child(f);
  if (code >= 0) return code;
  if (std::filesystem::is_directory(path))
    in_child([&] {
      std::FILE* const quiet = std::freopen("/dev/null", "w", stderr);
      weir::detail::read_environment const tidy(path);
      return quiet != nullptr ? fine : cannot;
    });
  int const signal = -code;
  if (signal == SIGINT || signal == SIGTERM || signal == SIGKILL) return 128 + signal;
  std::fprintf(stderr, "weir: %s: damaged: LMDB has crashed on a page of data.mdb (signal %d, %s)\n",
               path.c_str(), signal, ::strsignal(signal));
  return damaged;
}

}  // namespace weir_tool
