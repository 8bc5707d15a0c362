#include "catch.hpp"
#include "error_of.hpp"
#include "runtime_once.hpp"
#include "state/temp_directory.hpp"

#include <weir/connector/outbox.hpp>
#include <weir/weir.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using weir_test::error_of;

namespace {

// A target that takes each id once.
struct shop {
  std::map<std::string, std::string> orders;
  std::vector<std::string> order;
  std::size_t calls = 0;
  std::size_t fails_at = 0;  // the n-th call
  bool says_no = false;

  bool take(std::string const& id, std::string const& value) {
    if (++calls == fails_at) {
      if (says_no) return false;
      throw std::runtime_error("out of order");
    }
    auto const [at, fresh] = orders.emplace(id, value);
    if (fresh) order.push_back(value);
    CHECK(at->second == value);  // an id never has another record
    return true;
  }
};

template <class F, class T = std::string>
struct job {
  using noun = weir::outbox<F>;
  using writer = typename noun::template writer<T>;
  noun sink;
  weir_test::temp_directory folder;
  weir::counters counters;
  std::optional<std::string> committed;
  std::uint64_t epoch = 0;
  bool from_savepoint = false;

  explicit job(F f, weir::outbox_options o = {}) : sink(std::move(f), o) {}
  std::unique_ptr<writer> open() {
    auto w = std::make_unique<writer>(
        sink, weir::sink_context{"orders", true, folder.path(), counters, from_savepoint});
    if (committed)
      w->recover(std::string_view(*committed), epoch);
    else
      w->recover(std::nullopt, 0);
    if (epoch == 0 && w->claim() != committed) {
      committed = w->claim();
      w->recover(std::string_view(*committed), 0);
      CHECK(w->claim() == committed);
    }
    return w;
  }
  static void put(writer& w, T const& value) { w.open()(value, weir::untimed{}); }
  weir::sink_segment close(writer& w) {
    auto segment = w.close_segment(epoch + 1);
    segment.make_durable();
    committed = segment.commitment;
    ++epoch;
    return segment;
  }
};

}  // namespace

TEST_CASE("an outbox delivers what is committed, again with the same ids", "[connector]") {
  shop target;
  job j([&](std::string const& s, weir::outbox_id const& id) { return target.take(id.text(), s); },
        {.retry_for = 0ms});
  auto w = j.open();
  j.put(*w, "one");
  j.put(*w, "two");
  auto first = j.close(*w);
  CHECK(target.order.empty());
  j.put(*w, "three");
  first.publish();
  CHECK(target.order == std::vector<std::string>{"one", "two"});
  std::string const id = target.orders.begin()->first;
  CHECK((id.size() == 27 && id.starts_with("orders-") && id.ends_with("-1-0")));
  j.close(*w);  // and dies
  w = j.open();
  w = j.open();
  CHECK(target.order == std::vector<std::string>{"one", "two", "three"});
  CHECK(target.calls == 4);
  j.close(*w).publish();
  j.put(*w, "four");
  auto last = j.close(*w);
  target.fails_at = target.calls + 1;
  CHECK(error_of<weir::connector_error>([&] {
          last.publish();
        }).find("cannot be delivered: out of order; tried 1") != std::string::npos);
  target.fails_at = target.calls + 1, target.says_no = true;
  CHECK(error_of<weir::connector_error>([&] { j.open(); }).find("the function said no") != std::string::npos);
  j.open();
  CHECK(target.order.size() == 4);
  CHECK(target.orders.size() == 4);

  SECTION("after a savepoint the ids are others") {
    j.committed = last.published;
    j.from_savepoint = true;
    w = j.open();
    CHECK(target.order.size() == 4);
    j.epoch = 1;
    j.put(*w, "another second epoch");
    j.close(*w).publish();
    CHECK(target.order.size() == 5);
  }
  SECTION("records of another type are refused, unless they are delivered") {
    weir::sink_context const context{"orders", true, j.folder.path(), j.counters};
    weir::outbox ints{[](int, weir::outbox_id const&) {}};
    decltype(ints)::writer<int> changed(ints, context);
    changed.recover(std::string_view(last.published), j.epoch);
    CHECK(error_of<weir::restore_error>([&] {
            changed.recover(std::string_view(last.commitment), j.epoch);
          }).find("they were string, which are now ") != std::string::npos);
  }
}

