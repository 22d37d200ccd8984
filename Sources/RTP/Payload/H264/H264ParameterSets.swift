import Media

/// What a bridge wants to know of a sequence parameter set (H.264 section 7.3.2.1.1) before a decoder sees it.
package struct H264SPS: Equatable, Sendable {
    /// `profile_idc`: 66 baseline, 77 main, 100 high.
    package var profile: UInt8
    /// `constraint_set0_flag` in the highest bit, and so on.
    package var constraints: UInt8
    /// `level_idc`: ten times the level.
    package var level: UInt8
    package var identifier: UInt8
    /// What a decoder allocates: whole macroblocks.
    package var codedSize: Size
    /// What is shown: the coded size without the cropping.
    package var size: Size
    /// From the VUI: samples take all of 0 to 255.
    package var isFullRange = false
    /// From the VUI: how many pictures a decoder must hold back to put them in order (`max_num_reorder_frames`);
    /// `nil` if it isn't said.
    package var reorderDepth: Int?

    /// Sides beyond this are no picture at all: no level of H.264 comes near.
    private static let largestSide = 1 << 18

    /// Reads a NAL unit, its header byte included; `nil` if it is no sequence parameter set or can't be read as far as
    /// its cropping. A VUI that ends too early is taken for absent.
    package init?(parsing nalUnit: UnsafeRawBufferPointer) {
        guard nalUnit.count >= 4, H264NALUnit(header: nalUnit[0]).kind == .sps else { return nil }
        profile = nalUnit[1]
        constraints = nalUnit[2]
        level = nalUnit[3]
        var reader = BitReader(UnsafeRawBufferPointer(rebasing: nalUnit[4...]), removesEmulationPrevention: true)
        let identifier = reader.unsigned()
        guard identifier < 32 else { return nil }
        self.identifier = UInt8(identifier)
        var chromaFormat: UInt32 = 1
        if Self.hasChromaFormat(profile) {
            chromaFormat = reader.unsigned()
            guard chromaFormat <= 3 else { return nil }
            guard Self.skipSampleFormat(&reader, chromaFormat: &chromaFormat) else { return nil }
        }
        _ = reader.unsigned()
        guard Self.skipPictureOrder(&reader) else { return nil }
        _ = reader.unsigned()
        _ = reader.bit()
        let columns = Int(reader.unsigned()) + 1
        let rows = Int(reader.unsigned()) + 1
        let isFrameOnly = reader.bit()
        if !isFrameOnly { _ = reader.bit() }
        _ = reader.bit()
        let heightUnit = isFrameOnly ? 1 : 2
        guard columns <= Self.largestSide / 16, rows <= Self.largestSide / 32 else { return nil }
        codedSize = Size(width: 16 * columns, height: 16 * rows * heightUnit)
        size = codedSize
        if reader.bit() {
            let cropX = chromaFormat == 1 || chromaFormat == 2 ? 2 : 1
            let cropY = (chromaFormat == 1 ? 2 : 1) * heightUnit
            let width = (Int(reader.unsigned()) + Int(reader.unsigned())) * cropX
            let height = (Int(reader.unsigned()) + Int(reader.unsigned())) * cropY
            guard width < codedSize.width, height < codedSize.height else { return nil }
            size = Size(width: codedSize.width - width, height: codedSize.height - height)
        }
        guard !reader.isExhausted else { return nil }
        if reader.bit(), !reader.isExhausted { readVUI(&reader) }
    }

    /// The profiles whose parameter sets carry a chroma format.
    private static func hasChromaFormat(_ profile: UInt8) -> Bool {
        switch profile {
        case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135: true
        default: false
        }
    }

    /// Bit depths and scaling lists. With separate colour planes the cropping counts as in monochrome.
    private static func skipSampleFormat(_ reader: inout BitReader, chromaFormat: inout UInt32) -> Bool {
        let lists = chromaFormat == 3 ? 12 : 8
        if chromaFormat == 3, reader.bit() { chromaFormat = 0 }
        guard reader.unsigned() <= 6, reader.unsigned() <= 6 else { return false }
        _ = reader.bit()
        guard reader.bit() else { return true }
        for list in 0..<lists where reader.bit() {
            var last: Int32 = 8
            var next: Int32 = 8
            for _ in 0..<(list < 6 ? 16 : 64) {
                if next != 0 { next = (last &+ reader.signed()) & 0xFF }
                if next != 0 { last = next }
            }
        }
        return !reader.isExhausted
    }

    private static func skipPictureOrder(_ reader: inout BitReader) -> Bool {
        switch reader.unsigned() {
        case 0:
            _ = reader.unsigned()
        case 1:
            _ = reader.bit()
            _ = reader.signed()
            _ = reader.signed()
            let count = reader.unsigned()
            guard count <= 255 else { return false }
            for _ in 0..<count { _ = reader.signed() }
        case 2:
            break
        default:
            return false
        }
        return !reader.isExhausted
    }

    /// Appendix E.1.1.
    private mutating func readVUI(_ reader: inout BitReader) {
        let extendedAspect: UInt32 = 255
        if reader.bit(), reader.bits(8) == extendedAspect { reader.skip(32) }
        if reader.bit() { reader.skip(1) }
        var isFullRange = false
        if reader.bit() {
            reader.skip(3)
            isFullRange = reader.bit()
            if reader.bit() { reader.skip(24) }
        }
        if reader.bit() {
            _ = reader.unsigned()
            _ = reader.unsigned()
        }
        if reader.bit() { reader.skip(65) }
        guard !reader.isExhausted else { return }
        self.isFullRange = isFullRange
        let hasNALTiming = reader.bit()
        if hasNALTiming { Self.skipReferenceDecoder(&reader) }
        let hasVCLTiming = reader.bit()
        if hasVCLTiming { Self.skipReferenceDecoder(&reader) }
        if hasNALTiming || hasVCLTiming { reader.skip(1) }
        reader.skip(1)
        guard reader.bit() else { return }
        reader.skip(1)
        for _ in 0..<4 { _ = reader.unsigned() }
        let depth = reader.unsigned()
        if !reader.isExhausted, depth <= 16 { reorderDepth = Int(depth) }
    }

    /// `hrd_parameters`, appendix E.1.2.
    private static func skipReferenceDecoder(_ reader: inout BitReader) {
        let schedules = reader.unsigned()
        reader.skip(8)
        guard schedules < 32 else { return }
        for _ in 0...schedules {
            _ = reader.unsigned()
            _ = reader.unsigned()
            reader.skip(1)
        }
        reader.skip(20)
    }
}
