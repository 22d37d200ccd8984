// encoder_trial FILE SECONDS KBPS ENCODER...: what each encoder makes of the same canvas at the same rate, and for how much CPU.
//
// FILE is raw 1280x720 yuv420p at 30/s, as scripts of this folder compose it. An ENCODER is x264:PRESET[:NAME=VALUE...], with
// x264's own options behind the preset, or openh264:low, openh264:medium, openh264:high; with :plain behind it, without its
// background detection. All work as in the bridge: one
// thread, no delay, constrained baseline, keyframes only when asked for: at the start.
// What was encoded is decoded again by libavcodec: PSNR and SSIM are of luma, the mean of all pictures'; PSNR of the worst
// second as well.
// Prints one line of key=value words for each encoder. CPU is this one thread's, in the encoder alone, the best of two runs.
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wels/codec_api.h>

enum { WIDTH = 1280, HEIGHT = 720, RATE = 30, LUMA = WIDTH * HEIGHT, PICTURE = LUMA * 3 / 2, MOST_SECONDS = 60 };

static unsigned char *pictures;
static long count;

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what) {
    fprintf(stderr, "encoder_trial: %s\n", what);
    exit(1);
}

// One way to encode: opened by its maker, then given every picture in turn.
struct encoder {
    AVCodecContext *x264;
    AVFrame *frame;
    AVPacket *packet;
    ISVCEncoder *openh264;
    SFrameBSInfo layers;
    unsigned char *bytes;
    size_t size;
};

static void open_x264(struct encoder *encoder, char *options, long kbps) {
    char *save, *preset = strtok_r(options, ":", &save), *parameters = save;
    encoder->x264 = avcodec_alloc_context3(avcodec_find_encoder_by_name("libx264"));
    AVCodecContext *x264 = encoder->x264;
    x264->width = WIDTH;
    x264->height = HEIGHT;
    x264->pix_fmt = AV_PIX_FMT_YUV420P;
    x264->time_base = (AVRational){1, RATE};
    x264->framerate = (AVRational){RATE, 1};
    x264->bit_rate = x264->rc_max_rate = kbps * 1000;
    x264->rc_buffer_size = (int)(kbps * 500);
    x264->gop_size = RATE * MOST_SECONDS;
    x264->max_b_frames = 0;
    x264->thread_count = 1;
    av_opt_set(x264->priv_data, "preset", preset, 0);
    av_opt_set(x264->priv_data, "tune", "zerolatency", 0);
    av_opt_set(x264->priv_data, "profile", "baseline", 0);
    char all[500];
    snprintf(all, sizeof all, "scenecut=0:repeat-headers=1%s%s", parameters && *parameters ? ":" : "",
             parameters ? parameters : "");
    av_opt_set(x264->priv_data, "x264-params", all, 0);
    if (avcodec_open2(x264, NULL, NULL) < 0) fail("no libx264, or an option it doesn't know");
    encoder->frame = av_frame_alloc();
    encoder->frame->format = AV_PIX_FMT_YUV420P;
    encoder->frame->width = WIDTH;
    encoder->frame->height = HEIGHT;
    if (av_frame_get_buffer(encoder->frame, 64) < 0) fail("no memory for a picture");
    encoder->packet = av_packet_alloc();
}

static void open_openh264(struct encoder *encoder, char *options, long kbps) {
    char *save, *complexity = strtok_r(options, ":", &save), *plain = strtok_r(NULL, ":", &save);
    if (WelsCreateSVCEncoder(&encoder->openh264) != 0) fail("no openh264");
    ISVCEncoder *openh264 = encoder->openh264;
    int level = WELS_LOG_QUIET;
    (*openh264)->SetOption(openh264, ENCODER_OPTION_TRACE_LEVEL, &level);
    SEncParamExt p;
    (*openh264)->GetDefaultParams(openh264, &p);
    p.iUsageType = CAMERA_VIDEO_REAL_TIME;
    p.iPicWidth = WIDTH;
    p.iPicHeight = HEIGHT;
    p.fMaxFrameRate = RATE;
    p.iTargetBitrate = p.iMaxBitrate = (int)kbps * 1000;
    p.iRCMode = RC_BITRATE_MODE;
    p.bEnableFrameSkip = 0;
    p.uiIntraPeriod = 0;
    p.iMultipleThreadIdc = 1;
    p.iEntropyCodingModeFlag = 0;
    p.bEnableSceneChangeDetect = 0;
    p.bEnableBackgroundDetection = plain == NULL;
    p.bEnableAdaptiveQuant = 1;
    p.bEnableLongTermReference = 0;
    p.iSpatialLayerNum = 1;
    p.iComplexityMode = !strcmp(complexity, "low") ? LOW_COMPLEXITY : !strcmp(complexity, "high") ? HIGH_COMPLEXITY
                                                                                                  : MEDIUM_COMPLEXITY;
    SSpatialLayerConfig *layer = &p.sSpatialLayers[0];
    layer->iVideoWidth = WIDTH;
    layer->iVideoHeight = HEIGHT;
    layer->fFrameRate = RATE;
    layer->iSpatialBitrate = layer->iMaxSpatialBitrate = p.iTargetBitrate;
    layer->uiProfileIdc = PRO_BASELINE;
    layer->sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
    if ((*openh264)->InitializeExt(openh264, &p) != 0) fail("openh264 does not open");
}

