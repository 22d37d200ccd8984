import Media

/// H.264 access units as RTP payloads (RFC 6184). Parameter sets and SEI that fit together go as one STAP-A, NAL units
/// above the payload size as FU-A.
package struct H264Packetizer: Sendable {
    /// `packetization-mode` of SDP (RFC 6184 section 6.2 and 6.3).
    package enum Mode: Int, Sendable {
        /// Single NAL unit packets only: the encoder must keep its slices below the payload size.
        case singleNALUnit = 0
        /// STAP-A and FU-A too.
        case nonInterleaved = 1
    }

    package let mode: Mode
    /// The most bytes behind the RTP header.
    package let payloadSize: Int
    package private(set) var statistics = PacketizerStatistics()

    /// - Precondition: `payloadSize` is at least 64.
    package init(mode: Mode = .nonInterleaved, payloadSize: Int = Packetizer.defaultPayloadSize) {
        precondition(payloadSize >= 64, "a payload size of \(payloadSize) leaves no room for headers")
        self.mode = mode
        self.payloadSize = payloadSize
    }

    /// Replaces what is in `batch` by the packets of `unit` (Annex B), the marker on the last. A unit that does not fit
    /// leaves the batch empty.
    package mutating func packetize(_ unit: AccessUnit, into batch: inout PacketBatch) {
        batch.reset()
        var aggregate = Aggregate()
        AnnexB.forEachNALUnit(in: unit.bytes) { range in
            if mode == .nonInterleaved, Self.isAggregated(unit.bytes[range.lowerBound]) {
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

    /// Parameter sets, SEI and delimiters: small, and useless to lose apart from each other.
    private static func isAggregated(_ header: UInt8) -> Bool {
        switch H264NALUnit(header: header).kind {
        case .sei, .sps, .pps, .aud, .spsExtension, .subsetSPS: true
        default: false
        }
    }

    /// NAL units that follow each other and wait to become one STAP-A. They are told by the run of bytes that they and
    /// their start codes take, and found again in it: nothing to allocate.
    private struct Aggregate {
        var run = 0..<0
        var count = 0
        /// The STAP-A's size: its header, and two bytes of length before each NAL unit.
        var size = 1

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
        var offset = 1
        var importance: UInt8 = 0
        // Three bytes back, the first NAL unit has its start code again.
        let run = UnsafeRawBufferPointer(rebasing: bytes[aggregate.run.lowerBound - 3..<aggregate.run.upperBound])
        AnnexB.forEachNALUnit(in: run) { range in
            importance = max(importance, H264NALUnit(header: run[range.lowerBound]).referenceIDC)
            packet.storeBigEndian(UInt16(range.count), at: offset)
            UnsafeMutableRawBufferPointer(rebasing: packet[(offset + 2)...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: run[range]))
            offset += 2 + range.count
        }
        // The highest importance among them (RFC 6184 section 5.7).
        packet[0] = H264NALUnit(kind: .stapA, referenceIDC: importance).header
    }

    /// One NAL unit on its own: whole, or as FU-A.
    private mutating func append(_ nal: UnsafeRawBufferPointer, to batch: inout PacketBatch) {
        if nal.count <= payloadSize {
            batch.append(header: .none, nal)
        } else if mode == .singleNALUnit {
            statistics.oversize += 1
        } else {
            appendFragments(of: nal, to: &batch)
        }
    }

    /// FU-A (RFC 6184 section 5.8): the NAL unit's header is not sent, but rebuilt from each fragment's first two bytes.
    private func appendFragments(of nal: UnsafeRawBufferPointer, to batch: inout PacketBatch) {
        let unit = H264NALUnit(header: nal[0])
        let body = UnsafeRawBufferPointer(rebasing: nal[1...])
        let plan = FragmentPlan(total: body.count, limit: payloadSize - 2)
        let indicator = H264NALUnit(kind: .fuA, referenceIDC: unit.referenceIDC, isForbidden: unit.isForbidden)
        for index in 0..<plan.count {
            let start: UInt8 = index == 0 ? 0x80 : 0
            let end: UInt8 = index == plan.count - 1 ? 0x40 : 0
            var header = PayloadHeader()
            header.append(byte: indicator.header)
            header.append(byte: start | end | unit.kind.rawValue)
            batch.append(header: header, UnsafeRawBufferPointer(rebasing: body[plan[index]]))
        }
    }
}
