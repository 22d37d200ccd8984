import Media

/// VP9 frames of one layer as RTP payloads (RFC 9628), in non-flexible mode with a 15-bit picture id.
package struct VP9Packetizer: Sendable {
    /// The most bytes behind the RTP header.
    package let payloadSize: Int
    package private(set) var statistics = PacketizerStatistics()
    private var pictureID: UInt16 = 0

    /// The longest payload descriptor: three bytes, and the scalability structure with a keyframe.
    private static let descriptorSize = 7

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
        let plan = FragmentPlan(total: unit.bytes.count, limit: payloadSize - Self.descriptorSize)
        for index in 0..<plan.count {
            let descriptor = descriptor(
                isKeyframe: unit.isKeyframe, isFirst: index == 0, isLast: index == plan.count - 1)
            batch.append(header: descriptor, UnsafeRawBufferPointer(rebasing: unit.bytes[plan[index]]))
        }
        pictureID = (pictureID &+ 1) & 0x7FFF
        statistics.finish(&batch)
    }

    /// The payload descriptor (RFC 9628 section 4.2): I, P, B, E, V as the picture says; L and F are 0.
    private func descriptor(isKeyframe: Bool, isFirst: Bool, isLast: Bool) -> PayloadHeader {
        var flags: UInt8 = 0x80
        if !isKeyframe { flags |= 0x40 }
        if isFirst { flags |= 0x08 }
        if isLast { flags |= 0x04 }
        let hasStructure = isKeyframe && isFirst
        if hasStructure { flags |= 0x02 }
        var header = PayloadHeader()
        header.append(byte: flags)
        header.append(word: 0x8000 | pictureID)
        if hasStructure {
            // One spatial layer, no sizes, a picture group (G) of one picture that refers to the one before it.
            header.append(byte: 0x08)
            header.append(byte: 1)
            header.append(byte: 0x04)
            header.append(byte: 1)
        }
        return header
    }
}