static void encode_x264(struct encoder *encoder, const unsigned char *picture, long number) {
    if (av_frame_make_writable(encoder->frame) < 0) fail("no memory for a picture");
    const unsigned char *from = picture;
    for (int plane = 0; plane < 3; plane++) {
        int width = plane ? WIDTH / 2 : WIDTH, height = plane ? HEIGHT / 2 : HEIGHT;
        for (int y = 0; y < height; y++, from += width)
            memcpy(encoder->frame->data[plane] + y * encoder->frame->linesize[plane], from, (size_t)width);
    }
    encoder->frame->pts = number;
    av_packet_unref(encoder->packet);
    encoder->size = 0;
    if (avcodec_send_frame(encoder->x264, encoder->frame) < 0) fail("libx264 refused a picture");
    if (avcodec_receive_packet(encoder->x264, encoder->packet) < 0) return;
    encoder->bytes = encoder->packet->data;
    encoder->size = (size_t)encoder->packet->size;
}

static void encode_openh264(struct encoder *encoder, const unsigned char *picture, long number) {
    SSourcePicture source = {0};
    source.iColorFormat = videoFormatI420;
    source.iPicWidth = WIDTH;
    source.iPicHeight = HEIGHT;
    source.iStride[0] = WIDTH;
    source.iStride[1] = source.iStride[2] = WIDTH / 2;
    source.pData[0] = (unsigned char *)picture;
    source.pData[1] = source.pData[0] + LUMA;
    source.pData[2] = source.pData[1] + LUMA / 4;
    source.uiTimeStamp = number * 1000 / RATE;
    if ((*encoder->openh264)->EncodeFrame(encoder->openh264, &source, &encoder->layers) != 0)
        fail("openh264 refused a picture");
    // All layers lie one behind the other.
    encoder->size = 0;
    encoder->bytes = encoder->layers.iLayerNum > 0 ? encoder->layers.sLayerInfo[0].pBsBuf : NULL;
    for (int layer = 0; layer < encoder->layers.iLayerNum; layer++)
        for (int unit = 0; unit < encoder->layers.sLayerInfo[layer].iNalCount; unit++)
            encoder->size += (size_t)encoder->layers.sLayerInfo[layer].pNalLengthInByte[unit];
}

static double psnr(const AVFrame *shown, const unsigned char *picture) {
    double sum = 0;
    for (int y = 0; y < HEIGHT; y++) {
        const unsigned char *a = shown->data[0] + y * shown->linesize[0], *b = picture + y * WIDTH;
        long row = 0;
        for (int x = 0; x < WIDTH; x++) row += (a[x] - b[x]) * (a[x] - b[x]);
        sum += (double)row;
    }
    return sum > 0 ? 10 * log10(255.0 * 255 * LUMA / sum) : 100;
}

// Of luma: the mean over 8x8 windows, four samples apart (Wang et al. 2004, with equal weights).
static double ssim(const AVFrame *shown, const unsigned char *picture) {
    const double c1 = 0.01 * 0.01 * 255 * 255, c2 = 0.03 * 0.03 * 255 * 255;
    double sum = 0;
    long windows = 0;
    for (int top = 0; top + 8 <= HEIGHT; top += 4)
        for (int left = 0; left + 8 <= WIDTH; left += 4, windows++) {
            long a = 0, b = 0, squares = 0, product = 0;
            for (int y = top; y < top + 8; y++)
                for (int x = left; x < left + 8; x++) {
                    long p = shown->data[0][y * shown->linesize[0] + x], q = picture[y * WIDTH + x];
                    a += p, b += q, squares += p * p + q * q, product += p * q;
                }
            double means = (double)(a * b) / 4096, powers = (double)(a * a + b * b) / 4096;
            sum += (2 * means + c1) * (2 * ((double)product / 64 - means) + c2) /
                   ((powers + c1) * ((double)squares / 64 - powers + c2));
        }
    return sum / (double)windows;
}

