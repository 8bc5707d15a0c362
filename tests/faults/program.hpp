// Running the examples as programs, and killing them.
#pragma once

#include "catch.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

extern char** environ;

namespace weir_test {

class program {
 public:
  explicit program(std::vector<std::string> const& arguments,
                   std::filesystem::path const& output = "/dev/null") {
    std::vector<char*> argv;
    for (std::string const& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int const failed = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("cannot start " + arguments[0] + "; build the examples");
  }
  program(program const&) = delete;
  program& operator=(program const&) = delete;
  ~program() {
    if (pid_ > 0) kill_and_wait();
  }

  // The exit status, or minus the number of the signal that ended it.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }
  int kill_and_wait() {
    ::kill(pid_, SIGKILL);
    return wait();
  }

 private:
  pid_t pid_ = -1;
};

inline int run_program(std::vector<std::string> const& arguments,
                       std::filesystem::path const& output = "/dev/null") {
  return program(arguments, output).wait();
}

}  // namespace weir_test
