import Media
import Mixer

let red = Colour(y: 63, cb: 102, cr: 240)
let green = Colour(y: 173, cb: 42, cr: 26)
let blue = Colour(y: 32, cb: 240, cr: 118)
let grey = Colour(y: 126)

extension Raster {
    /// Red, green, blue and grey quarters, clockwise from the top left.
    func paintQuarters() {
        let (halfWidth, halfHeight) = (size.width / 4 * 2, size.height / 4 * 2)
        fill(grey)
        fill(Rectangle(x: 0, y: 0, width: halfWidth, height: halfHeight), red)
        fill(Rectangle(x: halfWidth, y: 0, width: size.width - halfWidth, height: halfHeight), green)
        fill(
            Rectangle(x: halfWidth, y: halfHeight, width: size.width - halfWidth, height: size.height - halfHeight),
            blue)
    }

    /// Pictures that move, so that an encoder has work: a gradient with a bar at `step`.
    func paintMotion(step: Int) {
        for y in 0..<size.height {
            for x in 0..<size.width {
                luma[y * lumaStride + x] = UInt8(truncatingIfNeeded: 40 &+ (x &+ y &+ 3 &* step) % 160)
            }
        }
        for y in 0..<size.height / 2 {
            for x in 0..<size.width / 2 {
                cb[y * chromaStride + x] = UInt8(truncatingIfNeeded: 96 &+ (x &+ step) % 64)
                cr[y * chromaStride + x] = UInt8(truncatingIfNeeded: 96 &+ (y &+ step) % 64)
            }
        }
    }

    /// Noise that no encoder can predict.
    func paintNoise(seed: UInt64) {
        var state = seed | 1
        for y in 0..<size.height {
            for x in 0..<size.width {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                luma[y * lumaStride + x] = UInt8(truncatingIfNeeded: 16 &+ (state >> 33) % 220)
            }
        }
        fillChroma()
    }

    private func fillChroma() {
        for y in 0..<size.height / 2 {
            for x in 0..<size.width / 2 {
                cb[y * chromaStride + x] = 128
                cr[y * chromaStride + x] = 128
            }
        }
    }

    /// All samples, row by row, without what lies between rows.
    var samples: [UInt8] {
        var all: [UInt8] = []
        for y in 0..<size.height { all += UnsafeBufferPointer(start: luma + y * lumaStride, count: size.width) }
        for plane in [cb, cr] {
            for y in 0..<size.height / 2 {
                all += UnsafeBufferPointer(start: plane + y * chromaStride, count: size.width / 2)
            }
        }
        return all
    }
}

extension Colour {
    /// The largest difference of the three.
    func distance(to other: Colour) -> Int {
        max(abs(Int(y) - Int(other.y)), abs(Int(cb) - Int(other.cb)), abs(Int(cr) - Int(other.cr)))
    }
}

extension Canvas {
    /// All samples: luma row by row, then Cb, then Cr.
    var samples: [UInt8] { withRaster { $0.samples } }
}

func quarters(_ size: Size, sampleAspect: SampleAspect = .square) -> Picture {
    Picture(size: size, sampleAspect: sampleAspect) { $0.paintQuarters() }
}

func plain(_ colour: Colour, size: Size = Size(width: 64, height: 36)) -> Picture {
    Picture(size: size) { $0.fill(colour) }
}

/// libavcodec has no decoder for a codec.
struct NoDecoder: Error {}

func openDecoder(_ codec: VideoCodec, limit: Size = Size(width: 4096, height: 2304)) throws -> VideoDecoder {
    guard let decoder = VideoDecoder(codec, limit: limit) else { throw NoDecoder() }
    return decoder
}

/// An encoded stream, kept: each access unit's bytes with libavcodec's padding after them.
struct RecordedStream {
    var units: [[UInt8]] = []
    var keyframes: [Bool] = []

    /// Encodes `count` canvases; `paint` gets the planes and the index, `forced` are the keyframes asked for.
    init(
        _ settings: VideoEncoderSettings, count: Int, forced: Set<Int> = [], canvasSize: Size? = nil,
        paint: (Raster, Int) -> Void
    ) throws {
        var encoder = try VideoEncoder(settings)
        let canvas = Canvas(size: canvasSize ?? settings.size)
        for index in 0..<count {
            canvas.withRaster { paint($0, index) }
            let timestamp = Int64(index * VideoCodec.clockRate / settings.frameRate)
            guard let unit = encoder.encode(canvas, timestamp: timestamp, forceKeyframe: forced.contains(index)) else {
                continue
            }
            units.append(Array(unit.bytes))
            keyframes.append(unit.isKeyframe)
        }
    }

    var byteCount: Int { units.reduce(0) { $0 + $1.count } }
}

extension VideoDecoder {
    /// Decodes bytes as one access unit.
    mutating func decode(
        _ bytes: [UInt8], timestamp: Int64 = 0, isKeyframe: Bool = false, isDamaged: Bool = false,
        arrival: Instant = .zero
    ) -> Outcome {
        let padded = bytes + [UInt8](repeating: 0, count: AccessUnit.padding)
        return padded.withUnsafeBytes {
            decode(
                AccessUnit(
                    bytes: UnsafeRawBufferPointer(rebasing: $0[..<bytes.count]), timestamp: timestamp,
                    isKeyframe: isKeyframe, isDamaged: isDamaged, arrival: arrival))
        }
    }
}

extension VideoDecoder.Outcome {
    var picture: Picture? {
        if case .picture(let picture) = self { picture } else { nil }
    }

    var damage: VideoDecoder.Damage? {
        if case .damaged(let damage) = self { damage } else { nil }
    }
}

/// The NAL units of Annex B bytes, without start codes.
func nalUnits(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var starts: [(code: Int, payload: Int)] = []
    var index = 0
    while index + 2 < bytes.count {
        if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
            starts.append((index > 0 && bytes[index - 1] == 0 ? index - 1 : index, index + 3))
            index += 3
        } else {
            index += 1
        }
    }
    return starts.indices.map {
        bytes[starts[$0].payload..<($0 + 1 < starts.count ? starts[$0 + 1].code : bytes.count)]
    }
}
