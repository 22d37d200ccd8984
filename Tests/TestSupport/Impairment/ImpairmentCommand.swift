import Media

/// What the relay is told while it runs. NAME is a line, a route (then its line), or `*` for all.
package struct ImpairmentCommand: Sendable {
    package enum Deed: Sendable {
        /// `set NAME KEY=VALUE,…`
        case set(String)
        /// `stall NAME 5s [lost]`
        case stall(Interval, VirtualNetwork.StallKind)
        /// `garbage NAME 2000/s 10s`: datagrams a second, at the route's target, past its line.
        case garbage(rate: Int, length: Interval)
        /// `kill NAME`: nothing passes any more, either way.
        case kill
        /// `revive NAME`
        case revive
    }

    package var name: String
    package var deed: Deed

    /// What can be said.
    package static let help = """
        set NAME KEY=VALUE,…         changes the line; back-KEY or there-KEY one way of it
        stall NAME 5s [lost]         nothing passes for so long, then all at once, or it is lost
        garbage NAME 2000/s 10s      floods the target with hostile datagrams from the route's own address
        kill NAME | revive NAME      the line is cut | whole again
        """

    package static let maximalGarbageRate = 100_000

    package init(_ text: some StringProtocol) throws(ImpairmentError) {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count >= 2 else { throw Self.refusal(text) }
        name = String(words[1])
        switch (words[0], words.count) {
        case ("set", 3):
            var probe = DuplexSettings()
            for (key, value) in try DuplexSettings.pairs(words[2]) { try probe.set(key, value) }
            deed = .set(String(words[2]))
        case ("stall", 3...4):
            guard let length = LineSettings.interval(words[2]), words.count == 3 || words[3] == "lost" else {
                throw Self.refusal(text)
            }
            deed = .stall(length, words.count == 4 ? .lost : .held)
        case ("garbage", 4):
            guard words[2].hasSuffix("/s"), let rate = Int(words[2].dropLast(2)),
                (1...Self.maximalGarbageRate).contains(rate), let length = LineSettings.interval(words[3])
            else { throw Self.refusal(text) }
            deed = .garbage(rate: rate, length: length)
        case ("kill", 2): deed = .kill
        case ("revive", 2): deed = .revive
        default: throw Self.refusal(text)
        }
    }

    private static func refusal(_ text: some StringProtocol) -> ImpairmentError {
        ImpairmentError(description: "\(text): expected one of\n\(help)")
    }
}

/// Commands with the times they are due, since the relay's start.
package struct ImpairmentScript: Sendable {
    package struct Entry: Sendable {
        package var time: Interval
        package var command: ImpairmentCommand
        /// As it was written.
        package var text: String
    }

    /// By time; those of one time in the order written.
    package private(set) var entries: [Entry] = []

    /// An empty one.
    package init() {}

    /// Reads lines such as `10.0 stall gia-binh 5s`, times in seconds; `#` begins a remark.
    package init(_ text: String) throws(ImpairmentError) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.prefix { $0 != "#" }.drop { $0.isWhitespace }
            guard !words.isEmpty else { continue }
            let time = words.prefix { !$0.isWhitespace }
            guard let seconds = Double(time), (0...86_400).contains(seconds) else {
                throw ImpairmentError(description: "\(line): expected a time in seconds first")
            }
            let command = String(words.dropFirst(time.count).drop { $0.isWhitespace })
            entries.append(
                Entry(
                    time: Interval(nanoseconds: Int64(seconds * 1e9)), command: try ImpairmentCommand(command),
                    text: command))
        }
        let inOrder = entries.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        entries = inOrder.map(\.element)
    }
}
