// FFmpeg for Swift: the headers, and functions for the macros that Swift can't import.
#pragma once
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/error.h>
#include <libavutil/hwcontext.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/time.h>
#include <libavutil/tx.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

static inline int cffmpeg_error_again(void) { return AVERROR(EAGAIN); }
static inline int cffmpeg_error_eof(void) { return AVERROR_EOF; }
static inline int64_t cffmpeg_no_timestamp(void) { return AV_NOPTS_VALUE; }

// Scales the rectangle of `source` that starts at (x, y) and is `height` rows high; its width is the context's. x and y
// must be multiples of the format's chroma subsampling. Returns the rows written, or an error below 0.
static inline int cffmpeg_scale(
    struct SwsContext *context, const AVFrame *source, int x, int y, int height, uint8_t *const planes[4],
    const int strides[4]) {
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get((enum AVPixelFormat)source->format);
    int steps[4];
    const uint8_t *data[4] = {0};
    int pitches[4] = {0};
    if (!format) return AVERROR(EINVAL);
    av_image_fill_max_pixsteps(steps, NULL, format);
    for (int plane = 0; plane < 4 && source->data[plane]; plane++) {
        int is_chroma = plane == 1 || plane == 2;
        int column = is_chroma ? x >> format->log2_chroma_w : x;
        int row = is_chroma ? y >> format->log2_chroma_h : y;
        data[plane] = source->data[plane] + (ptrdiff_t)row * source->linesize[plane] + (ptrdiff_t)column * steps[plane];
        pitches[plane] = source->linesize[plane];
    }
    return sws_scale(context, data, pitches, 0, height, planes, strides);
}

static inline int cffmpeg_error_no_device(void) { return AVERROR(ENODEV); }

// `code` is an errno.
static inline int cffmpeg_error(int code) { return AVERROR(code); }
static inline int cffmpeg_error_exit(void) { return AVERROR_EXIT; }
static inline int cffmpeg_error_invalid_data(void) { return AVERROR_INVALIDDATA; }
static inline int cffmpeg_error_no_demuxer(void) { return AVERROR_DEMUXER_NOT_FOUND; }
static inline int cffmpeg_error_no_protocol(void) { return AVERROR_PROTOCOL_NOT_FOUND; }
static inline int cffmpeg_error_http_not_found(void) { return AVERROR_HTTP_NOT_FOUND; }
static inline int cffmpeg_error_http_unauthorized(void) { return AVERROR_HTTP_UNAUTHORIZED; }
static inline int cffmpeg_error_http_forbidden(void) { return AVERROR_HTTP_FORBIDDEN; }
