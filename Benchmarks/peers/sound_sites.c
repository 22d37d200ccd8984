// sound_sites SETTLE SECONDS SPEAKERS PORTS VOICE ...: the sites of a conference of sound only, all in one process.
//
// PORTS is a file with a line for each site: the mixer's port for it, and its own. The first SPEAKERS of them speak
// without a pause, 50 packets a second: each one sends the Opus packets of a VOICE (a file that libavformat reads),
// round and round, from where no other with that voice has just been. The others send nothing. From SETTLE seconds on,
// what comes back to each site is counted for SECONDS, in blocks of 20 ms, of which an Opus packet may hold several; it all
// ends two seconds later, so that a meter beside it sees no end.
// RTCP to the port above a site's own is taken and left unread. Prints one line of key=value.
#include <arpa/inet.h>
#include <errno.h>
#include <libavformat/avformat.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
    MAX_SITES = 2048, MAX_VOICES = 32, MAX_PACKETS = 4096, MAX_PAYLOAD = 1275, DATAGRAM = 2048, PAYLOAD_TYPE = 111,
    PACKET_SAMPLES = 960,
    // Sites are out of step with one another, as endpoints are: a quarter of them sends each 5 ms.
    PHASES = 4, PHASE_US = 20000 / PHASES,
    // The distance of two speakers of one voice, in packets.
    APART = 37,
};

struct voice {
    int count, sizes[MAX_PACKETS];
    uint8_t (*packets)[MAX_PAYLOAD];
};

struct site {
    int descriptor;
    struct sockaddr_in mixer;
    long blocks, bytes;
};

static struct voice voices[MAX_VOICES];
static struct site sites[MAX_SITES];
static int voice_count, site_count;

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what) {
    fprintf(stderr, "sound_sites: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int bound_socket(int port, int buffer) {
    struct sockaddr_in address = loopback(port);
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (descriptor < 0) fail("a socket");
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        fprintf(stderr, "sound_sites: port %d: %s\n", port, strerror(errno));
        exit(1);
    }
    return descriptor;
}

