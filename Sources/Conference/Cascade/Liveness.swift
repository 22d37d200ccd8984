import Media

/// Whether a link carries anything: by the packets of its picture, or of its sound if it is to send no picture.
struct Liveness: Sendable {
    /// Silence on the line after which a link is dead.
    static let deadAfter = Interval.milliseconds(500)
    /// How long a link must have lived to be trusted again while another stands for it.
    static let trustAfter = Interval.seconds(2)

    private(set) var isDead = false
    /// Since when it has lived without a break, picture and all; `nil`: it doesn't.
    private(set) var liveSince: Instant?
    private var lastPacket: Instant?
    private var hasLeft = false

    var isLive: Bool { liveSince != nil }

    mutating func take(_ health: Health) {
        if let packet = health.lastPacket { self.packet(at: packet) }
        hasLeft = health.hasLeft
    }

    mutating func packet(at now: Instant) { lastPacket = max(lastPacket ?? now, now) }

    /// Brings it up to `now`.
    /// - Parameters:
    ///   - isUsable: its picture is whole, or none is to come.
    ///   - mustSend: it is to send all the time; sound alone may pause until it first came.
    mutating func step(isUsable: Bool, isCut: Bool, mustSend: Bool, at now: Instant) {
        if lastPacket == nil, mustSend { start = start ?? now }
        let last = lastPacket ?? start
        isDead = hasLeft || isCut || (last.map { now - $0 >= Self.deadAfter } ?? false)
        liveSince = isDead || lastPacket == nil || !isUsable ? nil : liveSince ?? now
    }

    /// When it was first asked for before any packet came.
    private var start: Instant?

    /// Whether it has lived long enough to be trusted again.
    func isTrusted(at now: Instant) -> Bool { liveSince.map { now - $0 >= Self.trustAfter } ?? false }
}
