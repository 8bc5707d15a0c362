// A library to be preloaded: it counts the calls by which a program changes files below one folder, and lets the N-th of
// them kill, fail or stop the program; or it writes down what the calls did. The environment says what:
//   WEIR_FAULT_ROOT    the folder (absolute); without it nothing is counted
//   WEIR_FAULT_KINDS   letters: w write, s sync, t truncate, n names (create, mkdir, rename, link, unlink), r read;
//                      "wstn" without it
//   WEIR_FAULT_PATH    count only calls whose path holds this text
//   WEIR_FAULT_AT      the number of the first call with a fault, from 1 on
//   WEIR_FAULT_TIMES   how many calls have it (1); 0: all from there on
//   WEIR_FAULT         kill: SIGKILL before the call       torn: SIGKILL after half of a write, else before the call
//                      stop: SIGSTOP before the call       delay: the call comes 20 ms later
//                      short: half of a write              eio, enospc: the call fails and does nothing
//                      late: the call does its work and fails all the same, with EIO
//   WEIR_FAULT_FIRED   a file that is made when the first fault comes; it says which call it was
//   WEIR_FAULT_LOG     a file for the record of all calls (log.hpp)
//   WEIR_FAULT_SYNC    "no": syncs do nothing, which is as good for a program that is killed, and faster
// No allocation, no call that is intercepted itself: everything goes to the kernel directly.
#include "faults/log.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

using fault_log::entry;

enum class fault { none, kill, torn, stop, delay, shortened, eio, enospc, late };

struct settings {
  char root[PATH_MAX] = "";
  std::size_t root_size = 0;
  char const* kinds = "wstn";
  char const* path = nullptr;
  char const* fired = nullptr;
  fault what = fault::none;
  long at = 0, times = 1;
  bool syncs = true;
  int log = -1;

