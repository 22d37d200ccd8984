import Media
import RTP
import Testing

@Suite struct AnnexBTests {
    private func units(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.withUnsafeBytes { raw in
            var units: [[UInt8]] = []
            AnnexB.forEachNALUnit(in: raw) { units.append(Array(raw[$0])) }
            return units
        }
    }

    @Test(arguments: [
        ("", []), ("000001", []), ("00000001", []), ("6742", []), ("00000167", ["67"]),
        ("00000001 67 42 000001 68", ["6742", "68"]), ("000001 65 0000 00000001 41 00", ["65", "41"]),
        ("FF 000001 65 00 0003 01 000001", ["6500000301"]), ("000001 000001 09", ["09"]), ("0000000000 01 65", ["65"]),
    ])
    func `NAL units are found`(bytes: String, expected: [String]) {
        #expect(units(hex(bytes)) == expected.map { hex($0) })
    }

    @Test func `finding agrees with a search byte by byte`() {
        var generator = SeededGenerator(seed: 3)
        for size in 0..<3000 {
            // Bytes 0 to 2 only, so that start codes are many and close.
            let bytes = (0..<size % 60).map { _ in UInt8.random(in: 0...2, using: &generator) }
            #expect(units(bytes) == reference(bytes), "\(bytes)")
        }
    }

    private func reference(_ bytes: [UInt8]) -> [[UInt8]] {
        var codes: [Int] = []
        var index = 0
        while index + 2 < bytes.count {
            if bytes[index...index + 2] == [0, 0, 1] {
                codes.append(index)
                index += 3
            } else {
                index += 1
            }
        }
        return codes.enumerated().compactMap { number, code in
            let end = number + 1 < codes.count ? codes[number + 1] : bytes.count
            var unit = bytes[(code + 3)..<end]
            while unit.last == 0 { unit.removeLast() }
            return unit.isEmpty ? nil : Array(unit)
        }
    }

    @Test func `headers are split and joined`() {
        #expect(H264NALUnit(header: 0x65) == H264NALUnit(kind: .idr, referenceIDC: 3))
        for byte in UInt8.min ... .max { #expect(H264NALUnit(header: byte).header == byte) }
        #expect(H265NALUnit(header: 0x4001) == H265NALUnit(kind: .vps))
        for word in UInt16.min ... .max { #expect(H265NALUnit(header: word).header == word) }
    }
}
