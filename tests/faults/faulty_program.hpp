// A program with the shim before it (shim.cpp).
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
#include <string_view>
#include <utility>
#include <vector>

extern char** environ;

namespace weir_test {

using environment_list = std::vector<std::pair<std::string, std::string>>;

class faulty_program {
 public:
  // `faults` are the shim's variables; without any there is no shim.
  faulty_program(std::vector<std::string> const& arguments, environment_list const& faults,
                 std::filesystem::path const& output) {
    std::vector<char*> argv, envp;
    for (std::string const& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
    argv.push_back(nullptr);
    std::vector<std::string> more;
    if (!faults.empty()) more.push_back("LD_PRELOAD=" WEIR_FAULTS_DIR "/shim.so");
    for (auto const& [name, value] : faults) more.push_back(name + "=" + value);
    for (char** e = environ; *e; ++e)
      if (!std::string_view(*e).starts_with("LD_PRELOAD=")) envp.push_back(*e);
    for (std::string& m : more) envp.push_back(m.data());
    envp.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int const failed = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), envp.data());
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("cannot start " + arguments[0]);
  }
  faulty_program(faulty_program const&) = delete;
  faulty_program& operator=(faulty_program const&) = delete;
  ~faulty_program() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }

  ::pid_t pid() const { return pid_; }
  // The exit status, or minus the number of the signal that ended it.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    return ended(status);
  }
  // Until it has stopped itself; false: it has ended instead, and `status` says how.
  bool wait_stopped(int& status) {
    int raw = 0;
    while (::waitpid(pid_, &raw, WUNTRACED) < 0 && errno == EINTR) {
    }
    if (WIFSTOPPED(raw)) return true;
    status = ended(raw);
    return false;
  }
  void go_on() { ::kill(pid_, SIGCONT); }

 private:
  int ended(int status) {
    pid_ = -1;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }

  ::pid_t pid_ = -1;
};

}  // namespace weir_test
