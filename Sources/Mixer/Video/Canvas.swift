import CFFmpeg
import Media

/// A composed picture: 8-bit YUV 4:2:0, BT.709, limited range, square samples. Whoever holds it may read it, on any
/// queue; its composer paints it again only when nobody does.
package final class Canvas: @unchecked Sendable {  // written by its composer only while no one else holds it
    package let size: Size
    let frame: UnsafeMutablePointer<AVFrame>
    /// What is painted, cell by cell; the composer's own note.
    var painted: [PaintedCell] = []
    /// When it was painted last, counted in paintings; the composer's own note.
    var serial: UInt64 = 0

    /// A canvas of the background colour.
    /// - Parameter size: even, 16x16 to 8192x8192.
    package init(size: Size) {
        precondition(size.width.isMultiple(of: 2) && size.height.isMultiple(of: 2), "a canvas of odd size: \(size)")
        precondition(min(size.width, size.height) >= 16 && max(size.width, size.height) <= 8192, "a canvas of \(size)")
        self.size = size
        let layout = RasterLayout(size: size)
        let buffer = av_buffer_alloc(layout.byteCount + RasterLayout.alignment)
        guard let buffer, let start = buffer.pointee.data else { fatalError("out of memory: a canvas of \(size)") }
        let base = UnsafeMutableRawPointer(start).alignedUp(toMultipleOf: RasterLayout.alignment)
        let raster = layout.raster(at: base.assumingMemoryBound(to: UInt8.self))
        let frame = FrameOwner().release()
        frame.pointee.buf.0 = buffer
        frame.pointee.data.0 = raster.luma
        frame.pointee.data.1 = raster.cb
        frame.pointee.data.2 = raster.cr
        frame.pointee.linesize.0 = Int32(raster.lumaStride)
        frame.pointee.linesize.1 = Int32(raster.chromaStride)
        frame.pointee.linesize.2 = Int32(raster.chromaStride)
        frame.pointee.width = Int32(size.width)
        frame.pointee.height = Int32(size.height)
        frame.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        frame.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        frame.pointee.color_range = AVCOL_RANGE_MPEG
        frame.pointee.colorspace = AVCOL_SPC_BT709
        frame.pointee.color_primaries = AVCOL_PRI_BT709
        frame.pointee.color_trc = AVCOL_TRC_BT709
        frame.pointee.chroma_location = AVCHROMA_LOC_LEFT
        self.frame = frame
        raster.fill(.background)
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = self.frame
        av_frame_free(&frame)
    }

    /// The planes, for the length of `body`; to be written only in a canvas no one else holds.
    package func withRaster<Result>(_ body: (Raster) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(raster) }
    }

    /// Another one whenever it was painted.
    package var number: UInt64 { serial }

    /// The sample values of one pixel.
    package func colour(x: Int, y: Int) -> Colour { withRaster { $0.colour(x: x, y: y) } }

    /// The planes. Borrowed: the canvas must outlive their use.
    var raster: Raster {
        guard let raster = Raster(frame) else { preconditionFailure("a canvas has three planes") }
        return raster
    }

    /// Whether an encoder still has the samples, though it may hold the canvas no longer.
    var isEncoding: Bool { av_buffer_get_ref_count(frame.pointee.buf.0) > 1 }
}
