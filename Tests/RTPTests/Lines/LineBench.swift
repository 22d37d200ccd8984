import Media
import RTP

/// Packets put into a merger by hand.
struct LineBench: ~Copyable {
    var merger = LineMerger(clockRate: 90_000)

    mutating func receive(
        _ line: Line, ssrc: UInt32 = 0x1111_1111, sequence: Int, timestamp: Int? = nil, at milliseconds: Int
    ) -> LineMerger.Verdict {
        let datagram = TwoLines.packet(
            ssrc: ssrc, sequence: sequence, timestamp: timestamp ?? sequence * 1800, payload: [1, 2, 3])
        return receive(line, datagram, at: milliseconds)
    }

    mutating func receive(_ line: Line, _ datagram: [UInt8], at milliseconds: Int) -> LineMerger.Verdict {
        datagram.withUnsafeBytes { merger.receive($0, on: line, at: .milliseconds(milliseconds)) }
    }

    mutating func events(at milliseconds: Int) -> [LineEvent] {
        var events: [LineEvent] = []
        while let event = merger.next(at: .milliseconds(milliseconds)) { events.append(event) }
        return events
    }
}
