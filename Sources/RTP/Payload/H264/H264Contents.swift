import Media

/// What is in one access unit. It is read from the finished bytes, not packet by packet: so nothing escapes it that a
/// decoder would find, not even a parameter set hidden behind a start code inside another NAL unit.
struct H264Contents {
    var hasIDR = false
    var hasSPS = false
    var hasPPS = false
    /// `recovery_frame_cnt` of a recovery point SEI (H.264 section D.1.8).
    var recoveryCount: UInt32?
    /// The first slice begins at the first macroblock.
    var hasHead = false
    /// A parameter set asks for more than the limit.
    var refused: Size?
    /// A parameter set can't be read.
    var isUnreadable = false

    /// - Parameter bytes: one access unit in Annex B form.
    init(scanning bytes: UnsafeRawBufferPointer, limit: PictureLimit) {
        var hasSlice = false
        AnnexB.forEachNALUnit(in: bytes) { range in
            let kind = H264NALUnit(header: bytes[range.lowerBound]).kind
            if kind == .sps {
                readSPS(UnsafeRawBufferPointer(rebasing: bytes[range]), limit: limit)
            } else if kind == .pps {
                hasPPS = true
            } else if kind == .sei {
                readSEI(UnsafeRawBufferPointer(rebasing: bytes[range]))
            } else if kind.isSlice {
                // `first_mb_in_slice` is 0 where its Exp-Golomb code is the single bit 1.
                if !hasSlice { hasHead = range.count > 1 && bytes[range.lowerBound + 1] & 0x80 != 0 }
                hasSlice = true
                if kind == .idr { hasIDR = true }
            }
        }
    }

    /// A decoder that has the parameter sets can start here, and this very picture is right.
    var isKeyframe: Bool { hasIDR || recoveryCount == 0 }

    private mutating func readSPS(_ nalUnit: UnsafeRawBufferPointer, limit: PictureLimit) {
        guard let sps = H264SPS(parsing: nalUnit) else {
            isUnreadable = true
            return
        }
        hasSPS = true
        if !limit.admits(sps.codedSize) { refused = sps.codedSize }
    }

    /// Section 7.3.2.3.1: a row of messages, each behind a type and a size that are sums of bytes up to one below 255.
    private mutating func readSEI(_ nalUnit: UnsafeRawBufferPointer) {
        let recoveryPoint = 6
        var reader = BitReader(UnsafeRawBufferPointer(rebasing: nalUnit[1...]), removesEmulationPrevention: true)
        var bytesLeft = nalUnit.count - 1
        func sum() -> Int {
            var total = 0
            while bytesLeft > 0 {
                let byte = Int(reader.bits(8))
                bytesLeft -= 1
                total += byte
                if byte < 255 { break }
            }
            return total
        }
        while bytesLeft > 2 {
            let type = sum()
            let size = sum()
            if type == recoveryPoint, size > 0 {
                let count = reader.unsigned()
                if !reader.isExhausted { recoveryCount = count }
                return
            }
            guard size < bytesLeft else { return }
            reader.skip(8 * size)
            bytesLeft -= size
        }
    }
}
