// delay_probe IN OUT X Y WIDTH HEIGHT SECONDS [GAP]: how much a mixer delays a picture.
//
// Plays a site: makes 1280x720 pictures at 30/s in real time, encodes them (H.264) and sends them as RTP to port IN.
// The scene is dark, and every 1.2 to 1.7 s its middle quarter is bright for six pictures: not all of it, for a picture as large
// as a cut makes it is spread over the time by whoever paces. Receives the composed picture on port OUT, decodes it,
// and watches the middle of the rectangle where the site's cell is. From the last packet of the first bright picture that
// went in to the last packet of the first one that comes out is the delay: what the mixer adds, and nothing of this probe's
// encoding and decoding. Flashes are at least GAP pictures apart (36): longer delays than that are not seen right. Each
// picture carries its number too: "left_out" are those that no composed picture showed, "repeated" those that more than one
// did. The first eight seconds do not count. Prints one line of key=value.
#include <arpa/inet.h>
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
    WIDTH = 1280, HEIGHT = 720, RATE = 30, PAYLOAD = 1180, PAYLOAD_TYPE = 96,
    BITS = 8, BIT_SIDE = 96, BIT_TOP = 48,  // of the strip with a picture's number, in its samples
    DARK = 40, BRIGHT = 215, FLASH_PICTURES = 6, MAX_FLASHES = 4096, MAX_UNIT = 4 << 20, SETTLE_SECONDS = 8,
};

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void sleep_until(double instant) {
    double left = instant - seconds_now();
    if (left <= 0) return;
    struct timespec t = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
    nanosleep(&t, NULL);
}

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void fail(const char *what) {
    fprintf(stderr, "delay_probe: %s: %s\n", what, strerror(errno));
    exit(1);
}

// ---- The site that sends

struct camera {
    int port, gap;
    int descriptor;
    uint16_t sequence;
    double flashes[MAX_FLASHES];  // when each one was sent; written before `flash_count` says so
    atomic_int flash_count;
    atomic_bool stop;
};

static void send_packet(struct camera *camera, uint32_t timestamp, int marker, const uint8_t *head, size_t head_size,
                        const uint8_t *body, size_t body_size) {
    uint16_t sequence = camera->sequence++;
    uint8_t packet[12 + 2 + PAYLOAD] = {
        0x80, (uint8_t)(PAYLOAD_TYPE | (marker ? 0x80 : 0)), (uint8_t)(sequence >> 8), (uint8_t)sequence,
        (uint8_t)(timestamp >> 24), (uint8_t)(timestamp >> 16), (uint8_t)(timestamp >> 8), (uint8_t)timestamp,
        0x0d, 0xe1, 0xa7, 0x01};
    memcpy(packet + 12, head, head_size);
    memcpy(packet + 12 + head_size, body, body_size);
    send(camera->descriptor, packet, 12 + head_size + body_size, 0);
}

// One NAL unit: whole, or in fragments (FU-A, RFC 6184 section 5.8).
static void send_nal(struct camera *camera, uint32_t timestamp, int last, const uint8_t *nal, size_t size) {
    if (size <= PAYLOAD) {
        send_packet(camera, timestamp, last, NULL, 0, nal, size);
        return;
    }
    for (size_t offset = 1; offset < size;) {
        size_t count = size - offset < PAYLOAD ? size - offset : PAYLOAD;
        int start = offset == 1, end = offset + count == size;
        uint8_t head[2] = {(uint8_t)((nal[0] & 0xe0) | 28), (uint8_t)((nal[0] & 0x1f) | start << 7 | end << 6)};
        send_packet(camera, timestamp, last && end, head, sizeof head, nal + offset, count);
        offset += count;
    }
}

// The offset of the next start code (00 00 01) from `offset` on, or `size`.
static size_t start_code(const uint8_t *bytes, size_t size, size_t offset) {
    for (; offset + 3 <= size; offset++)
        if (bytes[offset] == 0 && bytes[offset + 1] == 0 && bytes[offset + 2] == 1) return offset;
    return size;
}

static void send_access_unit(struct camera *camera, uint32_t timestamp, const uint8_t *bytes, size_t size) {
    for (size_t start = start_code(bytes, size, 0); start < size;) {
        size_t next = start_code(bytes, size, start + 3);
        size_t end = next;
        while (next < size && end > start + 3 && bytes[end - 1] == 0) end--;
        if (end > start + 3) send_nal(camera, timestamp, next == size, bytes + start + 3, end - start - 3);
        start = next;
    }
}

