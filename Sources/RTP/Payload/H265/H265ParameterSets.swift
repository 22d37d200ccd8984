import Media

/// What a bridge wants to know of a sequence parameter set (H.265 section 7.3.2.2.1) before a decoder sees it.
package struct H265SPS: Equatable, Sendable {
    /// `general_profile_idc`: 1 main, 2 main 10.
    package var profile: UInt8
    /// `general_level_idc`: thirty times the level.
    package var level: UInt8
    /// What a decoder allocates.
    package var codedSize: Size
    /// What is shown: the coded size without the conformance window.
    package var size: Size

    /// Sides beyond this are no picture at all: no level of H.265 comes near.
    private static let largestSide = 1 << 18

    /// Reads a NAL unit, its two header bytes included; `nil` if it is no sequence parameter set or can't be read as
    /// far as its conformance window.
    package init?(parsing nalUnit: UnsafeRawBufferPointer) {
        guard nalUnit.count > H265NALUnit.headerSize, H265NALUnit(header: nalUnit.bigEndian16(at: 0)).kind == .sps
        else { return nil }
        var reader = BitReader(
            UnsafeRawBufferPointer(rebasing: nalUnit[H265NALUnit.headerSize...]), removesEmulationPrevention: true)
        reader.skip(4)
        let subLayers = Int(reader.bits(3))
        reader.skip(1)
        profile = UInt8(truncatingIfNeeded: reader.bits(8)) & 0x1F
        reader.skip(80)
        level = UInt8(truncatingIfNeeded: reader.bits(8))
        Self.skipSubLayers(&reader, count: subLayers)
        guard reader.unsigned() < 16 else { return nil }
        var chromaFormat = reader.unsigned()
        guard chromaFormat <= 3 else { return nil }
        if chromaFormat == 3, reader.bit() { chromaFormat = 0 }
        let width = Int(reader.unsigned())
        let height = Int(reader.unsigned())
        guard (1...Self.largestSide).contains(width), (1...Self.largestSide).contains(height) else { return nil }
        codedSize = Size(width: width, height: height)
        size = codedSize
        if reader.bit() {
            let unitX = chromaFormat == 1 || chromaFormat == 2 ? 2 : 1
            let unitY = chromaFormat == 1 ? 2 : 1
            let cropX = (Int(reader.unsigned()) + Int(reader.unsigned())) * unitX
            let cropY = (Int(reader.unsigned()) + Int(reader.unsigned())) * unitY
            guard cropX < width, cropY < height else { return nil }
            size = Size(width: width - cropX, height: height - cropY)
        }
        guard !reader.isExhausted else { return nil }
    }

    /// The rest of `profile_tier_level` (section 7.3.3): for each sub-layer whether it has a profile (88 bits) and a
    /// level (8 bits), filled up to eight entries, then those.
    private static func skipSubLayers(_ reader: inout BitReader, count: Int) {
        guard count > 0 else { return }
        var bits = 0
        for _ in 0..<count {
            if reader.bit() { bits += 88 }
            if reader.bit() { bits += 8 }
        }
        reader.skip(2 * (8 - count))
        reader.skip(bits)
    }
}
