import RTP
import Testing

@Suite struct TransportSequenceTests {
    @Test func `a header with a transport-wide sequence number takes 20 bytes, and reads back`() throws {
        var header = RTPHeader(payloadType: 96, marker: true, sequence: 0x0102, timestamp: 3, ssrc: 4)
        #expect(header.writtenSize == 12)
        header.transportSequence = TransportSequence(extensionID: 5, number: 0xABCD)
        #expect(header.writtenSize == 20)
        var bytes = [UInt8](repeating: 0xFF, count: 22)
        bytes.withUnsafeMutableBytes { header.write(into: $0) }
        #expect(Array(bytes[..<20]) == hex("90E0 0102 00000003 00000004 BEDE 0001 51 ABCD 00"))
        let parsed = try #require(bytes.withUnsafeBytes { RTPHeader(parsing: $0) })
        #expect(parsed.headerExtensionProfile == 0xBEDE)
        #expect(parsed.headerExtension == 16..<20 && parsed.payload == 20..<22 && parsed.marker)
    }
}
