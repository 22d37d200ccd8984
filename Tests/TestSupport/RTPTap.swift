import Synchronization

/// A tap in a line: it listens where packets are sent to, keeps them, and hands them on to where they were meant to
/// go, through a filter that a test may change at any time.
package final class RTPTap: Sendable {
    /// What becomes of a packet: other bytes, or `nil` if it is lost.
    package typealias Filter = @Sendable ([UInt8]) -> [UInt8]?

    private let inside: LoopbackSocket
    private let line: Line

    /// What the tap shares with its reading thread.
    private final class Line: Sendable {
        let filter = Mutex<Filter?>(nil)
        let outside: LoopbackSocket

        init(_ outside: LoopbackSocket) { self.outside = outside }
    }

    /// - Parameters:
    ///   - port: where packets come in; 0 for any free one.
    ///   - destination: the port they go on to.
    package init(port: Int = 0, destination: Int) throws(LoopbackSocket.BindError) {
        let line = Line(try LoopbackSocket())
        self.line = line
        inside = try LoopbackSocket(port: port) { datagram in
            let filter = line.filter.withLock { $0 }
            guard let bytes = filter.map({ $0(datagram.bytes) }) ?? datagram.bytes else { return }
            line.outside.send(bytes, to: destination)
        }
    }

    /// Where packets come in.
    package var port: Int { inside.port }

    /// All that came in so far, as it came.
    package var datagrams: [LoopbackSocket.Datagram] { inside.datagrams }

    /// From now on every packet goes through `filter`; `nil`: as it is.
    package func setFilter(_ filter: Filter?) { line.filter.withLock { $0 = filter } }

    /// Sends bytes of the test's own down the line, from the address the packets go out with.
    package func inject(_ bytes: [UInt8], to port: Int) { line.outside.send(bytes, to: port) }
}
