// lookup_join: each record with a row of a table elsewhere.
#include <weir/weir.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;

struct payment {
  std::string card;
  int amount;
};
struct card_holder {
  std::string name;
};
struct alert {
  std::string name;
  int amount;
};
// In a program: a connection to a database.
struct database {
  std::map<std::string, std::string> holders;
  std::optional<card_holder> holder_of(std::string const& card) const {
    auto const at = holders.find(card);
    if (at == holders.end()) return std::nullopt;
    return card_holder{at->second};
  }
};

int main() {
  std::vector<payment> const payments{{"c1", 10}, {"c9", 20}, {"c2", 30}, {"c1", 40}};
  database const db{{{"c1", "ann"}, {"c2", "bob"}}};
  std::vector<alert> out;
  // clang-format off
  // [lookup]
  auto const find = [&db](std::string const& card) { return db.holder_of(card); };
  auto const join = [](payment const& p, card_holder const& h) { return alert{h.name, p.amount}; };
  weir::run(weir::from(payments)
          | weir::key_by(&payment::card)
          | weir::lookup_join<"holder">(find, join, weir::lookup_cache{.entries = 100'000, .ttl = 10min},
                                        weir::async_options{.threads = 8, .tries = 3})
          | weir::into(out));
  // [lookup]
  // clang-format on
  return out.size() == 3 && out[1].name == "bob" && out[2].amount == 40 ? 0 : 1;
}
