import Media

/// VP8 frames as RTP payloads (RFC 7741), with a 15-bit picture id. A frame is cut without regard to its partitions: as
/// section 4.4 allows, all bytes count as the first partition, and only the first packet starts one.
package struct VP8Packetizer: Sendable {
    /// The most bytes behind the RTP header.
    package let payloadSize: Int
    package private(set) var statistics = PacketizerStatistics()
    private var pictureID: UInt16 = 0

    /// - Precondition: `payloadSize` is at least 64.
    package init(payloadSize: Int = Packetizer.defaultPayloadSize) {
        precondition(payloadSize >= 64, "a payload size of \(payloadSize) leaves no room for headers")
        self.payloadSize = payloadSize
    }

    /// Replaces what is in `batch` by the packets of `unit`, the marker on the last. A unit that does not fit leaves
    /// the batch empty.
    package mutating func packetize(_ unit: AccessUnit, into batch: inout PacketBatch) {
        batch.reset()
        guard !unit.bytes.isEmpty else { return }
        let plan = FragmentPlan(total: unit.bytes.count, limit: payloadSize - 4)
        for index in 0..<plan.count {
            // X says that the second byte is there, S that a partition starts; the second byte says I: a picture id.
            let start: UInt8 = index == 0 ? 0x10 : 0
            var descriptor = PayloadHeader()
            descriptor.append(byte: 0x80 | start)
            descriptor.append(byte: 0x80)
            descriptor.append(word: 0x8000 | pictureID)
            batch.append(header: descriptor, UnsafeRawBufferPointer(rebasing: unit.bytes[plan[index]]))
        }
        pictureID = (pictureID &+ 1) & 0x7FFF
        statistics.finish(&batch)
    }
}
