import Media
import Mixer

/// Access units of our own encoder, kept in memory with the padding that a decoder reads past them.
package struct RecordedVideo: Sendable {
    private struct Unit {
        var range: Range<Int>
        var isKeyframe: Bool
    }

    package let size: Size
    private var bytes: [UInt8] = []
    private var units: [Unit] = []

    /// Encodes `count` pictures of a scene at 30/s; the first one, and no other, is a keyframe.
    package init(_ scene: MovingScene, size: Size, count: Int, bitrate: Bitrate = Bitrate(bitsPerSecond: 1_500_000))
        throws(VideoEncoderError)
    {
        try self.init(size: size, count: count, bitrate: bitrate) { scene.paint($0, step: $1) }
    }

    /// The same of what `paint` paints, all of the raster, for each picture.
    package init(
        size: Size, count: Int, bitrate: Bitrate, paint: (_ raster: Raster, _ step: Int) -> Void
    ) throws(VideoEncoderError) {
        self.size = size
        let settings = VideoEncoderSettings(size: size, frameRate: 30, bitrate: bitrate, gop: 3_600)
        var encoder = try VideoEncoder(settings)
        let canvas = Canvas(size: size)
        for step in 0..<count {
            canvas.withRaster { paint($0, step) }
            guard let unit = encoder.encode(canvas, timestamp: Int64(step) * 3_000) else { continue }
            units.append(Unit(range: bytes.count..<bytes.count + unit.bytes.count, isKeyframe: unit.isKeyframe))
            bytes += unit.bytes
            bytes += repeatElement(0, count: AccessUnit.padding)
        }
    }

    package var count: Int { units.count }
    /// Bytes of all access units.
    package var byteCount: Int { units.reduce(0) { $0 + $1.range.count } }

    /// Lends access unit `index`, for the length of `body`.
    package func withUnit<Result>(_ index: Int, timestamp: Int64, _ body: (AccessUnit) -> Result) -> Result {
        bytes.withUnsafeBytes {
            let unit = units[index]
            return body(
                AccessUnit(
                    bytes: UnsafeRawBufferPointer(rebasing: $0[unit.range]), timestamp: timestamp,
                    isKeyframe: unit.isKeyframe))
        }
    }
}
