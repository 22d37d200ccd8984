import Media
import RTP
import Testing

@Suite struct KeyframeRequestTests {
    /// The times and kinds of requests that an endpoint sends until `end`, asked every 10 ms, while packets come.
    private func requests(
        _ endpoint: Endpoint, from start: Int, to end: Int, packetsUntil silence: Int = .max
    ) -> [(time: Int, kind: String)] {
        var found: [(Int, String)] = []
        var sequence = 1
        for now in stride(from: start, through: end, by: 10) {
            if now % 100 == 0, now < silence {
                sequence += 1
                _ = endpoint.receive(sequence: sequence, at: now)
            }
            while let event = endpoint.next(at: now) {
                guard case .send(let bytes) = event else { continue }
                for packet in packets(of: bytes).packets {
                    switch packet {
                    case .pictureLossIndication(let indication):
                        #expect(indication.sources == FeedbackSources(sender: Endpoint.ssrc, media: 0x1111_1111))
                        found.append((now, "PLI"))
                    case .fullIntraRequest(let request):
                        let sequence = bytes.withUnsafeBytes { request.entry(0, in: $0).sequence }
                        found.append((now, "FIR\(sequence)"))
                    default: break
                    }
                }
            }
        }
        return found
    }

    @Test func `requests go at once, back off to two seconds, and try FIR after three PLIs`() {
        let endpoint = Endpoint()
        _ = endpoint.receive(sequence: 1)
        endpoint.requestKeyframe()
        let found = requests(endpoint, from: 1000, to: 9000)
        #expect(found.map(\.time) == [1000, 1250, 1750, 2750, 4750, 6750, 8750])
        #expect(found.map(\.kind) == ["PLI", "PLI", "PLI", "FIR1", "PLI", "FIR2", "PLI"])
        #expect(endpoint.statistics.keyframeRequestsOut == 7)
    }

    @Test func `a sender that has gone silent is asked for nothing after two seconds`() {
        let endpoint = Endpoint()
        _ = endpoint.receive(sequence: 1)
        endpoint.requestKeyframe()
        let found = requests(endpoint, from: 1000, to: 30_000, packetsUntil: 3000)
        #expect(found.map(\.time) == [1000, 1250, 1750, 2750, 4750])
    }

    @Test func `a keyframe ends the asking, and asking again keeps the pause`() {
        let endpoint = Endpoint()
        _ = endpoint.receive(sequence: 1)
        endpoint.requestKeyframe()
        #expect(requests(endpoint, from: 1000, to: 1090).count == 1)
        endpoint.keyframeReceived()
        endpoint.requestKeyframe()
        #expect(requests(endpoint, from: 1100, to: 1300).map(\.time) == [1250])
        endpoint.keyframeReceived()
        #expect(requests(endpoint, from: 1310, to: 5000).isEmpty)
        #expect(endpoint.deadline > .milliseconds(4000))
    }

    @Test func `a keyframe underway is not asked for again, one that came to harm is at once`() {
        let endpoint = Endpoint()
        _ = endpoint.receive(sequence: 1)
        endpoint.requestKeyframe()
        #expect(requests(endpoint, from: 1000, to: 1990).map(\.time) == [1000, 1250, 1750])
        endpoint.noteKeyframe(isUnderway: true, at: 2000)
        #expect(requests(endpoint, from: 2000, to: 2790).isEmpty)
        endpoint.noteKeyframe(isUnderway: false, at: 2800)
        #expect(requests(endpoint, from: 2800, to: 4000).map(\.time) == [2800, 3050, 3550])
        // One that never ends is given a second.
        endpoint.noteKeyframe(isUnderway: true, at: 4010)
        #expect(requests(endpoint, from: 4010, to: 5100).map(\.time) == [5010])
    }

    private static let agreements: [(FeedbackKinds, [String])] = [
        (.fir, ["FIR1", "FIR2", "FIR3"]), (.pli, ["PLI", "PLI", "PLI"]), ([.nack, .remb], []),
    ]

    @Test(arguments: agreements)
    func `only what was agreed on is sent`(kinds: FeedbackKinds, expected: [String]) {
        let endpoint = Endpoint { $0.feedback = kinds }
        _ = endpoint.receive(sequence: 1)
        _ = requests(endpoint, from: 0, to: 990)
        endpoint.requestKeyframe()
        #expect(requests(endpoint, from: 1000, to: 1990).map(\.kind) == expected)
        if expected.isEmpty { #expect(endpoint.deadline > .milliseconds(1990), "nothing keeps the owner awake") }
    }

    @Test func `the deadline is the next request's`() {
        let endpoint = Endpoint()
        _ = endpoint.receive(sequence: 1)
        endpoint.requestKeyframe()
        #expect(endpoint.deadline <= .milliseconds(100))
        _ = requests(endpoint, from: 100, to: 100)
        #expect(endpoint.deadline <= .milliseconds(350))
    }

    @Test func `nobody is asked while nobody sends, and sound knows no keyframes`() {
        let lonely = Endpoint()
        lonely.requestKeyframe()
        #expect(requests(lonely, from: 0, to: 3000).isEmpty)
        let sound = Endpoint(isVideo: false)
        _ = sound.receive(sequence: 1)
        sound.requestKeyframe()
        #expect(requests(sound, from: 0, to: 3000).isEmpty)
        _ = sound.receive(hex("81 CE 0002 00000001 0A0B0C0D"), at: 3000)
        #expect(sound.events(at: 3000) == [])
    }

    @Test func `a storm of PLI between two drains is one request`() {
        let endpoint = Endpoint()
        for _ in 0..<1000 { _ = endpoint.receive(hex("81 CE 0002 00000001 0A0B0C0D"), at: 0) }
        #expect(endpoint.events(at: 0) == [.keyframeRequested])
        #expect(endpoint.statistics.keyframeRequestsIn == 1000)
        _ = endpoint.receive(hex("81 CE 0002 00000001 99999999"), at: 1)
        #expect(endpoint.events(at: 1) == [], "another stream is meant")
    }

    @Test func `a repeated FIR is one command, a new number another`() {
        let endpoint = Endpoint()
        func fir(_ sequence: String) -> [UInt8] { hex("84 CE 0004 00000001 00000000 0A0B0C0D \(sequence) 000000") }
        #expect(endpoint.receive(fir("07"), at: 0) == .control)
        #expect(endpoint.events(at: 0) == [.keyframeRequested])
        #expect(endpoint.receive(fir("07"), at: 1) == .control)
        #expect(endpoint.events(at: 1) == [])
        #expect(endpoint.receive(fir("08"), at: 2) == .control)
        #expect(endpoint.events(at: 2) == [.keyframeRequested])
        #expect(endpoint.statistics.keyframeRequestsIn == 2)
    }

    @Test func `NACK and REMB are counted`() {
        let endpoint = Endpoint()
        _ = endpoint.receive(hex("81 CD 0003 00000001 0A0B0C0D 0100 0005"), at: 0)
        _ = endpoint.receive(hex("8F CE 0005 00000001 00000000 52454D42 01 0BD090 0A0B0C0D"), at: 0)
        #expect(endpoint.statistics.nacksIn == 3)
        #expect(endpoint.statistics.peerBitrate == Bitrate("1M"))
    }
}
