/// The byte stream format of H.264 and H.265 (Annex B of both): NAL units behind start codes `00 00 01`.
package enum AnnexB {
    /// A four-byte start code as it stands in memory: valid in front of any NAL unit, and needed before the first one.
    package static let startCodeSize = 4

    /// Writes `00 00 00 01` at `offset`. - Precondition: four bytes from `offset` on are inside the buffer.
    package static func writeStartCode(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
        buffer.storeBigEndian(UInt32(1), at: offset)
    }

    /// Calls `body` with the range of each NAL unit in order: without its start code, and without the zero bytes that
    /// may trail it. Bytes before the first start code belong to no NAL unit; empty NAL units are left out.
    package static func forEachNALUnit(in bytes: UnsafeRawBufferPointer, _ body: (Range<Int>) -> Void) {
        var start = endOfStartCode(in: bytes, from: 0)
        while start < bytes.count {
            let next = endOfStartCode(in: bytes, from: start)
            // The last NAL unit has no start code behind it, all others end three bytes before the next one starts.
            var end = next > bytes.count ? bytes.count : next - 3
            while end > start, bytes[end - 1] == 0 { end -= 1 }
            if end > start { body(start..<end) }
            start = next
        }
    }

    /// The offset behind the first `00 00 01` at or after `offset`; `bytes.count + 1` if there is none.
    private static func endOfStartCode(in bytes: UnsafeRawBufferPointer, from offset: Int) -> Int {
        // Three bytes a step: where the third is neither 0 nor 1, no start code can hold any of the three.
        var index = offset + 2
        while index < bytes.count {
            let byte = bytes[index]
            if byte > 1 {
                index += 3
            } else if byte == 0 {
                index += 1
            } else if bytes[index - 1] == 0, bytes[index - 2] == 0 {
                return index + 1
            } else {
                index += 3
            }
        }
        return bytes.count + 1
    }
}
