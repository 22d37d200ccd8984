import Media
import RTP
import Testing

@Suite struct ReorderBufferTests {
    @Test func packetsInOrderAreNeverHeld() {
        var buffer = ReorderBuffer()
        for sequence in 0..<2000 {
            #expect(insert(Int64(sequence), into: &buffer) == .inOrder)
            #expect(buffer.held == 0)
        }
        #expect(buffer.deadline == .distantFuture)
        #expect(buffer.statistics.lost + buffer.statistics.reordered + buffer.statistics.restarts == 0)
    }

    @Test func aPacketThatFillsTheGapFreesThoseBehindIt() {
        var buffer = ReorderBuffer()
        #expect(insert(10, into: &buffer) == .inOrder)
        #expect(insert(12, into: &buffer, at: 1) == .queued)
        #expect(insert(13, into: &buffer, at: 2) == .queued)
        #expect(drain(&buffer, at: 2) == [])
        #expect(insert(11, into: &buffer, at: 3) == .inOrder)
        #expect(drain(&buffer, at: 3) == ["12", "13"])
        #expect(buffer.statistics.reordered == 1)
        #expect(buffer.statistics.lost == 0)
    }

    @Test func aGapIsGivenUpAWindowAfterTheFirstPacketBehindIt() {
        var buffer = ReorderBuffer(window: .milliseconds(40))
        _ = insert(10, into: &buffer)
        _ = insert(13, into: &buffer, at: 5)
        _ = insert(15, into: &buffer, at: 20)
        #expect(buffer.deadline == .zero + .milliseconds(45))
        #expect(drain(&buffer, at: 44) == [])
        #expect(drain(&buffer, at: 45) == ["lost 11..<13", "13"])
        #expect(buffer.deadline == .zero + .milliseconds(60))
        #expect(drain(&buffer, at: 60) == ["lost 14..<15", "15"])
        #expect(buffer.statistics.lost == 3)
        #expect(insert(12, into: &buffer, at: 61) == .late)
        #expect(insert(15, into: &buffer, at: 61) == .duplicate)
        #expect(insert(16, into: &buffer, at: 61) == .inOrder)
    }

    @Test func duplicatesAreToldFromLatecomers() {
        var buffer = ReorderBuffer()
        _ = insert(1, into: &buffer)
        #expect(insert(1, into: &buffer) == .duplicate)
        #expect(insert(3, into: &buffer) == .queued)
        #expect(insert(3, into: &buffer) == .duplicate)
        #expect(buffer.statistics.duplicate == 2)
        #expect(buffer.statistics.late == 0)
    }

    @Test func aLeapForwardStartsAnew() {
        var buffer = ReorderBuffer(capacity: 64)
        _ = insert(1, into: &buffer)
        _ = insert(3, into: &buffer)
        #expect(insert(1_000_000, into: &buffer) == .restart)
        #expect(buffer.held == 0)
        #expect(insert(1_000_001, into: &buffer) == .inOrder)
        #expect(drain(&buffer, at: 1000) == [])
        #expect(buffer.statistics.restarts == 1)
    }

    @Test func oneStrayFromFarBehindIsLateAndTwoAreANewStream() {
        var buffer = ReorderBuffer(capacity: 64)
        _ = insert(100_000, into: &buffer)
        #expect(insert(5, into: &buffer) == .late)
        #expect(insert(100_001, into: &buffer) == .inOrder)
        #expect(insert(6, into: &buffer) == .late)
        #expect(insert(7, into: &buffer) == .restart)
        #expect(insert(8, into: &buffer) == .inOrder)
    }

    @Test func aTimestampFarBehindAGapStartsAnew() {
        var buffer = ReorderBuffer()
        _ = insert(1, into: &buffer)
        #expect(insert(4, into: &buffer, timestamp: 1 << 40) == .restart)
    }

