// paths: the paths of files as text, and what the system says of them. (std::filesystem would be the same, and its header
// costs every file that includes weir a twentieth of the time to compile it.)
#pragma once

#include <weir/config.hpp>
#include <weir/error.hpp>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::detail {

// folder/name; a relative one alone where there is no folder.
WEIR_COLD inline std::string join_path(std::string folder, std::string_view name) {
  if (!folder.empty() && !folder.ends_with('/')) folder += '/';
  return folder.append(name);
}
// Of a/b a, of /a /, of a nothing.
WEIR_COLD inline std::string parent_path(std::string_view path) {
  std::size_t const slash = path.rfind('/');
  if (slash == path.npos) return {};
  std::size_t const last = path.find_last_not_of('/', slash);
  return last == path.npos ? "/" : std::string(path.substr(0, last + 1));
}
inline std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// From the root on, without "." and ".." and double slashes. None stays none. Links are not looked at.
// Error: weir::error where the working directory is gone.
WEIR_COLD inline std::string absolute_path(std::string_view path) {
  if (path.empty()) return {};
  std::string all;
  if (path[0] != '/') {
    char room[PATH_MAX];
    if (::getcwd(room, sizeof room) == nullptr)
      throw error("weir: " + std::string(path) + ": the working directory cannot be told (" +
                  std::strerror(errno) + "); give absolute paths");
    all.append(room) += '/';
  }
  all += path;
  std::string whole = "/";
  bool named = false;  // the last part was a name, behind which there is no slash
  for (std::string_view rest = all; !rest.empty();) {
    std::string_view const part = rest.substr(0, rest.find('/'));
    named = !part.empty() && part != "." && part != "..";
    if (named)
      whole.append(part) += '/';
    else if (part == ".." && whole.size() > 1)
      whole.resize(whole.rfind('/', whole.size() - 2) + 1);
    if (part.size() == rest.size()) break;
    rest.remove_prefix(part.size() + 1);
    named = named && !rest.empty();
  }
  if (named) whole.pop_back();
  return whole;
}
// The same of a folder, without a slash at its end.
WEIR_COLD inline std::string absolute_folder(std::string_view path) {
  std::string whole = absolute_path(path);
  if (whole.size() > 1 && whole.ends_with('/')) whole.pop_back();
  return whole;
}
// Without links as well, as far as there is anything; nothing where that cannot be told. For absolute_folder's.
WEIR_COLD inline std::string canonical_path(std::string const& whole) {
  char room[PATH_MAX];
  for (std::string at = whole;; at = parent_path(at)) {
    if (::realpath(at.c_str(), room) != nullptr)
      return at.size() == whole.size()
                 ? room
                 : join_path(room, std::string_view(whole).substr(at.size() + (at != "/")));
    if ((errno != ENOENT && errno != ENOTDIR) || at.size() <= 1) return {};
  }
}
// Whether `path` is this folder or lies in it. For canonical ones.
inline bool lies_in(std::string_view path, std::string_view folder) {
  if (folder == "/") return true;
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

// Of what a link leads to. What cannot be looked at is missing.
enum class file_kind : std::uint8_t { missing, regular, folder, other };
inline file_kind kind_of_file(std::string const& path) {
  struct ::stat s {};
  if (::stat(path.c_str(), &s) != 0) return file_kind::missing;
  return S_ISREG(s.st_mode) ? file_kind::regular : S_ISDIR(s.st_mode) ? file_kind::folder : file_kind::other;
}
inline bool is_there(std::string const& path) { return kind_of_file(path) != file_kind::missing; }
inline bool is_folder(std::string const& path) { return kind_of_file(path) == file_kind::folder; }
// Bytes; nothing where they cannot be told.
inline std::optional<std::uint64_t> size_of_file(std::string const& path) {
  struct ::stat s {};
  if (::stat(path.c_str(), &s) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(s.st_size);
}
// By two names.
inline bool same_file(std::string const& a, std::string const& b) {
  struct ::stat s {
  }, t{};
  return ::stat(a.c_str(), &s) == 0 && ::stat(b.c_str(), &t) == 0 && s.st_dev == t.st_dev &&
         s.st_ino == t.st_ino;
}

// These give 0 or the error number.
// A folder in one that is there; it may be there itself.
inline int make_one_folder(std::string const& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return 0;
  int const number = errno;
  return number == EEXIST && is_folder(path) ? 0 : number;
}
// A file, or an empty folder; it may be gone. Of a link the link itself.
inline int remove_file(std::string const& path) {
  return std::remove(path.c_str()) == 0 || errno == ENOENT ? 0 : errno;
}
// f(name, whether that is a folder, and no link to one) for each entry, in the order that the system gives them; it gives 0, or
// the number that ends this.
template <class F>
WEIR_COLD int list_folder(std::string const& path, F const& f) {
  struct closing {
    void operator()(::DIR* d) const { ::closedir(d); }
  };
  std::unique_ptr<::DIR, closing> const at(::opendir(path.c_str()));
  if (!at) return errno;
  for (;;) {
    errno = 0;
    ::dirent const* const e = ::readdir(at.get());
    if (e == nullptr) return errno;
    std::string const name = e->d_name;
    if (name == "." || name == "..") continue;
    bool folder = e->d_type == DT_DIR;
    if (e->d_type == DT_UNKNOWN) {
      struct ::stat s {};
      folder = ::lstat(join_path(path, name).c_str(), &s) == 0 && S_ISDIR(s.st_mode);
    }
    if (int const number = f(name, folder)) return number;
  }
}

}  // namespace weir::detail
