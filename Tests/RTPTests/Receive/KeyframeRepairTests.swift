import Media
import RTP
import Testing

/// What is asked for while only a keyframe helps.
@Suite struct KeyframeRepairTests {
    typealias Fixture = H264Fixture

    /// A receiver fed packet by packet; what it asks for is noted.
    private final class Bench {
        private var receiver: VideoReceiver
        var pictures: [Bool] = []
        var keyframesNeeded = 0
        var asked: [Int64] = []

        init(repair: RepairTiming.Settings? = RepairTiming.Settings()) {
            var settings = VideoReceiver.Settings()
            settings.repair = repair
            receiver = VideoReceiver(codec: .h264, settings: settings)
            receiver.noteRoundTrip(.milliseconds(40))
        }

        func send(
            _ payload: [UInt8], _ sequence: Int64, timestamp: Int64, marker: Bool = true, at milliseconds: Int
        ) {
            let now = Instant.milliseconds(milliseconds)
            payload.withUnsafeBytes {
                receiver.receive(
                    VideoPacket(
                        codec: .h264, sequence: sequence, timestamp: timestamp, marker: marker, arrival: now,
                        payload: $0), at: now)
            }
            drain(at: milliseconds)
        }

        func drain(at milliseconds: Int) {
            let now = Instant.milliseconds(milliseconds)
            while let event = receiver.next(at: now) {
                switch event {
                case .accessUnit(let unit): pictures.append(unit.isKeyframe)
                case .keyframeNeeded: keyframesNeeded += 1
                case .refused: break
                }
            }
            while let sequence = receiver.nextRepair(at: now) { asked.append(sequence) }
        }

        func streamChanged() { receiver.streamChanged() }
        var isUnderway: Bool { receiver.isKeyframeUnderway }
        var deadline: Instant { receiver.deadline }
        var statistics: VideoReceiver.Statistics { receiver.statistics }

        /// Lets time pass, millisecond by millisecond.
        func wait(from start: Int, to end: Int) { for now in start...end { drain(at: now) } }
    }

    private static let keyframe = Fixture.stapA(Fixture.sps, Fixture.pps, Fixture.slice(isIDR: true))

    @Test func `after a gap is given up nothing is asked for until the keyframe has begun`() {
        let bench = Bench()
        bench.send(Self.keyframe, 100, timestamp: 0, at: 0)
        bench.send(Fixture.slice(), 102, timestamp: 6000, at: 66)
        #expect(bench.asked == [101] && bench.deadline <= .milliseconds(116))
        bench.wait(from: 67, to: 500)
        #expect(Set(bench.asked) == [101] && bench.asked.count == 2, "two tries before any was answered")
        #expect(bench.keyframesNeeded == 1 && bench.pictures == [true])
        // Pictures of before the keyframe are not worth it, and hold nothing up.
        bench.asked = []
        bench.send(Fixture.slice(), 105, timestamp: 15_000, at: 501)
        #expect(bench.asked == [] && !bench.isUnderway)
        // The keyframe's parameter sets (106) and its second fragment (108) are lost.
        let fragments = Fixture.fuA(Fixture.slice(isIDR: true, size: 90), size: 30)
        bench.send(fragments[0], 107, timestamp: 18_000, marker: false, at: 510)
        #expect(bench.asked == [106] && bench.isUnderway)
        bench.send(fragments[2], 109, timestamp: 18_000, at: 516)
        #expect(bench.asked == [106, 108])
        bench.send(Fixture.slice(), 110, timestamp: 21_000, at: 540)
        bench.send(Fixture.stapA(Fixture.sps, Fixture.pps), 106, timestamp: 18_000, marker: false, at: 551)
        #expect(bench.pictures == [true])
        bench.send(fragments[1], 108, timestamp: 18_000, marker: false, at: 557)
        #expect(bench.pictures == [true, true, false])
        #expect(bench.keyframesNeeded == 1, "one request in all")
        #expect(!bench.isUnderway)
        #expect(bench.deadline == .distantFuture)
    }

