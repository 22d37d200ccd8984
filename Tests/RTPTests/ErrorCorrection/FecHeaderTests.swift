import RTP
import Testing

@Suite struct FecHeaderTests {
    /// RFC 5109 section 10.1: packets A to D of 200, 140, 100 and 340 bytes.
    static let packets = [
        packet(8, timestamp: 3, payloadType: 11, marker: true, size: 200),
        packet(9, timestamp: 5, payloadType: 18, marker: false, size: 140),
        packet(10, timestamp: 7, payloadType: 11, marker: true, size: 100),
        packet(11, timestamp: 9, payloadType: 18, marker: false, size: 340),
    ]

    private static func packet(_ sequence: UInt16, timestamp: UInt32, payloadType: UInt8, marker: Bool, size: Int)
        -> [UInt8]
    {
        FecFixture.packet(
            sequence, timestamp: timestamp, payloadType: payloadType, marker: marker, ssrc: 2,
            (0..<size).map { UInt8(truncatingIfNeeded: 7 * $0 + Int(sequence)) })
    }

    private func read(_ payload: some Sequence<UInt8>) -> FecHeader? {
        [UInt8](payload).withUnsafeBytes { FecHeader(parsing: $0) }
    }

    @Test func `the example of RFC 5109 section 10.1 comes out of the encoder`() throws {
        let sender = FecSender(sequence: 8)
        let fec = sender.send(Self.packets, overhead: 0.25).fec
        try #require(fec.count == 1)
        // E, L, P, X, CC, M and PT recovery 0; SN base 8; TS recovery 8; length recovery 372; L0 340 bytes, A to D.
        #expect(Array(fec[0][12..<26]) == [0, 0, 0, 8, 0, 0, 0, 8, 1, 0x74, 1, 0x54, 0xF0, 0])
        #expect(Array(fec[0][12...]) == FecFixture.payload(Self.packets, base: 8))
    }

    @Test func `the example reads as it was written, and one byte less is refused`() throws {
        let payload = FecFixture.payload(Self.packets, base: 8)
        let header = try #require(read(payload))
        #expect(header.parity.flags == 0 && header.parity.timestamp == 8 && header.parity.length == 372)
        #expect(header.sequenceBase == 8 && header.protectionLength == 340 && header.size == 14)
        #expect(header.mask.count == 4 && header.mask.first == 0 && header.mask.last == 3)
        var written = [UInt8](repeating: 0xEE, count: 14)
        written.withUnsafeMutableBytes { header.write(into: $0) }
        #expect(written == Array(payload[..<14]))
        for size in 0..<payload.count {
            #expect(read(payload[..<size]) == nil)
        }
    }

    @Test(arguments: [0, 15, 16, 31, 47]) func `a mask names the packet on both sides of the wire`(distance: Int) throws
    {
        var mask = FecMask()
        mask.insert(distance)
        let header = FecHeader(parity: FecParity(), sequenceBase: 65_530, mask: mask, protectionLength: 0)
        #expect(header.size == (distance < 16 ? 14 : 18))
        var bytes = [UInt8](repeating: 0, count: header.size)
        bytes.withUnsafeMutableBytes { header.write(into: $0) }
        #expect(bytes[12 + distance / 8] == 0x80 >> UInt8(distance % 8))
        #expect(read(bytes) == header)
        for other in -1...64 { #expect(mask.contains(other) == (other == distance)) }
    }

    @Test func `the bits of the version are not taken over, the reserved bit is not looked at`() throws {
        var payload = FecFixture.payload(Self.packets, base: 8)
        payload[0] |= 0x80
        let header = try #require(read(payload))
        #expect(header.parity.flags == 0)
    }

    @Test func `a mask without packets is refused`() {
        var payload = FecFixture.payload(Self.packets, base: 8)
        payload[12] = 0
        #expect(read(payload) == nil)
    }
}
