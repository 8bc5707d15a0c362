// saved_stages: the stages of a run without their types, as its checkpoints know them.
#pragma once

#include <weir/checkpoint/archive.hpp>
#include <weir/checkpoint/commit.hpp>
#include <weir/core/retries.hpp>
#include <weir/core/sink.hpp>
#include <weir/runtime/running_stages.hpp>
#include <weir/runtime/saved_parts.hpp>
#include <weir/state/frozen_table.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::detail {

// A layered_table.
struct running_table {
  struct calls {
    table_memory (*memory)(void const* table);
    table_memory (*entries)(void const* table);
    void (*freeze)(void* table, flush_plan& plan);
    void (*flushed)(void* table, garbage& old);
    void (*evict)(void* table, garbage& old);
  };
  void* table;
  calls const* call;

  table_memory memory() const { return call->memory(table); }
  table_memory entries() const { return call->entries(table); }
  void freeze(flush_plan& plan) const { call->freeze(table, plan); }
  void flushed(garbage& old) const { call->flushed(table, old); }
  void evict(garbage& old) const { call->evict(table, old); }
};
template <class Table>
struct calls_of_table {
  static table_memory memory(void const* t) { return static_cast<Table const*>(t)->memory(); }
  static table_memory entries(void const* t) { return static_cast<Table const*>(t)->entries(); }
  static void freeze(void* t, flush_plan& plan) { static_cast<Table*>(t)->freeze(plan); }
  static void flushed(void* t, garbage& old) { static_cast<Table*>(t)->flushed(old); }
  static void evict(void* t, garbage& old) { static_cast<Table*>(t)->evict(old); }
  static constexpr running_table::calls all{memory, entries, freeze, flushed, evict};
};

// A source or an operator.
struct saved_stage {
  std::string uid;  // or what part_namer has called it
  void* stage;
  void (*save)(void* stage, std::string& bytes);  // null: a source that cannot be read again
  void (*restore)(void* stage, std::string_view bytes);
  // Of an operator.
  std::string kind{};
  void (*add_tables)(void* stage, std::vector<running_table>& to) = nullptr;  // null: it has none
};

// A null function is one that the sink has not.
struct saved_sink {
  std::string_view uid;
  retries again;
  void* writer;
  // Of one that publishes by epoch.
  sink_segment (*close_segment)(void* writer, std::uint64_t epoch);
  void (*recover)(void* writer, std::optional<std::string_view> saved, std::uint64_t epoch);
  void (*finish)(void* writer);  // of all others
  void (*end_of_input)(void* writer);
  std::optional<std::string> (*claim)(void* writer);
  bool (*moved)(void* writer);
  bool (*claimed)(void* writer);
  std::string (*target)(void* writer);
};
template <class Writer>
struct calls_of_writer {
  static Writer& at(void* writer) { return *static_cast<Writer*>(writer); }
  static sink_segment close_segment(void* w, std::uint64_t epoch) { return at(w).close_segment(epoch); }
  static void recover(void* w, std::optional<std::string_view> saved, std::uint64_t epoch) {
    at(w).recover(saved, epoch);
  }
  static void finish(void* w) { at(w).finish(); }
  static void end_of_input(void* w) { at(w).end_of_input(); }
  static std::optional<std::string> claim(void* w) { return at(w).claim(); }
  static bool moved(void* w) { return at(w).moved(); }
  static bool claimed(void* w) { return at(w).claimed(); }
  static std::string target(void* w) { return at(w).target(); }
};
template <class Stage>
saved_sink saved_sink_of(Stage& stage) {
  using writer_type = decltype(Stage::writer);
  using calls = calls_of_writer<writer_type>;
  saved_sink sink{stage.uid, stage.again, &stage.writer, {}, {}, {}, {}, {}, {}, {}, {}};
  if constexpr (Stage::guarantee != delivery::at_once)
    sink.close_segment = calls::close_segment, sink.recover = calls::recover;
  else
    sink.finish = calls::finish;
  if constexpr (requires(writer_type& w) { w.end_of_input(); }) sink.end_of_input = calls::end_of_input;
  if constexpr (requires(writer_type& w) { w.claim(); }) sink.claim = calls::claim;
  if constexpr (requires(writer_type& w) { w.moved(); }) sink.moved = calls::moved;
  if constexpr (requires(writer_type& w) { w.claimed(); }) sink.claimed = calls::claimed;
  if constexpr (requires(writer_type& w) { w.target(); }) sink.target = calls::target;
  return sink;
}

template <class Stage>
struct calls_of_saved {
  // Of a source.
  static void save_position(void* at, std::string& bytes) { static_cast<Stage*>(at)->reader.save(bytes); }
  static void restore_position(void* at, std::string_view bytes) {
    static_cast<Stage*>(at)->reader.restore(bytes);
  }
  // Of an operator.
  static void save_state(void* at, std::string& bytes) {
    save_archive ar;
    static_cast<Stage*>(at)->state(ar);
    bytes = std::move(ar.bytes);
  }
  static void restore_state(void* at, std::string_view bytes) {
    Stage& stage = *static_cast<Stage*>(at);
    load_archive ar(bytes);
    stage.state(ar);
    ar.finish();
    if constexpr (requires { stage.restored(); }) stage.restored();
  }
  static void add_tables(void* at, std::vector<running_table>& to) {
    static_cast<Stage*>(at)->for_each_table([&to]<class Table>(Table& table) {
      to.push_back({&table, &calls_of_table<Table>::all});
    });
  }
};

// A visitor of stages: keeps what it is shown. All lists are in the order of the pipeline.
struct saved_stages : running_stages {
  std::vector<saved_stage> sources, operators;
  std::vector<saved_sink> saved_sinks;
  part_namer names;

  template <class Stage>
  void operator()(Stage& stage) {
    using calls = calls_of_saved<Stage>;
    running_stages::operator()(stage);
    std::string name = names.name(stage);
    if constexpr (source_part<Stage>) {
      saved_stage& saved = sources.emplace_back(saved_stage{std::move(name), &stage, nullptr, nullptr});
      if constexpr (Stage::replayable)
        saved.save = calls::save_position, saved.restore = calls::restore_position;
    } else if constexpr (sink_part<Stage>) {
      saved_sinks.push_back(saved_sink_of(stage));
    } else if constexpr (operator_part<Stage>) {
      saved_stage& saved = operators.emplace_back(
          saved_stage{std::move(name), &stage, calls::save_state, calls::restore_state, kind_of(stage)});
      if constexpr (requires { stage.for_each_table([](auto&) {}); }) saved.add_tables = calls::add_tables;
    }
  }

  // Those that there are now: windows come and go. Valid until the next call.
  std::vector<running_table> const& tables() {
    tables_.clear();
    for (saved_stage const& op : operators)
      if (op.add_tables) op.add_tables(op.stage, tables_);
    return tables_;
  }

 private:
  std::vector<running_table> tables_;
};

}  // namespace weir::detail
