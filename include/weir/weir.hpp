// weir: stateful stream processing with typed pipelines. Everything that needs only the core dependencies, but for what few
// programs need and all would have to compile: connector/csv_directory.hpp, connector/json_lines_directory.hpp,
// connector/outbox.hpp, checkpoint/inspection.hpp, checkpoint/fsck.hpp.
#pragma once

// First: clang prints the way to a header with each error in it.
#include <weir/state/evolution.hpp>

#include <weir/op/windowed/window_operator.hpp>

#include <weir/aggregate/avg.hpp>
#include <weir/aggregate/collect.hpp>
#include <weir/aggregate/count.hpp>
#include <weir/aggregate/count_distinct.hpp>
#include <weir/aggregate/max.hpp>
#include <weir/aggregate/max_by.hpp>
#include <weir/aggregate/min.hpp>
#include <weir/aggregate/min_by.hpp>
#include <weir/aggregate/sum.hpp>
#include <weir/connector/callable.hpp>
#include <weir/connector/container.hpp>
#include <weir/connector/csv_file.hpp>
#include <weir/connector/fold.hpp>
#include <weir/connector/generator.hpp>
#include <weir/connector/json_lines_file.hpp>
#include <weir/connector/ostream.hpp>
#include <weir/connector/range.hpp>
#include <weir/connector/standard_input.hpp>
#include <weir/connector/upsert.hpp>
#include <weir/core/decimal.hpp>
#include <weir/core/describe.hpp>
#include <weir/core/row.hpp>
#include <weir/core/schema.hpp>
#include <weir/core/uid.hpp>
#include <weir/op/aggregate.hpp>
#include <weir/op/assign_timestamps.hpp>
#include <weir/op/async_map.hpp>
#include <weir/op/branch.hpp>
#include <weir/op/discard.hpp>
#include <weir/op/failed_to.hpp>
#include <weir/op/filter.hpp>
#include <weir/op/flat_map.hpp>
#include <weir/op/from.hpp>
#include <weir/op/inspect.hpp>
#include <weir/op/into.hpp>
#include <weir/op/key_by.hpp>
#include <weir/op/lookup_join.hpp>
#include <weir/op/map.hpp>
#include <weir/op/merge.hpp>
#include <weir/op/process.hpp>
#include <weir/op/reduce.hpp>
#include <weir/op/side.hpp>
#include <weir/op/window.hpp>
#include <weir/runtime/run.hpp>
#include <weir/state/handles.hpp>
#include <weir/state/lmdb_store.hpp>
#include <weir/state/memory_store.hpp>
#include <weir/version.hpp>
#include <weir/watermark/bounded_out_of_orderness.hpp>
#include <weir/watermark/monotonous_timestamps.hpp>
#include <weir/watermark/punctuated.hpp>
#include <weir/watermark/with_idleness.hpp>

// Last: what it shares with others has been read on a shorter way by then.
#include <weir/state/broadcast_state.hpp>

#include <weir/op/broadcast.hpp>
#include <weir/op/co_group.hpp>
#include <weir/op/connect.hpp>
#include <weir/op/deduplicate.hpp>
#include <weir/op/interval_join.hpp>
#include <weir/op/process_window.hpp>
#include <weir/op/rolling.hpp>
#include <weir/op/temporal_join.hpp>
#include <weir/op/top_n.hpp>
#include <weir/op/window_all.hpp>
#include <weir/op/window_join.hpp>
