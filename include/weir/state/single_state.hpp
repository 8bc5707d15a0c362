// single_state: one thing for each key, or none: what value_state, reducing_state and aggregating_state keep.
#pragma once

#include <weir/state/bound_to.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/declaration.hpp>
#include <weir/state/evolution.hpp>
#include <weir/state/ttl.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace weir::detail {

template <class T, fixed_string Name, ttl_option Ttl>
class single_state {
 public:
  using stored = std::optional<T>;
  static constexpr state_kind kind = state_kind::value;

  void bind(stored& s) { at_ = &s; }
  static bool is_empty(stored const& s) { return !s.has_value(); }
  static std::string schema() { return codec<T>::schema(); }
  static evolution_facts facts() { return facts_of<T>(); }
  template <class Out>
  static void save(stored const& s, std::size_t part, Out& out) {
    if (!s) return out.erase(part);
    std::string& bytes = out.scratch();
    codec<T>::encode(*s, bytes);
    out.put(part, bytes);
  }
  template <class In>
  static bool load(stored& s, std::size_t part, In& in) {
    auto const bytes = in.get(part);
    if (bytes) decode(*bytes, s.emplace());
    return bytes.has_value();
  }

 protected:
  // To be read, or nullptr.
  WEIR_INLINE T* look() const {
    stored& s = *at_;
    return s ? &*s : nullptr;
  }
  // To be written.
  WEIR_INLINE stored& change() const { return *at_; }
  void wipe() const { at_->reset(); }

 private:
  bound_to<stored, Name> at_;
};

template <class T>
struct expiring_value {
  std::optional<T> value;
  timestamp end = min_time;
};

// Bytes: the end of its life, then the value.
template <class T, fixed_string Name, ttl_policy Ttl>
class single_state<T, Name, Ttl> : public expiring<Ttl> {
 public:
  using stored = expiring_value<T>;
  static constexpr state_kind kind = state_kind::value;

  using expiring<Ttl>::expiring;
  void bind(stored& s, moment m) {
    this->open_call(m);
    at_ = &s;
    if (s.value && !this->shows(s.end)) s.value.reset();
  }
  // After the call.
  void settle(stored& s) const {
    if (this->met()) purge(s, this->now());
  }
  static void purge(stored& s, timestamp now) {
    if (s.end <= now) s.value.reset();
  }
  // When something of it expires; max_time: never.
  static timestamp due(stored const& s) { return s.value ? s.end : max_time; }
  static bool is_empty(stored const& s) { return !s.value; }
  static bool expired(stored const& s, timestamp now) { return !s.value || s.end <= now; }
  static std::string schema() { return ttl_schema<Ttl>(codec<T>::schema()); }
  static evolution_facts facts() { return facts_of<std::pair<timestamp, T>>(); }
  template <class Out>
  static void save(stored const& s, std::size_t part, Out& out, timestamp now) {
    if (expired(s, now)) return out.erase(part);
    std::string& bytes = out.scratch();
    codec<timestamp>::encode(s.end, bytes);
    codec<T>::encode(*s.value, bytes);
    out.put(part, bytes);
  }
  template <class In>
  static bool load(stored& s, std::size_t part, In& in) {
    auto const bytes = in.get(part);
    if (!bytes) return false;
    byte_reader from(*bytes, &codec<T>::schema);
    codec<timestamp>::decode(from, s.end);
    codec<T>::decode(from, s.value.emplace());
    from.finish();
    return true;
  }

 protected:
  T const* look() const {
    stored& s = *at_;
    if (!s.value) return nullptr;
    this->meet();
    this->read(s.end);
    return &*s.value;
  }
  std::optional<T>& change() const {
    stored& s = *at_;
    if (!s.value) s.end = min_time;
    this->written(s.end);
    return s.value;
  }
  void wipe() const { at_->value.reset(); }

 private:
  bound_to<stored, Name> at_;
};

}  // namespace weir::detail
