import Media
import RTP
import Testing

@Suite struct StreamSenderTests {
    @Test func `packets are numbered, stamped and counted`() throws {
        var generator = SeededGenerator(seed: 9)
        var sender = StreamSender(ssrc: 7, payloadType: Endpoint.payloadType, using: &generator)
        #expect(sender.state(wallclock: NTPTime(rawValue: 0), at: .zero) == nil)
        let start = sender.sequence
        #expect(start < 0x8000)
        for step in 0..<3 {
            let header = sender.header(
                marker: step == 2, mediaTime: Int64(3000 * step), sampledAt: .milliseconds(33 * step), payloadSize: 100)
            #expect(header.sequence == start &+ UInt16(step))
            #expect(header.timestamp == sender.timestampOffset &+ UInt32(3000 * step))
            #expect(header.marker == (step == 2) && header.ssrc == 7 && header.payloadType == 96)
        }
        let state = try #require(sender.state(wallclock: NTPTime(rawValue: 1), at: .milliseconds(80)))
        #expect(state.packetCount == 3 && state.octetCount == 300)
        #expect(state.rtpTimestamp == sender.timestampOffset &+ 6000)
        #expect(state.timestampInstant == .milliseconds(66) && state.wallclockInstant == .milliseconds(80))
    }

    @Test func `sequence numbers and timestamps wrap`() {
        var generator = SeededGenerator(seed: 9)
        var sender = StreamSender(ssrc: 7, payloadType: Endpoint.payloadType, using: &generator)
        var last = sender.sequence &- 1
        for step in 0..<70_000 {
            let header = sender.header(
                marker: false, mediaTime: Int64(step) << 20, sampledAt: .zero, payloadSize: 1)
            #expect(header.sequence == last &+ 1)
            last = header.sequence
        }
    }

    @Test func `two seeds give two starts`() {
        var one = SeededGenerator(seed: 1)
        var two = SeededGenerator(seed: 2)
        let first = StreamSender(ssrc: 1, payloadType: Endpoint.payloadType, using: &one)
        let second = StreamSender(ssrc: 1, payloadType: Endpoint.payloadType, using: &two)
        #expect(first.sequence != second.sequence && first.timestampOffset != second.timestampOffset)
    }

    @Test func `an ended stream still says what it sent, and refuses to go on`() async {
        var generator = SeededGenerator(seed: 9)
        var sender = StreamSender(ssrc: 7, payloadType: Endpoint.payloadType, using: &generator)
        _ = sender.header(marker: true, mediaTime: 0, sampledAt: .zero, payloadSize: 10)
        #expect(!sender.isEnded)
        sender.end()
        #expect(sender.isEnded && sender.state(wallclock: NTPTime(rawValue: 0), at: .zero)?.packetCount == 1)
        await #expect(processExitsWith: .failure, "RTP after BYE is a bug of ours") {
            var generator = SeededGenerator(seed: 9)
            var sender = StreamSender(ssrc: 7, payloadType: Endpoint.payloadType, using: &generator)
            sender.end()
            _ = sender.header(marker: true, mediaTime: 0, sampledAt: .zero, payloadSize: 10)
        }
    }
}