static AVCodecContext *open_encoder(void) {
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    AVCodecContext *encoder = avcodec_alloc_context3(codec);
    encoder->width = WIDTH;
    encoder->height = HEIGHT;
    encoder->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder->time_base = (AVRational){1, RATE};
    encoder->framerate = (AVRational){RATE, 1};
    encoder->bit_rate = encoder->rc_max_rate = 1500000;
    encoder->rc_buffer_size = 750000;
    encoder->gop_size = 2 * RATE;
    encoder->max_b_frames = 0;
    encoder->thread_count = 1;
    av_opt_set(encoder->priv_data, "preset", "ultrafast", 0);
    av_opt_set(encoder->priv_data, "tune", "zerolatency", 0);
    av_opt_set(encoder->priv_data, "x264-params", "repeat-headers=1:scenecut=0", 0);
    if (avcodec_open2(encoder, codec, NULL) < 0) fail("libx264");
    return encoder;
}

// A scene whose middle quarter has this luma.
static AVFrame *scene(int luma) {
    AVFrame *frame = av_frame_alloc();
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = WIDTH;
    frame->height = HEIGHT;
    if (av_frame_get_buffer(frame, 0) < 0) fail("a picture");
    for (int plane = 1; plane < 3; plane++)
        memset(frame->data[plane], 128, (size_t)(frame->linesize[plane] * HEIGHT / 2));
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int is_middle = x >= WIDTH / 4 && x < WIDTH * 3 / 4 && y >= HEIGHT / 4 && y < HEIGHT * 3 / 4;
            frame->data[0][y * frame->linesize[0] + x] =
                (uint8_t)((is_middle ? luma : DARK) + ((x / 16 + y / 16) & 7) * 2);
        }
    return frame;
}

// The number's last BITS bits, as a strip of dark and bright squares.
static void write_number(AVFrame *frame, long number) {
    for (int bit = 0; bit < BITS; bit++) {
        int left = WIDTH / 2 + (bit - BITS / 2) * BIT_SIDE;
        for (int y = BIT_TOP; y < BIT_TOP + BIT_SIDE; y++)
            memset(frame->data[0] + y * frame->linesize[0] + left, number >> bit & 1 ? BRIGHT : DARK, BIT_SIDE);
    }
}

static void *run_camera(void *argument) {
    struct camera *camera = argument;
    AVCodecContext *encoder = open_encoder();
    AVFrame *scenes[2] = {scene(DARK), scene(BRIGHT)};
    AVPacket *packet = av_packet_alloc();
    uint32_t random = 12345;
    long next_flash = 2 * RATE;
    int bright = 0;
    double start = seconds_now() + 0.1;
    for (long k = 0; !atomic_load(&camera->stop); k++) {
        sleep_until(start + (double)k / RATE);
        int flashes = atomic_load(&camera->flash_count), is_flash = k == next_flash && flashes < MAX_FLASHES;
        if (is_flash) {
            bright = FLASH_PICTURES;
            // An odd distance each time: in step with the mixer's tick, all flashes would wait equally long for it.
            random = random * 1103515245u + 12345u;
            next_flash = k + camera->gap + (random >> 16) % 15;
        }
        AVFrame *picture = scenes[bright > 0];
        if (bright > 0) bright--;
        uint8_t *row = picture->data[0] + (k * 7 % HEIGHT) * picture->linesize[0];
        for (int x = 0; x < WIDTH; x++) row[x] ^= 1;
        write_number(picture, k);
        picture->pts = k;
        avcodec_send_frame(encoder, picture);
        while (avcodec_receive_packet(encoder, packet) >= 0) {
            send_access_unit(camera, (uint32_t)(k * 90000 / RATE), packet->data, (size_t)packet->size);
            av_packet_unref(packet);
        }
        if (is_flash) {
            camera->flashes[flashes] = seconds_now();
            atomic_store(&camera->flash_count, flashes + 1);
        }
    }
    av_packet_free(&packet);
    for (int i = 0; i < 2; i++) av_frame_free(&scenes[i]);
    avcodec_free_context(&encoder);
    return NULL;
}

// ---- The receiver that watches