  settings() {
    char const* const folder = ::getenv("WEIR_FAULT_ROOT");
    if (!folder) return;
    std::snprintf(root, sizeof root, "%s/", folder);
    root_size = std::strlen(root);
    if (char const* text = ::getenv("WEIR_FAULT_KINDS")) kinds = text;
    path = ::getenv("WEIR_FAULT_PATH");
    fired = ::getenv("WEIR_FAULT_FIRED");
    if (char const* text = ::getenv("WEIR_FAULT_AT")) at = std::atol(text);
    if (char const* text = ::getenv("WEIR_FAULT_TIMES")) times = std::atol(text);
    if (char const* text = ::getenv("WEIR_FAULT_SYNC")) syncs = std::strcmp(text, "no") != 0;
    if (char const* text = ::getenv("WEIR_FAULT")) {
      char const* const names[] = {"none", "kill", "torn", "stop", "delay", "short", "eio", "enospc", "late"};
      for (int i = 0; i < 9; ++i)
        if (std::strcmp(text, names[i]) == 0) what = static_cast<fault>(i);
    }
    if (char const* text = ::getenv("WEIR_FAULT_LOG"))
      log = static_cast<int>(
          ::syscall(SYS_openat, AT_FDCWD, text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  }
};

settings const& set() {
  static settings const all;
  return all;
}

// Calls and their records come in one order.
pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
long counted = 0;
// Whether each write to the descriptor is a sync. Where syncs do nothing the kernel is not told of O_DSYNC.
bool syncs_itself[4096] = {};

struct guard {
  guard() { ::pthread_mutex_lock(&one_at_a_time); }
  ~guard() { ::pthread_mutex_unlock(&one_at_a_time); }
};

// A path below the root, or not. `text` is relative to the root.
struct place {
  char whole[PATH_MAX] = "";
  char const* text = nullptr;

  explicit place(int fd) {
    char link[64];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ::ssize_t const n = ::syscall(SYS_readlinkat, AT_FDCWD, link, whole, sizeof whole - 1);
    finish(n);
  }
  explicit place(char const* path) {
    if (path[0] == '/') {
      std::snprintf(whole, sizeof whole, "%s", path);
    } else if (::syscall(SYS_getcwd, whole, sizeof whole) > 0) {
      std::size_t const n = std::strlen(whole);
      std::snprintf(whole + n, sizeof whole - n, "/%s", path);
    }
    finish(static_cast<::ssize_t>(std::strlen(whole)));
  }
  explicit operator bool() const { return text != nullptr; }

 private:
  void finish(::ssize_t n) {
    settings const& s = set();
    if (n <= 0 || s.root_size == 0) return;
    whole[n] = '\0';
    if (std::strncmp(whole, s.root, s.root_size) == 0)
      text = whole + s.root_size;
    else if (std::strlen(whole) + 1 == s.root_size && std::strncmp(whole, s.root, s.root_size - 1) == 0)
      text = ".";
  }
};

// Counts the call and says which fault it has; does not come back from one that kills.
fault fault_of(char kind, char const* call, place const& at) {
  settings const& s = set();
  if (s.what == fault::none || !std::strchr(s.kinds, kind)) return fault::none;
  if (s.path && !std::strstr(at.text, s.path)) return fault::none;
  ++counted;
  if (counted < s.at || (s.times > 0 && counted >= s.at + s.times)) return fault::none;
  if (counted == s.at && s.fired) {
    int const fd = static_cast<int>(
        ::syscall(SYS_openat, AT_FDCWD, s.fired, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    char text[PATH_MAX + 64];
    int const n = std::snprintf(text, sizeof text, "%s %s", call, at.text);
    ::syscall(SYS_write, fd, text, n);
    ::syscall(SYS_close, fd);
  }
  if (s.what == fault::kill || (s.what == fault::torn && kind != 'w')) ::syscall(SYS_kill, ::getpid(), SIGKILL);
  if (s.what == fault::stop) ::syscall(SYS_kill, ::getpid(), SIGSTOP);
  if (s.what == fault::delay) {
    ::timespec const wait{0, 20'000'000};
    ::nanosleep(&wait, nullptr);
  }
  return s.what;
}
// Sets errno where the call is to fail.
bool fails(fault f) {
  if (f != fault::eio && f != fault::enospc) return false;
  errno = f == fault::eio ? EIO : ENOSPC;
  return true;
}

// What the call gives, which was done.
template <class T>
T result(fault f, T done) {
  if (f != fault::late) return done;
  errno = EIO;
  return -1;
}

void record(char kind, place const& at, std::uint64_t offset, std::uint64_t length, bool durable,
            void const* data) {
  if (set().log < 0) return;
  int const kept = errno;
  entry e{};
  e.kind = kind;
  e.durable = durable;
  e.path_size = static_cast<std::uint32_t>(std::strlen(at.text));
  e.offset = offset;
  e.length = length;
  ::iovec parts[3] = {{&e, sizeof e}, {const_cast<char*>(at.text), e.path_size}, {const_cast<void*>(data), 0}};
  if (data) parts[2].iov_len = length;
  ::syscall(SYS_writev, set().log, parts, 3);
  errno = kept;
}

::ssize_t write_at(char const* call, int fd, void const* data, std::size_t n, ::off_t offset, bool moves) {
  guard const one;
  place const at(fd);
  auto const put = [&](std::size_t size) {
    return moves ? ::syscall(SYS_write, fd, data, size) : ::syscall(SYS_pwrite64, fd, data, size, offset);
  };
  if (!at) return put(n);
  fault const f = fault_of('w', call, at);
  if (fails(f)) return -1;
  if ((f == fault::torn || f == fault::shortened) && n > 1) n /= 2;
  if (moves) offset = ::syscall(SYS_lseek, fd, 0, ::fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
  ::ssize_t const done = put(n);
  if (done > 0)
    record('w', at, static_cast<std::uint64_t>(offset), static_cast<std::uint64_t>(done),
           fd < 4096 && syncs_itself[fd], data);
  if (f == fault::torn) ::syscall(SYS_kill, ::getpid(), SIGKILL);
  return result(f, done);
}
// Gathered writes go out as one, so that half of them can be half of their bytes. LMDB's are at most 64 pages.
::ssize_t write_gathered(char const* call, int fd, ::iovec const* parts, int count, ::off_t offset,
                         bool moves) {
  std::size_t n = 0;
  for (int i = 0; i < count; ++i) n += parts[i].iov_len;
  char* const all = static_cast<char*>(std::malloc(n + 1));
  std::size_t filled = 0;
  for (int i = 0; i < count; ++i) {
    std::memcpy(all + filled, parts[i].iov_base, parts[i].iov_len);
    filled += parts[i].iov_len;
  }
  ::ssize_t const done = write_at(call, fd, all, n, offset, moves);
  int const kept = errno;
  std::free(all);
  errno = kept;
  return done;
}

int sync(char const* call, long number, int fd) {
  guard const one;
  place const at(fd);
  if (!at) return static_cast<int>(::syscall(number, fd));
  fault const f = fault_of('s', call, at);
  if (fails(f)) {
    record('S', at, 0, 0, false, nullptr);
    return -1;
  }
  int const rc = set().syncs ? static_cast<int>(::syscall(number, fd)) : 0;
  if (rc == 0) record('s', at, 0, 0, true, nullptr);
  return result(f, rc);
}

int open_at(char const* call, int folder, char const* path, int flags, unsigned mode) {
  guard const one;
  place at(path);
  if (folder != AT_FDCWD && path[0] != '/') at.text = nullptr;
  bool const ours = static_cast<bool>(at);
  struct ::stat before {};
  bool const changes = ours && (flags & (O_CREAT | O_TRUNC));
  bool const there = changes && ::syscall(SYS_newfstatat, AT_FDCWD, path, &before, 0) == 0;
  bool const makes = changes && !there && (flags & O_CREAT);
  bool const empties = changes && there && (flags & O_TRUNC) && !(flags & O_EXCL);
  fault const f = makes || empties ? fault_of(makes ? 'n' : 't', call, at) : fault::none;
  if (fails(f)) return -1;
  bool const own_sync = (flags & (O_DSYNC | O_SYNC)) != 0;
  if (ours && !set().syncs) flags &= ~(O_DSYNC | O_SYNC);
  int const fd = static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
  if (fd >= 0 && fd < 4096) syncs_itself[fd] = ours && own_sync;
  if (fd >= 0 && makes) record('c', at, 0, 0, false, nullptr);
  if (fd >= 0 && empties) record('t', at, 0, 0, false, nullptr);
  if (f == fault::late && fd >= 0) ::syscall(SYS_close, fd);
  return result(f, fd);
}

// One call that changes names.
template <class Call>
int name(char const* call, char const* path, char kind, char const* other, Call f) {
  guard const one;
  place const at(path);
  fault const wrong = at ? fault_of('n', call, at) : fault::none;
  if (fails(wrong)) return -1;
  int const rc = static_cast<int>(f());
  if (at && rc == 0) {
    if (other) {
      place const to(other);
      if (to) record(kind, at, 0, std::strlen(to.text), false, to.text);
    } else {
      record(kind, at, 0, 0, false, nullptr);
    }
  }
  return result(wrong, rc);
}

unsigned mode_of(int flags, std::va_list arguments) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, unsigned) : 0;
}

}  // namespace

extern "C" {

::ssize_t write(int fd, void const* data, std::size_t n) { return write_at("write", fd, data, n, 0, true); }
::ssize_t pwrite(int fd, void const* data, std::size_t n, ::off_t offset) {
  return write_at("pwrite", fd, data, n, offset, false);
}
::ssize_t pwrite64(int fd, void const* data, std::size_t n, ::off_t offset) {
  return write_at("pwrite", fd, data, n, offset, false);
}
::ssize_t writev(int fd, ::iovec const* parts, int count) {
  return write_gathered("writev", fd, parts, count, 0, true);
}
::ssize_t pwritev(int fd, ::iovec const* parts, int count, ::off_t offset) {
  return write_gathered("pwritev", fd, parts, count, offset, false);
}
::ssize_t pwritev64(int fd, ::iovec const* parts, int count, ::off_t offset) {
  return write_gathered("pwritev", fd, parts, count, offset, false);
}
::ssize_t read(int fd, void* to, std::size_t n) {
  if (place const at(fd); at) {
    guard const one;
    if (fails(fault_of('r', "read", at))) return -1;
  }
  return ::syscall(SYS_read, fd, to, n);
}
::ssize_t pread(int fd, void* to, std::size_t n, ::off_t offset) {
  if (place const at(fd); at) {
    guard const one;
    if (fails(fault_of('r', "pread", at))) return -1;
  }
  return ::syscall(SYS_pread64, fd, to, n, offset);
}
::ssize_t pread64(int fd, void* to, std::size_t n, ::off_t offset) { return ::pread(fd, to, n, offset); }

int fsync(int fd) { return sync("fsync", SYS_fsync, fd); }
int fdatasync(int fd) { return sync("fdatasync", SYS_fdatasync, fd); }
int msync(void* begin, std::size_t n, int flags) {
  return static_cast<int>(::syscall(SYS_msync, begin, n, flags));
}
int ftruncate(int fd, ::off_t size) {
  guard const one;
  place const at(fd);
  fault const f = at ? fault_of('t', "ftruncate", at) : fault::none;
  if (fails(f)) return -1;
  int const rc = static_cast<int>(::syscall(SYS_ftruncate, fd, size));
  if (at && rc == 0) record('t', at, 0, static_cast<std::uint64_t>(size), false, nullptr);
  return result(f, rc);
}
int ftruncate64(int fd, ::off_t size) { return ::ftruncate(fd, size); }

int open(char const* path, int flags, ...) {
  std::va_list arguments;
  va_start(arguments, flags);
  unsigned const mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at("open", AT_FDCWD, path, flags, mode);
}
int open64(char const* path, int flags, ...) {
  std::va_list arguments;
  va_start(arguments, flags);
  unsigned const mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at("open", AT_FDCWD, path, flags, mode);
}
int openat(int folder, char const* path, int flags, ...) {
  std::va_list arguments;
  va_start(arguments, flags);
  unsigned const mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at("openat", folder, path, flags, mode);
}
int mkdir(char const* path, ::mode_t mode) {
  return name("mkdir", path, 'm', nullptr, [&] { return ::syscall(SYS_mkdir, path, mode); });
}
int unlink(char const* path) {
  return name("unlink", path, 'u', nullptr, [&] { return ::syscall(SYS_unlink, path); });
}
int remove(char const* path) {
  return name("remove", path, 'u', nullptr, [&] {
    long const rc = ::syscall(SYS_unlink, path);
    return rc != 0 && errno == EISDIR ? ::syscall(SYS_rmdir, path) : rc;
  });
}
int rename(char const* from, char const* to) {
  return name("rename", from, 'n', to, [&] { return ::syscall(SYS_rename, from, to); });
}
int link(char const* from, char const* to) {
  return name("link", from, 'l', to, [&] { return ::syscall(SYS_link, from, to); });
}

}  // extern "C"
