import Media
import RTP
import TestSupport
import Testing

@Suite struct H265DepacketizerTests {
    /// x265, main 3.1, 1280x720.
    private let vps = octets("40010c01ffff01600000030090000003000003005d959809")
    private let sps = octets("42010101600000030090000003000003005da00280802d165959a4932bc05a020000030002000003001410")
    private let pps = octets("4401c172b46240")
    private let idr = octets("2601 AF0102030405060708")
    private let slice = octets("0201 D00102030405060708")

    private func aggregate(_ nalUnits: [[UInt8]]) -> [UInt8] {
        var payload: [UInt8] = [48 << 1, 1]
        for nalUnit in nalUnits { payload += [UInt8(nalUnit.count >> 8), UInt8(nalUnit.count & 0xFF)] + nalUnit }
        return payload
    }

    @Test func readsWhatX265Writes() throws {
        let read = try #require(sps.withUnsafeBytes { H265SPS(parsing: $0) })
        #expect(read.profile == 1)
        #expect(read.level == 93)
        #expect(read.size == Size(width: 1280, height: 720))
    }

    @Test func singleAggregateAndFragmentsBecomeAccessUnits() {
        let feed = PayloadFeed(H265Depacketizer())
        feed.push(aggregate([vps, sps, pps]))
        feed.push([49 << 1, 1, 0x80 | 19] + idr[2...4])
        feed.push([49 << 1, 1, 19] + idr[5...6])
        feed.push([49 << 1, 1, 0x40 | 19] + idr[7...], marker: true)
        feed.push(slice, timestamp: 1, marker: true)
        #expect(feed.units.map(\.bytes) == [annexB(vps, sps, pps, idr), annexB(slice)])
        #expect(feed.units.map(\.isKeyframe) == [true, false])
        #expect(feed.units.allSatisfy { !$0.isDamaged })
        feed.lose()
        feed.push(slice, timestamp: 2, marker: true)
        #expect(feed.units[2].isDamaged)
    }

    @Test(arguments: ["60", "6001", "600100", "6001000026", "600100FF2601", "6201", "620193", "62019380"])
    func malformedPayloadsAreDroppedAndCounted(payload: String) {
        let feed = PayloadFeed(H265Depacketizer(parameterSets: [vps, sps, pps]))
        feed.push(idr, marker: true)
        feed.push(octets(payload), timestamp: 1)
        feed.push(slice, timestamp: 1, marker: true)
        let statistics = feed.depacketizer.statistics
        #expect(statistics.malformed + statistics.unfinished == 1)
        #expect(feed.units.map(\.isDamaged) == [false, true])
    }

    @Test func aBombIsRefused() {
        var writer = BitWriter()
        writer.bits(0x4201_01, 24)
        writer.bits(0x01 << 56, 64)
        writer.bits(0, 24)
        writer.bits(93, 8)
        // sps_id, chroma_format_idc, width, height.
        for value: UInt64 in [0, 1, 16384, 16384] { writer.unsigned(value) }
        writer.bits(0b01, 2)
        let feed = PayloadFeed(H265Depacketizer())
        feed.push(aggregate([vps, writer.bytes, pps, idr]), marker: true)
        #expect(feed.refused == [Size(width: 16384, height: 16384)])
        #expect(feed.units.isEmpty)
    }
}

@Suite struct VP8DepacketizerTests {
    /// libvpx, 320x180.
    private let keyframe = octets("1062009d012a4001b40000070885858885848802")
    private let predicted = octets("b1010005101410")

    @Test func framesAreJoinedBehindEveryFormOfDescriptor() {
        for descriptor in ["10", "9000", "908005", "90808123", "90C0810A07", "90F0812A07E1"] {
            let feed = PayloadFeed(VP8Depacketizer())
            feed.push(octets(descriptor) + keyframe[..<10])
            feed.push([0x00] + keyframe[10...], marker: true)
            feed.push(octets(descriptor) + predicted, timestamp: 1, marker: true)
            #expect(feed.units.map(\.bytes) == [keyframe, predicted], "descriptor \(descriptor)")
            #expect(feed.units.map(\.isKeyframe) == [true, false])
            #expect(feed.units.allSatisfy { !$0.isDamaged })
        }
    }

    @Test func aFrameWithoutItsHeadIsThrownAwayAndBreaksTheChain() {
        let feed = PayloadFeed(VP8Depacketizer())
        feed.push([0x10] + keyframe, marker: true)
        feed.lose()
        feed.push([0x00] + predicted, timestamp: 1, marker: true)
        feed.push([0x10] + predicted, timestamp: 2, marker: true)
        #expect(feed.units.map(\.isDamaged) == [false, true])
        #expect(feed.depacketizer.statistics.orphaned == 1)
    }

    @Test func aBombIsRefused() {
        var bomb = keyframe
        bomb[7] = 0x3F
        let feed = PayloadFeed(VP8Depacketizer())
        feed.push([0x10] + bomb, marker: true)
        #expect(feed.refused.map(\.height) == [180])
        #expect(feed.units.isEmpty)
    }

    @Test(arguments: ["80", "9080", "908081", "10", "90F08001"])
    func malformedPayloadsAreDroppedAndCounted(payload: String) {
        let feed = PayloadFeed(VP8Depacketizer())
        feed.push(octets(payload), marker: true)
        #expect(feed.depacketizer.statistics.malformed == 1)
        #expect(feed.units.isEmpty)
    }
}

@Suite struct VP9DepacketizerTests {
    /// libvpx, 320x180.
    private let keyframe = octets("824983420013f00b36043824 1c184a000950")
    private let predicted = octets("8700400802030405")

    @Test func framesAreJoinedBehindEveryFormOfDescriptor() {
        let descriptors = [
            (start: "08", end: "04"), (start: "8805", end: "8405"), (start: "888123", end: "848123"),
            (start: "A8812300 07", end: "A481230007"), (start: "0A0801 0401", end: "04"),
            (start: "0A10 014000B4", end: "04"),
        ]
        for (start, end) in descriptors {
            let feed = PayloadFeed(VP9Depacketizer())
            feed.push(octets(start) + keyframe[..<10])
            feed.push(octets(end) + keyframe[10...], marker: true)
            feed.push([0x4C] + predicted, timestamp: 1, marker: true)
            #expect(feed.units.map(\.bytes) == [keyframe, predicted], "descriptor \(start)")
            #expect(feed.units.map(\.isKeyframe) == [true, false])
            #expect(feed.units.allSatisfy { !$0.isDamaged })
        }
    }

    @Test func layersAboveTheBaseAreLeftOut() {
        let feed = PayloadFeed(VP9Depacketizer())
        feed.push([0x2C, 0x00, 0x01] + keyframe)
        feed.push([0x2C, 0x02, 0x01] + predicted, marker: true)
        #expect(feed.units.map(\.bytes) == [keyframe])
        #expect(feed.depacketizer.statistics.unsupported == 1)
    }

    @Test func aPredictedFrameCanBeABombToo() {
        var writer = BitWriter()
        // Frame marker, profile 0, no existing frame, predicted, shown, error resilient; refresh; references.
        writer.bits(0b1000_0111, 8)
        writer.bits(0, 8 + 12)
        writer.bits(0, 3)
        writer.bits(0xFFFF_FFFF, 32)
        let feed = PayloadFeed(VP9Depacketizer())
        feed.push([0x0C] + keyframe, marker: true)
        feed.push([0x4C] + writer.bytes, timestamp: 1, marker: true)
        #expect(feed.units.count == 1)
        #expect(feed.refused == [Size(width: 65536, height: 65536)])
    }
}
