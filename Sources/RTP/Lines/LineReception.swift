/// What one line brought of one stream, as if there were no other: the losses of RFC 3550 appendix A.3.
struct LineReception {
    /// The newest packet that came by this line; `nil` before the first one.
    private(set) var newest: StreamPosition?
    /// The first sequence number since the stream's last start.
    private var base: Int64 = 0
    /// Packets since then, each counted once.
    private var received: Int64 = 0
    /// Losses before it.
    private var lostBefore = 0

    /// Packets that did not come by this line, up to the newest that did. After an outage its packets are among them.
    var lost: Int {
        guard let newest else { return lostBefore }
        return lostBefore + Int(max(0, newest.sequence - base + 1 - received))
    }

    /// Takes note of a packet.
    /// - Parameters:
    ///   - start: what lies below belongs to the stream before its last start.
    ///   - isRepeated: the line brought it before.
    mutating func note(_ position: StreamPosition, start: Int64, isRepeated: Bool) {
        guard let newest, newest.sequence >= start || position.sequence < start else {
            lostBefore = lost
            self.newest = position
            base = position.sequence
            received = 1
            return
        }
        // From before the line's first packet, or the stream's last start: it was not expected.
        guard position.sequence >= base else { return }
        if !isRepeated { received += 1 }
        if position.sequence > newest.sequence { self.newest = position }
    }
}
