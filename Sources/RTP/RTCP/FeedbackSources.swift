/// The two SSRCs at the head of every feedback message (RFC 4585 section 6.1).
package struct FeedbackSources: Equatable, Sendable {
    /// Who sends the message.
    package var sender: UInt32
    /// The stream it is about; messages whose entries carry an SSRC each have 0 here.
    package var media: UInt32

    package static let size = 8

    package init(sender: UInt32, media: UInt32) {
        self.sender = sender
        self.media = media
    }

    /// `nil` if `body` is too short.
    init?(parsing datagram: UnsafeRawBufferPointer, _ body: Range<Int>) {
        guard body.count >= Self.size else { return nil }
        sender = datagram.bigEndian32(at: body.lowerBound)
        media = datagram.bigEndian32(at: body.lowerBound + 4)
    }
}
