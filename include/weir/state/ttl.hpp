// ttl: how long what a state handle keeps for a key lives when nobody uses it.
#pragma once

#include <weir/error.hpp>
#include <weir/time.hpp>

#include <concepts>
#include <string>

namespace weir {

// What begins the life of a value, of an element of a list, of an entry of a map anew.
enum class ttl_update { on_create_and_write, on_read_and_write };

// Whether a call may still see what has expired: never, or until it is removed, which the first call that meets it causes
// when it is over.
enum class ttl_visibility { never_return_expired, return_expired_if_not_cleaned_up };

// Time to live in processing time: value_state<T, "name", ttl> s{ttl{.after = 10min}}. Expired is what was last used `after`
// or longer ago. The clock is read once a batch. What nobody meets again is removed in the background, a few keys with each
// record, and left out of checkpoints; without background_cleanup only who meets it removes it.
// See also: Flink, StateTtlConfig
struct ttl {
  duration after{};
  ttl_update update = ttl_update::on_create_and_write;
  ttl_visibility visibility = ttl_visibility::never_return_expired;
  bool background_cleanup = true;
};

// Time to live in event time. A record uses things at its timestamp, and at the watermark where that is later; a timer at
// its own time. Using something never makes its life shorter. Expired is what the watermark has come to the end of, a record
// being judged by the watermark that the records before it made, a timer by its time; it is removed then, so that no call
// sees it.
struct event_time_ttl {
  duration after{};
  ttl_update update = ttl_update::on_create_and_write;
};

// What a handle keeps lives until it is cleared.
struct no_ttl {};

namespace detail {

enum class time_domain { none, event, processing };

template <class Ttl>
inline constexpr time_domain domain_of = time_domain::none;
template <>
inline constexpr time_domain domain_of<ttl> = time_domain::processing;
template <>
inline constexpr time_domain domain_of<event_time_ttl> = time_domain::event;

template <class T>
concept ttl_policy = domain_of<T> != time_domain::none;
template <class T>
concept ttl_option = ttl_policy<T> || std::same_as<T, no_ttl>;

// A call, as one of the two clocks has it.
struct moment {
  timestamp now = min_time;     // what ends here or before has expired
  timestamp access = min_time;  // the time at which the call uses things
};

// What all handles with a ttl share.
template <ttl_policy Ttl>
class expiring {
 public:
  static constexpr time_domain domain = domain_of<Ttl>;

  template <class Given = Ttl>
  expiring() {
    constexpr bool the_handle_says_how_long = !ttl_policy<Given>;
    static_assert(
        the_handle_says_how_long,
        "weir::ttl: a state handle with a ttl does not say how long; give it one: s{ttl{.after = 10min}}");
  }
  // Error: config_error where nothing would live.
  explicit expiring(Ttl const& t) : ttl_(t) {
    if (t.after <= duration::zero())
      throw config_error("weir::ttl: `after` is " + std::to_string(ticks(t.after)) +
                         " us; give a positive duration");
  }
  Ttl const& options() const { return ttl_; }
  bool background_cleanup() const {
    if constexpr (domain == time_domain::processing) return ttl_.background_cleanup;
    return true;
  }

 protected:
  void open_call(moment m) { m_ = m, met_ = false; }
  // Has been looked at or changed in this call.
  void meet() const { met_ = true; }
  bool met() const { return met_; }
  timestamp now() const { return m_.now; }
  // What ends here or before is not shown.
  timestamp hidden_until() const {
    if constexpr (domain == time_domain::processing)
      if (ttl_.visibility == ttl_visibility::return_expired_if_not_cleaned_up) return min_time;
    return m_.now;
  }
  bool shows(timestamp end) const { return end > hidden_until(); }
  // max_time stands for no end.
  timestamp fresh_end() const {
    return earlier(saturating_add(later(m_.access, min_time + tick), ttl_.after), max_time - tick);
  }
  void written(timestamp& end) const { end = later(end, fresh_end()); }
  void read(timestamp& end) const {
    if (ttl_.update == ttl_update::on_read_and_write && end > m_.now) written(end);
  }

 private:
  Ttl ttl_;
  moment m_;
  mutable bool met_ = false;
};

template <ttl_policy Ttl>
std::string ttl_schema(std::string const& of) {
  return (domain_of<Ttl> == time_domain::event ? "event_time_ttl<" : "ttl<") + of + ">";
}

}  // namespace detail

}  // namespace weir
