/// One route of the relay as its user writes it: what comes to `listen` goes to `target`, and the answers back.
package struct RouteSpecification {
    package var name: String
    /// The line it runs over; routes of one line share its rate, its bursts and its stalls.
    package var line: String
    package var listen: SocketAddress
    package var target: SocketAddress
    /// Where the target sees us come from, and answers to; any free port of `listen`'s host unless told.
    package var source: SocketAddress?
    /// Where answers go; the last sender unless told.
    package var back: SocketAddress?
    /// Gets a copy of what comes in, before anything happens to it.
    package var tap: SocketAddress?
    package var seed: UInt64
    /// The keys of its line, in the order given.
    package var settings: [(key: Substring, value: Substring)] = []

    /// What a route looks like.
    package static let help = """
        LISTEN=TARGET[,KEY=VALUE…], both HOST:PORT
        name=ID           to speak of it; LISTEN's port unless told
        line=ID           routes of one line share its rate, bursts and stalls; name unless told
        source=HOST:PORT  where the target sees us come from
        back=HOST:PORT    where its answers go; the last sender unless told
        tap=HOST:PORT     gets a copy of what comes in, as it comes
        seed=7            of its line
        """

    /// Reads `127.0.0.1:6006=127.0.0.1:5006,loss=0.1,name=gia-binh-video`.
    package init(_ text: String) throws(ImpairmentError) {
        let ends = text.prefix { $0 != "," }
        let addresses = ends.split(separator: "=").map { SocketAddress($0) }
        guard addresses.count == 2, let listen = addresses[0], let target = addresses[1] else {
            throw ImpairmentError(description: "\(ends): expected HOST:PORT=HOST:PORT, in numbers")
        }
        self.listen = listen
        self.target = target
        name = "\(listen.port)"
        line = ""
        seed = UInt64(listen.port)
        var probe = DuplexSettings()
        for (key, value) in try DuplexSettings.pairs(text.dropFirst(ends.count)) {
            switch key {
            case "name": name = try Self.word(key, value)
            case "line": line = try Self.word(key, value)
            case "source": source = try Self.address(key, value)
            case "back": back = try Self.address(key, value)
            case "tap": tap = try Self.address(key, value)
            case "seed":
                guard let number = UInt64(value) else { throw ImpairmentError(description: "seed=\(value): no number") }
                seed = number
            default:
                try probe.set(key, value)
                settings.append((key, value))
            }
        }
        if line.isEmpty { line = name }
    }

    private static func word(_ key: Substring, _ value: Substring) throws(ImpairmentError) -> String {
        guard !value.isEmpty, value != "*", !value.contains(where: \.isWhitespace) else {
            throw ImpairmentError(description: "\(key)=\(value): expected a word")
        }
        return String(value)
    }

    private static func address(_ key: Substring, _ value: Substring) throws(ImpairmentError) -> SocketAddress {
        guard let address = SocketAddress(value) else {
            throw ImpairmentError(description: "\(key)=\(value): expected HOST:PORT, in numbers")
        }
        return address
    }
}
