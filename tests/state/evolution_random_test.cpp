// Evolution against an oracle: pairs of schemas made together with the bytes of both; and damaged bytes.
#include <weir/state/evolution.hpp>
#include <weir/state/transcoder.hpp>

#include <functional>
#include <map>
#include <random>

#include "catch.hpp"

namespace evolution_random_test {

struct v1 {
  std::int32_t count = 0;
  std::string user;
  float amount = 0;
  std::vector<std::int16_t> all;
  bool operator==(v1 const&) const = default;
};
struct v2 {
  double amount = 0;
  std::string login;
  std::optional<std::int32_t> count;
  std::vector<std::int16_t> all;
  std::map<std::string, std::int8_t> more{{"x", 1}};
  bool operator==(v2 const&) const = default;
};
struct v3 {
  std::string name = "?";
  std::vector<std::optional<std::int64_t>> all;
  std::optional<std::int64_t> count;
  std::array<double, 2> two{0.5, 1.5};
  double amount = 0;
  bool operator==(v3 const&) const = default;
};

}  // namespace evolution_random_test

BOOST_HANA_ADAPT_STRUCT(evolution_random_test::v1, count, user, amount, all);
BOOST_HANA_ADAPT_STRUCT(evolution_random_test::v2, amount, login, count, all, more);
BOOST_HANA_ADAPT_STRUCT(evolution_random_test::v3, name, all, count, two, amount);

template <>
inline constexpr weir::field_renames weir::renamed_fields<evolution_random_test::v2>{
    weir::renamed_field{.field = "login", .was = "user"}};
template <>
inline constexpr weir::field_renames weir::renamed_fields<evolution_random_test::v3>{
    weir::renamed_field{.field = "name", .was = "login"}, weir::renamed_field{.field = "name", .was = "user"}};

