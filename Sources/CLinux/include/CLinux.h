// Linux calls that `import Glibc` does not show to Swift, and the control-message macros of datagram sockets.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

/// A batch for `recvmmsg`/`sendmmsg`: every array is made once, with room for `capacity` datagrams.
typedef struct mmsghdr clinux_message;

static inline int clinux_receive_many(int fd, clinux_message *messages, unsigned count) {
    return recvmmsg(fd, messages, count, MSG_DONTWAIT, NULL);
}

static inline int clinux_send_many(int fd, clinux_message *messages, unsigned count) {
    return sendmmsg(fd, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/// Asks the kernel to tell with each datagram how many it dropped on this socket so far, and when it came in.
static inline int clinux_enable_receive_info(int fd) {
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on) != 0) return -1;
    return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

/// What the kernel says of one datagram.
typedef struct {
    int64_t drops;     // datagrams dropped on this socket so far; -1: not said
    int64_t received;  // CLOCK_REALTIME, nanoseconds; -1: not said
} clinux_receive_info;

static inline clinux_receive_info clinux_read_receive_info(const struct msghdr *message) {
    clinux_receive_info info = {-1, -1};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR((struct msghdr *)message, c)) {
        if (c->cmsg_level != SOL_SOCKET) continue;
        if (c->cmsg_type == SO_RXQ_OVFL) {
            uint32_t count;
            memcpy(&count, CMSG_DATA(c), sizeof count);
            info.drops = count;
        } else if (c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec at;
            memcpy(&at, CMSG_DATA(c), sizeof at);
            info.received = (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
        }
    }
    return info;
}

/// Sleeps until `nanoseconds` on CLOCK_MONOTONIC; 0, or an errno (EINTR when a signal came).
static inline int clinux_sleep_until(int64_t nanoseconds) {
    struct timespec until = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/// Makes the calling thread a real-time one (SCHED_RR); 0, or an errno (EPERM without CAP_SYS_NICE).
static inline int clinux_become_realtime(int priority) {
    struct sched_param parameter = {.sched_priority = priority};
    return pthread_setschedparam(pthread_self(), SCHED_RR, &parameter);
}