    @Test func afterAnOverflowTheGapIsWaitedForNoLonger() {
        var buffer = ReorderBuffer(capacity: 16)
        _ = insert(0, into: &buffer)
        for sequence in 2...16 { #expect(insert(Int64(sequence), into: &buffer) == .queued) }
        #expect(insert(17, into: &buffer) == .overflow)
        #expect(drain(&buffer, at: 0).count == 16)
        #expect(buffer.statistics.overflow == 1)
        #expect(buffer.held == 0)
    }

    @Test func aPayloadLargerThanASlotIsNotHeld() {
        var buffer = ReorderBuffer(slotSize: 100)
        _ = insert(0, into: &buffer)
        #expect(insert(2, into: &buffer, payload: [UInt8](repeating: 1, count: 101)) == .oversized)
        #expect(insert(1, into: &buffer, payload: [UInt8](repeating: 1, count: 101)) == .inOrder)
    }

    @Test func heldBytesComeOutAsTheyWentIn() {
        var buffer = ReorderBuffer()
        _ = insert(0, into: &buffer)
        _ = insert(2, into: &buffer, timestamp: 77, payload: [9, 8, 7], marker: true)
        _ = insert(1, into: &buffer)
        guard case .packet(let packet) = buffer.next(at: .zero) else {
            Issue.record("nothing came out")
            return
        }
        #expect([UInt8](packet.payload) == [9, 8, 7])
        #expect(packet.timestamp == 77)
        #expect(packet.marker)
    }

    @Test func aWindowThatChangesHoldsForTheOpenGap() {
        var buffer = ReorderBuffer(window: .milliseconds(40))
        _ = insert(10, into: &buffer)
        _ = insert(12, into: &buffer, at: 5)
        buffer.window = .milliseconds(200)
        #expect(buffer.deadline == .zero + .milliseconds(205))
        #expect(drain(&buffer, at: 204) == [])
        #expect(drain(&buffer, at: 205) == ["lost 11..<12", "12"])
    }

    @Test func gapsThatAreGivenUpHoldNothing() {
        var buffer = ReorderBuffer(window: .milliseconds(400))
        #expect(buffer.nextNew == nil)
        _ = insert(10, into: &buffer)
        #expect(buffer.nextNew == 11)
        for sequence: Int64 in [12, 14, 17] { _ = insert(sequence, into: &buffer, at: 1) }
        #expect(buffer.nextNew == 18)
        buffer.giveUp(before: 15)
        #expect(buffer.deadline == .zero)
        #expect(drain(&buffer, at: 2) == ["lost 11..<12", "12", "lost 13..<14", "14"])
        #expect(buffer.deadline == .zero + .milliseconds(401))
        #expect(insert(15, into: &buffer, at: 3) == .inOrder)
    }

    @Test func aWindowOf400MillisecondsAt20MegabitsIsHeld() {
        var buffer = ReorderBuffer(window: .milliseconds(400))
        _ = insert(0, into: &buffer)
        // 2083 packets of 1200 bytes a second, behind one that is missing.
        var queued = 0
        for index in 0..<833 where insert(Int64(index + 2), into: &buffer, at: index * 1000 / 2083) == .queued {
            queued += 1
        }
        #expect(queued == 833)
        #expect(insert(1, into: &buffer, at: 399) == .inOrder)
        #expect(drain(&buffer, at: 399).count == 833)
    }

    private func insert(
        _ sequence: Int64, into buffer: inout ReorderBuffer, at milliseconds: Int = 0, timestamp: Int64 = 0,
        payload: [UInt8] = [1], marker: Bool = false
    ) -> ReorderBuffer.Insertion {
        let now = Instant.zero + .milliseconds(milliseconds)
        return payload.withUnsafeBytes {
            buffer.insert(
                VideoPacket(
                    codec: .h264, sequence: sequence, timestamp: timestamp, marker: marker, arrival: now, payload: $0),
                at: now)
        }
    }

    private func drain(_ buffer: inout ReorderBuffer, at milliseconds: Int) -> [String] {
        var released: [String] = []
        while let release = buffer.next(at: .zero + .milliseconds(milliseconds)) {
            switch release {
            case .packet(let packet): released.append("\(packet.sequence)")
            case .lost(let range): released.append("lost \(range)")
            }
        }
        return released
    }
}
