import Media

/// RED (RFC 2198) around the packets of one video stream, one direction. Media and FEC packets share its payload type,
/// and the block's header says which it is. libwebrtc sends ULPFEC so: one block a packet, FEC made before the wrapping.
package struct RedundantFormat: ~Copyable {
    package struct Statistics: Equatable, Sendable {
        /// Packets unwrapped or wrapped.
        package var packets = 0
        /// Redundant blocks, which are left out: a lost picture's packets come by FEC or retransmission.
        package var skipped = 0
        /// Packets whose blocks don't fit, or that hold RED again.
        package var malformed = 0
        /// Packets larger than the buffer.
        package var oversized = 0

        package init() {}
    }

    package let payloadType: PayloadType
    package private(set) var statistics = Statistics()
    private let buffer: UnsafeMutableRawBufferPointer

    /// - Parameters:
    ///   - payloadType: that of RED itself.
    ///   - packetSize: the largest packet; the memory is made here, once.
    package init(payloadType: PayloadType, packetSize: Int = 2048) {
        precondition(packetSize > RTPHeader.fixedSize, "packets of \(packetSize) bytes")
        self.payloadType = payloadType
        buffer = .allocate(byteCount: packetSize, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// The packet as it was before it was wrapped: the same header with the primary block's payload type, and that block.
    /// `nil`, and counted, if it can't be read. The result holds until the next call.
    /// - Precondition: `header` was read from `datagram`.
    package mutating func unwrap(_ header: RTPHeader, _ datagram: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let payload = UnsafeRawBufferPointer(rebasing: datagram[header.payload])
        guard let blocks = RedundantHeader(parsing: payload), blocks.payloadType != payloadType.rawValue else {
            statistics.malformed += 1
            return nil
        }
        // With the padding behind the payload, since the header still tells of it.
        let rest = datagram[(header.payload.lowerBound + blocks.primary.lowerBound)...]
        let head = datagram[..<header.payload.lowerBound]
        guard let packet = write(head, payloadType: blocks.payloadType, blockHeader: nil, rest) else { return nil }
        statistics.skipped += blocks.redundantCount
        return packet
    }

    /// The packet with its payload as the only block of a RED payload. `nil`, and counted, if it is too large. The result
    /// holds until the next call.
    /// - Precondition: `header` was read from `packet`.
    package mutating func wrap(_ header: RTPHeader, _ packet: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        write(
            packet[..<header.payload.lowerBound], payloadType: payloadType.rawValue,
            blockHeader: header.payloadType & 0x7F, packet[header.payload.lowerBound...])
    }

    private mutating func write(
        _ head: Slice<UnsafeRawBufferPointer>, payloadType: UInt8, blockHeader: UInt8?,
        _ rest: Slice<UnsafeRawBufferPointer>
    ) -> UnsafeRawBufferPointer? {
        var size = head.count + (blockHeader == nil ? 0 : RedundantHeader.shortestSize)
        guard size + rest.count <= buffer.count else {
            statistics.oversized += 1
            return nil
        }
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: head))
        buffer[1] = head[1] & 0x80 | payloadType
        if let blockHeader { buffer[head.count] = blockHeader }
        UnsafeMutableRawBufferPointer(rebasing: buffer[size...]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: rest))
        size += rest.count
        statistics.packets += 1
        return UnsafeRawBufferPointer(rebasing: buffer[..<size])
    }
}
