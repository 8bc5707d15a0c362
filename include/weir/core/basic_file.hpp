// basic_file: a file of the operating system; whatever fails is an Error in words.
#pragma once

#include <weir/config.hpp>
#include <weir/core/paths.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace weir::detail {

// What to do about a failed call.
inline std::string_view file_advice(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return "make room on that disk and run again";
    case EACCES:
    case EPERM:
    case EROFS:
      return "give this user the right to it, or name another file";
    case ENOENT:
    case ENOTDIR:
      return "check the path: its folder must exist, and so must a file that is read";
    case EMFILE:
    case ENFILE:
      return "raise the limit of open files, or use fewer files at once";
    default:
      return "look after the disk and run again";
  }
}

// A sync that failed: the bytes may be gone, though another sync of the same file would say that all is well. So nothing tries
// again what has thrown this.
template <class Error>
class failed_sync : public Error {
 public:
  using Error::Error;
};

// `who` begins every error text: weir::csv_file: sink "alerts". Error: connector_error, store_error, ...
template <class Error>
class basic_file {
 public:
  basic_file() = default;
  basic_file(std::string who, std::string path) : who_(std::move(who)), path_(std::move(path)) {}
  basic_file(basic_file&& other) noexcept
      : who_(std::move(other.who_)), path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  basic_file& operator=(basic_file&& other) noexcept {
    basic_file taken(std::move(other));
    who_.swap(taken.who_);
    path_.swap(taken.path_);
    std::swap(fd_, taken.fd_);
    return *this;
  }
  ~basic_file() { close(); }

  std::string const& who() const { return who_; }
  std::string const& path() const { return path_; }
  int descriptor() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

  // 0, or the error number.
  WEIR_COLD int try_open(int flags) {
    close();
    do fd_ = ::open(path_.c_str(), flags | O_CLOEXEC, 0666);
    while (fd_ < 0 && errno == EINTR);
    return fd_ < 0 ? errno : 0;
  }
  void open(int flags, char const* what) {
    if (int const number = try_open(flags)) fail(what, number);
  }
  // Takes over an open descriptor.
  void adopt(int fd) {
    close();
    fd_ = fd;
  }
  void close() {
    if (fd_ > 2) ::close(fd_);  // standard input and output are not ours
    fd_ = -1;
  }

  struct ::stat status() const {
    struct ::stat s {};
    if (::fstat(fd_, &s) != 0) fail("ask for the size", errno);
    return s;
  }
  std::uint64_t size() const { return static_cast<std::uint64_t>(status().st_size); }
  bool is_regular() const { return S_ISREG(status().st_mode); }

  // At most n bytes from where the last read ended; 0 at the end.
  std::size_t read(char* to, std::size_t n) {
    for (;;) {
      ::ssize_t const got = ::read(fd_, to, n);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) fail("read", errno);
    }
  }
  // n bytes from that offset, fewer where the file ends.
  std::size_t read_at(char* to, std::size_t n, std::uint64_t offset) const {
    std::size_t done = 0;
    while (done != n) {
      ::ssize_t const got = ::pread(fd_, to + done, n - done, static_cast<::off_t>(offset + done));
      if (got == 0) break;
      if (got > 0)
        done += static_cast<std::size_t>(got);
      else if (errno != EINTR)
        fail("read", errno);
    }
    return done;
  }
  void seek(std::uint64_t offset) {
    if (::lseek(fd_, static_cast<::off_t>(offset), SEEK_SET) < 0) fail("go to the saved position", errno);
  }
  // All of the bytes, behind what was written last.
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      ::ssize_t const put = ::write(fd_, bytes.data(), bytes.size());
      if (put > 0)
        bytes.remove_prefix(static_cast<std::size_t>(put));
      else if (put == 0 || errno != EINTR)
        fail("write", put == 0 ? EIO : errno);
    }
  }
  void write_at(std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
      ::ssize_t const put = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<::off_t>(offset));
      if (put > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(put));
        offset += static_cast<std::uint64_t>(put);
      } else if (put == 0 || errno != EINTR) {
        fail("write", put == 0 ? EIO : errno);
      }
    }
  }
  void truncate(std::uint64_t size) {
    while (::ftruncate(fd_, static_cast<::off_t>(size)) != 0)
      if (errno != EINTR) fail("cut", errno);
  }
  // Makes the content durable. A failed sync is never tried again on the same file: the bytes may be gone.
  void sync() {
    if (::fsync(fd_) != 0) throw failed_sync<Error>(failure("make durable", errno));
  }
  // Makes it durable that the file is there.
  WEIR_COLD void sync_folder() const {
    basic_file folder(who_, path_.find('/') != path_.npos ? parent_path(path_) : ".");
    folder.open(O_RDONLY | O_DIRECTORY, "open the folder");
    folder.sync();
  }

  [[noreturn]] WEIR_COLD void fail(char const* what, int number) const { throw Error(failure(what, number)); }
  // ": <text>" behind who and path.
  [[noreturn]] WEIR_COLD void refuse(std::string const& text) const {
    throw Error(who_ + ": " + path_ + ": " + text);
  }

 private:
  WEIR_COLD std::string failure(char const* what, int number) const {
    return who_ + ": " + path_ + ": cannot " + what + ": " + std::strerror(number) + "; " +
           std::string(file_advice(number));
  }

  std::string who_;
  std::string path_;
  int fd_ = -1;
};

}  // namespace weir::detail
