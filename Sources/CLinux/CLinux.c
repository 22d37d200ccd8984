#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

_Static_assert(sizeof(clinux_message) == sizeof(struct mmsghdr), "clinux_message is struct mmsghdr");
_Static_assert(offsetof(clinux_message, length) == offsetof(struct mmsghdr, msg_len), "clinux_message is struct mmsghdr");

int clinux_receive_many(int fd, clinux_message *messages, unsigned count) {
    return recvmmsg(fd, (struct mmsghdr *)messages, count, MSG_DONTWAIT, NULL);
}

int clinux_send_many(int fd, clinux_message *messages, unsigned count) {
    const struct msghdr *only = &messages->header;
    if (count == 1 && only->msg_iovlen == 1 && !only->msg_control) {
        // 0.2 of 2.8 us less than by sendmmsg, which has a header to take apart.
        ssize_t sent = sendto(fd, only->msg_iov->iov_base, only->msg_iov->iov_len, MSG_DONTWAIT | MSG_NOSIGNAL,
                              only->msg_name, only->msg_namelen);
        if (sent < 0) return -1;
        messages->length = (unsigned)sent;
        return 1;
    }
    return sendmmsg(fd, (struct mmsghdr *)messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

_Static_assert(CMSG_SPACE(sizeof(uint16_t)) <= CLINUX_SEGMENT_ROOM, "room for a control message");

void clinux_set_segments(clinux_message *message, void *room, uint16_t size) {
    message->header.msg_control = size ? room : NULL;
    message->header.msg_controllen = size ? CMSG_SPACE(sizeof size) : 0;
    if (!size) return;
    struct cmsghdr *control = CMSG_FIRSTHDR(&message->header);
    control->cmsg_level = SOL_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(control), &size, sizeof size);
}

int clinux_enable_receive_info(int fd) {
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on) != 0) return -1;
    return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

clinux_receive_info clinux_read_receive_info(const clinux_message *message) {
    clinux_receive_info info = {-1, -1};
    struct msghdr *header = (struct msghdr *)&message->header;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
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

int clinux_sleep_until(int64_t nanoseconds) {
    struct timespec until = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

int clinux_become_realtime(int priority) {
    struct sched_param parameter = {.sched_priority = priority};
    return pthread_setschedparam(pthread_self(), SCHED_RR, &parameter);
}

void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

struct clinux_poller {
    int descriptor;
    int capacity;
    struct epoll_event events[];
};

clinux_poller *clinux_poller_open(int capacity) {
    clinux_poller *poller = malloc(sizeof *poller + (size_t)capacity * sizeof poller->events[0]);
    if (!poller) return NULL;
    poller->capacity = capacity;
    poller->descriptor = epoll_create1(EPOLL_CLOEXEC);
    if (poller->descriptor >= 0) return poller;
    free(poller);
    return NULL;
}

void clinux_poller_close(clinux_poller *poller) {
    close(poller->descriptor);
    free(poller);
}

int clinux_poller_add(clinux_poller *poller, int fd, uint32_t token) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = token};
    return epoll_ctl(poller->descriptor, EPOLL_CTL_ADD, fd, &event);
}

int clinux_poller_look(clinux_poller *poller) {
    int count = epoll_wait(poller->descriptor, poller->events, poller->capacity, 0);
    return count < 0 ? 0 : count;
}

uint32_t clinux_poller_token(const clinux_poller *poller, int index) { return poller->events[index].data.u32; }

int clinux_poller_descriptor(const clinux_poller *poller) { return poller->descriptor; }

int clinux_timer_open(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC); }

void clinux_timer_set(int timer, int64_t nanoseconds) {
    struct itimerspec at = {
        .it_value = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
}

int clinux_turnstile_open(void) { return epoll_create1(EPOLL_CLOEXEC); }

int clinux_turnstile_add(int turnstile, int fd) {
    struct epoll_event event = {.events = EPOLLONESHOT};
    return epoll_ctl(turnstile, EPOLL_CTL_ADD, fd, &event);
}

void clinux_turnstile_arm(int turnstile, int fd, void *member) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = member};
    epoll_ctl(turnstile, EPOLL_CTL_MOD, fd, &event);
}

void clinux_turnstile_remove(int turnstile, int fd) { epoll_ctl(turnstile, EPOLL_CTL_DEL, fd, NULL); }

void *clinux_turnstile_next(int turnstile) {
    struct epoll_event event;
    return epoll_wait(turnstile, &event, 1, -1) == 1 ? event.data.ptr : NULL;
}
