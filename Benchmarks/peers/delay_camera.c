#include "delay_camera.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    PAYLOAD = 1180, PAYLOAD_TYPE = 96,
    // Of the film that goes round: numbers go on where it begins anew.
    FILM = 2 << BITS,
};

double seconds_now(void) {
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

double chance(uint32_t *random) {
    *random = *random * 1664525u + 1013904223u;
    return (double)(*random >> 8) / (1 << 24);
}

void fail(const char *what) {
    fprintf(stderr, "delay_probe: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct {
    uint8_t *bytes[FILM];
    size_t sizes[FILM];
} film;

static void send_packet(struct camera *camera, uint32_t timestamp, int marker, const uint8_t *head, size_t head_size,
                        const uint8_t *body, size_t body_size) {
    uint16_t sequence = camera->sequence++;
    uint8_t packet[12 + 2 + PAYLOAD] = {
        0x80, (uint8_t)(PAYLOAD_TYPE | (marker ? 0x80 : 0)), (uint8_t)(sequence >> 8), (uint8_t)sequence,
        (uint8_t)(timestamp >> 24), (uint8_t)(timestamp >> 16), (uint8_t)(timestamp >> 8), (uint8_t)timestamp,
        0x0d, 0xe1, 0xa7, (uint8_t)camera->ssrc};
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
    encoder->gop_size = 2 * GAP;
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

void make_film(void) {
    AVCodecContext *encoder = open_encoder();
    AVFrame *scenes[2] = {scene(DARK), scene(BRIGHT)};
    AVPacket *packet = av_packet_alloc();
    for (int k = 0; k < FILM; k++) {
        int bright = k % GAP >= FLASH && k % GAP < FLASH + FLASH_PICTURES;
        AVFrame *picture = scenes[bright];
        uint8_t *row = picture->data[0] + (k * 7 % HEIGHT) * picture->linesize[0];
        for (int x = 0; x < WIDTH; x++) row[x] ^= 1;
        write_number(picture, k);
        picture->pts = k;
        avcodec_send_frame(encoder, picture);
        if (avcodec_receive_packet(encoder, packet) < 0) fail("a picture of the film");
        film.bytes[k] = malloc((size_t)packet->size);
        film.sizes[k] = (size_t)packet->size;
        memcpy(film.bytes[k], packet->data, (size_t)packet->size);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    for (int i = 0; i < 2; i++) av_frame_free(&scenes[i]);
    avcodec_free_context(&encoder);
}

void *run_camera(void *argument) {
    struct camera *camera = argument;
    for (long k = 0; !atomic_load(&camera->stop); k++) {
        int picture = (int)(k % FILM);
        sleep_until(camera->start + (double)k / RATE + chance(&camera->random) * camera->jitter);
        send_access_unit(camera, (uint32_t)(k * 90000 / RATE), film.bytes[picture], film.sizes[picture]);
        int flashes = atomic_load(&camera->flash_count);
        if (picture % GAP == FLASH && flashes < MAX_FLASHES) {
            camera->flashes[flashes] = seconds_now();
            atomic_store(&camera->flash_count, flashes + 1);
        }
    }
    return NULL;
}
