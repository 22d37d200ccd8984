// rtp_count SECONDS PORT[,PORT ...] [SINK ...]: receives on all these UDP ports of the loopback, so that nothing sent
// to them is refused, and counts what comes to the first one: packets, pictures (distinct RTP timestamps), pictures per
// second, bit rate. Of all PORTs: the pictures that the one with the fewest got, per second of the whole run, so that
// one which stopped or never began is seen. Prints one line of key=value.
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { MAX_PORTS = 512, DATAGRAM = 2048 };

struct count {
    long packets, pictures, bytes;
    uint32_t timestamp;  // of the newest picture
    double first, last;  // when the first and the newest picture began
};

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int bound_socket(int port) {
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    int size = 4 << 20;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        fprintf(stderr, "rtp_count: port %d: %s\n", port, strerror(errno));
        exit(1);
    }
    return descriptor;
}

static void count_packet(struct count *count, const uint8_t *packet, ssize_t length, double now) {
    // RTCP shares the port with some peers: packet types 192 to 223 (RFC 5761 section 4).
    if (length < 12 || packet[0] >> 6 != 2 || (packet[1] >= 192 && packet[1] <= 223)) return;
    uint32_t timestamp;
    memcpy(&timestamp, packet + 4, sizeof timestamp);
    count->packets++;
    count->bytes += length;
    if (count->pictures > 0 && timestamp == count->timestamp) return;
    if (count->pictures++ == 0) count->first = now;
    count->timestamp = timestamp;
    count->last = now;
}

static struct pollfd polled[MAX_PORTS];
static int ports;

static void receive_on(const char *port) {
    if (ports == MAX_PORTS) {
        fprintf(stderr, "rtp_count: more than %d ports\n", MAX_PORTS);
        exit(2);
    }
    polled[ports++] = (struct pollfd){.fd = bound_socket(atoi(port)), .events = POLLIN};
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: rtp_count SECONDS PORT[,PORT ...] [SINK ...]\n");
        return 2;
    }
    for (char *port = strtok(argv[2], ","); port; port = strtok(NULL, ",")) receive_on(port);
    int counted = ports;
    for (int i = 3; i < argc; i++) receive_on(argv[i]);

    static struct count counts[MAX_PORTS];
    uint8_t packet[DATAGRAM];
    double now, start = seconds_now(), end = start + atof(argv[1]);
    while ((now = seconds_now()) < end) {
        if (poll(polled, (nfds_t)ports, 50) <= 0) continue;
        now = seconds_now();
        for (int i = 0; i < ports; i++) {
            if (!(polled[i].revents & POLLIN)) continue;
            ssize_t length;
            while ((length = recv(polled[i].fd, packet, sizeof packet, MSG_DONTWAIT)) >= 0)
                if (i < counted) count_packet(&counts[i], packet, length, now);
        }
    }
    long fewest = counts[0].pictures;
    for (int i = 1; i < counted; i++)
        if (counts[i].pictures < fewest) fewest = counts[i].pictures;
    struct count count = counts[0];
    double span = count.last - count.first;
    printf("packets=%ld pictures=%ld rate=%.2f kbps=%.0f outputs=%d least=%.2f\n", count.packets, count.pictures,
           span > 0 ? (double)(count.pictures - 1) / span : 0.0, span > 0 ? (double)count.bytes * 8e-3 / span : 0.0,
           counted, (double)fewest / (now - start));
    return 0;
}
