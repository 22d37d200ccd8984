import Media

/// A line as its keys say it, one way.
package struct LineSettings {
    private var base = VirtualNetwork.Line(latency: .zero)
    private var loss = 0.0
    /// In datagrams; up to 1: each is lost or not by itself.
    private var meanBurst = 0.0

    package init() {}

    /// What every key means.
    package static let help = """
        loss=0.1|10%      the share of datagrams lost, one by one
        burst=3           lost in bursts of so many on average (Gilbert's model)
        delay=20ms        each datagram's, one way; a number alone is in ms everywhere
        jitter=30ms       up to so much more
        spread=uniform    how the jitter falls: uniform, or bursty as behind other traffic
        order=kept|free   whether jitter lets datagrams overtake each other
        reorder=0.01      the share held back by reorder-delay=10ms
        duplicate=0.01    the share that comes twice
        rate=800k         a bottleneck, with room for queue=200ms in front of it
        """

    /// The line, for `VirtualNetwork`.
    package var line: VirtualNetwork.Line {
        var line = base
        line.loss = meanBurst > 1 ? 0 : loss
        line.burst = VirtualNetwork.Line.gilbert(loss: meanBurst > 1 ? loss : 0, meanBurst: meanBurst)
        return line
    }

    /// Changes what one key says.
    /// - Throws: `ImpairmentError` if the key is unknown or the value not one of its kind.
    package mutating func set(_ key: Substring, _ value: Substring) throws(ImpairmentError) {
        switch key {
        case "loss": loss = try Self.share(key, value)
        case "burst":
            guard let count = Double(value), (0...10_000).contains(count) else { throw Self.refusal(key, value) }
            meanBurst = count
        case "delay": base.latency = try Self.interval(key, value)
        case "jitter": base.jitter = try Self.interval(key, value)
        case "spread":
            guard let spread = VirtualNetwork.Line.Spread(rawValue: String(value)) else {
                throw Self.refusal(key, value)
            }
            base.spread = spread
        case "order":
            guard value == "kept" || value == "free" else { throw Self.refusal(key, value) }
            base.keepsOrder = value == "kept"
        case "reorder": base.reordering = try Self.share(key, value)
        case "reorder-delay": base.reorderDelay = try Self.interval(key, value)
        case "duplicate": base.duplication = try Self.share(key, value)
        case "rate":
            let rate = Bitrate(String(value))
            guard rate != nil || value == "none" else { throw Self.refusal(key, value) }
            base.rate = rate
        case "queue": base.queueLimit = try Self.interval(key, value)
        default: throw ImpairmentError(description: "\(key): unknown key")
        }
    }

    /// Reads `20ms`, `5s` or `20`, which is in milliseconds; up to an hour.
    package static func interval(_ text: some StringProtocol) -> Interval? {
        let isSeconds = text.hasSuffix("s") && !text.hasSuffix("ms")
        let digits = text.hasSuffix("ms") ? text.dropLast(2) : isSeconds ? text.dropLast() : text[...]
        guard let value = Double(digits) else { return nil }
        let milliseconds = value * (isSeconds ? 1000 : 1)
        guard (0...3_600_000).contains(milliseconds) else { return nil }
        return Interval(nanoseconds: Int64(milliseconds * 1e6))
    }

    private static func interval(_ key: Substring, _ value: Substring) throws(ImpairmentError) -> Interval {
        guard let interval = interval(value) else { throw refusal(key, value) }
        return interval
    }

    private static func share(_ key: Substring, _ value: Substring) throws(ImpairmentError) -> Double {
        let isPercent = value.hasSuffix("%")
        guard let number = Double(isPercent ? value.dropLast() : value) else { throw refusal(key, value) }
        let share = isPercent ? number / 100 : number
        guard (0...1).contains(share) else { throw refusal(key, value) }
        return share
    }

    private static func refusal(_ key: Substring, _ value: Substring) -> ImpairmentError {
        ImpairmentError(description: "\(key)=\(value): not a value of it")
    }
}

/// Both ways of one line, as its keys say them: `there` from the route's sender to its target, `back` for the answers.
package struct DuplexSettings {
    package private(set) var there = LineSettings()
    package private(set) var back = LineSettings()

    package init() {}

    /// Changes what one key says: both ways, or one if it begins with `there-` or `back-`.
    package mutating func set(_ key: Substring, _ value: Substring) throws(ImpairmentError) {
        if key.hasPrefix("back-") {
            try back.set(key.dropFirst(5), value)
        } else if key.hasPrefix("there-") {
            try there.set(key.dropFirst(6), value)
        } else {
            try there.set(key, value)
            try back.set(key, value)
        }
    }

    /// Splits `loss=0.1,delay=20`.
    package static func pairs(
        _ text: some StringProtocol
    ) throws(ImpairmentError) -> [(key: Substring, value: Substring)] {
        var pairs: [(key: Substring, value: Substring)] = []
        for word in Substring(text).split(separator: ",") {
            guard let sign = word.firstIndex(of: "=") else {
                throw ImpairmentError(description: "\(word): expected KEY=VALUE")
            }
            pairs.append((word[..<sign], word[word.index(after: sign)...]))
        }
        return pairs
    }
}
