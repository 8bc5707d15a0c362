#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/state/bound_to.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/declaration.hpp>
#include <weir/state/evolution.hpp>
#include <weir/state/expiring_list.hpp>
#include <weir/state/ttl.hpp>

#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace weir {

// A list for each key, in the order of adding. See also: Flink, ListState
template <class T, fixed_string Name, detail::ttl_option Ttl = no_ttl>
class list_state {
 public:
  using stored = std::vector<T>;
  static constexpr auto name = Name;
  static constexpr state_kind kind = state_kind::list;
  static constexpr bool storable = has_codec<T>;

  template <class U>
  void add(U&& value) const {
    at_->push_back(std::forward<U>(value));
  }
  stored& get() const { return *at_; }
  void update(stored all) const { *at_ = std::move(all); }
  void clear() const { at_->clear(); }
  bool empty() const { return at_->empty(); }
  std::size_t size() const { return at_->size(); }
  auto begin() const { return at_->begin(); }
  auto end() const { return at_->end(); }

  void bind(stored& s) { at_ = &s; }
  static bool is_empty(stored const& s) { return s.empty(); }
  static std::string schema() { return codec<T>::schema(); }
  static detail::evolution_facts facts() { return detail::facts_of<stored>(); }
  template <class Out>
  static void save(stored const& s, std::size_t part, Out& out) {
    if (s.empty()) return out.erase(part);
    std::string& bytes = out.scratch();
    codec<stored>::encode(s, bytes);
    out.put(part, bytes);
  }
  template <class In>
  static bool load(stored& s, std::size_t part, In& in) {
    auto const bytes = in.get(part);
    if (bytes) decode(*bytes, s);
    return bytes.has_value();
  }

 private:
  detail::bound_to<stored, Name> at_;
};

// With a ttl each element lives for itself. begin() and get() read all of the list; empty() and size() read nothing. The
// elements cannot be changed in place.
template <class T, fixed_string Name, detail::ttl_policy Ttl>
class list_state<T, Name, Ttl> : public detail::expiring<Ttl> {
 public:
  using stored = detail::expiring_list<T>;
  using iterator = typename stored::iterator;
  static constexpr auto name = Name;
  static constexpr state_kind kind = state_kind::list;
  static constexpr bool storable = has_codec<T>;

  using detail::expiring<Ttl>::expiring;

  template <class U>
  void add(U&& value) const {
    at_->elements.emplace_back(T(std::forward<U>(value)), min_time);
    this->written(at_->elements.back().second);
  }
  std::vector<T> get() const { return std::vector<T>(begin(), end()); }
  void update(std::vector<T> all) const {
    clear();
    for (auto&& value : all) add(std::move(value));
  }
  void clear() const { at_->elements.clear(); }
  bool empty() const { return at_->begin(this->hidden_until()) == at_->end(); }
  std::size_t size() const {
    return static_cast<std::size_t>(std::distance(at_->begin(this->hidden_until()), at_->end()));
  }
  iterator begin() const {
    this->meet();
    for (auto& e : at_->elements) this->read(e.second);
    return at_->begin(this->hidden_until());
  }
  iterator end() const { return at_->end(); }

  void bind(stored& s, detail::moment m) {
    this->open_call(m);
    at_ = &s;
    s.drop_front(this->hidden_until());
  }
  void settle(stored& s) const {
    if (this->met()) s.drop_all(this->now());
  }
  static void purge(stored& s, timestamp now) { s.drop_front(now); }
  static timestamp due(stored const& s) { return s.elements.empty() ? max_time : s.elements.front().second; }
  static bool is_empty(stored const& s) { return s.elements.empty(); }
  static bool expired(stored const& s, timestamp now) { return s.count(now) == 0; }
  static std::string schema() { return detail::ttl_schema<Ttl>(codec<T>::schema()); }
  static detail::evolution_facts facts() { return detail::facts_of<std::vector<std::pair<timestamp, T>>>(); }
  template <class Out>
  static void save(stored const& s, std::size_t part, Out& out, timestamp now) {
    s.save(part, out, now);
  }
  template <class In>
  static bool load(stored& s, std::size_t part, In& in) {
    return s.load(part, in);
  }

 private:
  detail::bound_to<stored, Name> at_;
};

}  // namespace weir