static void read_voice(const char *path) {
    AVFormatContext *file = NULL;
    struct voice *voice = &voices[voice_count];
    voice->packets = malloc(sizeof *voice->packets * MAX_PACKETS);
    AVPacket *packet = av_packet_alloc();
    if (!voice->packets || !packet || avformat_open_input(&file, path, NULL, NULL) < 0) fail(path);
    while (voice->count < MAX_PACKETS && av_read_frame(file, packet) >= 0) {
        if (packet->size <= MAX_PAYLOAD) {
            memcpy(voice->packets[voice->count], packet->data, (size_t)packet->size);
            voice->sizes[voice->count++] = packet->size;
        }
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    avformat_close_input(&file);
    if (voice->count == 0) {
        fprintf(stderr, "sound_sites: %s: no Opus packets\n", path);
        exit(1);
    }
    voice_count++;
}

static void open_sites(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    int in, out;
    while (site_count < MAX_SITES && fscanf(file, "%d %d", &in, &out) == 2) {
        struct site *site = &sites[site_count];
        site->descriptor = bound_socket(out, 1 << 18);
        bound_socket(out + 1, 4096);
        site->mixer = loopback(in);
        site_count++;
    }
    fclose(file);
}

static void speak(int speaker, uint32_t turn) {
    const struct voice *voice = &voices[speaker % voice_count];
    uint32_t place = (turn + (uint32_t)(speaker / voice_count * APART)) % (uint32_t)voice->count;
    uint32_t timestamp = turn * PACKET_SAMPLES, ssrc = 0x50000 + (uint32_t)speaker;
    uint8_t packet[12 + MAX_PAYLOAD] = {
        0x80, (uint8_t)(PAYLOAD_TYPE | (turn == 0 ? 0x80 : 0)), (uint8_t)(turn >> 8), (uint8_t)turn,
        (uint8_t)(timestamp >> 24), (uint8_t)(timestamp >> 16), (uint8_t)(timestamp >> 8), (uint8_t)timestamp,
        (uint8_t)(ssrc >> 24), (uint8_t)(ssrc >> 16), (uint8_t)(ssrc >> 8), (uint8_t)ssrc};
    memcpy(packet + 12, voice->packets[place], (size_t)voice->sizes[place]);
    const struct site *site = &sites[speaker];
    sendto(site->descriptor, packet, 12 + (size_t)voice->sizes[place], 0, (const struct sockaddr *)&site->mixer,
           sizeof site->mixer);
}

// Frames in the Opus packet of an RTP packet (RFC 6716 section 3.2): of 20 ms each, as all mixers here make them.
static int frames(const uint8_t *packet, ssize_t length) {
    ssize_t start = 12 + 4 * (packet[0] & 15);
    if (packet[0] & 0x10 && start + 4 <= length) start += 4 + 4 * (packet[start + 2] << 8 | packet[start + 3]);
    if (start >= length) return 0;
    int code = packet[start] & 3;
    if (code == 3) return start + 1 < length ? packet[start + 1] & 63 : 0;
    return code == 0 ? 1 : 2;
}

// Takes what has come, and counts the RTP of it if `counts`. Each socket is asked: on a socket that somebody polls the
// loopback wakes the poller in the sender's time, as no mixer is charged whose listeners are on other machines.
static void take(int counts) {
    uint8_t packet[DATAGRAM];
    ssize_t length;
    for (struct site *site = sites; site < sites + site_count; site++)
        while ((length = recv(site->descriptor, packet, sizeof packet, 0)) >= 0) {
            // RTCP may share the port: packet types 192 to 223 (RFC 5761 section 4).
            if (!counts || length < 12 || packet[0] >> 6 != 2 || (packet[1] >= 192 && packet[1] <= 223)) continue;
            site->blocks += frames(packet, length);
            site->bytes += length;
        }
}

static void report(double seconds) {
    long least = sites[0].blocks, blocks = 0, bytes = 0;
    for (int k = 0; k < site_count; k++) {
        if (sites[k].blocks < least) least = sites[k].blocks;
        blocks += sites[k].blocks;
        bytes += sites[k].bytes;
    }
    printf("sites=%d least=%.2f mean=%.2f kbps=%.1f\n", site_count, (double)least / seconds,
           (double)blocks / site_count / seconds, (double)bytes * 8e-3 / site_count / seconds);
}

int main(int argc, char **argv) {
    if (argc < 6 || argc - 5 > MAX_VOICES) {
        fprintf(stderr, "usage: sound_sites SETTLE SECONDS SPEAKERS PORTS VOICE ...\n");
        return 2;
    }
    av_log_set_level(AV_LOG_QUIET);
    double settle = atof(argv[1]), seconds = atof(argv[2]);
    int speakers = atoi(argv[3]);
    for (int i = 5; i < argc; i++) read_voice(argv[i]);
    open_sites(argv[4]);
    if (site_count == 0 || speakers > site_count) {
        fprintf(stderr, "sound_sites: %s: %d sites for %d speakers\n", argv[4], site_count, speakers);
        return 2;
    }

    double start = seconds_now(), now = start, counted_from = 0, counted_to = 0;
    for (long phase = 0; now - start < settle + seconds + 2; phase++) {
        for (int k = (int)(phase % PHASES); k < speakers; k += PHASES) speak(k, (uint32_t)(phase / PHASES));
        double left = start + (double)(phase + 1) * PHASE_US / 1e6 - seconds_now();
        if (left > 0) nanosleep(&(struct timespec){0, (long)(left * 1e9)}, NULL);
        now = seconds_now();
        int counts = now - start >= settle && now - start < settle + seconds;
        if (counts && counted_from == 0) counted_from = now;
        if (counts) counted_to = now;
        if (phase % PHASES == 0) take(counts);
    }
    report(counted_to - counted_from);
    return 0;
}
