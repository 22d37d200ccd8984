import Media

/// H.265 packets to access units in Annex B form (RFC 7798): single NAL units, aggregation packets and fragmentation
/// units, without decoding order numbers (`sprop-max-don-diff=0`, the default). Layers above the base are dropped.
///
/// Push a packet, then take what `next` has until it is `nil`.
package struct H265Depacketizer: PayloadDepacketizer, ~Copyable {
    private var assembler: AccessUnitAssembler
    private let limit: PictureLimit
    private let givenSets: [UInt8]
    private let givesSPS: Bool
    private let givesPPS: Bool
    private var hasStreamSPS = false
    private var hasStreamPPS = false

    /// - Parameters:
    ///   - parameterSets: VPS, SPS and PPS from an SDP file, as NAL units. They go before every
    ///     picture a decoder may start at as long as the stream brings none of its own. Ignored if one of them asks for more than `limit`.
    ///   - maximumSize: access units above this many bytes are thrown away.
    package init(
        parameterSets: [[UInt8]] = [], limit: PictureLimit = .standard,
        maximumSize: Int = AccessUnitBuffer.maximumCapacity
    ) {
        var sets: [UInt8] = []
        for set in parameterSets where !set.isEmpty { sets += [0, 0, 0, 1] + set }
        let contents = sets.withUnsafeBytes { H265Contents(scanning: $0, limit: limit) }
        let isUsable = contents.refused == nil && !contents.isUnreadable
        givenSets = isUsable ? sets : []
        givesSPS = isUsable && contents.hasSPS
        givesPPS = isUsable && contents.hasPPS
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
        guard packet.marker else { return }
        // A sender that forgets the end bit of the last fragment has still sent all of it.
        assembler.endFragment()
        if assembler.hasPicture { finish() }
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
        hasStreamSPS = false
        hasStreamPPS = false
        assembler.reset()
    }

    private mutating func unpack(_ payload: UnsafeRawBufferPointer) {
        guard payload.count > H265NALUnit.headerSize else {
            assembler.abandonFragment()
            return assembler.dropMalformed()
        }
        let unit = H265NALUnit(header: payload.bigEndian16(at: 0))
        if unit.kind != .fu { assembler.abandonFragment() }
        switch unit.kind {
        case .ap: unpackAggregate(payload)
        case .fu: unpackFragment(payload, unit)
        case _ where unit.kind.isSingleNALUnit: append(payload)
        default:
            assembler.statistics.unsupported += 1
            assembler.damage()
        }
    }

    /// Aggregation packet (section 4.4.2): NAL units, each behind its 16-bit size.
    private mutating func unpackAggregate(_ payload: UnsafeRawBufferPointer) {
        var offset = H265NALUnit.headerSize
        repeat {
            guard offset + 2 <= payload.count else { return assembler.dropMalformed() }
            let size = Int(payload.bigEndian16(at: offset))
            offset += 2
            guard size > H265NALUnit.headerSize, offset + size <= payload.count else {
                return assembler.dropMalformed()
            }
            append(UnsafeRawBufferPointer(rebasing: payload[offset..<offset + size]))
            offset += size
        } while offset < payload.count
    }

    /// Fragmentation unit (section 4.4.3): the payload header, then a byte with start, end and the NAL unit's type.
    private mutating func unpackFragment(_ payload: UnsafeRawBufferPointer, _ head: H265NALUnit) {
        guard payload.count > H265NALUnit.headerSize + 1 else {
            assembler.abandonFragment()
            return assembler.dropMalformed()
        }
        let fragmentHeader = payload[H265NALUnit.headerSize]
        if fragmentHeader & 0x80 != 0 {
            assembler.abandonFragment()
            var unit = head
            unit.kind = H265NALUnit.Kind(rawValue: fragmentHeader & 0x3F)
            if admits(unit) {
                assembler.beginFragment()
                assembler.appendStartCode()
                assembler.append(UInt8(truncatingIfNeeded: unit.header >> 8))
                assembler.append(UInt8(truncatingIfNeeded: unit.header))
                if unit.kind.isSlice { assembler.hasPicture = true }
            } else {
                assembler.skipFragment()
            }
        }
        assembler.appendFragment(UnsafeRawBufferPointer(rebasing: payload[(H265NALUnit.headerSize + 1)...]))
        if fragmentHeader & 0x40 != 0 { assembler.endFragment() }
    }

    private mutating func append(_ nalUnit: UnsafeRawBufferPointer) {
        let unit = H265NALUnit(header: nalUnit.bigEndian16(at: 0))
        guard admits(unit) else { return }
        assembler.appendStartCode()
        assembler.append(nalUnit)
        if unit.kind.isSlice { assembler.hasPicture = true }
    }

    /// Whether a NAL unit belongs in the access unit. Filler and layers above the base mean nothing to the decoder,
    /// and are no damage when left out.
    private mutating func admits(_ unit: H265NALUnit) -> Bool {
        guard !unit.isForbidden else {
            assembler.statistics.forbidden += 1
            assembler.damage()
            return false
        }
        guard unit.kind.isSingleNALUnit, unit.temporalIDPlus1 > 0 else {
            assembler.dropMalformed()
            return false
        }
        guard unit.layer == 0 else {
            assembler.statistics.unsupported += 1
            return false
        }
        return unit.kind != .filler
    }

    private mutating func finish() {
        assembler.abandonFragment()
        let contents = H265Contents(scanning: assembler.bytes, limit: limit)
        if let size = contents.refused {
            hasStreamSPS = false
            return assembler.finish(as: .refused(size))
        }
        guard !contents.isUnreadable else { return assembler.finish(as: .unreadable) }
        if contents.hasSPS { hasStreamSPS = true }
        if contents.hasPPS { hasStreamPPS = true }
        if contents.isKeyframe || assembler.isChainBroken, !givenSets.isEmpty, !hasStreamSPS || !hasStreamPPS {
            givenSets.withUnsafeBytes { assembler.prepend($0) }
        }
        let isDecodable = (hasStreamSPS || givesSPS) && (hasStreamPPS || givesPPS)
        assembler.finish(
            as: .picture(
                isKeyframe: contents.isKeyframe && isDecodable, isRecoveryPoint: false, hasHead: contents.hasHead))
    }
}
