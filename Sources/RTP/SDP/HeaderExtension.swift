/// An RTP header extension that a medium offers: `a=extmap` (RFC 8285 section 5).
package struct HeaderExtension: Hashable, Sendable {
    /// What stands in the packets: 1 to 14 in one-byte headers, to 255 in two-byte ones. An offer may park others above.
    package var id: Int
    /// What it means. Compared as it stands, case included (RFC 3986 section 6.2.1).
    package var uri: String
    /// `nil` if it was not said, which means the medium's own.
    package var direction: MediaDescription.Direction?

    package init(id: Int, uri: String, direction: MediaDescription.Direction? = nil) {
        self.id = id
        self.uri = uri
        self.direction = direction
    }

    /// Transport-wide sequence numbers (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 2).
    package static let transportSequence =
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

    /// The audio levels of contributing sources (RFC 6465 section 5).
    package static let contributorLevels = "urn:ietf:params:rtp-hdrext:csrc-audio-level"

    /// The ids of one-byte headers, the only ones we send.
    package static let sendable = 1...14
}
