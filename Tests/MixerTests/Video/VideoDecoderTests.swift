import Media
import Mixer
import Testing

@Suite struct VideoDecoderTests {
    private func settings(_ size: Size, _ codec: VideoCodec = .h264) -> VideoEncoderSettings {
        VideoEncoderSettings(
            codec: codec, size: size, frameRate: 30, bitrate: Bitrate(bitsPerSecond: 800_000), preset: "ultrafast")
    }

    @Test(arguments: [Size(width: 320, height: 180), Size(width: 426, height: 240)], VideoCodec.allCases)
    func pictureSurvivesCoding(size: Size, codec: VideoCodec) throws {
        let stream = try RecordedStream(settings(size, codec), count: 4) { raster, _ in raster.paintQuarters() }
        var decoder = try openDecoder(codec)
        var pictures: [Picture] = []
        for (index, bytes) in stream.units.enumerated() {
            let outcome = decoder.decode(
                bytes, timestamp: Int64(index * 3000), isKeyframe: stream.keyframes[index],
                arrival: .zero + .milliseconds(index * 33))
            if let picture = outcome.picture { pictures.append(picture) }
        }
        #expect(pictures.count == 4)
        let last = try #require(pictures.last)
        #expect(last.size == size)
        #expect(last.timestamp == 9000)
        #expect(last.arrival == .zero + .milliseconds(99))
        #expect(zip(pictures, pictures.dropFirst()).allSatisfy { $0.number < $1.number })
        if codec != .vp8 { #expect(last.matrix == .bt709) }  // VP8 can't say it
        for (column, row, colour) in [(1, 1, red), (3, 1, green), (3, 3, blue), (1, 3, grey)] {
            let got = try #require(last.colour(x: size.width * column / 4, y: size.height * row / 4))
            #expect(got.distance(to: colour) <= 6)
        }
    }

    /// One that libavcodec refuses, too: its bytes are lent, not copied.
    @Test(arguments: VideoCodec.allCases)
    func theBytesAreTheCallersAgainAfterEachCall(codec: VideoCodec) throws {
        let stream = try RecordedStream(settings(Size(width: 320, height: 180), codec), count: 8, forced: [5]) {
            $0.paintMotion(step: $1)
        }
        let longest = stream.units.map(\.count).max() ?? 0
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: longest + AccessUnit.padding, alignment: 64)
        defer { memory.deallocate() }
        func prints(overwriting: Bool) throws -> [UInt64?] {
            var decoder = try openDecoder(codec)
            return stream.units.enumerated().map { index, unit in
                // The fourth is cut short.
                let count = index == 3 ? unit.count / 2 : unit.count
                memory.initializeMemory(as: UInt8.self, repeating: 0)
                memory.copyBytes(from: unit[..<count])
                let bytes = UnsafeRawBufferPointer(rebasing: memory[..<count])
                let outcome = decoder.decode(
                    AccessUnit(
                        bytes: bytes, timestamp: Int64(index) * 3_000, isKeyframe: stream.keyframes[index],
                        isDamaged: index == 3))
                if overwriting { memory.initializeMemory(as: UInt8.self, repeating: 0xFF) }
                return outcome.picture?.fingerprint
            }
        }
        let kept = try prints(overwriting: false)
        #expect(kept.map { $0 != nil } == [true, true, true, false, false, true, true, true])
        #expect(try prints(overwriting: true) == kept)
    }

    @Test func sizeChangesMidStream() throws {
        var decoder = try openDecoder(.h264)
        var sizes: [Size] = []
        for size in [Size(width: 320, height: 180), Size(width: 640, height: 360), Size(width: 176, height: 144)] {
            let stream = try RecordedStream(settings(size), count: 3) { $0.paintMotion(step: $1) }
            for (index, bytes) in stream.units.enumerated() {
                if let picture = decoder.decode(bytes, isKeyframe: index == 0).picture { sizes.append(picture.size) }
            }
        }
        #expect(sizes.map(\.width) == [320, 320, 320, 640, 640, 640, 176, 176, 176])
    }