namespace {

using namespace evolution_random_test;
using weir::detail::evolution_facts;
using weir::detail::facts_of;
using weir::detail::transcoder;
using random_source = std::mt19937;

// Two schemas and how to write the bytes of one value by both.
struct pair_of_types {
  std::string old_text;
  std::string new_text;
  std::function<void(random_source&, std::string&, std::string&)> write{};
  bool possible = true;
};

pair_of_types a_number(random_source& random, bool unchanged) {
  struct number {
    char const* name;
    std::size_t bytes;
    char kind;
  };
  static constexpr number all[] = {{"int8", 1, 's'},   {"int16", 2, 's'}, {"int32", 4, 's'},
                                   {"int64", 8, 's'},  {"uint8", 1, 'u'}, {"uint16", 2, 'u'},
                                   {"uint32", 4, 'u'}, {"uint64", 8, 'u'}};
  number const from = all[random() % 8];
  number const to = unchanged ? from : all[random() % 8];
  bool const same = std::string_view(from.name) == to.name;
  bool const wider = to.bytes > from.bytes && (from.kind == 'u' || to.kind == 's');
  auto const write = [from, to](random_source& r, std::string& before, std::string& after) {
    std::uint64_t const bits = (std::uint64_t{r()} << 32 | r()) >> (64 - 8 * from.bytes);
    std::uint64_t value = bits;
    if (from.kind == 's' && (bits >> (8 * from.bytes - 1) & 1) != 0)
      for (std::size_t i = from.bytes; i < 8; ++i) value |= std::uint64_t{0xFF} << (8 * i);
    for (std::size_t i = 0; i < from.bytes; ++i) before.push_back(static_cast<char>(bits >> (8 * i)));
    for (std::size_t i = 0; i < to.bytes; ++i) after.push_back(static_cast<char>(value >> (8 * i)));
  };
  char const* const around[][2] = {{"", ""}, {"enum<", ">"}, {"duration<", ",1/60>"}, {"decimal<2,", ">"}};
  auto const& [open, close] = around[random() % 4];
  return {std::string(open) + from.name + close, std::string(open) + to.name + close, write, same || wider};
}

pair_of_types a_type(random_source& random, unsigned depth, bool unchanged);

pair_of_types a_struct(random_source& random, unsigned depth, bool unchanged) {
  std::vector<pair_of_types> fields;
  for (unsigned n = 1 + random() % 4; n > 0; --n) fields.push_back(a_type(random, depth + 1, unchanged));
  std::vector<std::size_t> kept(fields.size());
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = i;
  if (!unchanged && random() % 2 == 0) std::shuffle(kept.begin(), kept.end(), random);
  if (!unchanged && random() % 3 == 0) kept.resize(1 + random() % kept.size());
  pair_of_types made{"struct{", "struct{"};
  for (std::size_t i = 0; i < fields.size(); ++i)
    made.old_text += (i == 0 ? "f" : ",f") + std::to_string(i) + ":" + fields[i].old_text;
  for (std::size_t const i : kept) {
    made.new_text += (i == kept[0] ? "f" : ",f") + std::to_string(i) + ":" + fields[i].new_text;
    made.possible = made.possible && fields[i].possible;
  }
  made.old_text += "}", made.new_text += "}";
  made.write = [fields, kept](random_source& r, std::string& before, std::string& after) {
    std::vector<std::string> written(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i].write(r, before, written[i]);
    for (std::size_t const i : kept) after += written[i];
  };
  return made;
}

pair_of_types a_type(random_source& random, unsigned depth, bool unchanged) {
  unsigned const which = random() % (depth < 4 ? 8 : 3);
  if (which == 0)
    return {"string", "string", [](random_source& r, std::string& before, std::string& after) {
              std::string const text(r() % 200, 'x');
              weir::encode(text, before);
              weir::encode(text, after);
            }};
  if (which < 3) return a_number(random, unchanged);
  if (which < 5) return a_struct(random, depth, unchanged);
  pair_of_types const of = a_type(random, depth + 1, unchanged);
  if (which == 5) {  // a list, or an optional value, which was one or became one
    unsigned const kind = random() % 3;
    if (kind == 2 && !unchanged && !of.old_text.starts_with("optional") && !of.new_text.starts_with("optional"))
      return {of.old_text, "optional<" + of.new_text + ">",
              [write = of.write](random_source& r, std::string& before, std::string& after) {
                after.push_back('\1');
                write(r, before, after);
              },
              of.possible};
    std::string const name = kind == 0 ? "list<" : "optional<";
    return {name + of.old_text + ">", name + of.new_text + ">",
            [kind, write = of.write](random_source& r, std::string& before, std::string& after) {
              unsigned const n = r() % (kind == 0 ? 4 : 2);
              before.push_back(static_cast<char>(n)), after.push_back(static_cast<char>(n));
              for (unsigned i = 0; i < n; ++i) write(r, before, after);
            },
            of.possible};
  }
  if (which == 6) {
    std::size_t const n = random() % 3;
    std::string const close = "," + std::to_string(n) + ">";
    return {"array<" + of.old_text + close, "array<" + of.new_text + close,
            [n, write = of.write](random_source& r, std::string& before, std::string& after) {
              if (n == 0) before.push_back('\0'), after.push_back('\0');
              for (std::size_t i = 0; i < n; ++i) write(r, before, after);
            },
            of.possible};
  }
  pair_of_types const key = a_type(random, depth + 1, true);
  bool const map = random() % 2 == 0;
  return {
      (map ? "map<" : "tuple<") + key.old_text + "," + of.old_text + ">",
      (map ? "map<" : "tuple<") + key.new_text + "," + of.new_text + ">",
      [map, first = key.write, second = of.write](random_source& r, std::string& before, std::string& after) {
        unsigned const n = map ? r() % 3 : 1;
        if (map) before.push_back(static_cast<char>(n)), after.push_back(static_cast<char>(n));
        for (unsigned i = 0; i < n; ++i) first(r, before, after), second(r, before, after);
      },
      of.possible};
}

// What damaged bytes become: an error of ours, or something that decodes or is refused by the codec.
void check_damaged(transcoder const& change, std::string bytes, random_source& random,
                   std::function<void(std::string const&)> const& use) {
  for (int i = 0; i < 8; ++i) {
    std::string damaged = bytes;
    if (i % 4 == 0)
      damaged.resize(random() % (bytes.size() + 1));
    else
      for (int n = i % 4; n > 0 && !bytes.empty(); --n)
        damaged[random() % bytes.size()] = static_cast<char>(random() % 3 == 0 ? 0xFF : random());
    try {
      weir::byte_reader in(damaged);
      std::string out;
      change.convert(in, out);
      in.finish();
      use(out);
    } catch (weir::format_error const&) {
    }
  }
}

TEST_CASE("evolution: random pairs of schemas against both bytes", "[state][evolution]") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  random_source random(seed);
  int possible = 0;
  for (int i = 0; i < 3000; ++i) {
    pair_of_types const types = a_type(random, 0, false);
    CAPTURE(types.old_text, types.new_text);
    transcoder const change(types.old_text, evolution_facts{.schema = types.new_text});
    REQUIRE(change.problem().has_value() == !types.possible);
    if (!types.possible) continue;
    ++possible;
    std::string before;
    std::string after;
    types.write(random, before, after);
    std::string const followed = before + "rest";
    weir::byte_reader in(followed);
    std::string out;
    change.convert(in, out);
    REQUIRE(in.remaining() == 4);
    REQUIRE(out == after);
    auto const type = weir::detail::parse_schema(types.new_text);
    check_damaged(change, before, random, [&](std::string const& made) {
      weir::byte_reader all(made);
      CHECK(skip(type, all));
      all.finish();
    });
  }
  CHECK(possible > 100);
}

