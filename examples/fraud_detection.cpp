// Real-time fraud detection: payments come in as CSV, out of order; the alerts of three rules go out as JSON lines, each
// exactly once, also when the program is killed and started again.
//
//   fraud_detection --input payments.csv --generate 1000000 --seed 7
//   fraud_detection --input payments.csv --output alerts.jsonl --late late.jsonl --state state/
#include "fraud/command_line.hpp"
#include "fraud/generate.hpp"
#include "fraud/payment.hpp"

#include <weir/weir.hpp>

#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>

using namespace std::chrono_literals;
using namespace weir::literals;

// [rules]
// clang-format off
// Three or more approved payments above 500 in ten minutes.
auto const rapid_spend =
    weir::filter([](payment const& p) { return p.status == "approved" && p.amount > money(500); })
  | weir::key_by(weir::field<&payment::user_id>)
  | weir::window(weir::tumbling_windows{.size = 10min}, late_for("rapid_spend"))
  | weir::aggregate(weir::count(), weir::sum(weir::field<&payment::amount>) | weir::as<"total">) | weir::uid<"window">
  | weir::filter([](auto const& w) { return w["count"_c] >= 3; })
  | weir::map([](auto const& w) -> alert {
      return rapid_spend_alert{"rapid_spend",     w["key"_c],   w["window_start"_c],
                               w["window_end"_c], w["count"_c], w["total"_c]};
    });

// Payments from two or more countries within an hour, looked at every five minutes.
auto const many_countries =
    weir::key_by(weir::field<&payment::user_id>)
  | weir::window(weir::sliding_windows{.size = 1h, .slide = 5min}, late_for("many_countries"))
  | weir::aggregate(distinct{weir::field<&payment::country>} | weir::as<"countries">) | weir::uid<"window">
  | weir::filter([](auto const& w) { return w["countries"_c].size() >= 2; })
  | weir::map([](auto const& w) -> alert {
      return many_countries_alert{"many_countries", w["key"_c], w["window_start"_c], w["window_end"_c],
                                  w["countries"_c]};
    });

// Declined payments of a card directly followed by an approved one above 1000, in the order of event time.
auto const declined_then_approved =
    weir::key_by(weir::field<&payment::user_id>, weir::field<&payment::card_number>)
  | weir::process<"cards">(declined_then_approved_detector{});

// The input is read once and feeds all three.
auto fraud_pipeline(options const& o, auto watch) {
  return weir::from(weir::csv_file<payment>{o.inputs}, weir::uid<"payments">)
       | weir::inspect(watch)
       | weir::assign_timestamps(weir::field<&payment::event_time>, weir::bounded_out_of_orderness{5s})
       | weir::branch(weir::scoped<"rapid spend">(rapid_spend),
                      weir::scoped<"many countries">(many_countries),
                      weir::scoped<"declined then approved">(declined_then_approved))
       | weir::side<"late">(weir::into(weir::json_lines_file<>{.path = o.late, .overwrite = o.overwrite}, weir::uid<"late">))
       | weir::into(weir::json_lines_file<>{.path = o.output, .overwrite = o.overwrite}, weir::uid<"alerts">);
}
// clang-format on
// [/rules]

// Counts what passes, shows it, and dies when it is told to.
struct passage {
  std::uint64_t crash_after;
  char progress;  // what a count ends with; 0: none is shown
  std::uint64_t* passed;

  void operator()(payment const&) const {
    std::uint64_t const n = ++*passed;
    if (n == crash_after) ::kill(::getpid(), SIGKILL);
    if (progress && n % 4'096 == 0)
      std::fprintf(stderr, "%llu payments%c", static_cast<unsigned long long>(n), progress);
  }
};

void report(weir::run_result const& r) {
  if (r.status == weir::outcome::already_finished) {
    std::printf("already finished: %llu payments had been read to their end, nothing was left to do\n",
                static_cast<unsigned long long>(r.total("payments", "out")));
    return;
  }
  double const seconds = std::chrono::duration<double>(r.wall_time).count();
  auto const read = static_cast<double>(r.count("payments", "out"));
  std::printf("payments %llu (%llu in this run), alerts %llu, late %llu, checkpoints %llu\n",
              static_cast<unsigned long long>(r.total("payments", "out")),
              static_cast<unsigned long long>(read), static_cast<unsigned long long>(r.total("alerts", "in")),
              static_cast<unsigned long long>(r.total("late", "in")),
              static_cast<unsigned long long>(r.checkpoints));
  bool const went_on = r.total("payments", "out") > r.count("payments", "out");
  std::printf("%.2f s, %.0f payments/s, %s %.1f ms\n", seconds, read / seconds,
              went_on ? "recovered in" : "ready after",
              std::chrono::duration<double, std::milli>(r.recovery_time).count());
}

int main(int argc, char** argv) try {
  options const o = parse_options(argc, argv);
  if (o.generate > 0) {
    payment_generator(o.seed).write(o.inputs.front(), o.generate);
    return 0;
  }
  std::uint64_t passed = 0;
  // On a terminal each count is written over the last one, elsewhere it is a line.
  char const progress = !o.progress ? '\0' : ::isatty(STDERR_FILENO) ? '\r' : '\n';
  auto const pipeline = fraud_pipeline(o, passage{o.crash_after, progress, &passed});
  weir::job_control const control;
  weir::pending_checkpoint saved;
  if (!o.savepoint.empty()) {
    saved = control.savepoint(o.savepoint);
    control.stop();
  }
  report(o.durable ? weir::run(pipeline, weir::lmdb_store{o.state},
                               weir::periodic_checkpoints{.every = o.checkpoint_every}, weir::exactly_once,
                               weir::from_savepoint{o.from_savepoint}, control, weir::stop_on_signal{})
                   : weir::run(pipeline, weir::memory_store{}));
  if (saved.valid()) saved.get();  // throws what kept the file from being written
  return 0;
} catch (std::invalid_argument const& e) {
  std::fprintf(stderr, "fraud_detection: %s\n\n%s", e.what(), usage.data());
  return 2;
} catch (std::exception const& e) {
  std::fprintf(stderr, "fraud_detection: %s\n", e.what());
  return 1;
}
