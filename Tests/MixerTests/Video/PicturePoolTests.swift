import Media
import Mixer
import Testing

/// A decoder uses pictures again; whoever holds one must never notice.
@Suite struct PicturePoolTests {
    private static let settings = VideoEncoderSettings(
        size: Size(width: 320, height: 180), frameRate: 30, bitrate: Bitrate(bitsPerSecond: 2_000_000))

    @Test func heldPicturesKeepTheirSamples() throws {
        let stream = try RecordedStream(Self.settings, count: 60) { $0.fill(Colour(y: UInt8(30 + 3 * $1))) }
        var decoder = try openDecoder(.h264)
        var held: [(picture: Picture, number: UInt64, index: Int)] = []
        var largest = 0
        for index in stream.units.indices {
            let outcome = decoder.decode(
                stream.units[index], timestamp: Int64(index), isKeyframe: stream.keyframes[index])
            let picture = try #require(outcome.picture)
            // More than a pool keeps, and never in the order of coming: the even ones stay, the odd ones go at once.
            if index.isMultiple(of: 2) { held.append((picture, picture.number, index)) }
            largest = max(largest, held.count)
            if held.count > 12 { held.removeFirst(7) }
            for entry in held {
                #expect(entry.picture.number == entry.number && entry.picture.timestamp == Int64(entry.index))
                let luma = try #require(entry.picture.colour(x: 160, y: 90)).y
                #expect(abs(Int(luma) - (30 + 3 * entry.index)) <= 2, "picture \(entry.index) at \(index)")
            }
        }
        #expect(largest > 12)
    }

    @Test func numbersRiseThoughPicturesAreUsedAgain() throws {
        let stream = try RecordedStream(Self.settings, count: 40) { $0.paintMotion(step: $1) }
        var decoder = try openDecoder(.h264)
        var last: UInt64 = 0
        var objects: Set<ObjectIdentifier> = []
        var latest: Picture?
        for index in stream.units.indices {
            let outcome = decoder.decode(
                stream.units[index], timestamp: Int64(index), isKeyframe: stream.keyframes[index])
            let picture = try #require(outcome.picture)
            #expect(picture.number > last)
            last = picture.number
            latest = picture
            objects.insert(ObjectIdentifier(picture))
        }
        #expect(latest != nil && objects.count <= 3)
    }
}
