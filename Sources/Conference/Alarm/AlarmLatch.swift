import Media

/// On when something has held for a while, off when it has not for another: what keeps an alarm from flickering.
struct AlarmLatch: Hashable, Sendable {
    private(set) var isOn = false
    /// Since when it holds; `nil`: it doesn't, now.
    private(set) var heldSince: Instant?
    private var goneSince: Instant?

    /// - Parameters:
    ///   - raiseAfter: how long it must hold to go on.
    ///   - clearAfter: how long it must not hold to go off.
    mutating func update(holds: Bool, at now: Instant, raiseAfter: Interval, clearAfter: Interval) {
        if holds {
            goneSince = nil
            let since = heldSince ?? now
            heldSince = since
            if now - since >= raiseAfter { isOn = true }
        } else {
            heldSince = nil
            let since = goneSince ?? now
            goneSince = since
            if now - since >= clearAfter { isOn = false }
        }
    }

    /// Whether there is nothing to remember.
    var isIdle: Bool { !isOn && heldSince == nil }
}
