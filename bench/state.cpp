// State: lmdb_store against RocksDB (read, change and write the values of ten million keys), against memory_store where keys
// are hot, what one entry of a large map_state costs against one of a small one (map_state/entries), how long a checkpoint
// holds up the records, how long it takes to go on, and what checkpoints cost the fraud job.
//
// A row is weir's figure; its ratio is weir's time / the time of what its name ends in. Each run ends with all that it
// changed on the disk. Times are wall times: weir writes on a second thread, and RocksDB has its own.
#include "state_events.hpp"
#include "state_map.hpp"
#include "state_report.hpp"
#include "state_weir.hpp"
#ifdef WEIR_BENCH_WITH_ROCKSDB
#include "state_rocksdb.hpp"
#endif

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

// The main of examples/fraud_detection.cpp, which bench/CMakeLists.txt gives this name.
int fraud_detection(int argc, char** argv);

namespace {

struct sizes {
  std::uint64_t keys, events, every;
};

#ifdef WEIR_BENCH_WITH_ROCKSDB
using variant = std::pair<std::string, std::function<std::uint64_t(bench::key_indices const&)>>;

// The first variant against each of the others, which take turns with it.
void rmw(bench::program& program, std::string const& name, sizes const& size, std::size_t rounds,
         std::vector<variant> variants, auto make_events, auto settle) {
  std::erase_if(variants, [&](variant const& v) {
    return &v != &variants.front() && !program.wants(name + "/" + v.first);
  });
  if (variants.size() < 2) return;
  std::vector<bench::times> times(variants.size());
  for (std::size_t round = 0; round < rounds; ++round) {
    bench::key_indices const events = make_events(size.events, size.keys, 1000 + round);
    std::vector<std::uint64_t> sums(variants.size());
    for (std::size_t i = 0; i < variants.size(); ++i) {
      std::size_t const v = (i + round) % variants.size();
      settle();
      times[v].add([&] { sums[v] = variants[v].second(events); });
    }
    for (std::size_t v = 1; v < variants.size(); ++v)
      bench::expect_same(program, name + "/" + variants[v].first, sums[0], sums[v]);
  }
  double const records = static_cast<double>(size.events);
  for (std::size_t v = 1; v < variants.size(); ++v)
    bench::row(program, name + "/" + variants[v].first, records, times[0].wall, times[v].wall);
  for (std::size_t v = 0; v < variants.size(); ++v)
    bench::processor_figures(program, name + "/" + variants[v].first, records, times[v]);
}

// What the variants work on: the same keys in each.
struct rmw_stores {
  std::filesystem::path direct_folder, layered_folder;
  std::unique_ptr<bench::rocksdb_store> direct, layered;

  void open(std::size_t block_cache, std::size_t write_buffer) {
    direct = std::make_unique<bench::rocksdb_store>(direct_folder, block_cache, write_buffer);
    layered = std::make_unique<bench::rocksdb_store>(layered_folder, block_cache, write_buffer);
  }
  void settle() { direct->settle(), layered->settle(); }
  std::vector<variant> variants(bench::lmdb_job& job, std::uint64_t every) {
    return {
        {"lmdb_store", [&job, every](bench::key_indices const& e) { return job.run(e, every); }},
        {"rocksdb", [this, every](bench::key_indices const& e) { return rocksdb_direct(*direct, e, every); }},
        {"rocksdb-cached",
         [this, every](bench::key_indices const& e) { return bench::rocksdb_layers(*layered).run(e, every); }},
    };
  }
};

// A process in a group whose memory is limited, page cache included, until it goes back to where it was. What it holds before
// is not counted. It is not a child's work: RocksDB's threads do not come along.
class limited_memory {
 public:
  limited_memory(std::filesystem::path group, std::uint64_t limit) : group_(std::move(group)) {
    bool const second_version = std::filesystem::exists(group_ / "memory.max");
    std::ifstream own("/proc/self/cgroup");
    for (std::string line; std::getline(own, line);)
      if (line.find(second_version ? "::" : ":memory:") != std::string::npos)
        before_ = line.substr(line.rfind(':') + 2);
    ::malloc_trim(0);
    std::ofstream(group_ / (second_version ? "memory.max" : "memory.limit_in_bytes")) << limit << std::flush;
    std::ofstream join(group_ / "cgroup.procs");
    if (!(join << ::getpid() << std::flush)) throw std::runtime_error("cannot join " + group_.string());
  }
  limited_memory(limited_memory const&) = delete;
  limited_memory& operator=(limited_memory const&) = delete;
  ~limited_memory() {
    std::filesystem::path root = group_;
    while (std::filesystem::exists(root.parent_path() / "cgroup.procs")) root = root.parent_path();
    std::ofstream(root / before_ / "cgroup.procs") << ::getpid() << std::flush;
  }

