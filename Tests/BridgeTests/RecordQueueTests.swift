import Bridge
import Media
import Testing

@Suite struct RecordQueueTests {
    private func head(_ number: Int) -> RecordHead { .opus(at: .zero + .seconds(number)) }

    /// Against a plain list of what is in it.
    @Test(arguments: [UInt64(1), 2, 3])
    func whatComesOutIsWhatWentInWhateverTheSizes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = RecordQueue(capacity: 4_096, padding: 8)
        var model: [(head: RecordHead, bytes: [UInt8])] = []
        var (refused, largest) = (0, 0)
        for turn in 0..<20_000 {
            if Int.random(in: 0..<100, using: &random) < 55 {
                let size = Int.random(in: 0...Int.random(in: 1...900, using: &random), using: &random)
                let bytes = (0..<size).map { UInt8(truncatingIfNeeded: turn &+ $0) }
                if bytes.withUnsafeBytes({ queue.append(head(turn), $0) }) {
                    model.append((head(turn), bytes))
                } else {
                    refused += 1
                }
            } else {
                queue.removeFirst()
                if !model.isEmpty { model.removeFirst() }
            }
            largest = max(largest, model.count)
            let count = queue.count
            #expect(count == model.count)
            guard let first = queue.first, let expected = model.first else { continue }
            #expect(first.head == expected.head && first.bytes.elementsEqual(expected.bytes))
            // A decoder may read on behind it.
            if let base = first.bytes.baseAddress {
                let behind = UnsafeRawBufferPointer(start: base + first.bytes.count, count: 8)
                #expect(behind.allSatisfy { $0 == 0 })
            }
        }
        #expect(refused > 100 && largest > 5)
    }

    @Test func whatIsBeingWrittenStaysWhereItLies() {
        var queue = RecordQueue(capacity: 1_024)
        let bytes = [UInt8](repeating: 7, count: 300)
        _ = bytes.withUnsafeBytes { queue.append(head(0), $0) }
        guard let first = queue.first else {
            Issue.record("nothing is in it")
            return
        }
        var taken = 0
        for turn in 1..<10 {
            let other = [UInt8](repeating: 9, count: 100)
            if other.withUnsafeBytes({ queue.append(head(turn), $0) }) { taken += 1 }
        }
        #expect(taken == 4 && first.bytes.allSatisfy { $0 == 7 })
    }
}
