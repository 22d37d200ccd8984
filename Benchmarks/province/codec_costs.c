// codec_costs SECONDS FILE...: what one machine must spend on a conference of these very streams, whoever writes the
// bridge: decode each picture, scale it to its cell, encode the canvas once; decode each sound packet, encode a mix.
//
// FILE is a site's recording, H.264 720p and Opus. The pictures go by in step, a tick of all sites at a time, as in a
// bridge: caches then are as cold as there. The first file has the large cell of 1+12, the others a small one each. Only
// the libraries' own calls are timed, in CPU time of this one thread. Prints one line of key=value: ms per picture, us
// per 20 ms of sound.
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libyuv/scale.h>
#include <opus/opus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDTH = 1280, HEIGHT = 720, RATE = 30, COLUMNS = 4, MAX_SITES = 64, BLOCK = 960, LONGEST = 5760 };

struct site {
    AVFormatContext *file;
    int picture_stream, sound_stream;
    AVCodecContext *decoder;
    AVFrame *decoded, *cell;
    int x, y;
    OpusDecoder *sound_decoder;
    float *sound;  // all of the recording's that was read
    long samples;
};

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what) {
    fprintf(stderr, "codec_costs: %s\n", what);
    exit(1);
}

static AVFrame *picture(int width, int height) {
    AVFrame *frame = av_frame_alloc();
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = width;
    frame->height = height;
    if (av_frame_get_buffer(frame, 64) < 0) fail("no memory for a picture");
    memset(frame->data[0], 16, (size_t)(frame->linesize[0] * height));
    memset(frame->data[1], 128, (size_t)(frame->linesize[1] * height / 2));
    memset(frame->data[2], 128, (size_t)(frame->linesize[2] * height / 2));
    return frame;
}

// The outer ring of a 4x4 grid from the top left on, its middle for the first site.
static void place(struct site *site, int index) {
    static const int ring[12][2] = {{0, 0}, {1, 0}, {2, 0}, {3, 0}, {0, 1}, {3, 1},
                                    {0, 2}, {3, 2}, {0, 3}, {1, 3}, {2, 3}, {3, 3}};
    int width = WIDTH / COLUMNS, height = HEIGHT / COLUMNS, large = index == 0;
    const int *cell = ring[(index + 11) % 12];
    site->x = large ? width : cell[0] * width;
    site->y = large ? height : cell[1] * height;
    site->cell = picture(large ? 2 * width : width, large ? 2 * height : height);
}

static void open_site(struct site *site, int index, const char *path, long most_samples) {
    if (avformat_open_input(&site->file, path, NULL, NULL) < 0) fail(path);
    avformat_find_stream_info(site->file, NULL);
    site->picture_stream = av_find_best_stream(site->file, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    site->sound_stream = av_find_best_stream(site->file, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0);
    if (site->picture_stream < 0 || site->sound_stream < 0) fail("a recording without picture or sound");
    site->decoder = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264));
    avcodec_parameters_to_context(site->decoder, site->file->streams[site->picture_stream]->codecpar);
    site->decoder->thread_count = 1;
    site->decoder->flags |= AV_CODEC_FLAG_LOW_DELAY;
    if (avcodec_open2(site->decoder, NULL, NULL) < 0) fail("no decoder for H.264");
    if (site->decoder->width != WIDTH || site->decoder->height != HEIGHT) fail("a picture that isn't 1280x720");
    site->decoded = av_frame_alloc();
    site->sound_decoder = opus_decoder_create(48000, 1, NULL);
    site->sound = calloc((size_t)(most_samples + LONGEST), sizeof *site->sound);
    place(site, index);
}

static AVCodecContext *open_encoder(void) {
    AVCodecContext *encoder = avcodec_alloc_context3(avcodec_find_encoder_by_name("libx264"));
    encoder->width = WIDTH;
    encoder->height = HEIGHT;
    encoder->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder->time_base = (AVRational){1, RATE};
    encoder->framerate = (AVRational){RATE, 1};
    encoder->bit_rate = encoder->rc_max_rate = 1500000;
    encoder->rc_buffer_size = 750000;
    encoder->gop_size = 10 * RATE;
    encoder->max_b_frames = 0;
    encoder->thread_count = 1;
    av_opt_set(encoder->priv_data, "preset", "superfast", 0);
    av_opt_set(encoder->priv_data, "tune", "zerolatency", 0);
    av_opt_set(encoder->priv_data, "profile", "baseline", 0);
    av_opt_set(encoder->priv_data, "x264-params", "aq-mode=0", 0);
    if (avcodec_open2(encoder, NULL, NULL) < 0) fail("no libx264");
    return encoder;
}

struct costs {
    double decode, scale, encode, sound_decode, sound_encode;
    long decoded, encoded, sound_packets, sound_blocks;
};

