// What runs with lmdb_store and checkpoints need of weir, whatever their pipelines are: compiled once, in runtime_once.cpp,
// instead of in each test that has one.
#pragma once

#include <weir/checkpoint/policies.hpp>
#include <weir/runtime/run_loop.hpp>
#include <weir/state/lmdb_store.hpp>
#include <weir/state/schema_text.hpp>

#include <string_view>

namespace weir_test {

using exactly_once_options = weir::detail::options_of<weir::lmdb_store, weir::periodic_checkpoints>;
using at_least_once_options =
    weir::detail::options_of<weir::lmdb_store, weir::periodic_checkpoints, weir::at_least_once_t>;

}  // namespace weir_test

extern template class weir::basic_lmdb_backend<void>;
extern template class weir::detail::basic_flush_writer<void>;
extern template class weir::detail::flush_thread<weir::lmdb_backend>;
extern template class weir::detail::recovery<weir::lmdb_backend>;
extern template class weir::detail::sink_recovery<weir::lmdb_backend>;
extern template class weir::detail::coordinator<weir_test::exactly_once_options>;
extern template class weir::detail::coordinator<weir_test::at_least_once_options>;
extern template weir::detail::schema_node weir::detail::parse_schema<void>(std::string_view, unsigned);
