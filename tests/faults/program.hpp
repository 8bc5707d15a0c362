// Running the examples as programs, and killing them.
#pragma once

#include "catch.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

extern char** environ;

namespace weir_test {

enum class errors { with_the_output, read_here };

class program {
 public:
  explicit program(std::vector<std::string> const& arguments, std::filesystem::path const& output = "/dev/null",
                   errors where = errors::with_the_output) {
    std::vector<char*> argv;
    for (std::string const& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
    argv.push_back(nullptr);
    int ends[2] = {-1, -1};
    if (where == errors::read_here && ::pipe2(ends, O_CLOEXEC) != 0)
      throw std::runtime_error("cannot make a pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, where == errors::read_here ? ends[1] : 1, 2);
    int const failed = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (where == errors::read_here) ::close(ends[1]);
    errors_ = ends[0];
    if (failed != 0) {
      close_errors();
      throw std::runtime_error("cannot start " + arguments[0] + "; build the examples");
    }
  }
  program(program const&) = delete;
  program& operator=(program const&) = delete;
  ~program() {
    if (pid_ > 0) kill_and_wait();
    close_errors();
  }

  // The next line that it wrote to its errors, waiting for it; false: there is none any more, the program has ended.
  bool read_error_line(std::string& line) {
    for (;;) {
      if (auto const end = unread_.find('\n'); end != std::string::npos) {
        line = unread_.substr(0, end);
        unread_.erase(0, end + 1);
        return true;
      }
      char part[4096];
      ::ssize_t const n = ::read(errors_, part, sizeof part);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      unread_.append(part, static_cast<std::size_t>(n));
    }
  }

  // The exit status, or minus the number of the signal that ended it.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }
  int kill_and_wait() { return end(SIGKILL); }
  // Sends the signal, and gives what wait gives.
  int end(int signal) {
    ::kill(pid_, signal);
    return wait();
  }

 private:
  void close_errors() {
    if (errors_ >= 0) ::close(errors_);
  }

  pid_t pid_ = -1;
  int errors_ = -1;
  std::string unread_;
};

inline int run_program(std::vector<std::string> const& arguments,
                       std::filesystem::path const& output = "/dev/null") {
  return program(arguments, output).wait();
}

}  // namespace weir_test
