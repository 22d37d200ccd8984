import RTP
import Testing

@Suite struct PacketBatchTests {
    @Test func `payloads lie one behind the other, the marker on the last`() {
        var batch = PacketBatch(byteCapacity: 16, packetCapacity: 4)
        batch.append(size: 5)?.copyBytes(from: [1, 2, 3, 4, 5])
        batch.append(size: 3)?.copyBytes(from: [6, 7, 8])
        batch.markLast()
        let (count, bytes, first, last) = (batch.count, batch.byteCount, batch[0], batch[1])
        #expect(count == 2 && bytes == 8)
        #expect(first == PacketBatch.Packet(range: 0..<5, marker: false))
        #expect(last == PacketBatch.Packet(range: 5..<8, marker: true))
        let payload = Array(batch.payload(1))
        #expect(payload == [6, 7, 8])
    }

    @Test func `what does not fit is refused, by bytes and by packets, until the reset`() {
        var batch = PacketBatch(byteCapacity: 8, packetCapacity: 2)
        var fitted = [batch.append(size: 9) != nil, batch.append(size: 8) != nil, batch.append(size: 1) != nil]
        #expect(fitted == [false, true, false])
        let overflowed = batch.hasOverflowed
        #expect(overflowed)
        batch.reset()
        fitted = (0..<3).map { _ in batch.append(size: 1) != nil }
        #expect(fitted == [true, true, false])
    }

    @Test func `a batch without packets has no last one to mark`() {
        var batch = PacketBatch(byteCapacity: 8, packetCapacity: 2)
        batch.markLast()
        let isEmpty = batch.isEmpty
        #expect(isEmpty)
    }
}
