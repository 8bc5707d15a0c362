// lock_file: one process at a time on a directory; and directories whose entries survive a power cut.
#pragma once

#include <weir/core/paths.hpp>
#include <weir/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace weir::detail {

[[noreturn]] WEIR_COLD inline void file_error(std::string const& path, char const* what, int number) {
  throw store_error("weir::lmdb_store: " + path + ": cannot " + what + ": " + std::strerror(number));
}

// Makes the directory's list of entries durable.
inline void sync_directory(std::string const& directory) {
  int const fd = ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) file_error(directory, "open the directory", errno);
  int const failed = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failed) file_error(directory, "sync the directory", failed);
}

// Makes the directory where it is missing, with those above it, each one durable. One that is there may have been made by
// a program that died before it came to that.
inline void make_directory(std::string const& directory) {
  std::vector<std::string> missing;
  std::string const whole = absolute_folder(directory);
  if (whole.empty()) file_error(directory, "make the directory", ENOENT);
  for (std::string at = whole; !is_there(at); at = parent_path(at)) missing.push_back(at);
  if (missing.empty() && ::access(parent_path(whole).c_str(), R_OK) == 0) sync_directory(parent_path(whole));
  for (; !missing.empty(); missing.pop_back()) {
    if (int const number = make_one_folder(missing.back()))
      file_error(missing.back(), "make the directory", number);
    sync_directory(parent_path(missing.back()));
  }
}

// Holds an exclusive lock on `path` for as long as it lives, with the pid of the holder as the file's content.
// The lock dies with the process, so a crash leaves nothing to clean up.
class lock_file {
 public:
  WEIR_COLD explicit lock_file(std::string const& path) {
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd_ < 0) file_error(path, "open the lock file", errno);
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      int const number = errno;
      std::string const holder = number == EWOULDBLOCK ? content() : "";
      ::close(fd_);
      if (number != EWOULDBLOCK) file_error(path, "lock the file", number);
      throw store_error("weir::lmdb_store: the state directory " + parent_path(path) +
                        " is in use by process " + (holder.empty() ? "(unknown)" : holder) + ", which holds " +
                        path + "; stop that process or give this one a directory of its own");
    }
    std::string const pid = std::to_string(::getpid()) + "\n";
    errno = ENOSPC;  // for a write that stops halfway
    if (::ftruncate(fd_, 0) != 0 ||
        ::pwrite(fd_, pid.data(), pid.size(), 0) != static_cast<::ssize_t>(pid.size())) {
      int const number = errno;
      ::close(fd_);
      file_error(path, "write the pid to the lock file", number);
    }
  }
  lock_file(lock_file const&) = delete;
  lock_file& operator=(lock_file const&) = delete;
  ~lock_file() { ::close(fd_); }

 private:
  std::string content() const {
    char text[32];
    ::ssize_t const n = ::pread(fd_, text, sizeof text, 0);
    std::string pid(text, n > 0 ? static_cast<std::size_t>(n) : 0);
    return pid.substr(0, pid.find('\n'));
  }

  int fd_;
};

}  // namespace weir::detail