 private:
  std::filesystem::path group_, before_;
};

void rmw_beyond_memory(bench::program& program, bench::state_sizes const& asked, sizes size, rmw_stores& stores,
                       bench::lmdb_job& job) {
  if (!program.wants_suite("rmw/beyond_memory")) return;
  if (asked.cgroup.empty()) {
    std::fputs("rmw/beyond_memory: not run; give it a memory cgroup with --cgroup\n", stderr);
    return;
  }
  std::uint64_t const state = bench::bytes_in(job.folder()), limit = state / 5;
  size.events /= 10, size.every /= 10;
  stores.direct.reset(), stores.layered.reset();
  for (std::filesystem::path const& folder :
       {std::filesystem::path(job.folder()), stores.direct_folder, stores.layered_folder})
    bench::leave_page_cache(folder);
  bench::heading(program, "rmw/beyond_memory: " + std::to_string(limit >> 20) + " MiB for " +
                              std::to_string(state >> 20) + " MiB");
  limited_memory const limited(asked.cgroup, limit);
  job.set_memory(limit / 4);
  stores.open(limit / 4, limit / 16);
  rmw(program, "rmw/beyond_memory", size, 1, stores.variants(job, size.every), bench::uniform_keys,
      [&] { stores.settle(); });
  stores.direct.reset(), stores.layered.reset();
}

void against_rocksdb(bench::program& program, bench::state_sizes const& asked, sizes const& size,
                     bench::work_folder const& folder, bench::lmdb_job& job) {
  if (!program.wants_suite("rmw/uniform") && !program.wants_suite("rmw/zipf") &&
      !(program.wants_suite("rmw/beyond_memory") && !asked.cgroup.empty()))
    return rmw_beyond_memory(program, asked, size, *std::make_unique<rmw_stores>(), job);
  rmw_stores stores{folder / "rocksdb", folder / "rocksdb-cached", nullptr, nullptr};
  stores.open(std::size_t{2} << 30, std::size_t{256} << 20);
  for (bench::rocksdb_store* const store : {stores.direct.get(), stores.layered.get()}) {
    store->fill(size.keys, folder / "sorted");
    store->warm();
  }
  std::size_t const rounds = program.rounds(1);
  bench::heading(program, "rmw: M records/s, ratio");
  auto const each = [&](std::string const& name, auto make_events) {
    rmw(program, name, size, rounds, stores.variants(job, size.every), make_events, [&] { stores.settle(); });
    if (job.last.checkpoints != 0)
      program.figure(name + "/checkpoints", static_cast<double>(job.last.checkpoints),
                     "in a run of lmdb_store");
  };
  each("rmw/uniform", bench::uniform_keys);
  each("rmw/zipf", bench::zipf_keys);
  rmw_beyond_memory(program, asked, size, stores, job);
}
#else
void against_rocksdb(bench::program& program, bench::state_sizes const&, sizes const&,
                     bench::work_folder const&, bench::lmdb_job&) {
  if (program.wants_suite("rmw"))
    std::fputs("rmw: not run; built without RocksDB (Debian: librocksdb-dev)\n", stderr);
}
#endif

// A million keys of the state change before each checkpoint, which is due when the one before has long been written.
void pauses(bench::program& program, bench::lmdb_job& job, sizes const& size) {
  if (!program.wants_suite("pause")) return;
  std::uint64_t const changed = std::min(size.keys, size.every), of_each = size.keys / changed;
  std::uint64_t const n = program.size(1'000 * changed, 20 * changed);
  auto const begin = clock_type::now();
  auto before = begin;
  std::chrono::nanoseconds longest{};
  job.run(
      n, n, program.quick() ? 100ms : 2s, [=](std::uint64_t i) { return i % changed * of_each; },
      [&](std::uint64_t i) {
        if (i % 64 != 0) return true;
        auto const now = clock_type::now();
        if (i != 0) longest = std::max(longest, std::chrono::nanoseconds(now - before));
        before = now;
        return now - begin < 20s;
      });
  std::vector<std::chrono::nanoseconds> all = job.last.pauses;
  if (all.size() > 1) all.pop_back();  // the last one is at the end
  std::ranges::sort(all);
  bench::heading(program, "pause: " + std::to_string(changed) + " changed keys, " + std::to_string(all.size()) +
                              " checkpoints, " + std::to_string(job.last.stalls) + " stalls");
  program.figure("pause", bench::milliseconds(all.back()), "ms");
  program.figure("pause/p50", bench::milliseconds(all[all.size() / 2]), "ms");
  // Whatever the cause: also what else runs on the machine.
  program.figure("pause/longest_gap", bench::milliseconds(longest), "ms between two of 64 records");
}

// From the call of run to the first record.
void reopen(bench::program& program, bench::lmdb_job& job, bench::state_sizes const& asked,
            bench::work_folder const& folder) {
  if (!program.wants_suite("reopen")) return;
  std::optional<bench::lmdb_job> larger;
  if (asked.reopen_gib != 0) {
    larger.emplace(folder / "larger", std::size_t{2} << 30);
    // What an entry takes, about, in pages that are partly full.
    larger->fill((asked.reopen_gib << 30) / 140);
  }
  bench::lmdb_job& opened = larger ? *larger : job;
  auto const once = [&](std::string const& name) {
    std::optional<double> time;
    auto const begin = clock_type::now();
    opened.run(
        1, 1, 1h, [](std::uint64_t i) { return i; },
        [&](std::uint64_t) {
          if (!time) time = bench::seconds_since(begin);
          return true;
        });
    program.figure(name, 1e3 * *time, "ms");
  };
  bench::heading(program,
                 "reopen: " + std::to_string(bench::bytes_in(opened.folder()) >> 20) + " MiB of state");
  bench::leave_page_cache(opened.folder());
  once("reopen");
  once("reopen/in_page_cache");
}

// Ten thousand keys that stay in memory.
void hot(bench::program& program, bench::work_folder const& folder) {
  if (!program.wants_suite("hot")) return;
  std::uint64_t const keys = 10'000, n = program.size(100'000'000, 200'000);
  auto const pass = [&](auto... policies) {
    std::uint64_t checksum = 0;
    weir::run(
        weir::from(std::views::iota(std::uint64_t{0}, n), weir::uid<"events">) | weir::map([](std::uint64_t i) {
          return bench::state_event{bench::key_of(bench::mix(i) % keys), static_cast<std::int64_t>(i % 1000)};
        }) | bench::changes(&checksum),
        policies...);
    return checksum;
  };
  bench::times ours, theirs;
  for (std::size_t round = 0; round < program.rounds(5); ++round) {
    std::filesystem::remove_all(folder / "hot");
    std::uint64_t sum = 0, expected = 0;
    ours.add([&] {
      sum =
          pass(weir::lmdb_store{folder / "hot"}, weir::periodic_checkpoints{.every = 1s}, weir::at_least_once);
    });
    theirs.add([&] { expected = pass(weir::memory_store{}); });
    bench::expect_same(program, "hot", sum, expected);
  }
  bench::heading(program, "hot: M records/s of the records' thread, ratio");
  bench::row(program, "hot/memory_store", static_cast<double>(n), ours.thread, theirs.thread);
}

// The example with its files, and what it says thrown away.
int quiet_fraud_detection(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "fraud_detection");
  std::vector<char*> argv;
  for (std::string& a : arguments) argv.push_back(a.data());
  argv.push_back(nullptr);
  std::fflush(stdout);
  int const kept = ::dup(1), nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nowhere, 1);
  int const status = fraud_detection(static_cast<int>(arguments.size()), argv.data());
  std::fflush(stdout);
  ::dup2(kept, 1);
  ::close(kept), ::close(nowhere);
  return status;
}

