// What the fraud job reads and what it gives.
#pragma once

#include <weir/weir.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

using money = weir::decimal<2>;

struct payment {
  std::string transaction_id, user_id, card_number, country, status;
  money amount;
  weir::timestamp event_time;
};
BOOST_HANA_ADAPT_STRUCT(payment, transaction_id, user_id, card_number, country, status, amount, event_time);

struct rapid_spend_alert {
  std::string_view rule;
  std::string user_id;
  weir::timestamp window_start, window_end;
  std::int64_t count;
  money total;
};
BOOST_HANA_ADAPT_STRUCT(rapid_spend_alert, rule, user_id, window_start, window_end, count, total);

struct many_countries_alert {
  std::string_view rule;
  std::string user_id;
  weir::timestamp window_start, window_end;
  std::vector<std::string> countries;
};
BOOST_HANA_ADAPT_STRUCT(many_countries_alert, rule, user_id, window_start, window_end, countries);

struct declined_then_approved_alert {
  std::string_view rule;
  std::string user_id, card_number;
  weir::timestamp failed_time, success_time;
  money amount;
};
BOOST_HANA_ADAPT_STRUCT(declined_then_approved_alert, rule, user_id, card_number, failed_time, success_time,
                        amount);

using alert = std::variant<rapid_spend_alert, many_countries_alert, declined_then_approved_alert>;

struct late_payment {
  std::string_view rule;
  std::string transaction_id;
};
BOOST_HANA_ADAPT_STRUCT(late_payment, rule, transaction_id);

// Late payments of a rule go to the side output "late", which all rules share.
inline auto late_for(std::string_view rule) {
  return weir::late_to<"late">([rule](payment const& p) { return late_payment{rule, p.transaction_id}; });
}

// [distinct]
// An aggregate function of our own: the different values of a field, in order.
template <class F>
struct distinct {
  F field;

  explicit distinct(F f) : field(std::move(f)) {}

  std::vector<std::string> zero() const { return {}; }
  void add(std::vector<std::string>& seen, payment const& p) const { insert(seen, field(p)); }
  void merge(std::vector<std::string>& seen, std::vector<std::string> const& later) const {
    for (std::string const& value : later) insert(seen, value);
  }
  std::vector<std::string> const& result(std::vector<std::string> const& seen) const { return seen; }

 private:
  static void insert(std::vector<std::string>& seen, std::string const& value) {
    auto const at = std::ranges::lower_bound(seen, value);
    if (at == seen.end() || *at != value) seen.insert(at, value);
  }
};
// [/distinct]

// [detector]
// A card's payments in the order of their event times: each waits until the watermark says that none is missing.
struct declined_then_approved_detector {
  struct attempt {
    bool approved;
    money amount;
  };

  using output = alert;
  using side_outputs = weir::side_outputs<weir::side_output<"late", late_payment>>;

  weir::map_state<weir::timestamp, std::vector<attempt>, "waiting"> waiting;  // equal times in order of arrival
  weir::value_state<weir::timestamp, "declined"> declined;  // the last of a run of declined ones
  auto states() { return std::tie(waiting, declined); }

  template <class Context, class Emit>
  void on_record(payment const& p, Context& context, Emit const&) {
    if (p.event_time <= context.watermark()) {
      context.side(weir::to<"late">, late_payment{"declined_then_approved", p.transaction_id});
      return;
    }
    waiting[p.event_time].push_back({p.status == "approved", p.amount});
    context.set_timer(p.event_time);
  }

  template <class Context, class Emit>
  void on_timer(weir::timestamp at, Context& context, Emit const& emit) {
    for (attempt const& a : *waiting.get(at)) {
      if (!a.approved) {
        declined.update(at);
        continue;
      }
      if (declined && a.amount > money(1000) && at - *declined < std::chrono::minutes{30}) {
        auto const& [user, card] = context.key();
        emit(declined_then_approved_alert{"declined_then_approved", user, card, *declined, at, a.amount});
      }
      declined.clear();
    }
    waiting.remove(at);
  }
};
// [/detector]
BOOST_HANA_ADAPT_STRUCT(declined_then_approved_detector::attempt, approved, amount);
