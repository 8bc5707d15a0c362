// Codecs. The first byte chooses: a type whose bytes the others are, a type of keys, or a schema's text (up to a zero byte) and
// a value's bytes. Then one byte chooses the type.
#include "fuzz.hpp"

#include <weir/checkpoint/state_form.hpp>
#include <weir/core/decimal.hpp>
#include <weir/format/text_buffer.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/evolution.hpp>
#include <weir/state/key_codec.hpp>
#include <weir/state/schema_text.hpp>
#include <weir/state/transcoder.hpp>
#include <weir/time.hpp>

#include <array>
#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

enum class codec_color : std::uint8_t { red, green };

namespace {

struct inner {
  std::string name;
  std::optional<std::int32_t> n;
  auto operator<=>(inner const&) const = default;
};
struct whole {
  std::int64_t a = 1;
  double d = 2;
  std::vector<inner> list{{"x", 1}};
  std::map<std::string, std::vector<std::uint16_t>> map;
  std::unordered_map<std::int32_t, std::string> hashed;
  std::array<std::optional<bool>, 3> flags{};
  weir::timestamp at{};
  weir::decimal<2> money{};
  codec_color color{};
};
// What `whole` might have been.
struct before {
  std::int32_t a = 0;
  float d = 0;
  std::vector<inner> list;
  std::optional<std::uint8_t> gone;
};
struct migrated {
  std::string text;
};

}  // namespace
BOOST_HANA_ADAPT_STRUCT(inner, name, n);
BOOST_HANA_ADAPT_STRUCT(whole, a, d, list, map, hashed, flags, at, money, color);
BOOST_HANA_ADAPT_STRUCT(before, a, d, list, gone);
BOOST_HANA_ADAPT_STRUCT(migrated, text);
template <>
inline constexpr weir::field_renames weir::renamed_fields<inner>{
    weir::renamed_field{.field = "name", .was = "label"}};
template <>
struct weir::migration<migrated> {
  using from = before;
  static migrated migrate(before const& old) { return {std::to_string(old.a)}; }
};

