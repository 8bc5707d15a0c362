// commit: the root record of a state directory. What it says and what the states hold became durable in one
// transaction.
#pragma once

#include <weir/state/lmdb_backend.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// An operator that keeps state, with the part of it that is small: watermarks, which panes there are.
struct committed_operator {
  std::string uid;
  std::string kind;   // "window", "process", ...: what the uid named when it was saved
  std::string state;  // bytes of its own
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.uid, r.kind, r.state);
  }
  bool operator==(committed_operator const&) const = default;
};

// How far a source has been read, each split of it, and what tells whether it is still the same.
struct committed_source {
  std::string uid;
  std::string position;  // bytes of its own
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.uid, r.position);
  }
  bool operator==(committed_source const&) const = default;
};

// The segment of a sink that this commit names, to be published from now on until the next commit.
struct committed_sink {
  std::string uid;
  std::string segment;  // bytes of its own
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.uid, r.segment);
  }
  bool operator==(committed_sink const&) const = default;
};

// A count since the first start.
struct committed_total {
  std::string name;
  std::uint64_t count = 0;
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.name, r.count);
  }
  bool operator==(committed_total const&) const = default;
};

// Everything that is durable together with the states. `key_groups` and `states` lie in the layout record
// beside it; read_commit fills them in and write_commit leaves them to the backend.
// Epoch 0 comes before the first checkpoint: nothing has been processed, and `sinks` says which targets are this job's.
struct commit {
  std::uint64_t epoch = 0;
  bool finished = false;      // the input has ended and everything has fired: running again only publishes
  bool exactly_once = false;  // else at_least_once: what the sinks have committed fits only one of them
  std::vector<committed_operator> operators;
  std::vector<committed_source> sources;
  std::vector<committed_sink> sinks;
  std::vector<committed_total> totals;
  std::uint16_t key_groups = 0;
  std::vector<state_entry> states;
  template <class Self, class F>
  static void fields(Self& r, F const& f) {
    f(r.epoch, r.finished, r.exactly_once, r.operators, r.sources, r.sinks, r.totals);
  }
  bool operator==(commit const&) const = default;
};

namespace detail {

inline constexpr std::uint32_t commit_version = 2;
inline constexpr std::string_view commit_name = "commit";

}  // namespace detail

// The version of the record, then its fields.
template <>
struct codec<commit> {
  template <class = void>
  WEIR_COLD static void encode(commit const& c, std::string& out) {
    codec<std::uint32_t>::encode(detail::commit_version, out);
    commit::fields(c, detail::encode_fields{out});
  }
  template <class = void>
  WEIR_COLD static void decode(byte_reader& in, commit& c) {
    std::uint32_t version = 0;
    codec<std::uint32_t>::decode(in, version);
    if (version != detail::commit_version)
      throw restore_error("weir: the commit has version " + std::to_string(version) +
                          " and this program knows version " + std::to_string(detail::commit_version) +
                          "; use the weir that wrote it, or a savepoint");
    commit::fields(c, detail::decode_fields{in});
  }
  static std::string schema() { return "commit"; }
};

// The last commit, or nothing where the state is new. Error: store_error where it is damaged, restore_error
// where another version of weir wrote it.
template <class Backend>
WEIR_COLD std::optional<commit> read_commit(Backend const& backend) {
  std::optional<std::string_view> const bytes = backend.get_meta(detail::commit_name);
  if (!bytes) return std::nullopt;
  commit c;
  decode(*bytes, c);
  c.key_groups = backend.key_groups();
  c.states = backend.declarations();
  return c;
}

// Makes the record part of the plan: it becomes durable with everything else in it, or not at all.
template <class Plan>
WEIR_COLD void write_commit(Plan& plan, commit const& c) {
  encode(c, plan.meta.emplace_back(detail::commit_name, std::string()).second);
}

}  // namespace weir
