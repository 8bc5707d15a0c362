// The graph of the naive oracle: nodes, watermarks, merging, sources. See naive.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace naive {

using i64 = std::int64_t;
inline constexpr i64 min_time = std::numeric_limits<i64>::min();
inline constexpr i64 max_time = std::numeric_limits<i64>::max();

// t + d, held at the ends of time.
inline i64 plus(i64 t, i64 d) {
  if (t == min_time || t == max_time) return t;
  if (d > 0 && t > max_time - d) return max_time;
  if (d < 0 && t < min_time - d) return min_time;
  return t + d;
}
inline i64 floor_mod(i64 a, i64 b) { return (a % b + b) % b; }

// The record of the random streams.
struct rec {
  i64 key, ts, value;
  auto operator<=>(rec const&) const = default;
};

// A window's result: every aggregate of the plain list of the window's values, in arrival order.
struct row {
  i64 key, start, end;
  std::vector<i64> elements;
  auto operator<=>(row const&) const = default;

  i64 count() const { return static_cast<i64>(elements.size()); }
  i64 sum() const {
    i64 total = 0;
    for (i64 e : elements) total += e;
    return total;
  }
  i64 min() const { return *std::min_element(elements.begin(), elements.end()); }
  i64 max() const { return *std::max_element(elements.begin(), elements.end()); }
  double avg() const { return static_cast<double>(sum()) / static_cast<double>(count()); }
  i64 count_distinct() const {
    return static_cast<i64>(std::set<i64>(elements.begin(), elements.end()).size());
  }
  std::vector<i64> const& collect() const { return elements; }
  std::vector<i64> sorted() const {  // for sessions, whose parts may be joined in any order
    std::vector<i64> copy = elements;
    std::sort(copy.begin(), copy.end());
    return copy;
  }
};

// A value with its timestamp, as an operator emitted it.
template <class T>
struct stamped {
  T value;
  i64 ts;
  auto operator<=>(stamped const&) const = default;
};

// ---- the graph -------------------------------------------------------------------------------------------

// Something that takes records of type T and watermarks.
template <class T>
struct node {
  i64 watermark = min_time;  // rule 1: before the first one
  node() = default;
  node(node const&) = delete;  // nodes point at each other
  node& operator=(node const&) = delete;
  virtual ~node() = default;
  virtual void on(T const& value, i64 ts) = 0;
  // Rule 4: everything that `now` causes is emitted first, then `now` is passed on. It never goes back.
  void advance(i64 now) {
    if (now <= watermark) return;
    act(now);
    watermark = now;
    pass_on(now);
  }

 protected:
  virtual void act(i64) {}
  virtual void pass_on(i64) {}
};

// Where an operator's records go: it remembers them, and hands them to every node behind it, in turn. Several
// nodes behind one outlet are a branch.
template <class T>
struct outlet {
  std::vector<stamped<T>> got;
  std::vector<node<T>*> next;

  template <class Node>
  Node& to(Node& behind) {
    next.push_back(&behind);
    return behind;
  }
  void emit(T const& value, i64 ts) {
    got.push_back({value, ts});
    for (node<T>* n : next) n->on(value, ts);
  }
  void advance(i64 now) {
    for (node<T>* n : next) n->advance(now);
  }
  std::vector<T> values() const {
    std::vector<T> all;
    for (auto const& s : got) all.push_back(s.value);
    return all;
  }
};

// An operator with one main output.
template <class In, class Out>
struct op : node<In> {
  outlet<Out> out;

 protected:
  void pass_on(i64 now) override { out.advance(now); }
};

// map, filter and flat_map: `f(value, emit)`. The timestamp stays (semantics.md 1.2).
template <class In, class Out = In>
struct stateless : op<In, Out> {
  using emitter = std::function<void(Out const&)>;
  std::function<void(In const&, emitter const&)> f;
  explicit stateless(std::function<void(In const&, emitter const&)> g) : f(std::move(g)) {}
  void on(In const& value, i64 ts) override {
    f(value, [&](Out const& o) { this->out.emit(o, ts); });
  }
};
template <class T>
struct filter : stateless<T> {
  explicit filter(std::function<bool(T const&)> keep)
      : stateless<T>([keep](T const& v, auto const& emit) {
          if (keep(v)) emit(v);
        }) {}
};
template <class In, class Out = In>
struct map : stateless<In, Out> {
  explicit map(std::function<Out(In const&)> g)
      : stateless<In, Out>([g](In const& v, auto const& emit) { emit(g(v)); }) {}
};
// Hands everything on: the head of a branch, or a place to look at.
template <class T>
struct pass : op<T, T> {
  void on(T const& value, i64 ts) override { this->out.emit(value, ts); }
};

