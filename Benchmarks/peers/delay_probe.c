// delay_probe OUT RATE SECONDS SEED JITTER IN:X:Y:WIDTH:HEIGHT ...: how much a mixer delays pictures.
//
// Plays sites: sends each one's 1280x720 pictures at 30/s in real time as RTP (H.264) to its port IN; when in a picture's
// interval each of them does is chance's, by SEED, and so is how much later than that each picture comes, up to JITTER ms. The
// scene is dark, and once a second its middle quarter is bright for six pictures: not all of it, and never beginning at two
// sites at once, for a picture as large as a cut makes it is spread over the time by whoever paces, and coarse at first.
//
// Receives the composed picture on port OUT, RATE/s, decodes it, and watches the middle of each rectangle where a site's cell is.
// From the last packet of the first bright picture that went in to the last packet of the first one that comes out is the
// delay: what the mixer adds, and nothing of this probe's decoding; the pictures are encoded beforehand, and go round. Delays
// of a second or more are not seen right. Each picture carries its number too: "left_out" are those that no composed picture
// showed, "repeated" those that more did than RATE asks for; and "uneven" is by how much composed pictures come sooner or
// later than at RATE/s, their 95 %. The first eight seconds do not count.
//
// Prints one line of key=value: "median", "p95" and "max" are means over the sites, "least" is the shortest median of a site.
#include "delay_camera.h"

#include <arpa/inet.h>
#include <libavcodec/avcodec.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MAX_PICTURES = 1 << 16, MAX_UNIT = 4 << 20, SETTLE_SECONDS = 8, MAX_SITES = 16 };

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

struct cell {
    struct camera camera;
    int x, y, width, height;
    long left_out, repeated;
    int number;  // of the picture shown last; -1 before the first
    int times;  // that it was shown
    int is_bright;
    int next_flash;  // the first flash that no picture has shown yet
    double delays[MAX_FLASHES];
    int delay_count;
};

struct watch {
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
    uint8_t unit[MAX_UNIT + AV_INPUT_BUFFER_PADDING_SIZE];
    size_t size;
    uint32_t timestamp;
    long decoded;
    double came[MAX_PICTURES];  // when the last packet of each did, once settled
    int came_count;
    struct cell cells[MAX_SITES];
    int cell_count;
    int rate;  // of the composed pictures, a second
};

static void append(struct watch *watch, const uint8_t *bytes, size_t size) {
    if (watch->size + size > MAX_UNIT) return;
    memcpy(watch->unit + watch->size, bytes, size);
    watch->size += size;
}

static void append_start(struct watch *watch) { append(watch, (const uint8_t[]){0, 0, 0, 1}, 4); }

// Takes one RTP payload in (RFC 6184 sections 5.6 to 5.8).
static void depacketize(struct watch *watch, const uint8_t *payload, size_t size) {
    int type = payload[0] & 0x1f;
    if (type == 28 && size > 2) {
        if (payload[1] & 0x80) {
            append_start(watch);
            append(watch, (const uint8_t[]){(uint8_t)((payload[0] & 0xe0) | (payload[1] & 0x1f))}, 1);
        }
        append(watch, payload + 2, size - 2);
    } else if (type == 24) {
        for (size_t offset = 1; offset + 2 < size;) {
            size_t length = (size_t)(payload[offset] << 8 | payload[offset + 1]);
            offset += 2;
            if (length > size - offset) return;
            append_start(watch);
            append(watch, payload + offset, length);
            offset += length;
        }
    } else if (type >= 1 && type <= 23) {
        append_start(watch);
        append(watch, payload, size);
    }
}

// The mean luma of a part of a site's picture, as its cell shows it.
static double luma(const struct cell *cell, const AVFrame *frame, int x, int y, int width, int height) {
    int left = cell->x + x * cell->width / WIDTH, right = cell->x + (x + width) * cell->width / WIDTH;
    int top = cell->y + y * cell->height / HEIGHT, bottom = cell->y + (y + height) * cell->height / HEIGHT;
    long sum = 0, count = 0;
    for (int y = top; y < bottom && y < frame->height; y += 4)
        for (int x = left; x < right && x < frame->width; x += 4) {
            sum += frame->data[0][y * frame->linesize[0] + x];
            count++;
        }
    return count > 0 ? (double)sum / (double)count : 0;
}