TEST_CASE("a delivery that fails is tried again", "[connector]") {
  shop target;
  job j([&](std::string const& s, weir::outbox_id const& id) { return target.take(id.text(), s); });
  auto w = j.open();
  j.put(*w, "one");
  j.put(*w, "two");
  target.fails_at = 2;
  j.close(*w).publish();
  CHECK(target.calls == 3);
  CHECK(target.order == std::vector<std::string>{"one", "two"});
}

TEST_CASE("an outbox gives several records at once, and large epochs by way of a file", "[connector]") {
  std::vector<std::size_t> sizes;
  shop target;
  job j(
      [&](std::span<std::string const> some, weir::outbox_id const& first) {
        sizes.push_back(some.size());
        for (std::size_t i = 0; i < some.size(); ++i) target.take(first.text(i), some[i]);
      },
      {.batch = 300});
  auto w = j.open();
  std::vector<std::string> sent;
  for (int i = 0; i < 1000; ++i) {
    sent.push_back(std::string(static_cast<std::size_t>(i * 7 % 3000), static_cast<char>('a' + i % 26)));
    j.put(*w, sent.back());
  }
  j.put(*w, std::string(700'000, 'x'));
  sent.push_back(std::string(700'000, 'x'));
  auto segment = j.close(*w);
  auto const file = j.folder / "sinks" / "orders" / "1.segment";
  CHECK(exists(file));
  segment.publish();
  CHECK(sizes == std::vector<std::size_t>{300, 300, 300, 101});
  CHECK(target.order == sent);
  j.open();
  CHECK(target.order == sent);
  std::filesystem::resize_file(file, 10'000);
  CHECK(error_of<weir::restore_error>([&] { j.open(); }).find("the segment of epoch 1 is cut") !=
        std::string::npos);
  std::filesystem::remove(file);
  CHECK(error_of<weir::restore_error>([&] { j.open(); }).find("No such file") != std::string::npos);
}

TEST_CASE("a job killed at random delivers each record once to a target that takes an id once", "[connector]") {
  auto const seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  std::vector<int> values;
  for (int i = 0; i < 3000; ++i) values.push_back(i);
  for (bool const exactly : {true, false}) {
    weir_test::temp_directory folder;
    shop target;
    int dies = -1;
    auto const pipeline = weir::from(values, weir::uid<"values">) | weir::map([&](int v) {
                            if (v == dies) throw std::runtime_error("killed");
                            return v;
                          }) |
                          weir::into(weir::outbox{[&](int v, weir::outbox_id const& id) {
                                                    return target.take(id.text(), std::to_string(v));
                                                  },
                                                  {.retry_for = 0ms}},
                                     weir::uid<"orders">);
    auto const go = [&] {
      auto const store = weir::lmdb_store{folder.path()};
      auto const often = weir::periodic_checkpoints{.every = 1ms};
      return exactly ? weir::run(pipeline, store, often, weir::exactly_once, weir::batch_size{50})
                     : weir::run(pipeline, store, often, weir::at_least_once, weir::batch_size{50});
    };
    for (int i = 0; i < 12; ++i) {
      dies = static_cast<int>(random() % 4000);
      target.fails_at = random() % 2 == 0 ? 0 : target.calls + 1 + random() % 500;
      try {
        go();
      } catch (std::exception const&) {
      }
    }
    dies = -1, target.fails_at = 0;
    go();
    std::vector<std::string> expected;
    for (int v : values) expected.push_back(std::to_string(v));
    CHECK(target.order == expected);
  }
}

TEST_CASE("without checkpoints an outbox delivers at the end of each batch", "[connector]") {
  shop target;
  std::vector<int> const values{1, 2, 3};
  weir::run(weir::from(values) | weir::into(weir::outbox{[&](int v, weir::outbox_id const& id) {
              target.take(id.text(), std::to_string(v));
            }}));
  CHECK(target.order == std::vector<std::string>{"1", "2", "3"});
  CHECK_THROWS_AS(weir::run(weir::from(values) |
                            weir::into(weir::outbox{[](int, weir::outbox_id const&) {}, {.batch = 0}})),
                  weir::config_error);
}
