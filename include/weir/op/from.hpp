#pragma once

#include <weir/core/pipeline.hpp>
#include <weir/core/source.hpp>
#include <weir/core/uid.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weir {
namespace detail {

// What a run reads from: the reader and the stages behind it.
template <class Source, class Stages, class Outlet>
struct input_stage {
  static constexpr bool replayable = Source::replayable;
  static constexpr std::size_t inputs = 1;
  static constexpr bool idles = may_idle<Stages>;
  static constexpr bool clocked = has_clock<Stages>;
  using reader_type = typename Source::reader;
  using value_type = typename Source::value_type;

  std::string_view uid;
  std::vector<malformed_record> malformed;
  typename Source::reader reader;
  Stages stages;
  Outlet outlet{};  // the consumer of malformed input, where there is one
  std::uint64_t& read;
  std::uint64_t& malformed_count;
  std::size_t selected = 0;
  std::vector<bool> ended;

  template <class Runtime, class Make, class FindOutlet>
  input_stage(Source const& source, std::string_view name, bool keep, Runtime& runtime, Make const& make,
              FindOutlet const& find)
      : uid(name),
        reader(source, source_context{name, keep, &malformed, runtime.retried}),
        stages(make()),
        outlet(find(stages)),
        read(runtime.counters.get(name, "out")),
        malformed_count(runtime.counters.get(name, "malformed")) {
    ended.resize(reader.splits());
    stages.splits(reader.splits());
  }
  input_stage(input_stage const&) = delete;

  // The coming batch is from this split.
  void select(std::size_t split) {
    if (split != selected) stages.select(selected = split);
  }
  // The watermark that the split has made so far.
  timestamp clock(std::size_t split) {
    select(split);
    auto k = stages.open();
    timestamp const t = k.clock();
    stages.commit(k);
    return t;
  }
  void end(std::size_t split) {
    ended[split] = true;
    if (std::all_of(ended.begin(), ended.end(), std::identity{}))
      stages.advance({min_time, max_time});
    else
      stages.finish(split);
  }
  void end_all() {
    for (std::size_t i = 0; i < ended.size(); ++i)
      if (!ended[i]) end(i);
  }
  // A record that was not read: of a test.
  void give(value_type value) {
    auto k = stages.open();
    k(std::move(value), untimed{});
    stages.commit(k);
  }
  // Whether there was malformed input among what has been read.
  bool consume(std::size_t split, std::size_t n) {
    read += n;
    reader.consume(split, n);
    if (malformed.empty()) return false;
    give_malformed();
    return true;
  }
  WEIR_COLD void give_malformed() {
    malformed_count += malformed.size();
    if constexpr (!std::is_same_v<Outlet, none>) {
      auto k = stages.open();
      for (malformed_record const& m : malformed) outlet->push(m, untimed{});
      stages.commit(k);
    }
    malformed.clear();
  }
  template <class F>
  void for_each_input(F&& f) {
    f(*this);
  }
  template <class Visitor>
  void visit(Visitor&& v) {
    v(*this);
    stages.visit(v);
  }
};

template <class Malformed>
struct malformed_policy {  // fail
  static constexpr bool keep = false;
  static constexpr std::string_view text = "";
  template <class Value>
  using facts = stream<Value>;
  template <class Stages>
  static none find(Stages&) {
    return {};
  }
};
template <>
struct malformed_policy<skip_malformed_t> : malformed_policy<none> {
  static constexpr bool keep = true;
  static constexpr std::string_view text = "skip_malformed";
};
template <fixed_string Name>
struct malformed_policy<malformed_to_t<Name>> {
  static constexpr bool keep = true;
  static constexpr auto whole_text = fixed_string("malformed_to ") + Name;
  static constexpr std::string_view text = whole_text.view();
  template <class Value>
  using facts = stream<Value, false, none, none, outlets<outlet<Name, stream<malformed_record>>>>;
  template <class Stages>
  static auto* find(Stages& stages) {
    return stages.template outlet<Name>();
  }
};

template <class Source, fixed_string Uid, class Malformed>
struct source_root {
  Source source;
  using stream = typename malformed_policy<Malformed>::template facts<typename Source::value_type>;
  template <class Names>
  using parts = part_list<part<full_uid<Names::scope, Uid>, part_kind::source, Source::replayable>>;

