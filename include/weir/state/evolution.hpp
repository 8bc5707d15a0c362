// evolution: how stored values outlive a change of their type: renamed_fields, migration.
#pragma once

#include <weir/core/row.hpp>
#include <weir/core/schema.hpp>
#include <weir/state/codec.hpp>
#include <weir/state/schema_text.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {

// A field that had another name when values were stored.
struct renamed_field {
  std::string_view field;  // as it is called now
  std::string_view was;
};

template <std::size_t N>
struct field_renames {
  std::array<renamed_field, N> all{};

  template <std::same_as<renamed_field>... Renamed>
  constexpr explicit field_renames(Renamed const&... each) : all{each...} {}
};
template <class... Renamed>
field_renames(Renamed const&...) -> field_renames<sizeof...(Renamed)>;

// The fields of a struct T that had other names when values of it were stored. It is the one change of a struct
// that must be said; what weir sees itself: fields that were added (they get the value that they have in T()),
// removed, reordered, made optional, or widened (int32 to int64, uint32 to uint64 or int64, float to double).
//
//   template <>
//   inline constexpr weir::field_renames weir::renamed_fields<payment>{
//       weir::renamed_field{.field = "user_id", .was = "user"},
//       weir::renamed_field{.field = "at", .was = "time"}};
//
// A field may have had several names. A stored field goes to the field that is called so now; but a field whose
// own name was not stored takes the first of its old names that was.
//
// **State** read with an older schema is rewritten once, when the store is opened or the savepoint
// restored. Keys do not evolve, because entries are found by them; nor do the columns of a row come and go,
// because open windows hold parts of them.
// **Errors** at compile time where T has no field of this name, or two fields had the same one.
template <class T>
inline constexpr field_renames<0> renamed_fields{};

// How values of an older type become values of T where names and widths do not tell. Specialise it next to T,
// before any pipeline that stores T:
//
//   template <>
//   struct weir::migration<payment> {
//     using from = payment_v1;  // can be stored, and has a default constructor
//     static payment migrate(payment_v1 const& old) { return {old.user, to_cents(old.amount)}; }
//   };
//
// **State** that was stored with the schema of `from` is always migrated. State with any other schema is
// when it cannot become T by names and widths but can become `from`; `from` may have renamed fields and a
// migration of its own, so that versions form a chain. T may be a part of what is stored.
// **Errors** at compile time where the migration is incomplete. What migrate throws ends the run before it
// starts.
template <class T>
struct migration;

namespace detail {

struct evolution_facts;

// What an evolving type is made from: a field of a struct, the elements of a list, ...
struct part_facts {
  std::string name;                    // of a field
  std::vector<std::string> old_names;  // of a field
  std::string schema;
  evolution_facts (*facts)() = nullptr;
  std::string (*default_bytes)() = nullptr;  // of a field; null where its struct cannot be made from nothing
};

// What transcoding into values of a type needs to know of it: a tree in the form of parse_schema(schema), whose
// branches are made when they are asked for. Where parts are missing the schema's text alone counts.
struct evolution_facts {
  std::string schema;
  std::vector<part_facts> parts{};
  bool row = false;                                                // its fields stay as they are
  void (*skip)(byte_reader&) = nullptr;                            // by its codec
  evolution_facts (*migrates_from)() = nullptr;                    // with migrate: null or not
  void (*migrate)(byte_reader& from, std::string& out) = nullptr;  // reads a `from`, appends the value
};

template <class T>
WEIR_COLD evolution_facts facts_of();

template <class T>
WEIR_COLD part_facts evolving_part() {
  return {"", {}, codec<T>::schema(), &facts_of<T>, nullptr};
}

// The parts of the types that codec.hpp puts together.
template <class T>
struct evolving_parts {
  static std::vector<part_facts> get() { return {}; }
};
template <class... Ts>
struct evolving_parts_each {
  static std::vector<part_facts> get() { return {evolving_part<Ts>()...}; }
};
template <class T>
struct evolving_parts<std::optional<T>> : evolving_parts_each<T> {};
template <class T, class Allocator>
struct evolving_parts<std::vector<T, Allocator>> : evolving_parts_each<T> {};
template <class T, std::size_t N>
struct evolving_parts<std::array<T, N>> : evolving_parts_each<T> {};
template <class A, class B>
struct evolving_parts<std::pair<A, B>> : evolving_parts_each<A, B> {};
template <class... Ts>
struct evolving_parts<std::tuple<Ts...>> : evolving_parts_each<Ts...> {};
template <map_like T>
  requires has_codec<typename T::key_type> && has_codec<typename T::mapped_type>
struct evolving_parts<T> : evolving_parts_each<typename T::key_type, typename T::mapped_type> {};
template <set_like T>
  requires has_codec<typename T::key_type>
struct evolving_parts<T> : evolving_parts_each<typename T::key_type> {};

template <class T, std::size_t I>
WEIR_COLD std::string default_field() {
  T const made = T();
  std::string bytes;
  codec<field_type<T, I>>::encode(weir::get_field<I>(made), bytes);
  return bytes;
}

template <class T>
constexpr bool renames_its_fields() {
  for (renamed_field const& r : renamed_fields<T>.all)
    if (field_index<T>(r.field) == field_count<T>) return false;
  return true;
}
template <class T>
constexpr bool had_different_names() {
  auto const& all = renamed_fields<T>.all;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (all[i].was == all[j].was) return false;
  return true;
}

template <storable_struct T>
struct evolving_parts<T> {
  static_assert(renames_its_fields<T>(),
                "weir::renamed_fields<T>: `field` names a field that T does not have; it is the name of today");
  static_assert(had_different_names<T>(), "weir::renamed_fields<T>: two fields had the same name");

