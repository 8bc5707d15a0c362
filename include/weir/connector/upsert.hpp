#pragma once

#include <weir/core/call.hpp>
#include <weir/core/change.hpp>
#include <weir/core/sink.hpp>

#include <functional>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

template <class T>
inline constexpr bool is_change = false;
template <class T>
inline constexpr bool is_change<change<T>> = true;
template <class T>
struct changed_value {
  using type = T;
};
template <class T>
struct changed_value<change<T>> {
  using type = T;
};

}  // namespace detail

// A sink that keeps the newest value of each key in a map: into(upsert{&map, f}) does map[f(value)] = value for each record,
// and for a change<T> what it says: insert and update_after put the value there, erase takes the key out, and update_before
// is left to the update_after behind it. `to` is any map with insert_or_assign and erase, and must outlive the run.
template <class Map, class F>
struct upsert {
  static constexpr delivery guarantee = delivery::at_once;
  using keeps = typename Map::value_type;
  template <class T>
  static constexpr bool accepts =
      requires(Map& m, F const& key, typename detail::changed_value<T>::type const& v) {
        m.insert_or_assign(std::invoke(key, v), v);
        m.erase(std::invoke(key, v));
      };

  Map* to;
  F f;
  constexpr upsert(Map* map, F key) : to(map), f(std::move(key)) {}

  template <class T>
  class writer {
   public:
    writer(upsert const& sink, sink_context const&) : to_(sink.to), f_(sink.f) {}
    struct kernel {
      writer* self;
      template <class V, class Time>
      void operator()(V const& v, Time) {
        self->take(v);
      }
    };
    kernel open() { return {this}; }
    void commit(kernel const&) {}
    void flush() {}
    void finish() {}

   private:
    template <class V>
    void take(V const& v) {
      if constexpr (!detail::is_change<V>)
        to_->insert_or_assign(std::invoke(f_, v), v);
      else if (v.kind == change_kind::erase)
        to_->erase(std::invoke(f_, v.value));
      else if (v.kind != change_kind::update_before)
        to_->insert_or_assign(std::invoke(f_, v.value), v.value);
    }

    Map* to_;
    F f_;
  };
};

}  // namespace weir