static int read_number(const struct cell *cell, const AVFrame *frame) {
    int number = 0;
    for (int bit = 0; bit < BITS; bit++) {
        int left = WIDTH / 2 + (bit - BITS / 2) * BIT_SIDE, rim = BIT_SIDE / 4;
        double mean = luma(cell, frame, left + rim, BIT_TOP + rim, BIT_SIDE - 2 * rim, BIT_SIDE - 2 * rim);
        number |= (mean > (DARK + BRIGHT) / 2) << bit;
    }
    return number;
}

// times: that a picture is shown if all goes well, at most.
static void count(struct cell *cell, const AVFrame *frame, int times, int settled) {
    int number = read_number(cell, frame), step = (number - cell->number) & ((1 << BITS) - 1);
    cell->times = step == 0 ? cell->times + 1 : 1;
    if (settled && cell->number >= 0) {
        if (cell->times > times) cell->repeated++;
        if (step > 0) cell->left_out += step - 1;
    }
    cell->number = number;
}

// Looks at a site's cell in a decoded picture whose last packet came at `now`.
static void look(struct cell *cell, const AVFrame *frame, double now, int times, int settled) {
    struct camera *camera = &cell->camera;
    count(cell, frame, times, settled);
    double middle = luma(cell, frame, WIDTH / 4, HEIGHT / 4, WIDTH / 2, HEIGHT / 2);
    if (cell->is_bright && middle < 100) cell->is_bright = 0;
    if (cell->is_bright || middle < 130) return;
    cell->is_bright = 1;
    // A flash older than the shortest distance between two was missed (a lost picture, or the start).
    int flashes = atomic_load(&camera->flash_count);
    while (cell->next_flash < flashes && now - camera->flashes[cell->next_flash] > (double)GAP / RATE - 0.05)
        cell->next_flash++;
    if (cell->next_flash >= flashes) return;
    if (settled) cell->delays[cell->delay_count++] = now - camera->flashes[cell->next_flash];
    cell->next_flash++;
}

static void receive(struct watch *watch, const uint8_t *packet, size_t length, double now, int settled) {
    if (length < 13 || packet[0] >> 6 != 2 || (packet[1] >= 192 && packet[1] <= 223)) return;
    uint32_t timestamp = (uint32_t)packet[4] << 24 | (uint32_t)packet[5] << 16 | (uint32_t)packet[6] << 8 | packet[7];
    size_t offset = 12 + 4 * (size_t)(packet[0] & 15);
    if (packet[0] & 0x10 && offset + 4 <= length)
        offset += 4 + 4 * (size_t)(packet[offset + 2] << 8 | packet[offset + 3]);
    if (offset >= length) return;
    if (timestamp != watch->timestamp) watch->size = 0;
    watch->timestamp = timestamp;
    depacketize(watch, packet + offset, length - offset);
    if (!(packet[1] & 0x80) || watch->size == 0) return;

    memset(watch->unit + watch->size, 0, AV_INPUT_BUFFER_PADDING_SIZE);
    watch->packet->data = watch->unit;
    watch->packet->size = (int)watch->size;
    avcodec_send_packet(watch->decoder, watch->packet);
    watch->size = 0;
    while (avcodec_receive_frame(watch->decoder, watch->frame) >= 0) {
        watch->decoded++;
        if (settled && watch->came_count < MAX_PICTURES) watch->came[watch->came_count++] = now;
        int times = (watch->rate + RATE - 1) / RATE;
        for (int k = 0; k < watch->cell_count; k++) look(&watch->cells[k], watch->frame, now, times, settled);
        av_frame_unref(watch->frame);
    }
}

static int ascending(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return difference < 0 ? -1 : difference > 0;
}

// Adds a site to those that are played and watched.
static void add_cell(struct watch *watch, const char *words) {
    if (watch->cell_count == MAX_SITES) {
        fprintf(stderr, "delay_probe: more than %d sites\n", MAX_SITES);
        exit(2);
    }
    struct cell *cell = &watch->cells[watch->cell_count];
    struct camera *camera = &cell->camera;
    int port;
    if (sscanf(words, "%d:%d:%d:%d:%d", &port, &cell->x, &cell->y, &cell->width, &cell->height) != 5) {
        fprintf(stderr, "delay_probe: %s: expected IN:X:Y:WIDTH:HEIGHT\n", words);
        exit(2);
    }
    cell->number = -1;
    camera->ssrc = (uint32_t)(watch->cell_count + 1);
    struct sockaddr_in to = loopback(port);
    camera->descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    if (connect(camera->descriptor, (struct sockaddr *)&to, sizeof to) != 0) fail("a port in");
    watch->cell_count++;
}

