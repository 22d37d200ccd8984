import Media

/// Messages between two that understand them, in APP packets (RFC 3550 section 6.7).
extension RTPSession {
    /// Sets what the peer is to be told: a message of the owner's, which is sent at once, though not within 100 ms of the
    /// one before, and again each 500 ms, or as often as 100 kbit/s allow. `next` and `deadline` see to it. The one that is
    /// said already may be set again and again.
    /// - Parameter message: at most 16 KiB; an empty one is not sent.
    /// - Returns: `false`, and nothing changes, if it is too long, or `Configuration.messageName` is not set.
    @discardableResult
    package mutating func announce(_ message: [UInt8]) -> Bool {
        guard configuration.messageName != nil, message.count <= MessageSegment.largestMessage else { return false }
        messages.set(message)
        return true
    }

    /// A compound (RFC 3550 section 6.1) with the next segment of our message, if one is due: at most 1200 bytes, SRTCP's
    /// included.
    mutating func nextMessageDatagram(at now: Instant) -> UnsafeRawBufferPointer? {
        guard let name = configuration.messageName, now >= messages.deadline else { return nil }
        var writer = earlyWriter()
        let room = Self.largestControl - writer.count - RTCPHeader.size - ApplicationPacket.fixedSize
        guard let segment = messages.next(room: room, at: now) else { return nil }
        let message = messages.message
        writer.application(
            ssrc: configuration.ssrc, subtype: MessageSegment.subtype, name: name, dataSize: segment.dataSize
        ) { data in
            segment.write(into: data)
            message.withUnsafeBytes { message in
                UnsafeMutableRawBufferPointer(rebasing: data[MessageSegment.headSize...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: message[segment.place]))
            }
        }
        return finish(writer)
    }

    /// Takes an APP packet. Those of other names are nobody's here.
    mutating func receive(_ packet: ApplicationPacket, in datagram: UnsafeRawBufferPointer, at now: Instant) {
        guard packet.name == configuration.messageName, packet.subtype == MessageSegment.subtype else { return }
        // Whoever is live beside the peer is not to be taken for it.
        if let active, active.ssrc != packet.ssrc, !active.hasSaidGoodbye,
            now - active.lastArrival < Self.takeOverSilence
        {
            return
        }
        switch reassembler?.receive(packet.data, in: datagram, from: packet.ssrc, at: now) {
        case .whole:
            counters.messages += 1
            pending.message = true
        case .repeated: pending.messageRepeated = true
        case .refused: counters.messageSegmentsRefused += 1
        case .gathered, .outdated, nil: break
        }
    }
}
