import Media
import RTP
import TestSupport
import Testing

/// A camera whose timestamps or sequence numbers leap (baresip issue 2954 hung on one): its picture is back within a second.
@Suite struct LeapTests {
    /// A camera that answers keyframe requests with its next picture, and what a viewer gets of it.
    private struct Camera: ~Copyable {
        var sequence = 100
        var timestamp: UInt32 = 90_000
        private(set) var now = Instant.zero
        /// When pictures came out.
        private(set) var shown: [Instant] = []

        private var session: RTPSession
        private var receiver = VideoReceiver(codec: .h264)
        private var isKeyframeWanted = true

        init() {
            var accepts = PayloadTypeTable()
            accepts[PayloadType(96)!] = 0
            session = RTPSession(
                .init(ssrc: 1, cname: "f3a9", clockRate: 90_000, isVideo: true, accepts: accepts),
                generator: SeededGenerator(seed: 1), at: .zero)
        }

        /// Sends pictures at 30 a second.
        /// - Parameter leap: called before each packet.
        mutating func run(pictures: Int, leap: (inout Int, inout UInt32) -> Void = { _, _ in }) {
            for _ in 0..<pictures {
                var payloads = isKeyframeWanted ? [H264Fixture.stapA(H264Fixture.sps, H264Fixture.pps)] : []
                payloads += H264Fixture.fuA(H264Fixture.slice(isIDR: isKeyframeWanted, size: 100), size: 50)
                isKeyframeWanted = false
                for (index, payload) in payloads.enumerated() {
                    leap(&sequence, &timestamp)
                    send(payload, isLast: index == payloads.count - 1)
                }
                timestamp &+= 3000
                for _ in 0..<6 {
                    now += Interval.seconds(1) / 180
                    drain()
                }
            }
        }

        private mutating func send(_ payload: [UInt8], isLast: Bool) {
            sequence += 1
            let datagram = RTPBytes.media(
                payloadType: 96, marker: isLast, sequence: sequence, timestamp: timestamp, ssrc: 7, payload: payload)
            datagram.withUnsafeBytes { bytes in
                guard case .media(let header, let sequence, let timestamp) = session.receive(bytes, at: now) else {
                    return
                }
                while let action = session.next(at: now, sender: nil) {
                    if case .streamChanged = action { receiver.streamChanged() }
                }
                receiver.receive(
                    VideoPacket(
                        codec: .h264, sequence: sequence, timestamp: timestamp, marker: header.marker, arrival: now,
                        payload: UnsafeRawBufferPointer(rebasing: bytes[header.payload])), at: now)
            }
            drain()
        }

        private mutating func drain() {
            while let event = receiver.next(at: now) {
                switch event {
                case .accessUnit: shown.append(now)
                case .keyframeNeeded: isKeyframeWanted = true
                case .refused: break
                }
            }
            while session.next(at: now, sender: nil) != nil {}
        }

        /// The longest time without a picture, up to now.
        var longestFreeze: Interval {
            zip(shown.dropFirst() + [now], shown).map { $0 - $1 }.max() ?? now - .zero
        }
    }

    @Test(arguments: [
        (0, 1 << 31), (0, (1 << 31) - 1), (0, (1 << 31) + 1), (0, -90_000), (0, -1), (0, 90_000 * 3600),
        (32_768, 0), (-32_768, 0), (20_000, 1 << 31), (-20_000, -90_000), (-200, 0), (3001, 0), (-1, -3000),
    ]) func `one leap costs less than a second`(sequence: Int, timestamp: Int) {
        var camera = Camera()
        camera.run(pictures: 150)
        camera.sequence += sequence
        camera.timestamp &+= UInt32(truncatingIfNeeded: timestamp)
        camera.run(pictures: 150)
        let (freeze, count) = (camera.longestFreeze, camera.shown.count)
        #expect(freeze <= .seconds(1), "\(freeze.milliseconds) ms")
        #expect(count >= 300 - 30, "\(count)")
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `two seconds of leaps at every packet leave nothing stuck`(seed: UInt64) {
        var camera = Camera()
        var random = SeededGenerator(seed: seed)
        camera.run(pictures: 30)
        camera.run(pictures: 60) { sequence, timestamp in
            sequence += [0, 0, 1, -1, 100, 5000, -5000, 32_768].randomElement(using: &random)!
            timestamp &+= [0, 1 << 31, 0xFFFF_FFFF, 90_000, UInt32.random(in: 0 ... .max, using: &random)]
                .randomElement(using: &random)!
        }
        let begin = camera.now
        camera.run(pictures: 60)
        let back = camera.shown.first { $0 > begin }
        let tail = camera.shown.count { $0 > begin + .seconds(1) }
        #expect(back.map { $0 - begin <= .seconds(1) } == true, "\(String(describing: back))")
        #expect(tail >= 29, "\(tail)")
    }
}