  template <class Env, class Make>
  auto attach(Env const& env, Make const& make) const {
    using policy = malformed_policy<Malformed>;
    using stages_type = decltype(make());
    auto const find = [](stages_type& s) { return policy::find(s); };
    return input_stage<Source, stages_type, decltype(policy::find(std::declval<stages_type&>()))>(
        source, full_uid<Env::scope, Uid>.view(), policy::keep, env.runtime, make, find);
  }
  template <class D>
  void describe(D& d) const {
    d.name(Uid.view());
    d.node("from", d.noun(source), malformed_policy<Malformed>::text);
  }
};

template <class T>
inline constexpr bool is_malformed_choice = std::is_same_v<T, none> || std::is_same_v<T, skip_malformed_t>;
template <fixed_string Name>
inline constexpr bool is_malformed_choice<malformed_to_t<Name>> = true;

// Nothing, a uid, a choice, or both in this order.
template <class... Options>
inline constexpr bool are_from_options = sizeof...(Options) == 0;
template <class T>
inline constexpr bool are_from_options<T> = is_malformed_choice<T> && !std::is_same_v<T, none>;
template <fixed_string Name>
inline constexpr bool are_from_options<uid_tag<Name>> = true;
template <fixed_string Name, class T>
inline constexpr bool are_from_options<uid_tag<Name>, T> = is_malformed_choice<T>;

struct from_fn {
  template <class Source, fixed_string Name = "", class Malformed = none>
    requires is_malformed_choice<Malformed>
  constexpr auto operator()(Source&& s, uid_tag<Name> = {}, Malformed = {}) const {
    if constexpr (!reads_its_records<std::remove_cvref_t<Source>>) {
      constexpr bool the_source_can_read_its_records = reads_its_records<std::remove_cvref_t<Source>>;
      static_assert(the_source_can_read_its_records,
                    "weir::from(source): the source cannot read records of its type; adapt the struct with "
                    "BOOST_HANA_ADAPT_STRUCT, with fields of types that the format has");
      return rejected{};
    } else if constexpr (source<std::remove_cvref_t<Source>>) {
      using root = source_root<std::remove_cvref_t<Source>, Name, Malformed>;
      return pipeline<root, identity_operation>(root{std::forward<Source>(s)}, {});
    } else if constexpr (adaptable_to_source<Source>) {
      auto noun = source_adaptor<Source>::make(std::forward<Source>(s));
      using root = source_root<decltype(noun), Name, Malformed>;
      return pipeline<root, identity_operation>(root{std::move(noun)}, {});
    } else {
      constexpr bool this_is_a_source = adaptable_to_source<Source>;
      static_assert(this_is_a_source, "weir::from(source): neither a source, nor a range, nor a callable");
      return rejected{};
    }
  }
  template <class Source>
  constexpr auto operator()(Source&& s, skip_malformed_t skip) const {
    return (*this)(std::forward<Source>(s), uid<"">, skip);
  }
  template <class Source, fixed_string Name>
  constexpr auto operator()(Source&& s, malformed_to_t<Name> to) const {
    return (*this)(std::forward<Source>(s), uid<"">, to);
  }
  template <class Source, class... Options>
    requires(!are_from_options<Options...>)
  constexpr rejected operator()(Source&&, Options const&...) const {
    constexpr bool these_are_options = are_from_options<Options...>;
    static_assert(these_are_options,
                  "weir::from(source, options...): the options are a uid, written weir::uid<...> with the name "
                  "inside, and then skip_malformed or malformed_to<...>");
    return {};
  }
};

}  // namespace detail

// An operator that begins a pipeline: records come from source.
//
// Input      source is a source noun (csv_file, json_lines_file, generator, ...), a range (an lvalue is referred to, a view
//            or an rvalue is kept) or a callable that returns std::optional<T>; then uid<"name">, and what to do
//            with malformed input: nothing said: the run fails; skip_malformed; malformed_to<"name">
// Output     its records, without event time
// Time       none until assign_timestamps
// State      the position in the source; saved
// Ordering   as the source has it; parts that are read beside each other (several files) by their watermarks
// Errors     "weir::from(source): neither a source, nor a range, nor a callable"
//            "weir::from(source): the source cannot read records of its type; adapt the struct with ..."
// Example    examples/docs/from.cpp
// See also   into, merge
inline constexpr detail::from_fn from{};

}  // namespace weir
