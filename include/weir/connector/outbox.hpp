// outbox: records that are kept with the commit until a function has delivered them.
#pragma once

#include <weir/connector/os_file.hpp>
#include <weir/connector/outbox_writer.hpp>
#include <weir/core/parts.hpp>
#include <weir/core/sink.hpp>

#include <chrono>
#include <utility>

namespace weir {

struct outbox_options {
  std::chrono::milliseconds retry_for{
      30'000};               // how long a delivery that fails is tried again, with growing pauses
  std::size_t batch = 1000;  // at most so many records for a function that takes several
};

// A sink that gives records to a function once they are committed, and again until it took them:
//
//   into(outbox{[&](alert const& a, outbox_id const& id) { post(a, id.text()); }}, uid<"alerts">)
//   into(outbox{[&](std::span<alert const> batch, outbox_id const& first) { ... }}, uid<"alerts">)
//
// The records of an epoch lie in the commit, or in a file beside it that the commit names; after the commit the function gets
// them in order. It says that it could not by an exception or by returning false: then it gets them again, and at last the run
// fails, and the next one begins with them. What was delivered right before a crash comes twice, with the same id: a
// target that is idempotent, taking one id once, has each record exactly once, and never one that was not committed. The
// same under at_least_once. Without checkpoints records go out at the end of each batch.
//
// Sinks that keep a guarantee of their own, staged or fenced ones, need none of this: what goes behind an outbox is what is
// written by key, or takes an idempotency key, such as a web service. It is called on the thread that commits, by one thread at a
// time, and at the start on that of the run.
//
// Errors: connector_error once `retry_for` has passed, with what the function said; restore_error where records that were
// committed and not delivered are damaged or of another type.
//         "weir::into(sink): the sink cannot take a record of this stream": the function does not take it, or it has no codec
// Example: examples/docs/outbox.cpp
// Source: Richardson, "Microservices Patterns", transactional outbox.
template <detail::outbox_target F>
struct outbox {
  static constexpr delivery guarantee = delivery::idempotent;
  template <class T>
  static constexpr bool accepts = detail::outbox_takes<F, T>();
  template <class T>
  using writer = detail::outbox_writer<T, F>;

  F deliver;
  outbox_options options;
  constexpr explicit outbox(F f, outbox_options o = {}) : deliver(std::move(f)), options(o) {}
};

}  // namespace weir
