// async_map: what takes long is asked for many records at once.
#include <weir/weir.hpp>

#include <chrono>
#include <exception>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

struct payment {
  std::string card;
  double amount;
};
struct scored {
  std::string card;
  int score;
};

// A service that takes its time, and is not always there.
struct risk_service {
  int ask(payment const& p) const {
    std::this_thread::sleep_for(1ms);
    if (p.card == "unknown") throw std::runtime_error("no such card");
    return p.amount > 1000 ? 90 : 10;
  }
};

// [ask]
struct score {
  risk_service service;
  scored operator()(payment const& p) const { return {p.card, service.ask(p)}; }
  scored on_timeout(payment const& p) const { return {p.card, -1}; }
  scored on_failure(payment const& p, std::exception_ptr const&) const { return {p.card, -2}; }
};
// [ask]

int main() {
  std::vector<payment> const payments{{"a", 20}, {"b", 5000}, {"unknown", 1}, {"a", 30}};
  std::vector<scored> out;
  // clang-format off
  // [run]
  weir::run(weir::from(payments)
          | weir::async_map<"score">(score{}, {.capacity = 50, .threads = 8, .timeout = 5s, .tries = 2, .pause = 10ms})
          | weir::into(out));
  // [run]
  // clang-format on

  // A client that calls back: nobody waits, and no thread is started.
  std::vector<std::jthread> client;
  std::vector<int> lengths;
  // [later]
  auto const ask = [&client](payment const& p, weir::async_result<int> result) {
    client.emplace_back([result, n = p.card.size()] { result(static_cast<int>(n)); });
  };
  weir::run(weir::from(payments) | weir::async_map<"length", int>(ask) | weir::into(lengths));
  // [later]

  bool const right = out.size() == 4 && out[1].score == 90 && out[2].score == -2 && out[3].card == "a";
  return right && lengths == std::vector{1, 1, 7, 1} ? 0 : 1;
}