// A checkpoint each second against the one at the end.
void overhead(bench::program& program, bench::state_sizes const& asked, bench::work_folder const& folder) {
  if (!program.wants_suite("overhead")) return;
  std::uint64_t const n = asked.payments ? asked.payments : program.size(10'000'000, 50'000);
  std::string const input = (folder / "payments.csv").string(), output = (folder / "alerts.jsonl").string(),
                    state = (folder / "fraud").string();
  if (quiet_fraud_detection({"--input", input, "--generate", std::to_string(n), "--seed", "7"}) != 0)
    return program.fail();
  auto const job = [&](bench::times& t, char const* every) {
    std::filesystem::remove_all(state);
    t.add([&] {
      if (quiet_fraud_detection({"--input", input, "--output", output, "--overwrite", "--state", state,
                                 "--checkpoint-every", every}) != 0)
        program.fail();
    });
  };
  bench::times ours, theirs;
  for (std::size_t round = 0; round < program.rounds(3); ++round) {
    job(ours, program.quick() ? "50ms" : "1s");
    job(theirs, "1h");
  }
  bench::heading(program, "overhead: M payments/s, ratio");
  bench::row(program, "overhead/fraud", static_cast<double>(n), ours.wall, theirs.wall);
  bench::processor_figures(program, "overhead/fraud", static_cast<double>(n), ours);
  bench::processor_figures(program, "overhead/fraud/baseline", static_cast<double>(n), theirs);
}

}  // namespace

int main(int count, char** arguments) try {
  bench::state_sizes const asked(count, arguments);
  bench::program program(count, arguments);
  if (program.status() != 0) {
    std::fputs(bench::state_sizes::usage, stderr);
    return program.status();
  }
  sizes size{program.size(10'000'000, 100'000), program.size(5'000'000, 50'000), 0};
  if (asked.keys) size.keys = asked.keys;
  if (asked.events) size.events = asked.events;
  size.every = std::max<std::uint64_t>(1, size.events / 5);

  bench::work_folder const folder(asked.folder);
  bench::lmdb_job job(folder / "lmdb");
  bool const reopens_it = program.wants_suite("reopen") && asked.reopen_gib == 0;
  if (program.wants_suite("rmw") || program.wants_suite("rmw/uniform") || program.wants_suite("rmw/zipf") ||
      program.wants_suite("rmw/beyond_memory") || program.wants_suite("pause") || reopens_it)
    job.fill(size.keys);
  against_rocksdb(program, asked, size, folder, job);
  pauses(program, job, size);
  reopen(program, job, asked, folder);
  hot(program, folder);
  bench::map_entries(program, folder);
  overhead(program, asked, folder);
  return program.status();
} catch (std::exception const& e) {
  std::fprintf(stderr, "state: %s\n", e.what());
  return 1;
}
