// The small job as a program.
//   faults_job INPUT STATE WINDOWS TOTALS stops N     stops and starts again after each N records: the same calls each time
//   faults_job INPUT STATE WINDOWS TOTALS goes N      one run in batches of N, and checkpoints beside them all the way
//   faults_job INPUT STATE WINDOWS TOTALS goes N FIFO   after every 40 batches it waits for a byte of the fifo
//   faults_job INPUT STATE WINDOWS TOTALS lives SEED  one run with options that the seed chooses (life.hpp)
//   faults_job INPUT STATE WINDOWS TOTALS parts N     as "stops", with another pipeline and two directories (parts_job.hpp)
// WEIR_FAULT_ALLOCATION=N lets the N-th allocation of C++ fail; the file WEIR_FAULT_FIRED is made when it comes.
// Exit status: 1 an error of weir, 2 another one, 4 no memory, 5 stopped by a signal.
#include "faults/job.hpp"
#include "faults/life.hpp"
#include "faults/parts_job.hpp"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <new>
#include <stop_token>
#include <string>

// failing_allocation.cpp
void let_allocation_fail(long n);

int main(int argc, char** argv) try {
  using namespace std::chrono_literals;
  if (argc != 7 && argc != 8) return 3;
  if (char const* const n = std::getenv("WEIR_FAULT_ALLOCATION")) let_allocation_fail(std::atol(n));
  faults_job::paths const paths{argv[1], argv[2], argv[3], argv[4]};
  if (std::string(argv[5]) == "lives") return faults_job::live(paths, std::stoull(argv[6])) ? 0 : 5;
  bool const stops = std::string(argv[5]) == "stops";
  std::size_t const n = std::stoul(argv[6]);
  if (std::string(argv[5]) == "parts") return faults_job::run_parts(paths, n), 0;
  faults_job::gate beside;
  std::ifstream fifo;
  if (argc == 8) {
    fifo.open(argv[7]);
    beside.passed = [&](std::size_t batches) {
      if (batches % 40 == 0) fifo.get();
    };
  }
  weir::observer const opener{[&](weir::checkpoint_completed const&) { ++beside.completed; }};
  for (;;) {
    std::stop_source stop;
    std::size_t seen = 0;
    auto const watch = [&](faults_job::reading const&) {
      if (++seen % n == 0 && stops) stop.request_stop();
    };
    auto const result =
        weir::run(faults_job::pipeline(paths, watch, stops ? nullptr : &beside), weir::lmdb_store{paths.state},
                  weir::periodic_checkpoints{.every = stops ? std::chrono::nanoseconds(1h) : 1ns},
                  weir::exactly_once, weir::batch_size{n}, opener, stop.get_token());
    if (result.status != weir::outcome::stopped) break;
  }
  return 0;
} catch (weir::error const& e) {
  std::fprintf(stderr, "faults_job: %s\n", e.what());
  return 1;
} catch (std::bad_alloc const&) {
  return 4;
} catch (std::exception const& e) {
  std::fprintf(stderr, "faults_job: not an error of weir: %s\n", e.what());
  return 2;
}