// Decodes the site's next picture, and all sound that stands before it in the file. Whether there was one.
static int next_picture(struct site *site, AVPacket *packet, long most_samples, struct costs *costs) {
    while (av_read_frame(site->file, packet) >= 0) {
        int got = 0;
        if (packet->stream_index == site->picture_stream) {
            double start = cpu_seconds();
            avcodec_send_packet(site->decoder, packet);
            got = avcodec_receive_frame(site->decoder, site->decoded) >= 0;
            costs->decode += cpu_seconds() - start;
            costs->decoded += got;
        } else if (packet->stream_index == site->sound_stream && site->samples < most_samples) {
            double start = cpu_seconds();
            int count = opus_decode_float(site->sound_decoder, packet->data, packet->size,
                                          site->sound + site->samples, LONGEST, 0);
            costs->sound_decode += cpu_seconds() - start;
            costs->sound_packets++;
            if (count > 0) site->samples += count;
        }
        av_packet_unref(packet);
        if (got) return 1;
    }
    return 0;
}

static void show(struct site *site, AVFrame *canvas, struct costs *costs) {
    double start = cpu_seconds();
    AVFrame *from = site->decoded, *cell = site->cell;
    I420Scale(from->data[0], from->linesize[0], from->data[1], from->linesize[1], from->data[2], from->linesize[2], WIDTH,
              HEIGHT, cell->data[0], cell->linesize[0], cell->data[1], cell->linesize[1], cell->data[2],
              cell->linesize[2], cell->width, cell->height, kFilterBox);
    costs->scale += cpu_seconds() - start;
    for (int plane = 0; plane < 3; plane++) {
        int shift = plane > 0;
        uint8_t *to = canvas->data[plane] + (site->y >> shift) * canvas->linesize[plane] + (site->x >> shift);
        for (int y = 0; y < site->cell->height >> shift; y++)
            memcpy(to + y * canvas->linesize[plane], site->cell->data[plane] + y * site->cell->linesize[plane],
                   (size_t)(site->cell->width >> shift));
    }
    av_frame_unref(site->decoded);
}

// The sum of all sites, encoded as the mix that most of them hear.
static void encode_sound(struct site *sites, int count, long samples, struct costs *costs) {
    OpusEncoder *encoder = opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, NULL);
    opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(5));
    opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(encoder, OPUS_SET_BITRATE(48000));
    float mix[BLOCK];
    unsigned char packet[1500];
    for (long start = 0; start + BLOCK <= samples; start += BLOCK) {
        memset(mix, 0, sizeof mix);
        for (int site = 0; site < count; site++)
            for (int k = 0; k < BLOCK; k++) mix[k] += sites[site].sound[start + k];
        double begin = cpu_seconds();
        if (opus_encode_float(encoder, mix, BLOCK, packet, sizeof packet) < 0) fail("a refused block of sound");
        costs->sound_encode += cpu_seconds() - begin;
        costs->sound_blocks++;
    }
    opus_encoder_destroy(encoder);
}

int main(int argc, char **argv) {
    int count = argc - 2;
    if (count < 1 || count > MAX_SITES) {
        fprintf(stderr, "usage: codec_costs SECONDS FILE...\n");
        return 2;
    }
    av_log_set_level(AV_LOG_QUIET);
    long ticks = atol(argv[1]) * RATE, samples = atol(argv[1]) * 48000;
    static struct site sites[MAX_SITES];
    for (int k = 0; k < count; k++) open_site(&sites[k], k, argv[k + 2], samples);
    AVCodecContext *encoder = open_encoder();
    AVPacket *packet = av_packet_alloc();
    AVFrame *canvas = picture(WIDTH, HEIGHT);
    struct costs costs = {0};
    for (long tick = 0; tick < ticks; tick++) {
        for (int k = 0; k < count; k++)
            if (next_picture(&sites[k], packet, samples, &costs)) show(&sites[k], canvas, &costs);
        canvas->pts = tick;
        double start = cpu_seconds();
        avcodec_send_frame(encoder, canvas);
        while (avcodec_receive_packet(encoder, packet) >= 0) av_packet_unref(packet);
        costs.encode += cpu_seconds() - start;
        costs.encoded++;
        // The encoder may have kept the picture to refer to.
        if (av_frame_make_writable(canvas) < 0) fail("no memory for a canvas");
    }
    encode_sound(sites, count, samples, &costs);
    if (costs.decoded == 0 || costs.sound_packets == 0) fail("nothing could be decoded");
    printf("decode=%.3f scale=%.3f encode=%.3f opus_decode=%.1f opus_encode=%.1f pictures=%ld\n",
           costs.decode * 1e3 / (double)costs.decoded, costs.scale * 1e3 / (double)costs.decoded,
           costs.encode * 1e3 / (double)costs.encoded, costs.sound_decode * 1e6 / (double)costs.sound_packets,
           costs.sound_encode * 1e6 / (double)costs.sound_blocks, costs.decoded);
    return 0;
}