struct watch {
    int x, y, width, height;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
    uint8_t unit[MAX_UNIT + AV_INPUT_BUFFER_PADDING_SIZE];
    size_t size;
    uint32_t timestamp;
    long decoded, left_out, repeated;
    int number;  // of the picture shown last; -1 before the first
    int is_bright;
    int next_flash;  // the first flash that no picture has shown yet
    double delays[MAX_FLASHES];
    int delay_count;
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

// The mean luma of a part of the site's picture, as the watched rectangle shows it.
static double luma(const struct watch *watch, int x, int y, int width, int height) {
    const AVFrame *frame = watch->frame;
    int left = watch->x + x * watch->width / WIDTH, right = watch->x + (x + width) * watch->width / WIDTH;
    int top = watch->y + y * watch->height / HEIGHT, bottom = watch->y + (y + height) * watch->height / HEIGHT;
    long sum = 0, count = 0;
    for (int y = top; y < bottom && y < frame->height; y += 4)
        for (int x = left; x < right && x < frame->width; x += 4) {
            sum += frame->data[0][y * frame->linesize[0] + x];
            count++;
        }
    return count > 0 ? (double)sum / (double)count : 0;
}

static int read_number(const struct watch *watch) {
    int number = 0;
    for (int bit = 0; bit < BITS; bit++) {
        int left = WIDTH / 2 + (bit - BITS / 2) * BIT_SIDE, rim = BIT_SIDE / 4;
        double mean = luma(watch, left + rim, BIT_TOP + rim, BIT_SIDE - 2 * rim, BIT_SIDE - 2 * rim);
        number |= (mean > (DARK + BRIGHT) / 2) << bit;
    }
    return number;
}

static void count(struct watch *watch, int settled) {
    int number = read_number(watch), step = (number - watch->number) & ((1 << BITS) - 1);
    if (settled && watch->number >= 0) {
        if (step == 0) watch->repeated++;
        else watch->left_out += step - 1;
    }
    watch->number = number;
}

// Looks at a decoded picture whose last packet came at `now`.
static void look(struct watch *watch, struct camera *camera, double now, int settled) {
    count(watch, settled);
    double middle = luma(watch, WIDTH / 4, HEIGHT / 4, WIDTH / 2, HEIGHT / 2);
    if (watch->is_bright && middle < 100) watch->is_bright = 0;
    if (watch->is_bright || middle < 130) return;
    watch->is_bright = 1;
    // A flash older than the shortest distance between two was missed (a lost picture, or the start).
    int flashes = atomic_load(&camera->flash_count);
    while (watch->next_flash < flashes && now - camera->flashes[watch->next_flash] > (double)camera->gap / RATE - 0.05)
        watch->next_flash++;
    if (watch->next_flash >= flashes) return;
    if (settled) watch->delays[watch->delay_count++] = now - camera->flashes[watch->next_flash];
    watch->next_flash++;
}

static void receive(struct watch *watch, struct camera *camera, const uint8_t *packet, size_t length, double now,
                    int settled) {
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
        look(watch, camera, now, settled);
        av_frame_unref(watch->frame);
    }
}

static int ascending(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return difference < 0 ? -1 : difference > 0;
}

int main(int argc, char **argv) {
    if (argc < 8) {
        fprintf(stderr, "usage: delay_probe IN OUT X Y WIDTH HEIGHT SECONDS [GAP]\n");
        return 2;
    }
    av_log_set_level(AV_LOG_QUIET);
    static struct camera camera;
    static struct watch watch;
    camera.port = atoi(argv[1]);
    camera.gap = argc > 8 ? atoi(argv[8]) : 36;
    watch.x = atoi(argv[3]), watch.y = atoi(argv[4]), watch.width = atoi(argv[5]), watch.height = atoi(argv[6]);

    struct sockaddr_in to = loopback(camera.port), from = loopback(atoi(argv[2]));
    camera.descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    if (connect(camera.descriptor, (struct sockaddr *)&to, sizeof to) != 0) fail("the port in");
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0), buffer = 4 << 20;
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (bind(descriptor, (struct sockaddr *)&from, sizeof from) != 0) fail("the port out");

    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    watch.decoder = avcodec_alloc_context3(codec);
    watch.decoder->thread_count = 1;
    watch.decoder->flags |= AV_CODEC_FLAG_LOW_DELAY;
    if (avcodec_open2(watch.decoder, codec, NULL) < 0) fail("the decoder");
    watch.number = -1;
    watch.packet = av_packet_alloc();
    watch.frame = av_frame_alloc();

    pthread_t thread;
    if (pthread_create(&thread, NULL, run_camera, &camera) != 0) fail("the camera's thread");
    double start = seconds_now(), now;
    while ((now = seconds_now()) - start < atof(argv[7])) {
        struct pollfd polled = {descriptor, POLLIN, 0};
        if (poll(&polled, 1, 20) < 1) continue;
        uint8_t packet[2048];
        ssize_t length = recv(descriptor, packet, sizeof packet, 0);
        now = seconds_now();
        if (length > 0) receive(&watch, &camera, packet, (size_t)length, now, now - start > SETTLE_SECONDS);
    }
    atomic_store(&camera.stop, 1);
    pthread_join(thread, NULL);

    int count = watch.delay_count;
    qsort(watch.delays, (size_t)count, sizeof *watch.delays, ascending);
    if (count == 0) {
        printf("flashes=0 decoded=%ld\n", watch.decoded);
        return 1;
    }
    printf("flashes=%d median=%.1f p95=%.1f max=%.1f decoded=%ld left_out=%ld repeated=%ld\n", count, watch.delays[count / 2] * 1e3,
           watch.delays[(int)(count * 0.95)] * 1e3, watch.delays[count - 1] * 1e3, watch.decoded, watch.left_out,
           watch.repeated);
    return 0;
}
