import Media
import RTP
import Testing

/// Messages and their segments as bytes.
enum MessageFixture {
    /// What differs at every place, and from revision to revision.
    static func message(_ length: Int, seed: UInt64 = 1) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        return (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// The data of the APP packets.
    static func segments(_ message: [UInt8], revision: UInt32, count: Int) -> [[UInt8]] {
        (0..<count).map { index in
            let segment = MessageSegment(revision: revision, index: index, count: count, length: message.count)
            var data = [UInt8](repeating: 0, count: segment.dataSize)
            data.withUnsafeMutableBytes { segment.write(into: $0) }
            data.replaceSubrange(
                MessageSegment.headSize..<MessageSegment.headSize + segment.place.count, with: message[segment.place])
            return data
        }
    }

    static func head(revision: UInt32 = 1, index: Int = 0, count: Int, length: Int, bytes: Int) -> [UInt8] {
        [0, 0, 0, UInt8(revision), UInt8(index), UInt8(count), UInt8(length >> 8), UInt8(length & 0xFF)]
            + [UInt8](repeating: 0xEE, count: bytes)
    }
}

private final class Assembly {
    private var reassembler = MessageReassembler()
    private(set) var outcomes: [MessageReassembler.Outcome] = []

    @discardableResult
    func receive(_ data: [UInt8], from ssrc: UInt32 = 1, at milliseconds: Int = 0) -> MessageReassembler.Outcome {
        let outcome = data.withUnsafeBytes {
            reassembler.receive(0..<data.count, in: $0, from: ssrc, at: .milliseconds(milliseconds))
        }
        outcomes.append(outcome)
        return outcome
    }

    var message: [UInt8]? { reassembler.message.map { Array($0) } }
}

@Suite struct MessageReassemblerTests {
    @Test(arguments: [(1, 1), (4, 1), (5, 2), (1000, 1), (1001, 3), (16_384, 15), (16_383, 64)])
    func `segments in any order make the message`(length: Int, count: Int) {
        let message = MessageFixture.message(length)
        var random = SeededGenerator(seed: UInt64(length))
        for _ in 0..<5 {
            let assembly = Assembly()
            let segments = MessageFixture.segments(message, revision: 7, count: count).shuffled(using: &random)
            for segment in segments { assembly.receive(segment) }
            #expect(assembly.outcomes == Array(repeating: .gathered, count: count - 1) + [.whole])
            #expect(assembly.message == message)
        }
    }

    @Test func `a message is whole once; after that each segment is a sign of life`() {
        let assembly = Assembly()
        let segments = MessageFixture.segments(MessageFixture.message(2000), revision: 7, count: 2)
        for segment in [segments[0], segments[0], segments[1], segments[1], segments[0]] { assembly.receive(segment) }
        #expect(assembly.outcomes == [.gathered, .gathered, .whole, .repeated, .repeated])
    }

    @Test func `what was lost comes with the next sending`() {
        let assembly = Assembly()
        let message = MessageFixture.message(5000)
        let segments = MessageFixture.segments(message, revision: 7, count: 5)
        for index in [0, 2, 4] { assembly.receive(segments[index]) }
        #expect(assembly.message == nil)
        for index in [0, 3] { assembly.receive(segments[index], at: 500) }
        #expect(assembly.receive(segments[1], at: 1000) == .whole)
        #expect(assembly.message == message)
    }

    @Test func `a newer revision takes the place of an older one, over the wrap too`() {
        let assembly = Assembly()
        let old = MessageFixture.segments(MessageFixture.message(2000, seed: 1), revision: .max, count: 2)
        let message = MessageFixture.message(1999, seed: 2)
        let new = MessageFixture.segments(message, revision: 0, count: 2)
        assembly.receive(old[0])
        #expect(assembly.receive(new[0]) == .gathered)
        #expect(assembly.receive(old[1]) == .outdated)
        #expect(assembly.receive(new[1]) == .whole)
        #expect(assembly.receive(old[0]) == .outdated)
        #expect(assembly.message == message)
    }

    @Test func `a sender that began anew is heard at once under another SSRC, after three seconds under the same`() {
        let assembly = Assembly()
        let message = MessageFixture.message(10)
        let first = MessageFixture.segments(message, revision: 1000, count: 1)[0]
        let anew = MessageFixture.segments(message, revision: 1, count: 1)[0]
        #expect(assembly.receive(first, from: 1) == .whole)
        #expect(assembly.receive(anew, from: 2, at: 10) == .whole)
        #expect(assembly.receive(first, from: 1, at: 20) == .whole)
        #expect(assembly.receive(anew, from: 1, at: 3019) == .outdated)
        #expect(assembly.receive(first, from: 1, at: 3020) == .repeated, "known, however long it was silent")
        #expect(assembly.receive(anew, from: 1, at: 6020) == .whole)
    }

    @Test(arguments: [
        (MessageFixture.head(count: 0, length: 4, bytes: 4), "no segment"),
        (MessageFixture.head(index: 1, count: 1, length: 4, bytes: 4), "an index beyond the count"),
        (MessageFixture.head(count: 65, length: 16_384, bytes: 256), "too many segments"),
        (MessageFixture.head(count: 1, length: 0, bytes: 4), "no bytes"),
        (MessageFixture.head(count: 64, length: 16_385, bytes: 260), "too long"),
        (MessageFixture.head(count: 1, length: 8, bytes: 4), "fewer bytes than the head says"),
        (MessageFixture.head(count: 1, length: 4, bytes: 8), "more bytes than the head says"),
        (MessageFixture.head(index: 1, count: 3, length: 4, bytes: 4), "a segment without bytes"),
        (Array(MessageFixture.head(count: 1, length: 1, bytes: 0)), "a head alone"), ([0, 0, 0, 1], "half a head"),
        ([], "nothing"),
    ]) func `a head that lies is refused`(data: [UInt8], what: String) {
        let assembly = Assembly()
        #expect(assembly.receive(data) == .refused, "\(what)")
        #expect(assembly.message == nil)
    }

    @Test func `segments of one revision agree on its size; who lied first is forgotten after three seconds`() {
        let assembly = Assembly()
        let message = MessageFixture.message(2000)
        let segments = MessageFixture.segments(message, revision: 1, count: 2)
        assembly.receive(MessageFixture.head(count: 2, length: 1999, bytes: 1000))
        assembly.receive(MessageFixture.head(index: 1, count: 3, length: 2000, bytes: 668))
        for time in [0, 2999] { #expect(assembly.receive(segments[0], at: time) == .refused) }
        for segment in segments { assembly.receive(segment, at: 3000) }
        #expect(assembly.message == message)
    }

    @Test func `what came first of a segment stays`() {
        let assembly = Assembly()
        let message = MessageFixture.message(2000)
        let segments = MessageFixture.segments(message, revision: 1, count: 2)
        assembly.receive(segments[0])
        assembly.receive(MessageFixture.head(count: 2, length: 2000, bytes: 1000))
        assembly.receive(segments[1])
        #expect(assembly.message == message)
    }
}
