import Media
import RTP

/// Media packets for tests of FEC, and a decoder that takes whole packets and keeps what it recovers.
enum FecFixture {
    static let ssrc: UInt32 = 0x1234_5678
    static let mediaType: UInt8 = 96
    static let fecType: UInt8 = 122

    static func packet(
        _ sequence: UInt16, timestamp: UInt32 = 9000, payloadType: UInt8 = mediaType, marker: Bool = false,
        ssrc: UInt32 = ssrc, _ payload: [UInt8]
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: RTPHeader.fixedSize) + payload
        let header = RTPHeader(
            payloadType: payloadType, marker: marker, sequence: sequence, timestamp: timestamp, ssrc: ssrc)
        bytes.withUnsafeMutableBytes { header.write(into: $0) }
        return bytes
    }

    /// `count` packets of 1 to `size` random bytes, the last one marked.
    static func unit(
        _ count: Int, from sequence: UInt16, size: Int = 200, timestamp: UInt32 = 9000,
        using random: inout SeededGenerator
    ) -> [[UInt8]] {
        (0..<count).map { index in
            packet(
                sequence &+ UInt16(index), timestamp: timestamp, marker: index == count - 1,
                (0..<Int.random(in: 1...size, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }

    /// The FEC payload of RFC 5109 for `packets` under any mask, made byte by byte: what the kernels must agree with.
    static func payload(_ packets: [[UInt8]], base: UInt16, longMask: Bool = false, protecting length: Int? = nil)
        -> [UInt8]
    {
        var sum = [UInt8](repeating: 0, count: 10)
        let longest = packets.map { $0.count - 12 }.max() ?? 0
        var body = [UInt8](repeating: 0, count: length ?? longest)
        var mask: UInt64 = 0
        for packet in packets {
            let sequence = UInt16(packet[2]) << 8 | UInt16(packet[3])
            mask |= 1 << UInt64(63 - Int(sequence &- base))
            sum[0] ^= packet[0]
            sum[1] ^= packet[1]
            for index in 4..<8 { sum[index] ^= packet[index] }
            sum[8] ^= UInt8((packet.count - 12) >> 8)
            sum[9] ^= UInt8((packet.count - 12) & 0xFF)
            for (index, byte) in packet[12...].enumerated() where index < body.count { body[index] ^= byte }
        }
        sum[0] = sum[0] & 0x3F | (longMask ? 0x40 : 0)
        (sum[2], sum[3]) = (UInt8(base >> 8), UInt8(base & 0xFF))
        let maskBytes = (0..<(longMask ? 6 : 2)).map { UInt8(truncatingIfNeeded: mask >> UInt64(56 - 8 * $0)) }
        return sum + [UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + maskBytes + body
    }

    static func fec(_ sequence: UInt16, timestamp: UInt32 = 9000, _ payload: [UInt8]) -> [UInt8] {
        packet(sequence, timestamp: timestamp, payloadType: fecType, payload)
    }

    static var accepts: PayloadTypeTable {
        var table = PayloadTypeTable()
        table[PayloadType(96)!] = 0
        return table
    }
}

final class FecReceiver {
    var decoder: FecDecoder
    private(set) var recovered: [[UInt8]] = []

    init(
        capacity: Int = 512, fecCapacity: Int = 64, slotSize: Int = 1500, accepts: PayloadTypeTable = FecFixture.accepts
    ) {
        decoder = FecDecoder(accepts: accepts, capacity: capacity, fecCapacity: fecCapacity, slotSize: slotSize)
    }

    /// Takes a packet by its payload type and drains the decoder.
    func receive(_ packet: [UInt8]) {
        packet.withUnsafeBytes { bytes in
            guard let header = RTPHeader(parsing: bytes) else { return }
            if header.payloadType == FecFixture.fecType {
                decoder.receive(fec: header, bytes)
            } else {
                decoder.receive(media: header, bytes)
            }
        }
        while let packet = decoder.next() { recovered.append([UInt8](packet)) }
    }

    func receive(_ packets: [[UInt8]]) { for packet in packets { receive(packet) } }
    var statistics: FecDecoder.Statistics { decoder.statistics }
    var waiting: Int { decoder.waiting }
    var reach: Interval? { decoder.reach }
}

/// A stream with FEC behind each access unit.
final class FecSender {
    var encoder: FecEncoder
    private(set) var sequence: UInt16

    init(sequence: UInt16 = 1, capacity: Int = 160) {
        encoder = FecEncoder(capacity: capacity)
        self.sequence = sequence
    }

    /// The packets of an access unit of these payload sizes and those of its FEC.
    func send(
        _ unit: [[UInt8]], overhead: Double, isKeyframe: Bool = false, timestamp: UInt32 = 9000
    ) -> (media: [[UInt8]], fec: [[UInt8]]) {
        encoder.begin(packetCount: unit.count, overhead: overhead, isKeyframe: isKeyframe)
        for packet in unit { packet.withUnsafeBytes { encoder.protect($0) } }
        sequence = sequence &+ UInt16(unit.count)
        let count = encoder.end()
        let fec = (0..<count).map { index in
            FecFixture.fec(sequence &+ UInt16(index), timestamp: timestamp, [UInt8](encoder.payload(index)))
        }
        sequence = sequence &+ UInt16(count)
        return (unit, fec)
    }
}
