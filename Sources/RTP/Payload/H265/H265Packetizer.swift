import Media

/// H.265 access units as RTP payloads (RFC 7798), without decoding order numbers. Parameter sets and SEI that fit
/// together go as one aggregation packet, NAL units above the payload size as fragmentation units.
package struct H265Packetizer: Sendable {
    /// The most bytes behind the RTP header.
    package let payloadSize: Int
    package private(set) var statistics = PacketizerStatistics()

    /// - Precondition: `payloadSize` is at least 64.
    package init(payloadSize: Int = Packetizer.defaultPayloadSize) {
        precondition(payloadSize >= 64, "a payload size of \(payloadSize) leaves no room for headers")
        self.payloadSize = payloadSize
    }

    /// Replaces what is in `batch` by the packets of `unit` (Annex B), the marker on the last. A unit that does not fit
    /// leaves the batch empty.
    package mutating func packetize(_ unit: AccessUnit, into batch: inout PacketBatch) {
        batch.reset()
        var aggregate = Aggregate()
        AnnexB.forEachNALUnit(in: unit.bytes) { range in
            // A NAL unit shorter than its header is an encoder's mistake that no receiver could read.
            guard range.count > H265NALUnit.headerSize else {
                statistics.oversize += 1
                return
            }
            if Self.isAggregated(unit.bytes.bigEndian16(at: range.lowerBound)) {
                if aggregate.size + 2 + range.count > payloadSize { flush(&aggregate, of: unit.bytes, into: &batch) }
                aggregate.add(range)
            } else {
                flush(&aggregate, of: unit.bytes, into: &batch)
                append(UnsafeRawBufferPointer(rebasing: unit.bytes[range]), to: &batch)
            }
        }
        flush(&aggregate, of: unit.bytes, into: &batch)
        statistics.finish(&batch)
    }

    /// Parameter sets, prefix SEI and delimiters: small, and useless to lose apart from each other.
    private static func isAggregated(_ header: UInt16) -> Bool {
        switch H265NALUnit(header: header).kind {
        case .vps, .sps, .pps, .aud, .prefixSEI: true
        default: false
        }
    }

    /// NAL units that follow each other and wait to become one aggregation packet, told by the run of bytes that they
    /// and their start codes take.
    private struct Aggregate {
        var run = 0..<0
        var count = 0
        /// The packet's size: its header, and two bytes of length before each NAL unit.
        var size = H265NALUnit.headerSize

        mutating func add(_ range: Range<Int>) {
            run = (count == 0 ? range.lowerBound : run.lowerBound)..<range.upperBound
            count += 1
            size += 2 + range.count
        }
    }

    private mutating func flush(
        _ aggregate: inout Aggregate, of bytes: UnsafeRawBufferPointer, into batch: inout PacketBatch
    ) {
        defer { aggregate = Aggregate() }
        guard aggregate.count > 1 else {
            if aggregate.count == 1 { append(UnsafeRawBufferPointer(rebasing: bytes[aggregate.run]), to: &batch) }
            return
        }
        guard let packet = batch.append(size: aggregate.size) else { return }
        var offset = H265NALUnit.headerSize
        var layer: UInt8 = 0x3F
        var temporalIDPlus1: UInt8 = 7
        // Three bytes back, the first NAL unit has its start code again.
        let run = UnsafeRawBufferPointer(rebasing: bytes[aggregate.run.lowerBound - 3..<aggregate.run.upperBound])
        AnnexB.forEachNALUnit(in: run) { range in
            let unit = H265NALUnit(header: run.bigEndian16(at: range.lowerBound))
            layer = min(layer, unit.layer)
            temporalIDPlus1 = min(temporalIDPlus1, unit.temporalIDPlus1)
            packet.storeBigEndian(UInt16(range.count), at: offset)
            UnsafeMutableRawBufferPointer(rebasing: packet[(offset + 2)...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: run[range]))
            offset += 2 + range.count
        }
        // The lowest layer and temporal id of all that is in it (RFC 7798 section 4.4.2).
        let header = H265NALUnit(kind: .ap, layer: layer, temporalIDPlus1: temporalIDPlus1)
        packet.storeBigEndian(header.header, at: 0)
    }

    /// One NAL unit on its own: whole, or as fragmentation units (RFC 7798 section 4.4.3), which carry its header's
    /// type in their third byte.
    private func append(_ nal: UnsafeRawBufferPointer, to batch: inout PacketBatch) {
        guard nal.count > payloadSize else {
            batch.append(header: .none, nal)
            return
        }
        var unit = H265NALUnit(header: nal.bigEndian16(at: 0))
        let kind = unit.kind
        unit.kind = .fu
        let body = UnsafeRawBufferPointer(rebasing: nal[H265NALUnit.headerSize...])
        let plan = FragmentPlan(total: body.count, limit: payloadSize - 3)
        for index in 0..<plan.count {
            let start: UInt8 = index == 0 ? 0x80 : 0
            let end: UInt8 = index == plan.count - 1 ? 0x40 : 0
            var header = PayloadHeader()
            header.append(word: unit.header)
            header.append(byte: start | end | kind.rawValue)
            batch.append(header: header, UnsafeRawBufferPointer(rebasing: body[plan[index]]))
        }
    }
}
