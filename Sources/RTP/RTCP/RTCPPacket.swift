/// One packet of an RTCP compound (RFC 3550 section 6.1), as `RTCPReader` gives it. Parts of variable length are
/// ranges of the datagram it was read from.
package enum RTCPPacket: Equatable, Sendable {
    case senderReport(SenderReport)
    case receiverReport(ReceiverReport)
    case sourceDescription(SourceDescription)
    case goodbye(Goodbye)
    case application(ApplicationPacket)
    case pictureLossIndication(PictureLossIndication)
    case fullIntraRequest(FullIntraRequest)
    case genericNack(GenericNack)
    case remb(Remb)
    case tmmbr(Tmmbr)
    case tmmbn(Tmmbn)
    /// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1): what is behind the two
    /// SSRCs, for whoever counts transport-wide to read.
    case transportFeedback(FeedbackSources, content: Range<Int>)
    /// A well-framed packet of a kind that nobody here acts on (XR, …).
    case other(type: UInt8, body: Range<Int>)
}

/// The four bytes in front of every RTCP packet (RFC 3550 section 6.4.1, RFC 4585 section 6.1).
package struct RTCPHeader: Equatable, Sendable {
    /// The five bits behind version and padding: a count of reports or sources, or the feedback message type.
    package var count: Int
    package var type: UInt8

    package static let size = 4

    /// The packet types of RFC 3550 section 12.1 and RFC 4585 section 6.1.
    package static let senderReport: UInt8 = 200
    package static let receiverReport: UInt8 = 201
    package static let sourceDescription: UInt8 = 202
    package static let goodbye: UInt8 = 203
    package static let application: UInt8 = 204
    package static let transportFeedback: UInt8 = 205
    package static let payloadFeedback: UInt8 = 206

    /// The feedback message type of transport-wide feedback, for transport-layer feedback.
    static let transportWideFormat = 15

    /// Whether `datagram`, come in on a port that RTP and RTCP may share, is RTCP (RFC 5761 section 4).
    package static func isRTCP(_ datagram: UnsafeRawBufferPointer) -> Bool {
        datagram.count >= 2 && (192...223).contains(datagram[1])
    }
}
