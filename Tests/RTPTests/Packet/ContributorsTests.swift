import Media
import RTP
import Testing

extension Contributors {
    /// With these SSRCs, and levels where they are given.
    init(_ sources: [UInt32], levels: [Int?] = []) {
        self.init()
        for (index, ssrc) in sources.enumerated() {
            append(ssrc, level: index < levels.count ? levels[index] : nil)
        }
    }

    var sources: [UInt32] { (0..<count).map { self[$0] } }
    var levels: [Int?] { (0..<count).map { level($0) } }
}

@Suite struct ContributorsTests {
    private static let header = RTPHeader(payloadType: 96, marker: true, sequence: 0x0102, timestamp: 3, ssrc: 4)

    private func written(_ header: RTPHeader) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xFF, count: header.writtenSize)
        bytes.withUnsafeMutableBytes { header.write(into: $0) }
        return bytes
    }

    private func read(_ bytes: [UInt8], levelExtension: Int? = 7) throws -> Contributors {
        try bytes.withUnsafeBytes { bytes in
            let header = try #require(RTPHeader(parsing: bytes))
            return header.contributors(in: bytes, levelExtension: levelExtension)
        }
    }

    @Test func `fifteen are held, as the four bits of the count allow`() {
        var contributors = Contributors()
        #expect(contributors.isEmpty && !contributors.contains(0) && !contributors.hasLevels)
        for ssrc in UInt32(1)...20 { #expect(contributors.append(ssrc) == (ssrc <= 15)) }
        #expect(contributors.count == 15 && contributors.sources == Array(1...15))
        #expect(contributors.contains(15) && !contributors.contains(16) && !contributors.contains(0))
    }

    @Test func `levels stay within what seven bits say`() {
        let contributors = Contributors([1, 2, 3, 4], levels: [-5, 200, nil, 64])
        #expect(contributors.levels == [0, 127, nil, 64] && contributors.hasLevels)
        #expect(contributors.hasSameSources(as: Contributors([1, 2, 3, 4])))
        #expect(contributors != Contributors([1, 2, 3, 4]))
        #expect(!contributors.hasSameSources(as: Contributors([1, 2, 4, 3])))
        #expect(Contributors([1]) != Contributors([1, 0]))
    }

    @Test func `the CSRC list stands behind the fixed header`() throws {
        var header = Self.header
        header.contributors = Contributors([0x1111_1111, 0x2222_2222], levels: [3, 4])
        let bytes = written(header)
        // Without an id for them the levels stay here.
        #expect(bytes == hex("82E0 0102 00000003 00000004 11111111 22222222"))
        #expect(try read(bytes).sources == [0x1111_1111, 0x2222_2222] && read(bytes).levels == [nil, nil])
    }

    @Test func `levels are an element of one byte each, RFC 6465`() throws {
        var header = Self.header
        header.contributors = Contributors([1, 2, 3], levels: [10, nil, 127])
        header.levelExtension = 7
        let bytes = written(header)
        #expect(bytes == hex("93E0 0102 00000003 00000004 00000001 00000002 00000003 BEDE 0001 72 0A 7F 7F"))
        #expect(try read(bytes).levels == [10, 127, 127])
        #expect(try read(bytes, levelExtension: 6).levels == [nil, nil, nil])
        #expect(try read(bytes, levelExtension: nil).sources == [1, 2, 3])
    }

    @Test func `sources without any level make no extension`() {
        var header = Self.header
        header.contributors = Contributors([1])
        header.levelExtension = 7
        #expect(written(header) == hex("81E0 0102 00000003 00000004 00000001"))
    }

    @Test func `levels stand beside the transport-wide number`() throws {
        var header = Self.header
        header.contributors = Contributors([1, 2], levels: [5, 6])
        header.levelExtension = 7
        header.transportSequence = TransportSequence(extensionID: 5, number: 0xABCD)
        let bytes = written(header)
        #expect(bytes == hex("92E0 0102 00000003 00000004 00000001 00000002 BEDE 0002 51 ABCD 71 05 06 0000"))
        #expect(try read(bytes).levels == [5, 6])
    }

    @Test(arguments: 0...15) func `every count is written and read back`(count: Int) throws {
        for (hasNumber, hasLevels) in [(false, false), (false, true), (true, false), (true, true)] {
            var header = Self.header
            header.contributors = Contributors(
                (0..<count).map { 0xFFFF_FF00 + UInt32($0) }, levels: hasLevels ? (0..<count).map { 8 * $0 } : [])
            header.levelExtension = 14
            if hasNumber { header.transportSequence = TransportSequence(extensionID: 1, number: 9) }
            let bytes = written(header) + [0xAA]
            #expect(header.writtenSize % 4 == 0 && header.writtenSize <= RTPHeader.largestWrittenSize)
            #expect(try read(bytes, levelExtension: 14) == header.contributors)
            let payload = bytes.withUnsafeBytes { RTPHeader(parsing: $0)?.payload }
            #expect(payload == header.writtenSize..<header.writtenSize + 1)
        }
        #expect(RTPHeader.largestWrittenSize == 96)
    }

    /// Behind one CSRC: `nil` where no level can be read.
    private static let extensions: [(text: String, level: Int?)] = [
        ("BEDE 0001 70 05 0000", 5), ("BEDE 0001 70 85 0000", 5), ("BEDE 0002 00 51 ABCD 00 00 70 09", 9),
        ("BEDE 0001 72 05 06 07", 5), ("BEDE 0001 00 00 00 70", nil), ("BEDE 0001 7F 05 0000", nil),
        ("BEDE 0001 F0 00 70 05", nil), ("BEDE 0001 01 00 70 05", nil), ("1000 0001 70 05 0000", nil),
        ("BEDE 0000", nil), ("BEDE 0001 60 05 0000", nil),
    ]

    @Test(arguments: extensions) func `elements are walked as RFC 8285 says`(text: String, level: Int?) throws {
        let bytes = hex("9160 0102 00000003 00000004 00000001 \(text) AA")
        #expect(try read(bytes).sources == [1])
        #expect(try read(bytes).levels == [level])
    }

    @Test func `a stream's headers carry them until they are changed`() {
        var generator = SeededGenerator(seed: 9)
        var sender = StreamSender(ssrc: 7, payloadType: Endpoint.payloadType, using: &generator)
        sender.levelExtension = 7
        sender.contributors = Contributors([1, 2], levels: [10, 20])
        let with = sender.header(marker: false, mediaTime: 0, sampledAt: .zero, payloadSize: 10)
        sender.contributors = Contributors()
        let without = sender.header(marker: false, mediaTime: 960, sampledAt: .zero, payloadSize: 10)
        #expect(with.writtenSize == 28 && with.payload == 28..<38 && with.contributors.levels == [10, 20])
        #expect(without.writtenSize == 12 && without.payload == 12..<22)
        let state = sender.state(wallclock: NTPTime(rawValue: 0), at: .zero)
        #expect(state?.octetCount == 20, "CSRCs and extensions are no payload (RFC 3550 section 6.4.1)")
    }
}
