// top_n: the two best players of each country, as a table that changes.
#include <weir/weir.hpp>

#include <map>
#include <string>
#include <vector>

struct player {
  std::string country;
  std::string name;
  int points;
};

int main() {
  std::vector<player> const games{
      {"IT", "Ada", 5}, {"IT", "Bo", 7}, {"NO", "Cy", 1}, {"IT", "Di", 6}, {"IT", "Bo", 2}};
  // [use]
  std::map<std::string, player> best;  // by name
  weir::run(weir::from(games) | weir::key_by(&player::country) |
            weir::top_n(2, &player::points, weir::unique(&player::name)) |
            weir::into(weir::upsert{&best, &player::name}));
  // [/use]
  return best.size() == 3 && best.contains("Ada") && best.contains("Cy") && best.contains("Di") ? 0 : 1;
}
