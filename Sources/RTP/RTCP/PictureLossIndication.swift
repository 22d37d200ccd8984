/// PLI (RFC 4585 section 6.3.1): the receiver lost pictures and asks for a way back in, in practice a keyframe.
package struct PictureLossIndication: Equatable, Sendable {
    package var sources: FeedbackSources

    /// The feedback message type, for payload-specific feedback.
    package static let format = 1

    package init(sources: FeedbackSources) { self.sources = sources }
}
