// A camera of delay_probe: plays a film with flashes, and knows when each flash was sent.
#ifndef DELAY_CAMERA_H
#define DELAY_CAMERA_H

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

enum {
    WIDTH = 1280, HEIGHT = 720, RATE = 30,
    BITS = 8, BIT_SIDE = 96, BIT_TOP = 48,  // of the strip with a picture's number, in its samples
    DARK = 40, BRIGHT = 215, FLASH_PICTURES = 6, MAX_FLASHES = 4096,
    // In pictures: from one flash to the next, and from a multiple of that to a flash, not to meet a keyframe.
    GAP = 32, FLASH = GAP / 2,
};

struct camera {
    int descriptor;
    double start;  // when it sends the first picture
    double jitter;  // by which a picture may be later, in seconds
    uint32_t random;
    uint16_t sequence;
    uint32_t ssrc;
    double flashes[MAX_FLASHES];  // when each one was sent; written before `flash_count` says so
    atomic_int flash_count;
    atomic_bool stop;
};

// Encodes the film that all cameras play; before the first of them runs.
void make_film(void);

// A thread's function: plays the film through `argument`'s descriptor, a connected one, until it is told to stop.
void *run_camera(void *argument);

// From 0 to 1.
double chance(uint32_t *random);

double seconds_now(void);

// Ends the program with what could not be had, and errno's word for why.
void fail(const char *what);

#endif
