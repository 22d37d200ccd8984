import Media

/// One line of the relay: its two directions, and what is said of it.
struct DuplexLine {
    /// From the routes' senders to their targets, or for the answers.
    enum Direction: Int, CaseIterable {
        case there
        case back
    }

    let name: String
    private var settings = DuplexSettings()
    private var networks: [VirtualNetwork]

    init(name: String, seed: UInt64) {
        self.name = name
        // Two draws of one generator would be the same line twice.
        networks = [
            VirtualNetwork(seed: seed, line: LineSettings().line),
            VirtualNetwork(seed: seed ^ 0x5851_F42D_4C95_7F2D, line: LineSettings().line),
        ]
    }

    subscript(direction: Direction) -> VirtualNetwork {
        get { networks[direction.rawValue] }
        _modify { yield &networks[direction.rawValue] }
    }

    mutating func set(_ key: Substring, _ value: Substring) throws(ImpairmentError) {
        try settings.set(key, value)
        networks[0].line = settings.there.line
        networks[1].line = settings.back.line
    }

    mutating func stall(for interval: Interval, _ kind: VirtualNetwork.StallKind, at now: Instant) {
        for index in networks.indices { networks[index].stall(for: interval, kind, at: now) }
    }

    var isCut: Bool {
        get { networks[0].isCut }
        set { for index in networks.indices { networks[index].isCut = newValue } }
    }

    var nextArrival: Instant { networks.compactMap(\.nextArrival).min() ?? .distantFuture }
}
