import Media
import RTP
import TestSupport
import Testing

@Suite struct VideoReceiverTests {
    typealias Fixture = H264Fixture

    @Test func aCleanLineLosesAndDelaysNothing() {
        var call = VideoCall(seed: 1, line: VirtualNetwork.Line())
        call.run(seconds: 600)
        #expect(call.passed >= call.sent - 1)
        #expect(call.requests == 0)
        #expect(call.worstDelay == .milliseconds(20))
        #expect(call.brokenReferences == 0)
    }

    @Test func reorderingWithinTheWindowCostsNoPicture() {
        var call = VideoCall(seed: 2, line: VirtualNetwork.Line(jitter: .milliseconds(15), keepsOrder: false))
        call.run(seconds: 600)
        // The very first packets may be overtaken, before there is an order to keep.
        #expect(call.sent - call.passed < 30)
        #expect(call.brokenReferences == 0)
        #expect(call.worstDelay <= .milliseconds(35))
    }

    @Test func duplicatesAreHarmless() {
        var call = VideoCall(seed: 3, line: VirtualNetwork.Line(duplication: 0.3))
        call.run(seconds: 60)
        #expect(call.passed >= call.sent - 1)
        #expect(call.requests == 0)
    }

    @Test(arguments: [(0.01, 0.0), (0.03, 0.0), (0.0, 0.002)])
    func afterLossNothingIsShownBeforeTheKeyframeThatWasAskedFor(loss: Double, bursts: Double) {
        let line = VirtualNetwork.Line(jitter: .milliseconds(5), loss: loss, burst: (begin: bursts, end: 0.2))
        var call = VideoCall(seed: 4, line: line)
        call.run(seconds: 600)
        #expect(call.brokenReferences == 0)
        #expect(call.requests > 100)
        #expect(call.passed > call.sent / 2)
        #expect(call.longestFreeze < .milliseconds(1500))
    }

    @Test func aStreamThatBeginsWithoutKeyframeAsksAfterItsPatience() {
        var receiver = VideoReceiver(codec: .h264)
        let bench = Bench()
        bench.send(Fixture.slice(), to: &receiver, at: 0)
        #expect(bench.drain(&receiver, at: 299) == [])
        #expect(receiver.deadline == .zero + .milliseconds(300))
        #expect(bench.drain(&receiver, at: 300) == [.keyframeNeeded])
        #expect(bench.drain(&receiver, at: 700) == [])
        #expect(bench.drain(&receiver, at: 800) == [.keyframeNeeded])
        bench.sendKeyframe(to: &receiver, at: 900)
        #expect(bench.drain(&receiver, at: 900) == [.keyframe])
        #expect(receiver.deadline == .distantFuture)
    }

    @Test func aSilentSenderIsAskedForNothing() {
        var receiver = VideoReceiver(codec: .h264)
        let bench = Bench()
        bench.send(Fixture.slice(), to: &receiver, at: 0)
        var requests = 0
        for time in stride(from: 0, through: 60_000, by: 10) { requests += bench.drain(&receiver, at: time).count }
        #expect(requests <= 5)
        bench.send(Fixture.slice(), to: &receiver, at: 60_001)
        #expect(bench.drain(&receiver, at: 60_001) == [.keyframeNeeded])
    }

    @Test func aDecoderThatFailsGetsNothingUpToTheNextKeyframe() {
        var receiver = VideoReceiver(codec: .h264)
        let bench = Bench()
        bench.sendKeyframe(to: &receiver, at: 0)
        #expect(bench.drain(&receiver, at: 0) == [.keyframe])
        receiver.decodingFailed(at: .zero + .milliseconds(10))
        #expect(bench.drain(&receiver, at: 10) == [.keyframeNeeded])
        bench.send(Fixture.slice(), to: &receiver, at: 33)
        #expect(bench.drain(&receiver, at: 33) == [])
        bench.sendKeyframe(to: &receiver, at: 66)
        bench.send(Fixture.slice(), to: &receiver, at: 99)
        #expect(bench.drain(&receiver, at: 99) == [.keyframe, .picture])
    }

    @Test func aStreamWithoutKeyframesIsResumedInTheEnd() {
        var receiver = VideoReceiver(codec: .h264)
        let bench = Bench()
        var first: Int?
        for time in stride(from: 0, to: 15_000, by: 33) {
            bench.send(Fixture.stapA(Fixture.sps, Fixture.pps, Fixture.slice()), to: &receiver, at: time)
            if bench.drain(&receiver, at: time).contains(.picture), first == nil { first = time }
        }
        #expect((10_300..<10_500).contains(first ?? 0))
        #expect(receiver.statistics.resumed == 1)
        bench.skip()
        var resumed: Int?
        for time in stride(from: 15_000, to: 20_000, by: 33) {
            bench.send(Fixture.slice(), to: &receiver, at: time)
            if bench.drain(&receiver, at: time + 32).contains(.picture), resumed == nil, time > 15_100 {
                resumed = time
            }
        }
        #expect((17_000..<17_200).contains(resumed ?? 0))
    }

    @Test func intraRefreshIsResumedAtARecoveryPoint() {
        var receiver = VideoReceiver(codec: .h264)
        let bench = Bench()
        var first: Int?
        for (index, time) in stride(from: 0, to: 15_000, by: 33).enumerated() {
            let isRecoveryPoint = index % 50 == 7
            let payload =
                isRecoveryPoint
                ? Fixture.stapA(Fixture.sps, Fixture.pps, Fixture.recoveryPoint(2), Fixture.slice()) : Fixture.slice()
            bench.send(payload, to: &receiver, at: time)
            if bench.drain(&receiver, at: time).contains(.picture), first == nil { first = index }
        }
        #expect((first ?? 0) % 50 == 7)
    }

