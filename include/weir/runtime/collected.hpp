// collected: what comes out of a chain that has no sink, kept in memory.
#pragma once

#include <weir/core/stage.hpp>
#include <weir/core/stream.hpp>
#include <weir/record.hpp>

#include <concepts>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {

// A record and its event time.
template <class T>
struct timed_value {
  T value;
  timestamp at;
  bool operator==(timed_value const&) const = default;
};

namespace detail {

// Without event time a record is only its value.
template <class Stream>
struct collected_records {
  using type = std::conditional_t<Stream::timed, timed_value<typename Stream::value>, typename Stream::value>;
  std::vector<type> records;

  template <class V, class Time>
  void push(V&& v, Time t) {
    if constexpr (Stream::timed)
      records.push_back({typename Stream::value(std::forward<V>(v)), t.at});
    else
      records.push_back(typename Stream::value(std::forward<V>(v)));
  }
  std::vector<type> take() { return std::exchange(records, {}); }
};

template <fixed_string Name, class Stream>
struct collected_side : collected_records<Stream> {};

template <class Outlets>
struct collected_sides;
template <class... Outlets>
struct collected_sides<outlets<Outlets...>> : collected_side<Outlets::name, typename Outlets::stream>... {};

// Out: the facts behind the chain, or finished.
template <class Out>
struct collected {
  collected_records<Out> main;
  collected_sides<typename Out::side_outputs> sides;
};
template <>
struct collected<finished> {};

// The stage behind the last one of the chain.
template <class Out>
struct collector_stage : end_stage {
  collected<Out>* to;
  explicit collector_stage(collected<Out>& c) : to(&c) {}

  struct kernel : end_stage::kernel {
    collected<Out>* to;
    explicit kernel(collected<Out>* c) : to(c) {}
    template <class V, class Time>
    void operator()(V&& v, Time t) {
      to->main.push(std::forward<V>(v), t);
    }
  };
  kernel open() { return kernel(to); }
  void commit(kernel const&) {}
  template <fixed_string Name>
  auto* outlet() {
    using side = typename find_outlet<Name, typename Out::side_outputs>::type;
    if constexpr (std::same_as<side, none>)
      return static_cast<none*>(nullptr);
    else
      return static_cast<collected_side<Name, side>*>(&to->sides);
  }
};

}  // namespace detail

}  // namespace weir