// merge: records as they come; the watermark is the smallest one of the inputs. An input that has ended stands
// at max_time, so it counts no more; when all have ended the merged stream has.
template <class T>
struct valve {
  struct port : node<T> {
    valve* all = nullptr;
    void on(T const& value, i64 ts) override { all->out.emit(value, ts); }

   protected:
    void pass_on(i64) override { all->decide(); }
  };
  std::vector<port> in;
  outlet<T> out;
  i64 watermark = min_time;

  explicit valve(std::size_t inputs) : in(inputs) {
    for (port& p : in) p.all = this;
  }

 private:
  void decide() {
    i64 smallest = max_time;
    for (port const& p : in) smallest = std::min(smallest, p.watermark);
    if (smallest <= watermark) return;
    watermark = smallest;
    out.advance(smallest);
  }
};

// ---- time ------------------------------------------------------------------------------------------------

// Gives records their timestamps and makes the watermark, after the record: a record is judged by what those
// before it made. Watermarks from above are not heard, except the end (rule 18).
template <class T>
struct assigner : op<T, T> {
  std::function<i64(T const&)> time_of;
  std::function<std::optional<i64>(T const&, i64)> mark_of;  // the watermark that a record makes, if any
  i64 made = min_time;

  assigner(std::function<i64(T const&)> t, std::function<std::optional<i64>(T const&, i64)> m)
      : time_of(std::move(t)), mark_of(std::move(m)) {}
  void on(T const& value, i64) override {
    i64 const ts = time_of(value);
    this->out.emit(value, ts);
    if (std::optional<i64> const mark = mark_of(value, ts)) step(*mark);
  }

 protected:
  void pass_on(i64 now) override {
    if (now == max_time) step(now);
  }

 private:
  void step(i64 mark) {
    if (mark <= made) return;
    made = mark;
    this->out.advance(mark);
  }
};
// Rule 1: the largest timestamp - bound - 1 (the assigner keeps the largest of these).
template <class T>
struct bounded : assigner<T> {
  bounded(std::function<i64(T const&)> t, i64 bound)
      : assigner<T>(std::move(t), [bound](T const&, i64 ts) { return plus(plus(ts, -bound), -1); }) {}
};
template <class T>
struct monotonous : bounded<T> {
  explicit monotonous(std::function<i64(T const&)> t) : bounded<T>(std::move(t), 0) {}
};
template <class T>
struct punctuated : assigner<T> {
  using assigner<T>::assigner;
};

// ---- sources ---------------------------------------------------------------------------------------------

struct any_source {
  bool finished = false;
  virtual ~any_source() = default;
  virtual i64 watermark() const = 0;
  virtual void step() = 0;  // one record, or the end
};
// Records that enter at `head`; `clock` is the assigner that makes this source's watermark (often the head
// itself).
template <class T>
struct source : any_source {
  std::vector<T> records;
  node<T>& head;
  std::function<i64()> clock;
  std::size_t position = 0;

  template <class U>
  source(std::vector<T> r, node<T>& h, assigner<U> const& c)
      : records(std::move(r)), head(h), clock([&c] { return c.made; }) {}
  source(std::vector<T> r, assigner<T>& h) : source(std::move(r), h, h) {}
  i64 watermark() const override { return clock(); }
  void step() override {
    if (position < records.size()) {
      T const value = records[position++];
      head.on(value, min_time);
    } else {
      finished = true;
      head.advance(max_time);
    }
  }
};
// The next record comes from the source with the smallest watermark, ties by declaration order. That a source
// has ended is found out when its turn comes (nothing is read in between, so no record is judged otherwise).
inline void run(std::vector<any_source*> const& sources) {
  for (;;) {
    any_source* next = nullptr;
    for (any_source* s : sources)
      if (!s->finished && (!next || s->watermark() < next->watermark())) next = s;
    if (!next) return;
    next->step();
  }
}
template <class T>
void run(std::vector<T> const& records, assigner<T>& head) {
  source<T> only(records, head);
  run({&only});
}

}  // namespace naive
