import Media
import RTP
import Testing

@Suite struct PacketHistoryTests {
    private func header(_ sequence: UInt16) -> RTPHeader {
        RTPHeader(payloadType: 96, marker: true, sequence: sequence, timestamp: 77, ssrc: 1)
    }

    private func append(_ sequence: UInt16, to history: inout PacketHistory) -> Bool {
        withUnsafeBytes(of: sequence) { history.append(header(sequence), payload: $0, isKeyframe: false, at: .zero) }
    }

    @Test func `the newest packets are found across the wrap, the others are forgotten`() {
        var history = PacketHistory(capacity: 16, slotSize: PacketHistory.headroom + 40)
        var sequence: UInt16 = 65_520
        for _ in 0..<40 {
            let isHeld = append(sequence, to: &history)
            #expect(isHeld)
            let sent = history.sendFront(ssrc: 1, transportSequence: nil, at: .milliseconds(1)).map { Array($0.packet) }
            let parsed = sent?.withUnsafeBytes { RTPHeader(parsing: $0) }
            #expect(parsed?.sequence == sequence && parsed?.timestamp == 77 && parsed?.marker == true)
            sequence &+= 1
        }
        for age in 1...60 as ClosedRange<UInt16> {
            let wanted = sequence &- age
            let entry = history.entry(wanted)
            #expect((entry != nil) == (age <= 16))
            guard entry != nil else { continue }
            #expect(entry?.sequence == wanted && entry?.sentAt == .milliseconds(1))
            let packet = history.packet(wanted, ssrc: 1, transportSequence: nil).map { Array($0) }
            #expect(packet?.suffix(2) == withUnsafeBytes(of: wanted) { Array($0) }.suffix(2))
        }
        let future = history.entry(sequence)
        #expect(future == nil)
    }

    @Test func `what waits is never overwritten`() {
        var history = PacketHistory(capacity: 4, slotSize: PacketHistory.headroom + 40)
        for sequence in 0..<4 as Range<UInt16> { _ = append(sequence, to: &history) }
        let refused = append(4, to: &history)
        #expect(!refused)
        let first = history.sendFront(ssrc: 1, transportSequence: nil, at: .zero)?.entry.sequence
        #expect(first == 0)
        let taken = append(4, to: &history)
        let (waiting, next) = (history.waiting, history.front?.sequence)
        #expect(taken && waiting == 4 && next == 1)
    }

    @Test func `a payload larger than a slot is refused`() {
        var history = PacketHistory(capacity: 4, slotSize: PacketHistory.headroom + 40)
        let largest = history.largestPayload
        let held = [largest, largest + 1].map { size in
            [UInt8](repeating: 1, count: size).withUnsafeBytes {
                history.append(header(size == largest ? 9 : 10), payload: $0, isKeyframe: false, at: .zero)
            }
        }
        #expect(held == [true, false])
    }

    @Test func `an empty history holds nothing`() {
        var history = PacketHistory(capacity: 4, slotSize: PacketHistory.headroom + 40)
        let nothing = history.entry(0) == nil && history.front == nil
        #expect(nothing)
        _ = append(5, to: &history)
        history.removeAll()
        let forgotten = history.entry(5) == nil && history.front == nil && history.waiting == 0
        #expect(forgotten)
        let isHeld = append(900, to: &history)
        #expect(isHeld, "another stream begins anywhere")
    }
}
