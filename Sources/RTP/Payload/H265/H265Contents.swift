import Media

/// What is in one access unit, read from the finished bytes as `H264Contents` does.
struct H265Contents {
    /// An intra random access picture.
    var isKeyframe = false
    var hasVPS = false
    var hasSPS = false
    var hasPPS = false
    /// The first slice segment is the picture's first.
    var hasHead = false
    /// A parameter set asks for more than the limit.
    var refused: Size?
    /// A parameter set can't be read.
    var isUnreadable = false

    /// - Parameter bytes: one access unit in Annex B form.
    init(scanning bytes: UnsafeRawBufferPointer, limit: PictureLimit) {
        var hasSlice = false
        AnnexB.forEachNALUnit(in: bytes) { range in
            guard range.count > H265NALUnit.headerSize else { return }
            let kind = H265NALUnit(header: bytes.bigEndian16(at: range.lowerBound)).kind
            if kind == .sps {
                readSPS(UnsafeRawBufferPointer(rebasing: bytes[range]), limit: limit)
            } else if kind == .vps {
                hasVPS = true
            } else if kind == .pps {
                hasPPS = true
            } else if kind.isSlice {
                // `first_slice_segment_in_pic_flag` is the slice header's first bit.
                if !hasSlice { hasHead = bytes[range.lowerBound + H265NALUnit.headerSize] & 0x80 != 0 }
                hasSlice = true
                if kind.isRandomAccess { isKeyframe = true }
            }
        }
    }

    private mutating func readSPS(_ nalUnit: UnsafeRawBufferPointer, limit: PictureLimit) {
        guard let sps = H265SPS(parsing: nalUnit) else {
            isUnreadable = true
            return
        }
        hasSPS = true
        if !limit.admits(sps.codedSize) { refused = sps.codedSize }
    }
}
