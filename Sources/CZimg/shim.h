// zimg, scaling of pictures, for Swift.
#pragma once
#include <math.h>
#include <zimg.h>

// Its version is a computed macro.
static const unsigned czimg_version = ZIMG_API_VERSION;

// A plane of 8-bit samples.
struct czimg_plane {
    unsigned char *samples;
    ptrdiff_t stride;
};

// All rows of three planes through the graph; 0, or zimg's error. Swift can't fill zimg's own type: it has a union in it.
static inline int czimg_process(
    const zimg_filter_graph *graph, const struct czimg_plane source[3], const struct czimg_plane target[3], void *scratch) {
    zimg_image_buffer_const from = {czimg_version};
    zimg_image_buffer to = {czimg_version};
    for (int plane = 0; plane < 3; plane++) {
        from.plane[plane].data = source[plane].samples;
        from.plane[plane].stride = source[plane].stride;
        from.plane[plane].mask = ZIMG_BUFFER_MAX;
        to.plane[plane].data = target[plane].samples;
        to.plane[plane].stride = target[plane].stride;
        to.plane[plane].mask = ZIMG_BUFFER_MAX;
    }
    return zimg_filter_graph_process(graph, &from, &to, scratch, NULL, NULL, NULL, NULL);
}
