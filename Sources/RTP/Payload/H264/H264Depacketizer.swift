import Media

/// H.264 packets to access units in Annex B form (RFC 6184): single NAL units, STAP-A and FU-A, which is all of
/// packetization-modes 0 and 1. The interleaved mode's STAP-B, MTAP and FU-B are dropped and counted.
///
/// Push a packet, then take what `next` has until it is `nil`.
package struct H264Depacketizer: PayloadDepacketizer, ~Copyable {
    private var assembler: AccessUnitAssembler
    private let limit: PictureLimit
    /// The sets given at the start, in Annex B form.
    private let givenSets: [UInt8]
    private let givesSPS: Bool
    private let givesPPS: Bool
    private var hasStreamSPS = false
    private var hasStreamPPS = false

    /// - Parameters:
    ///   - parameterSets: SPS and PPS from an SDP file, as NAL units. They go before every picture
    ///     a decoder may start at as long as the stream brings none of its own. Ignored if one of them asks for more than `limit`.
    ///   - maximumSize: access units above this many bytes are thrown away.
    package init(
        parameterSets: [[UInt8]] = [], limit: PictureLimit = .standard,
        maximumSize: Int = AccessUnitBuffer.maximumCapacity
    ) {
        var sets: [UInt8] = []
        for set in parameterSets where !set.isEmpty { sets += [0, 0, 0, 1] + set }
        let contents = sets.withUnsafeBytes { H264Contents(scanning: $0, limit: limit) }
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

    /// From here on pictures count as undamaged though no keyframe came: for streams that have none.
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
        let unit = H264NALUnit(header: payload[0])
        if unit.kind != .fuA { assembler.abandonFragment() }
        switch unit.kind {
        case .stapA: unpackAggregate(payload)
        case .fuA: unpackFragment(payload, unit)
        case _ where unit.kind.isSingleNALUnit: append(payload)
        default:
            assembler.statistics.unsupported += 1
            assembler.damage()
        }
    }

    /// STAP-A (section 5.7.1): NAL units, each behind its 16-bit size.
    private mutating func unpackAggregate(_ payload: UnsafeRawBufferPointer) {
        var offset = 1
        repeat {
            guard offset + 2 <= payload.count else { return assembler.dropMalformed() }
            let size = Int(payload.bigEndian16(at: offset))
            offset += 2
            guard size > 0, offset + size <= payload.count else { return assembler.dropMalformed() }
            append(UnsafeRawBufferPointer(rebasing: payload[offset..<offset + size]))
            offset += size
        } while offset < payload.count
    }

    /// FU-A (section 5.8): an indicator with the NAL unit's F and NRI, a header with its type, start and end.
    private mutating func unpackFragment(_ payload: UnsafeRawBufferPointer, _ indicator: H264NALUnit) {
        guard payload.count > 2 else {
            assembler.abandonFragment()
            return assembler.dropMalformed()
        }
        let isStart = payload[1] & 0x80 != 0
        let isEnd = payload[1] & 0x40 != 0
        if isStart {
            assembler.abandonFragment()
            var unit = indicator
            unit.kind = H264NALUnit.Kind(rawValue: payload[1] & 0x1F)
            if admits(unit) {
                assembler.beginFragment()
                assembler.appendStartCode()
                assembler.append(unit.header)
                if unit.kind.isSlice { assembler.hasPicture = true }
            } else {
                assembler.skipFragment()
            }
        }
        assembler.appendFragment(UnsafeRawBufferPointer(rebasing: payload[2...]))
        if isEnd { assembler.endFragment() }
    }

    private mutating func append(_ nalUnit: UnsafeRawBufferPointer) {
        let unit = H264NALUnit(header: nalUnit[0])
        guard admits(unit) else { return }
        assembler.appendStartCode()
        assembler.append(nalUnit)
        if unit.kind.isSlice { assembler.hasPicture = true }
    }

    /// Whether a NAL unit belongs in the access unit. Filler and the extensions for scalable and multiview coding
    /// (types above 13) mean nothing to a decoder of the base layer, and are no damage when left out.
    private mutating func admits(_ unit: H264NALUnit) -> Bool {
        guard !unit.isForbidden else {
            assembler.statistics.forbidden += 1
            assembler.damage()
            return false
        }
        guard unit.kind.isSingleNALUnit else {
            assembler.dropMalformed()
            return false
        }
        guard unit.kind != .filler else { return false }
        guard unit.kind.rawValue <= H264NALUnit.Kind.spsExtension.rawValue else {
            assembler.statistics.unsupported += 1
            return false
        }
        return true
    }

    private mutating func finish() {
        assembler.abandonFragment()
        let contents = H264Contents(scanning: assembler.bytes, limit: limit)
        if let size = contents.refused {
            hasStreamSPS = false
            return assembler.finish(as: .refused(size))
        }
        guard !contents.isUnreadable else { return assembler.finish(as: .unreadable) }
        if contents.hasSPS { hasStreamSPS = true }
        if contents.hasPPS { hasStreamPPS = true }
        let isStart = contents.isKeyframe || contents.recoveryCount != nil || assembler.isChainBroken
        if isStart, !givenSets.isEmpty, !hasStreamSPS || !hasStreamPPS {
            givenSets.withUnsafeBytes { assembler.prepend($0) }
        }
        let isDecodable = (hasStreamSPS || givesSPS) && (hasStreamPPS || givesPPS)
        assembler.finish(
            as: .picture(
                isKeyframe: contents.isKeyframe && isDecodable, isRecoveryPoint: contents.recoveryCount != nil,
                hasHead: contents.hasHead))
    }
}
