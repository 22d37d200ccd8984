/// The RTCP packets of one port, each out of its compound, read by code of the tests' own (RFC 3550 section 6).
package struct RTCPLog: Sendable {
    /// One packet of a compound.
    package struct Packet: Sendable {
        /// 200 SR, 201 RR, 202 SDES, 203 BYE, 205 RTPFB, 206 PSFB.
        package let type: Int
        /// Report or source count, or the feedback's format.
        package let count: Int
        /// After the first four bytes.
        package let body: [UInt8]
        /// The port of the bridge it came from.
        package let port: Int
        package let arrival: ContinuousClock.Instant

        /// The sender.
        package var ssrc: UInt32 { BigEndian.long(body, 0) }

        /// The report blocks of an SR or RR.
        package var blocks: [ReportBlock] {
            let first = type == 200 ? 24 : 4
            guard type == 200 || type == 201, body.count >= first + 24 * count else { return [] }
            return (0..<count).map { index in
                let start = first + 24 * index
                return ReportBlock(
                    ssrc: BigEndian.long(body, start), lastSenderReport: BigEndian.long(body, start + 16))
            }
        }
    }

    /// What an endpoint is asked not to exceed, in bits per second, by the newest TMMBR (RFC 5104 section 4.2.1) or REMB
    /// (draft-alvestrand-rmcat-remb-03 section 2.2); `nil` before the first.
    package var requestedBitrate: Int? {
        for packet in packets.reversed() {
            let body = packet.body
            if packet.type == 205, packet.count == 3, body.count >= 16 {
                let word = Int(BigEndian.long(body, 12))
                return (word >> 9 & 0x1FFFF) << (word >> 26)
            }
            if packet.type == 206, packet.count == 15, body.count >= 16, Array(body[8..<12]) == Array("REMB".utf8) {
                let word = Int(BigEndian.long(body, 12)) & 0xFFFFFF
                return (word & 0x3FFFF) << (word >> 18)
            }
        }
        return nil
    }

    /// What an endpoint says of a stream it receives.
    package struct ReportBlock: Sendable {
        package let ssrc: UInt32
        /// The middle 32 bits of the last sender report's NTP time.
        package let lastSenderReport: UInt32
    }

    /// In the order of arrival.
    package let packets: [Packet]

    package init(_ datagrams: [LoopbackSocket.Datagram]) {
        packets = datagrams.filter { Self.isRTCP($0.bytes) }.flatMap(Self.parse)
    }

    /// Whether a datagram is RTCP where both share a port (RFC 5761 section 4).
    package static func isRTCP(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 8 && bytes[0] >> 6 == 2 && (192...223).contains(bytes[1])
    }

    private static func parse(_ datagram: LoopbackSocket.Datagram) -> [Packet] {
        let bytes = datagram.bytes
        var packets: [Packet] = []
        var offset = 0
        while offset + 8 <= bytes.count {
            let length = 4 * (BigEndian.word(bytes, offset + 2) + 1)
            guard offset + length <= bytes.count else { break }
            packets.append(
                Packet(
                    type: Int(bytes[offset + 1]), count: Int(bytes[offset] & 31),
                    body: Array(bytes[offset + 4..<offset + length]), port: datagram.port, arrival: datagram.arrival))
            offset += length
        }
        return packets
    }
}

/// RTCP and RTP packets as an endpoint of the test writes them.
package enum RTPBytes {
    /// A compound of an SR and an SDES with a CNAME.
    /// - Parameter middle: of its NTP time: what answers to it carry.
    package static func senderReport(ssrc: UInt32, middle: UInt32, packets: UInt32, bytes: UInt32) -> [UInt8] {
        let ntp = BigEndian.bytes(middle >> 16) + BigEndian.bytes(middle << 16)
        let report =
            BigEndian.bytes(ssrc) + ntp + BigEndian.bytes(0) + BigEndian.bytes(packets) + BigEndian.bytes(bytes)
        return control(0, 200, report) + description(ssrc)
    }

    /// A compound whose SR tells a time that is wrong by so many seconds; as it is, if it doesn't begin with one.
    package static func shifted(_ compound: [UInt8], seconds: UInt32) -> [UInt8] {
        guard compound.count >= 28, compound[1] == 200 else { return compound }
        var compound = compound
        compound.replaceSubrange(8..<12, with: BigEndian.bytes(BigEndian.long(compound, 8) &+ seconds))
        return compound
    }

    /// An empty RR with an SDES, and a PLI (RFC 4585 section 6.3.1) for `media`.
    package static func pictureLossIndication(sender: UInt32, media: UInt32) -> [UInt8] {
        receiverReport(sender) + control(1, 206, BigEndian.bytes(sender) + BigEndian.bytes(media))
    }

    /// An empty RR with an SDES, and an FIR (RFC 5104 section 4.3.1) for `media`.
    package static func fullIntraRequest(sender: UInt32, media: UInt32, number: UInt8) -> [UInt8] {
        let entry = BigEndian.bytes(media) + [number, 0, 0, 0]
        return receiverReport(sender) + control(4, 206, BigEndian.bytes(sender) + BigEndian.bytes(0) + entry)
    }

    /// An empty RR with an SDES, and an APP packet (RFC 3550 section 6.7) with a whole message between bridges, of whole words.
    package static func message(_ name: String, _ message: [UInt8], ssrc: UInt32) -> [UInt8] {
        let head = BigEndian.bytes(1) + [0, 1, UInt8(message.count >> 8), UInt8(message.count & 255)]
        return receiverReport(ssrc) + control(0, 204, BigEndian.bytes(ssrc) + Array(name.utf8) + head + message)
    }

    /// A packet of media.
    package static func media(
        payloadType: UInt8, marker: Bool = false, sequence: Int, timestamp: UInt32, ssrc: UInt32, payload: [UInt8]
    ) -> [UInt8] {
        let sequence = UInt16(truncatingIfNeeded: sequence)
        return [0x80, payloadType | (marker ? 128 : 0), UInt8(sequence >> 8), UInt8(sequence & 255)]
            + BigEndian.bytes(timestamp) + BigEndian.bytes(ssrc) + payload
    }

    private static func receiverReport(_ ssrc: UInt32) -> [UInt8] {
        control(0, 201, BigEndian.bytes(ssrc)) + description(ssrc)
    }

    private static func description(_ ssrc: UInt32) -> [UInt8] {
        var items = BigEndian.bytes(ssrc) + [1, 4] + Array("test".utf8) + [0]
        while items.count % 4 != 0 { items.append(0) }
        return control(1, 202, items)
    }

    private static func control(_ count: UInt8, _ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        let words = body.count / 4
        return [0x80 | count, type, UInt8(words >> 8), UInt8(words & 255)] + body
    }
}
