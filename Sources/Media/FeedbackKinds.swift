/// The kinds of RTCP feedback that one medium of a site uses, both ways: what SDP's `a=rtcp-fb` names.
package struct FeedbackKinds: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Generic NACK (RFC 4585 section 6.2.1).
    package static let nack = FeedbackKinds(rawValue: 1)
    /// PLI (RFC 4585 section 6.3.1).
    package static let pli = FeedbackKinds(rawValue: 2)
    /// FIR (RFC 5104 section 4.3.1).
    package static let fir = FeedbackKinds(rawValue: 4)
    /// TMMBR and TMMBN (RFC 5104 section 4.2).
    package static let tmmbr = FeedbackKinds(rawValue: 8)
    /// Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb).
    package static let remb = FeedbackKinds(rawValue: 16)
    /// Transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    package static let transport = FeedbackKinds(rawValue: 32)

    /// What a site gets that says nothing: whoever doesn't know a kind of RTCP passes over it (RFC 3550 section 6.1).
    package static let standard: FeedbackKinds = [.nack, .pli, .fir, .tmmbr, .remb]

    /// The words for flags and files.
    package static let words: [(word: String, kind: FeedbackKinds)] = [
        ("nack", .nack), ("pli", .pli), ("fir", .fir), ("tmmbr", .tmmbr), ("remb", .remb),
        ("transport-cc", .transport),
    ]
}
