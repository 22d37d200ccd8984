// Counts the heap allocations of the whole test process by standing in for malloc and its kin.
#pragma once
#include <stdint.h>

/// Allocations of the calling thread so far.
uint64_t callocationcounter_thread_count(void);
/// Allocations of all threads so far.
uint64_t callocationcounter_total_count(void);
