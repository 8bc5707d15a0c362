// What runs with lmdb_store and checkpoints need of weir, whatever their pipelines are: compiled once, in runtime_once.cpp,
// instead of in each test that has one.
#pragma once

#include <weir/checkpoint/policies.hpp>
#include <weir/runtime/run_loop.hpp>
#include <weir/state/lmdb_store.hpp>
#include <weir/state/schema_text.hpp>

#include <string_view>

namespace weir_test {

template <bool ExactlyOnce>
using usual_options =
    weir::detail::run_options<weir::lmdb_store, weir::periodic_checkpoints, ExactlyOnce, false, false,
                              weir::no_restart, weir::no_observer, weir::detail::no_alignment>;

}  // namespace weir_test

extern template class weir::basic_lmdb_backend<void>;
extern template class weir::detail::basic_flush_writer<void>;
extern template class weir::detail::flush_thread<weir::lmdb_backend>;
extern template class weir::detail::recovery<weir::lmdb_backend>;
extern template class weir::detail::sink_recovery<weir::lmdb_backend>;
extern template class weir::detail::coordinator<weir_test::usual_options<true>>;
extern template class weir::detail::coordinator<weir_test::usual_options<false>>;
extern template weir::detail::schema_node weir::detail::parse_schema<void>(std::string_view, unsigned);
