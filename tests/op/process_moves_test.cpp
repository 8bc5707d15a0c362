// A record that comes as a temporary may be moved from by the function that it is given to; its key stays.
#include <weir/weir.hpp>

#include "catch.hpp"

#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace {

int copies = 0;

struct parcel {
  int shelf;
  std::string name;

  parcel(int s, std::string n) : shelf(s), name(std::move(n)) {}
  parcel(parcel const& o) : shelf(o.shelf), name(o.name) { ++copies; }
  parcel(parcel&&) = default;
  parcel& operator=(parcel const&) = delete;
};

std::vector<int> const numbers{1, 2, 3};
auto const parcels = weir::from(numbers) | weir::map([](int n) {
                       return parcel(n % 2, "a name that no small string holds " + std::to_string(n));
                     });

// Gives the record on, and then what it knows of its key.
template <class Key>
struct takes {
  struct output {
    parcel record;
    Key key;
  };
  auto states() { return std::tie(); }
  template <class R, class Context, class Emit>
  void on_record(R&& r, Context& context, Emit const& emit) {
    parcel taken(std::forward<R>(r));
    emit(output{std::move(taken), Key(context.key())});
  }
};
template <class Key>
auto taken(std::vector<std::pair<std::string, Key>>& out) {
  return weir::into([&out](typename takes<Key>::output const& o) { out.emplace_back(o.record.name, o.key); });
}

struct fussy {
  using output = std::string;
  auto states() { return std::tie(); }
  template <class R, class Context, class Emit>
  void on_record(R& r, Context&, Emit const& emit) {
    if (r.shelf == 0) throw std::runtime_error("no such shelf");
    emit(r.name);
  }
};

}  // namespace

TEST_CASE("process: a record is moved into the function where its key does not lie in it") {
  std::vector<std::pair<std::string, int>> out;
  copies = 0;
  weir::run(parcels | weir::key_by(&parcel::shelf) | weir::process<"take">(takes<int>{}) | taken(out));
  CHECK(copies == 0);
  REQUIRE(out.size() == 3);
  CHECK(out[2] == std::pair<std::string, int>{"a name that no small string holds 3", 1});
}

TEST_CASE("process: a record whose key lies in it is copied") {
  std::vector<std::pair<std::string, std::string>> out;
  copies = 0;
  weir::run(parcels | weir::key_by(&parcel::name) | weir::process<"take">(takes<std::string>{}) | taken(out));
  CHECK(copies == 3);
  REQUIRE(out.size() == 3);
  CHECK(out[2].first == out[2].second);
}

TEST_CASE("process: a record that skip_failed may yet need is copied, and one taken as an lvalue suits too") {
  std::vector<std::string> names, failed;
  weir::run(parcels | weir::key_by(&parcel::shelf) | weir::process<"take">(fussy{}) |
            weir::failed_to<"failed"> |
            weir::side<"failed">(weir::into([&](auto const& f) { failed.push_back(f.record.name); })) |
            weir::into(names));
  CHECK(names ==
        std::vector<std::string>{"a name that no small string holds 1", "a name that no small string holds 3"});
  CHECK(failed == std::vector<std::string>{"a name that no small string holds 2"});
}
