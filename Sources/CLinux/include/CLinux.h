// Linux calls that `import Glibc` does not show to Swift, and the control messages of datagram sockets. No _GNU_SOURCE
// here: the types of the headers below must be those that Swift's own Glibc module has.
#pragma once
#include <pthread.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

/// One datagram of a batch: `struct mmsghdr`.
typedef struct {
    struct msghdr header;
    /// Bytes received or sent.
    unsigned int length;
} clinux_message;

/// recvmmsg(2), without waiting.
int clinux_receive_many(int fd, clinux_message *messages, unsigned count);

/// sendmmsg(2), without waiting.
int clinux_send_many(int fd, clinux_message *messages, unsigned count);

enum {
    /// Bytes that `clinux_set_segments` writes to at most.
    CLINUX_SEGMENT_ROOM = 32,
};

/// Has the kernel cut what is sent of a message into datagrams of `size` bytes, the last of which may be shorter (UDP_SEGMENT,
/// udp(7)); 0: it is one datagram. `room`, aligned to 8, must stay in place.
void clinux_set_segments(clinux_message *message, void *room, uint16_t size);

/// Asks the kernel to tell with each datagram how many it dropped on this socket so far, and when it came in.
int clinux_enable_receive_info(int fd);

/// What the kernel says of one datagram.
typedef struct {
    /// Datagrams dropped on this socket so far; -1: not said.
    int64_t drops;
    /// CLOCK_REALTIME, nanoseconds; -1: not said.
    int64_t received;
} clinux_receive_info;

clinux_receive_info clinux_read_receive_info(const clinux_message *message);

/// Has the processor fetch the `size` bytes at `address` into its caches, without waiting for them.
static inline void clinux_prefetch(const void *address, intptr_t size) {
    for (intptr_t offset = 0; offset < size; offset += 64) __builtin_prefetch((const char *)address + offset, 1);
}

/// Sleeps until `nanoseconds` on CLOCK_MONOTONIC; 0, or an errno (EINTR when a signal came).
int clinux_sleep_until(int64_t nanoseconds);

/// Makes the calling thread a real-time one (SCHED_RR); 0, or an errno (EPERM without CAP_SYS_NICE).
int clinux_become_realtime(int priority);

/// Gives the calling thread a name of at most 15 bytes: what `top -H` shows.
void clinux_name_thread(const char *name);

/// Watches many sockets: epoll(7), and room for what it tells.
typedef struct clinux_poller clinux_poller;

/// For at most `capacity` sockets, at least one; NULL: there is no descriptor or memory for it.
clinux_poller *clinux_poller_open(int capacity);

void clinux_poller_close(clinux_poller *poller);

/// Watches a socket for datagrams; 0, or -1. A closed socket is forgotten by itself.
int clinux_poller_add(clinux_poller *poller, int fd, uint32_t token);

/// Looks once, without waiting. Returns on how many sockets something waits.
int clinux_poller_look(clinux_poller *poller);

/// The token of the `index`-th of them.
uint32_t clinux_poller_token(const clinux_poller *poller, int index);

/// The descriptor of a poller: readable while something waits on one of its sockets.
int clinux_poller_descriptor(const clinux_poller *poller);

/// A timer of CLOCK_MONOTONIC, whose descriptor is readable from the moment on that it is set to; -1: none is left.
int clinux_timer_open(void);

/// Sets it to `nanoseconds`, in place of what it was set to.
void clinux_timer_set(int timer, int64_t nanoseconds);

/// Where threads wait for turns: epoll(7) with EPOLLONESHOT. -1: no descriptor is left.
int clinux_turnstile_open(void);

/// Takes a descriptor in, of which nothing is reported yet; 0, or -1.
int clinux_turnstile_add(int turnstile, int fd);

/// Has `member` reported once, when `fd` is readable.
void clinux_turnstile_arm(int turnstile, int fd, void *member);

void clinux_turnstile_remove(int turnstile, int fd);

/// Waits for one to be reported, and returns it; NULL when a signal came.
void *clinux_turnstile_next(int turnstile);
