import Media
import RTP
import Testing

/// Which packets a session takes, and from whom.
@Suite struct SourceTests {
    @Test func `the first source starts with its first packet`() {
        let endpoint = Endpoint()
        #expect(endpoint.receive(sequence: 500, timestamp: 9000).sequence == 66_036)
        #expect(endpoint.events(at: 0) == [.streamChanged(0x1111_1111)])
        #expect(endpoint.statistics.packets == 1 && endpoint.statistics.bytes == 4)
    }

    @Test func `sequence and timestamp run on across their wraps`() throws {
        let endpoint = Endpoint()
        let first = endpoint.receive(sequence: 65_530, timestamp: 0xFFFF_F000)
        let (sequence, timestamp) = (try #require(first.sequence), try #require(first.timestamp))
        for step in 1...20 {
            let next = endpoint.receive(
                sequence: 65_530 + step, timestamp: 0xFFFF_F000 + 3000 * step, at: 33 * step)
            #expect(next.sequence == sequence + Int64(step))
            #expect(next.timestamp == timestamp + Int64(3000 * step))
        }
        #expect(endpoint.statistics.lost == 0)
    }

    /// Each packet's timestamp is ahead of the one before by the most there is.
    @Test(arguments: [0x7FFF_FFFF, 0x8000_0001]) func `timestamps that are pushed on and on begin anew`(step: Int) {
        let endpoint = Endpoint()
        var furthest: Int64 = 0
        for count in 0..<200_000 {
            let packet = endpoint.receive(sequence: count, timestamp: count &* step, at: count)
            furthest = max(furthest, abs(packet.timestamp ?? 0))
        }
        #expect(furthest < 1 << 47)
        #expect(endpoint.statistics.streamChanges == 1 + 3 && endpoint.statistics.packets == 200_000)
    }

    @Test func `a packet from before the first has a positive number`() {
        let endpoint = Endpoint()
        #expect(endpoint.receive(sequence: 0, timestamp: 10).sequence == 65_536)
        let earlier = endpoint.receive(sequence: 65_535, timestamp: 0)
        #expect(earlier.sequence == 65_535)
        #expect(endpoint.statistics.reordered == 1)
    }

    @Test func `duplicates are dropped, reordered packets are taken`() {
        let endpoint = Endpoint()
        for sequence in [10, 11, 13, 12] { #expect(endpoint.receive(sequence: sequence).sequence != nil) }
        for sequence in 10...13 { #expect(endpoint.receive(sequence: sequence) == .dropped(.duplicate)) }
        #expect(endpoint.statistics.duplicate == 4)
        #expect(endpoint.statistics.reordered == 1)
        #expect(endpoint.statistics.lost == 0)
    }

    @Test func `a jump is taken when its successor proves it, and starts the stream anew`() throws {
        let endpoint = Endpoint()
        _ = endpoint.receive(sequence: 100)
        _ = endpoint.events(at: 0)
        #expect(endpoint.receive(sequence: 40_000) == .dropped(.probation))
        #expect(endpoint.receive(sequence: 101).sequence != nil, "a stray packet changes nothing")
        #expect(endpoint.events(at: 0) == [])
        #expect(endpoint.receive(sequence: 40_000) == .dropped(.probation))
        let restarted = endpoint.receive(sequence: 40_001)
        #expect(try #require(restarted.sequence) > 65_536 + 101 + 32_768)
        #expect(endpoint.events(at: 0) == [.streamChanged(0x1111_1111)])
        #expect(endpoint.statistics.lost == 0)
    }

    @Test func `the longest dropout is loss, one more is a jump`() {
        let endpoint = Endpoint()
        _ = endpoint.receive(sequence: 0)
        #expect(endpoint.receive(sequence: 2999).sequence != nil)
        #expect(endpoint.statistics.lost == 2998)
        #expect(endpoint.receive(sequence: 2999 + 3000) == .dropped(.probation))
    }

    @Test func `late repairs in a row are no restart`() {
        let endpoint = Endpoint()
        for step in 0..<1000 where !(100...102).contains(step) {
            _ = endpoint.receive(sequence: 1000 + step, timestamp: step / 10 * 1500)
        }
        _ = endpoint.events(at: 0)
        for sequence in [1100, 1101, 1102] {
            let repair = endpoint.receive(sequence: sequence, timestamp: (sequence - 1000) / 10 * 1500)
            #expect(repair.sequence == Int64(65_536 + sequence))
        }
        #expect(endpoint.statistics.late == 3 && endpoint.statistics.lost == 0)
        #expect(endpoint.events(at: 0) == [])
        for sequence in 1100...1102 {
            let again = endpoint.receive(sequence: sequence, timestamp: (sequence - 1000) / 10 * 1500)
            #expect(again == .dropped(.duplicate))
        }
    }

    @Test func `a second live source is kept out however well it behaves`() {
        let endpoint = Endpoint()
        for step in 0..<50 {
            #expect(endpoint.receive(ssrc: 1, sequence: step, at: 20 * step).sequence != nil)
            let stranger = endpoint.receive(ssrc: 2, sequence: step, at: 20 * step)
            #expect(stranger == .dropped(step == 0 ? .probation : .sourceLimit))
        }
        #expect(endpoint.remoteSSRC == 1)
        #expect(endpoint.statistics.sourceDrops == 50)
    }

    @Test func `a new source takes over from a silent one after two packets in order`() throws {
        let endpoint = Endpoint()
        let old = endpoint.receive(ssrc: 1, sequence: 60_000, at: 0)
        _ = endpoint.events(at: 0)
        #expect(endpoint.receive(ssrc: 2, sequence: 7, at: 299) == .dropped(.probation))
        #expect(endpoint.receive(ssrc: 2, sequence: 8, at: 299) == .dropped(.sourceLimit))
        let new = endpoint.receive(ssrc: 2, sequence: 9, at: 300)
        #expect(try #require(new.sequence) > #require(old.sequence), "sequence numbers rise over the session")
        #expect(endpoint.events(at: 300) == [.streamChanged(2)])
        #expect(endpoint.receive(ssrc: 1, sequence: 60_001, at: 301) == .dropped(.probation))
    }

    @Test func `after BYE the next source need not wait`() {
        let endpoint = Endpoint()
        _ = endpoint.receive(ssrc: 1, sequence: 1, at: 0)
        _ = endpoint.events(at: 0)
        #expect(endpoint.receive(hex("81 CB 0001 00000001"), at: 10) == .control)
        #expect(endpoint.events(at: 10) == [.goodbye])
        #expect(endpoint.receive(hex("81 CB 0001 00000001"), at: 11) == .control)
        #expect(endpoint.events(at: 11) == [], "said twice, heard once")
        #expect(endpoint.receive(ssrc: 2, sequence: 7, at: 12) == .dropped(.probation))
        #expect(endpoint.receive(ssrc: 2, sequence: 8, at: 13).sequence != nil)
        #expect(endpoint.events(at: 13) == [.streamChanged(2)])
    }

    @Test func `what was underway at a BYE is not live, what goes on is`() {
        let endpoint = Endpoint()
        for step in 0..<10 { _ = endpoint.receive(ssrc: 1, sequence: step, timestamp: 900 * step, at: 10 * step) }
        #expect(endpoint.receive(hex("81 CB 0001 00000001"), at: 100) == .control)
        #expect(endpoint.events(at: 100).last == .goodbye)
        #expect(endpoint.receive(ssrc: 1, sequence: 11, timestamp: 9900, at: 110) == .dropped(.probation))
        #expect(endpoint.receive(ssrc: 1, sequence: 10, timestamp: 9000, at: 130) == .dropped(.probation))
        // A repair long after is no sign of life either.
        #expect(endpoint.receive(ssrc: 1, sequence: 9, timestamp: 8100, at: 5000) == .dropped(.duplicate))
        #expect(endpoint.statistics.packets == 10)
        // It did not mean it.
        for step in 12...60 { _ = endpoint.receive(ssrc: 1, sequence: step, timestamp: 900 * step, at: 10 * step) }
        #expect(endpoint.receive(ssrc: 1, sequence: 61, timestamp: 54_900, at: 611).sequence != nil)
        #expect(endpoint.receive(ssrc: 2, sequence: 7, at: 612) == .dropped(.probation))
        #expect(endpoint.receive(ssrc: 2, sequence: 8, at: 613) == .dropped(.sourceLimit), "the first is live again")
    }

    @Test func `where anyone may send, the first source too proves itself`() {
        let endpoint = Endpoint { $0.provesFirstStream = true }
        for ssrc in UInt32(1)...20 { #expect(endpoint.receive(ssrc: ssrc, sequence: 5) == .dropped(.probation)) }
        #expect(endpoint.remoteSSRC == nil && endpoint.events(at: 0) == [])
        #expect(endpoint.receive(ssrc: 20, sequence: 6).sequence != nil)
        #expect(endpoint.events(at: 0) == [.streamChanged(20)])
        #expect(endpoint.receive(ssrc: 20, sequence: 7).sequence != nil)
    }

    /// G.711 with comfort noise (payload type 13): one of it each fifth packet.
    @Test func `formats that are not taken are no loss of the stream they stand in`() {
        let endpoint = Endpoint()
        for step in 0..<100 {
            let reception = endpoint.receive(
                sequence: step, timestamp: 3000 * step, type: step % 5 == 4 ? 13 : 96, at: 33 * step)
            #expect((reception.sequence != nil) == (step % 5 != 4))
        }
        #expect(endpoint.statistics.lost == 0 && endpoint.statistics.wrongPayloadType == 20)
        // A stranger's move nothing.
        for step in 0..<2 { _ = endpoint.receive(ssrc: 0xBAD, sequence: 40_000 + step, type: 13, at: 3_400) }
        _ = endpoint.receive(sequence: 40_000, type: 13, at: 3_400)
        _ = endpoint.receive(sequence: 40_001, type: 13, at: 3_400)
        #expect(endpoint.receive(sequence: 100, timestamp: 300_000, at: 3_400).sequence != nil)
        #expect(endpoint.statistics.lost == 0 && endpoint.statistics.streamChanges == 1)
    }

    @Test func `a flood of sources changes nothing for the live one`() {
        let endpoint = Endpoint()
        var generator = SeededGenerator(seed: 5)
        for step in 0..<100_000 {
            let ssrc = UInt32.random(in: 2 ... .max, using: &generator)
            #expect(endpoint.receive(ssrc: ssrc, sequence: step, at: step / 10).sequence == nil || step == 0)
            if step % 100 == 0 {
                // 10 ms apart, as a real stream.
                _ = endpoint.receive(ssrc: 1, sequence: step / 100, at: step / 10)
            }
        }
        #expect(endpoint.statistics.packets <= 1001)
    }

    @Test func `what is not ours to take is dropped and counted by cause`() {
        let endpoint = Endpoint()
        #expect(endpoint.receive([], at: 0) == .dropped(.malformed))
        #expect(endpoint.receive([0x00, 1, 2, 3], at: 0) == .dropped(.version))
        #expect(endpoint.receive(hex("80 60 0001"), at: 0) == .dropped(.malformed))
        #expect(endpoint.receive(sequence: 1, type: 97) == .dropped(.payloadType))
        #expect(endpoint.receive(ssrc: Endpoint.ssrc, sequence: 1) == .dropped(.ownSSRC))
        #expect(endpoint.receive(hex("80 C9 0000"), at: 0) == .dropped(.malformed))
        let statistics = endpoint.statistics
        #expect(statistics.malformed == 3 && statistics.wrongVersion == 1)
        #expect(statistics.wrongPayloadType == 1 && statistics.ownSSRC == 1)
        #expect(endpoint.remoteSSRC == nil)
    }

    @Test func `random datagrams of every short length never trap`() {
        let endpoint = Endpoint()
        var generator = SeededGenerator(seed: 77)
        for round in 0..<30_000 {
            var bytes = (0..<round % 65).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if bytes.count > 1, round % 2 == 0 {
                bytes[0] = 0x80 | bytes[0] & 0x3F
                if round % 4 == 0 { bytes[1] = 96 }
            }
            _ = endpoint.receive(bytes, at: round)
            while endpoint.next(at: round) != nil {}
        }
        #expect(endpoint.statistics.packets > 0)
    }
}
