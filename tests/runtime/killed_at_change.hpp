// A process that is killed at a place of its own choosing: where it is about to change a file.
#pragma once

#include "catch.hpp"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace weir_test {

// The calls that change what another process sees of a file.
inline bool changes(::pid_t child) {
  ::__ptrace_syscall_info call{};
  if (::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof call, &call) <= 0) FAIL("ptrace");
  if (call.op != PTRACE_SYSCALL_INFO_ENTRY) return false;
  switch (call.entry.nr) {
    case SYS_openat:
      return (call.entry.args[2] & O_CREAT) != 0;
    case SYS_write:
    case SYS_pwrite64:
    case SYS_writev:
    case SYS_pwritev:
    case SYS_ftruncate:
      return true;
    default:
      return false;
  }
}
// Runs f in a process that is killed where its first thread is about to change a file for the n-th time, from 0 on; whether
// it was.
template <class F>
bool killed_at_change(int n, F const& f) {
  ::pid_t const child = ::fork();
  if (child == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(3);
    ::raise(SIGSTOP);
    try {
      f();
    } catch (...) {
      ::_exit(2);
    }
    ::_exit(0);
  }
  int status = 0;
  for (bool begun = false;; begun = true) {
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) {
      if (WEXITSTATUS(status) == 3) WARN("this system does not let a process be traced: nothing is killed");
      if (WEXITSTATUS(status) == 3) return false;
      REQUIRE(WEXITSTATUS(status) == 0);
      return false;
    }
    REQUIRE(WIFSTOPPED(status));
    if (begun && changes(child) && n-- == 0) {
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      return true;
    }
    if (!begun) REQUIRE(::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD) == 0);
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
  }
}

}  // namespace weir_test
