import CYUV
import Media

/// Shrinking by libyuv in the few ratios it has vector code for: 1/2, 1/4, 3/4 and 3/8, both ways alike. The mean of the
/// covered samples, as libswscale's area averaging gives it, at a tenth of its price.
enum BoxScaling {
    static func fits(_ source: Size, _ target: Size) -> Bool {
        [(1, 2), (1, 4), (3, 4), (3, 8)].contains { numerator, denominator in
            // Chroma has half the samples, and must come out even as well.
            source.width % (2 * denominator) == 0 && source.height % (2 * denominator) == 0
                && source.width / denominator * numerator == target.width
                && source.height / denominator * numerator == target.height
        }
    }

    /// `source` and `target` are of sizes that fit. Returns whether libyuv did it.
    static func scale(_ source: Raster, into target: Raster) -> Bool {
        I420Scale(
            source.luma, Int32(source.lumaStride), source.cb, Int32(source.chromaStride), source.cr,
            Int32(source.chromaStride), Int32(source.size.width), Int32(source.size.height), target.luma,
            Int32(target.lumaStride), target.cb, Int32(target.chromaStride), target.cr, Int32(target.chromaStride),
            Int32(target.size.width), Int32(target.size.height), kFilterBox) == 0
    }
}
