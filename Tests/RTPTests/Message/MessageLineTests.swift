import Media
import RTP
import TestSupport
import Testing

/// Two sessions that tell each other messages over a bad line.
private struct MessageCall {
    static let name = ApplicationPacket.Name("MCUL")
    let sender = Endpoint { $0.messageName = MessageCall.name }
    let receiver = Endpoint {
        $0.ssrc = 0x0B0B_0B0B
        $0.messageName = MessageCall.name
    }
    private var network: VirtualNetwork
    private(set) var time = 0
    /// What the receiver was given, and when.
    private(set) var heard: [(at: Int, message: [UInt8])] = []
    private(set) var repetitions: [Int] = []
    private(set) var sizes: [Int] = []

    init(seed: UInt64, line: VirtualNetwork.Line = .init()) { network = VirtualNetwork(seed: seed, line: line) }

    mutating func run(milliseconds: Int) {
        for _ in 0..<milliseconds {
            for bytes in sender.sent(at: time) {
                sizes.append(bytes.count)
                network.send(bytes, at: .milliseconds(time))
            }
            while let delivery = network.receive(by: .milliseconds(time)) {
                _ = receiver.receive(delivery.datagram, at: time)
                for event in receiver.events(at: time) {
                    if case .message(let message) = event { heard.append((time, message)) }
                    if case .messageRepeated = event { repetitions.append(time) }
                }
            }
            time += 1
        }
    }
}

@Suite struct MessageLineTests {
    typealias Line = VirtualNetwork.Line

    static let bad = [
        Line(loss: 0.3), Line(jitter: .milliseconds(60), keepsOrder: false), Line(duplication: 0.5),
        Line(
            jitter: .milliseconds(60), keepsOrder: false, loss: 0.1,
            burst: VirtualNetwork.Line.gilbert(loss: 0.1, meanBurst: 4), duplication: 0.1),
    ]

    @Test func `a message is there after the line's latency, and comes again each 500 ms`() {
        var call = MessageCall(seed: 1)
        let message = MessageFixture.message(3000)
        call.sender.announce(message)
        call.run(milliseconds: 2100)
        #expect(call.heard.map(\.at) == [20] && call.heard.map(\.message) == [message])
        #expect(Set(call.repetitions) == [520, 1020, 1520, 2020])
        #expect(call.receiver.statistics.messages == 1 && call.receiver.statistics.messageSegmentsRefused == 0)
    }

    @Test func `no datagram is above 1200 bytes with SRTCP's part, however long the message and the CNAME`() {
        for cname in ["f3a9", String(repeating: "x", count: 255)] {
            let endpoint = Endpoint {
                $0.messageName = MessageCall.name
                $0.cname = cname
            }
            endpoint.announce(MessageFixture.message(16_384))
            let sent = endpoint.sent(at: 0)
            #expect(sent.count == (cname.count == 255 ? 19 : 15))
            #expect(sent.allSatisfy { $0.count <= 1180 && $0.count % 4 == 0 && $0.count > 800 })
            for datagram in sent {
                guard case (let found, false) = packets(of: datagram), found.count == 3,
                    case .receiverReport(let report) = found[0], case .sourceDescription = found[1],
                    case .application(let packet) = found[2]
                else {
                    Issue.record("no compound of RFC 3550 section 6.1")
                    return
                }
                #expect(report.ssrc == packet.ssrc && packet.ssrc == Endpoint.ssrc && packet.name == MessageCall.name)
            }
        }
    }

    @Test(arguments: bad.indices, 1...5 as ClosedRange<UInt64>)
    func `on a bad line every message that stays long enough comes, once, whole and in order`(index: Int, seed: UInt64)
    {
        var call = MessageCall(seed: seed, line: Self.bad[index])
        var random = SeededGenerator(seed: seed)
        var said: [[UInt8]] = []
        for number in 0..<8 {
            said.append(MessageFixture.message(Int.random(in: 1...6000, using: &random), seed: UInt64(number)))
            call.sender.announce(said[number])
            call.run(milliseconds: 8000)
            #expect(call.heard.last?.message == said[number])
        }
        #expect(call.heard.map(\.message) == said)
        #expect(call.repetitions.count >= 8 * 6)
        #expect(call.receiver.statistics.messageSegmentsRefused == 0)
    }

