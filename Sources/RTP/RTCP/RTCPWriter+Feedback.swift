import Media

/// Feedback that a receiver sends (RFC 4585, RFC 5104, draft-alvestrand-rmcat-remb-03).
extension RTCPWriter {
    @discardableResult
    package mutating func pictureLossIndication(_ sources: FeedbackSources) -> Bool {
        begin(RTCPHeader.payloadFeedback, PictureLossIndication.format, sources, entriesSize: 0) != nil
    }

    /// FIR for one stream: its SSRC stands in the entry, so the head says 0 (RFC 5104 section 4.3.1.2).
    @discardableResult
    package mutating func fullIntraRequest(sender: UInt32, _ entry: FullIntraRequest.Entry) -> Bool {
        let sources = FeedbackSources(sender: sender, media: 0)
        guard
            let start = begin(
                RTCPHeader.payloadFeedback, FullIntraRequest.format, sources, entriesSize: FullIntraRequest.entrySize)
        else { return false }
        buffer.storeBigEndian(entry.ssrc, at: start)
        buffer.storeBigEndian(UInt32(entry.sequence) << 24, at: start + 4)
        return true
    }

    /// Generic NACK of as many of `sequences` as fit, from the first on; rising ones, up to 17 within a span of 17,
    /// share an entry.
    /// - Returns: how many were written; 0 if not even one fits, and nothing was written.
    package mutating func genericNack(_ sources: FeedbackSources, _ sequences: UnsafeBufferPointer<UInt16>) -> Int {
        let room = (buffer.count - count - RTCPHeader.size - FeedbackSources.size) / GenericNack.entrySize
        guard room > 0, !sequences.isEmpty else { return 0 }
        // The number of entries stands in the head: they are counted first.
        var entries = 0
        var written = 0
        while entries < room, written < sequences.count {
            written = GenericNack.Entry.pack(sequences, from: written).end
            entries += 1
        }
        let size = entries * GenericNack.entrySize
        guard
            var offset = begin(RTCPHeader.transportFeedback, GenericNack.format, sources, entriesSize: size)
        else { return 0 }
        var index = 0
        while index < written {
            let (entry, end) = GenericNack.Entry.pack(sequences, from: index)
            buffer.storeBigEndian(entry.sequence, at: offset)
            buffer.storeBigEndian(entry.following, at: offset + 2)
            offset += GenericNack.entrySize
            index = end
        }
        return written
    }

    /// TMMBR with one entry.
    @discardableResult
    package mutating func tmmbr(sender: UInt32, _ entry: Tmmbr.Entry) -> Bool {
        temporaryLimit(Tmmbr.format, sender: sender, entry)
    }

    /// TMMBN with one entry: between two members the bounding set (RFC 5104 section 3.5.4.2) is the peer's limit alone.
    @discardableResult
    package mutating func tmmbn(sender: UInt32, _ entry: Tmmbr.Entry) -> Bool {
        temporaryLimit(Tmmbn.format, sender: sender, entry)
    }

    /// REMB about one stream.
    @discardableResult
    package mutating func remb(sender: UInt32, stream: UInt32, _ bitrate: Bitrate) -> Bool {
        let sources = FeedbackSources(sender: sender, media: 0)
        guard let start = begin(RTCPHeader.payloadFeedback, Remb.format, sources, entriesSize: Remb.fixedSize + 4)
        else { return false }
        let (mantissa, exponent) = bitrate.floatingForm(mantissaBits: 18)
        buffer.storeBigEndian(Remb.identifier, at: start)
        buffer.storeBigEndian(1 << 24 | exponent << 18 | mantissa, at: start + 4)
        buffer.storeBigEndian(stream, at: start + 8)
        return true
    }

    private mutating func temporaryLimit(_ format: Int, sender: UInt32, _ entry: Tmmbr.Entry) -> Bool {
        let sources = FeedbackSources(sender: sender, media: 0)
        guard let start = begin(RTCPHeader.transportFeedback, format, sources, entriesSize: Tmmbr.entrySize) else {
            return false
        }
        let (mantissa, exponent) = entry.bitrate.floatingForm(mantissaBits: 17)
        buffer.storeBigEndian(entry.ssrc, at: start)
        let overhead = UInt32(clamping: min(0x1FF, entry.overhead))
        buffer.storeBigEndian(exponent << 26 | mantissa << 9 | overhead, at: start + 4)
        return true
    }

    /// Writes head and sources and gives the offset of the entries; `nil` if the packet does not fit.
    private mutating func begin(
        _ type: UInt8, _ format: Int, _ sources: FeedbackSources, entriesSize: Int
    ) -> Int? {
        guard let start = begin(type, count: format, bodySize: FeedbackSources.size + entriesSize) else { return nil }
        buffer.storeBigEndian(sources.sender, at: start)
        buffer.storeBigEndian(sources.media, at: start + 4)
        return start + FeedbackSources.size
    }
}
