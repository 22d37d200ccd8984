/// Walks the packets of one RTCP datagram without copying a byte. Compound order is not asked for: reduced-size
/// RTCP (RFC 5506) may begin with any packet. It stops at the first packet that does not fit.
package struct RTCPReader {
    private let datagram: UnsafeRawBufferPointer
    private var offset = 0
    /// Whether the walk ended at a packet with a wrong version, length or body. The packets before it stand.
    package private(set) var isMalformed: Bool

    /// - Parameter datagram: borrowed; it must live as long as this reader.
    package init(_ datagram: UnsafeRawBufferPointer) {
        self.datagram = datagram
        isMalformed = datagram.isEmpty
    }

    /// The next packet; `nil` at the end, or when what follows is malformed.
    package mutating func next() -> RTCPPacket? {
        guard !isMalformed, offset < datagram.count else { return nil }
        guard let (header, body) = readHeader(), let packet = parse(header, body) else {
            isMalformed = true
            return nil
        }
        return packet
    }

    /// Checks version, length and padding, and moves behind the packet.
    private mutating func readHeader() -> (RTCPHeader, body: Range<Int>)? {
        guard datagram.count - offset >= RTCPHeader.size, datagram[offset] >> 6 == 2 else { return nil }
        let end = offset + 4 * (Int(datagram.bigEndian16(at: offset + 2)) + 1)
        guard end <= datagram.count else { return nil }
        var bodyEnd = end
        if datagram[offset] & 0x20 != 0 {
            // Padding is a multiple of four, counts itself, and stands in the last packet only (section 6.4.1). libwebrtc fills
            // transport-wide feedback up to a word by one to three bytes of it.
            let padding = Int(datagram[end - 1])
            let isWhole = padding > 0 && (padding % 4 == 0 || isTransportWide)
            guard end == datagram.count, isWhole, padding <= end - offset - RTCPHeader.size else { return nil }
            bodyEnd -= padding
        }
        let header = RTCPHeader(count: Int(datagram[offset] & 0x1F), type: datagram[offset + 1])
        let body = offset + RTCPHeader.size..<bodyEnd
        offset = end
        return (header, body)
    }

    /// Whether the packet at `offset` is transport-wide feedback.
    private var isTransportWide: Bool {
        datagram[offset + 1] == RTCPHeader.transportFeedback
            && Int(datagram[offset] & 0x1F) == RTCPHeader.transportWideFormat
    }

    private func parse(_ header: RTCPHeader, _ body: Range<Int>) -> RTCPPacket? {
        switch header.type {
        case RTCPHeader.senderReport:
            SenderReport(parsing: datagram, body, count: header.count).map(RTCPPacket.senderReport)
        case RTCPHeader.receiverReport:
            ReceiverReport(parsing: datagram, body, count: header.count).map(RTCPPacket.receiverReport)
        case RTCPHeader.sourceDescription:
            SourceDescription(parsing: datagram, body, count: header.count).map(RTCPPacket.sourceDescription)
        case RTCPHeader.goodbye:
            Goodbye(parsing: datagram, body, count: header.count).map(RTCPPacket.goodbye)
        case RTCPHeader.application:
            ApplicationPacket(parsing: datagram, body, subtype: header.count).map(RTCPPacket.application)
        case RTCPHeader.transportFeedback, RTCPHeader.payloadFeedback:
            parseFeedback(header, body)
        default:
            .other(type: header.type, body: body)
        }
    }

    private func parseFeedback(_ header: RTCPHeader, _ body: Range<Int>) -> RTCPPacket? {
        guard let feedback = FeedbackSources(parsing: datagram, body) else { return nil }
        let entries = body.lowerBound + FeedbackSources.size..<body.upperBound
        switch (header.type, header.count) {
        case (RTCPHeader.transportFeedback, GenericNack.format):
            return GenericNack(feedback, entries).map(RTCPPacket.genericNack)
        case (RTCPHeader.transportFeedback, Tmmbr.format):
            return Tmmbr(feedback, entries).map(RTCPPacket.tmmbr)
        case (RTCPHeader.transportFeedback, Tmmbn.format):
            return Tmmbn(feedback, entries).map(RTCPPacket.tmmbn)
        case (RTCPHeader.transportFeedback, RTCPHeader.transportWideFormat):
            return .transportFeedback(feedback, content: entries)
        case (RTCPHeader.payloadFeedback, PictureLossIndication.format):
            return .pictureLossIndication(PictureLossIndication(sources: feedback))
        case (RTCPHeader.payloadFeedback, FullIntraRequest.format):
            return FullIntraRequest(feedback, entries).map(RTCPPacket.fullIntraRequest)
        case (RTCPHeader.payloadFeedback, Remb.format):
            // "Application layer feedback" is anybody's: what does not say REMB is somebody else's, not malformed.
            return Remb(parsing: datagram, feedback, entries).map(RTCPPacket.remb)
                ?? .other(type: header.type, body: body)
        default:
            return .other(type: header.type, body: body)
        }
    }
}
