// describe(pipeline): the topology as text, without running anything.
#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/core/schema.hpp>
#include <weir/time.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {
namespace detail {

// "tumbling_windows" of weir::tumbling_windows, "delay" of (anonymous namespace)::delay<int>; empty for a closure.
template <class T>
constexpr std::string_view plain_name() {
  std::string_view name = type_name<T>();
  name = name.substr(0, name.find('<'));
  if (std::size_t const at = name.rfind("::"); at != name.npos) name.remove_prefix(at + 2);
  bool const plain = std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  return plain ? name : std::string_view();
}

// In the largest unit that it is a whole number of.
inline std::string plain_duration(duration d) {
  constexpr std::pair<std::int64_t, char const*> units[] = {
      {3'600'000'000, "h"}, {60'000'000, "min"}, {1'000'000, "s"}, {1'000, "ms"}, {1, "us"}};
  if (d == duration::zero()) return "0s";
  auto const unit =
      std::find_if(std::begin(units), std::end(units), [d](auto const& u) { return ticks(d) % u.first == 0; });
  return std::to_string(ticks(d) / unit->first) + unit->second;
}

// The D of describe(d) in operators: a line for each, what is inside of it further in.
class topology_text {
 public:
  // The uid of the next node.
  void name(std::string_view uid) { uid_ = uid; }
  void policy(std::string_view given) { policy_ = given; }
  template <class... Details>
  void node(std::string_view kind, Details const&... details) {
    std::string inside;
    (add_detail(inside, details), ...);
    add_detail(inside, policy_);
    policy_ = {};
    line(kind, inside);
  }
  void open_scope(std::string_view scope) {
    node("scoped", scope);
    scopes_ += std::string(scope) + '/';
    indent_ += 2;
  }
  void close_scope() {
    scopes_.resize(scopes_.size() - 1);
    scopes_.resize(scopes_.rfind('/') + 1);  // npos + 1 is 0
    indent_ -= 2;
  }
  void fork(std::string_view kind) { node(kind); }
  template <class Arm>
  void arm(Arm const& a) {
    indent_ += 4;
    begins_arm_ = true;
    add(a);
    begins_arm_ = false;
    indent_ -= 4;
  }
  void join() {}
  template <class Chain>
  void side(std::string_view outlet, Chain const& chain) {
    node("side", outlet);
    indent_ += 2;
    add(chain);
    indent_ -= 2;
  }

  template <operation Op>
  void add(Op const& op) {
    op.describe(*this);
  }
  template <class Source, class Op>
  void add(pipeline<Source, Op> const& p) {
    p.source.describe(*this);
    p.operations.describe(*this);
  }

  // For details: a noun with the lengths of time that it has.
  template <class T>
  static std::string noun(T const& x) {
    std::string text(plain_name<T>());
    if (text.empty()) return text;
    if constexpr (requires {
                    { x.size } -> std::convertible_to<duration>;
                  })
      text += " " + plain_duration(x.size);
    if constexpr (requires {
                    { x.slide } -> std::convertible_to<duration>;
                  })
      text += " every " + plain_duration(x.slide);
    if constexpr (requires {
                    { x.gap } -> std::convertible_to<duration>;
                  })
      text += " " + plain_duration(x.gap);
    if constexpr (requires {
                    { x.bound } -> std::convertible_to<duration>;
                  })
      text += " " + plain_duration(x.bound);
    if constexpr (requires {
                    { x.offset } -> std::convertible_to<duration>;
                  })
      if (x.offset != duration::zero()) text += " from " + plain_duration(x.offset);
    if constexpr (requires {
                    { x.every } -> std::convertible_to<duration>;
                  })
      text += " " + plain_duration(x.every);
    if constexpr (requires { requires std::integral<std::remove_cvref_t<decltype(x.count)>>; })
      text += " " + std::to_string(x.count);
    if constexpr (requires { noun(x.trigger); }) text += " " + noun(x.trigger);
    if constexpr (requires { noun(x.strategy), plain_duration(x.timeout); })
      text += " " + noun(x.strategy) + ", idle after " + plain_duration(x.timeout);
    return text;
  }
  // An option that is given or not.
  static std::string option(std::string_view what, std::string_view value) {
    return value.empty() ? std::string() : std::string(what) + " " + std::string(value);
  }
  static std::string option(std::string_view what, duration value) {
    return value == duration::zero() ? std::string() : std::string(what) + " " + plain_duration(value);
  }

  std::string text;

 private:
  static void add_detail(std::string& to, std::string_view detail) {
    if (!detail.empty()) to.append(to.empty() ? "" : ", ").append(detail);
  }
  void line(std::string_view kind, std::string const& inside) {
    if (begins_arm_)
      text.append(indent_ - 2, ' ').append("- ");
    else
      text.append(indent_, ' ');
    begins_arm_ = false;
    text.append(kind);
    if (!inside.empty()) text.append("(").append(inside).append(")");
    if (!uid_.empty()) text.append(" \"").append(scopes_).append(uid_).append("\"");
    text += '\n';
    uid_.clear();
  }

  std::string uid_, scopes_;
  std::string_view policy_;  // of the next node, as its last detail
  std::size_t indent_ = 0;
  bool begins_arm_ = false;
};

}  // namespace detail

// The topology of a pipeline, or of a chain of operators, as text: a line for each operator, with what it was given where
// that has a name, and its uid in quotes; branches, side outputs and scopes are further in.
//
//   from(csv_file) "payments"
//   assign_timestamps(bounded_out_of_orderness 5s)
//   branch
//     - filter
//       into(json_lines_file) "large"
//     - key_by
//       window(tumbling_windows 10min)
//       aggregate(count, total) "spend"
//   into(json_lines_file) "sums"
//
// Example: examples/docs/describe.cpp
template <class Source, class Op>
std::string describe(pipeline<Source, Op> const& p) {
  detail::topology_text d;
  d.add(p);
  return std::move(d.text);
}
template <operation Op>
std::string describe(Op const& op) {
  detail::topology_text d;
  d.add(op);
  return std::move(d.text);
}
// After a mistake in the pipeline.
inline std::string describe(rejected const&) { return {}; }

}  // namespace weir
