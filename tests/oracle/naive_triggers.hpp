// Windows with any assigner and any trigger, as naive.hpp has the others: a list of windows, looked through from end to end.
#pragma once

#include "naive_graph.hpp"

#include <algorithm>
#include <functional>
#include <list>
#include <set>
#include <utility>
#include <vector>

namespace naive {

enum class verdict { proceed, fire, purge, fire_and_purge };

// Trigger: on_element(context, record), on_timer(context, at), on_merge(context, absorbed state) and `state`.
template <class Trigger>
struct triggered : op<rec, row> {
  using bounds = std::pair<i64, i64>;  // start, end
  struct window {
    i64 key, start, end;
    std::vector<i64> elements;
    typename Trigger::state kept{};
    std::set<i64> timers;
  };
  struct context {
    window& w;
    i64 now, mark;
    i64 end() const { return w.end; }
    i64 time() const { return now; }
    i64 watermark() const { return mark; }
    auto& state() const { return w.kept; }
    void set_timer(i64 t) const { w.timers.insert(t); }
    void delete_timer(i64 t) const { w.timers.erase(t); }
  };

  std::function<std::vector<bounds>(rec const&)> assign;
  bool merging;
  i64 lateness;
  outlet<rec> late;
  std::list<window> live;

  triggered(std::function<std::vector<bounds>(rec const&)> a, bool m, i64 l)
      : assign(std::move(a)), merging(m), lateness(l) {}

  void on(rec const& r, i64 ts) override {
    bool assigned = false, taken = false;
    for (auto const& [start, end] : assign(r)) {
      assigned = true;
      window* const w = find(r.key, start, end, ts);
      if (w == nullptr) continue;
      taken = true;
      w->elements.push_back(r.value);
      context const c{*w, ts, watermark};
      act_on(*w, Trigger::on_element(c, r));
    }
    if (assigned && !taken) late.emit(r, ts);
  }

 protected:
  i64 cleanup(window const& w) const { return plus(w.end - 1, lateness); }
  window* find(i64 key, i64 start, i64 end, i64 ts) {
    std::list<window> met;
    for (auto w = live.begin(); w != live.end();) {
      auto const here = w++;
      if (here->key != key) continue;
      if (!merging) {
        if (here->start == start && here->end == end) return &*here;
      } else if (here->start <= end && here->end >= start) {  // rule 9: touching is enough
        if (here->start <= start && here->end >= end) return &*here;
        met.splice(met.end(), live, here);
      }
    }
    window made{key, start, end, {}, {}, {}};
    met.sort([](window const& a, window const& b) { return a.start < b.start; });
    for (window const& m : met) {
      made.start = std::min(made.start, m.start), made.end = std::max(made.end, m.end);
      made.elements.insert(made.elements.end(), m.elements.begin(), m.elements.end());
    }
    if (cleanup(made) <= watermark) return nullptr;  // rules 7 and 10
    for (window const& m : met) Trigger::on_merge(context{made, ts, watermark}, m.kept);
    return &live.emplace_back(std::move(made));
  }
  void act_on(window& w, verdict v) {
    if ((v == verdict::fire || v == verdict::fire_and_purge) && !w.elements.empty())
      out.emit({w.key, w.start, w.end, w.elements}, w.end - 1);
    if (v == verdict::purge || v == verdict::fire_and_purge) w.elements.clear();
  }
  // The first instant that is due, again and again; timers before the end of a window's life.
  void act(i64 now) override {
    for (;;) {
      auto const when = [](window const& w) { return w.timers.empty() ? max_time : *w.timers.begin(); };
      auto const timer = std::min_element(live.begin(), live.end(),
                                          [&](window const& a, window const& b) { return when(a) < when(b); });
      auto const gone = std::min_element(
          live.begin(), live.end(), [&](window const& a, window const& b) { return cleanup(a) < cleanup(b); });
      if (timer == live.end() || std::min(when(*timer), cleanup(*gone)) > now) return;
      if (cleanup(*gone) < when(*timer)) {
        live.erase(gone);
        continue;
      }
      i64 const at = when(*timer);
      if (at == max_time) return;
      timer->timers.erase(at);
      act_on(*timer, Trigger::on_timer(context{*timer, at, now}, at));
    }
  }
};

}  // namespace naive
