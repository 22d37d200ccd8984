// OpenH264's encoder for Swift: its functions stand in a table that Swift can't call by itself.
#pragma once
#include <wels/codec_api.h>

static inline int copenh264_open(ISVCEncoder **encoder) { return WelsCreateSVCEncoder(encoder); }

static inline void copenh264_close(ISVCEncoder *encoder) {
    (*encoder)->Uninitialize(encoder);
    WelsDestroySVCEncoder(encoder);
}

static inline int copenh264_defaults(ISVCEncoder *encoder, SEncParamExt *parameters) {
    int level = WELS_LOG_QUIET;
    (*encoder)->SetOption(encoder, ENCODER_OPTION_TRACE_LEVEL, &level);
    return (*encoder)->GetDefaultParams(encoder, parameters);
}

static inline int copenh264_initialize(ISVCEncoder *encoder, const SEncParamExt *parameters) {
    return (*encoder)->InitializeExt(encoder, parameters);
}

static inline int copenh264_force_keyframe(ISVCEncoder *encoder) {
    return (*encoder)->ForceIntraFrame(encoder, true);
}

// In bit/s; 0, or OpenH264's error. The whole's rate is refused before its only layer has it, and any above the most: the
// most rises first, and falls last.
static inline int copenh264_set_rate(ISVCEncoder *encoder, int rate, int is_rise) {
    SBitrateInfo whole = {SPATIAL_LAYER_ALL, rate}, layer = {SPATIAL_LAYER_0, rate};
    int error = 0;
    for (int step = 0; step < 2 && !error; step++) {
        ENCODER_OPTION option = (step == 0) == (is_rise != 0) ? ENCODER_OPTION_MAX_BITRATE : ENCODER_OPTION_BITRATE;
        error = (*encoder)->SetOption(encoder, option, &layer);
        if (!error) error = (*encoder)->SetOption(encoder, option, &whole);
    }
    return error;
}

// One picture of three planes; its bytes lie one behind the other from *bytes on, and hold until the next call.
// 0, or OpenH264's error; *size is 0 if it gave nothing.
static inline int copenh264_encode(
    ISVCEncoder *encoder, SFrameBSInfo *layers, unsigned char *const planes[3], const int strides[3], int width, int height,
    long long milliseconds, unsigned char **bytes, int *size, int *is_keyframe) {
    SSourcePicture source = {0};
    source.iColorFormat = videoFormatI420;
    source.iPicWidth = width;
    source.iPicHeight = height;
    source.uiTimeStamp = milliseconds;
    for (int plane = 0; plane < 3; plane++) {
        source.pData[plane] = planes[plane];
        source.iStride[plane] = strides[plane];
    }
    int error = (*encoder)->EncodeFrame(encoder, &source, layers);
    *size = 0;
    *bytes = layers->sLayerInfo[0].pBsBuf;
    *is_keyframe = layers->eFrameType == videoFrameTypeIDR;
    if (error || layers->eFrameType == videoFrameTypeSkip) return error;
    for (int layer = 0; layer < layers->iLayerNum; layer++)
        for (int unit = 0; unit < layers->sLayerInfo[layer].iNalCount; unit++)
            *size += layers->sLayerInfo[layer].pNalLengthInByte[unit];
    return 0;
}