// How far the composed pictures are from an even rate: 95 % of the distances, in ms.
static double unevenness(struct watch *watch) {
    int count = watch->came_count;
    double mean = 0;
    if (count == 0) return 0;
    for (int k = 0; k < count; k++) {
        watch->came[k] -= (double)k / watch->rate;
        mean += watch->came[k] / count;
    }
    for (int k = 0; k < count; k++) watch->came[k] = fabs(watch->came[k] - mean);
    qsort(watch->came, (size_t)count, sizeof *watch->came, ascending);
    return watch->came[(int)(count * 0.95)] * 1e3;
}

// The figures of all sites.
static int report(struct watch *watch) {
    double median = 0, p95 = 0, max = 0, least = 0;
    long flashes = 0, left_out = 0, repeated = 0;
    for (int k = 0; k < watch->cell_count; k++) {
        struct cell *cell = &watch->cells[k];
        int count = cell->delay_count;
        if (count == 0) {
            printf("flashes=0 decoded=%ld\n", watch->decoded);
            return 1;
        }
        qsort(cell->delays, (size_t)count, sizeof *cell->delays, ascending);
        double middle = cell->delays[count / 2] * 1e3;
        median += middle / watch->cell_count;
        p95 += cell->delays[(int)(count * 0.95)] * 1e3 / watch->cell_count;
        max += cell->delays[count - 1] * 1e3 / watch->cell_count;
        if (k == 0 || middle < least) least = middle;
        flashes += count, left_out += cell->left_out, repeated += cell->repeated;
    }
    printf("flashes=%ld median=%.1f p95=%.1f max=%.1f least=%.1f uneven=%.1f decoded=%ld left_out=%ld repeated=%ld\n",
           flashes, median, p95, max, least, unevenness(watch), watch->decoded, left_out, repeated);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 7) {
        fprintf(stderr, "usage: delay_probe OUT RATE SECONDS SEED JITTER IN:X:Y:WIDTH:HEIGHT ...\n");
        return 2;
    }
    av_log_set_level(AV_LOG_QUIET);
    static struct watch watch;
    watch.rate = atoi(argv[2]);
    if (watch.rate < 1) {
        fprintf(stderr, "delay_probe: RATE %s: expected pictures a second\n", argv[2]);
        return 2;
    }
    for (int k = 6; k < argc; k++) add_cell(&watch, argv[k]);
    struct sockaddr_in from = loopback(atoi(argv[1]));
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0), buffer = 4 << 20;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (bind(descriptor, (struct sockaddr *)&from, sizeof from) != 0) fail("the port out");
    // While this takes its time the mixer may begin, with the one keyframe of its first seconds: that waits in the socket.
    make_film();

    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    watch.decoder = avcodec_alloc_context3(codec);
    watch.decoder->thread_count = 1;
    watch.decoder->flags |= AV_CODEC_FLAG_LOW_DELAY;
    if (avcodec_open2(watch.decoder, codec, NULL) < 0) fail("the decoder");
    watch.packet = av_packet_alloc();
    watch.frame = av_frame_alloc();

    double start = seconds_now(), now;
    uint32_t random = (uint32_t)atoi(argv[4]);
    pthread_t threads[MAX_SITES];
    for (int k = 0; k < watch.cell_count; k++) {
        struct camera *camera = &watch.cells[k].camera;
        chance(&random);
        camera->start = start + (1 + k * GAP / watch.cell_count + chance(&random)) / RATE;
        camera->jitter = atof(argv[5]) / 1e3;
        camera->random = random;
        if (pthread_create(&threads[k], NULL, run_camera, camera) != 0) fail("a camera's thread");
    }
    while ((now = seconds_now()) - start < atof(argv[3])) {
        struct pollfd polled = {descriptor, POLLIN, 0};
        if (poll(&polled, 1, 20) < 1) continue;
        uint8_t packet[2048];
        ssize_t length = recv(descriptor, packet, sizeof packet, 0);
        now = seconds_now();
        if (length > 0) receive(&watch, packet, (size_t)length, now, now - start > SETTLE_SECONDS);
    }
    for (int k = 0; k < watch.cell_count; k++) {
        atomic_store(&watch.cells[k].camera.stop, 1);
        pthread_join(threads[k], NULL);
    }
    return report(&watch);
}
