// sink: the contract between into(sink) and the nouns that records go to.
//
// A sink is a copyable noun that has
//   static constexpr delivery guarantee       how it keeps exactly-once
//   template <class T> static constexpr bool accepts
//   template <class T> class writer           its running side; T is the type of the records
//   using refuses                             optional: what its kernel throws for a record that it cannot take, as if that had not
//                                             come; record_refused, or std::exception where that is anything at all
//   using keeps                               optional: what it holds beyond a batch; no std::string_view may be in it
// A writer is built as writer(sink const&, sink_context const&) and has
//   kernel open(); void commit(kernel const&) and kernel::operator()(value, untimed or event), as a stage has them
//   void flush()                              a batch has ended: what sinks that write at once hold goes out
//   void finish()                             the run ends without checkpoints: everything goes out for good
// and, unless its guarantee is at_once,
//   void recover(std::optional<std::string_view> commitment, std::uint64_t epoch)   a durable run begins: nothing was
//                                             committed, or the last commit says this; publishes it again
//   sink_segment close_segment(std::uint64_t epoch)   at a barrier, on the thread of the records
//   void end_of_input()                      optional: no record will ever come again; before the last close_segment
// and, if it may write to its target before the first commit that knows of it and has to know that target again,
//   std::optional<std::string> claim()        while nothing is committed for it: which target this is, in bytes that say that
//                                             they are a claim; nullopt: needs none. It is durable before recover(claim, ..),
//                                             and comes again at the next start. Only that may change what others see of
//                                             the target; before it, folders and hidden files of the sink's own may be made
//                                             and removed. After that claim() is asked once more, and what is new in it is
//                                             durable before any record
//   bool moved(), claimed()                   optional: recover has found that the target is another one than what it was
//                                             told of, or was told of a claim; then claim() is asked as well
//   std::string target()                      optional: what no other sink may claim; without it, the bytes of the claim
#pragma once

#include <weir/config.hpp>
#include <weir/core/counters.hpp>
#include <weir/core/parts.hpp>
#include <weir/core/retry_context.hpp>
#include <weir/error.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir {

struct sink_context {
  std::string_view uid;
  bool exactly_once = false;    // segments are published by epoch; else records go out as they come
  std::string state_directory;  // for spooled segments; empty without a durable store
  weir::counters& counters;
  bool from_savepoint =
      false;  // what recover hears is from a savepoint: the target may be gone or another one by now
  retry_context* retried =
      nullptr;  // a sink that tries again by itself asks and says so here, on any thread; may be null
};

// A record that a sink cannot take, whatever happens.
class record_refused : public connector_error {
 public:
  using connector_error::connector_error;
};

// What the records of one epoch became. The two functions run on the thread that commits, in this order, with the commit
// between them; publish is repeated at the next start until the commit after it, and after it has thrown where there are
// retries.
struct sink_segment {
  std::string commitment;  // goes into the commit: enough to publish the segment again
  std::function<void()> make_durable;
  std::function<void()> publish;
  // What the commitment is in a savepoint, which is written once the segment has been published: nothing is left to publish.
  // Empty: the same.
  std::string published{};
};

// A base for writers that take one record after the other: put(value).
template <class Writer, class T>
class record_writer {
 public:
  struct kernel {
    Writer* to;
    template <class Time>
    WEIR_INLINE void operator()(T const& value, Time) {
      to->put(value);
    }
  };
  kernel open() { return {static_cast<Writer*>(this)}; }
  void commit(kernel const&) {}
};

template <class S>
concept sink = std::same_as<std::remove_cv_t<decltype(S::guarantee)>, delivery>;

template <class S, class T>
concept sink_of = sink<S> && S::template accepts<T>;

// How something that is no sink noun can stand in into(x): connectors specialise it (a container, a callable, an
// ostream). `make(x)` gives the noun.
template <class X>
struct sink_adaptor;

template <class X>
concept adaptable_to_sink = requires(X&& x) { sink_adaptor<X>::make(std::forward<X>(x)); };

}  // namespace weir
