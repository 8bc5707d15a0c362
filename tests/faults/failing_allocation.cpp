// The job's operator new, whose N-th call from now on can be let fail. A file of its own: g++ 12 warns of it where it is inlined.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<long> allocations{0};
std::atomic<long> failing{0};

void no_memory() {
  if (char const* const fired = std::getenv("WEIR_FAULT_FIRED"))
    ::close(::open(fired, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  throw std::bad_alloc();
}

}  // namespace

void let_allocation_fail(long n) { failing = allocations + n; }

void* operator new(std::size_t n) {
  if (++allocations == failing) no_memory();
  if (void* const p = std::malloc(n == 0 ? 1 : n)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