    @Test func pictureAfterLossWaitsForKeyframe() throws {
        let size = Size(width: 320, height: 180)
        let stream = try RecordedStream(settings(size), count: 8, forced: [6]) { $0.paintMotion(step: $1) }
        var decoder = try openDecoder(.h264)
        var shown: [Bool] = []
        for (index, bytes) in stream.units.enumerated() where index != 2 {
            let outcome = decoder.decode(bytes, isKeyframe: stream.keyframes[index], isDamaged: index == 3)
            shown.append(outcome.picture != nil)
            if index == 3 { #expect(outcome.damage == .lost) }
            if index == 4 { #expect(outcome.damage == .awaitsKeyframe) }
        }
        #expect(shown == [true, true, false, false, false, true, true])
    }

    /// A stream that heals by recovery points alone: here, P pictures with the message put before them.
    @Test func secondRecoveryPointEndsTheWait() throws {
        let size = Size(width: 320, height: 180)
        var stream = try RecordedStream(settings(size), count: 12) { $0.paintMotion(step: $1) }
        // A user message whose bytes need emulation prevention, then the recovery point (H.264 section D.1.8).
        let message: [UInt8] = [0, 0, 0, 1, 6, 5, 4, 0, 0, 3, 1, 9, 6, 1, 0xC4, 0x80]
        for index in [4, 8] { stream.units[index] = message + stream.units[index] }
        var decoder = try openDecoder(.h264)
        let shown = stream.units.indices.filter { index in
            decoder.decode(stream.units[index], isKeyframe: index == 0, isDamaged: index == 2).picture != nil
        }
        #expect(shown == [0, 1, 8, 9, 10, 11])
    }

    @Test func streamWithoutItsKeyframeShowsNothing() throws {
        for codec in VideoCodec.allCases {
            let stream = try RecordedStream(settings(Size(width: 320, height: 180), codec), count: 6) {
                $0.paintMotion(step: $1)
            }
            var decoder = try openDecoder(codec)
            for bytes in stream.units.dropFirst(2) { #expect(decoder.decode(bytes).picture == nil, "\(codec)") }
        }
    }

    @Test func truncatedSliceIsKeptBack() throws {
        let size = Size(width: 640, height: 360)
        let stream = try RecordedStream(settings(size), count: 5) { raster, index in
            raster.paintNoise(seed: UInt64(index + 1))
        }
        var decoder = try openDecoder(.h264)
        #expect(decoder.decode(stream.units[0], isKeyframe: true).picture != nil)
        let half = Array(stream.units[1].prefix(stream.units[1].count / 2))
        #expect(decoder.decode(half).damage == .broken)
        #expect(decoder.decode(stream.units[2]).damage == .awaitsKeyframe)
    }

    @Test(arguments: VideoCodec.allCases) func garbageNeverTraps(codec: VideoCodec) throws {
        let stream = try RecordedStream(settings(Size(width: 160, height: 90), codec), count: 6, forced: [3]) {
            $0.paintMotion(step: $1)
        }
        var decoder = try openDecoder(codec, limit: Size(width: 1280, height: 720))
        var random = SeededGenerator(state: 7)
        for round in 0..<150 {
            var bytes = stream.units[round % stream.units.count]
            switch round % 3 {
            case 0: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            case 1:
                for _ in 0..<8 {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
            default:
                bytes = (0..<Int.random(in: 1...300, using: &random)).map { _ in .random(in: 0...255, using: &random) }
            }
            if let picture = decoder.decode(bytes, isKeyframe: round % 2 == 0).picture {
                #expect(picture.size.area <= 1280 * 720)
            }
        }
        // It still decodes what is whole.
        #expect((0..<6).contains { decoder.decode(stream.units[$0], isKeyframe: stream.keyframes[$0]).picture != nil })
    }

    @Test func pictureAboveTheLimitIsRefused() throws {
        let stream = try RecordedStream(settings(Size(width: 640, height: 360)), count: 2) { $0.paintMotion(step: $1) }
        var decoder = try openDecoder(.h264, limit: Size(width: 320, height: 240))
        #expect(decoder.decode(stream.units[0], isKeyframe: true).picture == nil)
        #expect(decoder.decode(stream.units[1]).damage != nil)
    }

    @Test func pictureOutlivesItsDecoder() throws {
        let stream = try RecordedStream(settings(Size(width: 320, height: 180)), count: 1) { raster, _ in
            raster.paintQuarters()
        }
        func decodeAndForget() throws -> Picture? {
            var decoder = try openDecoder(.h264)
            return decoder.decode(stream.units[0], isKeyframe: true).picture
        }
        let picture = try #require(try decodeAndForget())
        #expect(try #require(picture.colour(x: 10, y: 10)).distance(to: red) <= 6)
    }
}

/// Random numbers that are the same on each run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
