// Compiler facts. This file and version.hpp hold the only macros of weir.
#pragma once

#include <weir/version.hpp>

#if !defined(__cplusplus) || __cplusplus < 202002L
#error "weir needs C++20: compile with -std=c++20"
#endif

// A record's way through the kernels of a pipeline is one loop body: the compiler must not put a call in it.
#define WEIR_INLINE [[gnu::always_inline]] inline
// What happens once in many records stays out of the loop, so that the loop's state stays in registers.
#define WEIR_COLD [[gnu::noinline, gnu::cold]]
#define WEIR_NOINLINE [[gnu::noinline]]
// The loop of a run. Its caller has called cold functions on the way to it, and g++ takes what comes behind such a call for
// cold too: without this the records' loop was compiled for size.
#define WEIR_HOT [[gnu::noinline, gnu::hot]]
