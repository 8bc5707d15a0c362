#include "runtime_once.hpp"

template class weir::basic_lmdb_backend<void>;
template class weir::detail::basic_flush_writer<void>;
template class weir::detail::flush_thread<weir::lmdb_backend>;
template class weir::detail::recovery<weir::lmdb_backend>;
template class weir::detail::sink_recovery<weir::lmdb_backend>;
template class weir::detail::coordinator<weir_test::usual_options<true>>;
template class weir::detail::coordinator<weir_test::usual_options<false>>;
template weir::detail::schema_node weir::detail::parse_schema<void>(std::string_view, unsigned);
