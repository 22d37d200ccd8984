import Media

/// VP9 packets to frames (RFC 9628). Of a stream with spatial layers it takes the base: what stands above is dropped
/// and counted as unsupported.
///
/// Push a packet, then take what `next` has until it is `nil`.
package struct VP9Depacketizer: PayloadDepacketizer, ~Copyable {
    private var assembler: AccessUnitAssembler
    private let limit: PictureLimit
    /// The open access unit has the packet a frame begins with.
    private var hasStart = false
    /// The open access unit has the packet a frame ends with.
    private var hasEnd = false

    /// - Parameter maximumSize: access units above this many bytes are thrown away.
    package init(limit: PictureLimit = .standard, maximumSize: Int = AccessUnitBuffer.maximumCapacity) {
        self.limit = limit
        assembler = AccessUnitAssembler(maximumSize: maximumSize)
    }

    package var statistics: DepacketizerStatistics { assembler.statistics }
    /// How many bytes its buffers take.
    package var allocatedBytes: Int { assembler.allocatedBytes }

    /// Takes the next packet in order.
    package mutating func push(_ packet: VideoPacket) {
        // A packet of padding alone: senders probe the line with them.
        guard !packet.payload.isEmpty else { return }
        if assembler.isEnded(by: packet) { finish() }
        assembler.open(with: packet)
        unpack(packet.payload)
        if packet.marker, assembler.hasPicture { finish() }
    }

    /// Packets are missing between the last one and the next one.
    package mutating func packetsLost() { assembler.packetsLost() }

    /// The next access unit that is complete, or was refused.
    package mutating func next() -> Depacketized? { assembler.next() }

    /// As `H264Depacketizer.acceptBrokenChain`.
    package mutating func acceptBrokenChain() { assembler.acceptBrokenChain() }

    /// The decoder failed: all pictures up to the next keyframe are damaged.
    package mutating func breakChain() { assembler.breakChain() }

    /// Another stream begins.
    package mutating func reset() {
        hasStart = false
        hasEnd = false
        assembler.reset()
    }

    private mutating func unpack(_ payload: UnsafeRawBufferPointer) {
        guard let descriptor = VP9PayloadDescriptor(parsing: payload), descriptor.size < payload.count else {
            return assembler.dropMalformed()
        }
        guard descriptor.spatialLayer == 0 else {
            assembler.statistics.unsupported += 1
            return
        }
        if descriptor.isFrameStart {
            // Two frames in one timestamp: the marker between them was lost or not sent.
            if hasStart { assembler.damage() }
            hasStart = true
        } else if !hasStart {
            assembler.statistics.orphaned += 1
            assembler.hasPicture = true
            return assembler.damage()
        }
        assembler.append(UnsafeRawBufferPointer(rebasing: payload[descriptor.size...]))
        assembler.hasPicture = true
        if descriptor.isFrameEnd { hasEnd = true }
    }

    private mutating func finish() {
        defer {
            hasStart = false
            hasEnd = false
        }
        guard hasStart else { return assembler.finish(as: .headless) }
        guard let header = VP9FrameHeader(parsing: assembler.bytes) else {
            return assembler.finish(as: .unreadable)
        }
        if let size = header.size, !limit.admits(size) { return assembler.finish(as: .refused(size)) }
        if !hasEnd { assembler.damage() }
        assembler.finish(as: .picture(isKeyframe: header.isKeyframe, isRecoveryPoint: false, hasHead: true))
    }
}
