// More of event time as one writes it by hand for one job: sliding maxima on two stacks, a join of two sorted lists for each
// key, a value for each key. As in windows_by_hand.hpp the watermark is tested before every record.
#pragma once

#include "windows_by_hand.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace by_hand {

// ---- sliding maxima: each slice with a table; of the older ones what they come to up to the newest of them, of the newer ones
// what they come to together

struct sliding_maxima {
  using slice_table = table<int64_t>;
  int64_t size, slide;
  int64_t base;  // the first window that has not fired starts at base * slide
  uint64_t checksum = 0;
  std::vector<slice_table> ring;
  std::vector<slice_table> front;  // of slices [n, turned) for n from base on; the last is for base
  slice_table back;                // of [turned, base + windows - 1)
  int64_t turned;

  sliding_maxima(int64_t s, int64_t l)
      : size(s), slide(l), base(1 - s / l), ring(static_cast<std::size_t>(s / l + 4)), turned(base) {}
  int64_t due() const { return base * slide + size - 1; }
  slice_table& slice(int64_t index) {
    auto const n = static_cast<int64_t>(ring.size());
    return ring[static_cast<std::size_t>((index + n) % n)];
  }
  static void raise(slice_table& in, int64_t key, int64_t value) {
    auto const [at, fresh] = in.try_emplace(key, value);
    if (!fresh) at->second = std::max(at->second, value);
  }
  void add_all(slice_table& to, slice_table const& from) {
    for (auto const& [key, value] : from) raise(to, key, value);
  }
  void fire_one() {
    int64_t const last = base + size / slide - 1;
    add_all(back, slice(last));
    if (front.empty() && turned < base) {
      slice_table sum;
      for (int64_t i = last; i >= base; --i) {
        add_all(sum, slice(i));
        front.push_back(sum);
      }
      back.clear();
      turned = last + 1;
    }
    if (front.empty()) {
      for (auto const& [key, value] : back) checksum += checked(key, base * slide, 1, value);
    } else {
      slice_table const& older = front.back();
      for (auto const& [key, value] : older) {
        auto const newer = back.find(key);
        checksum += checked(key, base * slide, 1, newer == back.end() ? value : std::max(value, newer->second));
      }
      for (auto const& [key, value] : back)
        if (!older.contains(key)) checksum += checked(key, base * slide, 1, value);
      front.pop_back();
    }
    if (base >= 0) slice(base).clear();
    ++base;
  }
  [[gnu::noinline]] void fire(int64_t watermark) {
    while (due() <= watermark) fire_one();
  }
};

// A max can be raised where it is: a record of a slice that has been added up changes what it is in.
[[gnu::noinline]] inline uint64_t sliding_max(std::vector<item> const& all, int64_t size, int64_t slide,
                                              int64_t bound) {
  sliding_maxima s(size, slide);
  int64_t watermark = before_all, largest = 0, due = s.due();
  int64_t low = 0;
  uint64_t extent = 0;
  sliding_maxima::slice_table* current = nullptr;
  for (item const& x : all) {
    int64_t const at = weir::ticks(x.at);
    if (watermark >= due) [[unlikely]] {
      s.fire(watermark);
      due = s.due();
      extent = 0;
    }
    if (static_cast<uint64_t>(at - low) >= extent) [[unlikely]] {
      int64_t const index = at / slide;
      extent = 0;
      if (index < s.base) {
        s.checksum += late_weight;
        continue;
      }
      current = &s.slice(index);
      if (index < s.base + size / slide - 1) {
        sliding_maxima::raise(*current, x.key, x.value);
        if (index >= s.turned)
          sliding_maxima::raise(s.back, x.key, x.value);
        else
          for (std::size_t i = 0; i < s.front.size(); ++i)
            if (s.base + static_cast<int64_t>(s.front.size() - 1 - i) <= index)
              sliding_maxima::raise(s.front[i], x.key, x.value);
        watermark = std::max(watermark, at - bound - 1);
        largest = std::max(largest, at);
        continue;
      }
      low = index * slide, extent = static_cast<uint64_t>(slide);
    }
    sliding_maxima::raise(*current, x.key, x.value);
    watermark = std::max(watermark, at - bound - 1);
    largest = std::max(largest, at);
  }
  while (s.base <= largest / slide) s.fire_one();
  return s.checksum;
}

// ---- two streams: for each key both sides in order of time

struct near_records {
  std::vector<item> left, right;  // what the watermark has passed goes when it is half of them
};

class interval_pairs {
 public:
  interval_pairs(int64_t lower, int64_t upper) : lower_(lower), upper_(upper) {}

  template <bool Left>
  void add(item const& x, int64_t watermark) {
    int64_t const at = weir::ticks(x.at);
    if (at < watermark) {
      checksum += late_weight;
      return;
    }
    near_records& of_key = keys_[x.key];
    auto& own = Left ? of_key.left : of_key.right;
    auto& other = Left ? of_key.right : of_key.left;
    int64_t const first = at + (Left ? lower_ : -upper_), last = at + (Left ? upper_ : -lower_);
    auto o = std::partition_point(other.begin(), other.end(),
                                  [&](item const& e) { return weir::ticks(e.at) < first; });
    for (; o != other.end() && weir::ticks(o->at) <= last; ++o)
      checksum += checked(x.key, std::max(at, weir::ticks(o->at)), Left ? x.value : o->value,
                          Left ? o->value : x.value);
    int64_t const stays = std::max<int64_t>(Left ? upper_ : -lower_, 0);
    if (own.size() >= 16 && weir::ticks(own[own.size() / 2].at) + stays < watermark)
      own.erase(own.begin(), std::partition_point(own.begin(), own.end(), [&](item const& e) {
                  return weir::ticks(e.at) + stays < watermark;
                }));
    auto place = own.end();
    while (place != own.begin() && weir::ticks(std::prev(place)->at) > at) --place;
    own.insert(place, x);
  }
  uint64_t checksum = 0;

 private:
  int64_t lower_, upper_;
  table<near_records> keys_;
};

// The next record comes from the input whose watermark is behind.
[[gnu::noinline]] inline uint64_t interval_join(std::vector<item> const& left, std::vector<item> const& right,
                                                int64_t lower, int64_t upper, int64_t bound) {
  interval_pairs pairs(lower, upper);
  std::size_t l = 0, r = 0;
  int64_t left_mark = before_all, right_mark = before_all;
  while (l < left.size() || r < right.size()) {
    if (r == right.size() || (l < left.size() && left_mark <= right_mark)) {
      item const& x = left[l++];
      pairs.add<true>(x, std::min(left_mark, right_mark));
      left_mark = l == left.size() ? never : std::max(left_mark, weir::ticks(x.at) - bound - 1);
    } else {
      item const& x = right[r++];
      pairs.add<false>(x, std::min(left_mark, right_mark));
      right_mark = r == right.size() ? never : std::max(right_mark, weir::ticks(x.at) - bound - 1);
    }
  }
  return pairs.checksum;
}

// ---- a value for each key

[[gnu::noinline]] inline uint64_t running_totals(std::vector<item> const& all) {
  table<int64_t> sums;
  uint64_t checksum = 0;
  for (item const& x : all) {
    int64_t& sum = sums[x.key];
    sum += x.value;
    if ((sum & 15) == 0) checksum += checked(x.key, 0, 0, sum);
  }
  return checksum;
}

}  // namespace by_hand
