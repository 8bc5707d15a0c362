// session_state: the sessions of one key, and how they are stored.
#pragma once

#include <weir/state/key_timer.hpp>
#include <weir/state/state_format.hpp>
#include <weir/time.hpp>

#include <array>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace weir::detail {

template <class Acc, bool Refires>
struct session_entry {
  static constexpr bool fired = false;
  timestamp start = max_time, end = min_time;
  Acc acc;
  explicit session_entry(Acc zero) : acc(std::move(zero)) {}
  session_entry(timestamp s, timestamp e, Acc a) : start(s), end(e), acc(std::move(a)) {}
  // When time has to look at it: when it fires.
  timestamp due(duration) const { return end - tick; }
};
// With allowed lateness a session that has fired stays until it can change no more.
template <class Acc>
struct session_entry<Acc, true> {
  timestamp start = max_time, end = min_time;
  bool fired = false;
  Acc acc;
  explicit session_entry(Acc zero) : acc(std::move(zero)) {}
  session_entry(timestamp s, timestamp e, Acc a) : start(s), end(e), acc(std::move(a)) {}
  timestamp due(duration lateness) const { return fired ? saturating_add(end - tick, lateness) : end - tick; }
};

template <class Acc, bool Refires, bool Durable>
struct session_state : key_timer<Durable> {
  using session = session_entry<Acc, Refires>;

  session live;                                // none while it starts at the end of time
  std::unique_ptr<std::vector<session>> more;  // out of order: further sessions of the key

  session_state() : live(Acc{}) {}
  explicit session_state(Acc zero) : live(std::move(zero)) {}
  session_state(session_state&&) = default;
  session_state& operator=(session_state&&) = default;
  session_state(session_state const& o)
      : key_timer<Durable>(o),
        live(o.live),
        more(o.more ? std::make_unique<std::vector<session>>(*o.more) : nullptr) {}
  session_state& operator=(session_state const& o) { return *this = session_state(o); }

  bool empty() const { return live.start == max_time; }
  // Only one session, that has not fired: what nearly every record meets. The empty one holds no instant.
  WEIR_INLINE bool is_plain() const { return !more && !live.fired; }

  template <class F>
  void for_each(F&& f) {
    if (empty()) return;
    f(live);
    if (more)
      for (session& s : *more) f(s);
  }
  void replace(session first, std::vector<session>&& rest) {
    live = std::move(first);
    more = rest.empty() ? nullptr : std::make_unique<std::vector<session>>(std::move(rest));
  }
  void replace(std::vector<session>&& all) {
    if (all.empty()) {
      more.reset();
      live.start = max_time, live.end = min_time;
      return;
    }
    session first = std::move(all.front());
    all.erase(all.begin());
    replace(std::move(first), std::move(all));
  }
  timestamp due(duration lateness) const {
    if (empty()) return max_time;
    timestamp first = live.due(lateness);
    if (more)
      for (session const& s : *more) first = earlier(first, s.due(lateness));
    return first;
  }
};

// One state: the key's sessions one after the other, each start, end, fired, accumulator.
template <class Acc, bool Refires, bool Durable>
struct session_format {
  using value = session_state<Acc, Refires, Durable>;
  using session = typename value::session;
  duration lateness;

  static constexpr std::size_t parts = 1;
  static constexpr bool timers = true;
  std::array<state_declaration, 1> declare() const {
    using element = std::tuple<timestamp, timestamp, bool, Acc>;
    return {{{"sessions", state_kind::sequence, codec<element>::schema(), &facts_of<element>}}};
  }
  template <class Out>
  void save(value const& v, bool alive, Out& out) const {
    v.save_timer(alive ? v.due(lateness) : max_time, out);
    if (!alive) return out.erase(0);
    std::string& bytes = out.scratch();
    encode_session(v.live, bytes);
    if (v.more)
      for (session const& s : *v.more) encode_session(s, bytes);
    out.put(0, bytes);
  }
  template <class In>
  bool load(value& v, In& in) const {
    auto const bytes = in.get(0);
    if (!bytes) return false;
    std::vector<session> all;
    byte_reader from(*bytes, &codec<Acc>::schema);
    while (from.remaining() > 0) all.push_back(decode_session(from, v.live));
    v.replace(std::move(all));
    v.loaded(v.due(lateness));
    return true;
  }
  void rebase(value& v) const { v.saved(v.due(lateness)); }
  void revive(value const& erased, value& fresh) const { fresh.revived(erased); }

 private:
  static void encode_session(session const& s, std::string& out) {
    codec<timestamp>::encode(s.start, out);
    codec<timestamp>::encode(s.end, out);
    codec<bool>::encode(s.fired, out);
    codec<Acc>::encode(s.acc, out);
  }
  static session decode_session(byte_reader& from, session like) {
    codec<timestamp>::decode(from, like.start);
    codec<timestamp>::decode(from, like.end);
    bool fired = false;
    codec<bool>::decode(from, fired);
    if constexpr (Refires) like.fired = fired;
    codec<Acc>::decode(from, like.acc);
    return like;
  }
};

}  // namespace weir::detail