    @Test func `a keyframe that came to harm is asked for again`() {
        let bench = Bench()
        bench.send(Self.keyframe, 100, timestamp: 0, at: 0)
        bench.send(Fixture.slice(), 102, timestamp: 6000, at: 66)
        bench.wait(from: 67, to: 300)
        #expect(bench.keyframesNeeded == 1)
        let fragments = Fixture.fuA(Fixture.slice(isIDR: true, size: 90), size: 30)
        bench.send(Fixture.stapA(Fixture.sps, Fixture.pps), 103, timestamp: 9000, marker: false, at: 301)
        bench.send(fragments[0], 104, timestamp: 9000, marker: false, at: 301)
        bench.send(fragments[2], 106, timestamp: 9000, at: 302)
        bench.wait(from: 303, to: 450)
        #expect(bench.keyframesNeeded == 2 && !bench.isUnderway)
        #expect(bench.pictures == [true])
    }

    @Test func `a repair after giving up changes nothing, and shows that the peer answers`() {
        let bench = Bench()
        bench.send(Self.keyframe, 100, timestamp: 0, at: 0)
        bench.send(Fixture.slice(), 102, timestamp: 6000, at: 66)
        bench.wait(from: 67, to: 400)
        bench.send(Fixture.slice(), 101, timestamp: 3000, at: 401)
        #expect(bench.pictures == [true])
        #expect(bench.statistics.reordering.late == 1)
        #expect(bench.statistics.repair.repaired == 1)
    }

    @Test func `without repair nothing is asked for, and the window is the plain one`() {
        let bench = Bench(repair: nil)
        bench.send(Self.keyframe, 100, timestamp: 0, at: 0)
        bench.send(Fixture.slice(), 102, timestamp: 6000, at: 66)
        #expect(bench.deadline == .milliseconds(106))
        bench.wait(from: 67, to: 106)
        #expect(bench.keyframesNeeded == 1 && bench.asked.isEmpty)
    }

    @Test func `more than 256 missing are given up at once`() {
        let bench = Bench()
        bench.send(Self.keyframe, 100, timestamp: 0, at: 0)
        bench.send(Fixture.slice(), 400, timestamp: 6000, at: 66)
        #expect(bench.keyframesNeeded == 1 && bench.asked.isEmpty)
        bench.send(Self.keyframe, 401, timestamp: 9000, at: 100)
        #expect(bench.pictures == [true, true])
    }

    @Test func `another stream forgets what was missing`() {
        let bench = Bench()
        bench.send(Self.keyframe, 100, timestamp: 0, at: 0)
        bench.send(Fixture.slice(), 102, timestamp: 6000, at: 66)
        #expect(bench.asked == [101])
        bench.streamChanged()
        bench.wait(from: 67, to: 400)
        #expect(bench.asked == [101])
    }

    @Test func `packets of keyframes are known by what they carry`() {
        func shows(_ codec: VideoCodec, _ payload: [UInt8]) -> Bool {
            payload.withUnsafeBytes {
                VideoPacket(codec: codec, sequence: 0, timestamp: 0, marker: false, arrival: .zero, payload: $0)
                    .showsKeyframe
            }
        }
        let fragments = Fixture.fuA(Fixture.slice(isIDR: true, size: 90), size: 30)
        for payload in fragments + [Self.keyframe, Fixture.sps, Fixture.slice(isIDR: true)] {
            #expect(shows(.h264, payload))
        }
        for payload in Fixture.fuA(Fixture.slice(size: 90), size: 30) + [Fixture.pps, Fixture.slice(), [], [0x7C]] {
            #expect(!shows(.h264, payload))
        }
        // IDR_W_RADL alone, in an aggregate behind a PPS, as a middle fragment; then trailing pictures.
        for payload in ["26 01 AF", "60 01 0003 4401C1 0003 2601AF", "62 01 13 AF", "40 01 0C"] {
            #expect(shows(.h265, hex(payload)), "\(payload)")
        }
        for payload in ["02 01 D0", "60 01 0003 0201D0", "62 01 01 D0", "60 01 FFFF", "62 01"] {
            #expect(!shows(.h265, hex(payload)), "\(payload)")
        }
        #expect(shows(.vp8, hex("10 10 62 00 9D 01 2A")) && !shows(.vp8, hex("10 11 62 00")))
        #expect(!shows(.vp8, hex("00 10 62 00")), "not the frame's first packet")
        #expect(shows(.vp9, hex("08 00")) && !shows(.vp9, hex("48 00")))
    }
}
