import Media

/// A session description (RFC 8866), as far as RTP audio and video need it: read from an endpoint's SDP file, written
/// for a receiver such as ffplay.
package struct SessionDescription: Equatable, Sendable {
    /// `s=`: a name for people; may be empty.
    package var name: String
    /// `c=` of the session: where media is sent to, unless a medium says otherwise.
    package var address: String?
    package var media: [MediaDescription]
    /// `a=group` (RFC 5888).
    package var groups: [MediaGroup]

    /// The most bytes of text.
    package static let maximumSize = 64 * 1024
    package static let maximumMedia = 20
    /// The most bytes of one line.
    package static let maximumLineSize = 4096

    package init(name: String, address: String?, media: [MediaDescription], groups: [MediaGroup] = []) {
        self.name = name
        self.address = address
        self.media = media
        self.groups = groups
    }

    /// The first medium of a kind that is not switched off.
    ///
    /// - Parameter content: by `a=content` (RFC 4796); `nil`: any but slides, which are a second picture.
    package func first(_ kind: MediaDescription.Kind, content: String? = nil) -> MediaDescription? {
        media.first {
            $0.kind == kind && $0.port != 0 && (content == nil ? $0.content != "slides" : $0.content == content)
        }
    }

    /// Where `medium` is sent to: its own `c=`, or the session's.
    package func address(of medium: MediaDescription) -> String? { medium.address ?? address }

    /// Reads a description; lines may end with CR LF or LF. What is not needed here is passed over, what is wrong is
    /// refused.
    package static func parse(_ text: String) throws(SDPError) -> SessionDescription {
        var parser = SDPParser()
        return try parser.parse(text)
    }
}