    @Test func `a message goes in as few datagrams as hold it`() {
        // 24 bytes of RR and SDES, 12 and 8 of heads: 1136 of the message.
        for (length, sizes) in [(1136, [1180]), (1137, [616, 612]), (2272, [1180, 1180]), (2273, [804, 804, 800])] {
            let endpoint = Endpoint { $0.messageName = MessageCall.name }
            endpoint.announce(MessageFixture.message(length))
            #expect(endpoint.sent(at: 0).map(\.count) == sizes)
        }
    }

    @Test func `changes leave at most ten times a second, and the newest of them is heard`() {
        var call = MessageCall(seed: 3)
        for number in 0..<1000 {
            call.sender.announce([UInt8(number & 0xFF), UInt8(number >> 8)])
            call.run(milliseconds: 1)
        }
        call.run(milliseconds: 150)
        #expect((10...12).contains(call.heard.count))
        #expect(call.heard.last?.message == [999 & 0xFF, 999 >> 8])
    }

    @Test func `what is set again, and the same, is not sent for that`() {
        var call = MessageCall(seed: 3)
        for _ in 0..<400 {
            call.sender.announce([1, 2, 3])
            call.run(milliseconds: 1)
        }
        #expect(call.heard.count == 1 && call.repetitions.isEmpty)
    }

    @Test func `a long message comes again no faster than 100 kbit-s`() {
        var call = MessageCall(seed: 3)
        call.sender.announce(MessageFixture.message(16_384))
        call.run(milliseconds: 10_000)
        let bytes = call.sizes.reduce(0, +)
        #expect(8 * bytes / 10 < 150_000)
        let large: Int = call.sizes.count { $0 > 1000 }
        #expect((7...9).contains(large / 15))
    }

    @Test func `an empty message ends it, one that is too long changes nothing`() {
        var call = MessageCall(seed: 3)
        #expect(call.sender.announce([1]))
        #expect(!call.sender.announce([UInt8](repeating: 0, count: 16_385)))
        call.run(milliseconds: 600)
        #expect(call.heard.count == 1 && call.repetitions.count == 1)
        #expect(call.sender.announce([]))
        call.run(milliseconds: 3000)
        #expect(call.repetitions.count == 1)
        #expect(!Endpoint().announce([1]), "a session without a name for them has no messages")
    }

    @Test func `a peer that began anew is heard`() {
        var call = MessageCall(seed: 3)
        call.sender.announce([1])
        call.run(milliseconds: 100)
        let again = Endpoint(seed: 2) {
            $0.ssrc = 0x7777_7777
            $0.messageName = MessageCall.name
        }
        again.announce([1])
        for datagram in again.sent(at: call.time) { _ = call.receiver.receive(datagram, at: call.time) }
        #expect(call.receiver.events(at: call.time) == [.message([1])])
    }

    @Test func `APP packets of other names, subtypes and of who sends beside the peer change nothing`() {
        let receiver = Endpoint { $0.messageName = MessageCall.name }
        for sequence in 0..<3 { _ = receiver.receive(ssrc: 1, sequence: sequence) }
        _ = receiver.events(at: 0)
        let segment = MessageFixture.segments([1, 2, 3, 4], revision: 1, count: 1)[0]
        func app(_ ssrc: UInt8, _ name: String, subtype: UInt8 = 0) -> [UInt8] {
            [0x80 | subtype, 204, 0, 5, 0, 0, 0, ssrc] + Array(name.utf8) + segment
        }
        for datagram in [app(1, "MCUl"), app(1, "qtsi"), app(1, "MCUL", subtype: 1), app(2, "MCUL")] {
            #expect(receiver.receive(datagram, at: 1) == .control)
            #expect(receiver.events(at: 1) == [])
        }
        #expect(receiver.receive(app(1, "MCUL"), at: 1) == .control)
        #expect(receiver.events(at: 1) == [.message([1, 2, 3, 4])])
        #expect(receiver.receive(app(2, "MCUL"), at: 300) == .control)
        #expect(receiver.events(at: 300) == [.message([1, 2, 3, 4])], "the stream has been silent")
        let plain = Endpoint()
        #expect(plain.receive(app(1, "MCUL"), at: 1) == .control)
        #expect(plain.events(at: 1) == [])
    }

    @Test func `a head that lies is counted`() {
        let receiver = Endpoint { $0.messageName = MessageCall.name }
        let head = MessageFixture.head(index: 3, count: 3, length: 12, bytes: 4)
        #expect(receiver.receive([0x80, 204, 0, 5, 0, 0, 0, 1] + Array("MCUL".utf8) + head, at: 0) == .control)
        #expect(receiver.statistics.messageSegmentsRefused == 1 && receiver.statistics.malformed == 0)
    }
}