    @Test func aRefusedSizeIsSaidOnceAndNothingOfItIsPassed() {
        var receiver = VideoReceiver(codec: .h264)
        let bench = Bench()
        var events: [Bench.Event] = []
        for time in stride(from: 0, to: 30_000, by: 33) {
            let payload =
                time % 990 == 0
                ? Fixture.stapA(
                    H264Bombs.sps(columns: 1024, rows: 1024), Fixture.pps, Fixture.slice(isIDR: true)) : Fixture.slice()
            bench.send(payload, to: &receiver, at: time)
            events += bench.drain(&receiver, at: time)
        }
        #expect(events.filter { $0 == .refused }.count == 1)
        #expect(events.filter { $0 == .keyframeNeeded }.count <= 7)
        #expect(!events.contains(.picture) && !events.contains(.keyframe))
        bench.sendKeyframe(to: &receiver, at: 30_000)
        #expect(bench.drain(&receiver, at: 30_000) == [.keyframe])
    }

    @Test func anotherCodecIsFollowed() {
        var receiver = VideoReceiver(codec: .h264)
        let bench = Bench()
        bench.sendKeyframe(to: &receiver, at: 0)
        _ = bench.drain(&receiver, at: 0)
        let vp8 = octets("10 1062009d012a4001b40000070885858885848802")
        bench.send(vp8, codec: .vp8, to: &receiver, at: 33)
        #expect(bench.drain(&receiver, at: 33) == [.keyframe])
        #expect(receiver.statistics.codecChanges == 1)
        #expect(receiver.statistics.depacketizing.keyframes == 2)
    }

    @Test func aNewStreamStartsFromNothing() {
        var receiver = VideoReceiver(codec: .h264)
        let bench = Bench()
        bench.sendKeyframe(to: &receiver, at: 0)
        _ = bench.drain(&receiver, at: 0)
        receiver.streamChanged()
        bench.send(Fixture.slice(), to: &receiver, at: 33)
        #expect(bench.drain(&receiver, at: 33) == [])
        #expect(bench.drain(&receiver, at: 333) == [.keyframeNeeded])
    }

    @Test(arguments: VideoCodec.allCases)
    func garbageNeverTrapsAndIsBoundedInMemory(codec: VideoCodec) {
        var random = SeededGenerator(seed: 99)
        var receiver = VideoReceiver(codec: codec)
        var sequence: Int64 = 0
        var now = Instant.zero
        var payload = [UInt8](repeating: 0, count: 1500)
        var events = 0
        for _ in 0..<100_000 {
            let size = Int.random(in: 0...1500, using: &random) >> Int.random(in: 0...8, using: &random)
            for index in 0..<min(size, 24) { payload[index] = UInt8.random(in: 0...255, using: &random) }
            // Half of them begin with a type that leads somewhere.
            let openings: [UInt8] = [0x7C, 0x78, 0x67, 0x65, 0x60, 0x62, 0x42, 0x10, 0x90, 0x08, 0x0A, 0xFA]
            if Bool.random(using: &random), size > 0 { payload[0] = openings.randomElement(using: &random)! }
            sequence += Int64.random(in: -3...6, using: &random)
            now += .milliseconds(3)
            payload.withUnsafeBytes {
                receiver.receive(
                    VideoPacket(
                        codec: codec, sequence: sequence, timestamp: sequence / 8 &* 3000,
                        marker: UInt8.random(in: 0..<8, using: &random) == 0, arrival: now,
                        payload: UnsafeRawBufferPointer(rebasing: $0[..<size])), at: now)
            }
            while let event = receiver.next(at: now) {
                events += 1
                if case .accessUnit(let unit) = event {
                    #expect(unit.bytes.count <= AccessUnitBuffer.maximumCapacity)
                }
            }
        }
        #expect(events > 0)
    }
}

/// Feeds one receiver packet by packet.
private final class Bench {
    enum Event: Equatable { case picture, keyframe, keyframeNeeded, refused }

    private var sequence: Int64 = 0

    func sendKeyframe(to receiver: inout VideoReceiver, at time: Int) {
        send(
            H264Fixture.stapA(H264Fixture.sps, H264Fixture.pps, H264Fixture.slice(isIDR: true)), to: &receiver, at: time
        )
    }

    /// Sends a packet that is a whole picture.
    func send(_ payload: [UInt8], codec: VideoCodec = .h264, to receiver: inout VideoReceiver, at time: Int) {
        let now = Instant.zero + .milliseconds(time)
        payload.withUnsafeBytes {
            receiver.receive(
                VideoPacket(
                    codec: codec, sequence: sequence, timestamp: Int64(time) * 90, marker: true, arrival: now,
                    payload: $0), at: now)
        }
        sequence += 1
    }

    /// The next packet is lost.
    func skip() { sequence += 1 }

    func drain(_ receiver: inout VideoReceiver, at time: Int) -> [Event] {
        var events: [Event] = []
        while let event = receiver.next(at: .zero + .milliseconds(time)) {
            switch event {
            case .accessUnit(let unit): events.append(unit.isKeyframe ? .keyframe : .picture)
            case .keyframeNeeded: events.append(.keyframeNeeded)
            case .refused: events.append(.refused)
            }
        }
        return events
    }
}