  static std::vector<part_facts> get() {
    std::vector<part_facts> all;
    for_each_index<T>([&](auto i) {
      part_facts& part = all.emplace_back(evolving_part<field_type<T, i()>>());
      part.name = field_name<T, i()>();
      for (renamed_field const& r : renamed_fields<T>.all)
        if (r.field == part.name) part.old_names.emplace_back(r.was);
      if constexpr (std::is_default_constructible_v<T>) part.default_bytes = &default_field<T, i()>;
    });
    return all;
  }
};

// A type with a codec of its own may look like one of ours.
WEIR_COLD inline bool fits_schema(std::vector<part_facts> const& parts, schema_node const& type) {
  if (parts.size() != type.args.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].schema != type.args[i].text) return false;
    if (type.name == "struct" && parts[i].name != type.fields[i]) return false;
  }
  return true;
}

template <class T>
concept migrates = requires { sizeof(migration<T>); };
template <class T>
concept proper_migration = requires(typename migration<T>::from const& old) {
  { migration<T>::migrate(old) } -> std::convertible_to<T>;
  requires has_codec<typename migration<T>::from>;
  requires std::default_initializable<typename migration<T>::from>;
};

template <class T>
WEIR_COLD void migrate_value(byte_reader& in, std::string& out) {
  using from = typename migration<T>::from;
  from old{};
  codec<from>::decode(in, old);
  T const made = migration<T>::migrate(std::as_const(old));
  codec<T>::encode(made, out);
}

template <class T>
WEIR_COLD void skip_value(byte_reader& in) {
  T value{};
  codec<T>::decode(in, value);
}

// What is known of T when values of an older type are to become values of T.
template <class T>
evolution_facts facts_of() {
  evolution_facts facts{.schema = codec<T>::schema()};
  facts.parts = evolving_parts<T>::get();
  facts.row = is_row<T>;
  if (!fits_schema(facts.parts, parse_schema(facts.schema))) facts.parts.clear();
  if constexpr (std::default_initializable<T>) facts.skip = &skip_value<T>;
  if constexpr (migrates<T>) {
    constexpr bool the_migration_is_complete = proper_migration<T>;
    static_assert(
        the_migration_is_complete,
        "weir::migration<T>: it needs `using from = ...`, a type that can be stored and be made from nothing, "
        "and `static T migrate(from const&)`");
    if constexpr (the_migration_is_complete) {
      facts.migrates_from = &facts_of<typename migration<T>::from>;
      facts.migrate = &migrate_value<T>;
    }
  }
  return facts;
}

}  // namespace detail

}  // namespace weir
