import Media
import RTP

/// The packets of one site that were not taken, by cause.
struct Drops: Equatable, Sendable {
    /// From a host that isn't the site's.
    var source = 0
    /// Not SRTP of the site's key: forged, damaged, or plain.
    var unauthenticated = 0
    /// SRTP that came before.
    var replayed = 0
    /// Neither RTP nor RTCP, or one that does not hold together.
    var malformed = 0
    /// A payload type that was not agreed on.
    var payloadType = 0
    /// A second stream beside the first, or one not yet proven; our own come back.
    var ssrc = 0
    /// The socket's buffer was full: our loss, not the line's.
    var kernel = 0
    /// Sizes that no picture here may have.
    var refusedPictures = 0

    mutating func add(_ statistics: SRTPStatistics) {
        unauthenticated += statistics.authenticationFailed + statistics.malformed + statistics.refused
        replayed += statistics.replayed
    }

    mutating func add(_ session: RTPSession.Statistics) {
        malformed += session.malformed + session.wrongVersion
        payloadType += session.wrongPayloadType
        ssrc += session.sourceDrops + session.ownSSRC
    }

    /// By the words of `/stats`.
    var words: [(word: String, count: Int)] {
        [
            ("source", source), ("unauthenticated", unauthenticated), ("replayed", replayed), ("malformed", malformed),
            ("payload_type", payloadType), ("ssrc", ssrc), ("kernel", kernel), ("picture_size", refusedPictures),
        ]
    }

    static func + (a: Drops, b: Drops) -> Drops {
        Drops(
            source: a.source + b.source, unauthenticated: a.unauthenticated + b.unauthenticated,
            replayed: a.replayed + b.replayed, malformed: a.malformed + b.malformed,
            payloadType: a.payloadType + b.payloadType, ssrc: a.ssrc + b.ssrc, kernel: a.kernel + b.kernel,
            refusedPictures: a.refusedPictures + b.refusedPictures)
    }
}

/// Tells the log what was dropped: once in an interval, however much it was.
struct DropLog {
    private var told = Drops()
    private var last: Instant?

    private static let interval = Interval.seconds(10)

    /// What to write: the causes that rose since the last time, with how much; `nil`: nothing, or not yet.
    mutating func update(_ drops: Drops, at now: Instant) -> [(word: String, count: Int)]? {
        guard drops != told, last.map({ now - $0 >= Self.interval }) ?? true else { return nil }
        let rise = zip(drops.words, told.words).compactMap { new, old in
            new.count > old.count ? (word: new.word, count: new.count - old.count) : nil
        }
        told = drops
        last = now
        return rise.isEmpty ? nil : rise
    }
}