namespace {

using weir_fuzz::require;

// False: refused, in weir's words. Whatever else is thrown ends the program.
template <class F>
bool allowed(F f) {
  try {
    f();
    return true;
  } catch (weir::format_error const& refused) {
    require(std::string_view(refused.what()).starts_with("weir::"), "a refusal is in words", refused.what());
    return false;
  }
}

// Bytes are a value or refused; what a value is written as is read as that value again.
template <class T>
void check_value(std::string_view bytes) {
  T value{};
  if (!allowed([&] { weir::decode(bytes, value); })) return;
  std::string written, again;
  weir::encode(value, written);
  require(!written.empty(), "every value takes a byte at least");
  T read{};
  require(allowed([&] { weir::decode(written, read); }), "what was written can be read");
  weir::encode(read, again);
  require(written == again, "what was written is read as the same");

  // Its schema says where it ends, and a value of an unchanged schema stays as it is.
  auto const form = weir::detail::parse_schema(weir::codec<T>::schema());
  require(form.known, "every codec's schema is known");
  weir::byte_reader in(written);
  weir::detail::skip(form, in);
  require(in.remaining() == 0, "the schema says where a value ends");
  weir::detail::transcoder const same(weir::codec<T>::schema(), weir::detail::facts_of<T>());
  require(!same.problem(), "a schema evolves into itself");
  std::string copied;
  weir::byte_reader from(written);
  same.convert(from, copied);
  require(copied == written, "what has not changed is copied");
}

template <class T>
T make(weir_fuzz::bytes& in) {
  if constexpr (std::is_same_v<T, bool>) {
    return (in.byte() & 1) != 0;
  } else if constexpr (std::is_arithmetic_v<T>) {
    T const value = in.number<T>();
    return value == value ? value : T{};
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<T>(in.byte());
  } else if constexpr (std::is_same_v<T, std::string>) {
    return std::string(in.take(in.byte() % 8));
  } else if constexpr (std::is_same_v<T, weir::timestamp>) {
    return weir::from_ticks(in.number<std::int64_t>());
  } else if constexpr (std::is_same_v<T, weir::decimal<2>>) {
    return weir::decimal<2>::from_units(in.number<std::int64_t>());
  } else if constexpr (requires(T t) { t.emplace(); }) {
    return (in.byte() & 1) != 0 ? T(make<typename T::value_type>(in)) : T{};
  } else if constexpr (std::is_same_v<T, inner>) {
    auto name = make<std::string>(in);
    return {std::move(name), make<std::optional<std::int32_t>>(in)};
  } else if constexpr (std::is_same_v<T, std::array<std::string, 2>>) {
    auto first = make<std::string>(in);
    return {std::move(first), make<std::string>(in)};
  } else {
    T all;
    std::apply([&](auto&... part) { ((part = make<std::remove_reference_t<decltype(part)>>(in)), ...); }, all);
    return all;
  }
}

// Two keys lie as their bytes lie; bytes are a key's or refused, and no two are the same key's.
template <class T>
void check_key(weir_fuzz::bytes in) {
  if (T read{}; allowed([&] { read = weir::decode_key<T>(in.rest()); })) {
    std::string written;
    weir::encode_key(read, written);
    require(written == in.rest(), "a key has one form in bytes");
  }
  T const a = make<T>(in), b = make<T>(in);
  std::string one, two;
  weir::encode_key(a, one);
  weir::encode_key(b, two);
  require((a < b) == (one < two) && (b < a) == (two < one) && (a == b) == (one == two),
          "keys lie as their bytes lie");
  require(one == two || (!one.starts_with(two) && !two.starts_with(one)), "no key begins another one");
  require(weir::decode_key<T>(one) == a && weir::decode_key<T>(two) == b, "a key is read as it was");
  weir::text_buffer shown;
  weir::detail::state_form::write_key(shown, weir::detail::parse_schema(weir::key_codec<T>::schema()), one);
  require(!shown.empty(), "a key can be shown");
}

template <class T>
void check_evolution(std::string_view schema, std::string_view bytes) {
  weir::detail::transcoder const change(schema, weir::detail::facts_of<T>());
  if (change.problem()) return;
  std::string out;
  bool const converted = allowed([&] {
    weir::byte_reader in(bytes);
    change.convert(in, out);
    in.finish();
  });
  if (!converted) return;
  T value{};  // keys that stand twice are found only now
  allowed([&] { weir::decode(out, value); });
}

// Any text may stand where a schema should, and any bytes behind it.
void check_schema(std::string_view schema, std::string_view bytes) {
  auto const form = weir::detail::parse_schema(schema);
  require(form.text == schema, "a schema keeps its text");
  allowed([&] {
    weir::byte_reader in(bytes);
    require(weir::detail::skip(form, in) == form.known, "what is known is skipped");
  });
  check_evolution<whole>(schema, bytes);
  check_evolution<before>(schema, bytes);
  check_evolution<migrated>(schema, bytes);
  check_evolution<std::vector<inner>>(schema, bytes);
  weir::text_buffer shown;
  allowed([&] { weir::detail::state_form::write_key(shown, form, bytes); });
  for (auto const kind : {weir::state_kind::value, weir::state_kind::list, weir::state_kind::mapping}) {
    weir::detail::state_form const stored(
        {.kind = kind, .schema = std::string(schema), .key_schema = std::string(schema)});
    allowed([&] { stored.key_size(bytes); });
    allowed([&] { stored.write_value(shown, bytes); });
  }
  require(shown.size() < std::size_t{1} << 24, "what is shown is not larger without bounds");
}

template <class... Ts>
struct types {
  template <class F>
  static void choose(std::size_t which, F f) {
    std::size_t i = 0;
    ((i++ == which % sizeof...(Ts) ? f(static_cast<Ts*>(nullptr)) : void()), ...);
  }
};
using values = types<whole, std::string, std::vector<std::string>, std::vector<double>, std::vector<bool>,
                     std::map<std::string, inner>, std::unordered_set<std::string>, std::set<double>,
                     std::unordered_map<double, bool>, std::optional<std::optional<std::int8_t>>, std::tuple<>,
                     std::vector<std::tuple<>>, std::array<inner, 2>, std::pair<char, codec_color>>;
using keys =
    types<std::int32_t, std::uint64_t, bool, char, double, float, std::string, codec_color, weir::timestamp,
          weir::decimal<2>, std::optional<std::string>, std::tuple<std::string, double, std::string>, inner,
          std::array<std::string, 2>, std::pair<std::optional<std::int8_t>, std::string>>;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  weir_fuzz::bytes in(data, size);
  std::uint8_t const what = in.byte();
  if (what == 's') {
    auto const schema = in.until('\n');
    check_schema(schema, in.rest());
  } else if (what == 'k') {
    keys::choose(in.byte(), [&]<class T>(T*) { check_key<T>(in); });
  } else {
    values::choose(in.byte(), [&]<class T>(T*) { check_value<T>(in.rest()); });
  }
  return 0;
}
