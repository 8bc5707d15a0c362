// Operator state: what a process function on a stream without key keeps, once for all records.
#pragma once

#include <weir/core/fixed_string.hpp>
#include <weir/state/list_state.hpp>
#include <weir/state/value_state.hpp>

namespace weir {

// A list of the whole operator, in the order of adding, which a restart and a savepoint keep. It is held in memory and saved as
// one piece whenever a record has come since the last checkpoint. See also: Flink, CheckpointedFunction and its ListState
template <class T, fixed_string Name>
class operator_list_state : public list_state<T, Name> {
 public:
  static constexpr bool of_operator = true;
};

// One value of the whole operator, or none.
template <class T, fixed_string Name>
class operator_value_state : public value_state<T, Name> {
 public:
  static constexpr bool of_operator = true;
};

}  // namespace weir
