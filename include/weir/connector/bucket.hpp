// Buckets: which folder of a directory sink a record goes to.
#pragma once

#include <weir/error.hpp>
#include <weir/format/text.hpp>
#include <weir/format/text_buffer.hpp>
#include <weir/format/time_text.hpp>
#include <weir/state/hash.hpp>
#include <weir/time.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// The name of a folder for any text. Different texts have different names; none is a path, hidden, or one that the system
// keeps for itself: what is no part of a plain name, and a dot in front, is written as %2F.
inline std::string bucket_folder(std::string_view text) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string name;
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '/' || c == '\\' || c == '%' || byte < 0x20 || byte == 0x7f || (c == '.' && name.empty())) {
      name += '%';
      name += hex[byte >> 4];
      name += hex[byte & 15];
    } else {
      name += c;
    }
  }
  if (name.size() <= 200) return name.empty() ? "%" : name;
  return name.substr(0, 180) + "%" + std::to_string(xxh64(text));
}
// The same for each part between slashes.
inline std::string bucket_folders(std::string_view text) {
  std::string path;
  for (;;) {
    std::size_t const slash = text.find('/');
    path += bucket_folder(text.substr(0, slash));
    if (slash == text.npos) return path;
    path += '/';
    text.remove_prefix(slash + 1);
  }
}

// A time in UTC, written as a format says; what it gave last is kept, since most times lie within one second.
class bucket_time {
 public:
  // Throws weir::config_error where the format cannot be one.
  explicit bucket_time(std::string format) : format_(std::move(format)) {
    bool good = !format_.empty();
    for (std::size_t i = 0; good && i < format_.size(); ++i)
      if (format_[i] == '%')
        good = ++i < format_.size() && std::string_view("YmdHMS%").find(format_[i]) != std::string_view::npos;
    if (!good)
      throw config_error("weir::bucket_by_time: the format is \"" + format_ +
                         "\"; give a text with %Y %m %d %H %M %S, such as \"%Y-%m-%d--%H\"");
  }
  std::string_view text(timestamp t) {
    std::int64_t const second = floor_div(ticks(t), 1'000'000);
    if (second != second_ || text_.empty()) [[unlikely]]
      write(second);
    return text_;
  }

 private:
  WEIR_COLD void write(std::int64_t second) {
    second_ = second;
    text_.clear();
    std::int64_t const day = floor_div(second, 86'400);
    civil_date const date = civil_from_days(day);
    auto const of_day = static_cast<unsigned>(second - day * 86'400);
    for (std::size_t i = 0; i < format_.size(); ++i) {
      if (format_[i] != '%') {
        text_ += format_[i];
        continue;
      }
      switch (format_[++i]) {
        case 'Y':
          for (std::int64_t least = 1000; least > 1 && date.year >= 0 && date.year < least; least /= 10)
            text_ += '0';
          text_ += std::to_string(date.year);
          break;
        case 'm':
          two(date.month);
          break;
        case 'd':
          two(date.day);
          break;
        case 'H':
          two(of_day / 3600);
          break;
        case 'M':
          two(of_day / 60 % 60);
          break;
        case 'S':
          two(of_day % 60);
          break;
        default:
          text_ += '%';
      }
    }
  }
  void two(unsigned number) {
    text_ += static_cast<char>('0' + number / 10);
    text_ += static_cast<char>('0' + number % 10);
  }

  std::string format_;
  std::int64_t second_ = 0;
  std::string text_;
};

template <class Bucket>
class bucket_namer;

}  // namespace detail

// All files are in the directory itself.
struct one_bucket {
  template <class T>
  static constexpr bool accepts = true;
};

// A folder for each f(record), which is a text, a number, a time or an enumeration. Any text will do: what cannot be in
// the name of a folder is escaped (a/b becomes a%2Fb, nothing becomes %).
template <class F>
struct bucket_by {
  F f;
  constexpr explicit bucket_by(F fn) : f(std::move(fn)) {}
  template <class T>
  static constexpr bool accepts = requires(F const& fn, T const& record) {
    { std::invoke(fn, record) };
    requires text_value<std::remove_cvref_t<decltype(std::invoke(fn, record))>>;
  };
};

// A folder for each hour, or whatever the format says, of the time at which records are written, in UTC. The format has
// %Y %m %d %H %M %S; a slash in it makes folders in folders.
struct bucket_by_time {
  std::string format = "%Y-%m-%d--%H";
  template <class T>
  static constexpr bool accepts = true;
};
// The same of a time in the record, f(record): its event time, if that is where the stream has it from.
template <class F>
struct bucket_by_time_of {
  F f;
  std::string format;
  explicit bucket_by_time_of(F fn, std::string form = "%Y-%m-%d--%H")
      : f(std::move(fn)), format(std::move(form)) {}
  template <class T>
  static constexpr bool accepts = requires(F const& fn, T const& record) {
    { std::invoke(fn, record) } -> std::convertible_to<timestamp>;
  };
};

namespace detail {

// raw(value, now): the bucket as a text, cheap where it is the one before; folder(raw): its path in the directory.
template <>
class bucket_namer<one_bucket> {
 public:
  explicit bucket_namer(one_bucket) {}
  template <class T>
  std::string_view raw(T const&, timestamp) {
    return {};
  }
  static std::string folder(std::string_view) { return {}; }
};
template <class F>
class bucket_namer<bucket_by<F>> {
 public:
  explicit bucket_namer(bucket_by<F> const& by) : f_(by.f) {}
  template <class T>
  std::string_view raw(T const& value, timestamp) {
    text_.clear();
    write_text(text_, std::invoke(f_, value));
    return text_.view();
  }
  static std::string folder(std::string_view raw) { return bucket_folder(raw); }

 private:
  F f_;
  text_buffer text_;
};
template <>
class bucket_namer<bucket_by_time> {
 public:
  explicit bucket_namer(bucket_by_time const& by) : time_(by.format) {}
  template <class T>
  std::string_view raw(T const&, timestamp now) {
    return time_.text(now);
  }
  static std::string folder(std::string_view raw) { return bucket_folders(raw); }

 private:
  bucket_time time_;
};
template <class F>
class bucket_namer<bucket_by_time_of<F>> {
 public:
  explicit bucket_namer(bucket_by_time_of<F> const& by) : f_(by.f), time_(by.format) {}
  template <class T>
  std::string_view raw(T const& value, timestamp) {
    return time_.text(std::invoke(f_, value));
  }
  static std::string folder(std::string_view raw) { return bucket_folders(raw); }

 private:
  F f_;
  bucket_time time_;
};

}  // namespace detail
}  // namespace weir