v1 random_v1(random_source& random) {
  v1 value{static_cast<std::int32_t>(random()),
           std::string(random() % 5, 'u'),
           static_cast<float>(random() % 100) / 4,
           {}};
  for (unsigned n = random() % 4; n > 0; --n) value.all.push_back(static_cast<std::int16_t>(random()));
  return value;
}
v2 to_v2(v1 const& old) { return {old.amount, old.user, old.count, old.all, {{"x", 1}}}; }
v3 to_v3(v2 const& old) {
  return {old.login, {old.all.begin(), old.all.end()}, old.count, {0.5, 1.5}, old.amount};
}

template <class Now, class Old>
std::string evolved_bytes(std::string const& bytes) {
  transcoder const change(weir::codec<Old>::schema(), facts_of<Now>());
  REQUIRE(change.problem() == std::nullopt);
  weir::byte_reader in(bytes);
  std::string out;
  change.convert(in, out);
  in.finish();
  return out;
}

// In the containers that wrap() makes: one way of evolving, two steps of it and the oracle agree.
template <class Wrap>
void check_versions(random_source& random, Wrap const& wrap) {
  v1 const a = random_v1(random);
  v1 const b = random_v1(random);
  auto const old = wrap(a, b);
  auto const middle = wrap(to_v2(a), to_v2(b));
  auto const now = wrap(to_v3(to_v2(a)), to_v3(to_v2(b)));
  using old_type = std::remove_cvref_t<decltype(old)>;
  using middle_type = std::remove_cvref_t<decltype(middle)>;
  using now_type = std::remove_cvref_t<decltype(now)>;
  std::string bytes[3];
  weir::encode(old, bytes[0]);
  weir::encode(middle, bytes[1]);
  weir::encode(now, bytes[2]);
  CHECK(evolved_bytes<middle_type, old_type>(bytes[0]) == bytes[1]);
  CHECK(evolved_bytes<now_type, middle_type>(bytes[1]) == bytes[2]);
  CHECK(evolved_bytes<now_type, old_type>(bytes[0]) == bytes[2]);
  CHECK(evolved_bytes<now_type, now_type>(bytes[2]) == bytes[2]);

  transcoder const change(weir::codec<old_type>::schema(), facts_of<now_type>());
  check_damaged(change, bytes[0], random, [](std::string const& made) {
    now_type value{};
    weir::decode(made, value);
  });
}

TEST_CASE("evolution: three versions of a struct in many containers, whole and damaged", "[state][evolution]") {
  auto const seed = std::random_device{}();
  CAPTURE(seed);
  random_source random(seed);
  for (int i = 0; i < 200; ++i) {
    check_versions(random, [](auto const& a, auto const&) { return a; });
    check_versions(random, [](auto const& a, auto const& b) { return std::vector{a, b}; });
    check_versions(random, [](auto const& a, auto const& b) { return std::array{a, b}; });
    check_versions(random, [](auto const& a, auto const& b) {
      return std::make_pair(std::string("s"), std::make_tuple(a, std::optional(b)));
    });
    check_versions(random, [](auto const& a, auto const& b) {
      return std::map<std::string, std::vector<std::remove_cvref_t<decltype(a)>>>{
          {"a", {a}}, {"b", {a, b}}, {"c", {}}};
    });
  }
}

}  // namespace
