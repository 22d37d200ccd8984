import CFFmpeg
import Media

/// Scales pictures to 8-bit 4:2:0, BT.709, limited range: the canvas's own terms. libswscale does sizes, formats and
/// ranges; matrices are ours, since libswscale would go through RGB at several times the price. Keeps a context per pair
/// of shapes; those used longest ago make way. Confined to its owner's queue.
package struct Scaler: ~Copyable {
    /// Contexts kept at a time.
    package static let capacity = 128

    /// Contexts made so far; it stands still when nothing changes size.
    package private(set) var contextsMade = 0

    private struct Shape: Hashable {
        var source: Size
        var format: Int32
        var isFullRange: Bool
        var target: Size
    }

    private struct Entry {
        var shape: Shape
        var context: OpaquePointer
        var lastUse: UInt64
    }

    private var entries: [Entry] = []
    private var uses: UInt64 = 0

    package init() {
        CodecLog.takeOver()
        entries.reserveCapacity(Self.capacity)
    }

    deinit {
        for entry in entries { sws_freeContext(entry.context) }
    }

    /// Scales the part `source` of a picture to fill `target`.
    ///
    /// libswscale 5.1 may write past the end of each row where the target's width isn't a multiple of 32: such a target
    /// needs 32 bytes of its own after each row, as a tile has.
    /// - Returns: whether libswscale knows how; `target` is untouched if not.
    package mutating func scale(_ picture: Picture, _ source: Rectangle, into target: Raster) -> Bool {
        let shape = Shape(
            source: source.size, format: picture.frame.pointee.format, isFullRange: picture.isFullRange,
            target: target.size)
        guard let context = context(for: shape) else { return false }
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
        guard rows > 0 else { return false }
        if let conversion = MatrixConversion(from: picture.matrix) { convertMatrix(target, conversion) }
        return true
    }

    private mutating func context(for shape: Shape) -> OpaquePointer? {
        uses &+= 1
        var oldest = 0
        for index in entries.indices {
            if entries[index].shape == shape {
                entries[index].lastUse = uses
                return entries[index].context
            }
            if entries[index].lastUse < entries[oldest].lastUse { oldest = index }
        }
        guard let context = Self.makeContext(shape) else { return nil }
        contextsMade &+= 1
        let entry = Entry(shape: shape, context: context, lastUse: uses)
        if entries.count < Self.capacity {
            entries.append(entry)
        } else {
            sws_freeContext(entries[oldest].context)
            entries[oldest] = entry
        }
        return context
    }

    /// Area averaging: when shrinking it takes every sample of the source into account at less cost than libswscale's
    /// bilinear filter, when enlarging it is bilinear.
    ///
    /// The ranges go in before the context is opened: given later, libswscale has already chosen a plain copy for
    /// pictures that keep their size.
    private static func makeContext(_ shape: Shape) -> OpaquePointer? {
        guard sws_isSupportedInput(AVPixelFormat(shape.format)) > 0, let context = sws_alloc_context() else {
            return nil
        }
        let options: [(String, Int)] = [
            ("srcw", shape.source.width), ("srch", shape.source.height), ("src_format", Int(shape.format)),
            ("dstw", shape.target.width), ("dsth", shape.target.height),
            ("dst_format", Int(AV_PIX_FMT_YUV420P.rawValue)), ("sws_flags", Int(SWS_AREA)),
            ("src_range", shape.isFullRange ? 1 : 0), ("dst_range", 0),
        ]
        let isSet = options.allSatisfy { av_opt_set_int(UnsafeMutableRawPointer(context), $0.0, Int64($0.1), 0) >= 0 }
        guard isSet, sws_init_context(context, nil, nil) >= 0 else {
            sws_freeContext(context)
            return nil
        }
        return context
    }
}
