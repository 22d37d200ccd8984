import Media
import RTP
import Testing

@Suite struct RedundantFormatTests {
    private let red = PayloadType(116)!

    private func unwrap(_ packet: [UInt8], size: Int = 2048) -> (packet: [UInt8]?, RedundantFormat.Statistics) {
        var format = RedundantFormat(payloadType: red, packetSize: size)
        let plain = packet.withUnsafeBytes { bytes in
            RTPHeader(parsing: bytes).flatMap { format.unwrap($0, bytes).map { [UInt8]($0) } }
        }
        return (plain, format.statistics)
    }

    private func wrap(_ packet: [UInt8], size: Int = 2048) -> [UInt8]? {
        var format = RedundantFormat(payloadType: red, packetSize: size)
        return packet.withUnsafeBytes { bytes in
            RTPHeader(parsing: bytes).flatMap { format.wrap($0, bytes).map { [UInt8]($0) } }
        }
    }

    @Test func `a packet is wrapped as one block and comes out as it was`() throws {
        let plain = FecFixture.packet(5, marker: true, [1, 2, 3])
        let wrapped = try #require(wrap(plain))
        #expect(wrapped == FecFixture.packet(5, payloadType: 116, marker: true, [96, 1, 2, 3]))
        #expect(unwrap(wrapped).packet == plain)
    }

    @Test func `CSRCs, extension and padding stay`() throws {
        var plain = FecFixture.packet(5, [0, 0, 0, 5, 0xBE, 0xDE, 0, 1, 0x10, 0xAB, 0, 0, 7, 8, 9, 0, 2])
        plain[0] |= 0x20 | 0x10 | 1
        let wrapped = try #require(wrap(plain))
        #expect(wrapped.count == plain.count + 1 && wrapped[24] == 96)
        #expect(unwrap(wrapped).packet == plain)
    }

    @Test func `redundant blocks are passed over`() {
        // RFC 2198 section 4: two blocks with their own type, offset and length before the primary.
        let packet = FecFixture.packet(
            5, payloadType: 116, [0x80 | 96, 0x10, 0x00, 2, 0x80 | 96, 0x08, 0x00, 3, 97, 1, 1, 2, 2, 2, 3, 3, 3, 3])
        let (plain, statistics) = unwrap(packet)
        #expect(plain == FecFixture.packet(5, payloadType: 97, [3, 3, 3, 3]))
        #expect(statistics.skipped == 2 && statistics.packets == 1)
    }

    private static let unreadable: [[UInt8]] = [
        [], [0x80 | 96], [0x80 | 96, 0, 0, 0], [0x80 | 96, 0, 0, 9, 97, 1, 2], [0x80 | 96, 0xFF, 0xFF, 0xFF, 97],
        [116, 1, 2], [UInt8](repeating: 0xFF, count: 64),
    ]

    @Test(arguments: unreadable)
    func `headers and lengths that don't fit, and RED in RED, are malformed`(payload: [UInt8]) {
        let (plain, statistics) = unwrap(FecFixture.packet(5, payloadType: 116, payload))
        #expect(plain == nil && statistics.malformed == 1)
    }

    @Test func `an empty primary block is a packet without payload`() {
        #expect(unwrap(FecFixture.packet(5, payloadType: 116, [96])).packet == FecFixture.packet(5, []))
    }

    @Test func `what the buffer does not hold is counted`() {
        #expect(wrap(FecFixture.packet(5, [1, 2, 3]), size: 15) == nil)
        #expect(wrap(FecFixture.packet(5, [1, 2, 3]), size: 16) != nil)
        #expect(unwrap(FecFixture.packet(5, payloadType: 116, [96, 1, 2, 3]), size: 14).1.oversized == 1)
    }

    /// libwebrtc's way: FEC over the plain packets, then all of them in RED.
    @Test func `FEC within RED repairs`() throws {
        var random = SeededGenerator(seed: 1)
        let unit = FecFixture.unit(5, from: 1, using: &random)
        let sent = FecSender().send(unit, overhead: 0.2)
        let receiver = FecReceiver()
        for (index, packet) in (sent.media + sent.fec).enumerated() where index != 2 {
            let wrapped = try #require(wrap(packet))
            receiver.receive(try #require(unwrap(wrapped).packet))
        }
        #expect(receiver.recovered == [unit[2]])
    }
}
