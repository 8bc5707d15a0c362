// State handles: the members of a process function through which it reaches what is kept for the key at hand. Each is a
// view: the run binds it to the key's value before every call, so a handle means nothing outside on_record and on_timer.
#pragma once

#include <weir/state/list_state.hpp>
#include <weir/state/map_state.hpp>
#include <weir/state/operator_state.hpp>
#include <weir/state/reducing_state.hpp>
#include <weir/state/ttl.hpp>
#include <weir/state/value_state.hpp>
