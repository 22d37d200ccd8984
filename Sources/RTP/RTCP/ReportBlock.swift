import Media

/// One reception report (RFC 3550 section 6.4.1): what its sender says about the stream of `ssrc`.
package struct ReportBlock: Equatable, Sendable {
    package var ssrc: UInt32
    /// Packets lost since the report before, in 1/256 of those expected.
    package var fractionLost: UInt8
    /// Packets lost since the start, 24 bits with sign: negative when there were more duplicates than losses.
    package var cumulativeLost: Int32
    /// The highest sequence number received, with the count of its cycles in the upper 16 bits.
    package var highestSequence: UInt32
    /// Interarrival jitter in ticks of the stream's clock.
    package var jitter: UInt32
    /// The middle 32 bits of the last sender report's NTP time; 0 if none has come.
    package var lastSenderReport: UInt32
    /// The time since that report came, in 1/65536 s.
    package var delaySinceLastSenderReport: UInt32

    package static let size = 24

    package init(
        ssrc: UInt32, fractionLost: UInt8, cumulativeLost: Int32, highestSequence: UInt32, jitter: UInt32,
        lastSenderReport: UInt32, delaySinceLastSenderReport: UInt32
    ) {
        self.ssrc = ssrc
        self.fractionLost = fractionLost
        self.cumulativeLost = cumulativeLost
        self.highestSequence = highestSequence
        self.jitter = jitter
        self.lastSenderReport = lastSenderReport
        self.delaySinceLastSenderReport = delaySinceLastSenderReport
    }

    /// - Precondition: `size` bytes from `offset` on are inside `datagram`.
    init(parsing datagram: UnsafeRawBufferPointer, at offset: Int) {
        ssrc = datagram.bigEndian32(at: offset)
        let loss = datagram.bigEndian32(at: offset + 4)
        fractionLost = UInt8(truncatingIfNeeded: loss >> 24)
        // Shifting up and back down carries the sign from bit 23.
        cumulativeLost = Int32(bitPattern: loss << 8) >> 8
        highestSequence = datagram.bigEndian32(at: offset + 8)
        jitter = datagram.bigEndian32(at: offset + 12)
        lastSenderReport = datagram.bigEndian32(at: offset + 16)
        delaySinceLastSenderReport = datagram.bigEndian32(at: offset + 20)
    }

    /// - Precondition: `size` bytes from `offset` on are inside `buffer`.
    func write(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
        buffer.storeBigEndian(ssrc, at: offset)
        let lost = UInt32(bitPattern: max(-0x80_0000, min(0x7F_FFFF, cumulativeLost))) & 0xFF_FFFF
        buffer.storeBigEndian(UInt32(fractionLost) << 24 | lost, at: offset + 4)
        buffer.storeBigEndian(highestSequence, at: offset + 8)
        buffer.storeBigEndian(jitter, at: offset + 12)
        buffer.storeBigEndian(lastSenderReport, at: offset + 16)
        buffer.storeBigEndian(delaySinceLastSenderReport, at: offset + 20)
    }
}

/// The report blocks of one SR or RR: checked to lie within the datagram they were read from.
package struct ReportBlockList: Equatable, Sendable {
    private let start: Int
    /// 0 to 31.
    package let count: Int

    /// `nil` if `count` blocks do not fit between `start` and `end`.
    init?(from start: Int, to end: Int, count: Int) {
        guard start + ReportBlock.size * count <= end else { return nil }
        self.start = start
        self.count = count
    }

    /// - Precondition: `index < count`, and this list was read from `datagram`.
    package func block(_ index: Int, in datagram: UnsafeRawBufferPointer) -> ReportBlock {
        precondition(index >= 0 && index < count, "report block \(index) of \(count)")
        return ReportBlock(parsing: datagram, at: start + ReportBlock.size * index)
    }
}
