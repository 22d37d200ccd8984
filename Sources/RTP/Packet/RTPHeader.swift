import Media

/// The header of one RTP packet (RFC 3550 section 5.1), checked once when it is read: whoever holds one may slice the
/// datagram by its ranges without looking at lengths again.
package struct RTPHeader: Equatable, Sendable {
    package var payloadType: UInt8
    package var marker: Bool
    /// As on the wire: 16 bits. `StreamReceiver` unwraps it.
    package var sequence: UInt16
    /// As on the wire: 32 bits, in ticks of the payload's clock.
    package var timestamp: UInt32
    package var ssrc: UInt32
    /// Contributing sources: a count of 32-bit words at offset 12.
    package var csrcCount: Int
    /// The header extension's body within the datagram, without its 4-byte head; empty if there is none.
    package var headerExtension: Range<Int>
    /// The extension's 16-bit profile word (0xBEDE for RFC 8285 one-byte elements), 0 if there is none.
    package var headerExtensionProfile: UInt16
    /// The payload within the datagram, padding taken off.
    package var payload: Range<Int>
    /// Written as an element of a header extension. `nil` in a header that was read.
    package var transportSequence: TransportSequence?
    /// Written as the CSRC list. Empty in a header that was read: `contributors(in:levelExtension:)` reads them.
    package var contributors = Contributors()
    /// The id under which the contributors' audio levels are written (RFC 6465), 1 to 14; `nil`: they are not.
    package var levelExtension: Int?

    /// The size of a header without CSRCs and extension.
    package static let fixedSize = 12
    /// The size of the largest header that `write` makes: fifteen CSRCs, their levels, a transport-wide number.
    package static let largestWrittenSize =
        fixedSize + 4 * Contributors.capacity + OneByteExtension.headSize
        + words(TransportSequence.elementSize + 1 + Contributors.capacity)

    /// How many bytes `write` takes.
    package var writtenSize: Int {
        let elements = elementsSize
        return Self.fixedSize + contributors.listSize
            + (elements == 0 ? 0 : OneByteExtension.headSize + Self.words(elements))
    }

    private var elementsSize: Int {
        (transportSequence == nil ? 0 : TransportSequence.elementSize) + (writesLevels ? contributors.levelsSize : 0)
    }

    private var writesLevels: Bool { levelExtension != nil && contributors.hasLevels }

    /// Bytes filled up to whole words.
    private static func words(_ bytes: Int) -> Int { (bytes + 3) & ~3 }

    package init(
        payloadType: UInt8, marker: Bool, sequence: UInt16, timestamp: UInt32, ssrc: UInt32, payload: Range<Int> = 0..<0
    ) {
        self.payloadType = payloadType
        self.marker = marker
        self.sequence = sequence
        self.timestamp = timestamp
        self.ssrc = ssrc
        self.payload = payload
        csrcCount = 0
        headerExtension = 0..<0
        headerExtensionProfile = 0
    }

    /// Reads and checks the header of `datagram`; `nil` if it is no RTP packet: too short, another version, or a
    /// CSRC list, extension or padding that does not fit (RFC 3550 appendix A.1).
    package init?(parsing datagram: UnsafeRawBufferPointer) {
        guard datagram.count >= Self.fixedSize, datagram[0] >> 6 == 2 else { return nil }
        let csrcCount = Int(datagram[0] & 0x0F)
        var start = Self.fixedSize + 4 * csrcCount
        var end = datagram.count
        var headerExtension = 0..<0
        var profile: UInt16 = 0
        if datagram[0] & 0x10 != 0 {
            guard start + 4 <= end else { return nil }
            profile = datagram.bigEndian16(at: start)
            let size = 4 * Int(datagram.bigEndian16(at: start + 2))
            start += 4
            guard start + size <= end else { return nil }
            headerExtension = start..<start + size
            start += size
        }
        guard start <= end else { return nil }
        if datagram[0] & 0x20 != 0 {
            let padding = Int(datagram[end - 1])
            guard padding >= 1, start + padding <= end else { return nil }
            end -= padding
        }
        self.init(
            payloadType: datagram[1] & 0x7F, marker: datagram[1] & 0x80 != 0, sequence: datagram.bigEndian16(at: 2),
            timestamp: datagram.bigEndian32(at: 4), ssrc: datagram.bigEndian32(at: 8), payload: start..<end)
        self.csrcCount = csrcCount
        self.headerExtension = headerExtension
        headerExtensionProfile = profile
    }

    /// Writes the fixed bytes, the CSRC list, and the header extension behind them if there is something to go into it.
    /// - Precondition: `buffer` holds at least `writtenSize` bytes, and `levelExtension` is 1 to 14.
    package func write(into buffer: UnsafeMutableRawBufferPointer) {
        let (size, elements) = (writtenSize, elementsSize)
        precondition(buffer.count >= size, "this RTP header takes \(size) bytes")
        buffer[0] = 2 << 6 | (elements == 0 ? 0 : 0x10) | UInt8(contributors.count)
        buffer[1] = (marker ? 0x80 : 0) | payloadType
        buffer.storeBigEndian(sequence, at: 2)
        buffer.storeBigEndian(timestamp, at: 4)
        buffer.storeBigEndian(ssrc, at: 8)
        contributors.writeList(into: buffer, at: Self.fixedSize)
        if elements > 0 {
            writeElements(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<size]), size: elements)
        }
    }

    /// Writes the header extension (RFC 8285 section 4.2) that ends `buffer`.
    private func writeElements(into buffer: UnsafeMutableRawBufferPointer, size: Int) {
        var offset = Self.fixedSize + contributors.listSize
        buffer.storeBigEndian(OneByteExtension.profile, at: offset)
        buffer.storeBigEndian(UInt16(Self.words(size) / 4), at: offset + 2)
        offset += OneByteExtension.headSize
        if let transportSequence {
            transportSequence.write(into: buffer, at: offset)
            offset += TransportSequence.elementSize
        }
        if writesLevels, let levelExtension {
            contributors.writeLevels(levelExtension, into: buffer, at: offset)
            offset += contributors.levelsSize
        }
        while offset < buffer.count {
            buffer[offset] = 0
            offset += 1
        }
    }

    /// The `index`-th contributing source. - Precondition: `index < csrcCount`, and this header was read from
    /// `datagram`.
    package func csrc(_ index: Int, in datagram: UnsafeRawBufferPointer) -> UInt32 {
        datagram.bigEndian32(at: Self.fixedSize + 4 * index)
    }
}
