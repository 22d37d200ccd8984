import CFFmpeg
import Media
import Synchronization

/// The shape of a picture's samples, width to height: 1:1 on almost every line, 12:11 and the like from old cameras.
package struct SampleAspect: Hashable, Sendable {
    package let width: Int
    package let height: Int

    package static let square = SampleAspect(width: 1, height: 1)

    /// A shape that no camera has (beyond 4:1 either way, or without a size) is taken as square.
    package init(width: Int, height: Int) {
        let isPlausible = width > 0 && height > 0 && width <= 4 * height && height <= 4 * width
        self.width = isPlausible ? width : 1
        self.height = isPlausible ? height : 1
    }
}

/// A finished picture: what a decoder gave. For whoever holds one it never changes; its decoder's pool makes the next one
/// of it when nobody does.
package final class Picture: @unchecked Sendable {  // written by its pool only while no one else holds it
    let frame: UnsafeMutablePointer<AVFrame>
    private var description: Description
    private var tile = ReadyTile()

    /// What is known of the samples in the frame.
    private struct Description {
        var number: UInt64
        var size: Size
        var sampleAspect: SampleAspect
        var isFullRange: Bool
        var matrix: ColourMatrix
        var timestamp: Int64
        var arrival: Instant
        var isKeyframe: Bool

        private static let lastNumber = Atomic<UInt64>(0)

        init(of frame: UnsafePointer<AVFrame>, timestamp: Int64, arrival: Instant) {
            number = Self.lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
            size = Size(width: Int(frame.pointee.width), height: Int(frame.pointee.height))
            let aspect = frame.pointee.sample_aspect_ratio
            sampleAspect = SampleAspect(width: Int(aspect.num), height: Int(aspect.den))
            isFullRange =
                frame.pointee.color_range == AVCOL_RANGE_JPEG || frame.pointee.format == AV_PIX_FMT_YUVJ420P.rawValue
            matrix = Picture.matrix(of: frame)
            isKeyframe = frame.pointee.key_frame != 0
            self.timestamp = timestamp
            self.arrival = arrival
        }
    }

    /// Takes a written frame over.
    init(_ owner: consuming FrameOwner, timestamp: Int64, arrival: Instant) {
        frame = owner.release()
        description = Description(of: frame, timestamp: timestamp, arrival: arrival)
    }

    /// Unique in the process, and rising.
    package var number: UInt64 { description.number }
    package var size: Size { description.size }
    package var sampleAspect: SampleAspect { description.sampleAspect }
    /// Whether luma runs from 0 to 255 instead of 16 to 235.
    package var isFullRange: Bool { description.isFullRange }
    package var matrix: ColourMatrix { description.matrix }
    /// RTP timestamp, unwrapped, in 90 kHz ticks.
    package var timestamp: Int64 { description.timestamp }
    /// When the first packet of it came in.
    package var arrival: Instant { description.arrival }
    /// Whether it was coded without reference to others.
    package var isKeyframe: Bool { description.isKeyframe }

    /// Lets go of the samples, if it has any. Only the pool may, of a picture that nobody holds.
    func empty() {
        guard frame.pointee.buf.0 != nil else { return }
        av_frame_unref(frame)
        tile.empty()
    }

    /// Scales it to the size it is about to be shown at. Only who made it may, before anybody else holds it.
    package func makeReady(for wish: TileWish, by scaler: inout Scaler) { tile.make(of: self, for: wish, by: &scaler) }

    /// The part `source` of it at `size`, if it was made ready; the wish to have the next one so, if not. Borrowed: the picture
    /// must outlive its use.
    func readyTile(_ source: Rectangle, _ size: Size) -> Raster? { tile.raster(source, size) }

    /// Becomes the next picture, by taking a written frame's contents over. Only the pool may, of an empty one.
    func fill(from written: UnsafeMutablePointer<AVFrame>, timestamp: Int64, arrival: Instant) {
        av_frame_move_ref(frame, written)
        description = Description(of: frame, timestamp: timestamp, arrival: arrival)
    }

    /// A picture of our own making: test patterns, files. `paint` gets the planes, uninitialised.
    package convenience init(
        size: Size, sampleAspect: SampleAspect = .square, isFullRange: Bool = false, matrix: ColourMatrix = .bt709,
        timestamp: Int64 = 0, arrival: Instant = .zero, paint: (Raster) -> Void
    ) {
        let owner = FrameOwner()
        let frame = owner.raw
        frame.pointee.width = Int32(size.width)
        frame.pointee.height = Int32(size.height)
        frame.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        frame.pointee.sample_aspect_ratio = AVRational(num: Int32(sampleAspect.width), den: Int32(sampleAspect.height))
        frame.pointee.color_range = isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
        switch matrix {
        case .bt709: frame.pointee.colorspace = AVCOL_SPC_BT709
        case .bt601: frame.pointee.colorspace = AVCOL_SPC_SMPTE170M
        case .bt2020: frame.pointee.colorspace = AVCOL_SPC_BT2020_NCL
        }
        guard av_frame_get_buffer(frame, 0) == 0, let raster = Raster(frame) else {
            fatalError("no picture of \(size) can be made")
        }
        paint(raster)
        self.init(owner, timestamp: timestamp, arrival: arrival)
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = self.frame
        av_frame_free(&frame)
    }

    /// The planes, to be read only, for the length of `body`; `nil` if the picture isn't 8-bit 4:2:0.
    package func withRaster<Result>(_ body: (Raster) throws -> Result) rethrows -> Result? {
        try withExtendedLifetime(self) { try raster.map(body) }
    }

    /// Of a grid of its luma samples (FNV-1a): another one when anything that matters has changed.
    package var fingerprint: UInt64? {
        withRaster { raster in
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for row in 0..<36 {
                for column in 0..<64 {
                    let (x, y) = (raster.size.width * column / 64, raster.size.height * row / 36)
                    hash = (hash ^ UInt64(raster.luma[y * raster.lumaStride + x])) &* 0x100_0000_01B3
                }
            }
            return hash
        }
    }

    /// The sample values of one pixel; `nil` if the picture isn't 8-bit 4:2:0.
    package func colour(x: Int, y: Int) -> Colour? { withRaster { $0.colour(x: x, y: y) } }

    /// The planes, to be read only; `nil` if the picture isn't 8-bit 4:2:0. Borrowed: the picture must outlive their use.
    var raster: Raster? { Raster(frame) }

    /// Whether the samples can be shown on a canvas as they are.
    var isCanvasReady: Bool { !isFullRange && matrix == .bt709 && frame.pointee.format == AV_PIX_FMT_YUV420P.rawValue }

    /// What the stream says, or else what its size suggests: standard definition was always BT.601.
    private static func matrix(of frame: UnsafePointer<AVFrame>) -> ColourMatrix {
        switch frame.pointee.colorspace {
        case AVCOL_SPC_BT709: .bt709
        case AVCOL_SPC_SMPTE170M, AVCOL_SPC_BT470BG, AVCOL_SPC_FCC: .bt601
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: .bt2020
        default: frame.pointee.height <= 576 ? .bt601 : .bt709
        }
    }
}

extension Raster {
    /// The planes of an 8-bit 4:2:0 frame; `nil` for other formats.
    init?(_ frame: UnsafePointer<AVFrame>) {
        let format = frame.pointee.format
        guard format == AV_PIX_FMT_YUV420P.rawValue || format == AV_PIX_FMT_YUVJ420P.rawValue,
            let luma = frame.pointee.data.0, let cb = frame.pointee.data.1, let cr = frame.pointee.data.2,
            frame.pointee.linesize.0 > 0, frame.pointee.linesize.1 == frame.pointee.linesize.2
        else { return nil }
        self.init(
            luma: luma, cb: cb, cr: cr, lumaStride: Int(frame.pointee.linesize.0),
            chromaStride: Int(frame.pointee.linesize.1),
            size: Size(width: Int(frame.pointee.width), height: Int(frame.pointee.height)))
    }
}
