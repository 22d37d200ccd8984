import CFFmpeg
import Media

/// Scaling by libswscale: of any format and range it knows to 8-bit 4:2:0 of limited range.
final class SwscaleContext {
    private let context: OpaquePointer

    /// Area averaging: when shrinking it takes every sample of the source into account at less cost than libswscale's
    /// bilinear filter, when enlarging it is bilinear.
    ///
    /// The ranges go in before the context is opened: given later, libswscale has already chosen a plain copy for
    /// pictures that keep their size.
    /// - Returns: `nil` if libswscale doesn't know how.
    init?(source: Size, format: Int32, isFullRange: Bool, target: Size) {
        guard sws_isSupportedInput(AVPixelFormat(format)) > 0, let context = sws_alloc_context() else { return nil }
        let options: [(String, Int)] = [
            ("srcw", source.width), ("srch", source.height), ("src_format", Int(format)),
            ("dstw", target.width), ("dsth", target.height),
            ("dst_format", Int(AV_PIX_FMT_YUV420P.rawValue)), ("sws_flags", Int(SWS_AREA)),
            ("src_range", isFullRange ? 1 : 0), ("dst_range", 0),
        ]
        let isSet = options.allSatisfy { av_opt_set_int(UnsafeMutableRawPointer(context), $0.0, Int64($0.1), 0) >= 0 }
        guard isSet, sws_init_context(context, nil, nil) >= 0 else {
            sws_freeContext(context)
            return nil
        }
        self.context = context
    }

    deinit { sws_freeContext(context) }

    /// libswscale 5.1 may write past the end of each row where the target's width isn't a multiple of 32: such a target
    /// needs 32 bytes of its own after each row, as a tile has.
    /// - Returns: whether libswscale did it.
    func scale(_ picture: Picture, _ source: Rectangle, into target: Raster) -> Bool {
        var planes:
            (
                UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?,
                UnsafeMutablePointer<UInt8>?
            )
        planes = (target.luma, target.cb, target.cr, nil)
        var strides = (Int32(target.lumaStride), Int32(target.chromaStride), Int32(target.chromaStride), Int32(0))
        let rows = withUnsafePointer(to: &planes) { planes in
            planes.withMemoryRebound(to: UnsafeMutablePointer<UInt8>?.self, capacity: 4) { planes in
                withUnsafePointer(to: &strides) { strides in
                    strides.withMemoryRebound(to: Int32.self, capacity: 4) { strides in
                        cffmpeg_scale(
                            context, picture.frame, Int32(source.x), Int32(source.y), Int32(source.height), planes,
                            strides)
                    }
                }
            }
        }
        return rows > 0
    }
}