static double run(const char *name, long kbps, int is_measured) {
    struct encoder encoder = {0};
    char *copy = strdup(name), *save, *kind = strtok_r(copy, ":", &save);
    if (!strcmp(kind, "x264")) open_x264(&encoder, save, kbps);
    else if (!strcmp(kind, "openh264")) open_openh264(&encoder, save, kbps);
    else fail("an ENCODER is x264:PRESET or openh264:COMPLEXITY");
    AVCodecContext *decoder = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264));
    decoder->flags |= AV_CODEC_FLAG_LOW_DELAY;
    decoder->thread_count = 1;
    if (avcodec_open2(decoder, NULL, NULL) < 0) fail("no decoder for H.264");
    AVFrame *shown = av_frame_alloc();
    AVPacket *packet = av_packet_alloc();
    double cpu = 0, sum = 0, likeness = 0, worst = 1000, second = 0, bytes = 0, largest = 0;
    long missing = 0;
    for (long k = 0; k < count; k++) {
        const unsigned char *picture = pictures + k * PICTURE;
        double start = cpu_seconds();
        (encoder.x264 ? encode_x264 : encode_openh264)(&encoder, picture, k);
        cpu += cpu_seconds() - start;
        bytes += (double)encoder.size;
        if (k > RATE && (double)encoder.size > largest) largest = (double)encoder.size;
        if (!is_measured) continue;
        double quality = 0;
        if (encoder.size == 0) missing++;
        else {
            if (av_new_packet(packet, (int)encoder.size) < 0) fail("no memory for a packet");
            memcpy(packet->data, encoder.bytes, encoder.size);
            if (avcodec_send_packet(decoder, packet) < 0 || avcodec_receive_frame(decoder, shown) < 0) missing++;
            else {
                quality = psnr(shown, picture);
                likeness += ssim(shown, picture);
            }
            av_packet_unref(packet);
        }
        sum += quality;
        second += quality;
        if (k % RATE == RATE - 1) {
            // The first second begins with the keyframe, and is another matter.
            if (k >= RATE && second / RATE < worst) worst = second / RATE;
            second = 0;
        }
    }
    if (is_measured)
        printf("encoder=%s psnr=%.2f worst=%.2f ssim=%.4f kbps=%.0f largest=%.0f missing=%ld ", name, sum / (double)count, worst,
               likeness / (double)count, bytes * 8 * RATE / (double)count / 1000, largest, missing);
    av_frame_free(&shown);
    av_packet_free(&packet);
    avcodec_free_context(&decoder);
    if (encoder.x264) {
        avcodec_free_context(&encoder.x264);
        av_frame_free(&encoder.frame);
        av_packet_free(&encoder.packet);
    } else {
        (*encoder.openh264)->Uninitialize(encoder.openh264);
        WelsDestroySVCEncoder(encoder.openh264);
    }
    free(copy);
    return cpu * 1000 / (double)count;
}

int main(int argc, char **argv) {
    if (argc < 5 || atol(argv[2]) < 2 || atol(argv[2]) > MOST_SECONDS || atol(argv[3]) < 50) {
        fprintf(stderr, "usage: encoder_trial FILE SECONDS(2-%d) KBPS ENCODER...\n", MOST_SECONDS);
        return 2;
    }
    av_log_set_level(AV_LOG_QUIET);
    pictures = malloc((size_t)PICTURE * (size_t)(atol(argv[2]) * RATE));
    FILE *file = fopen(argv[1], "rb");
    if (!pictures || !file) fail("the file can't be read");
    while (count < atol(argv[2]) * RATE && fread(pictures + count * PICTURE, PICTURE, 1, file) == 1) count++;
    fclose(file);
    if (count < 2 * RATE) fail("too few pictures in the file");
    for (int k = 4; k < argc; k++) {
        double first = run(argv[k], atol(argv[3]), 1), again = run(argv[k], atol(argv[3]), 0);
        printf("ms=%.3f\n", first < again ? first : again);
        fflush(stdout);
    }
    return 0;
}
