/// The RTP packets of one port as they came, and the questions a test asks of them. It reads the headers by itself
/// (RFC 3550 section 5.1): what it is to judge must not be read by the same code.
package struct RTPLog: Sendable {
    /// One packet.
    package struct Packet: Sendable {
        package let payloadType: Int
        package let marker: Bool
        /// Unwrapped: it counts on where 16 bits end.
        package fileprivate(set) var sequence: Int
        package let timestamp: UInt32
        package let ssrc: UInt32
        package let payload: ArraySlice<UInt8>
        package let arrival: ContinuousClock.Instant
        /// The whole datagram's length in bytes.
        package let size: Int
    }

    /// The packets of one timestamp.
    package struct AccessUnit: Sendable {
        package let timestamp: UInt32
        package let packets: ArraySlice<Packet>
        package var arrival: ContinuousClock.Instant { packets[packets.startIndex].arrival }
        /// Bytes of payload.
        package var bytes: Int { packets.reduce(0) { $0 + $1.payload.count } }
        /// Whether there is an H.264 IDR slice in it (RFC 6184 sections 5.6 to 5.8).
        package var isIDR: Bool { packets.contains { H264Payload.unitTypes($0.payload).contains(5) } }
    }

    /// In the order of arrival, RTCP left out.
    package let packets: [Packet]

    package init(_ datagrams: [LoopbackSocket.Datagram]) {
        var packets: [Packet] = []
        for datagram in datagrams {
            guard var packet = Self.parse(datagram) else { continue }
            if let last = packets.last, last.ssrc == packet.ssrc {
                let step = Int16(truncatingIfNeeded: packet.sequence - last.sequence)
                packet.sequence = last.sequence + Int(step)
            }
            packets.append(packet)
        }
        self.packets = packets
    }

    /// Sequence numbers that did not come between the first and the last packet.
    package var missing: Int {
        guard let low = packets.map(\.sequence).min(), let high = packets.map(\.sequence).max() else { return 0 }
        return high - low + 1 - Set(packets.map(\.sequence)).count
    }

    /// The SSRCs that were seen.
    package var sources: Set<UInt32> { Set(packets.map(\.ssrc)) }

    /// In the order of arrival; the last one may not be whole yet.
    package var accessUnits: [AccessUnit] {
        var units: [AccessUnit] = []
        var start = 0
        for index in packets.indices.dropFirst() where packets[index].timestamp != packets[start].timestamp {
            units.append(AccessUnit(timestamp: packets[start].timestamp, packets: packets[start..<index]))
            start = index
        }
        if start < packets.count {
            units.append(AccessUnit(timestamp: packets[start].timestamp, packets: packets[start...]))
        }
        return units
    }

    private static func parse(_ datagram: LoopbackSocket.Datagram) -> Packet? {
        let bytes = datagram.bytes
        guard bytes.count >= 12, bytes[0] >> 6 == 2, !RTCPLog.isRTCP(bytes) else { return nil }
        var start = 12 + 4 * Int(bytes[0] & 15)
        if bytes[0] & 16 != 0 {
            guard bytes.count >= start + 4 else { return nil }
            start += 4 + 4 * BigEndian.word(bytes, start + 2)
        }
        let padding = bytes[0] & 32 != 0 ? Int(bytes[bytes.count - 1]) : 0
        guard start + padding <= bytes.count else { return nil }
        return Packet(
            payloadType: Int(bytes[1] & 127), marker: bytes[1] & 128 != 0, sequence: BigEndian.word(bytes, 2),
            timestamp: BigEndian.long(bytes, 4), ssrc: BigEndian.long(bytes, 8),
            payload: bytes[start..<bytes.count - padding], arrival: datagram.arrival, size: bytes.count)
    }
}

/// What is in an H.264 payload.
package enum H264Payload {
    /// The types of the NAL units that begin in a payload.
    package static func unitTypes(_ payload: ArraySlice<UInt8>) -> [Int] {
        guard let first = payload.first else { return [] }
        let body = Array(payload)
        switch Int(first & 31) {
        case 24:
            var types: [Int] = []
            var offset = 1
            while offset + 2 < body.count {
                types.append(Int(body[offset + 2] & 31))
                offset += 2 + BigEndian.word(body, offset)
            }
            return types
        case 28: return body.count > 1 && body[1] & 128 != 0 ? [Int(body[1] & 31)] : []
        case let type: return [type]
        }
    }
}

enum BigEndian {
    static func word(_ bytes: [UInt8], _ offset: Int) -> Int { Int(bytes[offset]) << 8 | Int(bytes[offset + 1]) }
    static func long(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        UInt32(word(bytes, offset)) << 16 | UInt32(word(bytes, offset + 2))
    }
    static func bytes(_ long: UInt32) -> [UInt8] {
        [UInt8(long >> 24), UInt8(long >> 16 & 255), UInt8(long >> 8 & 255), UInt8(long & 255)]
    }
}
