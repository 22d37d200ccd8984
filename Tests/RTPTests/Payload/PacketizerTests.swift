import Media
import RTP
import Testing

@Suite struct PacketizerTests {
    /// RFC 6184 read back, as short as it can be said: single, STAP-A and FU-A.
    private func h264Units(_ payloads: [[UInt8]]) -> [[UInt8]] {
        var units: [[UInt8]] = []
        for payload in payloads {
            switch payload[0] & 0x1F {
            case 24:
                var offset = 1
                while offset < payload.count {
                    let size = Int(payload[offset]) << 8 | Int(payload[offset + 1])
                    units.append(Array(payload[(offset + 2)..<(offset + 2 + size)]))
                    offset += 2 + size
                }
            case 28:
                if payload[1] & 0x80 != 0 { units.append([payload[0] & 0xE0 | payload[1] & 0x1F]) }
                units[units.count - 1] += payload[2...]
            default:
                units.append(payload)
            }
        }
        return units
    }

    private func h265Units(_ payloads: [[UInt8]]) -> [[UInt8]] {
        var units: [[UInt8]] = []
        for payload in payloads {
            switch payload[0] >> 1 & 0x3F {
            case 48:
                var offset = 2
                while offset < payload.count {
                    let size = Int(payload[offset]) << 8 | Int(payload[offset + 1])
                    units.append(Array(payload[(offset + 2)..<(offset + 2 + size)]))
                    offset += 2 + size
                }
            case 49:
                if payload[2] & 0x80 != 0 { units.append([payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]]) }
                units[units.count - 1] += payload[3...]
            default:
                units.append(payload)
            }
        }
        return units
    }

    @Test func `H264 parameter sets go as one STAP-A with the highest importance`() {
        var packetizer = Packetizer(.h264)
        let unit = PacketizedUnit(
            &packetizer, annexB([hex("2742E01F"), hex("68CE3C80"), hex("0605FF"), hex("658884")]))
        // F and NRI 3 of the PPS with type 24; then size and bytes of each.
        #expect(unit.payloads == [hex("78 0004 2742E01F 0004 68CE3C80 0003 0605FF"), hex("658884")])
        #expect(unit.hasOneMarkerAtItsEnd)
    }

    @Test func `H264 NAL units above the payload size go as FU-A`() {
        var packetizer = Packetizer(.h264, payloadSize: 64)
        var generator = SeededGenerator(seed: 1)
        let slice = nalUnit([0x65], size: 150, using: &generator)
        let unit = PacketizedUnit(&packetizer, annexB([slice]))
        // 149 bytes without the header in three parts of at most 62: 50, 50, 49.
        #expect(unit.payloads.map(\.count) == [52, 52, 51])
        #expect(unit.payloads.map { Array($0[..<2]) } == [hex("7C85"), hex("7C05"), hex("7C45")])
        #expect(h264Units(unit.payloads) == [slice])
        #expect(unit.hasOneMarkerAtItsEnd)
    }

    @Test(arguments: 0..<40) func `H264 access units come back whole`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let size = Int.random(in: 64...1400, using: &generator)
        var packetizer = Packetizer(.h264, payloadSize: size)
        let units = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
            let header: UInt8 = [0x67, 0x68, 0x06, 0x65, 0x41, 0x01].randomElement(using: &generator)!
            return nalUnit([header], size: Int.random(in: 1...3000, using: &generator), using: &generator)
        }
        let unit = PacketizedUnit(&packetizer, annexB(units))
        #expect(h264Units(unit.payloads) == units)
        #expect(unit.payloads.allSatisfy { $0.count <= size } && unit.hasOneMarkerAtItsEnd)
        #expect(packetizer.statistics.packets == unit.payloads.count)
        #expect(packetizer.statistics.bytes == unit.payloads.map(\.count).reduce(0, +))
    }

    @Test func `H264 mode 0 knows single NAL units only, and counts what it must drop`() {
        var packetizer = Packetizer(.h264, payloadSize: 64, packetizationMode: .singleNALUnit)
        var generator = SeededGenerator(seed: 1)
        let (fits, large) = (
            nalUnit([0x41], size: 64, using: &generator), nalUnit([0x41], size: 65, using: &generator)
        )
        let unit = PacketizedUnit(&packetizer, annexB([[0x67, 1], [0x68, 2], large, fits]))
        #expect(unit.payloads == [[0x67, 1], [0x68, 2], fits])
        #expect(unit.hasOneMarkerAtItsEnd)
        #expect(packetizer.statistics.oversize == 1)
    }

    @Test func `a unit that does not fit into the batch is dropped as a whole`() {
        var packetizer = Packetizer(.h264, payloadSize: 64)
        var generator = SeededGenerator(seed: 1)
        let bytes = annexB([nalUnit([0x65], size: 1000, using: &generator)])
        #expect(PacketizedUnit(&packetizer, bytes, packetCapacity: 5).payloads.isEmpty)
        #expect(PacketizedUnit(&packetizer, bytes, byteCapacity: 999).payloads.isEmpty)
        #expect(packetizer.statistics.overflow == 2)
        #expect(PacketizedUnit(&packetizer, []).payloads.isEmpty)
    }

    @Test func `H265 parameter sets go as one aggregation packet`() {
        var packetizer = Packetizer(.h265)
        // VPS, SPS, PPS with temporal id 0, an IDR slice.
        let unit = PacketizedUnit(&packetizer, annexB([hex("40010C"), hex("420101"), hex("4401C1"), hex("2601AF")]))
        #expect(unit.payloads == [hex("6001 0003 40010C 0003 420101 0003 4401C1"), hex("2601AF")])
    }

    @Test(arguments: 0..<40) func `H265 access units come back whole`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let size = Int.random(in: 64...1400, using: &generator)
        var packetizer = Packetizer(.h265, payloadSize: size)
        let units = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
            let header: [UInt8] = [[0x40, 1], [0x42, 1], [0x44, 1], [0x4E, 1], [0x26, 1], [0x02, 2]].randomElement(
                using: &generator)!
            return nalUnit(header, size: Int.random(in: 3...3000, using: &generator), using: &generator)
        }
        let unit = PacketizedUnit(&packetizer, annexB(units))
        #expect(h265Units(unit.payloads) == units)
        #expect(unit.payloads.allSatisfy { $0.count <= size } && unit.hasOneMarkerAtItsEnd)
    }

    @Test func `VP8 frames carry a picture id, and S on their first packet only`() {
        var packetizer = Packetizer(.vp8, payloadSize: 64)
        let frame = (0..<130).map { UInt8($0) }
        let unit = PacketizedUnit(&packetizer, frame, isKeyframe: true)
        #expect(unit.payloads.map { Array($0[..<4]) } == [hex("90808000"), hex("80808000"), hex("80808000")])
        #expect(unit.payloads.flatMap { $0[4...] } == frame)
        #expect(unit.hasOneMarkerAtItsEnd)
        #expect(PacketizedUnit(&packetizer, frame).payloads.allSatisfy { Array($0[2..<4]) == hex("8001") })
        for _ in 2..<0x8000 { _ = PacketizedUnit(&packetizer, [1], byteCapacity: 8, packetCapacity: 1) }
        #expect(PacketizedUnit(&packetizer, frame).payloads[0][2...3] == hex("8000")[...], "15 bits wrap")
    }

    @Test func `VP9 frames say where they begin and end, and keyframes their structure`() {
        var packetizer = Packetizer(.vp9, payloadSize: 64)
        let frame: [UInt8] = (0..<120).map { UInt8($0) }
        // I, B, V: picture 0; one layer, one picture in the group, which refers one back. Then I, and I with E.
        let key = PacketizedUnit(&packetizer, frame, isKeyframe: true)
        #expect(key.payloads[0].starts(with: hex("8A8000 08 01 04 01")))
        #expect(key.payloads[1].starts(with: hex("808000")) && key.payloads[2].starts(with: hex("848000")))
        let carried: [UInt8] =
            Array(key.payloads[0][7...]) + Array(key.payloads[1][3...]) + Array(key.payloads[2][3...])
        #expect(carried == frame)
        // One packet: I, P, B and E.
        let delta = PacketizedUnit(&packetizer, [1, 2, 3])
        #expect(delta.payloads == [hex("CC8001 010203")])
        #expect(key.payloads.allSatisfy { $0.count <= 64 } && key.hasOneMarkerAtItsEnd)
    }
}
