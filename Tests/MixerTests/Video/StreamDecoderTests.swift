import Media
import Mixer
import TestSupport
import Testing

/// Streams that change all the time: each change makes a decoder anew.
@Suite struct StreamDecoderTests {
    private func stream(_ size: Size, _ codec: VideoCodec = .h264, count: Int = 1) throws -> RecordedStream {
        try RecordedStream(
            VideoEncoderSettings(
                codec: codec, size: size, frameRate: 30, bitrate: Bitrate(bitsPerSecond: 400_000), preset: "ultrafast"),
            count: count
        ) { $0.paintMotion(step: $1) }
    }

    /// Of the picture of that number, at 30 a second.
    private static func time(_ picture: Int) -> Instant { .zero + Interval.seconds(1) / 30 * picture }

    @Test(arguments: VideoCodec.allCases)
    func `a stream of another size with each picture gets twenty decoders, then one in two seconds`(
        codec: VideoCodec
    ) throws {
        let streams = [
            try stream(Size(width: 320, height: 180), codec), try stream(Size(width: 640, height: 360), codec),
        ]
        var decoder = StreamDecoder(codec: codec)
        var shown = 0
        var restless = 0
        // A minute of it.
        for index in 0..<1800 {
            let outcome = decoder.decode(streams[index % 2], at: Self.time(index))
            if outcome.picture != nil { shown += 1 }
            if outcome.damage == .restless { restless += 1 }
        }
        let changes = decoder.changes
        #expect((45...51).contains(changes), "\(changes)")
        // With each there may be one of the size as it is.
        #expect(shown <= 2 * changes && restless >= 1700, "\(shown) shown, \(restless) not decoded")
        // It comes to rest: pictures are back with the next one that may be decoded.
        let isBack = (0..<3).contains { second in
            decoder.decode(streams[0], at: .zero + .seconds(61 + second)).picture != nil
        }
        #expect(isBack)
    }

    @Test func `a stream of another codec with each picture is no dearer`() throws {
        let streams = [
            try stream(Size(width: 320, height: 180), .h264), try stream(Size(width: 320, height: 180), .vp8),
        ]
        var decoder = StreamDecoder(codec: .h264)
        for index in 0..<300 {
            _ = decoder.decode(
                streams[index % 2], codec: index % 2 == 0 ? .h264 : .vp8, at: Self.time(index))
        }
        let changes = decoder.changes
        #expect((20...26).contains(changes), "\(changes)")
    }

    @Test func `a camera that changes its size now and then is never kept waiting`() throws {
        let streams = [try stream(Size(width: 320, height: 180)), try stream(Size(width: 640, height: 360))]
        var decoder = StreamDecoder(codec: .h264)
        var shown = 0
        for index in 0..<200 {
            let outcome = decoder.decode(streams[index / 2 % 2], at: .zero + .seconds(index))
            if outcome.picture != nil { shown += 1 }
        }
        #expect(shown == 200)
    }

    /// All other numbers that there are, over and over, each with a size of its own, of which none is used.
    @Test func `a thousand parameter sets beside the one in use change nothing`() throws {
        let video = try stream(Size(width: 320, height: 180), count: 30)
        var decoder = StreamDecoder(codec: .h264)
        var shown = 0
        for index in 0..<30 {
            // x264 uses number 0.
            let sets = (0..<34).flatMap { set -> [UInt8] in
                let id = 1 + (index + set) % 31
                return [0, 0, 0, 1] + H264Bombs.sps(id: id, columns: 4 + set, rows: 4)
                    + [0, 0, 0, 1] + H264Bombs.pps(id: id)
            }
            let outcome = decoder.decode(
                sets + video.units[index], isKeyframe: video.keyframes[index], at: Self.time(index))
            if outcome.picture != nil { shown += 1 }
        }
        let changes = decoder.changes
        #expect(shown == 30 && changes == 1)
    }
}

extension StreamDecoder {
    /// Decodes a keyframe: the first unit of a stream.
    mutating func decode(_ stream: RecordedStream, codec: VideoCodec? = nil, at now: Instant) -> VideoDecoder.Outcome {
        decode(stream.units[0], codec: codec, isKeyframe: true, at: now)
    }

    mutating func decode(
        _ bytes: [UInt8], codec: VideoCodec? = nil, isKeyframe: Bool, at now: Instant
    ) -> VideoDecoder.Outcome {
        let codec = codec ?? self.codec
        let padded = bytes + [UInt8](repeating: 0, count: AccessUnit.padding)
        return padded.withUnsafeBytes {
            decode(
                AccessUnit(
                    bytes: UnsafeRawBufferPointer(rebasing: $0[..<bytes.count]), timestamp: 0, isKeyframe: isKeyframe,
                    arrival: now), codec: codec)
        }
    }
}
