// calibration: how fast this machine is just now, in ns of a round of fixed work. The micro benchmarks are told as
// multiples of it. A round is arithmetic that waits for itself (as parsing does), then memory read, averaged and written
// (as scaling does), then products (as mixing does). Prints the median of some 60 rounds, in a second or so.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BYTES = 1280 * 720 * 3 / 2, STEPS = 2000000, SAMPLES = 200000, ROUNDS = 61 };

static uint8_t from[BYTES + 2], to[BYTES];
static float sound[SAMPLES + 8];

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t round_of_work(uint64_t seed) {
    uint64_t hash = seed;
    for (int k = 0; k < STEPS; k++) hash = (hash ^ from[k % 4096]) * 1099511628211u;
    for (int pass = 0; pass < 4; pass++)
        for (int k = 0; k < BYTES; k++) to[k] = (uint8_t)((from[k] + 2 * from[k + 1] + from[k + 2]) >> 2);
    float sum = 0;
    for (int k = 0; k < SAMPLES; k++)
        for (int tap = 0; tap < 8; tap++) sum += sound[k + tap] * 0.125f;
    return hash + to[hash % BYTES] + (uint64_t)sum;
}

static int ascending(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return difference < 0 ? -1 : difference > 0;
}

int main(void) {
    for (int k = 0; k < BYTES + 2; k++) from[k] = (uint8_t)(k * 2654435761u >> 24);
    for (int k = 0; k < SAMPLES + 8; k++) sound[k] = (float)(k % 97) / 97;
    double times[ROUNDS];
    uint64_t kept = 1;
    for (int k = 0; k < ROUNDS; k++) {
        double start = now_ns();
        kept = round_of_work(kept);
        times[k] = now_ns() - start;
    }
    qsort(times, ROUNDS, sizeof *times, ascending);
    printf("round=%.0f kept=%d\n", times[ROUNDS / 2], (int)(kept & 1));
    return 0;
}
